"""What goes wrong at a broker and around it, provoked for real (FT-19 to FT-31 of docs/faults.md)."""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from facility.model import build_site
from facility.readings import Status
from gateway.mqtt.fairness import BURST_MESSAGES, MOST_WAITING
from gateway.mqtt.payload import Flaw
from tests.gateway.mqtt.broker import CLIMATE, Bench, broker_site, eventually, mosquitto_with, publish, retained
from tests.gateway.mqtt.protobuf_writer import metric, payload
from tests.gateway.mqtt.test_sparkplug import office
from tests.servers import Server, mosquitto, require

pytestmark = [pytest.mark.server, pytest.mark.asyncio]

ROOT = Path(__file__).parents[3]
POINT = "climate-401.temperature"
STATUS = "houqin/hq/gateway/sensors/availability"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Server]:
    with mosquitto(tmp_path) as server:
        yield server


def climate(*temperatures: float) -> list[tuple[str, bytes | str]]:
    return [(CLIMATE, f'{{"temperature": {t}}}') for t in temperatures]


async def said(broker: Server, *temperatures: float) -> None:
    await asyncio.to_thread(publish, broker.port, *climate(*temperatures))


async def away_and_back(broker: Server, bench: Bench, *, empty: bool = False) -> None:
    await asyncio.to_thread(broker.stop)
    await eventually(lambda: not bench.line.up, "noticing that the broker is gone")
    if empty:
        broker.log.with_name("mosquitto.db").unlink()
    await asyncio.to_thread(broker.start)
    await eventually(lambda: bench.line.up, "coming back")


async def test_what_became_durable_while_the_broker_was_away_is_not_taken_again(broker: Server) -> None:
    async with Bench(broker_site(broker.port), durable=False).running() as bench:
        await said(broker, 21.0)
        await eventually(lambda: bench.heard.values(POINT) == [21.0], "the reading, not yet kept")
        await asyncio.to_thread(broker.stop)
        await eventually(lambda: not bench.line.up, "noticing that the broker is gone")
        bench.heard.acknowledge_all()
        await asyncio.to_thread(broker.start)
        await eventually(lambda: bench.line.up, "coming back")
        await said(broker, 22.0)
        await eventually(lambda: bench.heard.values(POINT)[-1:] == [22.0], "the next one")
        assert bench.heard.values(POINT) == [21.0, 22.0]
        assert bench.line.unacknowledged == 1
        bench.heard.acknowledge_all()
        assert bench.line.unacknowledged == 0


async def test_a_broker_that_starts_empty_is_told_and_asked_everything_again(broker: Server) -> None:
    async with Bench(broker_site(broker.port), durable=True).running() as bench:
        await said(broker, 21.0)
        await eventually(lambda: bench.heard.values(POINT) == [21.0], "the reading before")
        await away_and_back(broker, bench, empty=True)
        assert await asyncio.to_thread(retained, broker.port, STATUS) == "online"
        await said(broker, 22.0)
        await eventually(lambda: bench.heard.values(POINT) == [21.0, 22.0], "the reading after")


