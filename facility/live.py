"""The live image: the latest value of every point, with its age."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from facility.bus.messages import ReadingsTaken
from facility.bus.protocol import Bus
from facility.readings import Batch, Quality, Reading, Status, from_us, to_us


class LiveImage:
    """Holds the newest reading of every point that ever spoke, and the newest good one beside it.

    A reading older than the one held never replaces it: late and retained messages do not move "latest" back.
    """

    def __init__(self, bus: Bus) -> None:
        self._latest: dict[str, tuple[int, float | None, Status]] = {}
        self._good: dict[str, tuple[int, float]] = {}
        self._leave: Callable[[], None] = bus.listen(ReadingsTaken, self._take)
        self.changes = 0

    def _take(self, message: ReadingsTaken) -> None:
        batch = message.batch
        latest, good, time_us = self._latest, self._good, batch.time_us
        for index, point in enumerate(batch.points):
            held = latest.get(point)
            if held is not None and held[0] > time_us:
                continue
            status = Status.GOOD if batch.statuses is None else batch.statuses[index]
            value = batch.values[index]
            latest[point] = (time_us, value, status)
            if value is not None and status.quality is Quality.GOOD:
                good[point] = (time_us, value)
        self.changes += 1

    def seed(self, readings: Iterable[Reading]) -> None:
        """Fills in what was last stored, at start; never overwrites something newer."""
        for reading in readings:
            batch = Batch(
                time_us=to_us(reading.time),
                points=(reading.point,),
                values=(reading.value,),
                statuses=(reading.status,),
            )
            self._take(ReadingsTaken(batch=batch))

    def get(self, point: str) -> Reading | None:
        """The newest reading of `point`, whatever its quality; None when it never spoke."""
        held = self._latest.get(point)
        return None if held is None else Reading(point=point, time=from_us(held[0]), value=held[1], status=held[2])

    def last_good(self, point: str) -> Reading | None:
        """The newest good reading of `point`, None when there never was one. Look at its age before using it."""
        held = self._good.get(point)
        return None if held is None else Reading(point=point, time=from_us(held[0]), value=held[1])

    def close(self) -> None:
        """Stops listening."""
        self._leave()
