"""Values of one message as a batch."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from facility.readings import Batch, Status, to_us
from gateway.mqtt.payload import Value


def batch_of(time: datetime, values: Sequence[tuple[str, Value]], doubtful: bool) -> Batch:
    """The batch of `values` (point, value and status); `doubtful`: the device's clock is not believed."""
    statuses = [
        Status.CLOCK_DOUBTFUL if doubtful and status is Status.GOOD else status for _, (_, status) in values
    ]  # fmt: skip
    all_good = all(status is Status.GOOD for status in statuses)
    return Batch(
        time_us=to_us(time),
        points=tuple(point for point, _ in values),
        values=tuple(value for _, (value, _) in values),
        statuses=None if all_good else tuple(statuses),
    )
