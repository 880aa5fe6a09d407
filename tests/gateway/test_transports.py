"""Both transports against lines that misbehave: never a wrong value, and the next question is answered right."""

from __future__ import annotations

import asyncio

import pytest

from facility.errors import BadAnswer, DeviceBusy, DeviceRefused, HouqinError, LinkDown, NoAnswer
from facility.model.entries import ModbusTcpLink
from facility.profiles.schema import Table
from gateway.modbus import Transport, connect_modbus
from tests.gateway.wire import Asked, Kind, Script, ScriptedServer, scripted
from tests.servers import free_port

pytestmark = pytest.mark.asyncio
FRAMINGS = pytest.mark.parametrize("kind", ["modbus_tcp", "modbus_rtu_over_tcp"])
SHORT_S = 0.1


async def read(line: Transport, address: int, count: int = 2, unit: int = 1) -> list[int]:
    raw = await line.read(unit, Table.HOLDING, address, count, SHORT_S)
    return [int.from_bytes(raw[place : place + 2], "big") for place in range(0, len(raw), 2)]


def first_time(fault: Script) -> Script:
    """A server that fails the first request so, and is right ever after."""

    async def script(asked: Asked) -> None:
        if asked.number == 0:
            await fault(asked)
        else:
            asked.answer(asked.good)

    return script


async def answer_right(asked: Asked) -> None:
    asked.answer(asked.good)


async def stay_silent(asked: Asked) -> None:
    pass


async def answer_late(asked: Asked) -> None:
    await asyncio.sleep(1.5 * SHORT_S)
    asked.answer(asked.good)


async def answer_for_another_unit(asked: Asked) -> None:
    asked.answer(asked.good, unit=asked.unit + 1)


async def answer_another_transaction(asked: Asked) -> None:
    asked.answer(asked.good, transaction=asked.transaction + 7)


async def answer_another_function(asked: Asked) -> None:
    asked.answer(b"\x04" + asked.good[1:])


async def answer_too_much(asked: Asked) -> None:
    asked.answer(bytes((3, 10)) + bytes(10))


async def answer_too_little(asked: Asked) -> None:
    asked.answer(bytes((3, 2)) + bytes(2))


async def answer_nothing_in_it(asked: Asked) -> None:
    asked.answer(bytes((3, 0)))


async def break_off(asked: Asked) -> None:
    asked.send(asked.frame(asked.good)[:-2])


async def break_off_and_close(asked: Asked) -> None:
    asked.send(asked.frame(asked.good)[:-2])
    asked.close()


