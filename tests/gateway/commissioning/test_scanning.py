"""Who answers on a line: units, units that cannot be made out, national meters; settings of the port."""

from __future__ import annotations

import pytest

from facility.errors import LinkDown
from facility.model.entries import Link, ModbusRtuLink
from gateway.commissioning.recognising import Certainty
from gateway.commissioning.scanning import Found, scan, settings_of
from tests.gateway.commissioning.bench import LINK, LookedOver, library, looked_at, national_meters, quietly

PORT = ModbusRtuLink(type="modbus_rtu", path="/dev/ttyUSB0", baudrate=9600, parity="N")


async def looked_over(line: LookedOver, units: list[int], link: Link = LINK) -> list[Found]:
    return [
        found
        async for found in scan(link, units, timeout_s=0.1, progress=quietly, connect=line.connect)
    ]  # fmt: skip


@pytest.mark.asyncio
async def test_units_that_answer_or_refuse_are_there_and_others_are_not() -> None:
    line = LookedOver()
    line.put(3, 0, 0)
    line.put(40, 9, 1)
    [found] = await looked_over(line, list(range(1, 48)))
    assert (found.units, found.garbled, found.national) == ([3, 40], [], [])
    assert line.closed == line.opened


@pytest.mark.parametrize(("times", "units", "garbled"), [(1, [3], []), (2, [], [3])])
@pytest.mark.asyncio
async def test_one_garbled_answer_makes_no_device_disappear_two_are_told(
    times: int, units: list[int], garbled: list[int]
) -> None:
    line = LookedOver()
    line.put(3, 0, 0)
    line.garbles[3] = times
    [found] = await looked_over(line, [1, 2, 3])
    assert (found.units, found.garbled) == (units, garbled)


@pytest.mark.asyncio
async def test_nobody_on_a_line_is_nothing_found() -> None:
    assert await looked_over(LookedOver(), list(range(1, 40))) == []


@pytest.mark.asyncio
async def test_a_line_that_is_down_is_told_and_closed() -> None:
    line = LookedOver()
    line.down = True
    with pytest.raises(LinkDown):
        await looked_over(line, [1])
    assert line.closed == line.opened == 1


def test_a_port_is_tried_with_its_own_setting_first_and_with_each_other_once() -> None:
    tried = [
        (link.baudrate, link.parity)
        for link in settings_of(PORT, [2400, 9600], ["N", "E"])
        if isinstance(link, ModbusRtuLink)
    ]  # fmt: skip
    assert tried == [(9600, "N"), (2400, "N"), (2400, "E"), (9600, "E")]
    assert list(settings_of(LINK, [2400, 9600], ["N", "E"])) == [LINK], "a serial server has its own"


class AtOneSpeed(LookedOver):
    """Answers at 2400 baud with even parity; at every other setting it is noise."""

    def connect(self, name: str, link: Link) -> LookedOver:
        assert isinstance(link, ModbusRtuLink)
        self.garbles = {} if (link.baudrate, link.parity) == (2400, "E") else {1: 99}
        return super().connect(name, link)


@pytest.mark.asyncio
async def test_the_setting_of_a_port_is_found_where_somebody_is_understood() -> None:
    line = AtOneSpeed()
    line.put(1, 0, 5)
    line.put(30, 0, 5)
    [found] = await looked_over(line, [*range(1, 18), 30], PORT)
    assert isinstance(found.link, ModbusRtuLink)
    assert (found.link.baudrate, found.link.parity, found.units, found.garbled) == (2400, "E", [1, 30], [])


@pytest.mark.asyncio
async def test_national_meters_tell_their_numbers_and_are_read_by_them() -> None:
    line = LookedOver()
    line.meters = national_meters()
    [found] = await looked_over(line, [1])
    assert {meter.meter_type is None for meter in found.national} == {True, False}
    devices = await looked_at(line, library(), found=found)
    assert [device.address for device in devices] == [meter.number for meter in found.national]
    for device in devices:
        assert device.unit is None
        assert device.best is not None
        assert device.best.certainty is Certainty.MARKED
        assert device.best.known > 0


@pytest.mark.asyncio
async def test_a_line_of_modbus_tcp_is_not_asked_for_national_meters() -> None:
    line = LookedOver()
    tcp = LINK.model_validate({"type": "modbus_rtu_over_tcp", "host": "192.0.2.1", "port": 1})
    await looked_over(line, [1], tcp)
    assert len(line.exchanged) == 3
