"""Presets alone and together: what is left open is asked, the strictest of every number holds, X-01 is told."""

from __future__ import annotations

import json
from typing import Any

from controller.policy import check_policy, load_policy
from controller.policy.combining import combined
from controller.policy.facts import SupplyMemory, UnitFacts, UnitMemory, Weather
from controller.policy.in_force import in_force
from controller.policy.library import presets
from controller.policy.supply import step_supply
from controller.policy.units import decide_unit
from controller.policy.zones import class_verdict
from facility.commands import Mode, Wish
from facility.model.entries import ZoneClass
from tests.controller.building import local
from tests.controller.rules.house import Desk, house, told
from tests.controller.rules.test_ledgers import CENTRAL, COUNTY

OPEN: dict[str, tuple[str, set[str]]] = {
    "hunan_bureau_2022": ("", set()),
    "central_organs_2008": ("", {
        "window", "cooling_season", "heating_season", "lux_threshold", "lights_out", "landscape_holidays",
        "lifts_off_hours", "lifts_off_peak", "lift_peaks",
    }),
    "county_bureau_corrected": ("", {"window", "cooling_season", "heating_season", "lux_threshold", "heater_power_kw"}),
    "county_bureau_literal": ("", {"window", "cooling_season", "heating_season", "lux_threshold", "heater_power_kw"}),
    "township_office": ("", {"window"}),
    "street_office": ("", {"window"}),
    "office_enterprise": ("", {"window"}),
    "hospital": ("", {"window"}),
}  # fmt: skip
BESIDE = {
    "cooling_season": "06-01..09-30",
    "heating_season": "11-15..03-15",
    "lux_threshold": 300,
    "heater_power_kw": 1.2,
}
LITERAL = COUNTY | {"preset": "county_bureau_literal"}


def test_every_preset_of_the_rules_ships() -> None:
    assert set(presets()) == {*OPEN, "archive_room", "server_room"}


def test_what_a_document_leaves_open_is_asked_with_the_sentence_that_leaves_it_open() -> None:
    for name, (_, expected) in OPEN.items():
        site = house({"preset": name})
        errors = [problem for problem in check_policy(site.file, site) if problem.severity == "error"]
        missing = {problem.what.en.split("`")[1] for problem in errors}
        assert missing == expected, name
        for problem in errors:
            assert problem.path == ("policy", "parameters")
            entry = presets()[name].open[problem.what.en.split("`")[1]]
            assert presets()[name].clauses[entry.clause].quote in problem.what.zh
            assert entry.zh in problem.what.zh


def test_with_what_it_asks_for_every_preset_holds() -> None:
    for name in OPEN:
        preset = presets()[name]
        given = {key: entry.example for key, entry in preset.open.items() if not entry.optional}
        assert told({"preset": name, "parameters": given}, severity="error") == [], name
        policy = load_policy(house({"preset": name, "parameters": given}).file)
        assert name in policy.presets


def test_what_the_site_has_no_equipment_for_is_not_asked() -> None:
    site = house({"preset": "county_bureau_corrected", "parameters": {"window": "08:00-17:30", **BESIDE}})
    file = site.file.model_copy(update={"equipment": tuple(e for e in site.file.equipment if e.kind != "lighting")})
    policy = file.policy.model_copy(
        update={"parameters": {k: v for k, v in file.policy.parameters.items() if k != "lux_threshold"}}
    )
    assert check_policy(file.model_copy(update={"policy": policy})) == []


def test_a_value_of_the_wrong_form_is_told() -> None:
    wrong: list[tuple[str, Any, str]] = [
        ("lux_threshold", "bright", "expected a number"), ("lux_threshold", 0, "expected at least 20"),
        ("heater_power_kw", 50, "expected at most 20"), ("cooling_season", "summer", "is no span of days"),
        ("heating_season", "09-01..03-15", "the seasons 06-01..09-30 and 09-01..03-15 overlap"),
    ]  # fmt: skip
    for name, value, said in wrong:
        found = told(COUNTY | {"parameters": COUNTY["parameters"] | {name: value}}, severity="error")
        assert any(said in text for text in found), (name, found)


