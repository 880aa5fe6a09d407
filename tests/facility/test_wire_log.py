"""The frames of a line, kept for whoever looks into a fault."""

from __future__ import annotations

from facility.wire_log import Direction, FrameRing, WireLog


def ring_of(count: int, kept: int) -> FrameRing:
    """A ring into which frames 1 to `count` went."""
    ring = FrameRing(kept)
    for number in range(1, count + 1):
        ring.record(number * 10, Direction.SENT if number % 2 else Direction.RECEIVED, bytes([number]))
    return ring


def test_frames_are_numbered_from_one_and_come_oldest_first() -> None:
    frames = ring_of(3, 10).after()
    assert [(frame.number, frame.time_us, frame.data) for frame in frames] == [
        (1, 10, b"\1"),
        (2, 20, b"\2"),
        (3, 30, b"\3"),
    ]
    assert frames[1].direction is Direction.RECEIVED


def test_the_oldest_make_room_and_the_numbers_go_on() -> None:
    assert [frame.number for frame in ring_of(5, 2).after()] == [4, 5]


def test_whoever_follows_gets_only_what_came_since() -> None:
    ring = ring_of(5, 3)
    assert [frame.number for frame in ring.after(4)] == [5]
    assert [frame.number for frame in ring.after(1)] == [3, 4, 5]
    assert ring.after(5) == []


def test_a_ring_of_none_keeps_none() -> None:
    assert ring_of(3, 0).after() == []


def test_a_line_keeps_its_frames_when_its_ring_is_resized_and_loses_them_when_it_goes() -> None:
    log = WireLog()
    log.ring("meters", 3).record(1, Direction.SENT, b"a")
    log.ring("meters", 3).record(2, Direction.RECEIVED, b"b", "bad checksum")
    assert [frame.note for frame in log.ring("meters", 1).after()] == ["bad checksum"]
    log.drop("meters")
    assert log.of("meters") is None
