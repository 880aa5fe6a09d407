"""A VictoriaMetrics server that loses what it took when it dies: watched, and given again what it may have lost."""

from __future__ import annotations

import contextlib
import logging
import time
from typing import Final

import orjson

from facility.store.connection import AnsweredWithError, Connection
from facility.store.victoria.health import Health, health_of
from facility.store.victoria.queries import FIRST_MS
from facility.store.victoria.recent import Acknowledged, Recent

KEPT_S: Final = 30.0
"""So long an acknowledged append is kept for another sending. VictoriaMetrics 1.79.5 has it on disk after some 7 s."""

SHORTEST_RETENTION_S: Final = 400 * 86_400.0
"""Statements of a year need the year and the month before it."""

_LOOK_EVERY_S: Final = 5.0
_FIRST_S: Final = FIRST_MS / 1000
_AHEAD_S: Final = 2 * 86_400

_log = logging.getLogger(__name__)


class Watched:
    """Sends lines, keeps them until the server has them on disk, and sends them again after it died.

    One thread at a time writes. Attributes:
        recent: what was acknowledged lately.
        rejected: rows that the server dropped though it had acknowledged them, as far as its counters were seen to
            grow; those of its other clients are among them.
    """

    def __init__(self, connection: Connection, place: str) -> None:
        self.recent = Recent()
        self.rejected = 0
        self._connection = connection
        self._place = place
        self._health: Health | None = None
        self._looked_s: float | None = None
        self._failures: int | None = None
        self._owes = False

    def send(self, lines: bytes) -> None:
        """Writes lines once.

        Raises:
            StoreUnavailable: it may have taken them or not.
        """
        self._connection.write(lines, bucket="houqin", precision="ms")

    def hold(self, append: Acknowledged) -> None:
        """Keeps what was acknowledged."""
        self.recent.hold(append)

    def bounds_us(self) -> tuple[int, int]:
        """Times of readings that the server will take: not before, and before. It drops others without a word, and
        does not find what lies in 1970.
        """
        health = self._health
        now_s = time.time() if health is None else health.now_s + time.monotonic() - (self._looked_s or 0.0)
        retention_s = None if health is None else health.retention_s
        first_s = _FIRST_S if retention_s is None else max(_FIRST_S, now_s - retention_s + 3_600)
        return round(first_s * 1e6), round((now_s + _AHEAD_S - 60) * 1e6)

    def look(self, *, now: bool = False) -> None:
        """Looks at the server when it is time to, or was in doubt: sends again what it may have lost, forgets what it
        has for good.

        Raises:
            StoreUnavailable: it does not answer, or does not take what it lost.
        """
        looked_s, failures = time.monotonic(), self._connection.failures
        due = self._looked_s is None or looked_s - self._looked_s >= _LOOK_EVERY_S
        if not (now or due or failures != self._failures):
            return
        health = self._asked_health()
        died = self._may_have_died(health)
        self._note(health, died)
        self._health, self._looked_s = health, looked_s
        self._owes = self._owes or died
        if self._owes:
            self._send_again()
        self._owes, self._failures = False, failures
        self.recent.forget(looked_s - KEPT_S)

    def _may_have_died(self, health: Health | None) -> bool:
        """Whether it is in another life than at the last look. Its page tells the second of its start only: if it had
        only just started then, any other page is taken for another life's. A server that tells nothing is taken to have
        died after every failure.
        """
        before = self._health
        if health is None or before is None:
            return self._connection.failures != self._failures
        was_young = before.now_s - before.start_s <= 2.0
        return (
            health.start_s != before.start_s
            or health.inserted < before.inserted
            or (was_young and health.fingerprint != before.fingerprint)
        )

    def _send_again(self) -> None:
        appends = self.recent.appends()
        for append in appends:
            for lines in append.requests:
                self.send(lines)
        if appends:
            self.recent.renew(time.monotonic())
            _log.warning("%s was away: the last %d readings were sent again", self._place, len(self.recent))

    def _asked_health(self) -> Health | None:
        try:
            return health_of(self._connection.ask("/metrics", method="GET").decode("utf-8", "replace"))
        except AnsweredWithError as error:
            if error.status in (429, 502, 503, 504):
                raise
            return None

    def _note(self, health: Health | None, died: bool) -> None:
        before = self._health
        if self._looked_s is None:
            self._greet(health)
        if health is None:
            return
        base = 0 if before is None or died else before.rejected
        if before is not None and health.rejected > base:
            self.rejected += health.rejected - base
            _log.error(
                "%s dropped %d rows that it had acknowledged: readings of this or another of its clients are lost; "
                "see vm_rows_ignored_total and vm_rows_invalid_total on its page /metrics, and its log",
                self._place, health.rejected - base,
            )  # fmt: skip

    def _greet(self, health: Health | None) -> None:
        if health is None:
            _log.warning(
                "%s shows no /metrics: whether it restarts or drops rows cannot be seen from here", self._place
            )
            return
        if health.retention_s is not None and health.retention_s < SHORTEST_RETENTION_S:
            _log.warning(
                "%s keeps readings for %d days only; statements need more: start it with -retentionPeriod=10y",
                self._place,
                health.retention_s // 86_400,
            )
        if health.dedup_s is not None and health.dedup_s > 0.001:
            _log.error(
                "%s keeps one reading in %g s and drops the others: start it with -dedup.minScrapeInterval=1ms or less",
                self._place, health.dedup_s,
            )  # fmt: skip

    def show(self) -> None:
        """Asks the server to let questions see what it took."""
        with contextlib.suppress(AnsweredWithError):  # behind a proxy, or with a key of its own
            self._connection.ask("/internal/force_flush", method="GET")

    def secure(self) -> bool:
        """Has the server put all it took on disk, by a snapshot that is deleted at once. False: it did not.

        Raises:
            StoreUnavailable: it does not answer.
        """
        try:
            name = orjson.loads(self._connection.ask("/snapshot/create", method="GET")).get("snapshot")
            if name:
                self._connection.ask("/snapshot/delete", [("snapshot", name)], method="GET")
        except (AnsweredWithError, orjson.JSONDecodeError):
            return False
        return bool(name)
