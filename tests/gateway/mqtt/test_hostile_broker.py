"""A broker that sends what nobody asked for, and messages that cannot be taken in: the line ends, nothing spins."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from facility.errors import Where
from facility.model.entries import MqttLink
from gateway.mqtt.connection import Connection, Delivery

pytestmark = pytest.mark.asyncio

CONNECT, SUBSCRIBE = 1, 8
ACCEPTED = bytes.fromhex("20 02 00 00")


def published(qos: int, number: int = 1) -> bytes:
    """A message on topic `a`, at QoS 1 or 2."""
    return bytes((0x30 | qos << 1, 6)) + b"\0\1a" + struct.pack(">H", number) + b"x"


async def packet(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Type and content of the next packet; all here are shorter than 128 bytes."""
    kind, length = await reader.readexactly(2)
    return kind >> 4, await reader.readexactly(length)


@asynccontextmanager
async def broker_that_sends(data: bytes) -> AsyncIterator[int]:
    """Accepts whoever comes, and sends `data` after the subscription; its port."""

    ended = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                kind, content = await packet(reader)
                if kind == CONNECT:
                    writer.write(ACCEPTED)
                elif kind == SUBSCRIBE:
                    writer.write(bytes((0x90, 3)) + content[:2] + b"\1" + data)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
            ended.set()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
        await asyncio.wait_for(ended.wait(), 10)


async def ending(data: bytes, take: Callable[[Connection, Delivery], None]) -> str:
    """Why a connection ends to which the broker sends `data`."""
    async with broker_that_sends(data) as port:
        connection = Connection(
            MqttLink.model_validate({"type": "mqtt", "host": "127.0.0.1", "port": port}),
            client_id="test",
            status_topic="status",
            on_accepted=lambda _connection, _kept: None,
            on_message=take,
            receive_maximum=10,
            where=Where(link="sensors"),
        )
        try:
            await connection.open(["a"])
            return await asyncio.wait_for(connection.serve(), 10)
        finally:
            connection.close(farewell=False)


async def test_messages_at_a_quality_that_nobody_asked_for_do_not_pile_up() -> None:
    taken: list[Delivery] = []
    why = await ending(
        b"".join(published(2, number) for number in range(1, 300)), lambda _, delivery: taken.append(delivery)
    )
    assert why == "the broker sends at QoS 2, which nobody asked for"
    assert taken == []


async def test_a_message_that_cannot_be_taken_in_ends_the_line_and_is_not_tried_again_and_again() -> None:
    tries: list[Delivery] = []
    told: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context["exception"]))

    def take(_: Connection, delivery: Delivery) -> None:
        tries.append(delivery)
        raise ArithmeticError("no such thing")

    assert await ending(published(1), take) == "a message could not be taken in"
    assert len(tries) == 1
    assert [type(error) for error in told] == [ArithmeticError]
