"""Every shipped Modbus meter behind the simulator, read by the questions that the gateway would ask."""

from __future__ import annotations

from typing import Any

import pytest

from facility.model import Site, SiteFile, build_site
from facility.profiles import ModbusPoint, ProfileLibrary
from facility.profiles.schema import Profile, WireProtocol
from facility.quantities import factor_to_canonical
from facility.readings import Status
from gateway.questions import questions_of
from gateway.register_question import RegisterQuestion
from simulators.world import World
from tests.simulators.buildings import hot_noon
from tests.sites import small_site_data

LIBRARY = ProfileLibrary()
METERS = [
    name for name, profile in LIBRARY.items() if "meter" in profile.kind and profile.protocol is WireProtocol.MODBUS
]
FEW = 8
"""Requests that read a meter, at most: some take eleven registers at a time, and a line has thirty of them."""


def equipment(name: str) -> dict[str, Any]:
    """A sub-meter of that profile; a pulse counter has it at its third input."""
    profile = LIBRARY[name]
    item: dict[str, Any] = {"id": f"e-{name.replace('_', '-')}", "kind": profile.kind.value, "device": f"d-{name}"}
    item["device"] = item["device"].replace("_", "-")
    item |= {"feeds": {"building": "main"}}
    if profile.slots is not None:
        item |= {"slot": profile.slots.first + 2, "per_pulse": 0.01}
    if profile.kind == "electricity_meter":
        item |= {"feeds": {"office": "finance"}, "item": "lighting_sockets", "parent": "main-meter"}
    return item


@pytest.fixture(scope="module")
def site() -> Site:
    """The small site with one meter of every sort besides its own."""
    data = small_site_data()
    for number, name in enumerate(METERS):
        item = equipment(name)
        data["devices"].append({"id": item["device"], "profile": name, "link": "meters", "unit": 100 + number})
        data["equipment"].append(item)
    return build_site(SiteFile.model_validate(data), LIBRARY)


@pytest.fixture(scope="module")
def world(site: Site) -> World:
    """The simulated building around it, at noon of a hot day."""
    return World(site, seed=1, start=hot_noon(site))


def resolution(profile: Profile, spec: ModbusPoint) -> float:
    """How finely the meter tells a point, in its canonical unit."""
    if spec.plus is not None:
        part = profile.internal[spec.plus]
        return max(float(part.scale), 1e-4)
    unit = 1 if spec.unit is None else factor_to_canonical(spec.quantity, spec.unit)
    return float(spec.scale) * float(unit)


@pytest.mark.parametrize("name", METERS)
def test_what_the_simulator_shows_is_what_the_gateway_reads(name: str, site: Site, world: World) -> None:
    item = equipment(name)
    profile = LIBRARY[name]
    specs = {point.id: point.spec for point in site.points_of(item["id"])}
    questions = questions_of(site, item["device"], site.points_of(item["id"]))
    assert 0 < len(questions) <= FEW
    seen = set()
    for question in questions:
        assert isinstance(question, RegisterQuestion)
        raw = world.read("meters", question.unit, question.table, question.address, question.count)
        values, statuses = question.decoder.decode(raw)
        for point, value, status in zip(question.points, values, statuses or [Status.GOOD] * len(values), strict=True):
            spec = specs[point]
            assert isinstance(spec, ModbusPoint)
            assert status is Status.GOOD, point
            finest = resolution(profile, spec) if not spec.scale_from else abs(world.value(point)) * 1e-3
            assert value == pytest.approx(world.value(point), rel=1e-6, abs=finest), point
            seen.add(point)
    assert seen == set(specs)
