"""Readings between the bus and the broker: on disk, in order, and what is given up is told."""

from __future__ import annotations

import asyncio
import errno
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from facility.bus import AlarmChanged
from facility.bus.in_process import InProcessBus
from facility.clock import ManualClock
from facility.errors import StoreUnavailable
from facility.readings import Status
from facility.spool import Bounds, ClassRule, Figures, Spool
from facility.spool.disk import Disk
from facility.store.spooled import GIVEN_UP_FIRST, ReadingsSpool
from gateway.mqtt.out.alarms import PublishAlarms
from gateway.mqtt.out.remembered import FILE, Remembered, read_remembered, write_remembered
from gateway.mqtt.out.stream import Stream, messages
from gateway.mqtt.out.topics import Topics
from tests.gateway.mqtt.broker import eventually
from tests.gateway.mqtt.out.scene import NOW, batch, out_site

SITE = out_site()
TOPICS = Topics("houqin/hq")


def test_a_device_answer_becomes_one_message_for_each_equipment() -> None:
    answer = batch(
        NOW, (Status.GOOD, Status.TIMEOUT, Status.GOOD, Status.GOOD),
        ac_401__on=0.0, ac_401__setpoint=None, meter_401__power=0.0, gone__x=1.0,
    )  # fmt: skip
    told = [(topic, json.loads(payload)) for topic, payload in messages([answer], SITE.points, TOPICS)]
    assert [topic for topic, _ in told] == ["houqin/hq/readings/ac-401", "houqin/hq/readings/meter-401"]
    assert told[0][1]["time"] == "2026-07-10T02:00:00Z"
    assert told[0][1]["values"]["on"] == {
        "value": 0.0, "unit": "1", "state": "off", "quality": "good", "reason": None,
    }  # fmt: skip
    assert told[0][1]["values"]["setpoint"]["value"] is None
    assert told[1][1]["values"]["power"]["value"] == 0.0


class Full(Disk):
    """A disk without room, for so many writes."""

    def __init__(self, writes: int) -> None:
        self.writes = writes

    def write(self, handle: int, data: bytes) -> None:
        if self.writes:
            self.writes -= 1
            raise OSError(errno.ENOSPC, "no space left on device")
        super().write(handle, data)


