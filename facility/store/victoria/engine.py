"""Readings in VictoriaMetrics: written as line protocol, read as raw samples and with MetricsQL."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from facility.errors import StoreRefused, StoreUnavailable
from facility.readings import Batch, Reading, Status, from_us
from facility.store.columns import Columns, columns_of
from facility.store.connection import Connection
from facility.store.tags import LONGEST_TAG_BYTES, tag_of
from facility.store.victoria.encoding import FIELDS, Placed, line_of
from facility.store.victoria.placing import Placing, Slots
from facility.store.victoria.queries import ASKED_AT_ONCE, Queries
from facility.store.victoria.reads import Reads
from facility.store.victoria.recent import Acknowledged
from facility.store.victoria.server import Watched

HELD_READINGS: Final = 200_000
"""Acknowledged readings kept in memory at most, some 60 MB; beyond, the server is told to put them on disk."""

_LINES_AT_ONCE: Final = 10_000
_SEEN_WALL_S: Final = 5.0
_LEAVE_WALL_S: Final = 2.0

_log = logging.getLogger(__name__)


class VictoriaStore(Reads):
    """A database (label `db`) of a VictoriaMetrics server, or of one tenant of a cluster; fulfils
    `facility.store.Store`. Any thread may call. One process at a time writes a database and asks it for `latest`.

    What the server does not promise is done here, with these limits:

    - It acknowledges before anything is on disk. Appends of the last 30 s are kept in memory and sent again, byte by
      byte, when it has died. Lost are readings of the last some 10 s only when both die at once, as in a power cut of
      a machine that carries both: there the embedded engine is the better choice.
    - It keeps two samples of one time. A reading that is not newer than all of its point is looked up before it is
      written: the same again is not, another value goes to series of their own (label `revision`). `most_revisions`
      different readings of a point within a millisecond are refused. A process that died may have left readings of
      its last second that the server does not show yet: another value for those, written at once, may not win.
    - It drops or does not find readings before 1971, before its retention (one month, if it is not told otherwise)
      and more than two days ahead of its clock: these are refused before they are sent.
    - It keeps milliseconds and twelve digits: see `facility.store.victoria.encoding`.

    Args:
        url: of a single server, `http://host:8428`; of a cluster, an address (as vmauth gives it) under which
            `/api/v2/write` leads to the tenant's `insert/<tenant>/influx` and `/api/v1/...` to its
            `select/<tenant>/prometheus`. `/metrics`, `/internal/force_flush` and `/snapshot` are used where there are
            such; without them a restart is only seen when a request fails, and the end waits for nothing.
        database: value of the label `db`.
        token: for a proxy that asks for one: a bearer token, or `user:password`.
        timeout_s: how long one request may take.
    """

    most_revisions: Final = 100

    def __init__(self, url: str, database: str = "houqin", *, token: str = "", timeout_s: float = 30.0) -> None:
        self._place = f"{url}, database {database}"
        self._connection = Connection(url, self._place, token=token, scheme="Bearer", timeout_s=timeout_s)
        self._database = tag_of(database)
        self._server = Watched(self._connection, self._place)
        super().__init__(Queries(self._connection, database), self._server.recent)
        self._writing = threading.Lock()
        self._meeting = threading.Lock()
        self._met = False
        self._newest: dict[str, Placed] = {}
        self._frontier_ms: dict[str, int] = {}
        self._first_us: dict[str, int] = {}
        self._closed = False

    @property
    def rejected(self) -> int:
        """Rows that the server acknowledged and dropped, as far as its counters tell; any client's."""
        return self._server.rejected

    def append(self, batches: Sequence[Batch]) -> None:
        """Writes all batches; the server has acknowledged them when this returns, and what it has not on disk is kept.

        Raises:
            StoreUnavailable: the server does not answer or cannot take them now.
            StoreRefused: it would drop them, or will never take them.
        """
        columns = columns_of(batches)
        if not len(columns):
            return
        with self._writing:
            self._meet()
            self._server.look()
            self._make_room(len(columns))
            self._refuse_times(columns)
            placing = Placing(self._frontier_ms, self._slots, self.most_revisions)
            placing.place(columns)
            self._send(placing)

    def _refuse_times(self, columns: Columns) -> None:
        first_us, end_us = self._server.bounds_us()
        outside = np.flatnonzero((columns.times_us < first_us) | (columns.times_us >= end_us))
        if len(outside):
            point, time_us = columns.points[outside[0]], int(columns.times_us[outside[0]])
            raise StoreRefused(
                f"{self._place} keeps readings from {_moment(first_us)} to {_moment(end_us)}; {point} has one of"
                f" {_moment(time_us)}: check the device's clock, or the server's -retentionPeriod"
            )

    def _make_room(self, count: int) -> None:
        """Keeps what waits for its safety within bounds."""
        if len(self._recent) + count <= HELD_READINGS or not len(self._recent):
            return
        until_s = time.monotonic()
        self._wait_until_seen()
        if not self._server.secure():
            raise StoreUnavailable(
                f"{self._place} took {len(self._recent)} readings that may not be on disk yet, and cannot be"
                " asked to put them there (/snapshot/create); more must wait",
                retry_after_s=5.0,
            )
        self._recent.forget(until_s)

    def _send(self, placing: Placing) -> None:
        tags = {point: self._tag(point) for point in placing.placed}
        requests = self._requests(tags, placing.fresh)
        for point, placed in placing.placed.items():
            last_ms = max(one.time_ms for one in placed)
            self._frontier_ms[point] = max(self._frontier_ms.get(point, last_ms), last_ms)
        for lines in requests:
            self._server.send(lines)
        held = requests + self._requests(tags, placing.repeated)
        self._server.hold(Acknowledged(requests=held, placed=placing.placed, time_s=time.monotonic()))
        for point, placed in placing.placed.items():
            self._note(point, placed)

    def _requests(self, tags: Mapping[str, str], placed: Sequence[tuple[str, Placed]]) -> list[bytes]:
        lines = [line_of(self._database, tags[point], one) for point, one in placed]
        parts = (lines[first : first + _LINES_AT_ONCE] for first in range(0, len(lines), _LINES_AT_ONCE))
        return ["\n".join(part).encode() for part in parts]

    def _tag(self, point: str) -> str:
        tag = tag_of(point)
        if 4 * len(tag) > LONGEST_TAG_BYTES and len(tag.encode()) > LONGEST_TAG_BYTES:
            raise StoreRefused(f"{self._place}: the name {point[:60]}... is longer than {LONGEST_TAG_BYTES} bytes")
        return tag

    def _note(self, point: str, placed: Sequence[Placed]) -> None:
        for one in placed:
            newest = self._newest.get(point)
            if newest is None or one.time_us >= newest.time_us:
                self._newest[point] = one
        if point in self._first_us:
            self._first_us[point] = min(self._first_us[point], *(one.time_us for one in placed))

    def _meet(self) -> None:
        """Learns, once, which points there are and the newest reading of each."""
        with self._meeting:
            if self._met:
                return
            self._server.look()
            self._server.show()
            stored, self._frontier_ms = self._queries.newest(self._queries.points(), self._last_ms())
            for point, last_ms in self._frontier_ms.items():
                series = stored[point].series()
                if not len(series):  # what a crash tore: the newest whole reading is older
                    series = self._before(point, (last_ms + 1) * 1000, FIELDS)
                if len(series):
                    self._newest[point] = Placed(
                        int(series.times_us[-1]), float(series.values[-1]), int(series.statuses[-1]), 0
                    )
            self._met = True

    def _slots(self, points: Sequence[str], first_ms: int, last_ms: int) -> Slots:
        """What lies in each millisecond of these points, as stored, and as acknowledged but not seen yet."""
        self._server.show()
        found: Slots = {point: {} for point in points}
        for start in range(0, len(points), ASKED_AT_ONCE):
            stored = self._queries.samples(points[start : start + ASKED_AT_ONCE], first_ms, last_ms)
            found.update({point: one.occupied() for point, one in stored.items()})
        for point in points:
            for placed in self._recent.of(point):
                slot = found[point].setdefault(placed.time_ms, [])
                slot[:] = sorted([one for one in slot if one.revision != placed.revision] + [placed], key=_revision)
        return found

    def latest(self, points: Sequence[str]) -> dict[str, Reading]:
        """Newest reading of each point that has one."""
        self._open()
        self._meet()
        newest = {point: self._newest[point] for point in points if point in self._newest}
        return {point: _reading(point, placed) for point, placed in newest.items()}

    def extent(self, point: str) -> tuple[int, int] | None:
        """Times of the first and the last reading, None when there is none. Asks for all of a point's history once."""
        self._open()
        self._meet()
        newest = self._newest.get(point)
        if newest is None:
            return None
        if point not in self._first_us:
            first = self._after(point, 0, FIELDS)
            self._first_us[point] = int(first.times_us[0]) if len(first) else newest.time_us
        return self._first_us[point], newest.time_us

    def points(self) -> list[str]:
        """Every point that was ever written, sorted."""
        self._open()
        self._meet()
        return sorted(self._newest)

    def close(self) -> None:
        """Has the server put on disk what it took, and closes the connections. Safe to call twice."""
        if self._closed:
            return
        self._closed = True
        if self._writing.acquire(timeout=_LEAVE_WALL_S):
            try:
                self._leave()
            except StoreUnavailable as error:
                _log.error("%d readings of the last %d s may not be on disk: %s", len(self._recent), 30, error)
            finally:
                self._writing.release()
        else:  # a request hangs
            _log.error("%d readings of the last %d s may not be on disk", len(self._recent), 30)
        self._connection.close()

    def _leave(self) -> None:
        if not len(self._recent):
            return
        self._server.look(now=True)
        self._wait_until_seen()
        if not self._server.secure():
            _log.warning("%s cannot be asked to put readings on disk: it does so within some 10 s", self._place)

    def _wait_until_seen(self) -> None:
        """Waits until questions see the newest reading of each point that was written lately: what the server is still
        sorting in would not be put on disk. Gives up after 5 s.
        """
        end_s = time.monotonic() + _SEEN_WALL_S
        points = self._recent.points()
        while time.monotonic() < end_s:
            self._server.show()
            _, seen_ms = self._queries.newest(points, self._last_ms())
            if all(seen_ms.get(point, 0) >= self._newest[point].time_ms for point in points):
                return
            time.sleep(0.05)

    def _open(self) -> None:
        if self._closed:
            raise StoreUnavailable(f"{self._place} is closed")


def _revision(placed: Placed) -> int:
    return placed.revision


def _reading(point: str, placed: Placed) -> Reading:
    return Reading(
        point=point,
        time=from_us(placed.time_us),
        value=None if math.isnan(placed.value) else placed.value,
        status=Status(placed.status),
    )


def _moment(time_us: int) -> str:
    try:
        return f"{from_us(time_us):%Y-%m-%d %H:%M:%S} UTC"
    except OverflowError:
        return f"{time_us / 1e6:.0f} s after 1970"
