"""What is wrong with rules is found before they act, named in both languages with its place; the old ones stay."""

from __future__ import annotations

from typing import Any

import pytest

from controller.policy import check_policy, load_policy
from controller.policy.site_policy import replaced
from facility.errors import PolicyError
from tests.controller.rules.house import QUOTE, house, rule, told

LIGHTS = {"kinds": ["lighting"]}
ON = {"effect": "want", "want": {"on": True}}
OFF = {"effect": "want", "want": {"on": False}}

MISTAKES: list[tuple[str, list[dict[str, Any]], list[str]]] = [
    ("an empty rule", [{}], ["policy.rules.0.id: required key `id` is missing"]),
    (
        "an empty condition",
        [rule(when={})],
        ["policy.rules.0.when: `when`: a condition has exactly one key, this one 0"],
    ),
    ("an unknown key", [rule(scop={})], ["policy.rules.0.scop: unknown key"]),
    (
        "an unknown key inside",
        [rule(when={"all": [{"occupid": False}]})],
        ["policy.rules.0.when.all.0.occupid: unknown key"],
    ),
    ("a missing key", [{k: v for k, v in rule().items() if k != "name"}], ["policy.rules.0.name: required key"]),
    ("an unknown word", [rule(effect="forbidden")], ["policy.rules.0.effect: `effect` is `forbidden`"]),
    ("a number that is none", [rule(for_s="long")], ["policy.rules.0.for_s: `for_s` is `long`"]),
    (
        "an effect without its part",
        [rule(effect="want")],
        ["policy.rules.0: `effect: want` and `want` belong together"],
    ),
    ("a part without its effect", [rule(want={"on": False})], ["policy.rules.0: `effect: want` and `want` belong"]),
    ("a want of nothing", [rule(effect="want", want={"slot": 12})], ["policy.rules.0.want: `want`: nothing is wanted"]),
    ("a slot of people's", [rule(effect="want", want={"on": True, "slot": 8})], ["policy.rules.0.want.slot: "]),
    ("an empty limit", [rule(effect="limit", limit={"cool_low_c": 28, "cool_high_c": 26})], ["policy.rules.0.limit: "]),
    (
        "a clause that nobody quotes",
        [rule(quote=None, clause="OWN-9")],
        ["policy.rules.0.clause: rule “Own” (own) rests on"],
    ),
    (
        "an id twice",
        [rule(scope=LIGHTS), rule(scope={"kinds": ["lift"]})],
        ["policy.rules.1.id: rule id `own` is used twice"],
    ),
    ("an id of a preset", [rule(id="host-on", scope=LIGHTS)], ["policy.rules.0.id: rule id `host-on` is used twice"]),
    (
        "a change of nothing",
        [{"id": "host-onn", "severity": "off"}],
        ["policy.rules.0.id: there is no rule of a preset"],
    ),
    ("an unknown value", [rule(for_s="$lights_vacant_s")], ["policy.rules.0: nothing is given for `$lights_vacant_s`"]),
    ("an unknown kind", [rule(scope={"kinds": ["lightning"]})], ["policy.rules.0.scope.kinds.0: there is no kind"]),
    (
        "an unknown office",
        [rule(scope={"offices": ["finanse"]})],
        ["policy.rules.0.scope.offices.0: there is no office"],
    ),
    (
        "an unknown equipment",
        [rule(scope={"equipment": ["lights-403"]})],
        ["policy.rules.0.scope.equipment.0: there is no"],
    ),
    (
        "an unknown room in a condition",
        [rule(when={"occupied": {"is": True, "space": "r403"}}, scope=LIGHTS)],
        ["policy.rules.0.when.occupied.space: there is no room"],
    ),
    (
        "an unknown other",
        [rule(when={"running": {"of": "ac-403"}}, scope=LIGHTS)],
        ["policy.rules.0.when.running.of: there is no equipment"],
    ),
    (
        "an unknown festival",
        [rule(when={"holiday": "圣诞节"}, scope=LIGHTS)],
        ["policy.rules.0.when.holiday: there is no festival"],
    ),
    (
        "an unknown point",
        [rule(when={"point": {"id": "weather.temprature", "value": {"above": 1}}}, scope=LIGHTS)],
        ["policy.rules.0.when.point.id: there is no point"],
    ),
    (
        "a unit that does not fit",
        [rule(when={"point": {"id": "weather.temperature", "value": {"above": 1, "unit": "kW"}}}, scope=LIGHTS)],
        ["policy.rules.0.when.point: `point`: 'kW' is not a unit of temperature"],
    ),
    (
        "a state that there is not",
        [rule(when={"point": {"id": "window-401.open", "is": "ajar"}}, scope=LIGHTS)],
        ["policy.rules.0.when.point: `point`: window-401.open has no state ajar"],
    ),
    (
        "no sensor at all",
        [rule(when={"illuminance": {"above": 300}}, scope={"equipment": ["lights-hall"]})],
        ["policy.rules.0.when.illuminance: rule “Own” (own) needs a light sensor"],
    ),
    (
        "rooms of the whole site",
        [rule(effect="remind", remind={"zh": "有人", "en": "In"}, when={"occupied": True})],
        ["policy.rules.0.when.occupied: `occupied` is about rooms"],
    ),
    (
        "never: the numbers",
        [rule(when={"all": [{"outdoor": {"above": 30}}, {"outdoor": {"below": 20}}]}, scope=LIGHTS)],
        ["policy.rules.0.when: the condition of rule “Own” (own) can never hold"],
    ),
    (
        "never: beyond the possible",
        [rule(when={"cloud": {"above": 100}}, scope=LIGHTS)],
        ["policy.rules.0.when: the condition"],
    ),
    (
        "never: itself and its opposite",
        [rule(when={"all": [{"rain": True}, {"not": {"rain": True}}]}, scope=LIGHTS)],
        ["policy.rules.0.when: the condition"],
    ),
    (
        "never: both states",
        [rule(when={"all": [{"occupied": True}, {"occupied": False}]}, scope={"equipment": ["lights-401"]})],
        ["policy.rules.0.when: the condition"],
    ),
    (
        "never: the days",
        [rule(when={"all": [{"day": "workday"}, {"holiday": "any"}]}, scope=LIGHTS)],
        ["policy.rules.0.when: the"],
    ),
    (
        "never: the dates",
        [rule(when={"all": [{"season": "06-01..08-31"}, {"dates": "2026-12-24"}]}, scope=LIGHTS)],
        ["policy.rules.0.when: the condition"],
    ),
    (
        "never: the hours",
        [
            rule(
                when={
                    "all": [
                        {"time": {"from": "08:00", "until": "09:00"}},
                        {"time": {"from": "20:00", "until": "21:00"}},
                    ]
                },
                scope=LIGHTS,
            )
        ],
        ["policy.rules.0.when: the condition"],
    ),
    (
        "on and off at once",
        [rule(id="on", scope=LIGHTS, **ON), rule(id="off", scope=LIGHTS, when={"day": "workday"}, **OFF)],
        [
            "policy.rules.1: rules “Own” (on) and “Own” (off) contradict each other: one wants it on, the other off "
            "(OWN-01, OWN-01)"
        ],
    ),
    (
        "heating and cooling at once",
        [rule(id="a", effect="want", want={"mode": "cool"}), rule(id="b", effect="want", want={"mode": "heat"})],
        ["policy.rules.1: rules “Own” (a) and “Own” (b) contradict each other: one wants cooling, the other heating"],
    ),
    (
        "limits with nothing between",
        [
            rule(id="a", effect="limit", limit={"heat_low_c": 22}),
            rule(id="b", effect="limit", limit={"heat_high_c": 20}),
        ],
        ["policy.rules.1: rules “Own” (a) and “Own” (b) contradict each other: no legal state is left (X-01)"],
    ),
    (
        "a limit beyond the preset's",
        [rule(effect="limit", limit={"cool_high_c": 26})],
        ["policy.rules.0.limit: no legal state is left (X-01): rule “Own” (own) asks for 26 C when cooling"],
    ),
    (
        "permitted and always forbidden",
        [
            rule(id="may", effect="permit", when={"occupied": True}, scope={"equipment": ["lights-401"]}),
            rule(id="not", when={"occupied": True}, scope={"equipment": ["lights-401"]}),
        ],
        ["policy.rules.1: rules “Own” (may) and “Own” (not) contradict each other: no legal state is left (X-01)"],
    ),
    (
        "always forbidden what is wanted",
        [rule(id="no", scope=LIGHTS), rule(id="want", scope=LIGHTS, when={"day": "workday"}, **ON)],
        ["policy.rules.1: rule “Own” (want) never has an effect of its own: “Own” (no) always comes first"],
    ),
]

