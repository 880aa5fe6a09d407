"""B7: five questions to the embedded engine, VictoriaMetrics, InfluxDB and a SQLite row per reading, on the same data.

500 counters, read every minute. Asked after 7, 32 and 92 days (5.0, 23.0 and 66.2 million readings) for the 30 days
before the last one, or as many as there are; InfluxDB and SQLite rows after 7 days only, as loading takes them too
long. Time as the asker sees it, in turns; the first answer after a start is told apart from the later ones. All engines
must give the same answers.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from facility.store.embedded import EmbeddedStore
from facility.store.influx import InfluxStore
from facility.store.protocol import Store
from tests.bench.b5_ingest import Feed
from tests.bench.query_engines import Asked, Column, Embedded, Engine, InfluxDb, Rows, VictoriaMetrics
from tests.bench.readings_year import Day, Plan, days
from tests.bench.report import Line
from tests.bench.slices import pin_to_one_core
from tests.facility.store.influxdb import influxdb
from tests.facility.store.victoriametrics import victoriametrics
from tests.servers import Server

PLAN: Final = Plan(series=500, interval_s=60, days=92, meters=True)
SMALL_DAYS: Final = 7
MIDDLE_DAYS: Final = 32
ROUNDS: Final = 7
COMMITS: Final = 60
_SLOW_MS: Final = 1_000.0
"""Who takes longer is asked twice only."""

Question = Callable[[Engine, Asked], Column]

QUESTIONS: Final[Mapping[str, tuple[str, Question, float]]] = {
    "a": ("last of all 500", lambda engine, asked: engine.last_of_all(asked), 1.0),
    "b": ("one point, one day raw", lambda engine, asked: engine.day_raw(asked), 5.0),
    "c": ("hourly means of one point, {} days", lambda engine, asked: engine.hourly_means(asked), 1.0),
    "d": ("use of all 500, {} days", lambda engine, asked: engine.use_of_all(asked), 5.0),
    "e": ("15-minute means of 50 points, {} days", lambda engine, asked: engine.quarter_hours(asked), 1.0),
}
"""Letter: what is asked (over how many days), how, and how many times as long VictoriaMetrics is to take."""

DIFFERENCE: Final = {"a": 0.0, "b": 0.0, "c": 1e-3, "d": 1e-2, "e": 1e-3}
"""How far answers may lie apart: means are weighted by time or not, use is taken between edges or between readings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Milliseconds: of the first answer after a start, and of the later ones in turn."""

    first_ms: float
    later_ms: Sequence[float]

    @property
    def warm_ms(self) -> float:
        """The median of later answers."""
        return statistics.median(self.later_ms)

    def times(self, other: Timing) -> float:
        """How many times as long it takes as `other`: the median over the rounds, each with its own disturbance."""
        return statistics.median(
            mine / theirs for mine, theirs in zip(self.later_ms, other.later_ms, strict=False)
        )  # fmt: skip


def run() -> list[Line]:
    """Loads day by day and asks on the way."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        embedded = Embedded(folder / "embedded")
        stack.callback(embedded.close)
        rows = Rows(folder / "rows.db")
        stack.callback(rows.close)
        server, influx_url = stack.enter_context(_servers(folder))
        lasting: list[Engine] = [embedded]
        victoria = None if server is None else VictoriaMetrics(server.port)
        if victoria is not None:
            lasting.append(victoria)
        engines: list[Engine] = [*lasting, rows]
        if influx_url is not None:
            engines.append(InfluxDb(int(influx_url.rsplit(":", 1)[1])))
        lines = [_ingest(folder, influx_url)]
        least_d_ms: dict[int, float] = {}
        for number, day in enumerate(days(PLAN), start=1):
            present = engines if number <= SMALL_DAYS else lasting
            _load(present, day)
            if number in (SMALL_DAYS, MIDDLE_DAYS, PLAN.days):
                if victoria is not None and server is not None:
                    victoria.settle()
                    server.stop()
                    server.start()
                    victoria.reconnect()
                embedded.reopen()
                timings = _asked(present, Asked(PLAN, number))
                lines += _lines(number, timings)
                least_d_ms[number] = min(timings["d"][embedded.name].later_ms)
    return [*lines, _growth(least_d_ms[MIDDLE_DAYS], least_d_ms[PLAN.days])]


def _growth(middle_ms: float, large_ms: float) -> Line:
    growth = large_ms / middle_ms
    return Line(
        bench="B7", what="d: growth from 23.0 to 66.2 million readings", figure=f"{growth:.2f} times",
        reference=f"least of {ROUNDS}: {middle_ms:.1f} ms, {large_ms:.1f} ms", reach="< 1.3", reached=growth < 1.3,
    )  # fmt: skip


