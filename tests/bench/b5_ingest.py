"""B5: durable ingest, 500 readings a commit, beside a SQLite row per reading and VictoriaMetrics (not durable)."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import statistics
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from facility.readings import Batch
from facility.store.embedded import EmbeddedStore
from tests.bench.report import Line
from tests.bench.slices import Slice, compare, cpu_s
from tests.servers import Server, free_port

SERIES = 500
COMMITS = 40
POINTS = tuple(f"meter-{number:03d}.power" for number in range(SERIES))

Write = Callable[[list[Batch]], None]


class Feed:
    """Readings as a site gives them: 500 series, ten batches of 50 a commit, ten seconds apart."""

    def __init__(self) -> None:
        self._cycle = 0

    def commit(self) -> list[Batch]:
        """The next 500 readings."""
        self._cycle += 1
        time_us = (1_767_225_600 + 10 * self._cycle) * 1_000_000
        return [
            Batch(
                time_us=time_us + part,
                points=POINTS[part : part + 50],
                values=tuple(3.0 + ((self._cycle * 31 + part + offset) % 977) / 100 for offset in range(50)),
            )
            for part in range(0, SERIES, 50)
        ]


def run() -> list[Line]:
    """CPU per reading of this process, commits durable (synchronous=FULL) for both SQLite contestants."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        store = EmbeddedStore(folder / "embedded")
        stack.callback(store.close)
        rows = sqlite3.connect(folder / "rows.db", isolation_level=None)
        stack.callback(rows.close)
        writers: dict[str, Write] = {"embedded": store.append, "rows": _row_writer(rows)}
        server = stack.enter_context(_victoria_metrics(folder))
        if server is not None:
            writers["victoria"] = _victoria_writer(server.port)
        wall = _walls_s(writers)
        result = compare({name: _slice(write) for name, write in writers.items()})
    lines = [
        Line(
            bench="B5", what="durable ingest, readings per CPU second of the writer",
            figure=f"{1 / result.cost_s['embedded'].median:,.0f} (wall {SERIES / wall['embedded']:,.0f}/s)",
            reference=f"SQLite row per reading {1 / result.cost_s['rows'].median:,.0f}"
            f" (wall {SERIES / wall['rows']:,.0f}/s): {result.relative['rows']} times the CPU",
            reach=">= 5x", reached=result.relative["rows"].median >= 5,
        )
    ]  # fmt: skip
    if "victoria" in wall:
        ratio = wall["victoria"] / wall["embedded"]
        lines.append(
            Line(
                bench="B5", what="the same against VictoriaMetrics over HTTP (acknowledged, not durable), wall time",
                figure=f"{SERIES / wall['embedded']:,.0f}/s",
                reference=f"{SERIES / wall['victoria']:,.0f}/s: {ratio:.2f} times",
                reach=">= 1x", reached=ratio >= 1,
            )
        )  # fmt: skip
    else:
        lines.append(Line(bench="B5", what="against VictoriaMetrics", figure="", reference="not installed here"))
    lines.append(
        Line(bench="B5", what="control: embedded against itself", figure=str(result.control), reference="1.00")
    )
    return lines


def _slice(write: Write) -> Slice:
    feed = Feed()

    def run_slice() -> tuple[float, float]:
        commits = [feed.commit() for _ in range(COMMITS)]
        began = cpu_s()
        for commit in commits:
            write(commit)
        return COMMITS * SERIES, cpu_s() - began

    return run_slice


def _walls_s(writers: Mapping[str, Write]) -> dict[str, float]:
    """Wall time of a commit, the median of 200 that each writer makes in turn."""
    feeds = {name: Feed() for name in writers}
    times: dict[str, list[float]] = {name: [] for name in writers}
    for _ in range(200):
        for name, write in writers.items():
            commit = feeds[name].commit()
            began = time.perf_counter()
            write(commit)
            times[name].append(time.perf_counter() - began)
    return {name: statistics.median(walls) for name, walls in times.items()}


def _row_writer(connection: sqlite3.Connection) -> Write:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS reading(point INTEGER, time INTEGER, value REAL, PRIMARY KEY(point, time))"
        " WITHOUT ROWID"
    )
    numbers = {point: number for number, point in enumerate(POINTS)}

    def write(batches: list[Batch]) -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(
            "INSERT OR REPLACE INTO reading VALUES (?, ?, ?)",
            [
                (numbers[point], batch.time_us, value)
                for batch in batches
                for point, value in zip(batch.points, batch.values, strict=True)
            ],
        )
        connection.execute("COMMIT")

    return write


def _victoria_writer(port: int) -> Write:
    url = f"http://127.0.0.1:{port}/write?precision=ms"

    def write(batches: list[Batch]) -> None:
        lines = [
            f"r,point={point} value={value} {batch.time_us // 1000}"
            for batch in batches
            for point, value in zip(batch.points, batch.values, strict=True)
        ]
        with urllib.request.urlopen(url, data="\n".join(lines).encode(), timeout=10) as answer:
            assert answer.status == 204

    return write


@contextlib.contextmanager
def _victoria_metrics(folder: Path) -> Iterator[Server | None]:
    program = shutil.which("victoria-metrics")
    if program is None:
        yield None
        return
    port = free_port()
    options = [f"-storageDataPath={folder}/victoria", f"-httpListenAddr=127.0.0.1:{port}", "-retentionPeriod=100y"]
    server = Server([program, *options], port, folder / "victoria.log")
    server.start()
    try:
        yield server
    finally:
        server.stop()
