"""Worlds for the tests of the simulated building."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from facility.model import Site, SiteFile, build_site
from facility.model.loader import load_site
from facility.profiles import ProfileLibrary
from facility.quantities import state_value
from simulators.world import World
from tests.servers import free_port
from tests.sites import small_site_data

OFFICE = Path(__file__).parents[2] / "deploy" / "sites" / "office.yaml"
COOL = state_value("hvac_mode", "cool")

UNIT_401 = 16
"""First register of the first unit at the small site's AC gateway."""

MODE, FAN, SETPOINT, ON = 0, 1, 2, 3
"""Registers of a unit at a CoolMasterNet, from its first."""


def site_of(data: dict[str, Any]) -> Site:
    """The site that a site file with this content would give."""
    return build_site(SiteFile.model_validate(data), ProfileLibrary())


def served_site_data() -> dict[str, Any]:
    """The small site on free ports, with its own broker and forecast service."""
    data = small_site_data(plant_port=free_port(), meters_port=free_port(), broker_port=free_port())
    data["links"]["sensors"]["embedded"] = True
    data["weather"]["forecast"] = [{"provider": "open_meteo", "url": f"http://127.0.0.1:{free_port()}"}]
    return data


def wired_site_data() -> dict[str, Any]:
    """The small site on free ports without its sensors: what Modbus needs, and nothing that waits for a broker."""
    data = small_site_data(plant_port=free_port(), meters_port=free_port())
    data["weather"] = {"forecast": [{"provider": "manual"}]}
    del data["links"]["sensors"]
    data["devices"] = [device for device in data["devices"] if device["link"] != "sensors"]
    kept = {device["id"] for device in data["devices"]}
    data["equipment"] = [item for item in data["equipment"] if item.get("device", "m-main") in kept]
    return data


@lru_cache(maxsize=1)
def office() -> Site:
    """The shipped example."""
    loaded = load_site(OFFICE)
    assert loaded.site is not None, loaded.problems
    return loaded.site


def hot_noon(site: Site) -> datetime:
    """A July workday at 12:00, 34 C outside, no clouds."""
    return datetime(2026, 7, 10, 12, 0, tzinfo=site.zone)


def settle(world: World, hours: float, step_min: float = 5) -> None:
    """Lets the building live, in the steps of made history."""
    end = world.now + timedelta(hours=hours)
    while world.now < end:
        world.advance(min(end, world.now + timedelta(minutes=step_min)))


def order(world: World, slot: int, *, on: int, setpoint_c: float, mode: int = 0) -> None:
    """Writes what a master would to one unit of the small site's gateway."""
    first = UNIT_401 + 16 * slot
    world.write("plant", 1, 6, first + MODE, [mode])
    world.write("plant", 1, 6, first + SETPOINT, [round(setpoint_c * 10)])
    world.write("plant", 1, 6, first + ON, [on])
