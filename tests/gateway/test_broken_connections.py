"""Modbus over TCP through a network that breaks connections in every way, and devices that serve one client only."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from facility.errors import BadAnswer, HouqinError, LinkDown, NoAnswer
from facility.model.entries import ModbusTcpLink
from facility.profiles.schema import Table
from gateway.modbus import Transport, connect_modbus
from tests.gateway.proxy import Proxy, proxy_to, unharmed
from tests.gateway.test_transports import SHORT_S, answer_right, first_time, read
from tests.gateway.wire import Asked, scripted

pytestmark = pytest.mark.asyncio


@asynccontextmanager
async def behind_a_proxy() -> AsyncIterator[tuple[Proxy, Transport]]:
    """A device that is always right, and a line to it through a network."""
    async with scripted(answer_right, "modbus_tcp") as server:
        assert isinstance(server.link, ModbusTcpLink)
        async with proxy_to(server.link.host, server.link.port) as proxy:
            line = connect_modbus("plant", server.link.model_copy(update={"port": proxy.port}))
            assert await read(line, 10) == [10, 11]
            yield proxy, line
            await line.close()


async def byte_by_byte(data: bytes, towards: asyncio.StreamWriter) -> None:
    for place in range(len(data)):
        towards.write(data[place : place + 1])
        await asyncio.sleep(0)


async def too_late(data: bytes, towards: asyncio.StreamWriter) -> None:
    await asyncio.sleep(1.5 * SHORT_S)
    towards.write(data)


async def only_a_part(data: bytes, towards: asyncio.StreamWriter) -> None:
    towards.write(data[:5])


async def garbage_before(data: bytes, towards: asyncio.StreamWriter) -> None:
    towards.write(b"\xde\xad\xbe\xef" + data)


async def one_byte_lost(data: bytes, towards: asyncio.StreamWriter) -> None:
    towards.write(data[1:])


async def zeros_before(data: bytes, towards: asyncio.StreamWriter) -> None:
    towards.write(b"\0\0" + data)


async def hang_up(data: bytes, towards: asyncio.StreamWriter) -> None:
    towards.close()


async def test_segments_split_anywhere_make_no_difference() -> None:
    async with behind_a_proxy() as (proxy, line):
        proxy.answers = byte_by_byte
        assert await read(line, 20) == [20, 21]
        assert proxy.connections == 1


@pytest.mark.parametrize("fault", [too_late, only_a_part, garbage_before, one_byte_lost, zeros_before, hang_up])
async def test_whatever_a_network_does_no_wrong_value_comes_and_it_heals_by_itself(fault: object) -> None:
    async with behind_a_proxy() as (proxy, line):
        proxy.answers = fault  # type: ignore[assignment]
        for address in (20, 30):
            with pytest.raises((NoAnswer, BadAnswer, LinkDown)):
                await read(line, address)
        proxy.answers = unharmed
        with suppress(HouqinError):
            await read(line, 40)
        assert await read(line, 50) == [50, 51]
        assert await read(line, 60) == [60, 61]
        assert proxy.most_open <= 2


async def test_a_length_that_no_answer_has_is_refused_at_once_and_nothing_is_collected() -> None:
    async def announce_60000_bytes(asked: Asked) -> None:
        asked.send(asked.raw[:4] + b"\xea\x60" + bytes(50))

    async with scripted(first_time(announce_60000_bytes), "modbus_tcp") as server:
        line = connect_modbus("plant", server.link)
        with pytest.raises(BadAnswer, match="not Modbus/TCP"):
            await line.read(1, Table.HOLDING, 10, 2, 30.0)
        assert await read(line, 20) == [20, 21]
        await line.close()


async def test_a_device_that_reboots_is_connected_anew_once() -> None:
    async with behind_a_proxy() as (proxy, line):
        proxy.reset()
        with suppress(LinkDown):
            await read(line, 20)
        assert await read(line, 30) == [30, 31]
        assert await read(line, 40) == [40, 41]
        assert proxy.connections == 2


async def test_a_stream_that_stays_one_answer_behind_is_opened_anew() -> None:
    held: list[Asked] = []

    async def one_behind(asked: Asked) -> None:
        if server.connections > 1:
            asked.answer(asked.good)
            return
        if held:
            held[-1].answer(held[-1].good)
        held.append(asked)

    async with scripted(one_behind, "modbus_tcp") as server:
        line = connect_modbus("plant", server.link)
        for address in (10, 20, 30):
            with pytest.raises((NoAnswer, BadAnswer)):
                await read(line, address)
        assert await read(line, 40) == [40, 41]
        assert server.connections == 2
        await line.close()


async def test_a_half_open_connection_is_left_by_a_reset_and_its_answers_are_forgotten() -> None:
    async def frozen(data: bytes, towards: asyncio.StreamWriter) -> None:
        await asyncio.sleep(3600)

    async with behind_a_proxy() as (proxy, line):
        proxy.answers = frozen
        for address in (20, 30):
            with pytest.raises(NoAnswer):
                await read(line, address)
        proxy.answers = unharmed
        await line.reset()
        assert await read(line, 40) == [40, 41]
        assert proxy.connections == 2


async def test_a_device_that_serves_one_connection_has_the_old_one_closed_before_the_new_one() -> None:
    served: list[asyncio.StreamWriter] = []
    refused = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal refused
        if served:
            refused += 1
            writer.close()
            return
        served.append(writer)
        with suppress(ConnectionError):
            while request := await reader.read(260):
                data = request[8:10] + int.from_bytes(request[8:10], "big").__add__(1).to_bytes(2, "big")
                writer.write(request[:4] + b"\0\7" + request[6:8] + b"\4" + data)
        served.clear()
        writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    line = connect_modbus("plant", ModbusTcpLink(type="modbus_tcp", host="127.0.0.1", port=port))
    for address in (10, 20, 30, 40, 50):
        assert await read(line, address) == [address, address + 1]
        await line.reset()
    assert refused == 0
    await asyncio.gather(read(line, 60), read(line, 70), read(line, 80))
    assert refused == 0
    await line.close()
    listener.close()
    await listener.wait_closed()
    while served:
        await asyncio.sleep(0)


@pytest.mark.parametrize("kind", ["modbus_tcp", "modbus_rtu_over_tcp", "modbus_ascii_over_tcp"])
async def test_the_same_answer_twice_is_dropped_and_counted(kind: str) -> None:
    async def twice(asked: Asked) -> None:
        asked.answer(asked.good)
        asked.answer(asked.good)

    async with scripted(twice, kind) as server:  # type: ignore[arg-type]
        line = connect_modbus("plant", server.link)
        for address in (10, 20, 30):
            assert await read(line, address) == [address, address + 1]
        await line.close()
        assert line.dropped_answers >= 2


async def test_a_serial_server_that_closes_between_two_questions_is_connected_again() -> None:
    async def answer_and_close(asked: Asked) -> None:
        asked.answer(asked.good)
        asked.close()

    async with scripted(first_time(answer_and_close), "modbus_ascii_over_tcp") as server:
        line = connect_modbus("meters", server.link)
        assert await read(line, 10) == [10, 11]
        while server.connections < 2:
            with suppress(LinkDown):
                assert await read(line, 20) == [20, 21]
        await line.close()
