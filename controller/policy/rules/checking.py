"""Rules written as data, checked before they act: whether they can hold, and whether they contradict each other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import combinations
from zoneinfo import ZoneInfo

from controller.policy.combining import all_presets, parameters_of, rules_of
from controller.policy.problems import PolicyProblem
from controller.policy.rules.conflicts import Checked, conflicts
from controller.policy.rules.gathering import Entered, Gathered, name_of, quoted_anywhere
from controller.policy.rules.places import Places
from controller.policy.rules.reach import Leaves
from controller.policy.rules.references import check_references
from controller.policy.rules.sensors import check_points
from controller.policy.schema import Parameters
from facility.model import Site
from facility.model.entries import SiteFile, ZoneClass
from facility.model.near import did_you_mean
from facility.text import Text


def check_rules(file: SiteFile, gathered: Gathered, site: Site | None, today: date | None) -> Iterator[PolicyProblem]:
    """Every mistake in the site's rules. Rules of presets are only told of where they contradict the site's own, each
    other, or the site itself.
    """
    entries = [entry for entry in gathered.entries if entry.rule.severity != "off"]
    yield from _duplicates(gathered.entries)
    quoted = {name for preset in all_presets(file) for name in preset.clauses}
    places = None if site is None else Places(site)
    for entry in entries:
        if entry.preset is not None:
            continue
        yield from _clause(entry, quoted)
        broken = list(check_references(entry, file))
        yield from broken
        if places is not None and not broken:
            yield from check_points(entry, places)
    leaves = Leaves(ZoneInfo(head.timezone) if (head := getattr(file, "site", None)) is not None else ZoneInfo("UTC"))
    checked = [Checked(entry, leaves.ways(entry.rule.when), _subjects(entry, places)) for entry in entries]
    for one in checked:
        yield from _reach(one, today)
        yield from _against_class(one, file)
    for one, other in combinations([one for one in checked if one.ways], 2):
        yield from conflicts(one, other, leaves)


def _subjects(entry: Entered, places: Places | None) -> frozenset[str] | None:
    if places is None:
        return None
    found = places.subjects(entry.rule.per, entry.rule.scope)
    return frozenset(
        subject.id for subject in found if subject.per != "equipment" or subject.zone_class in entry.classes
    )


def _duplicates(entries: list[Entered]) -> Iterator[PolicyProblem]:
    seen: dict[str, Entered] = {}
    for entry in entries:
        first = seen.setdefault(entry.rule.id, entry)
        if first is not entry:
            whose = Text(f"预设 {first.preset}", f"preset {first.preset}") if first.preset else Text("本站", "the site")
            yield PolicyProblem(
                path=(*entry.path, "id"),
                what=Text(
                    f"规则编号 `{entry.rule.id}` 重复，{whose.zh}已有同名规则",
                    f"rule id `{entry.rule.id}` is used twice, first by {whose.en}; expected a unique id",
                ),
            )


def _clause(entry: Entered, quoted: set[str]) -> Iterator[PolicyProblem]:
    rule = entry.rule
    if rule.quote is None and rule.clause not in quoted and quoted_anywhere(rule.clause) is None:
        yield PolicyProblem(
            path=(*entry.path, "clause"),
            what=Text(
                f"规则 {name_of(rule).zh} 引用的条款 `{rule.clause}` 没有原文，请写 `quote`",
                f"rule {name_of(rule).en} rests on `{rule.clause}`, which nobody quotes; write its words under `quote`",
            ),
            hint=did_you_mean(rule.clause, sorted(quoted)),
        )


def _reach(one: Checked, today: date | None) -> Iterator[PolicyProblem]:
    rule, path = one.rule, one.entry.path
    if one.ways is not None and not one.ways:
        yield PolicyProblem(
            path=(*path, "when"),
            what=Text(
                f"规则 {name_of(rule).zh} 的条件永远不会成立",
                f"the condition of rule {name_of(rule).en} can never hold",
            ),
        )
    if today is not None and rule.valid_until is not None and rule.valid_until <= today:
        yield PolicyProblem(
            path=(*path, "valid_until"),
            what=Text(
                f"规则 {name_of(rule).zh} 已于 {rule.valid_until} 失效",
                f"rule {name_of(rule).en} is over since {rule.valid_until}",
            ),
            severity="warning",
        )


def _against_class(one: Checked, file: SiteFile) -> Iterator[PolicyProblem]:
    """A rule's setpoints against those of the zone classes it reaches (X-01)."""
    limit = one.rule.limit
    if limit is None or one.rule.severity == "advise" or one.ways == []:
        return
    used = {space.zone_class for space in file.spaces}
    for zone_class in ZoneClass:
        if zone_class not in used or zone_class not in one.entry.classes:
            continue
        if one.rule.scope.classes and zone_class not in one.rule.scope.classes:
            continue
        if "setpoint" not in rules_of(file, zone_class):
            continue
        p = Parameters.model_validate(parameters_of(file, zone_class).parameters)
        pairs = (
            (limit.cool_high_c, p.setpoint_min_cool_c, Text("制冷", "cooling"), limit.cool_high_c),
            (p.setpoint_max_heat_c, limit.heat_low_c, Text("制热", "heating"), limit.heat_low_c),
        )
        for high_c, low_c, word, own_c in pairs:
            if high_c is not None and low_c is not None and high_c < low_c and own_c is not None:
                yield PolicyProblem(
                    path=(*one.entry.path, "limit"),
                    what=Text(
                        f"没有任何合法状态（X-01）：规则 {name_of(one.rule).zh} 的{word.zh}设定 {own_c:g} ℃ "
                        f"与 {zone_class.value} 的规定不相容",
                        f"no legal state is left (X-01): rule {name_of(one.rule).en} asks for {own_c:g} C when "
                        f"{word.en}, which the rules of {zone_class.value} exclude",
                    ),
                )
                return
