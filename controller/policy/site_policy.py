"""The rules of one site: its presets combined per zone class, its parameters filled in, checked for sense."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypedDict

from pydantic import ValidationError

from controller.policy.library import presets
from controller.policy.schema import Clause, Parameters, Preset, RuleEntry, Severity
from facility.commands import Fan, Mode, Wish
from facility.envelope import Range
from facility.errors import PolicyError
from facility.model.entries import SiteFile, ZoneClass
from facility.model.near import did_you_mean, listing
from facility.model.wording import wording
from facility.text import Text

OWN_PRESETS: Final[Mapping[ZoneClass, str]] = {
    ZoneClass.ARCHIVE: "archive_room",
    ZoneClass.SERVER_ROOM: "server_room",
}
"""Classes that the office rules never hold for (X-04), and the preset they have when the site names none."""

SITE_WIDE: Final = frozenset({
    "permit_at", "forecast_max_age_s", "outdoor_mean_s", "outdoor_stale_s", "weather_stale_s", "sensor_disagreement_k",
    "sensor_rate_k_per_min", "sensor_frozen_s", "stagger_s", "unit_stale_s", "contact_stale_s", "room_mean_s",
    "kettle_window", "kettle_workdays_only", "kettle_boiled_percent", "kettle_boiled_s", "kettle_heating_kw",
})  # fmt: skip
"""Parameters of things that the whole site shares; a zone class cannot have its own."""

_STOPS: Final = {"rain": "rain_stop", "overcast": "overcast_stop", "sunshine": "sunshine_stop"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassRules:
    """What holds for one zone class: `enforced` and `advised` rule names, `clause_of` each, and the numbers.

    `cooling_modes` and `heating_modes` are the modes that a season's permit covers with the setpoints allowed in each:
    auto and dry count as cooling, fan only needs no permit. The wishes are what the controller itself starts with.
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

    @property
    def is_climate(self) -> bool:
        """Kept within its own limits round the clock, without permits."""
        return "climate" in self.enforced


@dataclass(frozen=True, slots=True, kw_only=True)
class SitePolicy:
    """All rules of a site. `clauses` holds every clause that a rule rests on, with its words."""

    preset: str
    parameters: Parameters
    classes: Mapping[ZoneClass, ClassRules]
    clauses: Mapping[str, Clause]
    rules: Mapping[str, RuleEntry]

    def of_class(self, zone_class: ZoneClass) -> ClassRules:
        """The rules of one zone class."""
        return self.classes[zone_class]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyProblem:
    """A mistake in a site's policy. `path` are the keys into the site file; `hint` is the near miss, None without."""

    path: tuple[str, ...]
    what: Text
    hint: Text | None = None


def load_policy(file: SiteFile) -> SitePolicy:
    """The site's rules.

    Raises:
        PolicyError: they cannot be applied; the message names every mistake.
    """
    problems = check_policy(file)
    if problems:
        raise PolicyError("; ".join(f"{'.'.join(problem.path)}: {problem.what.en}" for problem in problems))
    main = presets()[file.policy.preset]
    shared = Parameters.model_validate({**main.parameters, **_plain(file.policy.parameters)})
    classes = {zone_class: _class_rules(file, zone_class) for zone_class in ZoneClass}
    used = {rules.preset for rules in classes.values()} | {main.preset}
    clauses = {name: clause for preset in sorted(used) for name, clause in presets()[preset].clauses.items()}
    return SitePolicy(preset=main.preset, parameters=shared, classes=classes, clauses=clauses, rules=main.by_name)