def test_the_literal_preset_is_only_for_audits_and_says_so() -> None:
    (warning,) = told(LITERAL)
    assert "“夏季空调设定温度不超过26度。” (AC-16)" in warning
    assert "audits only" in warning
    rules = load_policy(house(LITERAL).file).of_class(ZoneClass.OFFICE)
    assert (rules.cooling_modes[Mode.COOL].low_c, rules.cooling_modes[Mode.COOL].high_c) == (None, 26.0)
    assert rules.cooling_wish.setpoint_c == 26.0


def test_the_literal_preset_beside_the_default_leaves_no_legal_state() -> None:
    policy = {"preset": "hunan_bureau_2022", "also": ["county_bureau_literal"], "parameters": BESIDE}
    (error,) = told(policy, severity="error")
    assert "X-01" in error
    assert "county_bureau_literal (AC-16)" in error
    assert "hunan_bureau_2022 (AC-03)" in error


def test_the_literal_preset_beside_the_national_rule_leaves_exactly_26() -> None:
    parameters = CENTRAL["parameters"] | BESIDE
    policy = {"preset": "central_organs_2008", "also": ["county_bureau_literal"], "parameters": parameters}
    assert told(policy, severity="error") == []
    allowed = load_policy(house(policy).file).of_class(ZoneClass.OFFICE).cooling_modes[Mode.COOL]
    assert (allowed.low_c, allowed.high_c) == (26.0, 26.0)


def test_together_the_strictest_of_every_number_holds_with_the_clause_that_sets_it() -> None:
    given = {name: value for name, value in CENTRAL["parameters"].items() if name != "window"}
    policy = load_policy(house({"also": ["central_organs_2008"], "parameters": given}).file)
    office = policy.of_class(ZoneClass.OFFICE)
    p = office.parameters
    assert (p.setpoint_min_cool_c, p.setpoint_max_heat_c, str(p.window)) == (28.0, 20.0, "08:00-17:00")
    assert (office.clause_of["setpoint-cool"], office.clause_of["setpoint-heat"]) == ("AC-03", "AC-17")
    assert office.origin_of["setpoint_max_heat_c"] == "central_organs_2008"
    assert {"cooling-permit", "season", "room-limit"} <= office.enforced
    assert office.presets == ("hunan_bureau_2022", "central_organs_2008")
    assert {"AC-03", "AC-17", "LT-02"} <= set(policy.clauses)


def test_hours_with_nothing_in_common_are_told() -> None:
    shipped = presets()
    late = shipped["street_office"].model_copy(update={"parameters": {"window": "18:00-20:00"}})
    found = combined((shipped["hunan_bureau_2022"], late))
    assert [(e.name, e.one, e.other) for e in found.empty] == [("window", "hunan_bureau_2022", "street_office")]


