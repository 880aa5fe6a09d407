"""A device on a real broker, and a gateway line beside it, for tests."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from facility.bus import LinkStatus, ReadingsTaken
from facility.bus.in_process import InProcessBus
from facility.clock import SystemClock
from facility.model import Site, SiteFile, build_site
from facility.profiles import ProfileLibrary
from gateway.mqtt.client import MqttLine
from gateway.mqtt.ingest import MqttIngest
from tests.servers import Server, free_port, require
from tests.sites import small_site_data

CLIMATE = "site/r401/climate"


def broker_site(port: int, **link: Any) -> Site:
    """The small site with its sensors on the broker at `port`."""
    data = small_site_data(broker_port=port)
    data["links"]["sensors"].update(link)
    return build_site(SiteFile.model_validate(data), ProfileLibrary())


async def eventually(condition: Callable[[], bool], what: str, timeout_s: float = 45.0) -> None:
    """Waits until `condition` holds.

    Raises:
        TimeoutError: it did not within `timeout_s`.
    """
    end = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"{what} did not happen within {timeout_s:g} s")
        await asyncio.sleep(0.01)


@dataclass
class Heard:
    """What the bus carried."""

    readings: list[ReadingsTaken] = field(default_factory=list)
    links: list[LinkStatus] = field(default_factory=list)

    def values(self, point: str) -> list[float | None]:
        """Every value of `point`, in the order published."""
        return [
            reading.value for message in self.readings for reading in message.batch.readings() if reading.point == point
        ]

    def acknowledge_all(self) -> None:
        """What the store's writer does once readings are on disk."""
        for message in self.readings:
            if message.on_durable is not None:
                message.on_durable()


class Bench:
    """A line and all it publishes. With `durable` every reading counts as kept at once."""

    def __init__(self, site: Site, *, durable: bool, **options: Any) -> None:
        self.bus = InProcessBus()
        self.heard = Heard()
        self.durable = durable
        self.bus.listen(ReadingsTaken, self._keep)
        self.bus.listen(LinkStatus, self.heard.links.append)
        clock = SystemClock()
        self.ingest = MqttIngest(site, "sensors", self.bus, clock)
        self.line = MqttLine(site, "sensors", self.bus, clock, self.ingest, **options)

    def _keep(self, message: ReadingsTaken) -> None:
        self.heard.readings.append(message)
        if self.durable and message.on_durable is not None:
            message.on_durable()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Bench]:
        """The line, up; stopped at the end."""
        task = asyncio.create_task(self.line.run())
        try:
            await eventually(lambda: self.line.up or task.done(), "the line coming up")
            yield self
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


@contextlib.contextmanager
def mosquitto_with(folder: Path, *lines: str) -> Iterator[Server]:
    """A Mosquitto with configuration of its own: `{port}` in `lines` is where it is waited for."""
    program = require("mosquitto")
    port = free_port()
    configuration = folder / "mosquitto.conf"
    configuration.write_text("\n".join(["user root", *(line.replace("{port}", str(port)) for line in lines), ""]))
    server = Server([program, "-c", str(configuration)], port, folder / "mosquitto.log")
    server.start()
    try:
        yield server
    finally:
        server.stop()


def publish(port: int, *messages: tuple[str, bytes | str], retain: bool = False) -> None:
    """Publishes like a device, QoS 1, and returns when the broker has taken all of it."""
    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", port)
    client.loop_start()
    try:
        for topic, payload in messages:
            client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(10)
    finally:
        client.disconnect()
        client.loop_stop()


def retained(port: int, topic: str) -> str | None:
    """What the broker keeps under `topic`, None when nothing: it comes before what is published after subscribing."""
    found: list[str] = []
    reached = threading.Event()

    def took(_client: paho.Client, _userdata: object, message: paho.MQTTMessage) -> None:
        if message.topic == "test/end":
            reached.set()
        else:
            found.append(message.payload.decode())

    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.on_message = took
    client.connect("127.0.0.1", port)
    client.loop_start()
    try:
        client.subscribe([(topic, 1), ("test/end", 1)])
        client.publish("test/end", "reached", qos=1)
        assert reached.wait(10)
    finally:
        client.disconnect()
        client.loop_stop()
    return found[0] if found else None
