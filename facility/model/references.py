"""Whether every id that a site file mentions leads somewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from facility.model.index import METERS, SORTS, VIRTUAL, Index
from facility.model.located import Node
from facility.model.near import did_you_mean, listing
from facility.model.validation import EQUIPMENT, Path
from facility.profiles.schema import PointBase
from facility.quantities import Quantity
from facility.text import Text

ELECTRICITY: Final = ("electricity_meter",)
HEAT: Final = ("heat_meter",)

_SPACE_KEYS: Final = (("floor", "floor"), ("office", "office"), ("responsible_office", "office"))
_FEEDS_KEYS: Final = (("office", "office"), ("space", "space"), ("building", "building"), ("equipment", "equipment"))
_WEATHER: Final = {"outdoor": (Quantity.TEMPERATURE,), "rain": (Quantity.RAIN_RATE, Quantity.STATE)}
_WATCHED: Final = ("heaters", "standby")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A mention of an id. `kinds` limits which equipment will do, empty for any."""

    path: Path
    word: str
    sort: str
    kinds: tuple[str, ...] = ()


def check_references(index: Index) -> None:
    """Tells references that lead nowhere, or to a thing of another kind."""
    for reference in _references(index):
        if reference.path not in index.draft.doubtful:
            _check(reference, index)
    for path, node in index.draft.raw("devices"):
        _check_profile(path, node, index)
    for path, node in index.draft.raw("equipment"):
        for at, word in _points_of_equipment(path, node):
            if at not in index.draft.doubtful:
                check_point(at, word, (), index)
    weather = index.draft.root.child("weather")
    for key, quantities in _WEATHER.items():
        points = weather.child(key) if weather is not None else None
        for number, item in enumerate(points.items if points is not None else ()):
            path = ("weather", key, number)
            if isinstance(item.value, str) and path not in index.draft.doubtful:
                check_point(path, item.value, quantities, index)


def _points_of_equipment(path: Path, node: Node) -> Iterator[tuple[Path, str]]:
    """The points that an equipment entry names."""
    for key in ("level", "proof"):
        word = node.text(key)
        if word is not None:
            yield (*path, key), word
    operation = node.child("operation")
    for number, item in enumerate(operation.items if operation is not None else ()):
        if isinstance(item.value, str):
            yield (*path, "operation", number), item.value


def _references(index: Index) -> Iterator[Reference]:
    for path, node in index.draft.raw("spaces"):
        for key, sort in _SPACE_KEYS:
            yield from _reference(path, node, key, sort)
    for path, node in index.draft.raw("devices"):
        yield from _reference(path, node, "link", "link")
    for path, node in index.draft.raw("equipment"):
        yield from _of_equipment(path, node)
    watched = index.draft.root.child("observance")
    for key in _WATCHED if watched is not None else ():
        circuits = watched.child(key) if watched is not None else None
        for number, circuit in enumerate(circuits.items if circuits is not None else ()):
            yield from _reference(("observance", key, number), circuit, "meter", "equipment", ELECTRICITY)


def _of_equipment(path: Path, node: Node) -> Iterator[Reference]:
    yield from _reference(path, node, "device", "device")
    yield from _reference(path, node, "outdoor_unit", "equipment", ("outdoor_unit",))
    needs_power_now = node.text("kind") == "kettle"
    yield from _reference(path, node, "meter", "equipment", ELECTRICITY if needs_power_now else (*ELECTRICITY, VIRTUAL))
    yield from _reference(path, node, "heat_meter", "equipment", HEAT)
    yield from _reference(path, node, "valve", "equipment", ("valve",))
    yield from _reference(path, node, "parent", "equipment", (*METERS, VIRTUAL))
    members = node.child("members")
    for number, member in enumerate(members.items if members is not None else ()):
        yield from _reference((*path, "members", number), member, "meter", "equipment", (*METERS, VIRTUAL))
    serves = node.child("serves")
    for number, item in enumerate(serves.items if serves is not None else ()):
        if isinstance(item.value, str):
            yield Reference(path=(*path, "serves", number), word=item.value, sort="space")
    feeds = node.child("feeds")
    if feeds is not None:
        for key, sort in _FEEDS_KEYS:
            yield from _reference((*path, "feeds"), feeds, key, sort)


def _reference(path: Path, node: Node, key: str, sort: str, kinds: tuple[str, ...] = ()) -> Iterator[Reference]:
    word = node.text(key)
    if word is not None:
        yield Reference(path=(*path, key), word=word, sort=sort, kinds=kinds)


def _check(reference: Reference, index: Index) -> None:
    key = next(str(part) for part in reversed(reference.path) if isinstance(part, str))
    place = index.draft.place(reference.path)
    name = SORTS[reference.sort]
    if not index.knows(reference.sort, reference.word):
        near = index.miss(reference.sort, reference.word)
        what = Text(
            f"`{key}` 指向的{name.zh} `{reference.word}` 不存在",
            f"`{key}` refers to {name.en} `{reference.word}`, which does not exist",
        )
        hint = None if near is None else Text(f"是否想写 `{near}`？", f"did you mean `{near}`?")
        index.draft.parsed.report(place, "dangling", what, hint)
        return
    kind = index.kinds.get(reference.word)
    if reference.kinds and kind in EQUIPMENT and kind not in reference.kinds:
        what = Text(
            f"`{key}` 指向的 `{reference.word}` 是 {kind}，应为 {listing(reference.kinds)}",
            f"`{key}` refers to `{reference.word}`, whose kind is {kind}; expected {listing(reference.kinds)}",
        )
        index.draft.parsed.report(place, "wrong_kind", what)


def _check_profile(path: Path, node: Node, index: Index) -> None:
    word = node.text("profile")
    if word is not None and word not in index.profiles:
        what = Text(
            f"没有名为 `{word}` 的设备模板，可用：{listing(index.profiles)}",
            f"there is no profile `{word}`; expected one of {listing(index.profiles)}",
        )
        place = index.draft.place((*path, "profile"))
        index.draft.parsed.report(place, "unknown_profile", what, did_you_mean(word, index.profiles))


def check_point(path: Path, word: str, quantities: tuple[Quantity, ...], index: Index) -> None:
    """A point named as `<equipment>.<point>`; `quantities` are those that will do, empty for any."""
    equipment, _, name = word.partition(".")
    if not index.knows("equipment", equipment):
        _point_missing(path, word, index)
        return
    node = index.node("equipment", equipment)
    profile = index.profile_of(node.text("device") if node is not None else None)
    if profile is None:
        return
    point: PointBase | None = next((item for item in profile.points if item.id == name), None)
    if point is None:
        _point_missing(path, word, index)
    elif quantities and point.quantity not in quantities:
        wanted = listing(quantity.value for quantity in quantities)
        what = Text(
            f"测点 `{word}` 的量是 {point.quantity.value}，应为 {wanted}",
            f"point `{word}` measures {point.quantity.value}; expected {wanted}",
        )
        index.draft.parsed.report(index.draft.place(path), "wrong_quantity", what)


def _point_missing(path: Path, word: str, index: Index) -> None:
    what = Text(f"测点 `{word}` 不存在", f"point `{word}` does not exist; expected <equipment>.<point>")
    index.draft.parsed.report(index.draft.place(path), "dangling", what, did_you_mean(word, _points(index)))


def _points(index: Index) -> Iterator[str]:
    for _, item, profile in index.equipment():
        yield from (f"{item.id}.{point.id}" for point in profile.points)