WARNINGS: list[tuple[str, list[dict[str, Any]], list[str]]] = [
    ("over", [rule(scope=LIGHTS, valid_until="2026-07-01")], ["policy.rules.0.valid_until: rule “Own” (own) is over"]),
    (
        "some rooms lack the sensor",
        [rule(when={"illuminance": {"above": 300}}, scope=LIGHTS)],
        ["policy.rules.0.when.illuminance: rule “Own” (own) needs a light sensor, which `lights-hall` has not"],
    ),
    (
        "advice without a sensor",
        [rule(when={"illuminance": {"above": 300}}, scope={"equipment": ["lights-hall"]}, severity="advise")],
        ["policy.rules.0.when.illuminance: rule"],
    ),
    ("nothing in scope", [rule(scope={"kinds": ["chiller"]})], ["policy.rules.0.scope: nothing at this site"]),
    (
        "shadowed by a wider one",
        [
            rule(id="wide", scope=LIGHTS, when={"outdoor": {"above": 25}}),
            rule(id="narrow", scope={"equipment": ["lights-401"]}, when={"outdoor": {"above": 30}}),
        ],
        ["policy.rules.1: rule “Own” (narrow) never has an effect of its own: “Own” (wide) always comes first"],
    ),
]

GOOD: list[tuple[str, list[dict[str, Any]]]] = [
    (
        "complements of something near",
        [
            rule(id="on", scope=LIGHTS, when={"running": {"of": {"kind": "lift", "in": "site"}}}, **ON),
            rule(id="off", scope=LIGHTS, when={"not": {"running": {"of": {"kind": "lift", "in": "site"}}}}, **OFF),
        ],
    ),
    (
        "opposite wants at other times",
        [
            rule(id="on", scope=LIGHTS, when={"time": {"from": "18:00", "until": "22:00"}}, **ON),
            rule(id="off", scope=LIGHTS, when={"time": {"from": "22:00", "until": "06:00"}}, **OFF),
        ],
    ),
    (
        "opposite wants of other equipment",
        [
            rule(id="on", scope={"equipment": ["lights-401"]}, **ON),
            rule(id="off", scope={"equipment": ["lights-hall"]}, **OFF),
        ],
    ),
    (
        "opposite wants in other slots",
        [
            rule(id="on", scope=LIGHTS, **ON),
            rule(id="off", scope=LIGHTS, effect="want", want={"on": False, "slot": 11}),
        ],
    ),
    (
        "opposite wants in other years",
        [
            rule(id="on", scope=LIGHTS, valid_until="2027-01-01", **ON),
            rule(id="off", scope=LIGHTS, valid_from="2027-01-01", **OFF),
        ],
    ),
    (
        "complements",
        [
            rule(id="on", scope={"equipment": ["lights-401"]}, when={"occupied": True}, **ON),
            rule(id="off", scope={"equipment": ["lights-401"]}, when={"not": {"occupied": True}}, **OFF),
        ],
    ),
    (
        "two circuits may be above and below",
        [
            rule(
                when={"all": [{"power": {"of": "office", "above": 1}}, {"power": {"of": "office", "below": 0.1}}]},
                scope={"equipment": ["ac-401"]},
            ),
        ],
    ),
    ("a clause of a preset that is not in use", [rule(quote=None, clause="LT-01", scope=LIGHTS)]),
    (
        "a value of the preset",
        [rule(scope={"equipment": ["lights-401"]}, when={"occupied": False}, for_s="$vacancy_s")],
    ),
]


