"""Whether the numbers of a zone class leave any state legal, and never allow heating and cooling at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from controller.policy.problems import PolicyProblem
from controller.policy.schema import Parameters, Preset, RuleEntry
from facility.model.entries import ZoneClass
from facility.text import Text

Sense = tuple[bool, str, Text]
Path = tuple[str | int, ...]
Rules = Mapping[str, tuple[Preset, RuleEntry]]

BOTH = Text(
    "供冷与供暖会同时被允许：供冷阈值必须高于供暖阈值",
    "heating and cooling would be permitted at once: the cooling threshold must be above the heating threshold",
)
SEASON_RULES = frozenset({"season", "cooling-permit", "heating-permit", "cooling-measured", "heating-measured"})


def sense_problems(
    zone_class: ZoneClass,
    path: Path,
    p: Parameters,
    *,
    rules: Rules,
    origin: Mapping[str, str],
    also: Path,
    has_units: bool,
) -> Iterator[PolicyProblem]:
    """What cannot be meant. `origin` names the preset that each parameter comes from ("": the site itself), `also` is
    the place that names the presets, `has_units` whether the site has such rooms at all.
    """
    checks = _climate_sense(p) if "climate" in rules else _office_sense(p, rules)
    for fits, name, what in checks:
        if not fits:
            yield PolicyProblem(path=(*path, name), what=what)
    if "climate" not in rules:
        yield from _setpoint_sense(p, rules, origin, path, also)
        if has_units:
            yield from _season_sense(zone_class, p, rules, path)


def _office_sense(p: Parameters, rules: Rules) -> Iterator[Sense]:
    yield p.cooling_permit_c > p.heating_permit_c, "cooling_permit_c", BOTH
    yield p.cooling_measured_c > p.heating_measured_c, "cooling_measured_c", BOTH
    if "setpoint" in rules:
        low_c, high_c = p.setpoint_min_cool_c, p.setpoint_max_heat_c
        cold = no_state(f"制冷设定不低于 {low_c:g} ℃", f"no unit can be set to {low_c:g} C")
        warm = no_state(f"制热设定不高于 {high_c:g} ℃", f"no unit can be set to {high_c:g} C")
        yield low_c <= 30.0, "setpoint_min_cool_c", cold
        yield high_c >= 16.0, "setpoint_max_heat_c", warm
    yield (
        "room-limit" not in rules or p.room_min_cool_c - p.room_tolerance_k > p.room_max_heat_c + p.room_tolerance_k,
        "room_min_cool_c",
        no_state(
            "供冷室温下限不高于供暖室温上限",
            "the lowest room temperature when cooling is not above the highest when heating",
        ),
    )


def _setpoint_sense(
    p: Parameters, rules: Rules, origin: Mapping[str, str], path: Path, also: Path
) -> Iterator[PolicyProblem]:
    """A highest setpoint for cooling (AC-16 to the letter) against the lowest setpoint and the lowest room (X-01)."""
    ceiling_c = p.setpoint_ceiling_c if "setpoint-ceiling" in rules else None
    if ceiling_c is None:
        return
    lows = {"setpoint": p.setpoint_min_cool_c, "room-limit": p.room_min_cool_c - p.room_tolerance_k}
    names = {"setpoint": "setpoint_min_cool_c", "room-limit": "room_min_cool_c"}
    for rule, low_c in lows.items():
        if rule not in rules or low_c <= ceiling_c:
            continue
        one, other = (
            _whose("setpoint-ceiling", "setpoint_ceiling_c", rules, origin),
            _whose(rule, names[rule], rules, origin),
        )
        is_own = origin.get(names[rule]) == "" or origin.get("setpoint_ceiling_c") == ""
        yield PolicyProblem(
            path=(*path, names[rule]) if is_own else also,
            what=no_state(
                f"{one.zh}要求制冷设定不高于 {ceiling_c:g} ℃，{other.zh}要求不低于 {low_c:g} ℃",
                f"{one.en} asks for a setpoint of at most {ceiling_c:g} C, {other.en} for at least {low_c:g} C",
            ),
        )
        return


def _whose(rule: str, name: str, rules: Rules, origin: Mapping[str, str]) -> Text:
    preset, entry = rules[rule]
    whose = origin.get(name, preset.preset)
    return Text(f"{whose or '本站'}（{entry.clause}）", f"{whose or 'the site'} ({entry.clause})")


def _season_sense(zone_class: ZoneClass, p: Parameters, rules: Rules, path: Path) -> Iterator[PolicyProblem]:
    cooling, heating = p.cooling_season, p.heating_season
    if "season" in rules and cooling is not None and heating is not None:
        shared = heating.covers(*cooling.first) or cooling.covers(*heating.first)
        if shared and not {"cooling-permit", "cooling-measured"} & set(rules):
            yield PolicyProblem(
                path=(*path, "heating_season"),
                what=Text(
                    f"供冷与供暖会同时被允许：供冷季 {cooling} 与供暖季 {heating} 重叠",
                    f"heating and cooling would be permitted at once: the seasons {cooling} and {heating} overlap",
                ),
            )
    if p.start == "auto" and not SEASON_RULES & set(rules):
        yield PolicyProblem(
            path=(*path, "start"),
            what=Text(
                f"{zone_class.value}：没有任何规定区分供冷与供暖，不能自动启动；应写 start: permit_only",
                f"{zone_class.value}: no rule tells cooling and heating apart, so nothing can be started by itself; "
                "expected start: permit_only",
            ),
        )


def no_state(zh: str, en: str) -> Text:
    """That nothing is left, by its name in the rules."""
    return Text(f"没有任何合法状态（X-01）：{zh}", f"no legal state is left (X-01): {en}")


def _climate_sense(p: Parameters) -> Iterator[Sense]:
    low, high = p.climate_low_c, p.climate_high_c
    if low is None or high is None or p.climate_cool_c is None or p.climate_heat_c is None:
        yield False, "climate_low_c", Text("缺少温度上下限或目标值", "limits or targets of temperature are missing")
        return
    yield low < high, "climate_low_c", no_state(f"{low:g} ℃ 至 {high:g} ℃ 为空", f"{low:g} C to {high:g} C is empty")
    for name, target in (("climate_cool_c", p.climate_cool_c), ("climate_heat_c", p.climate_heat_c)):
        yield (
            low <= target <= high,
            name,
            Text(f"{target:g} ℃ 不在 {low:g} 至 {high:g} ℃ 之内", f"{target:g} C is outside {low:g} to {high:g} C"),
        )
    wet, dry = p.humidity_high_percent, p.humidity_low_percent
    if wet is not None and dry is not None:
        yield dry < wet, "humidity_low_percent", no_state("湿度范围为空", "the range of humidity is empty")
