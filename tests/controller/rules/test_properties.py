"""What holds for any rules and any inputs: limits, dwell, monotony, no heating beside cooling, unknown is not zero."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from controller.policy import load_policy
from controller.policy.facts import SupplyMemory, UnitFacts, UnitMemory, Weather
from controller.policy.findings import Finding
from controller.policy.rules.book import RuleMemory, step_rule
from controller.policy.rules.conditions import Compare
from controller.policy.rules.effects import Effects, Limit, Want
from controller.policy.rules.logic import Truth
from controller.policy.rules.probes import compared
from controller.policy.rules.schema import Rule
from controller.policy.rules.wording import Saying
from controller.policy.supply import step_supply
from controller.policy.units import UnitVerdict, decide_unit
from controller.policy.zones import class_verdict
from facility.commands import Fan, Mode, Wish
from facility.decisions import Effect
from facility.model.entries import ZoneClass
from facility.text import Text
from tests.controller.rules.house import Desk, house, rule

MAYBE = st.one_of(st.none(), st.booleans())
SETPOINTS = st.one_of(st.none(), st.floats(16, 34).map(lambda value: round(value, 1)))
WISHES = st.builds(
    Wish, on=MAYBE, mode=st.one_of(st.none(), st.sampled_from(Mode)), setpoint_c=SETPOINTS, fan=st.just(Fan.AUTO)
)
OFFICE = load_policy(house({"preset": "street_office", "parameters": {"window": "08:00-17:00"}}).file).of_class(
    ZoneClass.OFFICE
)
DEFAULT = load_policy(house({}).file).of_class(ZoneClass.OFFICE)
DESK = Desk({}, "10:00")
PLAN = DESK.plans()[ZoneClass.OFFICE]
NOW = DESK.now


def finding(code: str, effect: Effect) -> Finding:
    """What a rule says."""
    return Finding(code, effect, code, (Saying(Text(code, code), effect, None, None, effect),))


def limit(number: int, low: float | None, high: float | None, season: Mode) -> Limit:
    """A limit of cooling or heating."""
    said = finding(f"limit-{number}", Effect.LIMIT)
    return Limit(low, high, None, None, said) if season is Mode.COOL else Limit(None, None, low, high, said)


LIMITS = st.builds(limit, st.integers(0, 9), SETPOINTS, SETPOINTS, st.sampled_from([Mode.COOL, Mode.HEAT]))
WANTS = st.builds(
    lambda wish, slot: Want(wish, slot, finding(f"want-{slot}", Effect.WANT)), WISHES, st.sampled_from([5, 10, 12, 15])
)
EFFECTS = st.builds(
    Effects,
    forbids=st.lists(st.just(finding("no", Effect.FORBID)), max_size=1).map(tuple),
    holds=st.lists(st.just(finding("wait", Effect.HOLD)), max_size=1).map(tuple),
    limits=st.lists(LIMITS, max_size=3).map(tuple),
    wants=st.lists(WANTS, max_size=3).map(tuple),
)
FACTS = st.builds(UnitFacts, observed=WISHES, fresh=st.booleans(), window_open=MAYBE, present=MAYBE)


def decided(facts: UnitFacts, effects: Effects) -> UnitVerdict:
    """The verdict where nothing but `effects` narrows anything, within hours."""
    memory = step_supply(SupplyMemory(), Weather(), PLAN, OFFICE.parameters, NOW)
    of_class = class_verdict(OFFICE, memory, Weather(), PLAN, NOW)
    return decide_unit(OFFICE, of_class, facts, UnitMemory(), NOW, effects=effects)[0]


@settings(max_examples=80, deadline=None)
@given(FACTS, EFFECTS)
def test_no_decision_leaves_what_rules_forbid_hold_or_limit(facts: UnitFacts, effects: Effects) -> None:
    verdict = decided(facts, effects)
    wanted = verdict.wanted
    if effects.forbids:
        assert wanted.on is False
        assert verdict.legal.must_be_off
    if effects.holds and facts.observed.on is not True:
        assert wanted.on is False
        assert not verdict.legal.start
    if wanted.on and wanted.mode is not None:
        assert wanted.mode in verdict.legal.modes
    if wanted.on and wanted.setpoint_c is not None and wanted.mode not in (None, Mode.FAN):
        for one in effects.limits:
            low, high = (
                (one.heat_low_c, one.heat_high_c) if wanted.mode is Mode.HEAT else (one.cool_low_c, one.cool_high_c)
            )
            assert low is None or wanted.setpoint_c >= low
            assert high is None or wanted.setpoint_c <= high


@settings(max_examples=25, deadline=None)
@given(FACTS, EFFECTS)
def test_the_same_inputs_give_the_same_decision(facts: UnitFacts, effects: Effects) -> None:
    assert decided(facts, effects) == decided(facts, effects)


@settings(max_examples=40, deadline=None)
@given(FACTS, EFFECTS, EFFECTS)
def test_fewer_rules_never_make_it_stricter(facts: UnitFacts, effects: Effects, more: Effects) -> None:
    both = effects._replace(
        forbids=effects.forbids + more.forbids, holds=effects.holds + more.holds, limits=effects.limits + more.limits
    )
    strict, loose = decided(facts, both).legal, decided(facts, effects).legal
    assert set(strict.modes) <= set(loose.modes)
    assert loose.start or not strict.start
    assert strict.must_be_off or not loose.must_be_off
    for mode, allowed in strict.modes.items():
        assert loose.modes[mode].clamp(allowed.clamp(24.0)) == allowed.clamp(24.0)


@settings(max_examples=25, deadline=None)
@given(FACTS, EFFECTS)
def test_no_rule_brings_heating_beside_cooling_where_permits_tell_them_apart(
    facts: UnitFacts, effects: Effects
) -> None:
    memory = step_supply(SupplyMemory(), Weather(), PLAN, DEFAULT.parameters, NOW)
    of_class = class_verdict(DEFAULT, memory, Weather(), PLAN, NOW)
    verdict = decide_unit(DEFAULT, of_class, facts, UnitMemory(), NOW, effects=effects)[0]
    assert not {Mode.COOL, Mode.HEAT} <= set(verdict.legal.modes)
    assert verdict.wanted.mode is not Mode.HEAT or verdict.wanted.on is not True or Mode.HEAT in verdict.legal.modes


LEDGER = st.lists(st.tuples(st.integers(1, 400), MAYBE), min_size=1, max_size=40)


def own(**times: float) -> Rule:
    """A rule with these delays."""
    return Rule.model_validate(rule(**times))


@settings(max_examples=50, deadline=None)
@given(LEDGER, st.sampled_from([0.0, 60.0, 600.0]), st.sampled_from([0.0, 60.0]), st.sampled_from([300.0, 900.0]))
def test_no_rule_changes_faster_than_its_dwell(ledger: Any, for_s: float, release_s: float, dwell_s: float) -> None:
    of_rule, memory, now = own(for_s=for_s, release_s=release_s, dwell_s=dwell_s), RuleMemory(), NOW
    acted: list[Any] = []
    for seconds, seen in ledger:
        now += timedelta(seconds=seconds)
        was, memory = memory.acts, step_rule(of_rule, seen, memory, now)
        if memory.acts is not was and (was is not None or memory.acts):
            acted.append(now)
    assert all((later - earlier).total_seconds() >= dwell_s for earlier, later in pairwise(acted))


@settings(max_examples=40, deadline=None)
@given(LEDGER, st.sampled_from([0.0, 60.0]))
def test_what_is_not_known_never_makes_a_rule_act(ledger: Any, for_s: float) -> None:
    of_rule, memory, now = own(for_s=for_s), RuleMemory(), NOW
    for seconds, seen in ledger:
        now += timedelta(seconds=seconds)
        was, memory = memory.acts, step_rule(of_rule, seen, memory, now)
        if memory.acts and not was:
            assert seen is True


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-50, 50), min_size=1, max_size=30), st.floats(-20, 20), st.floats(0, 10))
def test_hysteresis_never_ends_between_its_marks(values: list[float], limit_at: float, gap: float) -> None:
    test, was = Compare(above=limit_at, until_below=limit_at - gap), None
    for value in values:
        now: Truth = compared(test, value, was)
        if now is not was and was is not None:
            assert value > limit_at or value < limit_at - gap
        was = now


def test_zero_is_a_value_and_nothing_is_not() -> None:
    freezing = rule(when={"outdoor": {"below": 1}}, scope={"equipment": ["lights-401"]})
    for outdoor_c, forbidden in ((0.0, True), (None, False), (1.0, False)):
        desk = Desk({"rules": [freezing]})
        desk.sky(outdoor_c=outdoor_c)
        desk.step()
        assert bool(desk.effects("lights-401").forbids) is forbidden, outdoor_c
