"""The reading half of the embedded store: the same for the process that writes and for those that only look."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from facility.readings import Reading
from facility.series import Series, Thinned, Times, Values, empty_series, merged, unthinned
from facility.store.aggregation import Amounts, Spans, aggregated_columns, aggregated_parts, checked
from facility.store.embedded.container import Connections
from facility.store.embedded.days import DAY_US, EARLIEST_US, LATEST_US, day_of
from facility.store.embedded.increases import plain_increases
from facility.store.embedded.inspection import damage_in
from facility.store.embedded.neighbours import Neighbours
from facility.store.embedded.rolled import RolledParts
from facility.store.embedded.shelf import Shelf
from facility.store.embedded.summaries import FIRST, LAST
from facility.store.embedded.tail import Newest, Tail
from facility.store.embedded.thinning import Thinning, days_touched, joined
from facility.store.protocol import Aggregate, Bucket


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Memory:
    """What is kept in memory: unsealed readings, the newest ones, and the number of each point."""

    tail: Tail
    newest: Newest
    numbers: Mapping[str, int]


class Reads:
    """Answers questions from memory and from what is sealed. Any thread may ask."""

    _connections: Connections

    def _memory(self) -> Memory:
        """What is in memory now."""
        raise NotImplementedError

    @contextlib.contextmanager
    def _shelf(self) -> Iterator[Shelf]:
        """What is sealed now. To be opened after the tail was read: what leaves the tail is sealed by then."""
        with self._connections.reader() as connection:
            yield Shelf(connection, self._connections.path)

    def latest(self, points: Sequence[str]) -> dict[str, Reading]:
        """Newest reading of each point that has one."""
        memory = self._memory()
        known = [point for point in points if point in memory.numbers]
        numbers = np.fromiter((memory.numbers[point] for point in known), np.int32, len(known))
        return memory.newest.readings(numbers, known)

    def raw(self, point: str, start_us: int, end_us: int) -> Series:
        """Every reading of `point` in [start, end), in time order; an unknown point gives an empty series.

        Of days that `retain` dropped it gives the skeleton, which has gaps of up to a quarter of an hour: the first and
        the last reading of each quarter hour, and the readings around each fall, pause and failure.
        """
        asked = self._asked(point)
        if asked is None or end_us <= start_us:
            return empty_series(point)
        with self._shelf() as shelf:
            return asked.within(shelf, start_us, end_us)

    def around(self, point: str, start_us: int, end_us: int) -> Series:
        """As `raw`, with the last reading with a value before and the first one at or after the end."""
        asked = self._asked(point)
        if asked is None:
            return empty_series(point)
        with self._shelf() as shelf:
            neighbours = asked.neighbours(shelf)
            before, after = neighbours.last_before(start_us), neighbours.first_from(end_us)
            between = asked.within(shelf, start_us, end_us) if start_us < end_us else empty_series(point)
        return merged(merged(before, between), after)

    def thinned(self, point: str, edges_us: Sequence[int], *, pause_us: int, rate_per_s: float | None) -> Thinned:
        """As `around`, without readings that are known to be plain; see `facility.store.protocol.Store.thinned`.

        Every span left out starts and ends next to a reading that steps plainly, so that no reading kept has another
        neighbour that matters. Of dropped days it gives the skeleton: exact at edges on quarter hours.
        """
        asked = self._asked(point)
        if asked is None:
            return unthinned(empty_series(point))
        start_us, end_us = edges_us[0], edges_us[-1]
        first, last = day_of(start_us), day_of(end_us - 1)
        with self._shelf() as shelf:
            neighbours = asked.neighbours(shelf)
            thinning = Thinning(
                edges_us,
                pause_us=pause_us,
                rate_per_s=rate_per_s,
                touched={day for day in asked.touched if first <= day <= last},
                day=lambda day: asked.day(shelf, day),
                skeleton=lambda day: shelf.skeleton(asked.number, point, day),
            )
            before = neighbours.last_before(start_us)
            parts = [
                unthinned(before),
                *thinning.parts(shelf.summaries(asked.number, point, first, last), before),
                unthinned(neighbours.first_from(end_us)),
            ]
        return joined(point, parts)

    def plain_increases(
        self, points: Sequence[str], start_us: int, end_us: int, *, pause_us: int, rate_per_s: float | None
    ) -> dict[str, float]:
        """By how much each of many counters rose from `start_us` to `end_us`, of those for which that is plain.

        Plain: sealed, and from the reading before the start to the one after the end all good, none falling, none later
        than `pause_us` after the one before, none rising faster than `rate_per_s` (see `thinned`). Then this is what
        `facility.accounting` makes of it; the others (not in the answer) need `thinned` and a closer look.
        """
        memory = self._memory()
        known = [(memory.numbers[point], point) for point in points if point in memory.numbers]
        unsealed = memory.tail.spans_us([number for number, _ in known])
        first_us, last_us = (day_of(start_us) - 1) * DAY_US, (day_of(end_us) + 2) * DAY_US
        asked = [
            (number, point)
            for number, point in known
            if number not in unsealed or unsealed[number][0] >= last_us or unsealed[number][1] < first_us
        ]
        if not asked:
            return {}
        with self._shelf() as shelf:
            found = plain_increases(shelf, asked, (start_us, end_us), pause_us=pause_us, rate_per_s=rate_per_s)
        return {point: risen for (_, point), risen in zip(asked, found.tolist(), strict=True) if not math.isnan(risen)}

    def extent(self, point: str) -> tuple[int, int] | None:
        """Times of the first and the last reading, None when there is none."""
        asked = self._asked(point)
        if asked is None:
            return None
        times_us = [int(asked.unsealed.times_us[at]) for at in (0, -1) if len(asked.unsealed)]
        with self._shelf() as shelf:
            for back, day in ((False, day_of(EARLIEST_US)), (True, day_of(LATEST_US))):
                record = next(shelf.walked(asked.number, point, day, back=back), None)
                if record is not None:
                    times_us.append(int(record["times_us"][0, LAST if back else FIRST]))
        return (min(times_us), max(times_us)) if times_us else None

    def aggregate(self, point: str, edges_us: Sequence[int], how: Aggregate, *, hold_us: int) -> list[Bucket]:
        """One bucket for each pair of neighbouring `edges_us`; see `aggregate_columns`."""
        edges = checked(edges_us)
        spans, amounts = self._parts(point, edges, how, hold_us)
        return aggregated_parts(spans, amounts, edges, how)

    def aggregate_columns(
        self, point: str, edges_us: Sequence[int] | Times, how: Aggregate, *, hold_us: int
    ) -> tuple[Values, Values]:
        """The same as columns: values, NaN where there is none, and completeness.

        Of days that `retain` dropped, what is reckoned by quarter hours stays exact between edges on quarter hours; a
        value holds there for at most 15 minutes, and an edge within a quarter hour gives all of it to the bucket in
        which it begins.
        """
        edges = checked(edges_us)
        spans, amounts = self._parts(point, edges, how, hold_us)
        return aggregated_columns(spans, amounts, edges, how)

    def _parts(self, point: str, edges: Times, how: Aggregate, hold_us: int) -> tuple[Spans, Amounts]:
        asked = self._asked(point)
        if asked is None:
            asked = _Asked(number=0, unsealed=empty_series(point), touched=frozenset())
        first, last = day_of(int(edges[0]) - hold_us), day_of(int(edges[-1]) - 1)
        with self._shelf() as shelf:
            rolled = RolledParts(
                edges,
                hold_us=hold_us,
                touched={day for day in asked.touched if first <= day <= last},
                day=lambda day: asked.day(shelf, day),
                rollups=lambda days: shelf.rollups(asked.number, point, days, how),
            )
            return rolled.parts(shelf.summaries(asked.number, point, first, last))

    def points(self) -> list[str]:
        """Every point that was ever written, sorted."""
        return sorted(self._memory().numbers)

    def damage(self) -> list[str]:
        """Reads everything and names each part that fails its checks, in words; empty when all is well."""
        names = {number: name for name, number in self._memory().numbers.items()}
        with self._connections.reader() as connection:
            return damage_in(connection, self._connections.path, names)

    def _asked(self, point: str) -> _Asked | None:
        """What is to be known of a point before its sealed readings are looked at, None when there is no such point."""
        memory = self._memory()
        number = memory.numbers.get(point)
        if number is None:
            return None
        unsealed = memory.tail.series(number, point)
        return _Asked(number=number, unsealed=unsealed, touched=frozenset(days_touched(unsealed.times_us)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Asked:
    """One point in one question: its number, its unsealed readings and their days."""

    number: int
    unsealed: Series
    touched: frozenset[int]

    def day(self, shelf: Shelf, day: int) -> Series:
        """All there is of one day."""
        sealed = shelf.day(self.number, self.unsealed.point, day)
        if day not in self.touched:
            return sealed
        return merged(sealed, self.unsealed.between(day * DAY_US, (day + 1) * DAY_US))

    def within(self, shelf: Shelf, start_us: int, end_us: int) -> Series:
        """All there is in [start, end), which is not empty."""
        point = self.unsealed.point
        summaries = shelf.summaries(self.number, point, day_of(start_us), day_of(end_us - 1))
        parts = [shelf.day(self.number, point, day) for day in summaries["day"].tolist()]
        unsealed = self.unsealed.between(start_us, end_us)
        if not parts:
            return unsealed
        sealed = Series(
            point=point,
            times_us=np.concatenate([part.times_us for part in parts]),
            values=np.concatenate([part.values for part in parts]),
            statuses=np.concatenate([part.statuses for part in parts]),
        )
        return merged(sealed.between(start_us, end_us), unsealed)

    def neighbours(self, shelf: Shelf) -> Neighbours:
        """Readings before and after a time."""
        return Neighbours(shelf, self.number, self.unsealed, set(self.touched), lambda day: self.day(shelf, day))
