"""The reference in C: `libmodbus_reader.c`, compiled where a compiler and libmodbus are to be had."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.bench.slices import Slice, children_cpu_s

SOURCE: Final = Path(__file__).with_name("libmodbus_reader.c")

Request = tuple[int, int, int, int, int]
"""Port, unit, function, address, count."""


def compiled_reader(folder: Path) -> Path | None:
    """The program, None where it cannot be made."""
    compiler = shutil.which("gcc")
    if compiler is None:
        return None
    program = folder / "reader"
    command = [compiler, "-O2", str(SOURCE), "-o", str(program), "-I/usr/include/modbus", "-lmodbus"]
    done = subprocess.run(command, capture_output=True, check=False)
    return program if done.returncode == 0 else None


def reader_slice(
    program: Path, plan: Sequence[Request], plan_file: Path, log: Path, cycles: int, *, units: float
) -> Slice:  # fmt: skip
    """A slice that asks `plan` so many times; it counts for `units` of work.

    Raises:
        AssertionError: in the slice, when not every request was answered.
    """
    plan_file.write_text("\n".join(" ".join(map(str, row)) for row in plan))

    def run_slice() -> tuple[float, float]:
        began = children_cpu_s()
        command = [str(program), str(plan_file), str(log), str(cycles)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert int(done.stdout.split()[0]) == cycles * len(plan), done.stdout
        return units, children_cpu_s() - began

    return run_slice
