"""Several presets for one zone class: the strictest of every parameter, all rules together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import TypeAdapter

from controller.policy.library import presets
from controller.policy.schema import Hours, Parameters, Preset, RuleEntry, TimeSpan
from facility.model.entries import SiteFile, ZoneClass

OWN_PRESETS: Final[Mapping[ZoneClass, str]] = {
    ZoneClass.ARCHIVE: "archive_room",
    ZoneClass.SERVER_ROOM: "server_room",
}
"""Classes that the office rules never hold for (X-04), and the preset they have when the site names none."""

HIGHEST: Final = frozenset({
    "cooling_permit_c", "cooling_measured_c", "setpoint_min_cool_c", "room_min_cool_c", "climate_low_c",
    "humidity_low_percent", "window_closed_s", "restart_lockout_s",
})  # fmt: skip
"""Parameters of which a higher value allows less."""
LOWEST: Final = frozenset({
    "heating_permit_c", "heating_measured_c", "setpoint_max_heat_c", "setpoint_ceiling_c", "room_max_heat_c",
    "climate_high_c", "humidity_high_percent", "room_tolerance_k", "window_open_s", "vacancy_s", "openings_per_hour",
    "overcast_cloud_percent", "forecast_max_age_s",
})  # fmt: skip
"""Parameters of which a lower value allows less."""
SPANS: Final = frozenset({"window", "kettle_window"})
STOPS: Final = frozenset({"rain_stop", "overcast_stop", "sunshine_stop"})
STRICTNESS: Final = ("off", "advise", "enforce")

LEADING: Final[Mapping[str, str]] = {
    "window": "window", "cooling-permit": "cooling_permit_c", "heating-permit": "heating_permit_c",
    "cooling-measured": "cooling_measured_c", "heating-measured": "heating_measured_c",
    "setpoint": "setpoint_min_cool_c", "setpoint-cool": "setpoint_min_cool_c", "setpoint-heat": "setpoint_max_heat_c",
    "setpoint-ceiling": "setpoint_ceiling_c", "room-limit": "room_min_cool_c", "window-contact": "window_open_s",
    "vacancy": "vacancy_s", "kettle-window": "kettle_window", "climate": "climate_high_c",
}  # fmt: skip
"""Rule -> the parameter that says how strict it is: the preset that sets it gives the clause."""

_SPAN: Final[TypeAdapter[Hours]] = TypeAdapter(TimeSpan)


@dataclass(frozen=True, slots=True)
class Empty:
    """Two presets that leave no value of a parameter: their names, and what each asks for."""

    name: str
    one: str
    other: str
    asked: str
    other_asked: str


@dataclass(frozen=True, slots=True)
class Combined:
    """Parameters of several presets as raw values, which preset each comes from, and what has no value left."""

    parameters: Mapping[str, Any]
    origin_of: Mapping[str, str]
    empty: tuple[Empty, ...] = ()


def base_preset(file: SiteFile, zone_class: ZoneClass) -> str:
    """The preset that a zone class goes by first of all."""
    own = file.policy.zone_classes.get(zone_class)
    if own is not None and own.preset is not None:
        return own.preset
    return OWN_PRESETS.get(zone_class, file.policy.preset)


def presets_of(file: SiteFile, zone_class: ZoneClass) -> tuple[Preset, ...]:
    """The presets that a zone class goes by: its own, those beside it, and the site's that hold for it."""
    own = file.policy.zone_classes.get(zone_class)
    known = presets()
    names = [base_preset(file, zone_class), *(own.also if own is not None else ())]
    names += [name for name in file.policy.also if zone_class in known[name].classes]
    return tuple(known[name] for name in dict.fromkeys(names))


def site_presets(file: SiteFile) -> tuple[Preset, ...]:
    """The presets of the site as a whole."""
    known = presets()
    return tuple(known[name] for name in dict.fromkeys((file.policy.preset, *file.policy.also)))


def all_presets(file: SiteFile) -> tuple[Preset, ...]:
    """Every preset that the site uses anywhere, each once."""
    found = [*site_presets(file), *(preset for zone_class in ZoneClass for preset in presets_of(file, zone_class))]
    return tuple({preset.preset: preset for preset in found}.values())


