"""When the account book has to forget: a ledger of late batches and questions in wall time."""

from __future__ import annotations

from datetime import timedelta

from api.late import LateReadings
from facility.bus import ReadingsTaken
from facility.bus.in_process import InProcessBus
from facility.clock import ManualClock
from facility.readings import Batch, to_us
from tests.api.house import NOW


def batch(age: timedelta) -> ReadingsTaken:
    return ReadingsTaken(batch=Batch(time_us=to_us(NOW - age), points=("meter-401.power",), values=(1.0,)))


def test_the_book_forgets_once_and_again_when_the_last_late_reading_is_surely_stored() -> None:
    bus, wall = InProcessBus(), [100.0]
    late = LateReadings(bus, ManualClock(NOW), wall_s=lambda: wall[0])
    ledger = [
        (100.0, timedelta(hours=2), False),  # two hours is not late yet
        (100.0, timedelta(hours=3), True),
        (101.0, None, False),  # at most every five seconds
        (104.0, timedelta(hours=30), False),
        (106.0, None, True),  # what came at 104 may not have been stored then
        (112.0, None, True),  # surely stored
        (118.0, None, False),
        (300.0, timedelta(0), False),
        (400.0, timedelta(days=9), True),
    ]
    for at, age, expected in ledger:
        wall[0] = at
        if age is not None:
            bus.publish(batch(age))
        assert late.must_forget() is expected, at
    late.close()
    bus.publish(batch(timedelta(days=9)))
    wall[0] = 500.0
    assert late.must_forget() is True, "what came before it was closed"
    wall[0] = 600.0
    assert late.must_forget() is False
