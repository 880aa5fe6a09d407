"""What filings cost an office: the electricity of air-conditioning that ran because the rules were relaxed.

By definition: what the office's units in the filing's rooms used while the filing was in force and the window and the
days of rest (AC-04, AC-05) would have closed them. Of an outdoor unit that time is split by itself, by the running of
its indoor units in that time, without standby; their own meters, and those of the office's air-conditioning circuits,
count as they are. What a filing relaxes within the window (setpoints, weather, forecast) is not told apart.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from facility.accounting.metering import Medium, medium_at
from facility.books.metering import edges
from facility.books.splits import SpanSplit
from facility.books.standing import Standing
from facility.books.supply_hours import Span, permitted_beyond
from facility.filing_scope import equipment_in, offices_in
from facility.filings import Filing
from facility.local_days import HOUR_US, date_at
from facility.model.entries import IndoorUnit, Meter
from facility.readings import from_us, to_us
from facility.text import Text

COOLED: Final = "air_conditioning"
"""The item of meters that count."""

WITHIN_WINDOW: Final = Text("时间段内使用,不单独计量", "within the window: not told apart")
NOTHING_METERED: Final = Text("没有可计量的空调", "no air-conditioning that is metered")
NOT_KNOWN: Final = Text("没有读数", "no readings")


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledUse:
    """What one filing meant for one office in one month.

    Attributes:
        held_h: hours of the month over which it was in force.
        beyond_h: of these, outside the window and on days of rest, as far as it opened them.
        energy_kwh: electricity of the office's air-conditioning in those; None where it is not known, `why` says so.
        complete: whether all of it is known.
    """

    held_h: float
    beyond_h: float
    energy_kwh: float | None
    complete: bool
    why: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledLine:
    """A filing that concerned an office in a month, and what it meant."""

    filing: Filing
    use: FiledUse


def filed_lines(standing: Standing, filings: Iterable[Filing], office: str, span: Span) -> tuple[FiledLine, ...]:
    """Those of `filings` that concern an office, by number, each with its use in [start, end)."""
    return tuple(
        FiledLine(filing=filing, use=_use(standing, filing, office, span))
        for filing in filings
        if filing.office == office or office in offices_in(standing.site, filing.scope)
    )


def _use(standing: Standing, filing: Filing, office: str, span: Span) -> FiledUse:
    held = filing.held_until(from_us(span[1]))
    if held is None or to_us(held[1]) <= span[0]:
        return FiledUse(held_h=0.0, beyond_h=0.0, energy_kwh=0.0, complete=True)
    inside = max(to_us(held[0]), span[0]), to_us(held[1])
    beyond = [] if filing.stops else permitted_beyond(standing.site, standing.calendar, filing.relaxes, inside)
    energy_kwh, complete, why = _energy(standing, filing, office, beyond)
    return FiledUse(
        held_h=_hours([inside]), beyond_h=_hours(beyond), energy_kwh=energy_kwh, complete=complete, why=why
    )  # fmt: skip


def _energy(
    standing: Standing, filing: Filing, office: str, beyond: list[Span]
) -> tuple[float | None, bool, Text | None]:
    if filing.stops:
        return 0.0, True, None
    if not beyond:
        return None, True, WITHIN_WINDOW
    units = _units(standing, filing, office)
    found = [*_of_outdoor_units(standing, units, beyond), *_of_meters(standing, units, office, beyond)]
    if not found:
        return None, False, NOTHING_METERED
    known = [value for value in found if not math.isnan(value)]
    whole = len(known) == len(found)
    return (math.fsum(known), whole, None) if known else (None, False, NOT_KNOWN)


def _units(standing: Standing, filing: Filing, office: str) -> dict[str, float]:
    """The indoor units in the scope -> what part of each is the office's, by the area of the rooms that it serves."""
    site = standing.site
    concerned = equipment_in(site, filing.scope)
    parts = {unit.id: _part(standing, unit, office) for unit in site.indoor_units.values() if unit.id in concerned}
    return {unit: part for unit, part in parts.items() if part > 0.0}


def _part(standing: Standing, unit: IndoorUnit, office: str) -> float:
    rooms = [standing.site.spaces[space] for space in unit.serves]
    areas = [room.area_m2 for room in rooms]
    weights = [1.0 if None in areas or area is None else area for area in areas]
    own = [
        weight
        for room, weight in zip(rooms, weights, strict=True)
        if office == (room.office or room.responsible_office)
    ]
    return sum(own) / sum(weights) if own else 0.0


def _of_outdoor_units(standing: Standing, units: Mapping[str, float], beyond: Iterable[Span]) -> Iterator[float]:
    """kWh of each stretch of each outdoor unit that has a meter; NaN where that was silent."""
    indoor = standing.site.indoor_units
    served = {indoor[unit].outdoor_unit for unit in units}
    outdoor_units = [outdoor for outdoor in standing.splits.outdoor_units().values() if outdoor.id in served]
    for start_us, end_us in beyond:
        for outdoor in outdoor_units:
            for span in standing.splits.spans(outdoor, start_us, end_us):
                yield _ran(span, units)


def _ran(span: SpanSplit, units: Mapping[str, float]) -> float:
    """kWh of the running of `units`; standby is used whoever files."""
    if span.energy_kwh is None:
        return math.nan
    split = span.split
    if split.method == "standby" or split.index_total <= 0.0:
        return 0.0
    index = math.fsum(share.index * units.get(share.unit, 0.0) for share in split.shares)
    return max(split.energy_kwh - split.standby_kwh, 0.0) * index / split.index_total


def _of_meters(standing: Standing, units: Mapping[str, float], office: str, beyond: Sequence[Span]) -> Iterator[float]:
    """kWh of each stretch of the units' own meters and of the office's circuits for them; NaN where they were silent.

    Of meters behind each other the upmost counts.
    """
    day = date_at(beyond[0][0], standing.site.zone)
    meters = standing.site.meters.values() if units else ()
    parts = {meter.id: _part_of_meter(standing, meter, units, office, day) for meter in meters}
    counted = {meter for meter, part in parts.items() if part > 0.0}
    for meter in sorted(counted):
        if counted.isdisjoint(_upstream(standing, meter)):
            for span in beyond:
                yield float(standing.accounts.account(meter, edges(span)).amounts.values[0]) * parts[meter]


def _part_of_meter(standing: Standing, meter: Meter, units: Mapping[str, float], office: str, day: date) -> float:
    site, feeds = standing.site, meter.feeds
    is_cooling = meter.item == COOLED and medium_at(site, meter.id) is Medium.ELECTRICITY
    if not is_cooling or meter.id in standing.splits.outdoor_units():
        return 0.0
    if feeds.equipment is not None:
        return units.get(feeds.equipment, 0.0)
    if feeds.space is not None:
        return float(any(feeds.space in site.indoor_units[unit].serves for unit in units))
    shares = standing.owners.shares(meter.id, "office", day)
    return math.fsum(float(share.fraction) for share in shares if share.key == office)


def _upstream(standing: Standing, meter: str) -> Iterator[str]:
    above = standing.site.all_meters[meter].parent
    while above is not None:
        yield above
        above = standing.site.all_meters[above].parent


def _hours(spans: Iterable[Span]) -> float:
    return sum(end - start for start, end in spans) / HOUR_US
