"""States the policy in force for readers: rule by rule, with the sentence each rests on."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter

from controller.policy.library import presets
from controller.policy.schema import Parameters, Preset
from controller.policy.site_policy import ClassRules, SitePolicy
from facility.errors import StoreUnavailable
from facility.journal import Journal
from facility.rule_statement import STATE_KEY, Places, PolicyStatement, StatedPreset, StatedRule
from facility.text import Text

log = logging.getLogger(__name__)

STATEMENT: Final = TypeAdapter(PolicyStatement)

TITLES: Final[Mapping[str, tuple[str, Text]]] = {
    "calendar": ("forbid", Text("休息日不供应", "no supply on days of rest")),
    "window": ("forbid", Text("供应时段", "supply hours")),
    "season": ("forbid", Text("供应季节", "supply season")),
    "cooling-permit": ("permit", Text("供冷许可（预报）", "cooling permit (forecast)")),
    "heating-permit": ("permit", Text("供暖许可（预报）", "heating permit (forecast)")),
    "cooling-measured": ("permit", Text("供冷室外温度", "outdoor temperature for cooling")),
    "heating-measured": ("permit", Text("供暖室外温度", "outdoor temperature for heating")),
    "rain": ("forbid", Text("下雨停止供冷", "no cooling in rain")),
    "overcast": ("forbid", Text("阴天停止供冷", "no cooling under overcast")),
    "sunshine": ("forbid", Text("晴天停止供暖", "no heating in sunshine")),
    "setpoint": ("limit", Text("设定温度限值", "setpoint limits")),
    "setpoint-ceiling": ("limit", Text("制冷设定温度上限", "highest cooling setpoint")),
    "room-limit": ("forbid", Text("室温限值", "room temperature limits")),
    "window-contact": ("forbid", Text("开窗停机", "off while a window is open")),
    "vacancy": ("forbid", Text("人走机停", "off when nobody is in")),
    "operator": ("limit", Text("专人操作", "named operators only")),
    "administration": ("permit", Text("行政科管理", "administration section manages")),
    "responsible-office": ("limit", Text("责任科室管理", "responsible office manages")),
    "climate": ("want", Text("全天候温湿度", "climate round the clock")),
    "kettle-window": ("forbid", Text("开水壶供水时段", "kettle hours")),
    "kettle-boiled": ("forbid", Text("开水壶烧开断电", "kettle off when boiled")),
}
"""Rule that is code under its name -> what it does, and what it is called."""

NUMBERS: Final[Mapping[str, tuple[str, ...]]] = {
    "window": ("window", "no_start_before_end_s"),
    "season": ("cooling_season", "heating_season"),
    "cooling-permit": ("cooling_permit_c", "permit_at", "forecast_max_age_s"),
    "heating-permit": ("heating_permit_c", "permit_at", "forecast_max_age_s"),
    "cooling-measured": ("cooling_measured_c", "outdoor_mean_s", "measured_hold_s", "restart_lockout_s"),
    "heating-measured": ("heating_measured_c", "outdoor_mean_s", "measured_hold_s", "restart_lockout_s"),
    "rain": ("weather_hold_s",),
    "overcast": ("overcast_cloud_percent", "weather_hold_s"),
    "sunshine": ("sunny_cloud_percent", "weather_hold_s"),
    "setpoint": ("setpoint_min_cool_c", "setpoint_max_heat_c"),
    "setpoint-ceiling": ("setpoint_ceiling_c",),
    "room-limit": ("room_min_cool_c", "room_max_heat_c", "room_tolerance_k", "room_mean_s"),
    "window-contact": ("window_open_s", "window_closed_s", "openings_per_hour"),
    "vacancy": ("vacancy_s",),
    "climate": ("climate_low_c", "climate_high_c", "humidity_low_percent", "humidity_high_percent"),
    "kettle-window": ("kettle_window", "kettle_workdays_only"),
    "kettle-boiled": ("kettle_boiled_percent", "kettle_boiled_s"),
}
"""Rule -> the parameters it goes by."""

SITE_WIDE_RULES: Final = ("kettle-window", "kettle-boiled")


def statement(policy: SitePolicy, stated: datetime) -> PolicyStatement:
    """What is in force, stated at `stated`."""
    rules = [rule for of_class in policy.classes.values() for rule in _of_class(policy, of_class)]
    rules += [
        _stated(policy, None, name, policy.parameters, policy.rules[name].severity, policy.rules[name].clause)
        for name in SITE_WIDE_RULES
        if name in policy.rules
    ]
    return PolicyStatement(
        stated=stated,
        preset=policy.preset,
        rules=tuple([*rules, *_written(policy)]),
        presets=tuple(_preset(preset) for preset in presets().values()),
    )


def _of_class(policy: SitePolicy, rules: ClassRules) -> Iterator[StatedRule]:
    for names, severity in ((rules.enforced, "enforce"), (rules.advised, "advise")):
        for name in TITLES:
            if name in names:
                clause = rules.clause_of.get(name)
                yield _stated(policy, rules, name, rules.parameters, severity, clause)


def _stated(  # noqa: PLR0917 - what a rule is
    policy: SitePolicy, rules: ClassRules | None, name: str, p: Parameters, severity: str, clause: str | None
) -> StatedRule:
    effect, title = TITLES[name]
    return StatedRule(
        zone_class=None if rules is None else rules.zone_class.value,
        rule=name,
        title=title,
        effect=effect if severity == "enforce" else "advise",
        severity=severity,
        preset=policy.preset if rules is None else rules.preset,
        clause=clause,
        parameters={number: _shown(getattr(p, number)) for number in NUMBERS.get(name, ()) if hasattr(p, number)},
        **_sentence(policy, clause),
    )


def _sentence(policy: SitePolicy, clause: str | None) -> dict[str, Any]:
    found = None if clause is None else policy.clauses.get(clause)
    if found is None:
        return {}
    return {"document": found.document, "article": found.article, "quote": found.quote, "reading": found.reading}


def _written(policy: SitePolicy) -> Iterator[StatedRule]:
    """The rules written as data, for each class they name; those that name none, once."""
    for entry in policy.written:
        rule, scope = entry.rule, entry.rule.scope
        places = Places(**{name: tuple(getattr(scope, name)) for name in Places.__dataclass_fields__})
        for zone_class in scope.classes or (None,):
            yield StatedRule(
                zone_class=None if zone_class is None else zone_class.value,
                rule=rule.id,
                title=rule.name.text,
                effect="advise" if rule.effect == "remind" else rule.effect,
                severity=rule.severity,
                preset=entry.preset,
                clause=rule.clause,
                parameters=dict(_timing(rule)),
                places=places,
                **_sentence(policy, rule.clause),
            )


def _timing(rule: Any) -> Iterator[tuple[str, str]]:
    for name in ("for_s", "release_s", "dwell_s"):
        if getattr(rule, name):
            yield name, _shown(getattr(rule, name))
    for name in ("valid_from", "valid_until"):
        if getattr(rule, name) is not None:
            yield name, str(getattr(rule, name))


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | int):
        return f"{value:g}"
    return f"{value:%H:%M}" if hasattr(value, "hour") else str(value)


def _preset(preset: Preset) -> StatedPreset:
    numbers = {name: value for name, value in preset.parameters.items() if isinstance(value, str | float | int | bool)}
    return StatedPreset(preset=preset.preset, name=preset.name.text, parameters=numbers)


def state_policy(journal: Journal, policy: SitePolicy, now: datetime) -> bool:
    """Keeps the statement of the policy in force in the journal, where it differs from what stands there; whether it
    did. A journal that is away keeps nobody from controlling the building: it is told in the log.
    """
    try:
        held = journal.load_state(STATE_KEY)
        told = STATEMENT.dump_python(statement(policy, now), mode="json")
        if isinstance(held, dict) and {**held, "stated": None} == {**told, "stated": None}:
            return False
        journal.save_state(STATE_KEY, told)
    except StoreUnavailable as error:
        log.warning("the policy in force could not be stated for readers: %s", error)
        return False
    return True
