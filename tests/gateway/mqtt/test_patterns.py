"""Devices found by a pattern of their link, and those that nobody has entered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from facility.model import Site, SiteFile, build_site
from facility.model.entries import MqttLink
from facility.model.loader import load_site
from facility.profiles import ProfileLibrary
from facility.readings import Status
from gateway.mqtt.strangers import MOST, SAMPLE_BYTES
from tests.gateway.mqtt.test_ingest import NOON, Desk
from tests.sites import small_site_data

OK = Status.GOOD


def data_with(patterns: list[dict[str, str]], *devices: tuple[str, str, str | None]) -> dict[str, Any]:
    """The small site with more devices (id, profile, topic) on the broker, and patterns."""
    data = small_site_data()
    data["links"]["sensors"]["topics"] = patterns
    kinds = {"tasmota_energy": "electricity_meter", "zigbee2mqtt_plug": "electricity_meter"}
    for device, profile, topic in devices:
        own = {} if topic is None else {"topic": topic}
        data["devices"].append({"id": device, "profile": profile, "link": "sensors", **own})
        data["equipment"].append({"id": f"e-{device}", "kind": kinds.get(profile, "climate_sensor"), "device": device})
    return data


def site_with(patterns: list[dict[str, str]], *devices: tuple[str, str, str | None]) -> Site:
    return build_site(SiteFile.model_validate(data_with(patterns, *devices)), ProfileLibrary())


def subscriptions(desk: Desk) -> list[str]:
    """What is subscribed to beyond the small site's own topics."""
    return [topic for topic in desk.ingest.topics if not topic.startswith("site/")]


def test_a_device_without_a_topic_is_found_by_its_id() -> None:
    desk = Desk(
        site_with([{"pattern": "sensors/{device}/state", "profile": "mqtt_climate"}], ("th-1", "mqtt_climate", None))
    )
    assert desk.take("sensors/th-1/state", '{"temperature": 0}') == {"temperature": (0.0, OK)}
    assert desk.take("sensors/th-1/state/availability", "offline")["temperature"] == (None, Status.DISCONNECTED)
    assert subscriptions(desk) == ["sensors/+/state", "sensors/+/state/availability"]


def test_one_subscription_covers_every_device_of_a_pattern_and_none_overlaps() -> None:
    desk = Desk(
        site_with(
            [{"pattern": "zigbee2mqtt/{device}"}],
            ("th-1", "zigbee2mqtt_climate", None),
            ("th-2", "zigbee2mqtt_climate", "zigbee2mqtt/0x00158d0001"),
            ("th-3", "zigbee2mqtt_climate", "zigbee2mqtt/floor-4/th"),
        )
    )
    assert subscriptions(desk) == [
        "zigbee2mqtt/+",
        "zigbee2mqtt/+/availability",
        "zigbee2mqtt/floor-4/th",
        "zigbee2mqtt/bridge/state",
        "zigbee2mqtt/floor-4/th/availability",
    ]
    for topic in ("zigbee2mqtt/th-1", "zigbee2mqtt/0x00158d0001", "zigbee2mqtt/floor-4/th"):
        assert desk.take(topic, '{"temperature": 21}') == {"temperature": (21.0, OK)}


def test_when_the_bridge_is_gone_all_its_devices_are() -> None:
    desk = Desk(
        site_with(
            [{"pattern": "zigbee2mqtt/{device}"}],
            ("th-1", "zigbee2mqtt_climate", None),
            ("th-2", "zigbee2mqtt_climate", None),
        )
    )
    desk.take("zigbee2mqtt/bridge/state", '{"state":"offline"}')
    assert {reading.point.split(".")[0] for sent in desk.messages for reading in sent.batch.readings()} == {
        "e-th-1",
        "e-th-2",
    }
    assert [(status.device, status.up) for status in desk.links] == [("th-1", False), ("th-2", False)]
    desk.take("zigbee2mqtt/th-1", '{"temperature": 21}')
    assert [(status.device, status.up) for status in desk.links[2:]] == [("th-1", True)]


