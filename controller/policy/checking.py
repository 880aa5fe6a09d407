"""Everything that is wrong with a site's policy before it acts, each mistake with its place in the site file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from pydantic import ValidationError

from controller.policy.combining import all_presets, combined, parameters_of, presets_of, rules_of
from controller.policy.library import presets
from controller.policy.problems import PolicyProblem
from controller.policy.rules.checking import check_rules
from controller.policy.rules.gathering import Gathered, gather, known_names
from controller.policy.schema import Open, Parameters, Preset
from controller.policy.sense import sense_problems
from facility.model import Site
from facility.model.entries import SiteFile, ZoneClass
from facility.model.near import did_you_mean, listing
from facility.model.wording import wording
from facility.text import Text

Path = tuple[str | int, ...]

SITE_WIDE = frozenset({
    "permit_at", "forecast_max_age_s", "outdoor_mean_s", "outdoor_stale_s", "weather_stale_s", "sensor_disagreement_k",
    "sensor_rate_k_per_min", "sensor_frozen_s", "stagger_s", "unit_stale_s", "contact_stale_s", "room_mean_s",
    "kettle_window", "kettle_workdays_only", "kettle_boiled_percent", "kettle_boiled_s", "kettle_heating_kw",
})  # fmt: skip
"""Parameters of things that the whole site shares; a zone class cannot have its own."""


def check_policy(file: SiteFile, site: Site | None = None, *, today: date | None = None) -> list[PolicyProblem]:
    """Every mistake in a site file's `policy`.

    Unknown presets and parameters, bad values, values that a document leaves open and nobody gave, rules that leave no
    legal state (X-01), that would permit heating and cooling at once, that contradict each other or can never act.
    Empty when the policy can be applied and nothing about it is odd.

    Args:
        file: the site file.
        site: the same with its points; None: what rules look at is not held against points and sensors.
        today: local date by which a rule may be over; None: that is not looked at.
    """
    found = list(_preset_problems(file))
    if found:
        return found
    gathered = gather(file)
    found = [*_parameters(file), *gathered.problems, *_open_problems(file, gathered), *_warnings(file)]
    if any("parameters" in problem.path for problem in found):
        return found
    for zone_class in ZoneClass:
        for problem in _class_problems(file, zone_class):
            if problem not in found:
                found.append(problem)
    found.extend(check_rules(file, gathered, site, today))
    return found


def _warnings(file: SiteFile) -> Iterator[PolicyProblem]:
    for preset in all_presets(file):
        if preset.warns is not None:
            path: Path = ("policy", "preset") if preset.preset == file.policy.preset else ("policy", "also")
            yield PolicyProblem(path=path, what=preset.warns.text, severity="warning")


def _named(file: SiteFile) -> Iterator[tuple[Path, str, ZoneClass | None]]:
    policy = file.policy
    yield ("policy", "preset"), policy.preset, None
    yield from ((("policy", "also", number), name, None) for number, name in enumerate(policy.also))
    for zone_class, entry in policy.zone_classes.items():
        path: Path = ("policy", "zone_classes", zone_class.value)
        if entry.preset is not None:
            yield (*path, "preset"), entry.preset, zone_class
        yield from (((*path, "also", number), name, zone_class) for number, name in enumerate(entry.also))


def _preset_problems(file: SiteFile) -> Iterator[PolicyProblem]:
    known = presets()
    for path, name, zone_class in _named(file):
        if name not in known:
            yield PolicyProblem(
                path=path,
                what=Text(
                    f"未知的制度预设 `{name}`，可用：{listing(known)}",
                    f"unknown preset `{name}`; known: {listing(known)}",
                ),
                hint=did_you_mean(name, known),
            )
        elif zone_class is not None and zone_class not in known[name].classes:
            yield PolicyProblem(
                path=path,
                what=Text(
                    f"预设 `{name}` 不适用于区域类别 {zone_class.value}",
                    f"preset `{name}` has no rules for {zone_class.value}",
                ),
            )


def _parameters(file: SiteFile) -> Iterator[PolicyProblem]:
    known = known_names(file)
    yield from _parameter_problems(("policy", "parameters"), file.policy.parameters, known, own_class=False)
    for zone_class, entry in file.policy.zone_classes.items():
        path: Path = ("policy", "zone_classes", zone_class.value, "parameters")
        yield from _parameter_problems(path, entry.parameters, set(Parameters.model_fields), own_class=True)


def _parameter_problems(
    path: Path, parameters: Mapping[str, Any], known: set[str], *, own_class: bool
) -> Iterator[PolicyProblem]:
    for name in parameters:
        if name not in known:
            yield PolicyProblem(
                path=(*path, str(name)),
                what=Text(f"未知的参数 `{name}`", f"unknown parameter `{name}`"),
                hint=did_you_mean(str(name), sorted(known)),
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
        Parameters.model_validate({name: v for name, v in parameters.items() if name in Parameters.model_fields})
    except ValidationError as error:
        for item in error.errors():
            yield _wrong_value(path, str(item["loc"][0]), item)


def _wrong_value(path: Path, name: str, item: Mapping[str, Any]) -> PolicyProblem:
    """A parameter's value that cannot be, in the words of the site file."""
    said = item.get("ctx", {})
    if "zh" in said:
        return PolicyProblem(path=(*path, name), what=Text(f"参数 `{name}`：{said['zh']}", f"`{name}`: {said['en']}"))
    wrong = wording(item, name)
    return PolicyProblem(path=(*path, name), what=wrong.what, hint=wrong.hint)


