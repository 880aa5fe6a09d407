"""How a spool stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How a spool stands. `waiting` and `dropped` are items by class: those not acknowledged yet, and those given up
    (let go or refused) since it was opened. `oldest_us`: when the oldest that waits was handed in, None when nothing
    waits. `damaged`: files in which something could not be read.
    """

    bytes: int
    limit_bytes: int
    waiting: Mapping[str, int]
    dropped: Mapping[str, int] = field(default_factory=dict)
    oldest_us: int | None = None
    damaged: Sequence[Path] = ()

    @property
    def percent(self) -> float:
        """How full it is."""
        return 100.0 * self.bytes / self.limit_bytes

    @property
    def items(self) -> int:
        """Items that wait."""
        return sum(self.waiting.values())
