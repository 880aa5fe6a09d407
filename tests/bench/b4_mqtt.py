"""B4: MQTT messages of 120 bytes of JSON at QoS 1 to durable readings, beside mosquitto_sub printing them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from facility.bus.in_process import InProcessBus
from facility.clock import SystemClock
from facility.model import Site, SiteFile, build_site
from facility.profiles import ProfileLibrary
from facility.store.embedded import EmbeddedStore
from facility.store.worker import StoreWriter
from gateway.mqtt.client import MqttLine
from gateway.mqtt.ingest import MqttIngest
from tests.bench.report import Line
from tests.bench.slices import compare, cpu_s
from tests.gateway.mqtt.broker import mosquitto_with
from tests.servers import Server, require
from tests.sites import small_site_data

DEVICES = 20
MESSAGES_EACH = 250
MESSAGES = DEVICES * MESSAGES_EACH
BYTES = 120
LONGEST_S = 60.0
_BUFFER_BYTES = 8192
"""What mosquitto_sub may not have written to its file yet; it comes with the next slice."""


def message(device: int, number: int) -> bytes:
    """A climate sensor's message, padded to its size."""
    values = {"temperature": 20 + number % 100 / 10, "humidity": 40.5 + device / 4, "battery": 87, "note": ""}
    short = len(json.dumps(values))
    return json.dumps({**values, "note": "x" * (BYTES - short)}).encode()


def publish(port: int, topic: str) -> None:
    """Every device's messages, each by a mosquitto_pub of its own, all at once; returns when the broker has them."""
    senders = []
    for device in range(DEVICES):
        command = [require("mosquitto_pub"), "-p", str(port), "-q", "1", "-l", "-t", f"{topic}/{device}"]
        sender = subprocess.Popen(command, stdin=subprocess.PIPE)
        assert sender.stdin is not None
        sender.stdin.write(b"".join(message(device, number) + b"\n" for number in range(MESSAGES_EACH)))
        sender.stdin.close()
        senders.append(sender)
    for sender in senders:
        assert sender.wait() == 0


class Printing:
    """mosquitto_sub writing every message to a file."""

    def __init__(self, port: int, folder: Path) -> None:
        self._port = port
        self._file = folder / "printed"
        command = [require("mosquitto_sub"), "-p", str(port), "-q", "1", "-t", "print/#"]
        with self._file.open("wb") as out:
            self._process = subprocess.Popen(command, stdout=out)
        self._expected = 0

    def _cpu_s(self) -> float:
        return int(Path(f"/proc/{self._process.pid}/schedstat").read_text().split()[0]) / 1e9

    def slice(self) -> tuple[float, float]:
        began = self._cpu_s()
        publish(self._port, "print")
        self._expected += MESSAGES * (BYTES + 1)
        end = time.monotonic() + LONGEST_S
        while self._file.stat().st_size < self._expected - _BUFFER_BYTES:
            if time.monotonic() > end:
                raise TimeoutError("mosquitto_sub did not print all messages")
            time.sleep(0.005)
        return MESSAGES, self._cpu_s() - began

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()


class Keeping:
    """The gateway's line, its ingest and the embedded store, whole."""

    def __init__(self, port: int, folder: Path) -> None:
        self._port = port
        self._loop = asyncio.new_event_loop()
        self._store = EmbeddedStore(folder / "store")
        site = _site(port)
        bus, clock = InProcessBus(), SystemClock()
        self._writer = StoreWriter(bus, self._store)
        self._ingest = MqttIngest(site, "sensors", bus, clock)
        self._line = MqttLine(site, "sensors", bus, clock, self._ingest)
        self._tasks = [self._loop.create_task(run) for run in (self._writer.run(), self._line.run())]
        self._loop.run_until_complete(self._until(lambda: self._line.up))
        self.slices = 0

    async def _until(self, condition: Any) -> None:
        async with asyncio.timeout(LONGEST_S):
            while not condition():
                await asyncio.sleep(0.005)

    async def _slice(self) -> None:
        publishing = asyncio.to_thread(publish, self._port, "keep")
        self.slices += 1
        await publishing
        await self._until(lambda: self._ingest.counts.readings >= self.slices * MESSAGES * 2)
        await self._until(lambda: self._line.unacknowledged == 0)

    def slice(self) -> tuple[float, float]:
        began = cpu_s()
        self._loop.run_until_complete(self._slice())
        return MESSAGES, cpu_s() - began

    def kept(self) -> dict[str, int]:
        """Readings in the store, by point."""
        return {point: len(self._store.raw(point, 0, 1 << 62).times_us) for point in self._store.points()}

    def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*self._tasks, return_exceptions=True))
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()
        self._store.close()


def _site(port: int) -> Site:
    data = small_site_data(broker_port=port)
    data["links"]["sensors"].update({"keepalive_s": 3600, "device_messages_per_s": 1e9})
    for device in range(DEVICES):
        sensor = {"id": f"d{device}", "profile": "mqtt_climate", "link": "sensors", "topic": f"keep/{device}"}
        data["devices"].append(sensor)
        data["equipment"].append({"id": f"c{device}", "kind": "climate_sensor", "device": f"d{device}"})
    return build_site(SiteFile.model_validate(data), ProfileLibrary())


def run() -> list[Line]:
    """CPU per message of each; every message of ours is found in the store."""
    if shutil.which("mosquitto_sub") is None:
        return [Line(bench="B4", what="MQTT to durable readings", figure="", reference="mosquitto_sub not installed")]
    with contextlib.ExitStack() as stack:
        broker, folder = stack.enter_context(_broker())
        printing, keeping = Printing(broker.port, folder), Keeping(broker.port, folder)
        stack.callback(printing.stop)
        stack.callback(keeping.stop)
        result = compare({"printing": printing.slice, "keeping": keeping.slice})
        kept = keeping.kept()
        wanted = keeping.slices * MESSAGES_EACH
        assert len(kept) == 2 * DEVICES
        assert set(kept.values()) == {wanted}, f"{wanted} readings of each point were sent, kept are {kept}"
    ratio = result.relative["keeping"]
    return [
        Line(
            bench="B4", what=f"MQTT, {BYTES} bytes of JSON at QoS 1, to two durable readings: CPU per message",
            figure=f"{result.cost_s['keeping'].median * 1e6:.0f} us",
            reference=f"mosquitto_sub printing it {result.cost_s['printing'].median * 1e6:.1f} us: {ratio} times",
            reach="<= 12x", reached=ratio.median <= 12,
        ),
        Line(bench="B4", what="control: mosquitto_sub against itself", figure=str(result.control), reference="1.00"),
    ]  # fmt: skip


@contextlib.contextmanager
def _broker() -> Iterator[tuple[Server, Path]]:
    """One that keeps nothing on disk: its saving would only make all wait."""
    lines = ("listener {port} 127.0.0.1", "allow_anonymous true", "max_queued_messages 100000")
    with tempfile.TemporaryDirectory() as name, mosquitto_with(Path(name), *lines) as broker:
        yield broker, Path(name)
