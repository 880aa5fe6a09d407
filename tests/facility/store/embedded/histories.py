"""Histories of one point as hypothesis draws them: gaps, glitches, resets, dips, failed polls, late readings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from facility.readings import Batch, Status
from facility.store.embedded import EmbeddedStore

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
QUARTER_US = 15 * MINUTE_US
DAY_US = 86_400 * SECOND_US
FIRST_DAY_US = 20_600 * DAY_US
DAYS = 4
POINT = "m.energy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that befalls a history at a share of its length."""

    at: float
    kind: str
    size: float


EVENTS = st.builds(
    Event,
    at=st.one_of(st.floats(0, 0.999), st.integers(1, 96).map(lambda quarter: quarter / 97)),
    kind=st.sampled_from(["gap", "reset", "glitch", "dip", "jump", "failed", "doubtful", "burst"]),
    size=st.floats(0.01, 1.0),
)


@st.composite
def histories(draw: st.DrawFn, *, counter: bool = True) -> list[tuple[int, float | None, Status]]:
    """(time, value, status), ascending in time, over up to four days, some of them without any event."""
    interval_us = draw(st.sampled_from([60, 60, 120, 300, 850, 900])) * SECOND_US
    jitter_us = draw(st.sampled_from([0, 1_000, 50 * SECOND_US]))
    events = draw(st.lists(EVENTS, max_size=3))
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    start_us = FIRST_DAY_US + draw(st.integers(0, DAY_US))
    count = int(draw(st.sampled_from([0.05, 1.5, 2.5, 3.0])) * DAY_US / interval_us)
    times_us = start_us + np.arange(count) * interval_us + rng.integers(0, jitter_us + 1, count)
    moves = rng.integers(0, 4, count) if counter else rng.integers(-3, 4, count)
    values = np.round(1000.0 + np.cumsum(moves) / 100.0, 2)
    statuses = np.zeros(count, np.uint8)
    keep = np.ones(count, np.bool_)
    for event in events:
        befall(event, values, statuses, keep)
    bad = statuses >= 128
    return [
        (time_us, None if missing else value, Status(status))
        for time_us, value, status, missing in zip(
            times_us[keep].tolist(), values[keep].tolist(), statuses[keep].tolist(), bad[keep].tolist(), strict=True
        )
    ]


def befall(event: Event, values: np.ndarray, statuses: np.ndarray, keep: np.ndarray) -> None:
    """Lets an event happen, in place."""
    at = int(event.at * len(values))
    few = slice(at, at + 1 + int(event.size * 40))
    match event.kind:
        case "gap":
            keep[few] = False
        case "reset":
            values[at:] = np.round(values[at:] - values[at : at + 1], 2)
        case "glitch":
            values[at : at + 1] = round(event.size * 5000, 2)
        case "dip":
            values[few] = np.round(values[few] * event.size * 0.5, 2)
        case "jump":
            values[at:] = np.round(values[at:] + event.size * 2000, 2)
        case "failed":
            statuses[few] = Status.TIMEOUT
        case "doubtful":
            statuses[few] = Status.OUT_OF_RATE
        case _:
            values[at:] = np.round(values[at:] + np.minimum(np.arange(len(values) - at), 30) * event.size, 2)


def write(store: EmbeddedStore, history: Sequence[tuple[int, float | None, Status]], point: str = POINT) -> None:
    """Appends a history, one batch a reading."""
    if history:
        store.append(
            [
                Batch(time_us=at_us, points=[point], values=[value], statuses=[status])
                for at_us, value, status in history
            ]
        )
