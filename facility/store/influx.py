"""Readings in InfluxDB: written as line protocol, read with InfluxQL, which 1.x, 2.x and 3.x all answer.

One measurement, `reading`; the point's id is the tag `point`; fields are `value` (absent where there is none) and
`status`. Checked against influxd 1.6.7 behind a proxy that maps `/api/v2/write` to `/write`.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import orjson

from facility.errors import StoreRefused, StoreUnavailable
from facility.readings import Batch, Reading, Status, from_us
from facility.series import FIRST_BAD, Series, Thinned, empty_series, merged, unthinned
from facility.store.aggregation import aggregated
from facility.store.columns import Columns, columns_of
from facility.store.connection import AnsweredWithError, Connection
from facility.store.protocol import Aggregate, Bucket
from facility.store.tags import LONGEST_TAG_BYTES, point_of, tag_of

_MEASUREMENT: Final = "reading"
_ASKED_AT_ONCE: Final = 200
"""Points named in one query."""

_LINES_AT_ONCE: Final = 5_000
"""Readings in one request, some 400 kB: proxies in front of servers like to stop at 1 MB."""

_NEAR_US: Final = (3_600_000_000, 31 * 86_400_000_000)
"""First one looks so far for the nearest reading: an unbounded question opens every shard that the server has."""

_VALUED: Final = f"status < {FIRST_BAD} AND (value >= 0 OR value < 0)"
_WHOLE: Final = f"status >= 0 AND (status >= {FIRST_BAD} OR value >= 0 OR value < 0)"
"""The fields of a reading that is being written show one after the other; half of one is none yet."""

_FIRST_NS: Final = -(2**63) + 10
_LAST_NS: Final = 2**63 - 10


class InfluxStore:
    """A database of an InfluxDB server; fulfils `facility.store.Store`. Any thread may call.

    It keeps times between the years 1677 and 2262; readings outside are refused. When it finds one reading that it will
    never take, it keeps the others of the request all the same: the caller may send again what it likes.

    Args:
        url: of the server, or of the proxy in front of a 1.x that has no `/api/v2/write` of its own.
        database: its name; of a 2.x or 3.x server the bucket, with the mapping that InfluxQL needs.
        organisation: of a 2.x server.
        token: as the server wants it; for 1.8 `user:password`.
        timeout_s: how long one request may take.
    """

    def __init__(
        self, url: str, database: str, *, organisation: str = "", token: str = "", timeout_s: float = 30.0
    ) -> None:
        self._place = f"{url}, database {database}"
        self._database = database
        self._database_known = False
        self._connection = Connection(
            url, self._place, organisation=organisation, token=token, timeout_s=timeout_s
        )  # fmt: skip

    def append(self, batches: Sequence[Batch]) -> None:
        """Writes all batches; the server has synced them when this returns.

        Raises:
            StoreUnavailable: the server does not answer or cannot take them now.
            StoreRefused: it will never take them.
        """
        columns = columns_of(batches)
        self._refuse_times(columns)
        lines = list(self._lines(columns))
        if lines and not self._database_known:
            # alone: of a long request to a database that it does not know, influxd 1.x resets the connection
            self._write_first(lines.pop(0).encode())
        for first in range(0, len(lines), _LINES_AT_ONCE):
            self._write("\n".join(lines[first : first + _LINES_AT_ONCE]).encode())

    def _refuse_times(self, columns: Columns) -> None:
        outside = np.flatnonzero((columns.times_us < _FIRST_NS // 1000) | (columns.times_us > _LAST_NS // 1000))
        if len(outside):
            raise StoreRefused(
                f"{self._place} keeps times from 1677 to 2262; {columns.points[outside[0]]} has one of"
                f" {columns.times_us[outside[0]] / 1e6:.0f} s after 1970: check the device's clock"
            )

    def _lines(self, columns: Columns) -> Iterator[str]:
        """One line per reading; of two with one point and time only the later."""
        rows: dict[tuple[str, int], tuple[float, int]] = {}
        columns_of_rows = (columns.times_us.tolist(), columns.values.tolist(), columns.statuses.tolist())
        for point, time_us, value, status in zip(columns.points, *columns_of_rows, strict=True):
            rows[point, time_us] = (value, status)
        tags = {point: self._tag(point) for point in dict.fromkeys(columns.points)}
        for (point, time_us), (value, status) in rows.items():
            number = "" if math.isnan(value) else f"value={value!r},"
            yield f"{_MEASUREMENT},point={tags[point]} {number}status={status}i {time_us * 1000}"

    def _tag(self, point: str) -> str:
        tag = tag_of(point)
        if 4 * len(tag) > LONGEST_TAG_BYTES and len(tag.encode()) > LONGEST_TAG_BYTES:
            raise StoreRefused(f"{self._place}: the name {point[:60]}... is longer than {LONGEST_TAG_BYTES} bytes")
        return tag

    def _write_first(self, line: bytes) -> None:
        """Writes to a database that may have to be made first."""
        try:
            self._write(line)
        except AnsweredWithError as error:
            if not (error.status == 404 and "not found" in error.message):
                raise
            self._create_database()
            self._write(line)
        self._database_known = True

    def _write(self, lines: bytes) -> None:
        try:
            self._connection.write(lines, bucket=self._database, precision="ns")
        except StoreUnavailable:
            self._database_known = False  # it may come back without it
            raise

    def _create_database(self) -> None:
        self._ask(f'CREATE DATABASE "{self._database.replace(chr(34), "")}"')

    def _query(self, text: str) -> list[dict[str, Any]]:
        """The series of one InfluxQL statement; a database that is not there yet has none."""
        found: list[dict[str, Any]] = []
        for result in self._ask(text).get("results", ()):
            if "error" in result:
                if "database not found" in result["error"]:
                    return []
                raise StoreUnavailable(f"{self._place}: {result['error']}")
            found += result.get("series", ())
        return found

    def _ask(self, text: str) -> Any:
        fields = [("db", self._database), ("epoch", "ns"), ("q", text)]
        return orjson.loads(self._connection.ask("/query", fields, method="POST"))

    def latest(self, points: Sequence[str]) -> dict[str, Reading]:
        """Newest reading of each point that has one."""
        found: dict[str, Reading] = {}
        now_us = time.time_ns() // 1000
        for start_ns in (*(_ns(now_us - near_us) for near_us in _NEAR_US), _FIRST_NS):
            missing = [point for point in points if point not in found]
            for first in range(0, len(missing), _ASKED_AT_ONCE):
                found |= self._newest(missing[first : first + _ASKED_AT_ONCE], start_ns)
        return found

    def _newest(self, points: Sequence[str], start_ns: int) -> dict[str, Reading]:
        named = " OR ".join(f"point = '{tag_of(point)}'" for point in points)
        series = self._query(
            f"SELECT value, status FROM {_MEASUREMENT} WHERE ({named}) AND time >= {start_ns} AND {_WHOLE}"
            " GROUP BY point ORDER BY time DESC LIMIT 1"
        )
        named_rows = ((point_of(one["tags"]["point"]), one["values"][0]) for one in series)
        return {point: _reading(point, *row) for point, row in named_rows}

    def raw(self, point: str, start_us: int, end_us: int) -> Series:
        """Every reading of `point` in [start, end), in time order; an unknown point gives an empty series."""
        return self._series(point, f"time >= {_ns(start_us)} AND time < {_ns(end_us)} ORDER BY time")

    def around(self, point: str, start_us: int, end_us: int) -> Series:
        """As `raw`, with the last reading with a value before and the first one at or after the end."""
        with_value = f"{_VALUED} ORDER BY time"
        before = self._nearest(
            point,
            *(
                f"time < {_ns(start_us)} AND time >= {from_ns} AND {with_value} DESC LIMIT 1"
                for from_ns in (*(_ns(start_us - near_us) for near_us in _NEAR_US), _FIRST_NS)
            ),
        )
        after = self._nearest(
            point,
            *(
                f"time >= {_ns(end_us)} AND time <= {until_ns} AND {with_value} LIMIT 1"
                for until_ns in (*(_ns(end_us + near_us) for near_us in _NEAR_US), _LAST_NS)
            ),
        )
        return merged(merged(before, self.raw(point, start_us, end_us)), after)

    def _nearest(self, point: str, *conditions: str) -> Series:
        """The answer to the first of the conditions that has one."""
        answers = (self._series(point, condition) for condition in conditions)
        return next((series for series in answers if len(series)), empty_series(point))

    def thinned(
        self,
        point: str,
        edges_us: Sequence[int],
        *,
        pause_us: int,  # noqa: ARG002
        rate_per_s: float | None,  # noqa: ARG002
    ) -> Thinned:
        """All readings: the server keeps no summaries."""
        return unthinned(self.around(point, edges_us[0], edges_us[-1]))

    def extent(self, point: str) -> tuple[int, int] | None:
        """Times of the first and the last reading, None when there is none."""
        first = self._series(point, f"time >= {_FIRST_NS} AND {_WHOLE} ORDER BY time LIMIT 1")
        last = self._series(point, f"time >= {_FIRST_NS} AND {_WHOLE} ORDER BY time DESC LIMIT 1")
        return (int(first.times_us[0]), int(last.times_us[0])) if len(first) else None

    def _series(self, point: str, condition: str) -> Series:
        answer = self._query(
            f"SELECT value, status FROM {_MEASUREMENT} WHERE point = '{tag_of(point)}' AND {condition}"
        )
        if not answer:
            return empty_series(point)
        rows = [
            row for row in answer[0]["values"] if row[2] is not None and (row[1] is not None or row[2] >= FIRST_BAD)
        ]
        if not rows:
            return empty_series(point)
        times_ns, values, statuses = zip(*rows, strict=True)
        marks = np.array(statuses, np.uint8)
        numbers = np.array(values, np.float64)
        return Series(
            point=point,
            times_us=np.array(times_ns, np.int64) // 1000,
            values=np.where(marks < FIRST_BAD, numbers, np.nan),
            statuses=marks,
        )

    def aggregate(self, point: str, edges_us: Sequence[int], how: Aggregate, *, hold_us: int) -> list[Bucket]:
        """One bucket for each pair of neighbouring `edges_us`."""
        return aggregated(self.raw(point, edges_us[0] - hold_us, edges_us[-1]), edges_us, how, hold_us=hold_us)

    def points(self) -> list[str]:
        """Every point that was ever written, sorted."""
        answer = self._query(f"SHOW TAG VALUES FROM {_MEASUREMENT} WITH KEY = point")
        return sorted(point_of(row[1]) for series in answer for row in series["values"])

    def close(self) -> None:
        """Closes the connections. Safe to call twice."""
        self._connection.close()


def _ns(time_us: int) -> int:
    """Nanoseconds, within what the server can tell apart."""
    return max(_FIRST_NS, min(_LAST_NS, time_us * 1000))


def _reading(point: str, time_ns: int, value: float | None, status: int) -> Reading:
    mark = Status(status)
    return Reading(
        point=point,
        time=from_us(time_ns // 1000),
        value=float(value) if value is not None and mark < FIRST_BAD else None,
        status=mark,
    )
