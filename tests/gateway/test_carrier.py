"""What carries the questions of a line: time limits, repetition, and the measured load."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facility.bus.in_process import InProcessBus
from facility.clock import ManualClock
from facility.errors import LinkDown, NoAnswer
from facility.profiles.schema import Table
from gateway.carrier import Carrier
from gateway.load import SLICE_S, Load
from gateway.modbus import connect_modbus
from gateway.response_time import ANSWERS_KEPT
from tests.gateway.serial_wire import NOON, SerialWire, VirtualClock, now_s
from tests.gateway.virtual_time import run_at_once
from tests.gateway.wire import Asked, Kind, scripted


def carrier_on(wire: SerialWire, *, numbered: bool = True) -> Carrier:
    return Carrier(
        "line", wire, InProcessBus(), VirtualClock(), unit_pause_s=0.0, answers_are_numbered=numbered,
        when_down=lambda _: None, when_up=lambda: None, now_s=now_s,
    )  # fmt: skip


def test_an_urgent_question_waits_the_full_time_though_its_unit_earned_a_short_one() -> None:
    async def work() -> float:
        wire = SerialWire()
        carrier = carrier_on(wire)
        for _ in range(ANSWERS_KEPT):
            await carrier.read(1, Table.HOLDING, 0, 1, 4.0)
        wire.dead.add(1)
        began_s = now_s()
        with pytest.raises(NoAnswer):
            await carrier.read(1, Table.HOLDING, 0, 1, 4.0, urgent=True)
        return now_s() - began_s

    assert run_at_once(work()) >= 4.0


class Breaking(SerialWire):
    """Its connection turns out to be broken at the next request, which opens it again."""

    broken = False

    async def _carry(self, unit: int, characters: int, timeout_s: float) -> None:
        if self.broken:
            self.broken = False
            raise LinkDown("the other side closed the connection")
        await super()._carry(unit, characters, timeout_s)


def test_a_read_on_a_connection_that_broke_while_idle_is_sent_again_and_a_write_never() -> None:
    async def work() -> Breaking:
        wire = Breaking()
        carrier = carrier_on(wire)
        await carrier.read(1, Table.HOLDING, 0, 1, 1.0)
        wire.broken = True
        await carrier.read(1, Table.HOLDING, 0, 1, 1.0)
        wire.broken = True
        with pytest.raises(LinkDown):
            await carrier.write(1, 6, 0, [1], 1.0)
        return wire

    wire = run_at_once(work())
    assert len(wire.asked) == 2
    assert wire.written == []


@pytest.mark.parametrize(
    ("busy", "asked_s", "share"),
    [
        ([], 120.0, 0.0),
        ([(3.0, 10.0)], 30.0, None),
        ([(3.0, 10.0)], 69.0, 3.0 / 60),
        ([(3.0, 10.0)], 200.0, 0.0),
        ([(2.0, 100.0), (1.0, 300.0)], 310.0, 1.0 / 60),
        ([(2.0, 100.0), (1.0, 140.0)], 155.0, 3.0 / 60),
        ([(5.0, float(at)) for at in range(5, 200, 5)], 200.0, 1.0),
        ([(70.0, 100.0)], 110.0, 1.0),
    ],
)
def test_the_load_is_that_of_the_last_minute(
    busy: list[tuple[float, float]], asked_s: float, share: float | None
) -> None:
    load = Load(0.0)
    for seconds, at_s in busy:
        load.add(seconds, at_s)
    assert load.share(asked_s) == (share if share is None else pytest.approx(share))


@given(st.lists(st.tuples(st.floats(0.0, 4.0), st.floats(0.0, 40.0)), max_size=60), st.floats(0.0, 100.0))
def test_the_load_is_the_sum_of_what_lies_in_twelve_whole_slices(
    steps: list[tuple[float, float]], later_s: float
) -> None:
    load, at_s, all_busy = Load(0.0), 0.0, list[tuple[float, float]]()
    for busy_s, pause_s in steps:
        at_s += pause_s
        load.add(busy_s, at_s)
        all_busy.append((busy_s, at_s))
    now = at_s + later_s
    ends_s = now // SLICE_S * SLICE_S
    expected = sum(busy_s for busy_s, when_s in all_busy if _slice(when_s, ends_s))
    share = load.share(now)
    assert share is None or share == pytest.approx(min(1.0, expected / 60.0), abs=1e-9)
    assert (share is None) == (now // SLICE_S < 13)


def _slice(when_s: float, ends_s: float) -> bool:
    return ends_s - 60.0 <= when_s // SLICE_S * SLICE_S < ends_s


@pytest.mark.asyncio
@pytest.mark.parametrize("kind", ["modbus_tcp", "modbus_rtu_over_tcp"])
async def test_a_line_where_nobody_answers_is_opened_anew_and_answers_on_the_new_connection(kind: Kind) -> None:
    async def only_on_the_second_connection(asked: Asked) -> None:
        if server.connections > 1:
            asked.answer(asked.good)

    async with scripted(only_on_the_second_connection, kind) as server:
        transport = connect_modbus("line", server.link)
        carrier = Carrier(
            "line", transport, InProcessBus(), ManualClock(NOON), unit_pause_s=0.0, answers_are_numbered=False,
            when_down=lambda _: None, when_up=lambda: None,
        )  # fmt: skip
        with pytest.raises(NoAnswer):
            await carrier.read(1, Table.HOLDING, 7, 1, 0.05)
        await carrier.reset_if_due()
        assert await carrier.read(1, Table.HOLDING, 7, 1, 5.0) == b"\0\x07"
        await carrier.reset_if_due()
        assert await carrier.read(1, Table.HOLDING, 8, 1, 5.0) == b"\0\x08"
        assert server.connections == 2
        await transport.close()
