"""A small building that publishes, and somebody who listens at the broker."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from facility.bus import ReadingsTaken
from facility.bus.in_process import InProcessBus
from facility.clock import ManualClock
from facility.model import Site, SiteFile, build_site
from facility.profiles import ProfileLibrary
from facility.readings import Batch, Status, to_us
from gateway.mqtt.out.publishing import Publishing
from tests.gateway.mqtt.broker import eventually
from tests.sites import small_site_data

NOW = datetime(2026, 7, 10, 2, 0, tzinfo=UTC)


def out_site(port: int = 1883, *, without: tuple[str, ...] = (), **publish: Any) -> Site:
    """The small site, publishing on its broker. `without`: equipment that it does not have."""
    data = small_site_data(broker_port=port)
    data["equipment"] = [item for item in data["equipment"] if item["id"] not in without]
    data["publish"] = {"link": "sensors", **publish}
    return build_site(SiteFile.model_validate(data), ProfileLibrary())


def batch(time: datetime, statuses: Any = None, **values: float | None) -> Batch:
    """A device answer; `ac_401__on=1.0` is the point `ac-401.on`."""
    points = [name.replace("__", ".").replace("_401", "-401") for name in values]
    return Batch(time_us=to_us(time), points=points, values=list(values.values()), statuses=statuses)


class House:
    """A site that publishes, with a clock that is moved by hand."""

    def __init__(self, site: Site, folder: Path) -> None:
        self.site = site
        self.folder = folder
        self.bus = InProcessBus()
        self.clock = ManualClock(NOW)
        self.publishing = Publishing(site, self.bus, self.clock, folder, known_as="1.0")

    def read(self, time: datetime, statuses: tuple[Status, ...] | None = None, **values: float | None) -> None:
        """A device answers."""
        self.bus.publish(ReadingsTaken(batch=batch(time, statuses, **values)))

    @contextlib.asynccontextmanager
    async def running(self, *, up: bool = True) -> AsyncIterator[House]:
        """Publishing, up unless there is no broker to be; stopped at the end."""
        task = asyncio.create_task(self.publishing.run())
        try:
            if up:
                await eventually(lambda: self.publishing.up or task.done(), "publishing")
            yield self
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    @property
    def waiting(self) -> int:
        """Readings that the broker has not taken."""
        figures = self.publishing.health().spool
        return -1 if figures is None else figures.items


class Ear:
    """Hears what the broker keeps and all that is said; what is said while it is away is kept for it."""

    def __init__(self, port: int) -> None:
        self.heard: list[tuple[str, bytes, bool]] = []
        self._client = paho.Client(CallbackAPIVersion.VERSION2, client_id="ear", clean_session=False)
        self._client.reconnect_delay_set(1, 1)
        self._subscribed = threading.Event()
        self._client.on_message = self._hear
        self._client.on_subscribe = lambda *_: self._subscribed.set()
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        self._client.subscribe("#", qos=1)
        assert self._subscribed.wait(10)

    def _hear(self, _client: object, _userdata: object, message: paho.MQTTMessage) -> None:
        self.heard.append((message.topic, bytes(message.payload), message.retain))

    def say(self, topic: str, payload: str, *, retain: bool = False) -> None:
        """Publishes like another system."""
        self._client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(10)

    def on(self, topic: str) -> list[Any]:
        """What was said on a topic, in order; None for an empty message."""
        return [json.loads(payload) if payload else None for name, payload, _ in tuple(self.heard) if name == topic]

    def newest(self, topic: str) -> Any:
        """The last thing said on a topic, None when nothing was."""
        return next(iter(reversed(self.on(topic))), None)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@contextlib.contextmanager
def listening(port: int) -> Iterator[Ear]:
    """An ear at the broker."""
    ear = Ear(port)
    try:
        yield ear
    finally:
        ear.close()
