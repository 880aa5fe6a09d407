"""What a bench says: lines of a table, with the figure to reach and whether it was reached."""

from __future__ import annotations

import platform
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One figure beside its reference. `reached` None: nothing was set to be reached, or it could not be measured."""

    bench: str
    what: str
    figure: str
    reference: str
    reach: str = ""
    reached: bool | None = None

    def cells(self) -> tuple[str, ...]:
        """As a table row."""
        word = {True: "yes", False: "no", None: ""}[self.reached]
        return self.bench, self.what, self.figure, self.reference, self.reach, word


HEAD = ("bench", "what", "figure", "reference", "to reach", "reached")


def as_markdown(lines: Sequence[Line]) -> str:
    """A Markdown table."""
    rows = [HEAD, ("---",) * len(HEAD), *(line.cells() for line in lines)]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def machine() -> str:
    """What this ran on, without naming the machine."""
    model = next(
        (line.split(":", 1)[1].strip() for line in _cpuinfo() if line.startswith("model name")), platform.processor()
    )
    packages = ", ".join(f"{name} {version(name)}" for name in ("pymodbus", "numpy", "uvloop", "zstandard"))
    return f"{model}, {len(_cores())} cores, Python {sys.version.split()[0]}, {packages}"


def _cpuinfo() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text().splitlines() if path.exists() else []


def _cores() -> list[str]:
    return [line for line in _cpuinfo() if line.startswith("processor")]


def commit() -> str:
    """The commit measured, with a plus sign when the tree differs from it."""
    try:
        head = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True)
        changed = subprocess.run(["git", "status", "--porcelain"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return head.stdout.strip() + ("+" if changed.stdout.strip() else "")