def _open_problems(file: SiteFile, gathered: Gathered) -> Iterator[PolicyProblem]:
    """Values that a document leaves open: needed where a rule uses them, and of the form that its example has."""
    kinds: set[str] = {item.kind for item in file.equipment}
    told: set[str] = set()
    for preset in all_presets(file):
        for name, entry in preset.open.items():
            value = gathered.values.get(name)
            if value is not None:
                if name in file.policy.parameters and name not in Parameters.model_fields:
                    yield from _form_problems(name, value, entry)
            elif name not in told and not entry.optional and _is_needed(file, preset, name, kinds, gathered):
                told.add(name)
                yield _missing(preset, name, entry)


def _is_needed(file: SiteFile, preset: Preset, name: str, kinds: set[str], gathered: Gathered) -> bool:
    if preset.open[name].kinds:
        return bool(kinds.intersection(preset.open[name].kinds))
    if name in Parameters.model_fields:
        classes = [zone_class for zone_class in ZoneClass if preset in presets_of(file, zone_class)]
        used = {space.zone_class for space in file.spaces}
        return any(
            name not in parameters_of(file, zone_class).parameters for zone_class in classes if zone_class in used
        )
    waiting = [raw for owner, raw, missing in gathered.waiting if owner is preset and name in missing]
    return any(_is_about(raw, kinds, {space.zone_class.value for space in file.spaces}) for raw in waiting)


def _is_about(raw: Mapping[str, Any], kinds: set[str], classes: set[str]) -> bool:
    """Whether the site has any equipment and rooms that a rule as it is written is about."""
    scope = raw.get("scope", {})
    named, rooms = set(scope.get("kinds", ())), set(scope.get("classes", ()))
    return (not named or bool(named & kinds)) and (not rooms or bool(rooms & classes))


def _missing(preset: Preset, name: str, entry: Open) -> PolicyProblem:
    clause = preset.clauses[entry.clause]
    return PolicyProblem(
        path=("policy", "parameters"),
        what=Text(
            f"缺少参数 `{name}`（例如 {entry.example}）：{clause.document}{clause.article}（{entry.clause}）"
            f"“{clause.quote}”{entry.zh}",
            f"parameter `{name}` is missing (for example {entry.example}): {clause.document} {clause.article} "
            f"({entry.clause}) says “{clause.quote}”; {entry.en}",
        ),
    )


def _form_problems(name: str, value: Any, entry: Open) -> Iterator[PolicyProblem]:
    is_number = isinstance(entry.example, int | float) and not isinstance(entry.example, bool)
    path: Path = ("policy", "parameters", name)
    if is_number and (isinstance(value, bool) or not isinstance(value, int | float)):
        yield PolicyProblem(
            path=path,
            what=Text(f"`{name}` 的值 `{value}` 不对，应为数字", f"`{name}` is `{value}`; expected a number"),
        )
    elif is_number and not (entry.low is None or value >= entry.low):
        yield PolicyProblem(
            path=path,
            what=Text(
                f"`{name}` 的值 {value} 应不小于 {entry.low:g}", f"`{name}` is {value}; expected at least {entry.low:g}"
            ),
        )
    elif is_number and not (entry.high is None or value <= entry.high):
        yield PolicyProblem(
            path=path,
            what=Text(
                f"`{name}` 的值 {value} 应不大于 {entry.high:g}",
                f"`{name}` is {value}; expected at most {entry.high:g}",
            ),
        )


def _class_problems(file: SiteFile, zone_class: ZoneClass) -> Iterator[PolicyProblem]:
    own, chosen = presets_of(file, zone_class), parameters_of(file, zone_class)
    blame = _blame(file, zone_class)
    for empty in combined(own).empty:
        if chosen.origin_of.get(empty.name) == "":
            continue  # the site itself said what holds
        yield PolicyProblem(
            path=_also_path(file, zone_class),
            what=Text(
                f"没有任何合法状态（X-01）：`{empty.name}` 在 {empty.one} 为 {empty.asked}，"
                f"在 {empty.other} 为 {empty.other_asked}，交集为空",
                f"no legal state is left (X-01): `{empty.name}` is {empty.asked} in {empty.one} and "
                f"{empty.other_asked} in {empty.other}, which have nothing in common",
            ),
        )
    parameters = Parameters.model_validate(chosen.parameters)
    yield from sense_problems(
        zone_class, blame, parameters, rules=rules_of(file, zone_class), origin=chosen.origin_of,
        also=_also_path(file, zone_class), has_units=_has_units(file, zone_class),
    )  # fmt: skip


def _has_units(file: SiteFile, zone_class: ZoneClass) -> bool:
    return any(space.zone_class is zone_class for space in file.spaces)


def _also_path(file: SiteFile, zone_class: ZoneClass) -> Path:
    own = file.policy.zone_classes.get(zone_class)
    if own is not None and (own.also or own.preset is not None):
        return ("policy", "zone_classes", zone_class.value, "also" if own.also else "preset")
    return ("policy", "also") if file.policy.also else ("policy", "preset")


def _blame(file: SiteFile, zone_class: ZoneClass) -> Path:
    own = file.policy.zone_classes.get(zone_class)
    if own is not None and own.parameters:
        return ("policy", "zone_classes", zone_class.value, "parameters")
    return ("policy", "parameters")
