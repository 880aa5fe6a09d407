"""Readings in InfluxDB: written as line protocol, read with InfluxQL, which 1.x, 2.x and 3.x all answer.

One measurement, `reading`; the point's id is the tag `point`; fields are `value` (absent where there is none) and
`status`. influxdb-client is met in this file only. Checked against influxd 1.6.7 behind a proxy that maps
`/api/v2/write` to `/write`.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, TypeVar
from urllib.parse import quote, unquote

import numpy as np
from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.client.write_api import SYNCHRONOUS
from influxdb_client.rest import ApiException
from urllib3.exceptions import HTTPError

from facility.errors import StoreRefused, StoreUnavailable
from facility.readings import Batch, Reading, Status, from_us
from facility.series import FIRST_BAD, Series, Thinned, empty_series, merged, unthinned
from facility.store.aggregation import aggregated
from facility.store.columns import Columns, columns_of
from facility.store.protocol import Aggregate, Bucket

T = TypeVar("T")

_MEASUREMENT: Final = "reading"
_ASKED_AT_ONCE: Final = 200
"""Points named in one query."""

_SAFE: Final = "".join(map(chr, range(0x21, 0x7F))).translate(str.maketrans("", "", "%\\,='\""))
_REFUSALS: Final = (400, 413, 422)
_FIRST_NS: Final = -(2**63) + 10
_LAST_NS: Final = 2**63 - 10


def tag_of(point: str) -> str:
    """A point's id as a tag value that means nothing to line protocol or InfluxQL: what might is percent-encoded.

    Ids as site files have them stay as they are, and so do letters of every script.
    """
    return "".join(char if char in _SAFE or (char > "\x7f" and char.isalnum()) else _encoded(char) for char in point)


def _encoded(char: str) -> str:
    return quote(char, safe="", errors="surrogatepass")


def point_of(tag: str) -> str:
    """The point's id again."""
    return unquote(tag, errors="surrogatepass")


