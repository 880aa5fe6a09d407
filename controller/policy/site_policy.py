"""The rules of one site: its presets combined per zone class, its parameters filled in, its own rules beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, TypedDict

from controller.policy.checking import check_policy
from controller.policy.combining import (
    all_presets,
    base_preset,
    clause_of_part,
    parameters_of,
    presets_of,
    rules_of,
    site_presets,
)
from controller.policy.library import presets
from controller.policy.problems import PolicyProblem
from controller.policy.rules.book import RuleInForce
from controller.policy.rules.gathering import clauses_of, gather
from controller.policy.schema import Clause, Parameters, RuleEntry, Severity
from facility.commands import Fan, Mode, Wish
from facility.envelope import Range
from facility.errors import PolicyError
from facility.model import Site
from facility.model.entries import SiteFile, ZoneClass

__all__ = [
    "ClassRules", "PolicyProblem", "Seasons", "SitePolicy", "check_policy", "load_policy", "replaced", "seasons",
]  # fmt: skip

_STOPS: Final = {"rain": "rain_stop", "overcast": "overcast_stop", "sunshine": "sunshine_stop"}
SEASON_RULES: Final = frozenset({
    "season", "cooling-permit", "heating-permit", "cooling-measured", "heating-measured",
})  # fmt: skip
"""Rules that tell cooling and heating apart; without any of them both are allowed, and people choose."""
LIMITED: Final = frozenset({"setpoint"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassRules:
    """What holds for one zone class: `enforced` and `advised` rule names, `clause_of` each, and the numbers.

    `cooling_modes` and `heating_modes` are the modes that a season's permit covers with the setpoints allowed in each:
    auto and dry count as cooling, fan only needs no permit. The wishes are what the controller itself starts with.
    `presets` are those that are combined, `origin_of` names the preset that each parameter comes from ("": the site).
    """

    zone_class: ZoneClass
    preset: str
    enforced: frozenset[str]
    advised: frozenset[str]
    clause_of: Mapping[str, str]
    parameters: Parameters
    cooling_modes: Mapping[Mode, Range]
    heating_modes: Mapping[Mode, Range]
    cooling_wish: Wish
    heating_wish: Wish
    presets: tuple[str, ...] = ()
    origin_of: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_climate(self) -> bool:
        """Kept within its own limits round the clock, without permits."""
        return "climate" in self.enforced

    @property
    def has_seasons(self) -> bool:
        """Whether any rule says when to cool and when to heat."""
        return not SEASON_RULES.isdisjoint(self.enforced)


@dataclass(frozen=True, slots=True, kw_only=True)
class SitePolicy:
    """All rules of a site. `clauses` holds every clause that a rule rests on, with its words; `written` are the rules
    written as data, those of presets first; `values` are the numbers and words that they refer to.
    """

    preset: str
    parameters: Parameters
    classes: Mapping[ZoneClass, ClassRules]
    clauses: Mapping[str, Clause]
    rules: Mapping[str, RuleEntry]
    written: tuple[RuleInForce, ...] = ()
    presets: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)

    def of_class(self, zone_class: ZoneClass) -> ClassRules:
        """The rules of one zone class."""
        return self.classes[zone_class]


def load_policy(file: SiteFile, site: Site | None = None) -> SitePolicy:
    """The site's rules. With `site`, what rules look at is checked against its points and sensors too.

    Raises:
        PolicyError: they cannot be applied; the message names every mistake.
    """
    problems = [problem for problem in check_policy(file, site) if problem.severity == "error"]
    if problems:
        raise PolicyError("; ".join(str(problem) for problem in problems))
    gathered, main = gather(file), presets()[file.policy.preset]
    written_clauses = {entry.rule.id: entry.rule.clause for entry in gathered.entries}
    classes = {zone_class: _class_rules(file, zone_class, written_clauses) for zone_class in ZoneClass}
    rules: dict[str, RuleEntry] = {}
    for preset in reversed(site_presets(file)):
        rules |= preset.by_name
    return SitePolicy(
        preset=main.preset,
        parameters=Parameters.model_validate(_site_parameters(file)),
        classes=classes,
        clauses=clauses_of(file, gathered),
        rules=rules,
        written=tuple(
            RuleInForce(entry.rule, entry.preset, entry.classes)
            for entry in gathered.entries
            if entry.rule.severity != "off"
        ),
        presets=tuple(preset.preset for preset in all_presets(file)),
        values=gathered.values,
    )


def replaced(current: SitePolicy, file: SiteFile, site: Site | None = None) -> tuple[SitePolicy, list[PolicyProblem]]:
    """The rules of `file` in place of `current`, and what is wrong with them. With an error in them `current` stays."""
    problems = check_policy(file, site)
    if any(problem.severity == "error" for problem in problems):
        return current, problems
    return load_policy(file, site), problems


def check_loaded(file: SiteFile, site: Site | None, today: date) -> list[PolicyProblem]:
    """`check_policy` on a date: what is over by then is told too."""
    return check_policy(file, site, today=today)


def _site_parameters(file: SiteFile) -> Mapping[str, Any]:
    from controller.policy.combining import combined

    own = {name: value for name, value in file.policy.parameters.items() if name in Parameters.model_fields}
    return {**combined(site_presets(file)).parameters, **own}


def _class_rules(file: SiteFile, zone_class: ZoneClass, written: Mapping[str, str]) -> ClassRules:
    own, found, chosen = presets_of(file, zone_class), rules_of(file, zone_class), parameters_of(file, zone_class)
    parameters = Parameters.model_validate(chosen.parameters)
    by_severity: dict[Severity, set[str]] = {"enforce": set(), "advise": set(), "off": set()}
    for name, (_, entry) in found.items():
        by_severity[_severity(name, entry, parameters)].add(name)
    enforced = frozenset(by_severity["enforce"])
    clause_of = dict(written)
    for preset in (*reversed(site_presets(file)), *reversed(own)):
        clause_of |= {name: entry.clause for name, entry in preset.by_name.items()}
    clause_of |= {name: entry.clause for name, (_, entry) in found.items()}
    for part in ("setpoint-cool", "setpoint-heat"):
        clause = clause_of_part(part, found, own, chosen.origin_of)
        if clause is not None:
            clause_of[part] = clause
    return ClassRules(
        zone_class=zone_class,
        preset=base_preset(file, zone_class),
        enforced=enforced,
        advised=frozenset(by_severity["advise"]),
        clause_of=clause_of,
        parameters=parameters,
        presets=tuple(preset.preset for preset in own),
        origin_of=chosen.origin_of,
        **seasons(parameters, enforced),
    )


class Seasons(TypedDict):
    """What a season's permit covers, and what the controller starts with."""

    cooling_modes: Mapping[Mode, Range]
    heating_modes: Mapping[Mode, Range]
    cooling_wish: Wish
    heating_wish: Wish


