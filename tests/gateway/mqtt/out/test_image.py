"""What is told when, of what the broker is to keep."""

from __future__ import annotations

from gateway.mqtt.out.image import GONE, Image


def told(image: Image, now_s: float, most: int = 100) -> dict[str, bytes]:
    return dict(image.due(now_s, most))


def put(image: Image, payload: bytes, now_s: float, *, meaning: bytes | None = None, urgent: bool = False) -> None:
    image.put("t", payload, meaning=payload if meaning is None else meaning, now_s=now_s, urgent=urgent)


def test_a_ledger_of_changes_intervals_and_heartbeats() -> None:
    image = Image(every_s=10, heartbeat_s=60)
    steps = [
        # payload, meaning, urgent, second -> told in that second
        (b"0 at 0", b"0", False, 0.0, b"0 at 0"),  # the first of all, and 0 is something
        (b"0 at 5", b"0", False, 5.0, None),  # nothing new
        (b"1 at 6", b"1", False, 6.0, None),  # new, but too soon
        (b"2 at 7", b"2", False, 7.0, None),  # newer still
        (b"2 at 10", b"2", False, 10.0, b"2 at 10"),  # the newest alone
        (b"3 at 11", b"3", True, 11.0, b"3 at 11"),  # urgent
        (b"3 at 70", b"3", False, 70.0, None),  # not yet
        (b"3 at 71", b"3", False, 71.0, b"3 at 71"),  # the heartbeat
    ]
    for payload, meaning, urgent, now_s, expected in steps:
        put(image, payload, now_s, meaning=meaning, urgent=urgent)
        assert told(image, now_s).get("t") == expected, payload


def test_what_came_too_soon_is_told_when_its_time_comes_without_another_reading() -> None:
    image = Image(every_s=10, heartbeat_s=60)
    put(image, b"1", 0.0)
    assert told(image, 0.0) == {"t": b"1"}
    put(image, b"2", 1.0)
    assert (told(image, 9.9), image.waits_for) == ({}, True)
    assert (told(image, 10.0), image.waits_for) == ({"t": b"2"}, False)


def test_a_broker_that_may_have_forgotten_is_told_everything_once() -> None:
    image = Image(every_s=10, heartbeat_s=60)
    put(image, b"1", 0.0)
    assert told(image, 0.0) == {"t": b"1"}
    image.forget_said()
    assert told(image, 0.1) == {"t": b"1"}
    assert told(image, 0.2) == {}


def test_what_is_gone_is_told_once_and_then_forgotten() -> None:
    image = Image(every_s=10, heartbeat_s=60)
    put(image, b"1", 0.0)
    told(image, 0.0)
    image.clear("t")
    assert told(image, 0.1) == {"t": GONE}
    image.forget_said()
    assert told(image, 0.2) == {}
    assert len(image) == 0


def test_what_was_not_taken_is_due_again_unless_something_newer_came() -> None:
    image = Image(every_s=10, heartbeat_s=60)
    put(image, b"1", 0.0)
    under_way = told(image, 0.0)
    image.again(under_way)
    assert told(image, 0.1) == {"t": b"1"}
    under_way = told(image, 0.1) or {"t": b"1"}
    put(image, b"2", 0.2)
    image.again(under_way)
    assert told(image, 0.3) == {"t": b"2"}
    image.clear("t")
    image.again(told(image, 0.4))
    assert told(image, 0.5) == {"t": GONE}


def test_no_more_is_told_at_once_than_is_wanted() -> None:
    image = Image(every_s=0, heartbeat_s=60)
    for number in range(5):
        image.put(f"t{number}", b"1", meaning=b"1", now_s=0.0)
    assert [len(told(image, 0.0, 2)) for _ in range(4)] == [2, 2, 1, 0]
