"""Shared air-conditioning: which indoor unit answers for how much of its outdoor unit's electricity, day by day.

The settlement span is the local day: the day's electricity is split by the day's running. Days over which the outdoor
unit's meter was silent are one span: what it counted then is known as a whole only. Within a span every hour has the
span's fractions, and a longer time is the sum of its spans: so all of them add up to the outdoor unit's meter.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Final

import numpy as np

from facility.accounting.apportion import Rules, Running, Split, split
from facility.accounting.counters import Account
from facility.accounting.metering import GJ_PER_KWH
from facility.accounting.use import Gap
from facility.books.metering import MeterAccounts, edges
from facility.books.running import running_days
from facility.local_days import HOUR_US, date_at, day_edges, midnight_us
from facility.model import Site
from facility.model.entries import IndoorUnit, OutdoorUnit
from facility.series import Times, Values
from facility.store import Store

SETTLED_US: Final = 2 * HOUR_US
"""What ended longer ago is not expected to change of itself: late messages have arrived."""

FRESH_US: Final = 60_000_000
"""What is not settled is worked out anew after so much clock time."""

COMPLETE: Final = 0.999

MAX_SPANS: Final = 20_000
"""Spans kept in memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanSplit:
    """One settlement span [start_us, end_us) of one outdoor unit.

    `energy_kwh` None: nothing is known of what it used; `split` then has fractions by running alone, of no energy.
    `metered`: 0..1, share of its time that good readings of the meter cover.
    """

    start_us: int
    end_us: int
    energy_kwh: float | None
    split: Split
    units: tuple[Running, ...]
    metered: float