def test_every_mistake_is_named_with_its_place() -> None:
    for what, rules, expected in MISTAKES:
        found = told({"rules": rules}, severity="error")
        assert len(found) == len(expected), (what, found)
        assert all(text.startswith(start) for text, start in zip(found, expected, strict=True)), (what, found)


def test_what_is_odd_is_a_warning_and_keeps_nothing_from_running() -> None:
    for what, rules, expected in WARNINGS:
        found = told({"rules": rules})
        assert len(found) == len(expected), (what, found)
        assert all(text.startswith(start) for text, start in zip(found, expected, strict=True)), (what, found)
        assert told({"rules": rules}, severity="error") == []
        load_policy(house({"rules": rules}).file)


def test_what_is_right_is_not_told() -> None:
    for what, rules in GOOD:
        assert told({"rules": rules}) == [], what


def test_near_misses_are_asked_about() -> None:
    asked = [
        (rule(scop={}), "scope"),
        (rule(when={"occupid": False}), "occupied"),
        (rule(scope={"kinds": ["lightning"]}), "lighting"),
        (rule(when={"holiday": "National Dai"}), "National Day"),
        ({"id": "host-onn", "severity": "off"}, "host-on"),
    ]
    for raw, near in asked:
        site = house({"rules": [raw]})
        hints = [problem.hint for problem in check_policy(site.file, site) if problem.hint is not None]
        assert any(near in hint.en and near in hint.zh for hint in hints), (raw, hints)


def test_the_old_rules_stay_in_force_when_new_ones_are_bad() -> None:
    good = house({"rules": [rule(scope=LIGHTS)]})
    current = load_policy(good.file, good)
    bad = house({"rules": [rule(scope={"kinds": ["lightning"]})]})
    kept, problems = replaced(current, bad.file, bad)
    assert kept is current
    assert [problem.path for problem in problems] == [("policy", "rules", 0, "scope", "kinds", 0)]
    better = house({"rules": [rule(id="better", scope=LIGHTS)]})
    taken, problems = replaced(current, better.file, better)
    assert problems == []
    assert [entry.rule.id for entry in taken.written if entry.preset is None] == ["better"]


def test_rules_that_cannot_be_applied_are_not_loaded() -> None:
    site = house({"rules": [rule(quote=None, clause="OWN-9")]})
    with pytest.raises(PolicyError, match="OWN-9"):
        load_policy(site.file)


def test_an_own_clause_is_quoted_in_the_policy() -> None:
    policy = load_policy(house({"rules": [rule(scope=LIGHTS)]}).file)
    assert policy.clauses["OWN-01"].quote == QUOTE["quote"]
