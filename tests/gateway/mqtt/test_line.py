"""The line to a real Mosquitto: nothing is lost, nothing stops it."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.mqtt.broker import CLIMATE, Bench, broker_site, eventually, publish, retained
from tests.servers import Server, mosquitto

pytestmark = [pytest.mark.server, pytest.mark.asyncio]

POINT = "climate-401.temperature"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Server]:
    with mosquitto(tmp_path) as server:
        yield server


def climate(*temperatures: float) -> list[tuple[str, bytes | str]]:
    return [(CLIMATE, f'{{"temperature": {t}, "humidity": 55}}') for t in temperatures]


def is_on_disk(broker: Server, payload: bytes) -> bool:
    """Whether Mosquitto has saved a message: it does so after the second change, soon."""
    database = broker.log.with_name("mosquitto.db")
    return database.exists() and payload in database.read_bytes()


@pytest.mark.parametrize("version", ["3.1.1", "5"])
async def test_a_message_becomes_readings(broker: Server, version: str) -> None:
    async with Bench(broker_site(broker.port, version=version), durable=True).running() as bench:
        await asyncio.to_thread(publish, broker.port, *climate(26.5, 0.0))
        await eventually(lambda: bench.heard.values(POINT) == [26.5, 0.0], "two readings")
        assert bench.heard.values("climate-401.humidity") == [55.0, 55.0]
        assert bench.line.unacknowledged == 0
        assert [(status.up, status.device) for status in bench.heard.links] == [(True, None)]


@pytest.mark.parametrize("version", ["3.1.1", "5"])
async def test_what_was_not_durable_comes_again_after_a_restart_of_the_gateway(broker: Server, version: str) -> None:
    site = broker_site(broker.port, version=version)
    async with Bench(site, durable=False).running() as first:
        await asyncio.to_thread(publish, broker.port, *climate(21.0, 22.0))
        await eventually(lambda: first.heard.values(POINT) == [21.0, 22.0], "readings not yet kept")
        assert first.line.unacknowledged == 2
    async with Bench(site, durable=True).running() as second:
        await eventually(lambda: second.heard.values(POINT) == [21.0, 22.0], "the same messages again")
        await eventually(lambda: second.line.unacknowledged == 0, "acknowledgement")
    async with Bench(site, durable=True).running() as third:
        await asyncio.to_thread(publish, broker.port, *climate(23.0))
        await eventually(lambda: third.heard.values(POINT) == [23.0], "only what is new")


async def test_what_came_while_the_gateway_was_away_is_delivered(broker: Server) -> None:
    site = broker_site(broker.port)
    async with Bench(site, durable=True).running():
        pass
    await asyncio.to_thread(publish, broker.port, *climate(18.0, 19.0))
    async with Bench(site, durable=True).running() as bench:
        await eventually(lambda: bench.heard.values(POINT) == [18.0, 19.0], "the queued messages")


@pytest.mark.parametrize("how", ["stop", "kill"])
async def test_a_broker_that_went_and_came_back_is_subscribed_again_and_nothing_is_lost(
    broker: Server, how: str
) -> None:
    async with Bench(broker_site(broker.port), durable=False).running() as bench:
        await asyncio.to_thread(publish, broker.port, *climate(24.0))
        await eventually(lambda: bench.heard.values(POINT) == [24.0], "the reading before")
        await asyncio.to_thread(publish, broker.port, ("note/1", "a"), ("note/2", "b"), retain=True)
        await eventually(lambda: how == "stop" or is_on_disk(broker, b'"temperature": 24.0'), "saving by the broker")
        await asyncio.to_thread(getattr(broker, how))
        await eventually(lambda: not bench.line.up, "noticing that the broker is gone")
        bench.durable = True
        await asyncio.to_thread(broker.start)
        await eventually(lambda: bench.line.up, "coming back")
        await asyncio.to_thread(publish, broker.port, *climate(25.0))
        await eventually(lambda: bench.heard.values(POINT)[-1:] == [25.0], "the reading after")
        assert bench.heard.values(POINT) == [24.0, 25.0]
        assert bench.line.unacknowledged == 1
        bench.heard.acknowledge_all()
        assert bench.line.unacknowledged == 0
        assert [status.up for status in bench.heard.links] == [True, False, True]


async def test_a_reading_that_becomes_durable_after_a_reconnect_is_acknowledged_where_it_came_again(
    broker: Server,
) -> None:
    async with Bench(broker_site(broker.port), durable=False).running() as bench:
        await asyncio.to_thread(publish, broker.port, *climate(24.0))
        await eventually(lambda: len(bench.heard.readings) == 1, "the reading before")
        await asyncio.to_thread(broker.stop)
        await eventually(lambda: not bench.line.up, "noticing that the broker is gone")
        await asyncio.to_thread(broker.start)
        await eventually(lambda: bench.line.unacknowledged == 1 and bench.line.connections == 2, "the message again")
        (message,) = bench.heard.readings
        assert message.on_durable is not None
        message.on_durable()
        assert bench.line.unacknowledged == 0
        message.on_durable()
        assert bench.line.unacknowledged == 0


async def test_bad_messages_do_not_stop_the_line(broker: Server) -> None:
    bad: list[tuple[str, bytes | str]] = [
        (CLIMATE, b""), (CLIMATE, b"{"), (CLIMATE, b"\xff\xfe"), (CLIMATE, b'{"temperature": NaN}'),
        (CLIMATE, b"[" * 5000), (CLIMATE, b"x" * 200_000), (CLIMATE, b"\xef\xbb\xbf{}"), (CLIMATE, b"[1]"),
    ]  # fmt: skip
    async with Bench(broker_site(broker.port), durable=True).running() as bench:
        await asyncio.to_thread(publish, broker.port, *bad, *climate(25.5))
        await eventually(lambda: bench.heard.values(POINT)[-1:] == [25.5], "the good reading after the bad")
        assert bench.heard.values(POINT) == [None] * len(bad) + [25.5]
        assert bench.line.unacknowledged == 0
        assert bench.line.connections == 1


async def test_what_does_not_fit_into_memory_waits_with_the_broker(broker: Server) -> None:
    site = broker_site(broker.port)
    async with Bench(site, durable=False, max_unacknowledged=5).running() as bench:
        await asyncio.to_thread(publish, broker.port, *climate(*(20.0 + n / 10 for n in range(12))))
        await eventually(lambda: bench.line.unacknowledged == 5, "reaching the bound")
        bench.durable = True
        bench.heard.acknowledge_all()
        await eventually(lambda: len(bench.heard.values(POINT)) == 12, "all twelve")
        assert bench.heard.values(POINT) == [20.0 + n / 10 for n in range(12)]
        assert bench.line.connections == 1
        assert bench.line.unacknowledged == 0


async def test_a_line_that_may_take_nothing_more_for_long_loses_and_doubles_nothing(broker: Server) -> None:
    site = broker_site(broker.port, keepalive_s=2)
    async with Bench(site, durable=False, max_unacknowledged=5).running() as bench:
        await asyncio.to_thread(publish, broker.port, *climate(*(20.0 + n / 10 for n in range(12))))
        await eventually(lambda: bench.line.connections == 2, "connecting anew")
        await eventually(lambda: bench.line.unacknowledged >= 5, "getting them again")
        bench.durable = True
        bench.heard.acknowledge_all()
        await eventually(lambda: len(bench.heard.values(POINT)) >= 12, "all twelve")
        assert sorted(value for value in bench.heard.values(POINT) if value is not None) == [
            20.0 + n / 10 for n in range(12)
        ]
        assert [status.up for status in bench.heard.links] == [True]


async def test_a_frozen_broker_is_noticed_within_two_keepalives(broker: Server) -> None:
    async with Bench(broker_site(broker.port, keepalive_s=2), durable=True).running() as bench:
        assert broker.process is not None
        broker.process.send_signal(signal.SIGSTOP)
        try:
            await eventually(lambda: not bench.line.up, "noticing the frozen broker", timeout_s=8)
        finally:
            broker.process.send_signal(signal.SIGCONT)
        await eventually(lambda: bench.line.up, "coming back")


async def test_a_retained_value_is_not_taken_for_a_new_one(broker: Server) -> None:
    await asyncio.to_thread(publish, broker.port, *climate(12.0), retain=True)
    async with Bench(broker_site(broker.port), durable=True).running() as bench:
        await eventually(lambda: bench.ingest.counts.retained_refused == 1, "refusing the retained value")
        await asyncio.to_thread(publish, broker.port, *climate(26.0))
        await eventually(lambda: bench.heard.values(POINT) == [26.0], "the new value")
        assert bench.line.unacknowledged == 0


async def test_the_gateway_says_whether_it_is_there(broker: Server) -> None:
    topic = "houqin/hq/gateway/sensors/availability"
    async with Bench(broker_site(broker.port), durable=True).running():
        assert await asyncio.to_thread(retained, broker.port, topic) == "online"
    assert await asyncio.to_thread(retained, broker.port, topic) == "offline"


async def test_two_gateways_of_one_site_do_not_put_each_other_out(broker: Server) -> None:
    site = broker_site(broker.port)
    topic = "houqin/hq/gateway/sensors-{}/availability"
    async with Bench(site, durable=True, installation="a1").running() as one:
        async with Bench(site, durable=True, installation="b2").running() as other:
            await asyncio.to_thread(publish, broker.port, *climate(26.0))
            await eventually(lambda: one.heard.values(POINT) == other.heard.values(POINT) == [26.0], "both hear it")
            assert (one.line.connections, other.line.connections) == (1, 1)
        assert await asyncio.to_thread(retained, broker.port, topic.format("b2")) == "offline"
        assert await asyncio.to_thread(retained, broker.port, topic.format("a1")) == "online"


async def test_a_broker_that_is_not_there_is_said_once_and_tried_until_it_is(broker: Server) -> None:
    broker.stop()
    bench = Bench(broker_site(broker.port), durable=True)
    task = asyncio.create_task(bench.line.run())
    await eventually(lambda: len(bench.heard.links) == 1, "saying that the broker is not there")
    assert not bench.heard.links[0].up
    assert "cannot be reached" in bench.heard.links[0].detail
    await asyncio.to_thread(broker.start)
    await eventually(lambda: bench.line.up, "coming up")
    assert [status.up for status in bench.heard.links] == [False, True]
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize(
    ("password", "expected"), [(None, "HOUQIN_TEST_PASSWORD is not set"), ("wrong", "refuses the gateway")]
)
async def test_credentials_come_from_the_environment_and_are_never_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, password: str | None, expected: str
) -> None:
    with mosquitto(tmp_path) as broker:
        broker.stop()
        configuration = tmp_path / "mosquitto.conf"
        (tmp_path / "passwords").write_text("gateway:$7$101$AAAA$AAAA\n")
        text = configuration.read_text().replace("allow_anonymous true", "allow_anonymous false")
        configuration.write_text(f"{text}password_file {tmp_path}/passwords\n")
        broker.start()
        monkeypatch.setenv("HOUQIN_TEST_USER", "gateway")
        if password is not None:
            monkeypatch.setenv("HOUQIN_TEST_PASSWORD", password)
        link: dict[str, Any] = {"username_env": "HOUQIN_TEST_USER", "password_env": "HOUQIN_TEST_PASSWORD"}
        bench = Bench(broker_site(broker.port, **link), durable=True)
        task = asyncio.create_task(bench.line.run())
        await eventually(lambda: len(bench.heard.links) == 1, "being refused")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        detail = bench.heard.links[0].detail
        assert expected in detail
        assert "wrong" not in detail