class InfluxStore:
    """A database of an InfluxDB server; fulfils `facility.store.Store`. Any thread may call; calls take turns.

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
        self._url = url
        self._database = database
        self._lock = threading.Lock()
        self._client = InfluxDBClient(
            url=url, token=token, org=organisation or "-", timeout=round(timeout_s * 1000), retries=False,
            enable_gzip=True,
        )  # fmt: skip
        self._writer = self._client.write_api(write_options=SYNCHRONOUS)

    def append(self, batches: Sequence[Batch]) -> None:
        """Writes all batches; the server has synced them when this returns.

        Raises:
            StoreUnavailable: the server does not answer or cannot take them now.
            StoreRefused: it will never take them.
        """
        lines = "\n".join(_lines(columns_of(batches))).encode()
        if lines:
            try:
                self._send(lambda: self._write(lines))
            except _DatabaseMissing:
                self._send(self._create_database)
                self._send(lambda: self._write(lines))

    def _write(self, lines: bytes) -> None:
        self._writer.write(bucket=self._database, record=lines)  # precision: the client's default, ns

    def _create_database(self) -> None:
        self._ask(f'CREATE DATABASE "{self._database.replace(chr(34), "")}"')

    def _send(self, call: Callable[[], T]) -> T:
        """Runs one request and says in the building's words how it failed."""
        with self._lock:
            try:
                return call()
            except ApiException as error:
                text = f"{self._url}, database {self._database}: {error.status} {_said(error)}"
                if error.status == 404 and "not found" in text:
                    raise _DatabaseMissing(f"{text}; create it, or let this user do so") from error
                if error.status in _REFUSALS:
                    raise StoreRefused(text, raw=str(error.body).encode()[:200]) from error
                raise StoreUnavailable(f"{text}; check the server and the token") from error
            except (HTTPError, OSError) as error:
                raise StoreUnavailable(f"{self._url} does not answer: {error}; check that the server runs") from error

    def _query(self, text: str) -> list[dict[str, Any]]:
        """The series of one InfluxQL statement; a database that is not there yet has none."""
        answer = self._send(lambda: self._ask(text))
        found: list[dict[str, Any]] = []
        for result in answer.get("results", ()):
            if "error" in result:
                if "database not found" in result["error"]:
                    return []
                raise StoreUnavailable(f"{self._url}, database {self._database}: {result['error']}")
            found += result.get("series", ())
        return found

    def _ask(self, text: str) -> Any:
        call: Any = self._client.api_client.call_api
        return call(
            "/query",
            "POST",
            query_params=[("db", self._database), ("epoch", "ns")],
            header_params={"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
            post_params=[("q", text)],
            response_type="object",
            auth_settings=[],
            _return_http_data_only=True,
        )

    def latest(self, points: Sequence[str]) -> dict[str, Reading]:
        """Newest reading of each point that has one."""
        found: dict[str, Reading] = {}
        for first in range(0, len(points), _ASKED_AT_ONCE):
            named = " OR ".join(f"point = '{tag_of(point)}'" for point in points[first : first + _ASKED_AT_ONCE])
            text = f"SELECT value, status FROM {_MEASUREMENT} WHERE {named} GROUP BY point ORDER BY time DESC LIMIT 1"
            for series in self._query(text):
                point = point_of(series["tags"]["point"])
                found[point] = _reading(point, *series["values"][0])
        return found

    def raw(self, point: str, start_us: int, end_us: int) -> Series:
        """Every reading of `point` in [start, end), in time order; an unknown point gives an empty series."""
        return self._series(point, f"time >= {_ns(start_us)} AND time < {_ns(end_us)} ORDER BY time")

    def around(self, point: str, start_us: int, end_us: int) -> Series:
        """As `raw`, with the last reading with a value before and the first one at or after the end."""
        with_value = f"AND status < {FIRST_BAD} ORDER BY time"
        before = self._series(point, f"time < {_ns(start_us)} {with_value} DESC LIMIT 1")
        after = self._series(point, f"time >= {_ns(end_us)} {with_value} LIMIT 1")
        return merged(merged(before, self.raw(point, start_us, end_us)), after)

    def thinned(self, point: str, edges_us: Sequence[int], *, pause_us: int, rate_per_s: float | None) -> Thinned:
        """All readings: the server keeps no summaries."""
        return unthinned(self.around(point, edges_us[0], edges_us[-1]))

    def extent(self, point: str) -> tuple[int, int] | None:
        """Times of the first and the last reading, None when there is none."""
        first = self._series(point, f"time >= {_FIRST_NS} ORDER BY time LIMIT 1")
        last = self._series(point, f"time >= {_FIRST_NS} ORDER BY time DESC LIMIT 1")
        return (int(first.times_us[0]), int(last.times_us[0])) if len(first) else None

    def _series(self, point: str, condition: str) -> Series:
        answer = self._query(
            f"SELECT value, status FROM {_MEASUREMENT} WHERE point = '{tag_of(point)}' AND {condition}"
        )
        if not answer:
            return empty_series(point)
        times_ns, values, statuses = zip(*answer[0]["values"], strict=True)
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
        with self._lock:
            close: Callable[[], None] = self._client.close
            close()


class _DatabaseMissing(StoreUnavailable):
    """The server does not know the database (yet)."""


def _lines(columns: Columns) -> Iterable[str]:
    """One line per reading; of two with one point and time only the later."""
    rows: dict[tuple[str, int], tuple[float, int]] = {}
    columns_of_rows = (columns.times_us.tolist(), columns.values.tolist(), columns.statuses.tolist())
    for point, time_us, value, status in zip(columns.points, *columns_of_rows, strict=True):
        rows[(point, time_us)] = (value, status)
    tags = {point: tag_of(point) for point in dict.fromkeys(columns.points)}
    for (point, time_us), (value, status) in rows.items():
        number = "" if math.isnan(value) else f"value={value!r},"
        yield f"{_MEASUREMENT},point={tags[point]} {number}status={status}i {time_us}000"


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


def _said(error: ApiException) -> str:
    body = error.body if isinstance(error.body, str) else bytes(error.body or b"").decode("utf-8", "replace")
    return body.strip()[:300]
