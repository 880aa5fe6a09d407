"""From meters to offices, floors, buildings and items: the meter tree, counted once.

Every meter has an owner (an office, a floor ...) or none. A meter gives what it counted to its owner and takes it from
the owner of the nearest owned meter upstream; between meters of one owner this cancels, so that only the topmost
counts. What the main meters counted and no owner has is the row `unallocated`: owners + unallocated = main meters.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from facility.accounting.tree import UNALLOCATED, UNALLOCATED_NAME
from facility.accounting.use import Amount, Grade
from facility.model.entries import Meter, VirtualMeter
from facility.model.site import Site
from facility.text import Text

__all__ = ["ITEM_NAMES", "UNALLOCATED", "UNALLOCATED_NAME", "By", "UsageRow", "usage_by"]

AnyMeter = Meter | VirtualMeter

By = Literal["office", "floor", "building", "item", "meter"]

ITEM_NAMES: Final[Mapping[str, Text]] = {
    "lighting_sockets": Text("照明插座", "Lighting and sockets"),
    "air_conditioning": Text("空调", "Air conditioning"),
    "power": Text("动力", "Power"),
    "special": Text("特殊", "Special"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageRow:
    """What one key used in [start_us, end_us); the fields of a `Use`, but for a whole office, floor, item ...

    `value` None: nothing is known of any of its meters. With some of them unknown it is what the others counted, and
    `completeness` is lower. `grade` DERIVED: a difference of meters.
    """

    key: str
    name: Text
    start_us: int
    end_us: int
    value: float | None
    completeness: float
    estimated_share: float
    grade: Grade


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sum:
    """Meters that are added and meters that are taken off."""

    plus: tuple[str, ...] = ()
    minus: tuple[str, ...] = ()


def usage_by(site: Site, by: By | str, uses: Mapping[str, Sequence[Amount]]) -> list[UsageRow]:
    """Rows per key and interval, in the site's order, in time order within a key; `unallocated` last.

    Args:
        site: the site, for its meter tree.
        by: what a row stands for. `meter` gives every meter as it is, without `unallocated`.
        uses: meter id -> what it counted; all meters of one medium, all over the same intervals.

    Raises:
        ValueError: an unknown `by`, or meters with different intervals.
    """
    _check_intervals(uses)
    if by == "meter":
        each = ((meter, site.all_meters[meter].text, uses[meter]) for meter in uses)
        return [_row(meter, name, use.value, [use], []) for meter, name, column in each for use in column]
    owner_of, names = _owners(site, by)
    tree = _Tree(site, list(uses), owner_of)
    rows = [_rows(owner, name, tree, uses) for owner, name in names.items()]
    return [row for column in (*rows, _rows_left(tree, uses)) for row in column]


def _check_intervals(uses: Mapping[str, Sequence[Amount]]) -> None:
    intervals = {tuple((use.start_us, use.end_us) for use in column) for column in uses.values()}
    if len(intervals) > 1:
        raise ValueError("all meters must be given over the same intervals")


def _owners(site: Site, by: str) -> tuple[Callable[[AnyMeter], str | None], dict[str, Text]]:
    match by:
        case "office":
            return lambda meter: _office(site, meter), {key: item.name.text for key, item in site.offices.items()}
        case "floor":
            return lambda meter: _floor(site, meter), {key: item.text for key, item in site.floors.items()}
        case "building":
            names = {key: item.name.text for key, item in site.buildings.items()}
            return lambda meter: _building(site, meter), names
        case "item":
            used = {meter.item for meter in site.all_meters.values()}
            return lambda meter: meter.item, {key: name for key, name in ITEM_NAMES.items() if key in used}
    raise ValueError(f"use is told by office, floor, building, item or meter, not by {by!r}")


def _office(site: Site, meter: AnyMeter) -> str | None:
    """Whose own meter it is. A public room that an office only answers for is not its own."""
    if meter.feeds.office is not None:
        return meter.feeds.office
    return None if meter.feeds.space is None else site.spaces[meter.feeds.space].office


def _floor(site: Site, meter: AnyMeter) -> str | None:
    return _only(site.spaces[space].floor for space in _spaces(site, meter))


def _building(site: Site, meter: AnyMeter) -> str | None:
    if meter.feeds.building is not None:
        return meter.feeds.building
    building_of = {floor.id: key for key, building in site.buildings.items() for floor in building.floors}
    return _only(building_of[site.spaces[space].floor] for space in _spaces(site, meter))


def _spaces(site: Site, meter: AnyMeter) -> Sequence[str]:
    """The rooms that a meter feeds."""
    feeds = meter.feeds
    if feeds.space is not None:
        return (feeds.space,)
    if feeds.office is not None:
        return [key for key, space in site.spaces.items() if space.office == feeds.office]
    if feeds.equipment is not None:
        return getattr(site.equipment[feeds.equipment], "serves", ())
    return ()


def _only(keys: Iterable[str]) -> str | None:
    """The one key there is; None when there are several or none."""
    found = set(keys)
    return found.pop() if len(found) == 1 else None


class _Tree:
    """Who owns which meter, and what lies upstream of it.

    A meter that is silent in an interval is passed over in that interval: what lies behind it counts by itself.
    """

    def __init__(self, site: Site, meters: Sequence[str], owner_of: Callable[[AnyMeter], str | None]) -> None:
        counted = set(meters)
        self.owners = {meter: owner_of(site.all_meters[meter]) for meter in meters}
        self._above = {meter: [up for up in _upstream(site, meter) if up in counted] for meter in meters}
        self.mains = tuple(meter for meter in meters if not self._above[meter])
        self.all = frozenset(meters)
        self._sums: dict[frozenset[str], dict[str | None, _Sum]] = {}

    def sum_of(self, owner: str | None, known: frozenset[str]) -> _Sum:
        """What makes up an owner's use (None: what nobody owns) when only `known` meters speak."""
        if known not in self._sums:
            self._sums[known] = self._summed(known)
        return self._sums[known].get(owner, _Sum())

    def _summed(self, known: frozenset[str]) -> dict[str | None, _Sum]:
        plus: dict[str | None, list[str]] = {None: [main for main in self.mains if main in known]}
        minus: dict[str | None, list[str]] = {}
        for meter, owner in self.owners.items():
            if owner is None or meter not in known:
                continue
            above = next((self.owners[up] for up in self._above[meter] if up in known and self.owners[up]), None)
            main = self._above[meter][-1] if self._above[meter] else meter
            if above != owner:
                plus.setdefault(owner, []).append(meter)
                if above is not None or main in known:
                    minus.setdefault(above, []).append(meter)
        return {owner: _sum(plus.get(owner, ()), minus.get(owner, ())) for owner in plus}


