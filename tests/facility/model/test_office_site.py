"""The shipped example: a bureau after the governing documents, clean and of the size it is meant to have."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from facility.calendar import Calendar
from facility.model import Site, ZoneClass
from facility.model.entries import MqttLink
from facility.model.line_budget import budget_of
from facility.model.loader import load_site

OFFICE = Path(__file__).parents[3] / "deploy" / "sites" / "office.yaml"


@pytest.fixture(scope="module")
def site() -> Site:
    loaded = load_site(OFFICE)
    assert loaded.problems == ()
    assert loaded.site is not None
    return loaded.site


def test_it_is_as_large_as_it_is_meant_to_be(site: Site) -> None:
    assert len(site.points) >= 1000
    assert 105 <= len(site.devices) <= 120
    assert 18 <= len(site.offices) <= 22
    assert 25 <= len(site.indoor_units) <= 29
    assert len(site.floors) == 5
    assert Calendar(site.file.calendar).is_announced(2026)


def test_public_rooms_belong_to_the_offices_that_ac_14_names(site: Site) -> None:
    responsible = {
        "meeting-small": "办公室",
        "meeting-video": "办公室",
        "gym": "工会",
        "staff-home": "工会",
        "party-room": "党委办",
        "hall-4": "行政科",
        "hall-5": "行政科",
    }
    for space, office in responsible.items():
        entry = site.spaces[space]
        assert entry.responsible_office is not None
        assert site.offices[entry.responsible_office].name.zh == office
        assert any(space in unit.serves for unit in site.indoor_units.values())


def test_every_special_room_is_there_under_its_own_rules(site: Site) -> None:
    classes = {space.zone_class for space in site.spaces.values()}
    assert classes == set(ZoneClass)
    presets = {zone: entry.preset for zone, entry in site.file.policy.zone_classes.items() if entry.preset is not None}
    assert presets == {ZoneClass.ARCHIVE: "archive_room", ZoneClass.SERVER_ROOM: "server_room"}


def test_indoor_units_hang_on_two_gateways_of_different_makes(site: Site) -> None:
    gateways = Counter(unit.device for unit in site.indoor_units.values())
    assert len(gateways) == 2
    assert min(gateways.values()) >= 10
    assert len({site.devices[gateway].profile for gateway in gateways}) == 2
    assert {unit.outdoor_unit for unit in site.indoor_units.values()} == {"vrf-1", "vrf-2"}


def test_every_office_has_a_meter_for_each_of_its_items(site: Site) -> None:
    items = Counter(
        (meter.feeds.office, meter.item) for meter in site.meters.values() if meter.feeds.office is not None
    )
    assert items == {
        (office, item): 1 for office in site.offices for item in ("lighting_sockets", "air_conditioning")
    }  # fmt: skip


def test_all_electricity_meters_hang_under_one_main_meter(site: Site) -> None:
    electric = [meter for meter in site.meters.values() if meter.kind == "electricity_meter"]
    assert [meter.id for meter in electric if meter.parent is None] == ["main-meter"]
    assert len({site.devices[meter.device].profile for meter in electric}) >= 2
    assert any(meter.kind == "water_meter" for meter in site.meters.values())


def test_every_line_keeps_its_polls_with_room_to_spare(site: Site) -> None:
    budgets = budget_of(site)
    assert {name for name, link in site.links.items() if not isinstance(link, MqttLink)} == budgets.keys()
    assert all(0.0 < budget.share < 0.5 for budget in budgets.values()), budgets


def test_the_kettle_has_a_relay_and_a_meter(site: Site) -> None:
    (kettle,) = site.kettles.values()
    assert site.devices[kettle.device].profile == "waveshare_relay"
    assert kettle.meter in site.meters


def test_everything_stays_on_this_machine_above_the_ports_of_others(site: Site) -> None:
    for link in site.links.values():
        host, port = link.endpoint.split(":")
        assert (host, int(port) >= 15020) == ("127.0.0.1", True)
        assert not isinstance(link, MqttLink) or link.embedded
    assert [entry.url for entry in site.file.weather.forecast] == ["http://127.0.0.1:18999", None]


def test_everything_has_a_name_in_both_languages(site: Site) -> None:
    named = (*site.offices.values(), *site.spaces.values(), *site.equipment.values(), *site.buildings.values())
    for entry in named:
        assert entry.name is not None, entry.id
        assert entry.name.en, entry.id
