"""B6: bytes stored and written per reading, 500 series every 10 s, beside VictoriaMetrics on the same readings."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from facility.readings import Batch
from facility.store.embedded import EmbeddedStore
from tests.bench.readings_year import Day, Plan, batches, days
from tests.bench.report import Line
from tests.servers import Server, free_port

PLAN: Final = Plan(series=500, interval_s=10, days=5)
COMMITS: Final = 2_000


def run() -> list[Line]:
    """Sizes of files on disk, everything sealed: rollups, summaries and what is free for reuse included."""
    with tempfile.TemporaryDirectory() as name, _victoria_metrics(Path(name)) as server:
        folder = Path(name)
        store = EmbeddedStore(folder / "embedded")
        for day in days(PLAN):
            for group in batches(PLAN, day):
                store.append(group)
            store.seal()
            if server is not None:
                _send(server.port, PLAN, day)
        assert len(store.raw(PLAN.points[0], 0, 2**60)) * PLAN.series == PLAN.readings
        store.close()
        stored = _bytes_under(folder / "embedded") / PLAN.readings
        reference = "not installed here"
        if server is not None:
            server.stop()
            reference = f"VictoriaMetrics {_bytes_under(folder / 'victoria') / PLAN.readings:.2f}"
    return [
        Line(
            bench="B6", what=f"bytes stored per reading, {PLAN.readings / 1e6:.1f} million, rollups included",
            figure=f"{stored:.2f}", reference=reference, reach="<= 1", reached=stored <= 1,
        ),
        _written(),
    ]  # fmt: skip


def _written() -> Line:
    """What this process wrote for commits of 500 readings that are sealed in the end."""
    with tempfile.TemporaryDirectory() as folder:
        store = EmbeddedStore(Path(folder))
        before = _written_bytes()
        commits = 0
        for commit in _commits():
            store.append(commit)
            commits += 1
        store.seal()
        store.close()
        written = (_written_bytes() - before) / (commits * PLAN.series)
    return Line(
        bench="B6", what=f"bytes written per reading, {commits:,} commits of 500, then sealed",
        figure=f"{written:.0f}", reference="a row per reading in SQLite 6,844 (measured once)",
        reach="<= 80", reached=written <= 80,
    )  # fmt: skip


def _commits() -> Iterator[list[Batch]]:
    """The first polls of a day, all devices of one poll together."""
    made = 0
    for group in batches(PLAN, next(days(PLAN))):
        for first in range(0, len(group), PLAN.devices):
            if made == COMMITS:
                return
            made += 1
            yield group[first : first + PLAN.devices]


def _written_bytes() -> int:
    lines = Path("/proc/self/io").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("write_bytes"))


def _bytes_under(folder: Path) -> int:
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())


def _send(port: int, plan: Plan, day: Day) -> None:
    """A day's readings by the import API, a series a line."""
    for device in range(plan.devices):
        times_ms = (day.times_us[device] // 1000).tolist()
        lines = [
            f'{{"metric":{{"__name__":"r","point":"{plan.points[place]}"}},"values":{day.values[place].tolist()},'
            f'"timestamps":{times_ms}}}'
            for place in range(device * 10, device * 10 + 10)
        ]
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/api/v1/import", "\n".join(lines).encode(), method="POST"
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            assert answer.status == 204


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
