"""The lines that would enter an unknown sender: pasted into the site file they are right."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from ruamel.yaml import YAML

from api.services.stranger_entry import CHOOSE, ROOM, entry_for
from facility.model import SiteFile, build_site
from facility.profiles import ProfileLibrary
from facility.strangers import Stranger
from tests.sites import small_site_data

NOW = datetime(2026, 7, 15, 4, 0, tzinfo=UTC)
PATTERN = {"pattern": "zigbee2mqtt/{device}", "profile": "zigbee2mqtt_climate"}


def entered(sender: str, topic: str, *patterns: dict[str, str]) -> dict[str, Any]:
    """The entry for a sender on the small site, as YAML reads it."""
    data = small_site_data()
    data["links"]["sensors"]["topics"] = list(patterns)
    site = build_site(SiteFile.model_validate(data), ProfileLibrary())
    stranger = Stranger(link="sensors", id=sender, topic=topic, first=NOW, last=NOW, messages=1, sample="")
    found: dict[str, Any] = YAML(typ="safe").load(entry_for(site, stranger))
    return found


@pytest.mark.parametrize(
    ("sender", "topic", "patterns", "device"),
    [
        ("th-9", "zigbee2mqtt/th-9", [PATTERN], {"id": "th-9", "profile": "zigbee2mqtt_climate"}),
        ("TH 9", "zigbee2mqtt/TH 9", [PATTERN],
         {"id": "th-9", "profile": "zigbee2mqtt_climate", "topic": "zigbee2mqtt/TH 9"}),
        ("th-401", "zigbee2mqtt/th-401", [PATTERN],
         {"id": "th-401-2", "profile": "zigbee2mqtt_climate", "topic": "zigbee2mqtt/th-401"}),
        ("温", "zigbee2mqtt/温", [PATTERN],
         {"id": "device", "profile": "zigbee2mqtt_climate", "topic": "zigbee2mqtt/温"}),
        ("r499", "site/r499/climate", [], {"id": "r499", "profile": "mqtt_climate", "topic": "site/r499/climate"}),
        ("x", "elsewhere/x", [], {"id": "x", "profile": CHOOSE, "topic": "elsewhere/x"}),
        ("plant/east/7", "spBv1.0/plant/DDATA/east/7", [],
         {"id": "plant-east-7", "profile": CHOOSE, "topic": "plant/east/7"}),
    ],
)  # fmt: skip
def test_an_entry_names_what_is_known(
    sender: str, topic: str, patterns: list[dict[str, str]], device: dict[str, str]
) -> None:
    found = entered(sender, topic, *patterns)
    assert found["devices"] == [{**device, "link": "sensors"}]
    assert found["equipment"][0]["device"] == device["id"]
    assert found["equipment"][0]["serves"] == [ROOM]


def test_an_entry_of_a_sort_that_is_there_already_makes_a_site_once_its_room_is_named() -> None:
    found = entered("r499", "site/r499/climate")
    found["equipment"][0]["serves"] = ["r402"]
    data = small_site_data()
    data["devices"] += found["devices"]
    data["equipment"] += found["equipment"]
    site = build_site(SiteFile.model_validate(data), ProfileLibrary())
    assert site.equipment["r499"].kind == "climate_sensor"
    assert [point.id for point in site.points_of_device("r499")] == ["r499.temperature", "r499.humidity"]