class Running:
    """A stream with its spool in a folder."""

    def __init__(self, folder: Path, fails: int = 0, disk: Disk | None = None) -> None:
        self._folder, self._fails, self._disk = folder, fails, disk
        self.stream = Stream(self._opened, SITE.points, TOPICS, lambda: None)
        self._task = asyncio.create_task(self.stream.run())

    def _opened(self) -> ReadingsSpool:
        if self._fails:
            self._fails -= 1
            raise StoreUnavailable("held by another")
        bounds = Bounds(limit_bytes=1 << 20, classes=[ClassRule(name=name) for name in GIVEN_UP_FIRST])
        return ReadingsSpool(Spool(self._folder, bounds, now_us=lambda: 0, disk=self._disk), {}, ManualClock(NOW))

    async def filled(self, readings: int) -> None:
        def is_filled() -> bool:
            return self.stream.figures is not None and self.stream.figures.items == readings

        await eventually(is_filled, f"{readings} readings on disk")

    async def end(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


def values(taken: list[tuple[str, bytes]]) -> list[Any]:
    return [json.loads(payload)["values"]["power"]["value"] for _, payload in taken]


@pytest.mark.asyncio
async def test_what_was_not_settled_comes_again_also_in_another_life(tmp_path: Path) -> None:
    first = Running(tmp_path, fails=1)
    for number in range(3):
        first.stream.put(batch(NOW + timedelta(minutes=number), meter_401__power=float(number), other__x=1.0))
    await first.filled(3)
    assert values(await first.stream.take()) == [0.0, 1.0, 2.0]
    assert values(await first.stream.take()) == [0.0, 1.0, 2.0]
    first.stream.put(batch(NOW + timedelta(minutes=3), meter_401__power=3.0))
    await first.end()
    second = Running(tmp_path)
    await second.filled(4)
    assert values(await second.stream.take()) == [0.0, 1.0, 2.0, 3.0]
    await second.stream.settled()
    assert await second.stream.take() == []
    await second.end()


@pytest.mark.asyncio
async def test_while_the_disk_is_full_readings_wait_in_memory_in_their_order(tmp_path: Path) -> None:
    disk = Full(1)
    running = Running(tmp_path, disk=disk)
    for number in range(2):
        running.stream.put(batch(NOW + timedelta(minutes=number), meter_401__power=float(number)))
    await eventually(lambda: disk.writes == 0, "a write that failed")
    running.stream.put(batch(NOW + timedelta(minutes=2), meter_401__power=2.0))
    await running.filled(3)
    assert values(await running.stream.take()) == [0.0, 1.0, 2.0]
    assert running.stream.lost == 0
    await running.end()


@pytest.mark.asyncio
async def test_after_a_broken_connection_the_last_readings_go_out_again_but_not_all_the_time(tmp_path: Path) -> None:
    running = Running(tmp_path)
    running.stream.put(batch(NOW, meter_401__power=0.0))
    await running.filled(1)
    again = []
    for now_s in (0.0, 30.0, 61.0):
        await running.stream.connected(now_s)
        again.append(len(await running.stream.take()))
        await running.stream.settled()
    assert again == [1, 0, 1]
    await running.end()


def figures(used: int, dropped: int = 0) -> Figures:
    return Figures(bytes=used, limit_bytes=100, waiting={"state": 1}, dropped={"state": dropped})


def test_alarms_say_that_the_room_fills_and_that_readings_are_given_up() -> None:
    bus, told = InProcessBus(), list[tuple[str, bool]]()
    bus.listen(AlarmChanged, lambda alarm: told.append((alarm.key.partition(":")[0], alarm.active)))
    alarms = PublishAlarms("sensors", bus)
    steps: list[tuple[int, Figures | None, int, list[tuple[str, bool]]]] = [
        (0, None, 0, [("publish_fills", False), ("publish_drops", False), ("publish_refused", False)]),
        (1, figures(79), 0, []),
        (2, figures(80), 0, [("publish_fills", True)]),
        (3, figures(99, 5), 0, [("publish_fills", False), ("publish_drops", True)]),
        (9, figures(10, 5), 0, []),
        (14, figures(10, 5), 0, [("publish_drops", False)]),
        (15, figures(10, 5), 2, [("publish_refused", True)]),
    ]
    for minute, seen, refused, expected in steps:
        told.clear()
        alarms.look(seen, 0, refused, NOW + timedelta(minutes=minute))
        assert told == expected, minute


def test_readings_that_did_not_get_as_far_as_the_disk_are_given_up_too() -> None:
    bus, told = InProcessBus(), list[AlarmChanged]()
    bus.listen(AlarmChanged, told.append)
    PublishAlarms("sensors", bus).look(None, 7, 0, NOW)
    [drops] = [alarm for alarm in told if alarm.active]
    assert drops.key == "publish_drops:sensors"
    assert "7" in drops.text.zh
    assert drops.text.zh != drops.text.en


def test_what_was_announced_is_remembered(tmp_path: Path) -> None:
    kept = Remembered(topics=frozenset({"a", "b"}), components={"a": {"x": "sensor"}}, alarms={"b": "{}"})
    write_remembered(tmp_path / "new", kept)
    assert read_remembered(tmp_path / "new") == kept


@pytest.mark.parametrize("content", [None, b"", b"[]", b'{"topics": 1}', b"\xff"])
def test_without_a_readable_memory_nothing_is_taken_away(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / FILE).write_bytes(content)
    assert read_remembered(tmp_path) == Remembered()