def _plain(parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {str(name): value for name, value in parameters.items()}


def _preset_name(file: SiteFile, zone_class: ZoneClass) -> str:
    own = file.policy.zone_classes.get(zone_class)
    if own is not None and own.preset is not None:
        return own.preset
    return OWN_PRESETS.get(zone_class, file.policy.preset)


def _class_parameters(file: SiteFile, zone_class: ZoneClass, preset: Preset) -> dict[str, Any]:
    own = file.policy.zone_classes.get(zone_class)
    site_wide = file.policy.parameters if preset.preset == file.policy.preset else {}
    merged = {**preset.parameters, **_plain(site_wide)}
    if own is not None:
        merged.update(_plain(own.parameters))
        if own.start is not None:
            merged["start"] = own.start
    return merged


def _class_rules(file: SiteFile, zone_class: ZoneClass) -> ClassRules:
    preset = presets()[_preset_name(file, zone_class)]
    parameters = Parameters.model_validate(_class_parameters(file, zone_class, preset))
    rules: dict[str, RuleEntry] = presets()[file.policy.preset].by_name | preset.by_name
    own = preset.by_name
    by_severity: dict[Severity, set[str]] = {"enforce": set(), "advise": set(), "off": set()}
    for name, entry in rules.items():
        if zone_class in entry.classes:
            by_severity[_severity(name, entry, parameters)].add(name)
    return ClassRules(
        zone_class=zone_class,
        preset=preset.preset,
        enforced=frozenset(by_severity["enforce"]),
        advised=frozenset(by_severity["advise"]),
        clause_of={name: own.get(name, entry).clause for name, entry in rules.items()},
        parameters=parameters,
        **seasons(parameters),
    )


class Seasons(TypedDict):
    """What a season's permit covers, and what the controller starts with."""

    cooling_modes: Mapping[Mode, Range]
    heating_modes: Mapping[Mode, Range]
    cooling_wish: Wish
    heating_wish: Wish


def seasons(p: Parameters) -> Seasons:
    """The modes and wishes that follow from the setpoint limits."""
    cool, heat = Range(low_c=p.setpoint_min_cool_c), Range(high_c=p.setpoint_max_heat_c)
    return Seasons(
        cooling_modes={Mode.COOL: cool, Mode.DRY: cool, Mode.AUTO: cool, Mode.FAN: Range()},
        heating_modes={Mode.HEAT: heat, Mode.FAN: Range()},
        cooling_wish=Wish(on=True, mode=Mode.COOL, setpoint_c=p.setpoint_min_cool_c, fan=Fan.AUTO),
        heating_wish=Wish(on=True, mode=Mode.HEAT, setpoint_c=p.setpoint_max_heat_c, fan=Fan.AUTO),
    )


def _severity(name: str, entry: RuleEntry, parameters: Parameters) -> Severity:
    chosen: Severity | None = getattr(parameters, _STOPS[name]) if name in _STOPS else None
    return entry.severity if chosen is None else chosen


def check_policy(file: SiteFile) -> list[PolicyProblem]:
    """Every mistake in a site file's `policy`: unknown presets and parameters, bad values, rules that leave no legal
    state or that would permit heating and cooling at once. Empty when the policy can be applied.
    """
    found = list(_preset_problems(file))
    if found:
        return found
    found.extend(_parameter_problems(("policy", "parameters"), file.policy.parameters, own_class=False))
    for zone_class, entry in file.policy.zone_classes.items():
        path = ("policy", "zone_classes", zone_class.value, "parameters")
        found.extend(_parameter_problems(path, entry.parameters, own_class=True))
    if found:
        return found
    for zone_class in ZoneClass:
        preset = presets()[_preset_name(file, zone_class)]
        parameters = Parameters.model_validate(_class_parameters(file, zone_class, preset))
        for problem in _sense_problems(_blame(file, zone_class), parameters, preset):
            if problem not in found:
                found.append(problem)
    return found


def _blame(file: SiteFile, zone_class: ZoneClass) -> tuple[str, ...]:
    own = file.policy.zone_classes.get(zone_class)
    if own is not None and own.parameters:
        return ("policy", "zone_classes", zone_class.value, "parameters")
    return ("policy", "parameters")


def _preset_problems(file: SiteFile) -> Iterator[PolicyProblem]:
    named: list[tuple[tuple[str, ...], str]] = [(("policy", "preset"), file.policy.preset)]
    for zone_class, entry in file.policy.zone_classes.items():
        if entry.preset is not None:
            named.append((("policy", "zone_classes", zone_class.value, "preset"), entry.preset))
    known = presets()
    for path, name in named:
        if name not in known:
            yield PolicyProblem(
                path=path,
                what=Text(
                    f"未知的制度预设 `{name}`，可用：{listing(known)}",
                    f"unknown preset `{name}`; known: {listing(known)}",
                ),
                hint=did_you_mean(name, known),
            )
        elif path[-2] != "policy" and ZoneClass(path[-2]) not in known[name].classes:
            yield PolicyProblem(
                path=path,
                what=Text(f"预设 `{name}` 不适用于区域类别 {path[-2]}", f"preset `{name}` has no rules for {path[-2]}"),
            )


def _parameter_problems(
    path: tuple[str, ...], parameters: Mapping[str, Any], *, own_class: bool
) -> Iterator[PolicyProblem]:
    known = Parameters.model_fields
    for name in parameters:
        if name not in known:
            yield PolicyProblem(
                path=(*path, str(name)),
                what=Text(f"未知的参数 `{name}`", f"unknown parameter `{name}`"),
                hint=did_you_mean(str(name), known),
            )
        elif own_class and name in SITE_WIDE:
            yield PolicyProblem(
                path=(*path, name),
                what=Text(
                    f"参数 `{name}` 对全站统一，请写在 policy.parameters 下",
                    f"parameter `{name}` holds for the whole site; write it under policy.parameters",
                ),
            )
    try:
        Parameters.model_validate({name: value for name, value in parameters.items() if name in known})
    except ValidationError as error:
        for item in error.errors():
            yield _wrong_value(path, str(item["loc"][0]), item)


def _wrong_value(path: tuple[str, ...], name: str, item: Mapping[str, Any]) -> PolicyProblem:
    """A parameter's value that cannot be, in the words of the site file."""
    said = item.get("ctx", {})
    if "zh" in said:
        return PolicyProblem(path=(*path, name), what=Text(f"参数 `{name}`：{said['zh']}", f"`{name}`: {said['en']}"))
    wrong = wording(item, name)
    return PolicyProblem(path=(*path, name), what=wrong.what, hint=wrong.hint)


Sense = tuple[bool, str, Text]


def _sense_problems(path: tuple[str, ...], p: Parameters, preset: Preset) -> Iterator[PolicyProblem]:
    checks = _climate_sense(p) if "climate" in preset.rules else _office_sense(p)
    for fits, name, what in checks:
        if not fits:
            yield PolicyProblem(path=(*path, name), what=what)


def _office_sense(p: Parameters) -> Iterator[Sense]:
    both = Text(
        "供冷与供暖会同时被允许：供冷阈值必须高于供暖阈值",
        "heating and cooling would be permitted at once: the cooling threshold must be above the heating threshold",
    )
    yield p.cooling_permit_c > p.heating_permit_c, "cooling_permit_c", both
    yield p.cooling_measured_c > p.heating_measured_c, "cooling_measured_c", both
    yield (
        p.setpoint_min_cool_c <= 30.0,
        "setpoint_min_cool_c",
        _no_state(f"制冷设定不低于 {p.setpoint_min_cool_c:g} ℃", f"no unit can be set to {p.setpoint_min_cool_c:g} C"),
    )
    yield (
        p.setpoint_max_heat_c >= 16.0,
        "setpoint_max_heat_c",
        _no_state(f"制热设定不高于 {p.setpoint_max_heat_c:g} ℃", f"no unit can be set to {p.setpoint_max_heat_c:g} C"),
    )
    yield (
        p.room_min_cool_c - p.room_tolerance_k > p.room_max_heat_c + p.room_tolerance_k,
        "room_min_cool_c",
        _no_state(
            "供冷室温下限不高于供暖室温上限",
            "the lowest room temperature when cooling is not above the highest when heating",
        ),
    )


def _no_state(zh: str, en: str) -> Text:
    return Text(f"没有任何合法状态（X-01）：{zh}", f"no legal state is left (X-01): {en}")


def _climate_sense(p: Parameters) -> Iterator[Sense]:
    low, high = p.climate_low_c, p.climate_high_c
    if low is None or high is None or p.climate_cool_c is None or p.climate_heat_c is None:
        yield False, "climate_low_c", Text("缺少温度上下限或目标值", "limits or targets of temperature are missing")
        return
    yield low < high, "climate_low_c", _no_state(f"{low:g} ℃ 至 {high:g} ℃ 为空", f"{low:g} C to {high:g} C is empty")
    for name, target in (("climate_cool_c", p.climate_cool_c), ("climate_heat_c", p.climate_heat_c)):
        yield (
            low <= target <= high,
            name,
            Text(f"{target:g} ℃ 不在 {low:g} 至 {high:g} ℃ 之内", f"{target:g} C is outside {low:g} to {high:g} C"),
        )
    wet, dry = p.humidity_high_percent, p.humidity_low_percent
    if wet is not None and dry is not None:
        yield dry < wet, "humidity_low_percent", _no_state("湿度范围为空", "the range of humidity is empty")
