"""Shares of a line: whoever floods it loses its own oldest, nobody else waits, nothing grows."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from functools import partial

import pytest

from gateway.mqtt.fairness import BURST_MESSAGES, CALM_S, CATCHING_UP_S, MOST_WAITING, Fairness, Waiting

BURST = int(BURST_MESSAGES)


@dataclass
class Line:
    """A line with a clock moved by hand, long connected; what was taken and what was let go."""

    now_s: float = 1000.0
    taken: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.fairness = Fairness("sensors", 100.0, now_s=lambda: self.now_s)
        self.now_s += CATCHING_UP_S

    def send(self, device: str, *numbers: int, kept_by_broker: bool = True) -> None:
        for number in numbers:
            said = f"{device}{number}"
            message = Waiting(process=partial(self.taken.append, said), drop=partial(self.dropped.append, said))
            self.fairness.take(device, message, kept_by_broker=kept_by_broker)


@pytest.mark.asyncio
async def test_a_device_that_keeps_to_its_share_never_waits() -> None:
    line = Line()
    for second in range(20):
        line.now_s += 1.0
        line.send("a", *range(100 * second, 100 * second + 100))
    assert len(line.taken) == 2000
    assert line.dropped == []


@pytest.mark.asyncio
async def test_a_flood_loses_its_oldest_and_holds_nobody_up() -> None:
    line = Line()
    line.send("a", *range(5000))
    line.send("b", 1, 2)
    assert line.taken == [*(f"a{number}" for number in range(BURST)), "b1", "b2"]
    first_lost, last_lost = BURST, 5000 - MOST_WAITING
    assert line.dropped == [f"a{number}" for number in range(first_lost, last_lost)]
    assert line.fairness.dropped == {"a": last_lost - first_lost}
    line.now_s += 0.5
    line.fairness.drain()
    assert line.taken[-50:] == [f"a{number}" for number in range(last_lost, last_lost + 50)]
    line.send("a", 5000)
    assert line.taken[-1] != "a5000"
    line.now_s += 10.0
    line.fairness.drain()
    assert line.taken[-1] == "a5000"
    line.fairness.stop()


@pytest.mark.asyncio
async def test_a_flood_is_told_once_at_its_beginning_and_once_at_its_end(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    line = Line()
    for _ in range(3):
        line.send("a", *range(1000))
        line.now_s += 1.0
        line.fairness.drain()
    line.now_s += CALM_S
    line.fairness.drain()
    line.fairness.drain()
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 2
    assert "a sends more than 100 messages a second" in told[0]
    assert "messages were let go" in told[1]
    line.fairness.stop()


@pytest.mark.asyncio
async def test_what_the_broker_kept_is_no_flood() -> None:
    line = Line()
    line.fairness.connected()
    line.send("a", *range(5000))
    assert (len(line.taken), line.dropped) == (5000, [])
    line.send("b", *range(1000), kept_by_broker=False)
    assert len(line.taken) == 5000 + BURST
    line.now_s += CATCHING_UP_S
    line.send("a", *range(1000))
    assert len(line.taken) == 5000 + 2 * BURST
    line.fairness.stop()


@pytest.mark.asyncio
async def test_what_waits_is_forgotten_with_its_connection() -> None:
    line = Line()
    line.send("a", *range(BURST + 50))
    line.fairness.stop()
    line.now_s += 100.0
    line.fairness.drain()
    assert len(line.taken) == BURST


@pytest.mark.asyncio
async def test_what_waits_is_taken_by_itself() -> None:
    taken = asyncio.Event()
    fairness = Fairness("sensors", 1000.0, now_s=asyncio.get_running_loop().time)
    for number in range(BURST + 10):
        process = taken.set if number == BURST + 9 else (lambda: None)
        fairness.take("a", Waiting(process=process, drop=lambda: None), kept_by_broker=False)
    await asyncio.wait_for(taken.wait(), 10)
    fairness.stop()
