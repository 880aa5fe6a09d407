"""Finished pieces of use, kept in memory so that today's and this month's figures need not read the month again."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from facility.accounting import Use

MAX_PIECES: Final = 60_000
"""About 20 MB; a year of days for 160 meters."""

COMPLETE: Final = 0.999


class Pieces:
    """Uses of (meter, start, end) that no later reading will change: over for a while, known, and complete.

    The piece used longest ago goes first when there are too many. Touched from the event loop's thread only.
    """

    def __init__(self, capacity: int = MAX_PIECES) -> None:
        self._held: OrderedDict[tuple[str, int, int], Use] = OrderedDict()
        self._capacity = capacity

    def get(self, meter: str, start_us: int, end_us: int) -> Use | None:
        """The piece, None when it has to be worked out."""
        key = (meter, start_us, end_us)
        use = self._held.get(key)
        if use is not None:
            self._held.move_to_end(key)
        return use

    def keep(self, meter: str, use: Use, settled_us: int) -> None:
        """Keeps a piece that ended before `settled_us` and has no gaps; others are not kept."""
        if use.end_us > settled_us or use.value is None or use.completeness < COMPLETE or use.estimated_share > 0:
            return
        self._held[(meter, use.start_us, use.end_us)] = use
        while len(self._held) > self._capacity:
            self._held.popitem(last=False)

    def forget(self) -> None:
        """Drops everything; call it after readings of the past were changed."""
        self._held.clear()

    def __len__(self) -> int:
        return len(self._held)
