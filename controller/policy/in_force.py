"""Which rule holds where, by which sentence, with which numbers: a site's rules as people read them, as plain data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from controller.policy.combining import LEADING, all_presets
from controller.policy.library import presets
from controller.policy.rules.gathering import Entered, gather
from controller.policy.rules.places import Places
from controller.policy.rules.schema import Rule
from controller.policy.rules.sensors import is_served, subjects_of
from controller.policy.schema import Clause, Preset
from controller.policy.site_policy import ClassRules, SitePolicy
from facility.model import Site
from facility.model.entries import ZoneClass
from facility.text import Text

PARAMETERS: Final[Mapping[str, tuple[str, ...]]] = {
    "window": ("window", "no_start_before_end_s"),
    "season": ("cooling_season", "heating_season"),
    "cooling-permit": ("permit_at", "cooling_permit_c", "forecast_max_age_s"),
    "heating-permit": ("permit_at", "heating_permit_c", "forecast_max_age_s"),
    "cooling-measured": ("cooling_measured_c", "outdoor_mean_s", "measured_hold_s", "restart_lockout_s"),
    "heating-measured": ("heating_measured_c", "outdoor_mean_s", "measured_hold_s", "restart_lockout_s"),
    "rain": ("weather_hold_s",),
    "overcast": ("overcast_cloud_percent", "weather_hold_s"),
    "sunshine": ("sunny_cloud_percent", "weather_hold_s"),
    "setpoint": ("setpoint_min_cool_c", "setpoint_max_heat_c"),
    "setpoint-ceiling": ("setpoint_ceiling_c",),
    "room-limit": ("room_min_cool_c", "room_max_heat_c", "room_tolerance_k"),
    "window-contact": ("window_open_s", "window_closed_s", "openings_per_hour"),
    "vacancy": ("vacancy_s",),
    "climate": ("climate_low_c", "climate_high_c", "humidity_low_percent", "humidity_high_percent"),
    "kettle-window": ("kettle_window", "kettle_workdays_only"),
    "kettle-boiled": ("kettle_boiled_percent", "kettle_boiled_s"),
}
"""Built-in rule -> the parameters that it goes by."""

NAMES: Final[Mapping[str, Text]] = {
    "calendar": Text("工作日", "Workdays"),
    "window": Text("供应时间", "Supply hours"),
    "season": Text("供冷季与供暖季", "Seasons"),
    "cooling-permit": Text("供冷许可（预报）", "Permit for cooling (forecast)"),
    "heating-permit": Text("供暖许可（预报）", "Permit for heating (forecast)"),
    "cooling-measured": Text("供冷的室外实测温度", "Measured temperature for cooling"),
    "heating-measured": Text("供暖的室外实测温度", "Measured temperature for heating"),
    "rain": Text("下雨停冷", "No cooling in rain"),
    "overcast": Text("阴天停冷", "No cooling under an overcast sky"),
    "sunshine": Text("晴天停暖", "No heating in sunshine"),
    "setpoint": Text("设定温度限值", "Limits of setpoints"),
    "setpoint-ceiling": Text("制冷设定温度上限", "Highest setpoint of cooling"),
    "room-limit": Text("室温限值", "Limits of room temperature"),
    "window-contact": Text("送风期间禁止开窗", "No open windows"),
    "vacancy": Text("人走设备停", "Off when nobody is in"),
    "operator": Text("专人操作", "Named operators"),
    "administration": Text("行政科管理", "The administration section manages"),
    "responsible-office": Text("公共区域责任科室", "Responsible offices of shared rooms"),
    "climate": Text("全天温湿度控制", "Climate round the clock"),
    "kettle-window": Text("开水壶时间", "Hours of the kettle"),
    "kettle-boiled": Text("烧开断电", "Off when boiled"),
}


EFFECTS: Final[Mapping[str, str]] = {
    "calendar": "forbid",
    "window": "forbid",
    "season": "forbid",
    "cooling-permit": "permit",
    "heating-permit": "permit",
    "cooling-measured": "permit",
    "heating-measured": "permit",
    "rain": "forbid",
    "overcast": "forbid",
    "sunshine": "forbid",
    "setpoint": "limit",
    "setpoint-ceiling": "limit",
    "room-limit": "limit",
    "window-contact": "forbid",
    "vacancy": "forbid",
    "operator": "limit",
    "administration": "permit",
    "responsible-office": "limit",
    "climate": "want",
    "kettle-window": "forbid",
    "kettle-boiled": "forbid",
}
"""Built-in rule -> what it does."""


def in_force(policy: SitePolicy, site: Site) -> list[dict[str, Any]]:
    """Every rule of the site, and every clause of its presets that no rule serves, as rows of JSON values.

    A row has: `rule`, `name` {zh, en}, `clause`, `quote`, `reading`, `document`, `severity` (enforce, default, advise,
    off; "" where no rule serves the clause), `effect` (permit, forbid, hold, limit, want, remind; "elsewhere" for such
    a clause), `classes` and `scope`, `equipment` (how many it holds for; None: not counted), `parameters`, `preset`
    (None: the site's own), `served`, and `why_not` {zh, en} where it is not.
    """
    rows = [*_built_in(policy), *_kettle_rules(policy)]
    gathered, places = gather(site.file), Places(site)
    rows += [_written(policy, entry, places) for entry in gathered.entries]
    rows += [_waiting(policy, *item) for item in gathered.waiting]
    rows += _elsewhere(policy, site)
    return rows


def _row(policy: SitePolicy, clause: str, **values: Any) -> dict[str, Any]:
    words: Clause | None = policy.clauses.get(clause)
    return {
        "clause": clause,
        "quote": None if words is None else words.quote,
        "reading": None if words is None else words.reading,
        "document": None if words is None else f"{words.document}{words.article}",
        "effect": "elsewhere", "scope": {}, "classes": [], "equipment": None, "parameters": {}, "preset": None,
        "served": True, "why_not": None,
        **values,
    }  # fmt: skip


def _names(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def _built_in(policy: SitePolicy) -> Iterator[dict[str, Any]]:
    """One row for every rule, clause and set of numbers, with the classes that share them."""
    found: dict[tuple[str, str, str, str, str], dict[str, Any]] = {}
    for zone_class, rules in policy.classes.items():
        for rule in (*sorted(rules.enforced), *sorted(rules.advised)):
            severity = "enforce" if rule in rules.enforced else "advise"
            for part, clause, names in _halves(rules, rule):
                numbers = {name: _plain(getattr(rules.parameters, name)) for name in names}
                preset = rules.origin_of.get(LEADING.get(part, ""), rules.preset) or rules.preset
                preset = _bringer(policy, rule, clause, preset)
                key = (part, clause, severity, repr(numbers), preset)
                row = found.setdefault(
                    key,
                    _row(
                        policy, clause, rule=rule, name=_names(NAMES[rule]), severity=severity, parameters=numbers,
                        preset=preset, effect=EFFECTS[rule],
                    ),
                )  # fmt: skip
                row["classes"].append(zone_class.value)
    yield from found.values()


def _halves(rules: ClassRules, rule: str) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """A rule with its clause and numbers; the setpoint rule in two halves where two clauses bind."""
    cool, heat = rules.clause_of.get("setpoint-cool"), rules.clause_of.get("setpoint-heat")
    if rule == "setpoint" and cool is not None and heat is not None and cool != heat:
        yield "setpoint-cool", cool, ("setpoint_min_cool_c",)
        yield "setpoint-heat", heat, ("setpoint_max_heat_c",)
        return
    yield rule, rules.clause_of[rule], PARAMETERS.get(rule, ())


def _bringer(policy: SitePolicy, rule: str, clause: str, preset: str) -> str:
    """The preset that brings a rule under a clause; `preset` where several do."""
    known = presets()
    names = [preset, *policy.presets]
    brings = (name for name in names if name in known and _entry_clause(known[name], rule) == clause)
    return next(brings, preset)


def _entry_clause(preset: Preset, rule: str) -> str | None:
    entry = preset.by_name.get(rule)
    return None if entry is None else entry.clause


def _kettle_rules(policy: SitePolicy) -> Iterator[dict[str, Any]]:
    for rule, entry in policy.rules.items():
        if not entry.classes:
            numbers = {name: _plain(getattr(policy.parameters, name)) for name in PARAMETERS.get(rule, ())}
            yield _row(
                policy, entry.clause, rule=rule, name=_names(NAMES[rule]), severity=entry.severity,
                effect=EFFECTS[rule], parameters=numbers, scope={"kinds": ["kettle"]},
                preset=_bringer(policy, rule, entry.clause, policy.preset),
            )  # fmt: skip


def _plain(value: Any) -> Any:
    return value if isinstance(value, int | float | None) else str(value)


def _written(policy: SitePolicy, entry: Entered, places: Places) -> dict[str, Any]:
    rule, why_not = entry.rule, is_served(entry, places)
    if rule.severity == "off":
        why_not = Text("本站已停用", "switched off at this site")
    return _row(
        policy,
        rule.clause,
        rule=rule.id,
        name=_names(rule.name.text),
        severity=rule.severity,
        effect=rule.effect,
        scope=rule.scope.model_dump(mode="json", exclude_defaults=True),
        classes=[zone_class.value for zone_class in _classes(entry)],
        equipment=len(subjects_of(entry, places)),
        parameters=rule_numbers(rule),
        preset=entry.preset,
        served=why_not is None,
        why_not=None if why_not is None else _names(why_not),
    )


def _classes(entry: Entered) -> list[ZoneClass]:
    named = entry.rule.scope.classes or tuple(ZoneClass)
    return [zone_class for zone_class in ZoneClass if zone_class in named and zone_class in entry.classes]


def rule_numbers(rule: Rule) -> dict[str, Any]:
    """The times of a rule and what it wants or limits, where they say anything."""
    found: dict[str, Any] = {name: getattr(rule, name) for name in ("for_s", "release_s", "dwell_s")}
    for part in (rule.want, rule.limit):
        if part is not None:
            found |= part.model_dump(mode="json", exclude_none=True)
    if rule.valid_from is not None or rule.valid_until is not None:
        found |= {"valid_from": str(rule.valid_from), "valid_until": str(rule.valid_until)}
    return {name: value for name, value in found.items() if value != 0.0 or isinstance(value, bool)}


def _waiting(policy: SitePolicy, preset: Preset, raw: Mapping[str, Any], missing: tuple[str, ...]) -> dict[str, Any]:
    names = ", ".join(f"`{name}`" for name in missing)
    return _row(
        policy,
        str(raw["clause"]),
        rule=str(raw["id"]),
        name=dict(raw["name"]),
        severity=str(raw.get("severity", "enforce")),
        effect=str(raw["effect"]),
        scope=dict(raw.get("scope", {})),
        preset=preset.preset,
        served=False,
        why_not=_names(Text(f"站点没有给出 {names}", f"the site gives no {names}")),
    )


def _elsewhere(policy: SitePolicy, site: Site) -> Iterator[dict[str, Any]]:
    told: set[str] = set()
    for preset in all_presets(site.file):
        for clause, where in preset.elsewhere.items():
            if clause not in told:
                told.add(clause)
                yield _row(
                    policy, clause, rule="", name=_names(where.text), severity="", effect="elsewhere",
                    preset=preset.preset, served=False, why_not=_names(where.text),
                )  # fmt: skip
