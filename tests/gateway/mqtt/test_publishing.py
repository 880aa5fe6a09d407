"""What the gateway says to a broker: taken, refused, or nobody knows."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from facility.errors import LinkDown, Where
from facility.model.entries import MqttLink
from gateway.mqtt.connection import Connection, Delivery
from tests.gateway.mqtt.broker import eventually, mosquitto_with, retained
from tests.servers import Server

pytestmark = [pytest.mark.server, pytest.mark.asyncio]


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Server]:
    """One where nobody may write below `closed`."""
    acl = tmp_path / "acl"
    acl.write_text("topic readwrite open/#\ntopic readwrite test/#\ntopic read #\n")
    with mosquitto_with(tmp_path, "listener {port} 127.0.0.1", "allow_anonymous true", f"acl_file {acl}") as server:
        yield server


@asynccontextmanager
async def connected(port: int, version: str = "5") -> AsyncIterator[tuple[Connection, list[Delivery]]]:
    """A connection that listens to `open/echo`, with what it hears."""
    heard: list[Delivery] = []

    def took(connection: Connection, delivery: Delivery) -> None:
        heard.append(delivery)
        connection.acknowledge(delivery)

    connection = Connection(
        MqttLink.model_validate({"type": "mqtt", "host": "127.0.0.1", "port": port, "version": version}),
        client_id="test",
        status_topic="open/status",
        on_accepted=lambda _connection, _kept: None,
        on_message=took,
        receive_maximum=10,
        where=Where(link="sensors"),
    )
    serving: asyncio.Task[str] | None = None
    try:
        assert await connection.open(["open/echo"]) == ()
        serving = asyncio.create_task(connection.serve())
        yield connection, heard
    finally:
        connection.give_up("the test ends")
        if serving is not None:
            await serving
        connection.close(farewell=False)


@pytest.mark.parametrize("version", ["3.1.1", "5"])
@pytest.mark.parametrize("qos", [0, 1])
async def test_what_the_broker_took_is_done(broker: Server, version: str, qos: int) -> None:
    async with connected(broker.port, version) as (connection, heard):
        said = [connection.publish("open/echo", f"{number}", qos=qos) for number in range(100)]
        assert await asyncio.wait_for(asyncio.gather(*said), 10) == [None] * 100
        await eventually(lambda: len(heard) == 100, "hearing it")
        assert [delivery.payload for delivery in heard] == [b"%d" % number for number in range(100)]


async def test_what_is_to_be_kept_is_kept(broker: Server) -> None:
    async with connected(broker.port) as (connection, _):
        assert await connection.publish("open/kept", b"0", retain=True) is None
        assert await asyncio.to_thread(retained, broker.port, "open/kept") == "0"


async def test_a_refusal_says_why_with_version_5_and_is_silent_before(broker: Server) -> None:
    async with connected(broker.port) as (connection, _):
        assert await connection.publish("closed/a", "1") == "Not authorized"
        assert await connection.publish("open/a", "1") is None
    async with connected(broker.port, "3.1.1") as (connection, _):
        assert await connection.publish("closed/a", "1") is None


async def test_what_the_broker_never_answered_is_told_as_unknown(broker: Server) -> None:
    async with connected(broker.port) as (connection, _):
        assert broker.process is not None
        broker.process.send_signal(signal.SIGSTOP)
        waiting = [connection.publish("open/a", "x" * 100_000) for _ in range(200)]
        unasked = connection.publish("open/a", "nobody asks what became of it")
        connection.close(farewell=False)
        for answer in waiting:
            with pytest.raises(LinkDown):
                await answer
        assert unasked.done()
        connection.give_up("closed")
        with pytest.raises(LinkDown):
            await connection.publish("open/a", "too late")
        broker.process.send_signal(signal.SIGCONT)
