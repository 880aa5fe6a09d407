"""Alarms as ledgers: what was said and done, second by second, and how they stood then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.alarming.alarm import MAINTENANCE
from controller.alarming.catalogue import catalogue_of
from controller.alarming.consequences import Consequences
from controller.alarming.owners import Owners
from controller.alarming.register import AlarmRegister
from facility.bus.messages import AlarmAct, AlarmActed, AlarmChanged, AlarmLevel, AlarmStanding, AlarmStood
from facility.commands import Actor, Role
from facility.model.alarm_entries import AlarmsEntry
from facility.text import Text
from tests.sites import small_site

SITE = small_site()
T0 = datetime(2026, 7, 15, 2, tzinfo=UTC)
DUTY = Actor(name="值班员", role=Role.DUTY_ROOM)
LINE, METER, UNIT = "link_down:meters", "device_down:m-401", "not_effective:ac-401"


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def roster(now: datetime) -> Text:
    return Text("张值班", "on duty")


def register_of(**entry: Any) -> AlarmRegister:
    catalogue = catalogue_of(AlarmsEntry.model_validate(entry))
    return AlarmRegister(catalogue, Consequences(SITE), Owners(SITE, roster))


def said(key: str, active: bool = True, *, equipment: str | None = None, second: float = 0) -> AlarmChanged:
    return AlarmChanged(
        key=key, active=active, level=AlarmLevel.WARNING, at=at(second), text=Text("坏", "bad"), equipment=equipment
    )  # fmt: skip


def did(act: AlarmAct, key: str, *, until: float | None = None, note: str = "") -> AlarmActed:
    end = None if until is None else at(until)
    return AlarmActed(key=key, act=act, actor=DUTY, at=T0, until=end, note=note)


class Book:
    """A register that is told lines of a ledger."""

    def __init__(self, register: AlarmRegister) -> None:
        self.register = register
        self.steps: list[AlarmStood] = []

    def say(self, second: float, key: str, active: bool = True, equipment: str | None = None) -> list[str]:
        message = said(key, active, equipment=equipment, second=second)
        return self._note(self.register.changed(message, at(second)))

    def do(self, second: float, act: AlarmAct, key: str, **more: Any) -> list[str]:
        return self._note(self.register.acted(did(act, key, **more), at(second)))

    def wait(self, second: float) -> list[str]:
        return self._note(self.register.tick(at(second)))

    def _note(self, steps: list[AlarmStood]) -> list[str]:
        self.steps += steps
        return [f"{step.key} {step.standing.value}" for step in steps]


def test_an_alarm_from_its_beginning_to_its_end() -> None:
    book = Book(register_of())
    assert book.say(0, METER) == [f"{METER} unacknowledged"]
    assert book.say(5, METER) == []
    assert book.do(10, AlarmAct.ACKNOWLEDGE, METER, note="去看了") == [f"{METER} acknowledged"]
    assert book.do(11, AlarmAct.ACKNOWLEDGE, METER) == []
    assert book.say(60, METER, False) == [f"{METER} normal"]
    assert book.say(61, METER, False) == []
    acknowledged = book.steps[1]
    assert (acknowledged.by, acknowledged.acknowledged_by, acknowledged.note) == (DUTY, DUTY, "去看了")
    assert acknowledged.since == at(0)
    assert acknowledged.owner == Text("值班室 张值班", "duty room: on duty")
    assert acknowledged.advice.zh
    assert book.say(90, METER) == [f"{METER} unacknowledged"]
    assert book.steps[-1].acknowledged_by is None


def test_nobody_has_acted_on_what_was_never_said() -> None:
    book = Book(register_of())
    assert book.do(0, AlarmAct.ACKNOWLEDGE, "nothing") == []
    assert book.say(0, "nothing", False) == []


def test_a_dead_line_hides_the_alarms_of_its_devices_and_a_device_those_of_its_units() -> None:
    book = Book(register_of())
    assert book.say(0, METER) == [f"{METER} unacknowledged"]
    assert book.say(1, LINE) == [f"{LINE} unacknowledged", f"{METER} suppressed"]
    assert book.say(2, "device_down:m-402") == ["device_down:m-402 suppressed"]
    assert book.say(3, METER, False) == [f"{METER} suppressed"]
    assert book.say(10, LINE, False) == [f"{LINE} returned"]
    assert book.wait(69) == []
    assert book.wait(70) == [f"{METER} returned", "device_down:m-402 unacknowledged"]


def test_what_came_and_went_behind_its_cause_is_nobodys_business() -> None:
    book = Book(register_of())
    book.say(0, "device_down:vrf-gw")
    assert book.say(1, UNIT, equipment="ac-401") == [f"{UNIT} suppressed"]
    assert book.steps[-1].cause == "device_down:vrf-gw"
    assert book.say(5, "device_down:vrf-gw", False) == ["device_down:vrf-gw returned"]
    assert book.say(30, UNIT, False) == [f"{UNIT} normal"]
    assert book.wait(500) == []


def test_another_cause_goes_on_hiding() -> None:
    book = Book(register_of())
    book.say(0, LINE)
    book.say(1, METER)
    book.say(2, "process:gateway")
    assert book.say(3, LINE, False) == [f"{LINE} suppressed"]
    assert book.wait(200) == [f"{METER} suppressed"]
    assert book.wait(900) == []
    assert book.register.alarms[METER].facts.cause == "process:gateway"


def test_a_shelving_ends_by_itself_and_what_is_abnormal_is_told_anew() -> None:
    book = Book(register_of())
    book.say(0, METER)
    assert book.do(10, AlarmAct.SHELVE, METER, until=100, note="等配件") == [f"{METER} shelved"]
    assert book.steps[-1].until == at(100)
    assert book.do(11, AlarmAct.ACKNOWLEDGE, METER) == []
    assert book.do(20, AlarmAct.SHELVE, METER, until=200) == [f"{METER} shelved"]
    assert book.do(21, AlarmAct.SHELVE, METER, until=21) == []
    assert book.wait(199) == []
    assert book.wait(200) == [f"{METER} unacknowledged"]
    assert book.do(210, AlarmAct.SHELVE, METER, until=300) == [f"{METER} shelved"]
    assert book.say(220, METER, False) == [f"{METER} shelved"]
    assert book.do(230, AlarmAct.UNSHELVE, METER) == [f"{METER} normal"]


def test_equipment_out_of_service_raises_no_alarm_until_it_is_back() -> None:
    book = Book(register_of())
    thing = f"{MAINTENANCE}m-401"
    book.say(0, METER)
    out = book.do(10, AlarmAct.OUT_OF_SERVICE, thing, until=500, note="换表")
    assert out == [f"{thing} out_of_service", f"{METER} out_of_service"]
    assert book.say(20, "books.held.meter-401", equipment="meter-401") == ["books.held.meter-401 out_of_service"]
    assert book.say(21, METER, False) == [f"{METER} out_of_service"]
    assert book.wait(499) == []
    assert book.wait(500) == [f"{thing} normal", f"{METER} normal", "books.held.meter-401 unacknowledged"]


def test_a_line_out_of_service_takes_its_devices_along_and_what_is_not_there_is_refused() -> None:
    book = Book(register_of())
    book.say(0, METER)
    assert len(book.do(1, AlarmAct.OUT_OF_SERVICE, f"{MAINTENANCE}meters", note="检修")) == 2
    assert book.do(2, AlarmAct.IN_SERVICE, f"{MAINTENANCE}meters") == [
        f"{MAINTENANCE}meters normal", f"{METER} unacknowledged",
    ]  # fmt: skip
    assert book.do(3, AlarmAct.OUT_OF_SERVICE, f"{MAINTENANCE}nowhere") == []


def test_delays_hold_an_alarm_back_and_tell_it_as_normal_meanwhile() -> None:
    book = Book(register_of(change={"device_down": {"on_delay_s": 30, "off_delay_s": 60}}))
    assert book.say(0, METER) == [f"{METER} normal"]
    assert book.wait(29) == []
    assert book.register.due() == at(30)
    assert book.wait(30) == [f"{METER} unacknowledged"]
    assert book.say(40, METER, False) == []
    assert book.wait(100) == [f"{METER} returned"]


def test_what_the_site_switched_off_is_told_as_normal() -> None:
    book = Book(register_of(off=["device_down"]))
    assert book.say(0, METER) == [f"{METER} normal"]
    assert book.wait(10_000) == []


def test_what_happened_once_ends_when_it_is_acknowledged() -> None:
    book = Book(register_of())
    book.say(0, "memory.records_damaged")
    assert book.do(9, AlarmAct.ACKNOWLEDGE, "memory.records_damaged") == [
        "memory.records_damaged acknowledged", "memory.records_damaged normal",
    ]  # fmt: skip


def states_of(book: Book) -> list[AlarmStood]:
    """What the records hold: the newest of each key."""
    newest = {step.key: step for step in book.steps}
    return list(newest.values())


def test_a_restart_changes_nothing_about_how_alarms_stand() -> None:
    book = Book(register_of())
    book.say(0, LINE)
    book.say(1, METER)
    book.say(2, UNIT, equipment="ac-401")
    book.do(3, AlarmAct.ACKNOWLEDGE, UNIT)
    book.say(4, "kettle_level:x")
    book.wait(70)
    book.do(71, AlarmAct.SHELVE, "kettle_level:x", until=900)
    book.say(72, "refused:ac-402", equipment="ac-402")
    book.say(73, "refused:ac-402", False, equipment="ac-402")
    book.do(74, AlarmAct.OUT_OF_SERVICE, f"{MAINTENANCE}ac-archive", until=901)
    again = register_of()
    assert again.restore(states_of(book), at(80)) == []
    assert {key: alarm.facts.standing for key, alarm in again.alarms.items()} == {
        key: alarm.facts.standing for key, alarm in book.register.alarms.items()
    }
    assert again.alarms[UNIT].acknowledged_by == DUTY
    assert set(again.out_of_service) == {"ac-archive"}
    assert {alarm.key for alarm in again.stale()} == {LINE, METER, UNIT, "kettle_level:x"}
    assert [step.standing for step in again.tick(at(900))] == [AlarmStanding.UNACKNOWLEDGED]


def test_what_nobody_says_again_is_stale_and_what_is_said_again_is_not() -> None:
    book = Book(register_of())
    book.say(0, METER)
    book.say(0, LINE)
    again = Book(register_of())
    again.register.restore(states_of(book), at(10))
    again.say(20, LINE)
    assert [alarm.key for alarm in again.register.stale()] == [METER]


def test_a_condition_switched_off_over_a_restart_ends_its_alarms() -> None:
    book = Book(register_of())
    book.say(0, METER)
    steps = register_of(off=["device_down"]).restore(states_of(book), at(10))
    assert [(step.key, step.standing, step.abnormal) for step in steps] == [(METER, AlarmStanding.NORMAL, False)]


def test_states_that_come_late_do_not_tell_anew_what_was_acknowledged() -> None:
    book = Book(register_of())
    book.say(0, METER)
    book.do(5, AlarmAct.ACKNOWLEDGE, METER)
    again = Book(register_of())
    again.say(20, METER)
    steps = again.register.restore(states_of(book), at(30))
    assert [(step.standing, step.since) for step in steps] == [(AlarmStanding.ACKNOWLEDGED, at(0))]


LINES_OF_A_LEDGER = st.lists(
    st.tuples(
        st.sampled_from(["say", "end", *AlarmAct]),
        st.sampled_from([LINE, METER, "device_down:m-402", UNIT, "memory.records_damaged", f"{MAINTENANCE}m-401"]),
        st.floats(0.0, 120.0),
    ),
    max_size=30,
)


@settings(max_examples=60)
@given(LINES_OF_A_LEDGER)
def test_whatever_happens_every_abnormal_condition_has_its_alarm(lines: list[tuple[str, str, float]]) -> None:
    book, raw, now = Book(register_of()), dict[str, bool](), 0.0
    for word, key, pause in lines:
        now += pause
        if word in {"say", "end"}:
            if not key.startswith(MAINTENANCE):
                raw[key] = word == "say"
                book.say(now, key, word == "say", "ac-401" if key == UNIT else None)
        else:
            book.do(now, AlarmAct(word), key, until=now + 60.0)
            if word == AlarmAct.ACKNOWLEDGE and key.startswith("memory."):
                raw[key] = book.register.alarms[key].facts.abnormal if key in book.register.alarms else False
        book.wait(now)
        for each, abnormal in raw.items():
            alarm = book.register.alarms.get(each)
            assert (alarm is not None and alarm.facts.abnormal) == abnormal
            if alarm is not None and abnormal:
                assert alarm.facts.standing is not AlarmStanding.NORMAL
    told = {step.key: step.standing for step in book.steps}
    for key, alarm in book.register.alarms.items():
        assert told[key] is alarm.facts.standing
    book.wait(now + 1000.0)
    for alarm in book.register.alarms.values():
        if alarm.facts.standing is AlarmStanding.SUPPRESSED:
            assert alarm.facts.cause is not None
            assert book.register.alarms[alarm.facts.cause].facts.abnormal


@pytest.mark.parametrize(
    ("key", "equipment", "owner"),
    [
        ("wall_change:ac-401", "ac-401", Text("财务科", "Finance")),
        ("quota_overrun:general", None, Text("办公室", "General office")),
        ("forecast_missing", None, Text("行政科", "administration section")),
        ("wall_change:nothing", None, Text("值班室 张值班", "duty room: on duty")),
    ],
)
def test_an_alarm_has_an_owner(key: str, equipment: str | None, owner: Text) -> None:
    book = Book(register_of())
    book.say(0, key, equipment=equipment)
    assert book.steps[-1].owner == owner