def test_the_first_pattern_of_a_profile_is_the_device_s() -> None:
    link = site_with(
        [{"pattern": "a/{device}", "profile": "mqtt_window"}, {"pattern": "b/{device}"}, {"pattern": "c/{device}"}]
    ).links["sensors"]
    assert isinstance(link, MqttLink)
    assert (link.topic_for("x", "mqtt_window"), link.topic_for("x", "mqtt_climate")) == ("a/x", "b/x")


def test_a_preset_has_its_topics_where_the_maker_puts_them() -> None:
    desk = Desk(site_with([{"pattern": "{device}", "profile": "tasmota_energy"}], ("plug-1", "tasmota_energy", None)))
    assert subscriptions(desk) == ["tele/+/SENSOR", "tele/+/STATE", "stat/+/POWER", "tele/+/LWT"]
    assert desk.take("tele/plug-1/SENSOR", '{"ENERGY":{"Power":0,"Total":0.0}}') == {
        "power": (0.0, OK),
        "energy_import": (0.0, OK),
    }


def test_whoever_is_in_no_entry_is_remembered_for_commissioning() -> None:
    desk = Desk(site_with([{"pattern": "zigbee2mqtt/{device}"}], ("th-1", "zigbee2mqtt_climate", None)))
    assert desk.take("zigbee2mqtt/th-9", '{"temperature": 21}') == {}
    desk.clock.advance(60)
    assert desk.take("zigbee2mqtt/th-9", b'{"temperature": "\xff' + b"x" * 500) == {}
    assert desk.take("zigbee2mqtt/th-8/availability", "online") == {}
    assert desk.take("elsewhere", "1") == {}
    newest, other = desk.ingest.strangers.list
    assert (newest.id, newest.topic) == ("th-8", "zigbee2mqtt/th-8/availability")
    assert (other.id, other.topic, other.messages) == ("th-9", "zigbee2mqtt/th-9", 2)
    assert (other.first, (other.last - other.first).total_seconds()) == (NOON, 60.0)
    assert other.sample.startswith('{"temperature": "\N{REPLACEMENT CHARACTER}xxx')
    assert len(other.sample) == SAMPLE_BYTES
    assert desk.ingest.counts.unknown_topics == 4


def test_not_more_strangers_are_remembered_than_anybody_would_read() -> None:
    desk = Desk(site_with([{"pattern": "s/{device}"}]))
    for number in range(3 * MOST):
        desk.take(f"s/x{number}", "1")
    assert [each.id for each in desk.ingest.strangers.list] == [f"x{n}" for n in range(3 * MOST - 1, 2 * MOST - 1, -1)]
    assert desk.ingest.strangers.messages == 3 * MOST


def test_a_pattern_serves_before_there_is_a_device() -> None:
    assert subscriptions(Desk(site_with([{"pattern": "{device}", "profile": "tasmota_climate"}]))) == [
        "tele/+/SENSOR",
        "tele/+/LWT",
    ]


@pytest.mark.parametrize("pattern", ["sensors/+", "sensors/{device}x", "{device}/{device}", "sensors/#", "", "a/{id}"])
def test_a_pattern_names_the_device_as_one_whole_level(pattern: str) -> None:
    with pytest.raises(ValueError, match="pattern"):
        site_with([{"pattern": pattern}])


@pytest.mark.parametrize(
    ("patterns", "topic", "codes"),
    [
        ([], None, ["missing_topic"]),
        ([{"pattern": "s/{device}", "profile": "mqtt_window"}], None, ["missing_topic"]),
        ([{"pattern": "s/{device}"}], None, []),
        ([{"pattern": "s/{device}"}], "own/topic", []),
        ([{"pattern": "site/r401/{device}"}], "site/r401/climate", ["duplicate_topic"]),
        ([], "s/+", ["topic"]),
        ([{"pattern": "s/{device}", "profile": "mqtt_climat"}], "own/topic", ["profile"]),
        ([{"pattern": "s/{device}", "profile": "chint_dtsu666"}], "own/topic", ["profile"]),
    ],
)
def test_the_check_knows_patterns(
    tmp_path: Path, patterns: list[dict[str, str]], topic: str | None, codes: list[str]
) -> None:
    file = tmp_path / "site.yaml"
    with file.open("w", encoding="utf-8") as out:
        YAML().dump(data_with(patterns, ("th-1", "mqtt_climate", topic)), out)
    assert [problem.code for problem in load_site(file).errors] == codes
