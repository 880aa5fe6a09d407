"""Two rules against each other: contradictions that cannot both be obeyed, and rules that another one makes idle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from controller.policy.problems import PolicyProblem
from controller.policy.rules.gathering import Entered, name_of
from controller.policy.rules.reach import Leaves, Way
from controller.policy.rules.schema import LimitPart, Rule
from facility.commands import Mode
from facility.text import Text

STRICTNESS: Final = ("off", "advise", "default", "enforce")
_DIMENSIONS: Final = ("classes", "kinds", "buildings", "floors", "offices", "spaces", "equipment")


@dataclass(frozen=True, slots=True)
class Checked:
    """A rule with the ways in which its condition can hold and what it holds for; None where that is not known."""

    entry: Entered
    ways: list[Way] | None
    subjects: frozenset[str] | None

    @property
    def rule(self) -> Rule:
        """The rule itself."""
        return self.entry.rule


def conflicts(one: Checked, other: Checked, leaves: Leaves) -> Iterator[PolicyProblem]:
    """What two rules do to each other; nothing where they never meet."""
    first, second = one.rule, other.rule
    if "remind" in (first.effect, second.effect) or not _overlap(one, other) or not _same_days(first, second):
        return
    assert one.ways is not None
    assert other.ways is not None
    against = _contradiction(first, second)
    if against is not None and leaves.meet(one.ways, other.ways):
        yield _told(one, other, against)
    elif {first.effect, second.effect} == {"permit", "forbid"}:
        permit, forbid = (one, other) if first.effect == "permit" else (other, one)
        if _binds(forbid.rule) and leaves.follows(permit.ways or [], forbid.ways or []):
            yield _told(one, other, Text("没有任何合法状态（X-01）：允许时必被禁止", "no legal state is left (X-01)"))
    else:
        yield from _idle(one, other, leaves)
        yield from _idle(other, one, leaves)


def _binds(rule: Rule) -> bool:
    return rule.severity in ("enforce", "default")


def _contradiction(one: Rule, other: Rule) -> Text | None:
    """Why two rules cannot both be obeyed while both hold, None when they can."""
    if not (_binds(one) and _binds(other)):
        return None
    if one.want is not None and other.want is not None and one.want.slot == other.want.slot:
        mine, theirs = one.want.wish, other.want.wish
        if None not in (mine.on, theirs.on) and mine.on is not theirs.on:
            return Text("一个要开，一个要关", "one wants it on, the other off")
        modes = {mine.mode, theirs.mode} - {None}
        if modes == {Mode.COOL, Mode.HEAT}:
            return Text("一个要制冷，一个要制热", "one wants cooling, the other heating")
        if len(modes) > 1 or (
            None not in (mine.setpoint_c, theirs.setpoint_c) and mine.setpoint_c != theirs.setpoint_c
        ):
            return Text("要求的模式或设定温度不同", "they want different modes or setpoints")
    if one.limit is not None and other.limit is not None and _is_empty(one.limit, other.limit):
        return Text(
            "没有任何合法状态（X-01）：设定温度范围没有交集", "no legal state is left (X-01): no setpoint meets both"
        )
    return None


def _is_empty(one: LimitPart, other: LimitPart) -> bool:
    for low, high in (("cool_low_c", "cool_high_c"), ("heat_low_c", "heat_high_c")):
        lows = [value for part in (one, other) if (value := getattr(part, low)) is not None]
        highs = [value for part in (one, other) if (value := getattr(part, high)) is not None]
        if lows and highs and max(lows) > min(highs):
            return True
    return False


def _told(one: Checked, other: Checked, why: Text) -> PolicyProblem:
    mine, theirs = name_of(one.rule), name_of(other.rule)
    later = other if other.entry.preset is None or one.entry.preset is not None else one
    return PolicyProblem(
        path=later.entry.path,
        what=Text(
            f"规则 {mine.zh} 与 {theirs.zh} 矛盾：{why.zh}（{one.rule.clause}、{other.rule.clause}）",
            f"rules {mine.en} and {theirs.en} contradict each other: {why.en} ({one.rule.clause}, {other.rule.clause})",
        ),
    )


def _idle(one: Checked, by: Checked, leaves: Leaves) -> Iterator[PolicyProblem]:
    """`one` never has an effect of its own, because `by` always does the same, or forbids it."""
    rule, wider = one.rule, by.rule
    does_same = (rule.effect, rule.want, rule.limit) == (wider.effect, wider.want, wider.limit)
    starts = rule.want is not None and rule.want.on is True
    if not (does_same or (starts and wider.effect == "forbid")) or one.entry.preset is not None:
        return
    if STRICTNESS.index(wider.severity) < STRICTNESS.index(rule.severity) or wider.for_s > rule.for_s:
        return
    if rule.valid_from != wider.valid_from or rule.valid_until != wider.valid_until:
        return
    if does_same and wider.when == rule.when and one.subjects == by.subjects and one.entry.path < by.entry.path:
        return  # of two that are the same, the later is told
    if _is_within(one, by) and leaves.follows(one.ways or [], by.ways or []):
        yield PolicyProblem(
            path=one.entry.path,
            what=Text(
                f"规则 {name_of(rule).zh} 不起作用：{name_of(wider).zh} 总是先于它",
                f"rule {name_of(rule).en} never has an effect of its own: {name_of(wider).en} always comes first",
            ),
            severity="warning" if does_same else "error",
        )


def _same_days(one: Rule, other: Rule) -> bool:
    begins = [day for day in (one.valid_from, other.valid_from) if day is not None]
    ends = [day for day in (one.valid_until, other.valid_until) if day is not None]
    return not begins or not ends or max(begins) < min(ends)


def _overlap(one: Checked, other: Checked) -> bool:
    if one.subjects is not None and other.subjects is not None and one.rule.per == other.rule.per:
        return not one.subjects.isdisjoint(other.subjects)
    mine, theirs = one.rule.scope, other.rule.scope
    return all(_meets(getattr(mine, name), getattr(theirs, name)) for name in _DIMENSIONS)


def _meets(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return not one or not other or not set(one).isdisjoint(other)


def _is_within(one: Checked, wider: Checked) -> bool:
    if one.rule.per != wider.rule.per:
        return False
    if one.subjects is not None and wider.subjects is not None:
        return bool(one.subjects) and one.subjects <= wider.subjects
    mine, theirs = one.rule.scope, wider.rule.scope
    return all(_holds(getattr(mine, name), getattr(theirs, name)) for name in _DIMENSIONS)


def _holds(one: tuple[str, ...], wider: tuple[str, ...]) -> bool:
    return not wider or (bool(one) and set(one) <= set(wider))