@contextlib.contextmanager
def _servers(folder: Path) -> Iterator[tuple[Server | None, str | None]]:
    """VictoriaMetrics and the address of InfluxDB, where installed; they may use every core."""
    for name in ("vm", "influx"):
        (folder / name).mkdir()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, range(os.cpu_count() or 1))
    with contextlib.ExitStack() as stack:
        server = influx_url = None
        if shutil.which("victoria-metrics"):
            server = stack.enter_context(victoriametrics(folder / "vm"))
        if shutil.which("influxd") and (shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")):
            influx_url = stack.enter_context(influxdb(folder / "influx"))
        pin_to_one_core()
        yield server, influx_url


def _load(engines: Sequence[Engine], day: Day) -> None:
    """All at once: what one server does meanwhile costs the others little."""
    threads = [threading.Thread(target=engine.load, args=(PLAN, day)) for engine in engines if not _is_ours(engine)]
    for thread in threads:
        thread.start()
    for engine in engines:
        if _is_ours(engine):
            engine.load(PLAN, day)
    for thread in threads:
        thread.join()


def _is_ours(engine: Engine) -> bool:
    return isinstance(engine, Embedded | Rows)


def _asked(engines: Sequence[Engine], asked: Asked) -> dict[str, dict[str, Timing]]:
    found: dict[str, dict[str, Timing]] = {}
    for letter, (_, question, _) in QUESTIONS.items():
        times_ms: dict[str, list[float]] = {engine.name: [] for engine in engines}
        answers: dict[str, Column] = {}
        for number in range(ROUNDS + 1):
            for engine in engines:
                if number > 1 and times_ms[engine.name][-1] > _SLOW_MS:
                    continue
                began = time.perf_counter()
                answers[engine.name] = question(engine, asked)
                times_ms[engine.name].append((time.perf_counter() - began) * 1e3)
        _compare(letter, answers)
        found[letter] = {name: Timing(first_ms=times[0], later_ms=times[1:]) for name, times in times_ms.items()}
    return found


def _compare(letter: str, answers: Mapping[str, Column]) -> None:
    ours = answers["embedded"]
    for name, theirs in answers.items():
        assert len(ours) == len(theirs), (letter, name, len(ours), len(theirs))
        apart = float(np.max(np.abs(ours - theirs) / np.maximum(np.abs(theirs), 1e-9)))
        assert apart <= DIFFERENCE[letter], f"{letter}: {name} answers otherwise, by {apart:.2%}"


def _lines(number: int, timings: Mapping[str, Mapping[str, Timing]]) -> list[Line]:
    lines = []
    for letter, (what, _, faster) in QUESTIONS.items():
        times = timings[letter]
        ours, theirs = times["embedded"], times.get(VictoriaMetrics.name)
        others = [
            f"{name} {timing.warm_ms:.1f} (first {timing.first_ms:.1f})"
            for name, timing in times.items() if name != "embedded"
        ]  # fmt: skip
        ratio = None if theirs is None else theirs.times(ours)
        reached = None if ratio is None or number == SMALL_DAYS else ratio >= faster
        if letter == "d" and reached is not None:
            reached = reached and ours.warm_ms <= 50
        lines.append(
            Line(
                bench="B7", what=f"{letter}: {what.format(min(number - 2, 30))}, of {number * 0.72:.1f} million",
                figure=f"{ours.warm_ms:.2f} ms (first {ours.first_ms:.1f})",
                reference=", ".join(others) + ("" if ratio is None else f"; VictoriaMetrics takes {ratio:.1f} times"),
                reach="" if reached is None else f">= {faster:g}x" + (", 50 ms" if letter == "d" else ""),
                reached=reached,
            )
        )  # fmt: skip
    return lines


def _ingest(folder: Path, influx_url: str | None) -> Line:
    what = "durable ingest, 500 readings a commit, wall time: beside InfluxDB 1.6.7 over HTTP"
    if influx_url is None:
        return Line(bench="B7", what=what, figure="", reference="not installed here")
    ours, theirs = EmbeddedStore(folder / "ingest"), InfluxStore(influx_url, "ingest")
    try:
        own_s, influx_s = _commit_s(ours), _commit_s(theirs)
    finally:
        ours.close()
        theirs.close()
    return Line(
        bench="B7", what=what, figure=f"{500 / own_s:,.0f}/s",
        reference=f"{500 / influx_s:,.0f}/s: {influx_s / own_s:.1f} times",
    )  # fmt: skip


def _commit_s(store: Store) -> float:
    feed = Feed()
    times_s = []
    for _ in range(COMMITS):
        commit = feed.commit()
        began = time.perf_counter()
        store.append(commit)
        times_s.append(time.perf_counter() - began)
    return statistics.median(times_s)
