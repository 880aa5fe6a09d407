"""Looks at the program itself: whether store and records take what they are given, whether the clock tells the time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Protocol

from controller.alarming.findings import Finding
from facility.bus.messages import AlarmLevel
from facility.clock import Clock
from facility.spool import Figures
from facility.text import Text


class Writer(Protocol):
    """Whoever enters into a store or the records: what waits, how much may, and whether it is refused now."""

    @property
    def waiting(self) -> int:
        """Entries that wait."""
        ...

    @property
    def capacity(self) -> int:
        """How many may wait."""
        ...

    @property
    def away(self) -> bool:
        """Whether the last try failed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Memories:
    """The two ends that feed a site's memory; None where there is none to look at. `spool` tells how that before the
    store stands, None where there is none; `refused` how many readings the store would never take; `folders` are those
    that both lie in.
    """

    store: Writer | None = None
    records: Writer | None = None
    spool: Callable[[], Figures | None] = lambda: None
    refused: Callable[[], int] = lambda: 0
    folders: Sequence[Path] = ()


REFUSED_FOR: Final = timedelta(minutes=10)
"""So long after the last refusal it counts as over."""

STORE: Final = Text("时序库", "the time-series store")
RECORDS: Final = Text("记录库", "the records' database")


class MemoryLook:
    """Finds a store or records that take nothing or refuse, and what waits for them growing towards its limit.

    Args:
        memories: who writes.
        percent: from so much of its capacity on what waits is an alarm; None: not looked for.
    """

    every_s = 5.0
    least_wall_s = 1.0
    owns = ("store_away", "store_refuses", "records_away", "spool:")

    def __init__(self, memories: Memories, *, percent: float | None) -> None:
        self._parts = (("store", STORE, memories.store), ("records", RECORDS, memories.records))
        self._memories = memories
        self._percent = percent
        self._refused = 0
        self._refused_at: datetime | None = None

    async def look(self, now: datetime) -> list[Finding]:
        """Both memories now."""
        spool = self._memories.spool()
        found = [*self._refusals(now), *([] if spool is None else self._spooled(spool))]
        for name, text, writer in self._parts:
            if writer is None:
                continue
            if writer.away:
                found.append(_away(name, text, writer.waiting, spool if name == "store" else None))
            full = 100.0 * writer.waiting / writer.capacity
            if self._percent is not None and full >= self._percent:
                found.append(_full(name, text, full))
        return found

    def _refusals(self, now: datetime) -> Iterator[Finding]:
        refused = self._memories.refused()
        if refused > self._refused:
            self._refused, self._refused_at = refused, now
        if self._refused_at is not None and now - self._refused_at < REFUSED_FOR:
            yield Finding(
                key="store_refuses",
                level=AlarmLevel.SERIOUS,
                text=Text(
                    f"{STORE.zh}拒收读数，本次启动以来共 {refused} 条；原因见日志",
                    f"{STORE.en} refuses readings, {refused} since the start; the log says why",
                ),
            )

    def _spooled(self, spool: Figures) -> Iterator[Finding]:
        full = self._percent is not None and spool.percent >= self._percent
        dropped = sum(spool.dropped.values())
        if full and not dropped:
            yield _spool_fills(spool)
        if full and dropped:
            yield _spool_drops(spool, dropped)
        if spool.damaged:
            yield _spool_damaged(spool)


def _away(name: str, what: Text, waiting: int, spool: Figures | None) -> Finding:
    if spool is not None:
        return Finding(
            key=f"{name}_away",
            level=AlarmLevel.SERIOUS,
            text=Text(
                f"{what.zh}暂时无法写入，{spool.items} 条在磁盘缓存中等待，占 {spool.percent:.0f}%",
                f"{what.en} takes nothing now, {spool.items} entries wait on disk, {spool.percent:.0f} % of the room",
            ),
        )
    return Finding(
        key=f"{name}_away",
        level=AlarmLevel.SERIOUS,
        text=Text(
            f"{what.zh}暂时无法写入，{waiting} 条在内存中等待",
            f"{what.en} takes nothing now, {waiting} entries wait in memory",
        ),
    )


