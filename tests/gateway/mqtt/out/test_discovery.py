"""What Home Assistant is told about the building."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from facility.commands import Mode
from facility.envelope import Envelope, OnLoss, Range
from facility.model import Site
from facility.model.loader import load_site
from facility.model.publish_entries import HomeAssistantEntry
from facility.quantities import ENUMERATIONS, Quantity
from gateway.mqtt.out.discovery import Discovery, platforms, setpoints_c
from gateway.mqtt.out.home_assistant_words import BINARY, HVAC_MODES, MEASURED
from gateway.mqtt.out.topics import Topics
from tests.gateway.mqtt.out.home_assistant_schema import complaints
from tests.gateway.mqtt.out.scene import NOW, out_site

SITE = out_site()


def discovery(site: Site = SITE, *, commands: bool = True, **entry: Any) -> Discovery:
    return Discovery(
        site, HomeAssistantEntry(**entry), Topics(f"houqin/{site.id}"), origin_version="1.0", commands=commands
    )


def announced(equipment: str, **options: Any) -> dict[str, Any]:
    content = discovery(**options).announcement(equipment, None)
    assert content is not None
    return content


def legal(**modes: Range) -> Envelope:
    return Envelope(
        equipment="ac-401",
        modes={Mode(name): bounds for name, bounds in modes.items()},
        start_allowed=True,
        may_run_until=None,
        must_be_off=False,
        on_loss=OnLoss.STOP,
        valid_until=NOW,
    )


@pytest.mark.parametrize("commands", [True, False])
def test_everything_in_the_office_site_is_announced_as_the_documentation_wants_it(commands: bool) -> None:
    loaded = load_site(Path(__file__).parents[4] / "deploy" / "sites" / "office.yaml")
    assert loaded.site is not None
    finder = discovery(loaded.site, commands=commands)
    told = {key: finder.announcement(key, None) for key in loaded.site.equipment}
    silent = {loaded.site.equipment[key].kind for key, content in told.items() if content is None}
    assert silent <= {"outdoor_unit", "virtual_meter"}
    found = {
        key: list(complaints(content)) for key, content in told.items() if content is not None
    }  # fmt: skip
    assert {key: each for key, each in found.items() if each} == {}
    sorts = {c["platform"] for content in told.values() if content for c in content["components"].values()}
    assert sorts == {"climate", "sensor", "binary_sensor"} | ({"switch"} if commands else set())


def test_the_check_against_the_documentation_can_fail() -> None:
    content = announced("meter-401")
    content["components"]["power"]["unit_of_measurement"] = "kVA"
    content["components"]["energy_import"]["state_class"] = "measurement"
    content["components"]["voltage_a"] = {"platform": "sensor", "statetopic": "x"}
    assert list(complaints(content)) == [
        "energy_import: energy is not measured",
        "power: power in kVA",
        "voltage_a: unknown ['statetopic']",
        "voltage_a: without ['state_topic', 'unique_id']",
        "voltage_a: state class None",
    ]


def test_an_indoor_unit_is_a_climate_entity_with_all_its_topics() -> None:
    climate = announced("ac-401")["components"]["climate"]
    assert climate["unique_id"] == "houqin_hq_ac-401_climate"
    assert climate["modes"] == ["off", "cool", "heat", "dry", "fan_only", "auto"]
    assert (climate["min_temp"], climate["max_temp"], climate["temp_step"]) == (16.0, 30.0, 0.5)
    assert climate["mode_state_topic"] == "houqin/hq/equipment/ac-401/state"
    assert climate["mode_command_topic"] == "houqin/hq/equipment/ac-401/set"
    assert climate["fan_modes"] == ["auto", "low", "medium", "high"]


def test_without_commands_nothing_can_be_asked_for() -> None:
    text = json.dumps(announced("ac-401", commands=False))
    assert "command" not in text
    assert "/set" not in text


@pytest.mark.parametrize(
    ("envelope", "expected"),
    [
        (None, (16.0, 30.0)),
        (legal(), (16.0, 30.0)),
        (legal(cool=Range(low_c=26.0)), (26.0, 30.0)),
        (legal(heat=Range(high_c=20.0)), (16.0, 20.0)),
        (legal(cool=Range(low_c=26.0), heat=Range(high_c=20.0)), (16.0, 30.0)),
        (legal(cool=Range(low_c=26.0, high_c=28.0), fan=Range(low_c=26.0, high_c=28.0)), (26.0, 28.0)),
        (legal(cool=Range(low_c=0.0)), (16.0, 30.0)),
        (legal(cool=Range(low_c=31.0)), (16.0, 30.0)),
    ],
)
def test_setpoints_are_those_that_are_legal_and_that_the_device_takes(
    envelope: Envelope | None, expected: tuple[float, float]
) -> None:
    assert setpoints_c(SITE.points["ac-401.setpoint"], envelope) == expected


def test_a_window_is_open_or_closed_and_a_meter_counts() -> None:
    [window] = announced("window-401")["components"].values()
    assert (window["platform"], window["device_class"]) == ("binary_sensor", "window")
    assert (window["payload_on"], window["payload_off"]) == ("open", "closed")
    energy = announced("meter-401")["components"]["energy_import"]
    assert (energy["device_class"], energy["state_class"], energy["unit_of_measurement"]) == (
        "energy", "total_increasing", "kWh",
    )  # fmt: skip


def test_a_meter_that_runs_both_ways_is_a_total_that_may_fall() -> None:
    item = SITE.equipment["meter-401"].model_copy(update={"bidirectional": True})
    site = replace(SITE, equipment={**SITE.equipment, "meter-401": item})
    energy = announced("meter-401", site=site)["components"]["energy_import"]
    assert energy["state_class"] == "total"


@pytest.mark.parametrize(("language", "name"), [("zh", "总有功功率"), ("en", "Total active power")])
def test_names_are_in_the_language_that_was_chosen(language: str, name: str) -> None:
    assert announced("meter-401", language=language)["components"]["power"]["name"] == name


def test_a_component_that_is_no_more_is_taken_away_by_name() -> None:
    content = discovery().announcement("window-401", None, {"open": "binary_sensor", "battery": "sensor"})
    assert content is not None
    assert content["components"]["battery"] == {"platform": "sensor"}
    assert content["components"]["open"]["unique_id"] == "houqin_hq_window-401_open"
    assert platforms(discovery().components("window-401", None)) == {"open": "binary_sensor"}


def test_equipment_without_points_says_nothing() -> None:
    assert discovery().announcement("vrf-1", None) is None


def test_topics_are_those_home_assistant_listens_to() -> None:
    assert discovery().topic("ac-401") == "homeassistant/device/houqin_hq_ac-401/config"
    assert discovery(prefix="ha/x").topic("ac-401") == "ha/x/device/houqin_hq_ac-401/config"


def test_every_quantity_mode_and_state_of_two_has_its_word() -> None:
    assert set(MEASURED) == set(Quantity) - {Quantity.STATE}
    assert set(HVAC_MODES) == set(Mode)
    pairs = {name for name, states in ENUMERATIONS.items() if len(states) == 2}
    assert set(BINARY) == pairs
    for name, words in BINARY.items():
        assert {words.on, words.off} == set(ENUMERATIONS[name])
