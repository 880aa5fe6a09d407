"""`make bench`: every figure beside its reference, in one run. `make bench ARGS="B3 B5 --write"` for some, kept."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Final

from tests.bench.report import Line, as_markdown, commit, machine
from tests.bench.slices import pin_to_one_core

BENCHES: Final = {
    "B1": "b1_request",
    "B2": "b2_points",
    "B3": "b3_requests",
    "B4": "b4_mqtt",
    "B5": "b5_ingest",
    "B6": "b6_size",
    "B7": "b7_queries",
    "B8": "b8_statements",
    "B9": "b9_cycle",
    "B10": "b10_replay",
    "B14": "b14_start",
}
PAGE: Final = Path(__file__).parents[2] / "docs" / "benchmarks.md"
INTRODUCTION: Final = """# Benchmarks

Made by `make bench ARGS=--write`. Contestants take short slices in shuffled order on one pinned core; figures are
medians with minimum and maximum, CPU time of the measured process. Ratios are what counts: absolute figures drift from
machine to machine.

B2's example site takes 154 requests for its 1,234 Modbus points, so what a request costs in system calls weighs more
than what a point costs; the reference that asks for every point alone pays for 1,234.
"""


def main(arguments: list[str]) -> int:
    """Runs the benches named (all without names); exit code 1 when one could not be run."""
    wanted = [name for name in arguments if not name.startswith("-")] or list(BENCHES)
    unknown = [name for name in wanted if name not in BENCHES]
    if unknown:
        print(f"no such bench: {', '.join(unknown)}; there are {', '.join(BENCHES)}", file=sys.stderr)
        return 2
    lines: list[Line] = []
    for name in wanted:
        print(f"{name} ...", file=sys.stderr, flush=True)
        if name != "B14":
            pin_to_one_core()
        run: Callable[[], list[Line]] = import_module(f"tests.bench.{BENCHES[name]}").run
        lines += run()
    table = as_markdown(lines)
    print(table)
    if "--write" in arguments:
        today = datetime.now(UTC).date().isoformat()
        PAGE.write_text(f"{INTRODUCTION}\n{today}, commit {commit()}, {machine()}.\n\n{table}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