def test_strictness_by_kind_of_parameter() -> None:
    base = presets()["street_office"]

    def together(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
        chosen = [base.model_copy(update={"parameters": values}) for values in (one, other)]
        return dict(combined(chosen).parameters)

    table: list[tuple[str, Any, Any, Any]] = [
        ("setpoint_min_cool_c", 26.0, 28.0, 28.0), ("setpoint_max_heat_c", 24.0, 20.0, 20.0),
        ("cooling_permit_c", 30.0, 28.0, 30.0), ("heating_permit_c", 15.0, 0.0, 0.0), ("vacancy_s", 0.0, 1200.0, 0.0),
        ("window", "08:00-17:00", "09:00-18:00", "09:00-17:00"), ("rain_stop", "advise", "enforce", "enforce"),
        ("setpoint_ceiling_c", None, 26.0, 26.0), ("climate_low_c", 14.0, 16.0, 16.0),
        ("kettle_workdays_only", False, True, True), ("min_off_s", 300.0, 60.0, 300.0),
    ]  # fmt: skip
    for name, one, other, expected in table:
        assert together({name: one}, {name: other})[name] == expected, name
        if name != "min_off_s":
            assert together({name: other}, {name: one})[name] == expected, name


def test_one_class_may_have_presets_of_its_own_beside_its_own() -> None:
    entry = {"preset": "hunan_bureau_2022", "also": ["office_enterprise"]}
    policy = load_policy(house({"zone_classes": {"office": entry}}).file)
    assert policy.of_class(ZoneClass.OFFICE).presets == ("hunan_bureau_2022", "office_enterprise")
    assert policy.of_class(ZoneClass.PUBLIC).presets == ("hunan_bureau_2022",)
    desk = Desk({"zone_classes": {"office": entry}}, "18:00")
    desk.after(1000)
    assert desk.wants("lights-401") is False  # AC-21: an office's
    assert desk.wants("lights-hall") is True


def test_an_unknown_preset_beside_is_told_with_its_place() -> None:
    assert told({"also": ["county_bureau"]})[0].startswith("policy.also.0: unknown preset `county_bureau`")
    wrong = {"zone_classes": {"archive": {"also": ["hunan_bureau_2022"]}}}
    assert told(wrong) == ["policy.zone_classes.archive.also.0: preset `hunan_bureau_2022` has no rules for archive"]


SEASONS = [
    ("2026-07-15", {Mode.COOL, Mode.DRY, Mode.AUTO, Mode.FAN}),
    ("2026-01-14", {Mode.HEAT, Mode.FAN}),
    ("2026-04-15", {Mode.FAN}),
]


def test_without_permits_the_season_says_whether_to_cool_or_to_heat() -> None:
    for day, modes in SEASONS:
        desk = Desk(CENTRAL, "10:00", local("10:00").date().fromisoformat(day))
        rules = desk.policy.of_class(ZoneClass.OFFICE)
        plan = desk.plans()[ZoneClass.OFFICE]
        memory = step_supply(SupplyMemory(), Weather(), plan, rules.parameters, desk.now)
        verdict = class_verdict(rules, memory, Weather(), plan, desk.now)
        unit, _ = decide_unit(rules, verdict, UnitFacts(fresh=True), UnitMemory(), desk.now)
        assert set(unit.legal.modes) == modes, day


def test_where_nothing_tells_seasons_apart_people_choose_and_the_end_of_work_ends_it() -> None:
    policy = {"preset": "street_office", "parameters": {"window": "08:30-17:30"}}
    for clock, legal in (("10:00", set(Mode)), ("18:00", set())):
        desk = Desk(policy, clock)
        rules, plan = desk.policy.of_class(ZoneClass.OFFICE), desk.plans()[ZoneClass.OFFICE]
        memory = step_supply(SupplyMemory(), Weather(), plan, rules.parameters, desk.now)
        verdict = class_verdict(rules, memory, Weather(), plan, desk.now)
        heats = UnitFacts(fresh=True, observed=Wish(on=True, mode=Mode.HEAT, setpoint_c=22.0))
        unit, _ = decide_unit(rules, verdict, heats, UnitMemory(), desk.now)
        assert set(unit.legal.modes) == legal
        assert unit.wanted.on is bool(legal)


def test_nothing_starts_by_itself_where_nothing_tells_seasons_apart() -> None:
    policy = {"preset": "street_office", "parameters": {"window": "08:30-17:30", "start": "auto"}}
    assert any("expected start: permit_only" in text for text in told(policy, severity="error"))


def test_every_rule_in_force_is_listed_with_its_sentence() -> None:
    site = house(COUNTY)
    rows = in_force(load_policy(site.file, site), site)
    assert json.loads(json.dumps(rows, ensure_ascii=False)) == rows
    by_rule = {row["rule"]: row for row in rows}
    heater = by_rule["heater-with-ac"]
    assert (heater["clause"], heater["preset"], heater["severity"], heater["equipment"]) == (
        "AC-15", "county_bureau_corrected", "enforce", 2,
    )  # fmt: skip
    assert heater["quote"].startswith("严禁敞门开空调")
    assert heater["parameters"] == {"for_s": 120.0, "release_s": 600.0, "dwell_s": 600.0}
    assert heater["served"] is True
    assert by_rule["window"]["parameters"]["window"] == "08:00-17:30"
    assert by_rule["window"]["classes"] == ["office", "meeting", "public"]
    assert {row["clause"] for row in rows if row["effect"] == "elsewhere"} >= {"OFF-04", "RP-02"}


def test_what_cannot_be_served_says_why() -> None:
    site = house({})
    rows = {row["rule"]: row for row in in_force(load_policy(site.file, site), site)}
    assert rows["big-load"]["why_not"]["en"] == "the site gives no `big_load_kw`"
    assert rows["kettle-valve"]["why_not"]["en"] == "the site has no such equipment"
    assert rows["dehumidify"]["served"] is True
    off = house({"rules": [{"id": "five-closes", "severity": "off"}]})
    rows = {row["rule"]: row for row in in_force(load_policy(off.file, off), off)}
    assert rows["five-closes"]["why_not"]["zh"] == "本站已停用"
