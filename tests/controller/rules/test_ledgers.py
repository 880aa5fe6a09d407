"""Rules written as data at work: one line a step, what sensors say and what follows."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from controller.arbitration import EMPTY
from controller.policy.wording import words_of
from facility.commands import Wish
from facility.decisions import Effect
from tests.controller.rules.house import Desk, person, rule, words

LIT = {"lux_threshold": 300, "lights_out": "22:00"}
LIFTS: dict[str, Any] = {
    "lifts_off_hours": ["lift-2"], "lifts_off_peak": ["lift-2"],
    "lift_peaks": [{"time": {"from": "07:30", "until": "09:00"}}],
}  # fmt: skip
SEASONS = {"cooling_season": "06-01..09-30", "heating_season": "11-15..03-15"}
CENTRAL: dict[str, Any] = {
    "preset": "central_organs_2008",
    "parameters": {"window": "08:00-17:00", **SEASONS, **LIT, **LIFTS, "landscape_holidays": ["国庆节"]},
}
COUNTY: dict[str, Any] = {
    "preset": "county_bureau_corrected",
    "parameters": {"window": "08:00-17:30", **SEASONS, "lux_threshold": 300, "heater_power_kw": 1.2},
}
SATURDAY, HOLIDAY = date(2026, 7, 18), date(2026, 10, 1)


def test_lights_go_out_in_daylight_and_are_left_alone_without_knowing_it() -> None:
    desk = Desk(CENTRAL)
    ledger: list[tuple[float, float | None, bool]] = [
        (60, None, True),  # no word from the sensor: nothing is done
        (60, 0.0, True),  # dark is a value
        (60, 500.0, True),
        (590, 500.0, True),  # not for ten minutes yet
        (20, 500.0, False),
        (300, 100.0, False),  # dwell: no change within 15 minutes
        (300, 100.0, False),
        (310, 100.0, True),
    ]
    for seconds, lux, is_on in ledger:
        desk.after(seconds, **({} if lux is None else {"lux_401__illuminance": lux}))
        assert desk.wants("lights-401") is is_on, (seconds, lux)


def test_a_silent_light_sensor_lets_go_of_the_lights() -> None:
    desk = Desk(CENTRAL)
    for _ in range(20):
        desk.after(60, lux_401__illuminance=800.0)
    assert desk.wants("lights-401") is False
    desk.after(16 * 60).after(16 * 60)  # the mean is too old after 15 minutes, the rule lets go 10 minutes later
    assert desk.wants("lights-401") is True
    assert desk.verdict("lights-401").findings[0].code == "left-as-is"


def test_a_person_may_put_the_light_on_against_a_rule_of_principle_but_not_one_that_forbids() -> None:
    for policy, allowed in ((CENTRAL, True), (COUNTY, False)):
        desk = Desk(policy)
        for _ in range(12):
            desk.after(60, lux_401__illuminance=800.0)
        verdict = desk.verdict("lights-401", on=False, array=person(Wish(on=True)))
        assert verdict.wanted.on is allowed
        assert verdict.legal.start is allowed


def test_landscape_lighting_is_off_but_on_the_days_that_are_listed() -> None:
    ledger = [
        (date(2026, 7, 15), "20:00", False), (date(2026, 10, 1), "20:00", True), (date(2026, 10, 3), "20:00", True),
        (date(2026, 10, 10), "20:00", False), (date(2026, 8, 1), "20:00", True),
    ]  # fmt: skip
    parameters = CENTRAL["parameters"] | {"landscape_dates": ["2026-08-01"]}
    for day, clock, is_on in ledger:
        desk = Desk(CENTRAL | {"parameters": parameters}, clock, day)
        desk.step()
        assert desk.wants("landscape") is is_on, day


def test_a_filing_sets_aside_what_holds_in_principle() -> None:
    desk = Desk(CENTRAL, "20:00")
    desk.step()
    assert desk.wants("landscape") is False
    assert desk.wants("landscape", filed=True) is True


def test_lifts_rest_off_peak_and_outside_working_hours_and_never_in_fire_or_inspection() -> None:
    desk = Desk(CENTRAL, "07:00")
    ledger: list[tuple[str, str, bool | None, bool | None]] = [
        # clock, operation of lift 2, lift 1, lift 2
        ("07:20", "normal", True, False),
        ("07:31", "normal", True, True),  # the morning peak
        ("07:50", "normal", True, True),
        ("09:05", "normal", True, True),  # not off peak for ten minutes
        ("09:20", "normal", True, False),
        ("09:25", "fire", True, None),
        ("09:30", "unknown", True, None),
        ("09:31", "inspection", True, None),
        ("09:35", "normal", True, None),  # only just back
        ("09:37", "normal", True, False),
        ("17:30", "normal", True, False),
    ]
    desk.verdict("lift-1", operation="normal")
    desk.verdict("lift-2", operation="normal")
    for clock, operation, one, two in ledger:
        desk.until(clock)
        assert desk.wants("lift-1", operation="normal") is one, clock
        assert desk.wants("lift-2", operation=operation) is two, clock


def test_a_person_does_not_move_a_lift_in_fire_mode_either() -> None:
    desk = Desk(CENTRAL, "09:00")
    desk.step()
    for wish in (Wish(on=True), Wish(on=False)):
        verdict = desk.verdict("lift-2", operation="fire", array=person(wish))
        assert (verdict.wanted, verdict.legal.start, verdict.legal.must_be_off) == (Wish(), False, False)


def test_the_heater_and_the_air_conditioning_do_not_run_together() -> None:
    desk = Desk(COUNTY)
    ledger: list[tuple[float, float | None, bool]] = [
        (60, None, False),
        (60, 0.0, False),
        (60, 1.2, False),  # not above
        (60, 1.8, False),
        (115, 1.8, False),
        (10, 1.8, True),  # for two minutes
        (120, 0.1, True),
        (120, 0.1, True),
        (120, 0.1, True),
        (250, 0.1, True),
        (10, 0.1, True),  # gone for ten minutes only from here on
        (110, 0.1, False),
    ]
    for seconds, power_kw, forbidden in ledger:
        desk.after(seconds, **({} if power_kw is None else {"meter_401__power": power_kw}))
        effects = desk.effects("ac-401")
        assert bool(effects.forbids) is forbidden, (seconds, power_kw)
        assert desk.effects("ac-402").forbids == ()
        assert len(effects.limits) == 1


def test_the_archive_is_dried_between_two_marks() -> None:
    desk = Desk({})
    ledger: list[tuple[float | None, bool | None]] = [
        (None, None), (50.0, False), (57.0, False), (57.5, True), (55.0, True), (52.0, True), (51.9, False),
        (56.0, False), (0.0, False),
    ]  # fmt: skip
    for percent, is_on in ledger:
        for _ in range(22):  # ten minutes of mean, two of delay, ten of dwell
            desk.after(60, **({} if percent is None else {"climate_archive__humidity": percent}))
        assert desk.wants("dryer", on=None) is is_on, percent


def test_reminders_come_once_when_their_time_comes() -> None:
    desk = Desk(COUNTY, "16:50")
    desk.until("17:29")
    assert desk.said() == ["archive-closing:archive"]  # ten minutes before the office's hours end
    desk.given.clear()
    desk.until("17:30:00").after(60)
    assert desk.said() == ["daily-inspection:site"]
    for minute in range(31, 47):
        desk.until(f"17:{minute}", ac_401__on=1.0)
    assert desk.said() == ["daily-inspection:site", "after-work-check:finance"]
    assert desk.given[-1].office == "finance"
    assert desk.given[-1].clause == "OFF-05"
    desk.until("18:30")
    assert len(desk.given) == 2


def test_a_window_that_is_open_before_rain_is_told_to_its_office() -> None:
    desk = Desk(COUNTY, "17:20")
    desk.read(window_401__open=1.0)
    desk.after(120)
    desk.given.clear()
    desk.after(120)
    assert desk.said() == []  # whether it will rain is not known
    desk.weather = type(desk.weather)(rain_ahead=(desk.now + timedelta(hours=6),))
    desk.after(120)
    assert desk.said() == ["windows-before-rain:finance"]


def test_a_reminder_can_be_said_again() -> None:
    reminder = {"zh": "有人", "en": "Somebody", "per": "space", "who": "office", "again_s": 600}
    own = rule(effect="remind", remind=reminder, when={"occupied": True}, scope={"spaces": ["r401"]})
    desk = Desk({"rules": [own]})
    desk.after(1, presence_401__present=1.0)
    assert desk.said() == ["own:r401"]
    desk.after(601)
    assert desk.said() == ["own:r401"] * 2
    desk.after(1, presence_401__present=0.0).after(1200)
    assert len(desk.given) == 2


def test_a_rule_that_permits_forbids_without_it_and_holds_back_while_nobody_knows() -> None:
    own = rule(effect="permit", when={"occupied": True}, scope={"equipment": ["lights-401"]})
    desk = Desk({"rules": [own]})
    ledger: list[tuple[float | None, Effect, bool | None, bool]] = [
        (None, Effect.HOLD, True, False),  # what runs goes on, nothing starts
        (0.0, Effect.FORBID, False, False),
        (1.0, Effect.PERMIT, True, True),
    ]
    for present, effect, goes_on, starts in ledger:
        desk.after(1, **({} if present is None else {"presence_401__present": present}))
        found = desk.verdict("lights-401").findings
        assert effect in {finding.effect for finding in found}
        assert desk.wants("lights-401") is goes_on
        assert desk.wants("lights-401", on=False, array=person(Wish(on=True))) is starts


def test_a_hold_keeps_what_is_off_off_and_lets_run_what_runs() -> None:
    own = rule(effect="hold", when={"day": "workday"}, scope={"kinds": ["lighting"]})
    desk = Desk({"rules": [own]})
    desk.step()
    assert desk.wants("lights-401", on=True) is True
    assert desk.wants("lights-401", on=False, array=person(Wish(on=True))) is False
    assert desk.wants("lights-401", on=True, array=person(Wish(on=False))) is False


def test_a_rule_outside_its_dates_says_nothing() -> None:
    own = rule(scope={"kinds": ["lighting"]}, valid_from="2026-07-16", valid_until="2026-07-17")
    for day, forbidden in ((15, False), (16, True), (17, False)):
        desk = Desk({"rules": [own]}, "00:00", date(2026, 7, day))
        desk.step()
        assert bool(desk.effects("lights-401").forbids) is forbidden


def test_a_rule_that_begins_at_midnight_begins_then() -> None:
    desk = Desk({"rules": [rule(scope={"kinds": ["lighting"]}, valid_from="2026-07-16")]}, "23:50")
    desk.step()
    assert desk.effects("lights-401").forbids == ()
    desk.until("00:00", date(2026, 7, 16))
    assert desk.changed == {"lights-401", "lights-hall"}


def test_advice_is_told_and_does_nothing() -> None:
    desk = Desk(CENTRAL, "08:30")
    desk.step()
    advised = desk.effects("ac-401").advises
    assert [finding.code for finding in advised] == ["shorter-hours"]
    assert advised[0].effect is Effect.ADVISE
    assert desk.effects("ac-401").forbids == ()


def test_a_site_can_take_advice_seriously_or_switch_a_rule_off() -> None:
    strict = Desk(CENTRAL | {"rules": [{"id": "shorter-hours", "severity": "enforce"}]}, "08:30")
    strict.step()
    assert [finding.code for finding in strict.effects("ac-401").forbids] == ["shorter-hours"]
    off = Desk(CENTRAL | {"rules": [{"id": "landscape-off", "severity": "off"}]}, "20:00")
    off.step()
    assert off.effects("landscape").forbids == ()


def test_what_a_rule_says_names_it_and_what_it_saw() -> None:
    desk = Desk(COUNTY)
    for _ in range(5):
        desk.after(60, meter_401__power=1.85)
    finding = desk.effects("ac-401").forbids[0]
    text = words_of(finding, lambda when: when, desk.now)
    assert text.zh == "规则“空调与取暖器不得同时使用”（功率 1.85 kW）：不得运行"
    assert text.en == "rule “No heater beside the air-conditioning” (power 1.85 kW): it must not run"
    assert "shorter" not in words(text)


def test_in_one_slot_off_wins_and_a_lower_slot_wins_over_all() -> None:
    on = rule(id="on", effect="want", want={"on": True, "slot": 12}, scope={"kinds": ["lighting"]})
    off = rule(id="off", effect="want", want={"on": False, "slot": 11}, scope={"kinds": ["lighting"]})
    desk = Desk({"rules": [on, off]})
    desk.step()
    verdict = desk.verdict("lights-401")
    assert (verdict.wanted.on, verdict.slot, verdict.findings[0].code) == (False, 11, "off")
    assert desk.verdict("lights-401", array=EMPTY).order is None


def test_weekends_and_holidays_have_their_lifts() -> None:
    for day in (SATURDAY, HOLIDAY):
        desk = Desk(CENTRAL, "10:00", day)
        desk.verdict("lift-2", operation="normal")
        desk.after(700)
        assert desk.wants("lift-2", operation="normal") is False
        assert desk.wants("lift-1", operation="normal") in (True, None)
