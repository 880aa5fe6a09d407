"""Which reading goes where, so that no series ever gets two different samples of one time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from facility.errors import StoreRefused
from facility.store.columns import Columns
from facility.store.victoria.encoding import Placed

Slots = dict[str, dict[int, list[Placed]]]
"""For each point and millisecond what lies there, earlier revisions first."""


class Placing:
    """Places the readings of one append.

    A reading later than everything of its point goes where readings go. Any other is looked up: what lies in its
    millisecond tells whether it is a repetition, and which revision is free.

    Args:
        frontier_ms: nothing of a point was ever sent for a later millisecond.
        slots: looks up points between two milliseconds, both included.
        most_revisions: so many readings a millisecond can hold.

    Attributes:
        placed: all readings by point, in the order they were given.
        fresh: those that the server has not yet.
        repeated: those that it has: to be sent again only should it lose them.
    """

    def __init__(
        self,
        frontier_ms: Mapping[str, int],
        slots: Callable[[Sequence[str], int, int], Slots],
        most_revisions: int,
    ) -> None:
        self._frontier_ms = frontier_ms
        self._slots = slots
        self._most_revisions = most_revisions
        self.repeated: list[tuple[str, Placed]] = []
        self.fresh: list[tuple[str, Placed]] = []
        self.placed: dict[str, list[Placed]] = {}

    def place(self, columns: Columns) -> None:
        """Places all readings; of two with one point and time only the later.

        Raises:
            StoreRefused: a millisecond is full.
        """
        late: dict[tuple[str, int], tuple[float, int]] = {}
        taken: set[tuple[str, int]] = set()
        for (point, time_us), (value, status) in _unique(columns).items():
            slot = (point, time_us // 1000)
            if slot not in taken and slot[1] > self._frontier_ms.get(point, -1):
                taken.add(slot)
                self._put(point, Placed(time_us, value, status, 0))
            else:
                late[point, time_us] = (value, status)
        if late:
            self._place_late(late)

    def _place_late(self, late: Mapping[tuple[str, int], tuple[float, int]]) -> None:
        times_ms = [time_us // 1000 for _, time_us in late]
        slots = self._slots(list(dict.fromkeys(point for point, _ in late)), min(times_ms), max(times_ms))
        for point, placed in self.fresh:
            slots.get(point, {}).setdefault(placed.time_ms, []).append(placed)
        for (point, time_us), (value, status) in late.items():
            self._place_one(point, time_us, value, status, slots[point].setdefault(time_us // 1000, []))

    def _place_one(self, point: str, time_us: int, value: float, status: int, slot: list[Placed]) -> None:
        held = [placed for placed in slot if placed.time_us == time_us]
        if held and held[-1].says(time_us, value, status):
            self.placed.setdefault(point, []).append(held[-1])
            self.repeated.append((point, held[-1]))
            return
        revision = slot[-1].revision + 1 if slot else 0
        if revision >= self._most_revisions:
            raise StoreRefused(
                f"{point} has {revision} different readings in the millisecond {time_us // 1000} already;"
                " no more than that can be told apart"
            )
        slot.append(Placed(time_us, value, status, revision))
        self._put(point, slot[-1])

    def _put(self, point: str, placed: Placed) -> None:
        self.placed.setdefault(point, []).append(placed)
        self.fresh.append((point, placed))


def _unique(columns: Columns) -> dict[tuple[str, int], tuple[float, int]]:
    rows: dict[tuple[str, int], tuple[float, int]] = {}
    numbers = (columns.times_us.tolist(), columns.values.tolist(), columns.statuses.tolist())
    for point, time_us, value, status in zip(columns.points, *numbers, strict=True):
        rows[point, time_us] = (value, status)
    return rows