def _sum(plus: Sequence[str], minus: Sequence[str]) -> _Sum:
    """Without the meters that stand on both sides."""
    both = set(plus) & set(minus)
    return _Sum(
        plus=tuple(meter for meter in plus if meter not in both),
        minus=tuple(meter for meter in minus if meter not in both),
    )


def _upstream(site: Site, meter: str) -> Iterable[str]:
    """The meters upstream, nearest first."""
    seen = {meter}
    parent = site.all_meters[meter].parent
    while parent is not None and parent not in seen:
        seen.add(parent)
        yield parent
        parent = site.all_meters[parent].parent


def _intervals(uses: Mapping[str, Sequence[Amount]]) -> Iterable[tuple[dict[str, Amount], frozenset[str]]]:
    """For each interval, what each meter counted, and which of them are known."""
    for column in zip(*uses.values(), strict=True):
        amounts = dict(zip(uses, column, strict=True))
        yield amounts, frozenset(meter for meter, use in amounts.items() if use.value is not None)


def _rows(owner: str, name: Text, tree: _Tree, uses: Mapping[str, Sequence[Amount]]) -> Iterable[UsageRow]:
    own = tree.sum_of(owner, tree.all)
    for amounts, known in _intervals(uses):
        parts = tree.sum_of(owner, known)
        value = _difference(parts, amounts) if parts.plus else None
        yield _row(owner, name, value, [amounts[meter] for meter in own.plus or tree.mains[:1]],
                   [amounts[meter] for meter in own.minus])  # fmt: skip


def _rows_left(tree: _Tree, uses: Mapping[str, Sequence[Amount]]) -> Iterable[UsageRow]:
    left = tree.sum_of(None, tree.all)
    for amounts, known in _intervals(uses):
        value = _difference(tree.sum_of(None, known), amounts) if known.intersection(tree.mains) else None
        yield _row(UNALLOCATED, UNALLOCATED_NAME, value, [amounts[meter] for meter in left.plus or tree.mains],
                   [amounts[meter] for meter in left.minus])  # fmt: skip


def _difference(parts: _Sum, amounts: Mapping[str, Amount]) -> float:
    return math.fsum(amounts[meter].value or 0.0 for meter in parts.plus) - math.fsum(
        amounts[meter].value or 0.0 for meter in parts.minus
    )


def _row(key: str, name: Text, value: float | None, plus: Sequence[Amount], minus: Sequence[Amount]) -> UsageRow:
    """`plus` is never empty; of an owner without a meter it only lends its interval to a row without a value."""
    return UsageRow(
        key=key,
        name=name,
        start_us=plus[0].start_us,
        end_us=plus[0].end_us,
        value=value,
        completeness=_completeness(plus, minus, value),
        estimated_share=_estimated_share(plus, minus, value),
        grade=_grade(plus, minus, value),
    )


def _completeness(plus: Sequence[Amount], minus: Sequence[Amount], value: float | None) -> float:
    if value is None:
        return 0.0
    added = sum(use.completeness for use in plus) / len(plus)
    return min([added, *(use.completeness for use in minus)])


def _estimated_share(plus: Sequence[Amount], minus: Sequence[Amount], value: float | None) -> float:
    """Share of the value; of a difference, what is uncertain in all its terms."""
    if not value:
        return 0.0
    estimated = sum(use.value * use.estimated_share for use in (*plus, *minus) if use.value is not None)
    return min(1.0, abs(estimated / value))


def _grade(plus: Sequence[Amount], minus: Sequence[Amount], value: float | None) -> Grade:
    if value is None:
        return Grade.UNKNOWN
    if _estimated_share(plus, minus, value) > 0.5:
        return Grade.ESTIMATED
    return Grade.DERIVED if minus else Grade.MEASURED
