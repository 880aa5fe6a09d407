"""What every engine promises: late, repeated and shuffled readings give the state that a dictionary would have."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as some

from facility.readings import Batch, Status
from facility.store import Store
from facility.store.embedded import EmbeddedStore
from tests.facility.store.minutes import at

POINTS = ("m.power", "m.energy", "m.voltage")
Op = tuple[int, int, float | None, Status]
"""Point number, minute, value, status."""


def batch_of(op: Op) -> Batch:
    point, minute, value, status = op
    return Batch(time_us=at(minute), points=[POINTS[point]], values=[value], statuses=[status])


def assert_follows(opened: Callable[[], Store], appends: list[list[Op]]) -> None:
    """After every few appends, and after opening again, the store says what a dictionary says."""
    store, model = opened(), {point: dict[int, tuple[float | None, Status]]() for point in POINTS}
    for number, ops in enumerate(appends):
        store.append([batch_of(op) for op in ops])
        for point, minute, value, status in ops:
            model[POINTS[point]][at(minute)] = (None if status >= 128 else value, status)
        if number % 5 == 4:
            assert_says(store, model)
    assert_says(store, model)
    assert_says(opened(), model)


def assert_says(store: Store, model: dict[str, dict[int, tuple[float | None, Status]]]) -> None:
    known = {point: sorted(readings.items()) for point, readings in model.items() if readings}
    assert store.points() == sorted(known)
    assert {point: (reading.value, reading.status) for point, reading in store.latest(POINTS).items()} == {
        point: readings[-1][1] for point, readings in known.items()
    }
    for point, readings in known.items():
        series = store.raw(point, at(-1e6), at(1e6))
        values = [None if math.isnan(value) else value for value in series.values.tolist()]
        found = zip(series.times_us.tolist(), zip(values, series.statuses.tolist(), strict=True), strict=True)
        assert list(found) == readings
        assert store.extent(point) == (readings[0][0], readings[-1][0])
        valued = [time_us for time_us, (value, _) in readings if value is not None]
        middle = at(0)
        around = store.around(point, middle, middle + 1).times_us.tolist()
        expected = [max((time_us for time_us in valued if time_us < middle), default=None)]
        expected += [time_us for time_us, _ in readings if time_us == middle]
        expected += [min((time_us for time_us in valued if time_us > middle), default=None)]
        assert around == [time_us for time_us in expected if time_us is not None]


ops = some.tuples(
    some.integers(0, 2),
    some.sampled_from([-2880, -1441, -1440, -1439, -1, 0, 1, 2, 3, 1439, 1440, 1441, 4000]),
    some.floats(allow_nan=False, allow_infinity=False) | some.integers(-3, 3).map(float),
    some.sampled_from([Status.GOOD, Status.GOOD, Status.FROZEN, Status.TIMEOUT]),
)


@settings(max_examples=25, deadline=None)
@given(appends=some.lists(some.lists(ops, max_size=4), max_size=15), tail_limit=some.sampled_from([1, 4, 1000]))
def test_in_whatever_order_readings_come_the_embedded_store_follows(appends: list[list[Op]], tail_limit: int) -> None:
    with TemporaryDirectory() as folder:
        held: list[Store] = []

        def opened() -> Store:
            for store in held:
                store.close()
            held[:] = [EmbeddedStore(Path(folder) / "store", tail_limit=tail_limit)]
            return held[0]

        try:
            assert_follows(opened, appends)
        finally:
            for store in held:
                store.close()


def test_in_a_shuffled_order_with_repetitions_every_store_follows(opened: Callable[[], Store]) -> None:
    source = random.Random(11)
    minutes = [source.randint(-3000, 3000) for _ in range(25)]
    statuses = [Status.GOOD, Status.GOOD, Status.DISAGREES, Status.TIMEOUT]
    appends: list[list[Op]] = [
        [
            (
                source.randrange(3),
                source.choice(minutes),
                source.choice([0.0, 1.5, 1 / 3, -7.25]),
                source.choice(statuses),
            )
            for _ in range(source.randrange(6))
        ]
        for _ in range(30)
    ]
    appends += appends[3:9]
    assert_follows(opened, appends)
