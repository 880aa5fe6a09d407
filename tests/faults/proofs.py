"""What was seen when guards were taken out, kept beside the catalogue."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from tests.faults.catalogue import CATALOGUE, Fault

FILE: Final = Path(__file__).with_name("proofs.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """That a fault's test failed while its guard was out.

    Attributes:
        mark: `Fault.mark` as it was then.
        on: local date, ISO.
        failed: the first test that failed, as a node id below tests/.
        by: the kind of failure, the name of an exception.
    """

    mark: str
    on: str
    failed: str
    by: str


def known() -> dict[str, Proof]:
    """All proofs by the key of their fault; those of an earlier guard or of earlier tests are none."""
    kept = {key: Proof(**entry) for key, entry in json.loads(FILE.read_text("utf-8")).items()} if FILE.exists() else {}
    return {fault.key: kept[fault.key] for fault in CATALOGUE if _holds(fault, kept)}


def _holds(fault: Fault, kept: Mapping[str, Proof]) -> bool:
    return fault.key in kept and kept[fault.key].mark == fault.mark


def keep(proofs: Mapping[str, Proof]) -> None:
    """Writes them, in the order of the catalogue."""
    rows = {fault.key: asdict(proofs[fault.key]) for fault in CATALOGUE if fault.key in proofs}
    FILE.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", "utf-8")
