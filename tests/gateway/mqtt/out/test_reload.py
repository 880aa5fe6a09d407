"""A changed site file changes what is published, and nothing more."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from facility.bus import LinesMeasured, ReadingsTaken
from facility.bus.in_process import InProcessBus
from facility.clock import ManualClock
from facility.model import Site, SiteFile, build_site
from facility.profiles import ProfileLibrary
from gateway import gateway as room
from gateway.gateway import Gateway
from gateway.mqtt.out.publishing import is_same_publishing
from tests.gateway.mqtt.broker import eventually
from tests.gateway.mqtt.out.scene import NOW, Ear, batch, listening
from tests.servers import mosquitto
from tests.sites import small_site_data

WINDOW = "houqin/hq/point/window-401/open"


def sensors_site(port: int, publish: dict[str, Any] | None, *, without: tuple[str, ...] = ()) -> Site:
    """The sensors of the small site alone."""
    data = small_site_data(broker_port=port)
    data["links"] = {"sensors": data["links"]["sensors"]}
    data["devices"] = [device for device in data["devices"] if device["link"] == "sensors"]
    known = {device["id"] for device in data["devices"]}
    data["equipment"] = [
        item for item in data["equipment"] if item.get("device") in known and item["id"] not in without
    ]
    if publish is not None:
        data["publish"] = {"link": "sensors", **publish}
    return build_site(SiteFile.model_validate(data), ProfileLibrary())


@contextlib.asynccontextmanager
async def running(gateway: Gateway) -> AsyncIterator[None]:
    task = asyncio.create_task(gateway.run())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def availability(ear: Ear) -> list[bytes]:
    return [payload for topic, payload, _ in tuple(ear.heard) if topic == "houqin/hq/availability"]


@pytest.mark.server
@pytest.mark.asyncio
async def test_what_is_published_follows_the_site_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "HEALTH_EVERY_WALL_S", 0.05)
    bus, told = InProcessBus(), list[LinesMeasured]()
    bus.listen(LinesMeasured, told.append)
    with mosquitto(tmp_path) as broker, listening(broker.port) as ear:
        site = sensors_site(broker.port, {})
        gateway = Gateway(site, bus, ManualClock(NOW), publish_folder=tmp_path / "out")

        def read() -> None:
            bus.publish(ReadingsTaken(batch=batch(NOW, window_401__open=0.0)))

        async with running(gateway):
            await eventually(lambda: availability(ear) == [b"online"], "publishing")
            read()
            await eventually(lambda: ear.newest(WINDOW) is not None, "the window")
            await gateway.adopt(sensors_site(broker.port, {}))
            assert availability(ear) == [b"online"]  # nothing has changed
            await gateway.adopt(sensors_site(broker.port, {}, without=("window-401",)))
            await eventually(lambda: availability(ear)[-2:] == [b"offline", b"online"], "publishing anew")
            await eventually(lambda: ear.on(WINDOW)[-1] is None, "the end of the window")
            read()
            await eventually(lambda: told[-1].published is not None and told[-1].published.up is True, "its health")
            await gateway.adopt(sensors_site(broker.port, None))
            await eventually(lambda: availability(ear)[-1] == b"offline", "the end")
            await eventually(lambda: told[-1].published is None, "no health")
        assert ear.on(WINDOW)[-1] is None


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        (None, None, True),
        ({}, {}, True),
        ({}, {"every_s": 0}, False),
        ({}, None, False),
        (None, {}, False),
    ],
)
def test_publishing_is_made_anew_only_where_it_changes(
    before: dict[str, Any] | None, after: dict[str, Any] | None, same: bool
) -> None:
    assert is_same_publishing(sensors_site(1883, before), sensors_site(1883, after)) is same
    assert is_same_publishing(sensors_site(1883, before), sensors_site(1884, before)) is (before is None)
