"""The page about MQTT stays true: every message on it is sent, and gives what the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from facility.model import SiteFile, build_site
from facility.model.entries import MqttLink
from facility.profiles import ProfileLibrary
from facility.profiles.schema import WireProtocol
from facility.readings import Status
from gateway.mqtt.stamps import RETAINED_FRESH_S
from tests.gateway.mqtt.test_ingest import Desk
from tests.sites import small_site_data

PAGE = (Path(__file__).parents[3] / "docs" / "mqtt.md").read_text(encoding="utf-8")


def desk() -> Desk:
    """The small site with a sensor of every shipped MQTT profile."""
    data = small_site_data()
    for sensor, kind, profile, topic in (
        ("lux-401", "illuminance_sensor", "mqtt_illuminance", "site/r401/light"),
        ("leak-archive", "water_leak", "mqtt_water_leak", "site/archive/leak"),
    ):
        data["devices"].append({"id": f"d-{sensor}", "profile": profile, "link": "sensors", "topic": topic})
        data["equipment"].append({"id": sensor, "kind": kind, "device": f"d-{sensor}"})
    return Desk(site=build_site(SiteFile.model_validate(data), ProfileLibrary()))


def examples() -> list[tuple[str, list[str]]]:
    """Every message of the page with the readings written under it."""
    found: list[tuple[str, list[str]]] = []
    for block in re.findall(r"```mqtt\n(.*?)```", PAGE, re.DOTALL):
        for line in block.splitlines():
            if line.startswith("= "):
                found[-1][1].append(line.removeprefix("= "))
            else:
                found.append((line, []))
    return found


def as_written(point: str, value: float | None, status: Status) -> str:
    """A reading as the page writes it."""
    parts = [point] if value is None else [point, f"{value:g}"]
    return " ".join([*parts, *([status.reason] if status.reason else [])])


@pytest.mark.parametrize(("message", "readings"), examples())
def test_a_message_of_the_page_gives_what_the_page_says(message: str, readings: list[str]) -> None:
    made = desk()
    topic, payload = message.split(" ", 1)
    made.take(topic, payload)
    got = [reading for sent in made.messages for reading in sent.batch.readings()]
    assert [as_written(reading.point, reading.value, reading.status) for reading in got] == readings


def test_the_page_has_an_example_of_every_point_of_every_shipped_mqtt_profile() -> None:
    site = desk().site
    shown = {reading.split()[0] for _, readings in examples() for reading in readings}
    shipped = {name for name, profile in ProfileLibrary().items() if profile.protocol is WireProtocol.MQTT}
    devices = {device.profile: device.id for device in site.devices.values() if device.link == "sensors"}
    assert devices.keys() == shipped
    assert shown == {point.id for device in devices.values() for point in site.points_of_device(device)}
    for profile in shipped:
        assert f"`{profile}`" in PAGE


def test_the_site_file_of_the_page_is_one() -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    data = {**small_site_data(), **YAML(typ="safe").load(block)}
    file = SiteFile.model_validate(data)
    assert file.devices[0].topic == "site/r401/climate"


def test_the_figures_of_the_page_are_those_of_the_program() -> None:
    assert f"{MqttLink(type='mqtt', host='broker').max_payload_bytes // 1024} KiB" in PAGE
    assert RETAINED_FRESH_S == 300.0
    assert "less than five minutes old" in PAGE
