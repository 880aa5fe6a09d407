"""The page about MQTT stays true: every message on it is sent, and gives what the page says."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from facility.model import Site, SiteFile, build_site
from facility.model.entries import MqttLink
from facility.profiles import ProfileLibrary
from facility.profiles.schema import Kind, WireProtocol
from facility.readings import Status
from gateway.mqtt.fairness import BURST_MESSAGES, MOST_WAITING
from gateway.mqtt.stamps import FUTURE_TOLERANCE_S, OLDEST, OLDEST_HISTORICAL, RETAINED_FRESH_S
from tests.gateway.mqtt.test_ingest import Desk
from tests.sites import small_site_data

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "mqtt.md").read_text(encoding="utf-8")
CHINESE = (DOCS / "mqtt.zh-CN.md").read_text(encoding="utf-8")

SENSORS = (
    ("lux-401", "illuminance_sensor", "mqtt_illuminance", "site/r401/light"),
    ("leak-archive", "water_leak", "mqtt_water_leak", "site/archive/leak"),
    ("tasmota-energy", "electricity_meter", "tasmota_energy", "plug-401"),
    ("tasmota-climate", "climate_sensor", "tasmota_climate", "am-401"),
    ("shelly-switch-pm", "electricity_meter", "shelly_switch_pm", "shellyplus1pm-a8032ab1"),
    ("shelly-em3", "electricity_meter", "shelly_em3", "shellypro3em-f008d1"),
    ("shelly-climate", "climate_sensor", "shelly_climate", "shellyplusht-c049ef"),
    ("zigbee2mqtt-climate", "climate_sensor", "zigbee2mqtt_climate", "zigbee2mqtt/r401-climate"),
    ("zigbee2mqtt-contact", "window_contact", "zigbee2mqtt_contact", "zigbee2mqtt/r401-window"),
    ("zigbee2mqtt-occupancy", "occupancy_sensor", "zigbee2mqtt_occupancy", "zigbee2mqtt/r401-motion"),
    ("zigbee2mqtt-leak", "water_leak", "zigbee2mqtt_leak", "zigbee2mqtt/archive-leak"),
    ("zigbee2mqtt-plug", "electricity_meter", "zigbee2mqtt_plug", "zigbee2mqtt/plug-402"),
)


@cache
def site() -> Site:
    """The small site with a sensor of every shipped MQTT profile."""
    data = small_site_data()
    for sensor, kind, profile, topic in SENSORS:
        data["devices"].append({"id": f"d-{sensor}", "profile": profile, "link": "sensors", "topic": topic})
        data["equipment"].append({"id": sensor, "kind": kind, "device": f"d-{sensor}"})
    return build_site(SiteFile.model_validate(data), ProfileLibrary())


def examples(page: str) -> list[tuple[str, list[str]]]:
    """Every message of the page with the readings written under it."""
    found: list[tuple[str, list[str]]] = []
    for block in re.findall(r"```mqtt\n(.*?)```", page, re.DOTALL):
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


@pytest.mark.parametrize(("message", "readings"), examples(PAGE))
def test_a_message_of_the_page_gives_what_the_page_says(message: str, readings: list[str]) -> None:
    made = Desk(site())
    topic, payload = message.split(" ", 1)
    made.take(topic, payload)
    got = [reading for sent in made.messages for reading in sent.batch.readings()]
    assert [as_written(reading.point, reading.value, reading.status) for reading in got] == readings


def test_the_page_has_an_example_of_every_point_of_every_shipped_mqtt_profile() -> None:
    shown = {reading.split()[0] for _, readings in examples(PAGE) for reading in readings if len(reading.split()) == 2}
    profiles = [profile for profile in ProfileLibrary().values() if profile.protocol is WireProtocol.MQTT]
    devices = {device.profile: device.id for device in site().devices.values() if device.link == "sensors"}
    assert devices.keys() == {each.profile for each in profiles if each.messages.format != "sparkplug"}
    assert shown >= {point.id for device in devices.values() for point in site().points_of_device(device)}
    for profile in profiles:
        assert f"`{profile.profile}`" in PAGE
        assert f"`{profile.profile}`" in CHINESE
        if profile.messages.format == "sparkplug":
            assert all((point.path or "").split("/")[0] in PAGE for point in profile.mqtt)


def test_no_shipped_mqtt_profile_is_of_a_relay_because_devices_over_mqtt_are_only_read() -> None:
    profiles = [profile for profile in ProfileLibrary().values() if profile.protocol is WireProtocol.MQTT]
    assert [profile.profile for profile in profiles if profile.kind is Kind.RELAY] == []
    assert "are read, not switched" in PAGE
    assert "只读取，不控制" in CHINESE


def test_both_languages_show_the_same_messages_and_the_same_site_file() -> None:
    assert examples(CHINESE) == examples(PAGE)
    (block,), (other,) = (re.findall(r"```yaml\n(.*?)```", page, re.DOTALL) for page in (PAGE, CHINESE))
    assert block == other


def test_the_site_file_of_the_page_is_one() -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    data = {**small_site_data(), **YAML(typ="safe").load(block)}
    file = SiteFile.model_validate(data)
    assert file.devices[0].topic == "site/r401/climate"
    link = file.links["sensors"]
    assert isinstance(link, MqttLink)
    assert link.topic_for("th-402", "zigbee2mqtt_climate") == "zigbee2mqtt/th-402"


def test_every_key_of_a_broker_is_on_the_page() -> None:
    keys = set(MqttLink.model_fields) - {"type", "embedded"}
    for page in (PAGE, CHINESE):
        assert [key for key in sorted(keys) if f"`{key}`" not in page] == []


@pytest.mark.parametrize("page", [PAGE, CHINESE], ids=["en", "zh"])
def test_the_figures_of_the_page_are_those_of_the_program(page: str) -> None:
    assert f"{MqttLink(type='mqtt', host='broker').max_payload_bytes // 1024} KiB" in page
    assert (RETAINED_FRESH_S, FUTURE_TOLERANCE_S, OLDEST.days, OLDEST_HISTORICAL.days) == (300.0, 300.0, 7, 400)
    assert f"{BURST_MESSAGES:g}" in page
    assert str(MOST_WAITING) in page
    assert "400" in page