def seasons(p: Parameters, enforced: frozenset[str] = LIMITED) -> Seasons:
    """The modes and wishes that follow from the setpoint limits; without the rule `setpoint` there are none."""
    is_limited = "setpoint" in enforced
    low_c = p.setpoint_min_cool_c if is_limited else None
    high_c = p.setpoint_ceiling_c if "setpoint-ceiling" in enforced else None
    cool, heat = Range(low_c=low_c, high_c=high_c), Range(high_c=p.setpoint_max_heat_c if is_limited else None)
    return Seasons(
        cooling_modes={Mode.COOL: cool, Mode.DRY: cool, Mode.AUTO: cool, Mode.FAN: Range()},
        heating_modes={Mode.HEAT: heat, Mode.FAN: Range()},
        cooling_wish=Wish(on=True, mode=Mode.COOL, setpoint_c=low_c if low_c is not None else high_c, fan=Fan.AUTO),
        heating_wish=Wish(on=True, mode=Mode.HEAT, setpoint_c=heat.high_c, fan=Fan.AUTO),
    )


def _severity(name: str, entry: RuleEntry, parameters: Parameters) -> Severity:
    chosen: Severity | None = getattr(parameters, _STOPS[name]) if name in _STOPS else None
    return entry.severity if chosen is None else chosen