class Splits:
    """Splits the outdoor units of a site. What is settled and complete is kept in memory until `forget`."""

    def __init__(self, site: Site, store: Store, accounts: MeterAccounts, now_us: Callable[[], int]) -> None:
        self._site = site
        self._store = store
        self._accounts = accounts
        self._now_us = now_us
        self._kept: OrderedDict[tuple[str, int, int], SpanSplit] = OrderedDict()
        self._passing: dict[tuple[str, int, int], SpanSplit] = {}
        self._passing_since_us = 0
        self._units: dict[str, list[IndoorUnit]] = {}
        for unit in site.indoor_units.values():
            self._units.setdefault(unit.outdoor_unit, []).append(unit)

    def outdoor_units(self) -> dict[str, OutdoorUnit]:
        """Meter id -> the outdoor unit whose electricity it measures and that is split."""
        found = (item for item in self._site.equipment.values() if isinstance(item, OutdoorUnit))
        return {
            item.meter: item
            for item in found
            if item.meter is not None and item.split != "none" and self._units.get(item.id)
        }

    def units_of(self, outdoor: str) -> list[IndoorUnit]:
        """The indoor units of an outdoor unit."""
        return self._units.get(outdoor, [])

    def spans(self, outdoor: OutdoorUnit, start_us: int, end_us: int) -> list[SpanSplit]:
        """The settlement spans of [start, end): its local days, the first and the last as far as they lie in it."""
        self._let_pass()
        keys = [(outdoor.id, *span) for span in pairwise(self._edges(outdoor, start_us, end_us))]
        known = {key: span for key in keys if (span := self._kept.get(key) or self._passing.get(key)) is not None}
        for run in _runs((start, end) for _, start, end in keys if (outdoor.id, start, end) not in known):
            for span in self._worked_out(outdoor, edges(run)):
                known[(outdoor.id, span.start_us, span.end_us)] = span
                self._keep(outdoor.id, span)
        return [known[key] for key in keys]

    def days(self, outdoor: OutdoorUnit, start_us: int, end_us: int) -> list[SpanSplit]:
        """The settlement spans that [start, end) touches, from local midnight on, as far as they are over: an hour has
        its day's shares, however little of the day is asked for.
        """
        zone = self._site.zone
        first_us = midnight_us(date_at(start_us, zone), zone)
        after_us = midnight_us(date_at(end_us - 1, zone) + timedelta(days=1), zone)
        now_us = self._now_us()
        return self.spans(outdoor, first_us, max(end_us, min(after_us, now_us - now_us % FRESH_US)))

    def _let_pass(self) -> None:
        """Drops what may have changed since it was worked out."""
        if abs(self._now_us() - self._passing_since_us) > FRESH_US:
            self._passing.clear()
            self._passing_since_us = self._now_us()

    def forget(self) -> None:
        """Works everything out anew when asked next: readings or entries of the past have changed."""
        self._kept.clear()
        self._passing.clear()

    def _edges(self, outdoor: OutdoorUnit, start_us: int, end_us: int) -> list[int]:
        """Local midnights, but for those inside a long silence of the meter: it is settled as a whole."""
        days = day_edges(start_us, end_us, self._site.zone)
        return without_inner(days, self._account(outdoor, edges(days)).blocks, keep=(start_us, end_us))

    def _account(self, outdoor: OutdoorUnit, days_us: Times) -> Account:
        assert outdoor.meter is not None, f"{outdoor.id} has no meter"
        return self._accounts.account(outdoor.meter, days_us)

    def _worked_out(self, outdoor: OutdoorUnit, spans_us: Times) -> Iterable[SpanSplit]:
        amounts = self._account(outdoor, spans_us).amounts
        columns = [
            running_days(
                self._site, self._store, unit, spans_us, self._heat(unit, spans_us) if _by_heat(outdoor) else None
            )
            for unit in self.units_of(outdoor.id)
        ]
        for index, (start_us, end_us) in enumerate(pairwise(spans_us.tolist())):
            units = tuple(column[index] for column in columns)
            energy_kwh = None if np.isnan(amounts.values[index]) else float(amounts.values[index])
            rules = self._rules(outdoor, 0.0 if energy_kwh is None else (end_us - start_us) / HOUR_US)
            yield SpanSplit(
                start_us=start_us,
                end_us=end_us,
                energy_kwh=energy_kwh,
                split=split(0.0 if energy_kwh is None else energy_kwh, units, rules),
                units=units,
                metered=float(amounts.completeness[index]),
            )

    def _heat(self, unit: IndoorUnit, days_us: Times) -> Values:
        """kWh of heat per day; NaN where nothing is known."""
        if unit.heat_meter is None:
            return np.full(len(days_us) - 1, np.nan)
        values: Values = self._accounts.account(unit.heat_meter, days_us).amounts.values / GJ_PER_KWH
        return values

    def _rules(self, outdoor: OutdoorUnit, standby_hours: float) -> Rules:
        entry = self._site.file.accounting.split
        return Rules(
            method=outdoor.split,
            weights=entry.fan_weights.model_dump(),
            fan_only_divisor=entry.fan_only_divisor,
            standby_kwh=outdoor.standby_kw * standby_hours,
            data_limit=entry.data_limit,
            area_limit=entry.area_limit,
        )

    def _keep(self, outdoor: str, span: SpanSplit) -> None:
        """Keeps a span that is over and fully known; any other is worked out anew after a while."""
        key = (outdoor, span.start_us, span.end_us)
        complete = span.metered > COMPLETE and all(unit.known > COMPLETE for unit in span.units)
        if complete and span.end_us <= self._now_us() - SETTLED_US:
            self._kept[key] = span
        else:
            self._passing[key] = span
        while len(self._kept) > MAX_SPANS:
            self._kept.popitem(last=False)


def without_inner(edges_us: Sequence[int], blocks: Iterable[Gap], keep: Container[int]) -> list[int]:
    """The edges that lie inside no block, and all of `keep`."""
    held = [(block.start_us, block.end_us) for block in blocks]
    return [edge for edge in edges_us if edge in keep or not any(start < edge < end for start, end in held)]


def _by_heat(outdoor: OutdoorUnit) -> bool:
    return outdoor.split == "heat"


def _runs(spans: Iterable[tuple[int, int]]) -> list[list[int]]:
    """Edges of neighbouring spans, so that the store is read once for each stretch."""
    runs: list[list[int]] = []
    for start_us, end_us in spans:
        if runs and runs[-1][-1] == start_us:
            runs[-1].append(end_us)
        else:
            runs.append([start_us, end_us])
    return runs