def combined(chosen: Sequence[Preset]) -> Combined:
    """The strictest of every parameter that `chosen` state. Where strictness means nothing the first one's counts."""
    values: dict[str, Any] = {}
    origin: dict[str, str] = {}
    empty: list[Empty] = []
    for preset in chosen:
        for name, value in preset.parameters.items():
            if name not in values:
                values[name], origin[name] = value, preset.preset
                continue
            stricter = _stricter(name, values[name], value)
            if stricter is None:
                empty.append(Empty(name, origin[name], preset.preset, str(values[name]), str(value)))
            elif stricter != values[name]:
                values[name], origin[name] = stricter, preset.preset
    return Combined(values, origin, tuple(empty))


def _stricter(name: str, one: Any, other: Any) -> Any:
    """The stricter of two values, None when they leave nothing between them."""
    if name in SPANS:
        return _overlap(_SPAN.validate_python(one), _SPAN.validate_python(other))
    if one is None or other is None:
        return other if one is None else one
    if name in HIGHEST:
        return max(one, other)
    if name in LOWEST:
        return min(one, other)
    if name in STOPS:
        return max(one, other, key=STRICTNESS.index)
    return one or other if name == "kettle_workdays_only" else one


def _overlap(one: Hours, other: Hours) -> str | None:
    start, end = max(one.start, other.start), min(one.end, other.end)
    return str(Hours(start, end)) if start < end else None


def rules_of(file: SiteFile, zone_class: ZoneClass) -> dict[str, tuple[Preset, RuleEntry]]:
    """The built-in rules of a zone class, each with the preset whose entry counts: the strictest; among equals the one
    whose parameter binds, and before that the first. Rules of the site's presets that the class' own do not have count.
    """
    own = presets_of(file, zone_class)
    origin = combined(own).origin_of
    found: dict[str, tuple[Preset, RuleEntry]] = {}
    for chosen in (own, tuple(preset for preset in site_presets(file) if preset not in own)):
        added: dict[str, tuple[Preset, RuleEntry]] = {}
        for name, preset, entry in _entries(chosen, zone_class):
            held = added.get(name)
            if name not in found and (held is None or _is_stricter(name, held, (preset, entry), origin)):
                added[name] = (preset, entry)
        found |= added
    return found


def _entries(chosen: Sequence[Preset], zone_class: ZoneClass) -> Iterator[tuple[str, Preset, RuleEntry]]:
    for preset in chosen:
        for name, entry in preset.by_name.items():
            if zone_class in entry.classes:
                yield name, preset, entry


def _is_stricter(
    name: str, held: tuple[Preset, RuleEntry], other: tuple[Preset, RuleEntry], origin: Mapping[str, str]
) -> bool:
    order: Callable[[RuleEntry], int] = lambda entry: STRICTNESS.index(entry.severity)  # noqa: E731
    if order(held[1]) != order(other[1]):
        return order(other[1]) > order(held[1])
    return origin.get(LEADING.get(name, "")) == other[0].preset


def clause_of_part(
    part: str, found: Mapping[str, tuple[Preset, RuleEntry]], own: Sequence[Preset], origin: Mapping[str, str]
) -> str | None:
    """The clause of one half of the setpoint rule: that of the preset whose limit binds."""
    binding = next((preset for preset in own if preset.preset == origin.get(LEADING[part])), None)
    entry = None if binding is None else binding.by_name.get("setpoint")
    if entry is not None:
        return entry.clause
    held = found.get("setpoint")
    return None if held is None else held[1].clause


def parameters_of(file: SiteFile, zone_class: ZoneClass) -> Combined:
    """What a zone class goes by as raw values, its presets combined and the site's own words on top."""
    base = combined(presets_of(file, zone_class))
    values, origin = dict(base.parameters), dict(base.origin_of)
    own = file.policy.zone_classes.get(zone_class)
    said: list[Mapping[str, Any]] = []
    if base_preset(file, zone_class) == file.policy.preset:
        said.append(file.policy.parameters)
    if own is not None:
        said.append(own.parameters | ({"start": own.start} if own.start is not None else {}))
    for words in said:
        for name, value in words.items():
            if name in Parameters.model_fields:
                values[str(name)], origin[str(name)] = value, ""
    return Combined(_with_office_hours(file, values), origin, base.empty)


def _with_office_hours(file: SiteFile, values: dict[str, Any]) -> dict[str, Any]:
    """Rooms whose own preset names no hours (archives) go by the office's where a rule asks when work ends."""
    if "window" not in values:
        office = {**combined(site_presets(file)).parameters, **file.policy.parameters}
        values |= {"window": office["window"]} if "window" in office else {}
    return values
