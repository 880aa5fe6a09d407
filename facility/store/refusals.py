"""Readings that a store will never take, found one by one, so that they do not take their neighbours with them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Protocol

from facility.errors import StoreRefused
from facility.readings import Batch

_log = logging.getLogger(__name__)


class Taker(Protocol):
    """The part of a store that takes readings."""

    def append(self, batches: Sequence[Batch]) -> None:
        """As `Store.append`."""
        ...


def stored(store: Taker, batches: Sequence[Batch]) -> list[int]:
    """Appends all `batches`; how many readings of each the store took. What it refuses is told in the log.

    Raises:
        StoreUnavailable, StoreDamaged: it takes nothing now; some of it may be there, and may be sent again.
    """
    try:
        store.append(batches)
    except (StoreRefused, ValueError) as error:
        if len(batches) == 1:
            return [_stored_of(store, batches[0], error)]
        middle = len(batches) // 2
        return stored(store, batches[:middle]) + stored(store, batches[middle:])
    return [len(batch) for batch in batches]


def _stored_of(store: Taker, batch: Batch, error: StoreRefused | ValueError) -> int:
    """How many readings of a refused batch the store took; halves it until it finds those that it never will."""
    if len(batch) < 2 or isinstance(error, ValueError):
        _log.error("readings of %s are lost: %s", ", ".join(batch.points[:5]), error)
        return 0
    middle = len(batch) // 2
    return sum(stored(store, [_part(batch, 0, middle)]) + stored(store, [_part(batch, middle, len(batch))]))


def _part(batch: Batch, start: int, end: int) -> Batch:
    statuses = None if batch.statuses is None else batch.statuses[start:end]
    return Batch(
        time_us=batch.time_us, points=batch.points[start:end], values=batch.values[start:end], statuses=statuses
    )
