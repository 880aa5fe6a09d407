"""B14: import time, and start to first reading, of the whole program on the example site."""

from __future__ import annotations

import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from tests.bench.report import Line
from tests.servers import free_port

RUNS = 5


def run() -> list[Line]:
    """Wall seconds, medians of five runs each, fresh processes."""
    imports = [_import_s() for _ in range(RUNS)]
    starts = [_start_s() for _ in range(3)]
    return [
        Line(
            bench="B14", what="import houqin.cli and every room",
            figure=f"{statistics.median(imports):.2f} s",
            reference=f"{min(imports):.2f} to {max(imports):.2f} s",
            reach="1 s", reached=statistics.median(imports) <= 1,
        ),
        Line(
            bench="B14", what="start of `houqin demo --days 0` to the first live reading over the wire",
            figure=f"{statistics.median(starts):.2f} s", reference=f"{min(starts):.2f} to {max(starts):.2f} s",
            reach="3 s", reached=statistics.median(starts) <= 3,
        ),
    ]  # fmt: skip


def _import_s() -> float:
    rooms = "import houqin.cli, houqin.run, gateway.gateway, controller.controller, api.app"
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", rooms], check=True)
    return time.monotonic() - began


def _start_s() -> float:
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "houqin", "demo", "--port", str(port), "--data", f"{folder}/data"]
        command += ["--days", "0", "--no-browser"]
        began = time.monotonic()
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=dict(os.environ), cwd=Path(folder)
        )
        try:
            while not _has_reading(port):
                if process.poll() is not None or time.monotonic() - began > 60:
                    raise RuntimeError("the demonstration did not start")
                time.sleep(0.02)
            return time.monotonic() - began
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=20)


def _has_reading(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/live", timeout=1) as answer:
            return re.search(rb'"quality":"good"', answer.read()) is not None
    except OSError:
        return False
