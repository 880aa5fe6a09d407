"""Who owns what a meter counts: by office, floor, building, item or equipment, on a given day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Final, Literal

from facility.accounting.apportion import Split
from facility.accounting.entries import Assignment
from facility.accounting.items import ITEM_NAMES
from facility.accounting.tree import UNALLOCATED, Share
from facility.accounting.use import Grade
from facility.model import Site
from facility.model.entries import IndoorUnit, Meter, VirtualMeter
from facility.text import Text

By = Literal["office", "floor", "building", "item", "meter", "equipment", "office_item"]
"""What a row of use stands for; `office_item`: one item of one office, key `<office>/<item>`."""

BYS: Final[tuple[By, ...]] = ("office", "floor", "building", "item", "meter", "equipment")
"""Those that people ask for."""

OTHER: Final = "other"
"""Item of what no item is named for."""

OTHER_NAME: Final = Text("未分项", "Not itemised")

_OFFICES: Final = ("office", "office_item")
_NOTHING_LEFT: Final = 1e-9

AnyMeter = Meter | VirtualMeter


class Owners:
    """Answers for one site and the assignments of meters to offices that hold (none revoked)."""

    def __init__(self, site: Site, assignments: Sequence[Assignment]) -> None:
        self._site = site
        self._dated: dict[str, dict[date, list[Assignment]]] = {}
        for entry in assignments:
            self._dated.setdefault(entry.meter, {}).setdefault(entry.since, []).append(entry)
        self._charges_public = site.file.accounting.public_rooms == "responsible_office"
        self._building_of = {floor.id: key for key, item in site.buildings.items() for floor in item.floors}

    def names(self, by: By) -> dict[str, Text]:
        """Every key that a row may stand for, in the site's order."""
        site = self._site
        match by:
            case "office":
                return {key: item.name.text for key, item in site.offices.items()}
            case "floor":
                return {key: item.text for key, item in site.floors.items()}
            case "building":
                return {key: item.name.text for key, item in site.buildings.items()}
            case "item":
                used = {meter.item for meter in self._meters()}
                return {key: name for key, name in ITEM_NAMES.items() if key in used}
            case "office_item":
                items = {**ITEM_NAMES, OTHER: OTHER_NAME}
                return {f"{office}/{item}": name for office in site.offices for item, name in items.items()}
            case "equipment":
                kinds = ("indoor_unit", "kettle")
                fed = {meter.feeds.equipment for meter in self._meters()}
                things = site.equipment.items()
                return {key: thing.text for key, thing in things if thing.kind in kinds or key in fed}
        return {meter.id: meter.text for meter in self._meters()}

    def changes(self, by: By) -> list[date]:
        """Dates at whose midnight an owner changes."""
        return sorted({since for dated in self._dated.values() for since in dated}) if by in _OFFICES else []

    def shares(self, meter: str, by: By, day: date) -> tuple[Share, ...]:
        """Who owns the meter on that day, without what is split; empty: nobody."""
        item = self._site.equipment[meter]
        assert isinstance(item, Meter | VirtualMeter), f"{meter} is no meter"
        if by == "office":
            return self._office_shares(item, day)
        if by == "office_item":
            return _with_item(self._office_shares(item, day), item.item or OTHER)
        key = self._key(item, by)
        return () if key is None else (Share(key=key, fraction=1.0),)

    def split_shares(self, split: Split, by: By) -> tuple[Share, ...]:
        """Who owns an outdoor unit's meter on a day that was split so."""
        sums: dict[tuple[str, bool], float] = {}
        for part in split.shares:
            for key, fraction in self._of_unit(self._site.indoor_units[part.unit], by):
                place = (key, part.estimated)
                sums[place] = sums.get(place, 0.0) + part.fraction * fraction
        return tuple(
            Share(key=key, fraction=fraction, base=Grade.ESTIMATED if estimated else Grade.ALLOCATED)
            for (key, estimated), fraction in sums.items()
        )

    def office_fractions(self, unit: IndoorUnit) -> dict[str | None, float]:
        """Which offices answer for a unit, by the area of the rooms it serves; None: nobody."""
        spaces = [self._site.spaces[space] for space in unit.serves]
        areas = [space.area_m2 for space in spaces]
        weights = [1.0 if None in areas or area is None else area for area in areas]
        result: dict[str | None, float] = {}
        for space, weight in zip(spaces, weights, strict=True):
            office = space.office or (space.responsible_office if self._charges_public else None)
            result[office] = result.get(office, 0.0) + weight / sum(weights)
        return result

    def _of_unit(self, unit: IndoorUnit, by: By) -> Iterable[tuple[str, float]]:
        if by == "equipment":
            return [(unit.id, 1.0)]
        if by in _OFFICES:
            suffix = "" if by == "office" else "/air_conditioning"
            found = self.office_fractions(unit).items()
            return [(f"{office}{suffix}", part) for office, part in found if office is not None]
        key = "air_conditioning" if by == "item" else self._place(unit.serves, by)
        return [] if key is None else [(key, 1.0)]

    def _office_shares(self, meter: AnyMeter, day: date) -> tuple[Share, ...]:
        dated = self._dated.get(meter.id, {})
        since = max((since for since in dated if since <= day), default=None)
        if since is not None:
            return _assigned(dated[since])
        office = self._office(meter)
        return () if office is None else (Share(key=office, fraction=1.0),)

    def _office(self, meter: AnyMeter) -> str | None:
        """Whose own meter it is by the site file."""
        if meter.feeds.office is not None:
            return meter.feeds.office
        if meter.feeds.space is None:
            return None
        space = self._site.spaces[meter.feeds.space]
        return space.office or (space.responsible_office if self._charges_public else None)

    def _key(self, meter: AnyMeter, by: By) -> str | None:
        if by == "item":
            return meter.item
        if by == "equipment":
            return meter.feeds.equipment
        if by == "building" and meter.feeds.building is not None:
            return meter.feeds.building
        return self._place(self._spaces(meter), by)

    def _place(self, spaces: Iterable[str], by: By) -> str | None:
        """The one floor or building that rooms lie in, None where there are several or none."""
        floors = {self._site.spaces[space].floor for space in spaces}
        found = floors if by == "floor" else {self._building_of[floor] for floor in floors}
        return found.pop() if len(found) == 1 else None

    def _spaces(self, meter: AnyMeter) -> Sequence[str]:
        feeds = meter.feeds
        if feeds.space is not None:
            return (feeds.space,)
        if feeds.office is not None:
            return [key for key, space in self._site.spaces.items() if space.office == feeds.office]
        if feeds.equipment is not None:
            return getattr(self._site.equipment[feeds.equipment], "serves", ())
        return ()

    def _meters(self) -> list[AnyMeter]:
        return [item for item in self._site.equipment.values() if isinstance(item, Meter | VirtualMeter)]


def _with_item(shares: Sequence[Share], item: str) -> tuple[Share, ...]:
    return tuple(share if share.key == UNALLOCATED else replace(share, key=f"{share.key}/{item}") for share in shares)


def _assigned(entries: Sequence[Assignment]) -> tuple[Share, ...]:
    """What is assigned to nobody stays unallocated, whoever owns the meter upstream."""
    shares = [Share(key=entry.office or UNALLOCATED, fraction=entry.share) for entry in entries]
    rest = 1.0 - sum(entry.share for entry in entries)
    return (*shares, Share(key=UNALLOCATED, fraction=rest)) if rest > _NOTHING_LEFT else tuple(shares)