def _full(name: str, what: Text, percent: float) -> Finding:
    return Finding(
        key=f"spool:{name}",
        level=AlarmLevel.CRITICAL,
        text=Text(
            f"等待写入{what.zh}的数据已占缓存 {percent:.0f}%，满后将丢弃新数据",
            f"what waits for {what.en} fills {percent:.0f} % of its room; new entries will be refused",
        ),
    )


def _spool_fills(spool: Figures) -> Finding:
    return Finding(
        key="spool:fills",
        level=AlarmLevel.CRITICAL,
        text=Text(
            f"等待写入{STORE.zh}的读数已占磁盘缓存 {spool.percent:.0f}%，满后按站点文件的规定舍弃",
            f"readings for {STORE.en} fill {spool.percent:.0f} % of their room on disk; then some are given up as the "
            "site file says",
        ),
    )


def _spool_drops(spool: Figures, dropped: int) -> Finding:
    by_class = ", ".join(f"{name} {count}" for name, count in spool.dropped.items() if count)
    return Finding(
        key="spool:drops",
        level=AlarmLevel.CRITICAL,
        text=Text(
            f"磁盘缓存已满，已舍弃 {dropped} 条读数（{by_class}）",
            f"the room on disk is used up: {dropped} readings were given up ({by_class})",
        ),
    )


def _spool_damaged(spool: Figures) -> Finding:
    names = ", ".join(path.name for path in spool.damaged[-3:])
    return Finding(
        key="spool:damaged",
        level=AlarmLevel.SERIOUS,
        text=Text(
            f"磁盘缓存文件损坏，可读部分已使用，原文件另存为 {names}；请检查磁盘",
            f"a file of the room on disk is damaged; what can be read of it is used, the file is kept as {names}: "
            "check the disk",
        ),
    )


class ClockLook:
    """Holds the clock against a second one that nobody sets: a sudden difference is a jump, a growing one a drift.

    Args:
        clock: the site's. One that is moved by hand is not looked at.
        jump_s: a difference between two looks from which on it is a jump; None: not looked for.
        drift_s_per_hour: a difference within an hour from which on it is a drift; None: not looked for.
        steady: seconds that only ever go on.
    """

    every_s = 10.0
    least_wall_s = 1.0
    owns = ("clock_jump", "clock_drift")

    def __init__(
        self,
        clock: Clock,
        *,
        jump_s: float | None,
        drift_s_per_hour: float | None,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._jump_s = jump_s
        self._drift_s = drift_s_per_hour
        self._steady = steady
        self._seen: tuple[datetime, float] | None = None
        self._hour: tuple[float, float] = (steady(), 0.0)
        self._drifts: float | None = None

    async def look(self, now: datetime) -> list[Finding]:
        """A jump, by the look that sees it: it stays until somebody acknowledges it. A drift, while there is one."""
        steady_s = self._steady()
        if self._clock.pace <= 0:
            return []
        found: list[Finding] = []
        if self._seen is not None:
            went_s = (now - self._seen[0]).total_seconds() / self._clock.pace
            found = self._compare(went_s - (steady_s - self._seen[1]))
        self._seen = now, steady_s
        begun_s, gathered_s = self._hour
        if steady_s - begun_s >= 3600.0:
            self._drifts = gathered_s if self._drift_s is not None and abs(gathered_s) >= self._drift_s else None
            self._hour = steady_s, 0.0
        return found if self._drifts is None else [*found, _drift(self._drifts)]

    def _compare(self, difference_s: float) -> list[Finding]:
        if self._jump_s is not None and abs(difference_s) >= self._jump_s:
            return [_jump(difference_s)]
        begun_s, gathered_s = self._hour
        self._hour = begun_s, gathered_s + difference_s
        return []


def _drift(seconds: float) -> Finding:
    return Finding(
        key="clock_drift",
        text=Text(f"系统时钟一小时漂移 {seconds:+.1f} 秒", f"the clock drifted by {seconds:+.1f} s within an hour"),
    )


def _jump(seconds: float) -> Finding:
    return Finding(
        key="clock_jump",
        level=AlarmLevel.SERIOUS,
        text=Text(f"系统时钟跳变 {seconds:+.0f} 秒", f"the clock jumped by {seconds:+.0f} s"),
    )
