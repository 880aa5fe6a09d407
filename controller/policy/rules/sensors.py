"""Whether what a rule looks at is there: points, units, states, and the sensors of the rooms it holds for."""

from __future__ import annotations

from collections.abc import Iterator

from controller.policy.problems import PolicyProblem, Weight
from controller.policy.rules.conditions import CLOCK_LEAVES, WEATHER_LEAVES, Metered, When
from controller.policy.rules.gathering import Entered, name_of
from controller.policy.rules.places import Places, Subject
from controller.policy.rules.probes import probe_of
from controller.policy.rules.reading import Path, unknown_word
from controller.policy.rules.references import leaves_of
from facility.model.near import listing
from facility.text import Text

SENSORS = {
    "temperature": Text("温度传感器", "temperature sensor"),
    "humidity": Text("湿度传感器", "humidity sensor"),
    "illuminance": Text("照度传感器", "light sensor"),
    "occupied": Text("人体传感器", "occupancy sensor"),
    "window": Text("门窗传感器", "window or door contact"),
    "power": Text("电表", "electricity meter"),
    "demand": Text("电表", "electricity meter"),
}


def subjects_of(entry: Entered, places: Places) -> list[Subject]:
    """What a rule holds for at this site."""
    found = places.subjects(entry.rule.per, entry.rule.scope)
    return [one for one in found if one.per in ("site", "office") or one.zone_class in entry.classes]


def check_points(entry: Entered, places: Places) -> Iterator[PolicyProblem]:
    """What is missing or does not fit; a rule that acts needs all it looks at, one that only tells may lack some."""
    subjects = subjects_of(entry, places)
    if not subjects:
        what = Text(
            f"规则 {name_of(entry.rule).zh} 的范围内没有任何装置",
            f"nothing at this site is within the scope of rule {name_of(entry.rule).en}",
        )
        yield PolicyProblem(path=(*entry.path, "scope"), what=what, severity="warning")
        return
    if entry.rule.when is None:
        return
    for path, leaf in leaves_of(entry.rule.when, (*entry.path, "when")):
        yield from _leaf(entry, path, leaf, subjects, places)


def _leaf(entry: Entered, path: Path, leaf: When, subjects: list[Subject], places: Places) -> Iterator[PolicyProblem]:
    if leaf.point is not None and leaf.point.id not in places.site.points:
        yield unknown_word((*path, "id"), "测点", "point", leaf.point.id, list(places.site.points))
        return
    lacking = []
    for subject in subjects:
        try:
            probe = probe_of(leaf, subject, places)
        except ValueError as error:
            yield PolicyProblem(
                path=path, what=Text(f"`{leaf.key}` 的单位或状态不合适：{error}", f"`{leaf.key}`: {error}")
            )
            return
        if not probe.sources and leaf.key not in CLOCK_LEAVES | WEATHER_LEAVES:
            lacking.append(subject.id or "site")
    if lacking:
        yield _lacks(entry, path, leaf, lacking, all_lack=len(lacking) == len(subjects))


def _lacks(entry: Entered, path: Path, leaf: When, lacking: list[str], *, all_lack: bool) -> PolicyProblem:
    acts = entry.rule.severity in ("enforce", "default") and entry.rule.effect != "remind"
    severity: Weight = "error" if all_lack and acts else "warning"
    sensor = SENSORS.get(leaf.key, Text("所需的测点", "point that it needs"))
    item = leaf.leaf.item if isinstance(leaf.leaf, Metered) else None
    circuit = Text("", "") if item is None else Text(f"（{item}）", f" of item {item}")
    return PolicyProblem(
        path=path,
        what=Text(
            f"规则 {name_of(entry.rule).zh} 需要{sensor.zh}{circuit.zh}，而 {listing(lacking, 4)} 没有",
            f"rule {name_of(entry.rule).en} needs a {sensor.en}{circuit.en}, which {listing(lacking, 4)} has not",
        ),
        severity=severity,
    )


def is_served(entry: Entered, places: Places) -> Text | None:
    """Why a rule cannot be served at this site, None when it can for at least one of its subjects."""
    subjects = subjects_of(entry, places)
    if not subjects:
        return Text("本站没有相应的装置", "the site has no such equipment")
    if entry.rule.when is None:
        return None
    needed = [leaf for _, leaf in leaves_of(entry.rule.when, ()) if leaf.key not in CLOCK_LEAVES | WEATHER_LEAVES]
    for leaf in needed:
        if not any(probe_of(leaf, subject, places).sources for subject in subjects):
            sensor = SENSORS.get(leaf.key, Text("所需的测点", "point that it needs"))
            return Text(f"没有{sensor.zh}", f"there is no {sensor.en}")
    return None