async def speak_http(asked: Asked) -> None:
    asked.send(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 11\r\n\r\nBad request")


async def announce_60000_bytes(asked: Asked) -> None:
    asked.send(asked.transaction.to_bytes(2, "big") + b"\0\0\xea\x60" + bytes(50))


async def speak_another_protocol(asked: Asked) -> None:
    asked.send(asked.frame(asked.good)[:2] + b"\0\1" + asked.frame(asked.good)[4:])


async def flip_a_bit(asked: Asked) -> None:
    frame = bytearray(asked.frame(asked.good))
    frame[4] ^= 0x10
    asked.send(bytes(frame))


async def flood(asked: Asked) -> None:
    asked.send(b"\xff" * 300_000)


async def hang_up(asked: Asked) -> None:
    asked.close()


EITHER = [
    (stay_silent, NoAnswer),
    (answer_late, NoAnswer),
    (answer_for_another_unit, BadAnswer),
    (answer_another_function, BadAnswer),
    (answer_too_much, BadAnswer),
    (answer_too_little, BadAnswer),
    (answer_nothing_in_it, BadAnswer),
    (break_off, BadAnswer),
    (break_off_and_close, LinkDown),
    (speak_http, BadAnswer),
    (flood, BadAnswer),
    (hang_up, LinkDown),
]
FAULTS = [
    *((fault, error, kind) for kind in ("modbus_tcp", "modbus_rtu_over_tcp") for fault, error in EITHER),
    (answer_another_transaction, BadAnswer, "modbus_tcp"),
    (announce_60000_bytes, BadAnswer, "modbus_tcp"),
    (speak_another_protocol, BadAnswer, "modbus_tcp"),
    (flip_a_bit, BadAnswer, "modbus_rtu_over_tcp"),
]


@pytest.mark.parametrize(("fault", "error", "kind"), FAULTS, ids=lambda value: getattr(value, "__name__", str(value)))
async def test_a_fault_gives_its_error_and_the_next_value_is_right(
    fault: Script, error: type[HouqinError], kind: Kind
) -> None:
    async with scripted(first_time(fault), kind) as server:
        line = connect_modbus("meters", server.link)
        with pytest.raises(error) as caught:
            await read(line, 10)
        assert caught.value.where is not None
        assert caught.value.where.link == "meters"
        if error is BadAnswer:
            assert caught.value.raw
        assert await read(line, 20) == [20, 21]
        assert await read(line, 30) == [30, 31]
        await line.close()


@FRAMINGS
@pytest.mark.parametrize(
    ("code", "error"),
    [(code, DeviceRefused) for code in (1, 2, 3)] + [(code, DeviceBusy) for code in (4, 5, 6, 10, 11, 0x99)],
)
async def test_exception_codes_tell_a_wrong_map_from_a_busy_device(
    code: int, error: type[DeviceRefused | DeviceBusy], kind: Kind
) -> None:
    async def refuse(asked: Asked) -> None:
        asked.answer(bytes((asked.pdu[0] | 0x80, code)))

    async with scripted(first_time(refuse), kind) as server:
        line = connect_modbus("meters", server.link)
        with pytest.raises(error) as caught:
            await read(line, 10)
        assert isinstance(caught.value, DeviceRefused | DeviceBusy)
        assert caught.value.code == code
        assert await read(line, 20) == [20, 21]
        await line.close()
        assert len(server.asked) == 2
        assert server.connections == 1


async def test_a_late_answer_on_a_serial_line_is_not_taken_for_the_next_one_even_after_the_drain() -> None:
    async def very_late(asked: Asked) -> None:
        await asyncio.sleep(2.6 * SHORT_S)
        asked.answer(asked.good)

    async def script(asked: Asked) -> None:
        if asked.number == 0:
            await very_late(asked)
        elif asked.number == 1:
            await asyncio.sleep(0.9 * SHORT_S)
            asked.answer(asked.good)
        else:
            asked.answer(asked.good)

    async with scripted(script, "modbus_rtu_over_tcp") as server:
        line = connect_modbus("meters", server.link)
        with pytest.raises(NoAnswer):
            await read(line, 10)
        for address in (20, 30, 40):
            try:
                assert await read(line, address) == [address, address + 1]
            except (NoAnswer, BadAnswer):
                continue
        assert await read(line, 50) == [50, 51]
        await line.close()


async def test_after_silence_on_a_serial_line_the_next_like_question_is_asked_twice() -> None:
    async with scripted(first_time(stay_silent), "modbus_rtu_over_tcp") as server:
        line = connect_modbus("meters", server.link)
        with pytest.raises(NoAnswer):
            await read(line, 10)
        assert await read(line, 20) == [20, 21]
        assert await read(line, 30, count=4) == [30, 31, 32, 33]
        await line.close()
        assert [asked.pdu.hex() for asked in server.asked] == [
            "03000a0002", "0300140002", "0300140002", "03001e0004",
        ]  # fmt: skip


async def test_an_answer_that_comes_during_the_drain_clears_the_line() -> None:
    async with scripted(first_time(answer_late), "modbus_rtu_over_tcp") as server:
        line = connect_modbus("meters", server.link)
        with pytest.raises(NoAnswer):
            await read(line, 10)
        assert await read(line, 20) == [20, 21]
        await line.close()
        assert len(server.asked) == 2


async def test_noise_and_echo_around_a_serial_answer_are_passed_over() -> None:
    async def noisy(asked: Asked) -> None:
        asked.send(b"\x00\xff")
        asked.send(asked.frame(asked.pdu))
        await asyncio.sleep(0.01)
        frame = asked.frame(asked.good)
        asked.send(frame[:3])
        await asyncio.sleep(0.01)
        asked.send(frame[3:] + b"\xff\x00")

    async with scripted(noisy, "modbus_rtu_over_tcp") as server:
        line = connect_modbus("meters", server.link)
        assert await read(line, 10) == [10, 11]
        assert await read(line, 20) == [20, 21]
        await line.close()


async def test_an_answer_in_pieces_and_a_stray_one_before_it_are_put_together_on_tcp() -> None:
    async def in_pieces(asked: Asked) -> None:
        whole = asked.frame(bytes((3, 2, 0, 9)), transaction=60_000) + asked.frame(asked.good)
        for place in range(0, len(whole), 4):
            asked.send(whole[place : place + 4])
            await asyncio.sleep(0)

    async with scripted(in_pieces, "modbus_tcp") as server:
        line = connect_modbus("plant", server.link)
        assert await read(line, 10) == [10, 11]
        await line.close()


@FRAMINGS
async def test_a_line_that_says_nothing_is_opened_anew_when_it_is_reset_and_not_before(
    kind: Kind,
) -> None:
    async def silent_until_reopened(asked: Asked) -> None:
        if servers[0].connections > 1:
            asked.answer(asked.good)

    servers: list[ScriptedServer] = []
    async with scripted(silent_until_reopened, kind) as server:
        servers.append(server)
        line = connect_modbus("meters", server.link)
        for _ in range(4):
            with pytest.raises(NoAnswer):
                await read(line, 10)
        assert server.connections == 1
        await line.reset()
        assert await read(line, 10) == [10, 11]
        await line.close()
        assert server.connections == 2


@FRAMINGS
async def test_many_at_once_take_turns(kind: Kind) -> None:
    async with scripted(answer_right, kind) as server:
        line = connect_modbus("meters", server.link)
        values = await asyncio.gather(*(read(line, address, unit=1 + address % 5) for address in range(40)))
        assert values == [[address, address + 1] for address in range(40)]
        await line.close()
        assert server.connections == 1


@FRAMINGS
async def test_a_cancelled_question_leaves_no_answer_behind(kind: Kind) -> None:
    async with scripted(first_time(answer_late), kind) as server:
        line = connect_modbus("meters", server.link)
        task = asyncio.create_task(read(line, 10))
        while not server.asked:
            await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await read(line, 20) == [20, 21]
        assert await read(line, 30) == [30, 31]
        await line.close()


@pytest.mark.parametrize("how", ["close", "reset"])
@FRAMINGS
async def test_who_waits_for_an_answer_is_told_when_the_line_is_given_up(kind: Kind, how: str) -> None:
    async with scripted(stay_silent, kind) as server:
        line = connect_modbus("meters", server.link)
        asking = asyncio.create_task(line.read(1, Table.HOLDING, 10, 2, 30.0))
        while not server.asked:
            await asyncio.sleep(0.001)
        await (line.close() if how == "close" else line.reset())
        with pytest.raises(LinkDown):
            await asking
        await line.close()


@FRAMINGS
async def test_writes_are_acknowledged(kind: Kind) -> None:
    async with scripted(answer_right, kind) as server:
        line = connect_modbus("plant", server.link)
        assert await read(line, 1, count=1, unit=3) == [1]
        await line.write(3, 5, 7, [1], SHORT_S)
        await line.write(3, 6, 8, [285], SHORT_S)
        await line.close()
        assert [(asked.unit, asked.pdu.hex(" ")) for asked in server.asked] == [
            (3, "03 00 01 00 01"),
            (3, "05 00 07 ff 00"),
            (3, "06 00 08 01 1d"),
        ]


async def test_nobody_listening_is_said_with_the_address() -> None:
    port = free_port()
    line = connect_modbus("plant", ModbusTcpLink(type="modbus_tcp", host="127.0.0.1", port=port))
    with pytest.raises(LinkDown, match=rf"127\.0\.0\.1:{port}"):
        await read(line, 10)
    await line.close()
