"""Whether the words of a rule lead anywhere: kinds, rooms, offices, equipment, festivals."""

from __future__ import annotations

from collections.abc import Iterator

from controller.policy.problems import PolicyProblem
from controller.policy.rules.conditions import JOINTS, Metered, Near, When
from controller.policy.rules.gathering import Entered
from controller.policy.rules.moments import holiday_words
from controller.policy.rules.places import CONTROLLED
from controller.policy.rules.reading import Path, unknown_word
from facility.model.entries import Building, SiteFile
from facility.text import Text

_SORTS = {
    "kinds": Text("装置类型", "kind of equipment that is controlled"),
    "buildings": Text("楼栋", "building"),
    "floors": Text("楼层", "floor"),
    "offices": Text("科室", "office"),
    "spaces": Text("房间", "room"),
    "equipment": Text("装置", "equipment"),
}
NEEDS_ROOMS = frozenset({"temperature", "humidity", "illuminance", "occupied", "window"})


def check_references(entry: Entered, file: SiteFile) -> Iterator[PolicyProblem]:
    """Words that name nothing in the site file."""
    buildings: tuple[Building, ...] = getattr(file, "buildings", ())  # absent where it could not be read
    known = {
        "kinds": list(CONTROLLED),
        "buildings": [item.id for item in buildings],
        "floors": [floor.id for item in buildings for floor in item.floors],
        "offices": [item.id for item in file.offices],
        "spaces": [item.id for item in file.spaces],
        "equipment": [item.id for item in file.equipment],
    }
    for name, words in known.items():
        for number, word in enumerate(getattr(entry.rule.scope, name)):
            if word not in words:
                yield unknown_word((*entry.path, "scope", name, number), *_SORTS[name], word, words)
    if entry.rule.when is not None:
        for path, leaf in leaves_of(entry.rule.when, (*entry.path, "when")):
            yield from _leaf(entry, path, leaf, known)


def leaves_of(when: When, path: Path) -> Iterator[tuple[Path, When]]:
    """Every leaf of a condition with its place."""
    if when.key not in JOINTS:
        yield (*path, when.key), when
    elif when.not_ is not None:
        yield from leaves_of(when.not_, (*path, "not"))
    else:
        for number, part in enumerate(when.all or when.any or ()):
            yield from leaves_of(part, (*path, when.key, number))


def _leaf(entry: Entered, path: Path, leaf: When, known: dict[str, list[str]]) -> Iterator[PolicyProblem]:
    value = leaf.leaf
    for word in leaf.holiday or ():
        if word not in holiday_words():
            yield unknown_word(path, "节日", "festival", word, list(holiday_words()))
    space, of = getattr(value, "space", None), getattr(value, "of", None)
    if space is not None and space not in known["spaces"]:
        yield unknown_word((*path, "space"), *_SORTS["spaces"], space, known["spaces"])
    own = ("self", "room", "office") if isinstance(value, Metered) else ("self",)
    if isinstance(of, Near):
        if of.kind not in CONTROLLED:
            yield unknown_word((*path, "of", "kind"), *_SORTS["kinds"], of.kind, known["kinds"])
    elif of is not None and of not in own and of not in known["equipment"]:
        yield unknown_word((*path, "of"), *_SORTS["equipment"], of, [*own, *known["equipment"]])
    if entry.rule.per == "site" and ((leaf.key in NEEDS_ROOMS and space is None) or of in own):
        yield PolicyProblem(
            path=path,
            what=Text(
                f"`{leaf.key}` 要有所指的房间或装置：请写 `space` 或 `of`，或在 remind 中写 `per`",
                f"`{leaf.key}` is about rooms or equipment: name it by `space` or `of`, or write `per` under `remind`",
            ),
        )
