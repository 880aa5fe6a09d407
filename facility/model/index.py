"""What a site file declares: ids by sort, also of entries that have other mistakes, so that nothing false is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from facility.model.entries import Device, IndoorUnit, Kettle, Meter, OutdoorUnit, Sensor, Switch, VirtualMeter
from facility.model.located import Node
from facility.model.near import near_miss
from facility.model.site import Point
from facility.model.validation import REQUIRED, SECTIONS, Draft, Path, Valid
from facility.profiles.schema import Profile
from facility.text import Text

AnyEquipment = IndoorUnit | OutdoorUnit | Meter | VirtualMeter | Sensor | Kettle | Switch

METERS: Final = ("electricity_meter", "water_meter", "gas_meter", "heat_meter")
VIRTUAL: Final = "virtual_meter"
MEDIA: Final[Mapping[str, Text]] = {
    "electricity": Text("电", "electricity"),
    "water": Text("水", "water"),
    "gas": Text("燃气", "gas"),
    "heat": Text("热", "heat"),
    "oil": Text("油", "oil"),
}

SORTS: Final[Mapping[str, Text]] = {
    "building": Text("楼栋", "building"),
    "floor": Text("楼层", "floor"),
    "office": Text("科室", "office"),
    "space": Text("房间", "space"),
    "link": Text("线路", "link"),
    "device": Text("设备", "device"),
    "equipment": Text("装置", "equipment"),
}

_SECTIONS: Final = {
    "buildings": "building", "offices": "office", "spaces": "space", "devices": "device", "equipment": "equipment",
}  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Index:
    """Ids by sort. `unsure` holds every word of an entry whose own id cannot be read: it may be what is referred to.
    `blind` holds sorts whose section cannot be read: what refers to them is not judged.
    `nearly` holds ids that a dangling reference probably meant, `kinds` the kind of each equipment, `written` the
    registers (table, address) that points are written to, by device.
    """

    draft: Draft
    profiles: Mapping[str, Profile]
    ids: dict[str, dict[str, Path]] = field(default_factory=lambda: {sort: {} for sort in SORTS})
    unsure: dict[str, set[str]] = field(default_factory=lambda: {sort: set() for sort in SORTS})
    blind: set[str] = field(default_factory=set)
    nearly: dict[str, set[str]] = field(default_factory=lambda: {sort: set() for sort in SORTS})
    kinds: dict[str, str] = field(default_factory=dict)
    written: dict[str, list[tuple[tuple[str, int], Point]]] = field(default_factory=dict)

    def knows(self, sort: str, word: str) -> bool:
        """Whether `word` is, or may be, an id of `sort`."""
        return sort in self.blind or word in self.ids[sort] or word in self.unsure[sort]

    def node(self, sort: str, word: str) -> Node | None:
        """The entry declared with id `word`, None when there is none."""
        path = self.ids[sort].get(word)
        node: Node | None = self.draft.root
        for key in path or ():
            node = node.child(key) if node is not None else None
        return node if path is not None else None

    def profile_of(self, device: str | None) -> Profile | None:
        """The profile of a device, None when device or profile are not known."""
        node = self.node("device", device) if device is not None else None
        name = node.text("profile") if node is not None else None
        return self.profiles.get(name) if name is not None else None

    def devices(self) -> Iterator[tuple[Valid, Device, Profile]]:
        """Every valid device whose profile is known."""
        for valid, device in self.draft.of(Device):
            profile = self.profiles.get(device.profile)
            if profile is not None:
                yield valid, device, profile

    def equipment(self) -> Iterator[tuple[Valid, AnyEquipment, Profile]]:
        """Every valid equipment whose device is valid and of a known profile."""
        valid_devices = {device.id for _, device in self.draft.of(Device)}
        for valid in self.draft.entries.get("equipment", ()):
            item = valid.entry
            assert isinstance(item, AnyEquipment)
            profile = self.profile_of(item.device)
            if profile is not None and item.device in valid_devices:
                yield valid, item, profile

    def medium_of(self, meter: str) -> str | None:
        """What a meter meters; of a virtual one, what the first of its members meters. None where that is not known."""
        seen: set[str] = set()
        while self.kinds.get(meter) == VIRTUAL and meter not in seen:
            seen.add(meter)
            meter = next(iter(self.members_of(meter)), "")
        kind = self.kinds.get(meter, "")
        return kind.removesuffix("_meter") if kind in METERS else None

    def members_of(self, meter: str) -> list[str]:
        """The members of a virtual meter as they are written."""
        node = self.node("equipment", meter)
        members = node.child("members") if node is not None else None
        words = [item.text("meter") for item in members.items] if members is not None else []
        return [word for word in words if word is not None]

    def miss(self, sort: str, word: str) -> str | None:
        """The id that `word` probably means; remembered, so that its entry is not called unused."""
        found = near_miss(word, self.ids[sort])
        if found is not None:
            self.nearly[sort].add(found)
        return found


def index_of(draft: Draft, profiles: Mapping[str, Profile]) -> Index:
    """Collects all ids; a second entry with the same id of the same sort is told."""
    index = Index(draft=draft, profiles=profiles)
    for section, sort in _SECTIONS.items():
        if not _is_readable(draft.root, section, list_like=True):
            index.blind.update((sort, "floor") if section == "buildings" else (sort,))
        for path, node in draft.raw(section):
            _declare(index, sort, path, node)
            if section == "buildings":
                _declare_floors(index, path, node)
    _declare_links(index)
    for _, node in draft.raw("equipment"):
        name, kind = node.text("id"), node.text("kind")
        if name is not None and kind is not None:
            index.kinds.setdefault(name, kind)
    return index


def _is_readable(node: Node, key: str, *, list_like: bool) -> bool:
    """Whether the section `key` is what it should be; one that is not written may be, unless it is misspelt."""
    section = node.child(key)
    if section is None:
        is_misspelt = any(near_miss(other, (*SECTIONS, "floors")) == key for other in node.fields)
        return not is_misspelt and key not in (*REQUIRED, "floors")
    if list_like:
        return isinstance(section.value, tuple) and all(isinstance(item.value, dict) for item in section.items)
    return isinstance(section.value, dict)


def _declare_links(index: Index) -> None:
    if not _is_readable(index.draft.root, "links", list_like=False):
        index.blind.add("link")
    links = index.draft.root.child("links")
    for key in links.fields if links is not None else ():
        index.ids["link"][key] = ("links", key)


def _declare_floors(index: Index, path: Path, building: Node) -> None:
    floors = building.child("floors")
    if not _is_readable(building, "floors", list_like=True):
        index.blind.add("floor")
    for number, node in enumerate(floors.items if floors is not None else ()):
        _declare(index, "floor", (*path, "floors", number), node)


def _declare(index: Index, sort: str, path: Path, node: Node) -> None:
    word = node.text("id")
    if word is None:
        words = (item.node.value for item in node.fields.values())
        index.unsure[sort].update(value for value in words if isinstance(value, str))
        return
    first = index.ids[sort].setdefault(word, path)
    if first != path:
        line = index.draft.place((*first, "id")).line
        name = SORTS[sort]
        what = Text(
            f"{name.zh}编号 `{word}` 重复，第 {line} 行已有同名{name.zh}",
            f"{name.en} id `{word}` is used twice, first at line {line}; expected a unique id",
        )
        index.draft.parsed.report(index.draft.place((*path, "id")), "duplicate_id", what)
