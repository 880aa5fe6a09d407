"""All rules written as data that a site goes by: those of its presets, changed as the site says, and its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from controller.policy.combining import all_presets, presets_of, site_presets
from controller.policy.library import presets
from controller.policy.problems import PolicyProblem
from controller.policy.rules.reading import Path, names_in, read_rule, unknown_word
from controller.policy.rules.schema import Change, Rule
from controller.policy.schema import Clause, Parameters, Preset
from facility.model.entries import SiteFile, ZoneClass
from facility.text import Text

ALL_CLASSES = frozenset(ZoneClass)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """A rule and where it stands: its preset (None: the site's own), the classes for which that preset holds, and the
    place in the site file that answers for it.
    """

    rule: Rule
    preset: str | None
    classes: frozenset[ZoneClass]
    path: Path


@dataclass(slots=True, kw_only=True)
class Gathered:
    """The rules in force, the values they refer to, rules of presets that wait for a value that the site has not given
    (with the names of what is missing), and what is wrong.
    """

    entries: list[Entered] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    waiting: list[tuple[Preset, Mapping[str, Any], tuple[str, ...]]] = field(default_factory=list)
    problems: list[PolicyProblem] = field(default_factory=list)


def gather(file: SiteFile) -> Gathered:
    """Collects the rules of a site file. Nothing raises: what cannot be read is among the problems."""
    found = Gathered(values=_values(file))
    for preset in all_presets(file):
        _enter_preset(found, file, preset)
    for number, raw in enumerate(file.policy.rules):
        path: Path = ("policy", "rules", number)
        rule, problems = read_rule(raw, found.values, path)
        found.problems.extend(problems)
        if isinstance(rule, Change):
            _change(found, rule, path)
        elif rule is not None:
            found.entries.append(Entered(rule=rule, preset=None, classes=ALL_CLASSES, path=path))
    return found


def _values(file: SiteFile) -> dict[str, Any]:
    """What rules may refer to: values of presets, parameters as they are written, the site's own words on top."""
    values = {name: value for name, value in Parameters().model_dump().items() if isinstance(value, int | float)}
    for preset in reversed(all_presets(file)):
        values |= preset.parameters | preset.values
    return {**values, **{str(name): value for name, value in file.policy.parameters.items()}}


def known_names(file: SiteFile) -> set[str]:
    """Every name that may stand under `policy.parameters`."""
    found = set(Parameters.model_fields)
    for preset in all_presets(file):
        found |= set(preset.values) | set(preset.open)
    return found | {name for raw in file.policy.rules for name in names_in(raw)}


def _enter_preset(found: Gathered, file: SiteFile, preset: Preset) -> None:
    is_sitewide = preset in site_presets(file)
    holds_for = {zone_class for zone_class in ZoneClass if preset in presets_of(file, zone_class)}
    classes = frozenset(holds_for | (set(ZoneClass) - set(preset.classes) if is_sitewide else set()))
    path: Path = ("policy", "preset") if preset.preset == file.policy.preset else ("policy", "also")
    known = {entry.rule.id for entry in found.entries}
    for raw in preset.data_rules:
        missing = tuple(dict.fromkeys(name for name in names_in(raw) if name not in found.values))
        if missing:
            found.waiting.append((preset, raw, missing))
        elif raw["id"] not in known:  # presets that are like one another bring the same rule
            rule, problems = read_rule(raw, found.values, path)
            if isinstance(rule, Rule):
                found.entries.append(Entered(rule=rule, preset=preset.preset, classes=classes, path=path))
            found.problems.extend(_about_values(problem, raw) for problem in problems)


def _about_values(problem: PolicyProblem, raw: Mapping[str, Any]) -> PolicyProblem:
    """A shipped rule can only be wrong by the value that the site gave it."""
    names = list(dict.fromkeys(names_in(raw)))
    words = "、".join(f"`{name}`" for name in names), ", ".join(f"`{name}`" for name in names)
    what = Text(
        f"规则 {raw['id']} 用到 {words[0]}：{problem.what.zh}",
        f"rule {raw['id']} refers to {words[1]}: {problem.what.en}",
    )
    return PolicyProblem(path=("policy", "parameters", *names[:1]), what=what, hint=problem.hint)


def _change(found: Gathered, change: Change, path: Path) -> None:
    for number, entry in enumerate(found.entries):
        if entry.rule.id == change.id and entry.preset is not None:
            rule = change.applied(entry.rule)
            found.entries[number] = Entered(rule=rule, preset=entry.preset, classes=entry.classes, path=path)
            return
    waiting = [str(raw["id"]) for _, raw, _ in found.waiting]
    if change.id in waiting:
        found.waiting = [item for item in found.waiting if item[1]["id"] != change.id or change.severity != "off"]
        return
    known = [entry.rule.id for entry in found.entries if entry.preset is not None] + waiting
    found.problems.append(
        unknown_word((*path, "id"), "可更改的预设规则", "rule of a preset to change", change.id, known)
    )


def clauses_of(file: SiteFile, gathered: Gathered) -> dict[str, Clause]:
    """Every clause that the site's presets quote, or that a rule of its own quotes or cites from another preset."""
    found = {name: clause for preset in reversed(all_presets(file)) for name, clause in preset.clauses.items()}
    for entry in gathered.entries:
        clause = entry.rule.quote or quoted_anywhere(entry.rule.clause)
        if entry.rule.clause not in found and clause is not None:
            found[entry.rule.clause] = clause
    return found


def quoted_anywhere(clause: str) -> Clause | None:
    """A clause as any shipped preset quotes it."""
    return next((known.clauses[clause] for known in presets().values() if clause in known.clauses), None)


def name_of(rule: Rule) -> Text:
    """A rule as people call it."""
    return Text(f"“{rule.name.text.zh}”（{rule.id}）", f"“{rule.name.text.en}” ({rule.id})")
