"""Every shipped Modbus device behind the simulator, read by the questions that the gateway would ask."""

from __future__ import annotations

from typing import Any

import pytest

from facility.model import Site, SiteFile, build_site
from facility.profiles import ModbusPoint, ProfileLibrary
from facility.profiles.schema import Kind, Profile, WireProtocol
from facility.quantities import ENUMERATIONS, Quantity, factor_to_canonical
from facility.readings import Status
from gateway.questions import questions_of
from gateway.register_question import RegisterQuestion
from simulators.world import World
from tests.simulators.buildings import hot_noon
from tests.sites import small_site_data

LIBRARY = ProfileLibrary()
SERVED = [name for name, profile in LIBRARY.items() if profile.protocol is WireProtocol.MODBUS]
FEW = 8
"""Requests that read a device, at most: some take eleven registers at a time, and a line has thirty of them."""
SENSORS = {
    "open": "window_contact", "present": "occupancy_sensor", "leak": "water_leak", "wind_speed": "weather_station",
    "temperature": "climate_sensor", "illuminance": "illuminance_sensor",
}  # fmt: skip
"""A point by which a kind of sensor is known, the first that a profile has."""


def link_of(name: str) -> str:
    """Meters are on one line, all else is on the other."""
    return "meters" if "meter" in LIBRARY[name].kind else "plant"


def equipment(name: str) -> dict[str, Any]:
    """What is behind that device: a sub-meter, an indoor unit, a sensor, a circuit; the third where there are many."""
    profile = LIBRARY[name]
    own = name.replace("_", "-")
    item: dict[str, Any] = {"id": f"e-{own}", "kind": profile.kind.value, "device": f"d-{own}"}
    if profile.slots is not None:
        item["slot"] = profile.slots.first + 2
    match profile.kind:
        case Kind.AC_GATEWAY:
            return item | {
                "kind": "indoor_unit", "outdoor_unit": "vrf-1", "capacity_kw": 5.6, "serves": ["r401"]
            }  # fmt: skip
        case Kind.SENSOR:
            points = {point.id for point in profile.points}
            kind = next(kind for point, kind in SENSORS.items() if point in points)
            return item | {"kind": kind, "serves": [] if kind == "weather_station" else ["r401"]}
        case Kind.RELAY:
            return item | ({"kind": "lift"} if name == "waveshare_relay_lift" else {"kind": "lighting"})
        case Kind.CHILLER:
            return item
    item |= {"feeds": {"building": "main"}}
    if profile.slots is not None:
        item["per_pulse"] = 0.01
    if profile.kind is Kind.ELECTRICITY_METER:
        item |= {"feeds": {"office": "finance"}, "item": "lighting_sockets", "parent": "main-meter"}
    return item


@pytest.fixture(scope="module")
def site() -> Site:
    """The small site with one device of every sort besides its own."""
    data = small_site_data()
    for number, name in enumerate(SERVED):
        item = equipment(name)
        data["devices"].append({"id": item["device"], "profile": name, "link": link_of(name), "unit": 20 + number})
        data["equipment"].append(item)
    return build_site(SiteFile.model_validate(data), LIBRARY)


@pytest.fixture(scope="module")
def world(site: Site) -> World:
    """The simulated building around it, at noon of a hot day."""
    return World(site, seed=1, start=hot_noon(site))


def resolution(profile: Profile, spec: ModbusPoint) -> float:
    """How finely the device tells a point, in its canonical unit."""
    if spec.quantity is Quantity.STATE:
        return 0.0
    if spec.plus is not None:
        part = profile.internal[spec.plus]
        return max(float(part.scale), 1e-4)
    unit = 1 if spec.unit is None else factor_to_canonical(spec.quantity, spec.unit)
    return float(spec.scale) * float(unit)


def shown(spec: ModbusPoint, value: float) -> float:
    """A value as a device can tell it: a state that it does not know is told as its first one."""
    if spec.quantity is not Quantity.STATE or spec.codes is None:
        return value
    known = [ENUMERATIONS[spec.enumeration or ""].index(state) for state in spec.codes.values()]
    return value if value in known else known[0]


@pytest.mark.parametrize("name", SERVED)
def test_what_the_simulator_shows_is_what_the_gateway_reads(name: str, site: Site, world: World) -> None:
    item = equipment(name)
    profile = LIBRARY[name]
    specs = {point.id: point.spec for point in site.points_of(item["id"])}
    questions = questions_of(site, item["device"], site.points_of(item["id"]))
    assert 0 < len(questions) <= FEW
    seen = set()
    for question in questions:
        assert isinstance(question, RegisterQuestion)
        raw = world.read(link_of(name), question.unit, question.table, question.address, question.count)
        values, statuses = question.decoder.decode(raw)
        for point, value, status in zip(question.points, values, statuses or [Status.GOOD] * len(values), strict=True):
            spec = specs[point]
            assert isinstance(spec, ModbusPoint)
            assert status is Status.GOOD, point
            finest = resolution(profile, spec) if not spec.scale_from else abs(world.value(point)) * 1e-3
            assert value == pytest.approx(shown(spec, world.value(point)), rel=1e-6, abs=finest), point
            seen.add(point)
    assert seen == set(specs)