async def test_a_broken_database_is_moved_aside_and_the_broker_starts(broker: Server) -> None:
    database = broker.log.with_name("mosquitto.db")
    async with Bench(broker_site(broker.port), durable=True).running() as bench:
        await asyncio.to_thread(publish, broker.port, *(("note/1", "a"), ("note/2", "b")), retain=True)
        await asyncio.to_thread(broker.stop)
        check = [str(ROOT / "deploy" / "mosquitto" / "check-database"), str(database.parent)]
        environment = {**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"}
        await asyncio.to_thread(subprocess.run, check, check=True, env=environment)
        assert database.exists()
        os.truncate(database, 60)
        with pytest.raises(AssertionError):
            await asyncio.to_thread(broker.start)
        told = await asyncio.to_thread(
            subprocess.run, check, check=True, env=environment, capture_output=True, text=True
        )
        assert "moved to" in told.stderr
        assert not database.exists()
        assert [path.stat().st_size for path in database.parent.glob("mosquitto.db.broken.*")] == [60]
        await asyncio.to_thread(broker.start)
        await eventually(lambda: bench.line.up, "coming back")
        await said(broker, 22.0)
        await eventually(lambda: bench.heard.values(POINT) == [22.0], "the reading after")


@pytest.mark.parametrize(("version", "heard"), [("3.1.1", [None, 25.5]), ("5", [25.5])])
async def test_ten_megabytes_are_not_looked_at_and_small_ones_go_on(
    broker: Server, version: str, heard: list[float | None]
) -> None:
    async with Bench(broker_site(broker.port, version=version), durable=True).running() as bench:
        await asyncio.to_thread(publish, broker.port, (CLIMATE, b"x" * 10_000_000), *climate(25.5))
        await eventually(lambda: bench.heard.values(POINT)[-1:] == [25.5], "the small one")
        assert bench.heard.values(POINT) == heard
        assert bench.ingest.counts.flaws == ({Flaw.TOO_LARGE: 1} if version == "3.1.1" else {})
        assert bench.line.health().refused == ({"too_large": 1} if version == "3.1.1" else {})
        assert bench.line.connections == 1


async def test_a_sender_of_too_much_is_cut_off_by_the_shipped_configuration(tmp_path: Path) -> None:
    shipped = (ROOT / "deploy" / "mosquitto" / "mosquitto.conf").read_text(encoding="utf-8")
    kept = [line for line in shipped.splitlines() if line.startswith(("autosave", "max_", "persistent_client"))]
    assert len(kept) == 6
    with mosquitto_with(tmp_path, "listener {port} 127.0.0.1", "allow_anonymous true", *kept) as broker:
        async with Bench(broker_site(broker.port), durable=True).running() as bench:
            command = [require("mosquitto_pub"), "-p", str(broker.port), "-t", CLIMATE, "-q", "1", "-s"]
            cut = await asyncio.to_thread(
                subprocess.run, command, input=b"x" * 100_000, capture_output=True, check=False
            )
            assert cut.returncode != 0
            await said(broker, 25.5)
            await eventually(lambda: bench.heard.values(POINT) == [25.5], "the small one")


async def test_nobody_speaks_for_another_under_the_shipped_acl(tmp_path: Path) -> None:
    lines = await asyncio.to_thread(_with_users, tmp_path, "houqin", "r401", "thief")
    with mosquitto_with(tmp_path, "listener {port} 127.0.0.1", *lines) as broker:
        _password_file(tmp_path, "houqin")
        site = broker_site(
            broker.port, version="5", username_file=f"{tmp_path}/user", password_file=f"{tmp_path}/password"
        )
        async with Bench(site, durable=True).running() as bench:
            await asyncio.to_thread(_publish_as, broker.port, "thief", CLIMATE, '{"temperature": 5}')
            await asyncio.to_thread(_publish_as, broker.port, "thief", STATUS, "offline")
            await asyncio.to_thread(_publish_as, broker.port, "r401", CLIMATE, '{"temperature": 26}')
            await eventually(lambda: bench.heard.values(POINT) == [26.0], "what the device itself said")


async def test_that_the_broker_refuses_what_the_gateway_says_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    lines = await asyncio.to_thread(_with_users, tmp_path, "thief")
    with mosquitto_with(tmp_path, "listener {port} 127.0.0.1", *lines) as broker:
        _password_file(tmp_path, "thief")
        files = {"username_file": f"{tmp_path}/user", "password_file": f"{tmp_path}/password"}
        async with Bench(broker_site(broker.port, version="5", **files), durable=True).running():
            await eventually(lambda: "Not authorized" in caplog.text, "being told of the refusal")
            assert f"the broker refuses {STATUS}" in caplog.text


def _with_users(folder: Path, *users: str) -> list[str]:
    """The shipped ACL, with users whose password is their name."""
    for number, user in enumerate(users):
        create = ["-c"] if number == 0 else []
        command = [require("mosquitto_passwd"), "-b", *create, str(folder / "users"), user, user]
        subprocess.run(command, check=True, capture_output=True)
    acl = ROOT / "deploy" / "mosquitto" / "acl"
    return ["allow_anonymous false", f"password_file {folder}/users", f"acl_file {acl}"]


def _password_file(folder: Path, user: str) -> None:
    (folder / "user").write_text(user)
    (folder / "password").write_text(user)


def _publish_as(port: int, user: str, topic: str, payload: str) -> None:
    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.username_pw_set(user, user)
    client.connect("127.0.0.1", port)
    client.loop_start()
    client.publish(topic, payload, qos=1).wait_for_publish(10)
    client.disconnect()
    client.loop_stop()


async def test_a_flood_is_let_go_and_others_are_heard(broker: Server) -> None:
    async with Bench(broker_site(broker.port), durable=True).running() as bench:
        await asyncio.to_thread(_flood, broker.port, 10_000)
        await asyncio.to_thread(publish, broker.port, ("site/r401/presence", "1"))
        await eventually(lambda: bench.heard.values("presence-401.present") == [1.0], "the other device")
        dropped = bench.line.fairness.dropped
        await eventually(lambda: dropped["th-401"] >= 10_000 - BURST_MESSAGES - MOST_WAITING - 2_000, "letting go")
        assert set(dropped) == {"th-401"}
        assert bench.line.unacknowledged == 0
        health = bench.line.health()
        assert (health.up, health.dropped["th-401"], health.refused) == (True, dropped["th-401"], {})
        last = (CLIMATE, '{"temperature": 9}')
        await asyncio.to_thread(publish, broker.port, last)
        await eventually(lambda: bench.heard.values(POINT)[-1:] == [9.0], "the newest of the flooding device")


def _flood(port: int, messages: int) -> None:
    command = [require("mosquitto_pub"), "-p", str(port), "-t", CLIMATE, "-l"]
    subprocess.run(command, input=b'{"temperature": 20}\n' * messages, check=True)


async def test_a_flood_does_not_outgrow_its_bound_while_nothing_is_kept(broker: Server) -> None:
    async with Bench(broker_site(broker.port), durable=False, max_unacknowledged=50).running() as bench:
        await asyncio.to_thread(_flood, broker.port, 2_000)
        await asyncio.to_thread(publish, broker.port, *climate(9.0))
        await eventually(lambda: len(bench.heard.readings) == 50, "reaching the bound")
        bench.durable = True
        bench.heard.acknowledge_all()
        await eventually(lambda: bench.heard.values(POINT)[-1:] == [9.0], "the newest")
        assert bench.line.unacknowledged == 0


async def test_a_device_that_dies_is_gone_at_once_and_back_when_it_speaks(broker: Server) -> None:
    async with Bench(broker_site(broker.port), durable=True).running() as bench:
        await asyncio.to_thread(_die_with_a_will, broker.port)
        await eventually(lambda: bench.heard.values(POINT)[-1:] == [None], "the will")
        last = bench.heard.readings[-1].batch
        assert last.statuses is not None
        assert set(last.statuses) == {Status.DISCONNECTED}
        await said(broker, 21.0)
        await eventually(lambda: bench.heard.values(POINT) == [20.0, None, 21.0], "speaking again")
        told = [(status.device, status.up) for status in bench.heard.links if status.device is not None]
        assert told == [("th-401", False), ("th-401", True)]


def _die_with_a_will(port: int) -> None:
    """A device that says something, and whose line then breaks without a word."""
    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.will_set(f"{CLIMATE}/availability", "offline", qos=1, retain=True)
    client.connect("127.0.0.1", port, keepalive=60)
    client.loop_start()
    client.publish(CLIMATE, '{"temperature": 20}', qos=1).wait_for_publish(10)
    sock: Any = client.socket()
    client.loop_stop()
    sock.close()


async def test_a_command_to_an_edge_node_goes_out_and_its_birth_comes_in(broker: Server) -> None:
    links = {**office().file.links, "sensors": broker_site(broker.port).links["sensors"]}
    site = build_site(office().file.model_copy(update={"links": links}), office().profiles)
    heard: list[str] = []
    node = paho.Client(CallbackAPIVersion.VERSION2)
    node.on_message = lambda _client, _data, message: heard.append(message.topic)
    node.connect("127.0.0.1", broker.port)
    node.loop_start()
    try:
        node.subscribe("spBv1.0/office/NCMD/west", qos=1)
        async with Bench(site, durable=True).running() as bench:
            lost = payload(metric(None, 21.5, None, alias=1), seq=5)
            node.publish("spBv1.0/office/NDATA/west", lost, qos=0)
            await eventually(lambda: heard == ["spBv1.0/office/NCMD/west"], "the request for a rebirth")
            node.publish("spBv1.0/office/NBIRTH/west", payload(metric("Temperature", 21.5, alias=1), seq=0), qos=0)
            node.publish("spBv1.0/office/NDATA/west", payload(metric(None, 22.5, None, alias=1), seq=1), qos=0)
            await eventually(lambda: bench.heard.values("e-c-1.temperature") == [21.5, 22.5], "birth and data")
    finally:
        node.disconnect()
        node.loop_stop()
