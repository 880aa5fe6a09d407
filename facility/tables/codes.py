"""Item codes: what platforms of cities and provinces call the items of electricity use, and other media.

    energy code = class (2 digits) + item letter + level-1 digit + level-2 letter        01C10: electricity, lifts
    building code = region (6 digits) + type letter + serial (3 digits)                  330302G101
    together 15 characters                                                               330302G10101C10

A level that is not named is `0`. Lists differ between places (what D2 and D3 are, above all), so the list is data with
a name, and a site says by which one it reports.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Final, get_args

from pydantic import Field

from facility.model.entry import Entry, Names
from facility.model.equipment import Equipment, Item, Meter, VirtualMeter
from facility.model.near import did_you_mean, listing
from facility.model.places import ZoneClass
from facility.model.site import Site
from facility.profiles.schema import Source
from facility.tables.loader import Format, Mistake, path_of, read
from facility.text import Text

ITEM_LETTERS: Final[Mapping[str, Item]] = dict(zip("ABCD", get_args(Item), strict=True))
"""The four items have the same letters in every list."""

_WHOLE: Final = "000"
"""Item part of an energy code that names no item."""

_BUILDING: Final = re.compile(r"[0-9]{6}[A-Z][0-9]{3}")
_ENERGY: Final = re.compile(r"[0-9]{2}[0A-Z][0-9][0A-Z]")

_Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class ItemEntry(Entry):
    """An item or sub-item: its code without the class (`C10`)."""

    id: _Id
    code: str = Field(pattern=r"^[A-D]([1-9][0A-Z]|00)$")
    name: Names


class CodesFile(Entry):
    """One code table. `classes` are the codes of media and fuels; `equipment` and `rooms` say which item a kind of
    equipment, or what a class of room uses, counts as where its meter names none.
    """

    codes: _Id
    name: Names
    source: Source
    classes: dict[_Id, Annotated[str, Field(pattern=r"^[0-9]{2}$")]]
    building_types: dict[_Id, Annotated[str, Field(pattern=r"^[A-Z]$")]]
    items: tuple[ItemEntry, ...] = Field(min_length=1)
    equipment: dict[_Id, str] = Field(default_factory=dict)
    rooms: dict[ZoneClass, str] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubItem:
    """One line of a code table. `code` is without the class; `item` is the one of the four it belongs to."""

    id: str
    code: str
    item: Item
    name: Text

    @property
    def level(self) -> int:
        """0 for one of the four items, 1 and 2 below them."""
        return sum(place != "0" for place in self.code[1:])


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemCodes:
    """A code table.

    Attributes:
        name: as a site file names it.
        text: as people know it.
        source: where it comes from, and how far it is to be trusted.
        classes: medium or fuel -> two digits.
        building_types: use of a building -> letter.
        items: id -> line, in the table's order.
        equipment: kind of equipment -> id of the item it counts as.
        rooms: class of room -> id of the item that what it uses counts as.
    """

    name: str
    text: Text
    source: Source
    classes: Mapping[str, str]
    building_types: Mapping[str, str]
    items: Mapping[str, SubItem]
    equipment: Mapping[str, str]
    rooms: Mapping[str, str]

    def energy_code(self, medium: str, item: str | None = None) -> str:
        """Five characters for what was used of a medium or fuel: all of it, or one item or sub-item.

        Raises:
            KeyError: this table knows no such medium or item.
        """
        return self.classes[medium] + (_WHOLE if item is None else self.items[item].code)

    def sub_items(self, item: str) -> list[SubItem]:
        """What an item is divided into here."""
        return [line for line in self.items.values() if line.item == item and line.level > 0]


def building_code(region: str, building_type: str, serial: int) -> str:
    """Ten characters for a building: code of its county (GB/T 2260), letter of its use, number in the county's list.

    Raises:
        ValueError: a part that does not fit its places.
    """
    code = f"{region}{building_type}{serial:03d}"
    if not _BUILDING.fullmatch(code):
        raise ValueError(f"{code!r} is no building code; expected 6 digits, a letter and 3 digits")
    return code


def full_code(building: str, energy: str) -> str:
    """Fifteen characters: what a building used of one item.

    Raises:
        ValueError: one of the two is no such code.
    """
    if not _BUILDING.fullmatch(building) or not _ENERGY.fullmatch(energy):
        raise ValueError(f"{building!r} and {energy!r} make no code; expected for example '330302G101' and '01C10'")
    return building + energy


def coded_item(codes: ItemCodes, site: Site, meter: Meter | VirtualMeter) -> str | None:
    """The item or sub-item of a code table that a meter counts as: what the site file says, else what it feeds. None
    where neither tells.
    """
    if meter.item is not None:
        return meter.sub_item if meter.sub_item is not None else meter.item
    if meter.feeds.equipment is not None:
        return codes.equipment.get(site.equipment[meter.feeds.equipment].kind)
    if meter.feeds.space is not None:
        return codes.rooms.get(site.spaces[meter.feeds.space].zone_class.value)
    return None


def item_codes(name: str, base: Path | None = None) -> ItemCodes:
    """A code table.

    Args:
        name: of a shipped table, or the path of the site's own, relative to `base`.
        base: folder of the site file.

    Raises:
        TableError: there is none of that name, or it has mistakes; carries all of them.
    """
    file = read(ITEM_CODES, path_of(ITEM_CODES, name, base))
    lines = [
        SubItem(id=line.id, code=line.code, item=ITEM_LETTERS[line.code[0]], name=line.name.text) for line in file.items
    ]
    return ItemCodes(
        name=file.codes,
        text=file.name.text,
        source=file.source,
        classes=file.classes,
        building_types=file.building_types,
        items={line.id: line for line in lines},
        equipment=file.equipment,
        rooms={room.value: item for room, item in file.rooms.items()},
    )


def _mistakes(table: CodesFile) -> list[Mistake]:
    return [*_in_lines(table), *_in_mappings(table)]


def _in_lines(table: CodesFile) -> Iterator[Mistake]:
    """Ids and codes are unique, every level stands below one that exists, and the four items are there."""
    codes = {line.code for line in table.items}
    seen: set[str] = set()
    for number, line in enumerate(table.items):
        for key, word in (("id", line.id), ("code", line.code)):
            if word in seen:
                what = Text(f"`{word}` 重复", f"`{word}` is written twice")
                yield Mistake(path=("items", number, key), code="duplicate_id", what=what)
            seen.add(word)
        above = f"{line.code[:2]}0" if line.code[2] != "0" else f"{line.code[0]}00"
        if above not in codes:
            what = Text(
                f"`{line.code}` 的上级 `{above}` 不存在", f"`{line.code}` lies below `{above}`, which is missing"
            )
            yield Mistake(path=("items", number, "code"), code="dangling", what=what)
    for letter, item in ITEM_LETTERS.items():
        if not any(line.id == item and line.code == f"{letter}00" for line in table.items):
            what = Text(f"缺少分项 `{item}`，编码应为 `{letter}00`", f"item `{item}` with code `{letter}00` is missing")
            yield Mistake(path=("items",), code="missing_key", what=what)


def _in_mappings(table: CodesFile) -> Iterator[Mistake]:
    """What equipment and rooms count as is an item of the table; kinds of equipment are those of a site file."""
    ids = {line.id for line in table.items}
    for section, mapping in (("equipment", table.equipment), ("rooms", table.rooms)):
        for key, item in mapping.items():
            if item not in ids:
                what = Text(f"没有分项 `{item}`", f"there is no item `{item}`; expected one of {listing(sorted(ids))}")
                yield Mistake(path=(section, str(key)), code="dangling", what=what, hint=did_you_mean(item, ids))
    kinds = sorted(_kinds())
    for kind in table.equipment:
        if kind not in kinds:
            what = Text(
                f"没有设备种类 `{kind}`，可用：{listing(kinds)}",
                f"there is no kind of equipment `{kind}`; expected one of {listing(kinds)}",
            )
            yield Mistake(path=("equipment", kind), code="unknown_key", what=what, hint=did_you_mean(kind, kinds))


@lru_cache(maxsize=1)
def _kinds() -> frozenset[str]:
    models = get_args(get_args(Equipment)[0])
    return frozenset(kind for model in models for kind in get_args(model.model_fields["kind"].annotation))


ITEM_CODES: Final = Format(
    word=Text("分项编码表", "item code table"),
    key="codes",
    model=CodesFile,
    judge=_mistakes,
    folder=Path(__file__).parent / "items",
)
