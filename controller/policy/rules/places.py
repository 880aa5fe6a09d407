"""Where equipment, sensors and meters are, looked up often: the site turned round once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from controller.policy.rules.conditions import Reach
from controller.policy.rules.schema import Per, Scope
from facility.model import Site
from facility.model.entries import Meter, Sensor, VirtualMeter, ZoneClass
from facility.model.switching import SWITCH_KINDS

CONTROLLED: Final = ("indoor_unit", "kettle", *SWITCH_KINDS)
"""Kinds of equipment that the controller acts on, and that a rule can therefore be about."""


class Subject(NamedTuple):
    """What one rule holds for by itself: an equipment, a room, an office, or the site ("")."""

    per: Per
    id: str
    spaces: tuple[str, ...]
    zone_class: ZoneClass


class Places:
    """Finds what is near what.

    Args:
        site: the site.
    """

    def __init__(self, site: Site) -> None:
        self.site = site
        self.building_of = {floor.id: house.id for house in site.buildings.values() for floor in house.floors}
        self._sensors: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._near: dict[tuple[str, Reach, str], list[str]] = defaultdict(list)
        self._meters: dict[tuple[str, str], list[Meter | VirtualMeter]] = defaultdict(list)
        self._spaces_of_office: dict[str, list[str]] = defaultdict(list)
        self._office_meters: dict[str, list[Meter | VirtualMeter]] = {}
        for space in site.spaces.values():
            if space.office is not None:
                self._spaces_of_office[space.office].append(space.id)
        for item in site.equipment.values():
            self._enter(item)

    def _enter(self, item: object) -> None:
        if isinstance(item, Sensor):
            for space in item.serves:
                self._sensors[item.kind, space].append(item.id)
        elif isinstance(item, Meter | VirtualMeter):
            if item.feeds.target is not None:
                self._meters[item.feeds.target].append(item)
        else:
            kind, name = str(getattr(item, "kind", "")), str(getattr(item, "id", ""))
            self._near[kind, "site", ""].append(name)
            for reach, where in dict.fromkeys(key for space in self.spaces_of(name) for key in self._keys(space)):
                self._near[kind, reach, where].append(name)

    def spaces_of(self, equipment: str) -> tuple[str, ...]:
        """The rooms an equipment serves."""
        found: tuple[str, ...] = getattr(self.site.equipment[equipment], "serves", ())
        return found

    def office_of_space(self, space: str) -> str | None:
        """The office that uses a room, or answers for it."""
        entry = self.site.spaces[space]
        return entry.office or entry.responsible_office

    def _keys(self, space: str) -> Iterator[tuple[Reach, str]]:
        yield "room", space
        office = self.office_of_space(space)
        if office is not None:
            yield "office", office
        floor = self.site.spaces[space].floor
        yield "floor", floor
        yield "building", self.building_of.get(floor, "")

    def near(self, subject: Subject, kind: str, reach: Reach) -> tuple[str, ...]:
        """Equipment of a kind within reach of the subject, in the site's order."""
        if reach == "site":
            return tuple(self._near.get((kind, "site", ""), ()))
        keys = {key for space in subject.spaces for key in self._keys(space) if key[0] == reach}
        if subject.per == "office" and reach == "office":
            keys.add(("office", subject.id))
        return tuple(dict.fromkeys(name for at, key in sorted(keys) for name in self._near.get((kind, at, key), ())))

    def sensors(self, spaces: Iterable[str], kind: str) -> tuple[str, ...]:
        """Sensors of a kind that serve any of the rooms."""
        return tuple(dict.fromkeys(name for space in spaces for name in self._sensors.get((kind, space), ())))

    def meters(self, subject: Subject, of: str, item: str | None) -> tuple[str, ...]:
        """The meters of a subject itself, of its rooms or of its office; `item` picks circuits of one item."""
        found: list[Meter | VirtualMeter] = []
        if of == "self":
            found = self._own_meters(subject)
        elif of == "room":
            found = [meter for space in subject.spaces for meter in self._meters.get(("space", space), ())]
        else:
            found = [meter for office in sorted(self.offices_of(subject)) for meter in self._of_office(office)]
        return tuple(dict.fromkeys(m.id for m in found if item is None or item in (m.item, m.sub_item)))

    def _of_office(self, office: str) -> list[Meter | VirtualMeter]:
        """The meters of an office and of its rooms; looked up once."""
        known = self._office_meters.get(office)
        if known is None:
            rooms = [
                meter for space in self._spaces_of_office[office] for meter in self._meters.get(("space", space), ())
            ]
            known = self._office_meters[office] = [*self._meters.get(("office", office), ()), *rooms]
        return known

    def _own_meters(self, subject: Subject) -> list[Meter | VirtualMeter]:
        own = self.site.equipment.get(subject.id) if subject.per == "equipment" else None
        named = getattr(own, "meter", None)
        if named is not None:
            return [self.site.all_meters[named]] if named in self.site.all_meters else []
        key = "equipment" if subject.per == "equipment" else subject.per
        return list(self._meters.get((key, subject.id), ()))

    def offices_of(self, subject: Subject) -> set[str]:
        """The offices that a subject's rooms belong to."""
        found = {office for space in subject.spaces if (office := self.office_of_space(space)) is not None}
        return found | ({subject.id} if subject.per == "office" else set())

    def subjects(self, per: Per, scope: Scope) -> Iterator[Subject]:
        """What a rule with this scope holds for, in the site's order."""
        if per == "site":
            return iter((Subject("site", "", (), ZoneClass.OFFICE),))
        if per == "equipment":
            found = (self.subject_of(name) for name in self._of_kinds(scope.kinds or CONTROLLED))
        elif per == "space":
            found = (Subject("space", item.id, (item.id,), item.zone_class) for item in self.site.spaces.values())
        else:
            rooms = self._spaces_of_office
            found = (
                Subject("office", name, tuple(rooms.get(name, ())), ZoneClass.OFFICE) for name in self.site.offices
            )
        is_everything = scope == Scope(kinds=scope.kinds)
        return found if is_everything else (one for one in found if self._is_in_scope(scope, one))

    def _of_kinds(self, kinds: Iterable[str]) -> Iterator[str]:
        wanted = frozenset(kinds) & frozenset(CONTROLLED)
        return (item.id for item in self.site.equipment.values() if item.kind in wanted)

    def subject_of(self, equipment: str) -> Subject:
        """An equipment as a subject; what serves no room counts as public."""
        spaces = self.spaces_of(equipment)
        zone_class = self.site.spaces[spaces[0]].zone_class if spaces else ZoneClass.PUBLIC
        return Subject("equipment", equipment, spaces, zone_class)

    def _is_in_scope(self, scope: Scope, subject: Subject) -> bool:
        floors = {self.site.spaces[space].floor for space in subject.spaces}
        classes = self._classes_of(subject) if subject.per == "office" else {subject.zone_class}
        checks: tuple[tuple[Iterable[str], set[str]], ...] = (
            (scope.equipment, {subject.id} if subject.per == "equipment" else set(scope.equipment)),
            (scope.classes, {str(zone_class) for zone_class in classes}),
            (scope.spaces, set(subject.spaces)),
            (scope.floors, floors),
            (scope.offices, self.offices_of(subject)),
            (scope.buildings, {self.building_of.get(floor, "") for floor in floors}),
        )
        return all(not named or not found.isdisjoint(named) for named, found in checks)

    def _classes_of(self, office: Subject) -> set[ZoneClass]:
        return {self.site.spaces[space].zone_class for space in office.spaces}
