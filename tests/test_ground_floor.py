"""The vocabulary every room relies on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from facility.bus import ReadingsTaken
from facility.bus.in_process import InProcessBus
from facility.clock import ManualClock, stale_after_s, stretched_s
from facility.commands import Fan, Mode, Wish
from facility.envelope import Bound, Envelope, OnLoss, Range, judge, must_stop
from facility.live import LiveImage
from facility.readings import Batch, Quality, Status, failed, from_us, to_us
from tests.sites import small_site

NOON = datetime(2026, 7, 15, 4, 0, tzinfo=UTC)
COOLING = Envelope(
    equipment="ac-401",
    modes={Mode.COOL: Range(low_c=28.0), Mode.FAN: Range()},
    start_allowed=True,
    may_run_until=NOON + timedelta(hours=5),
    must_be_off=False,
    on_loss=OnLoss.STOP,
    valid_until=NOON + timedelta(minutes=5),
    clauses={Bound.SETPOINT_LOW: "AC-03", Bound.START: "AC-06", Bound.MODE: "AC-02"},
)


@pytest.mark.parametrize(
    ("wish", "current", "allowed", "clause"),
    [
        (Wish(on=False), Wish(on=True), True, None),
        (Wish(on=True, mode=Mode.COOL, setpoint_c=28.0), Wish(on=False), True, None),
        (Wish(on=True, mode=Mode.COOL, setpoint_c=26.0), Wish(on=False), False, "AC-03"),
        (Wish(on=True), Wish(on=False, mode=Mode.COOL, setpoint_c=26.0), False, "AC-03"),
        (Wish(on=True, mode=Mode.HEAT), Wish(on=False), False, "AC-02"),
        (Wish(setpoint_c=0.0), Wish(on=True, mode=Mode.COOL), False, "AC-03"),
        (Wish(setpoint_c=29.0), Wish(on=True, mode=Mode.COOL, setpoint_c=28.0), True, None),
        (Wish(setpoint_c=20.0), Wish(on=False, mode=Mode.HEAT, setpoint_c=24.0), False, "AC-02"),
        (Wish(fan=Fan.LOW), Wish(on=True, mode=Mode.HEAT, setpoint_c=24.0), True, None),
    ],
)
def test_the_envelope_judges_what_the_unit_would_become(
    wish: Wish, current: Wish, allowed: bool, clause: str | None
) -> None:
    verdict = judge(COOLING, wish, current, NOON)
    assert (verdict.allowed, verdict.clause) == (allowed, clause)


def test_without_a_valid_envelope_only_off_passes() -> None:
    late = COOLING.valid_until
    for envelope, now in ((None, NOON), (COOLING, late)):
        assert judge(envelope, Wish(on=False), Wish(on=True), now).allowed
        assert not judge(envelope, Wish(on=True), Wish(on=False), now).allowed
        assert not judge(envelope, Wish(setpoint_c=30.0), Wish(on=True, mode=Mode.COOL), now).allowed


def test_the_gateway_stops_a_unit_at_the_end_of_its_window_by_itself() -> None:
    assert COOLING.may_run_until is not None
    assert not must_stop(COOLING, COOLING.may_run_until - timedelta(seconds=1))
    assert must_stop(COOLING, COOLING.may_run_until)


def test_times_survive_the_trip_to_microseconds_and_back() -> None:
    time = datetime(2026, 7, 15, 4, 0, 0, 123457, tzinfo=UTC)
    assert from_us(to_us(time)) == time
    with pytest.raises(ValueError, match="no time zone"):
        to_us(datetime(2026, 7, 15))  # noqa: DTZ001 - that is what is refused


def test_a_failed_read_is_a_reading_without_a_value() -> None:
    batch = failed(("a.power", "b.power"), to_us(NOON), Status.TIMEOUT)
    assert [(r.point, r.value, r.status.quality) for r in batch.readings()] == [
        ("a.power", None, Quality.BAD),
        ("b.power", None, Quality.BAD),
    ]


def test_the_live_image_keeps_zero_and_never_moves_back() -> None:
    bus = InProcessBus()
    live = LiveImage(bus)
    for seconds, value in ((0, 3.0), (10, 0.0), (5, 7.0)):
        batch = Batch(time_us=to_us(NOON) + seconds * 1_000_000, points=("m.power",), values=(value,))
        bus.publish(ReadingsTaken(batch=batch))
    reading = live.get("m.power")
    assert reading is not None
    assert reading.value == 0.0
    assert reading.age_s(NOON + timedelta(seconds=12)) == 2.0
    assert live.get("m.voltage") is None


def test_the_live_image_keeps_the_last_good_value_beside_a_bad_one() -> None:
    bus = InProcessBus()
    live = LiveImage(bus)
    bus.publish(ReadingsTaken(batch=Batch(time_us=to_us(NOON), points=("m.power",), values=(3.0,))))
    bus.publish(ReadingsTaken(batch=failed(("m.power",), to_us(NOON) + 1, Status.TIMEOUT)))
    newest, good = live.get("m.power"), live.last_good("m.power")
    assert newest is not None
    assert good is not None
    assert (newest.value, newest.status, good.value) == (None, Status.TIMEOUT, 3.0)


def test_polls_stretch_only_when_the_clock_runs_fast() -> None:
    assert stretched_s(2.0, 1.0) == 2.0
    assert stretched_s(2.0, 60.0) == 12.0
    assert stretched_s(2.0, 61.0) == 60.0
    assert stretched_s(10.0, 600.0) == 120.0
    assert stretched_s(300.0, 600.0) == 300.0


def test_staleness_follows_a_fast_clock_and_holds_as_written_at_lifes_pace() -> None:
    assert stale_after_s(900.0, 1.0) == 900.0
    assert stale_after_s(900.0, 0.0) == 900.0
    assert stale_after_s(900.0, 600.0) == 1800.0
    assert stale_after_s(7200.0, 600.0) == 7200.0


@pytest.mark.asyncio
async def test_a_queue_drops_its_oldest_and_says_so() -> None:
    bus = InProcessBus()
    queue = bus.subscribe(ReadingsTaken, capacity=2)
    for number in range(4):
        bus.publish(ReadingsTaken(batch=Batch(time_us=number, points=(), values=())))
    queue.close()
    assert [message.batch.time_us async for message in queue] == [2, 3]
    assert queue.dropped == 2


def test_a_clock_moved_by_hand_does_not_go_back() -> None:
    clock = ManualClock(NOON)
    clock.advance(5)
    with pytest.raises(ValueError, match="not moved back"):
        clock.move_to(NOON)


def test_slots_of_a_gateway_give_absolute_addresses() -> None:
    site = small_site()
    addresses = {point.id: (point.address, point.write_address) for point in site.points_of("ac-402")}
    assert addresses["ac-402.on"] == (35, 35)
    assert addresses["ac-402.room_temperature"] == (38, None)
    assert site.office_of("ac-402") == "general"
    assert site.office_of("ac-archive") == "general"
    assert site.office_of("meter-401") == "finance"
