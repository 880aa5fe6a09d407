"""docs/faults.md, made from the catalogue and what was proved of it: `python -m tests.faults.page` writes it anew."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.faults.catalogue import CATALOGUE, SECTIONS, Fault
from tests.faults.proofs import Proof, known

FILE: Final = Path(__file__).parents[2] / "docs" / "faults.md"
_HEAD: Final = """\
# Faults

What goes wrong around Houqin, how a test brings it about, and what Houqin does then. FT numbers are those of the
catalogue of faults that the design started from; lines without a number were found later.

The guard is the place in the program that holds against the fault. `python -m tests.faults.guards_off` takes each
guard out by itself, in a copy of the tree, and runs the line's tests: at least one has to fail, and by what it asserts,
not because the program no longer loads. A run stops at the first test that fails, so not each of them was seen to. The
last column says when a line was last seen to fail with this very guard and these tests, and by what. This page is
made from `tests/faults/catalogue` and `tests/faults/proofs.json` by `python -m tests.faults.page`; a test holds it to
them.
"""
_COLUMNS: Final = """\
| fault | provoked by | what is asserted | tests | guard | seen to fail without it |
|---|---|---|---|---|---|
"""
_FOOT: Final = """\
## A controller that keeps failing

A controller that fails is started again after a growing pause (`houqin/supervisor.py`) and gives its lease back in
between, so that a standby acts meanwhile; units stay as they are and the window's end is the gateway's.
"""


def page(proofs: Mapping[str, Proof]) -> str:
    """The whole page."""
    tables = (
        f"## {name}\n\n{_COLUMNS}" + "".join(_row(fault, proofs.get(fault.key)) for fault in faults)
        for name, faults in SECTIONS.items()
    )
    return "\n".join((_HEAD, _summary(proofs), *tables, _FOOT))


def _summary(proofs: Mapping[str, Proof]) -> str:
    guarded = [fault for fault in CATALOGUE if fault.guard is not None]
    seen = [fault for fault in guarded if fault.key in proofs]
    lines = [
        f"{len(CATALOGUE)} lines, {len(guarded)} of them with a guard that can be taken out; of {len(seen)} the tests"
        " were seen to fail without it."
    ]
    unseen = [fault.key for fault in guarded if fault.key not in proofs]
    if unseen:
        lines.append(f"Not seen yet: {', '.join(unseen)}.")
    return "\n".join(lines) + "\n"


def _row(fault: Fault, proof: Proof | None) -> str:
    number = "" if fault.number is None else f"FT-{fault.number:02d} "
    cells = (number + fault.fault, fault.provoked, fault.asserted, _tests(fault), _guard(fault), _seen(fault, proof))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _tests(fault: Fault) -> str:
    """Each file with its tests, without what all names begin with."""
    files: dict[str, list[str]] = {}
    for test in fault.tests:
        file, name = test.split("::")
        files.setdefault(file, []).append(name.removeprefix("test_"))
    return "; ".join(f"`{file}`: {', '.join(names)}" for file, names in files.items())


def _guard(fault: Fault) -> str:
    return ", ".join(f"`{guard.file}`" for guard in fault.guards) or fault.without


def _seen(fault: Fault, proof: Proof | None) -> str:
    if fault.guard is None:
        return ""
    return f"{proof.on}, {proof.by}" if proof is not None else "not yet"


def write() -> None:
    """Writes the page as it should be."""
    FILE.write_text(page(known()), "utf-8")


if __name__ == "__main__":
    write()
