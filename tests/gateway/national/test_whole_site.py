"""A small site with national meters: its file checked, its building simulated as an operator does, its lines read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from facility.model.loader import load_site
from facility.model.problems import Severity
from houqin.carrier import InProcessTransport
from tests.gateway.national.bench import METERS, national_site, national_site_data
from tests.gateway.national.test_shared_line import line_to
from tests.gateway.scene import only_modbus
from tests.houqin.operating import Child, write_site

pytestmark = [pytest.mark.server, pytest.mark.asyncio, pytest.mark.timeout(60)]


def site_data() -> dict[str, Any]:
    data = national_site_data()
    only_modbus(data)
    data["polls"] = {"fast_s": 2, "normal_s": 5, "slow_s": 15}
    return data


async def test_a_building_without_wires_has_its_national_meters_too() -> None:
    async with line_to(national_site(), lambda world: InProcessTransport(world, "meters")) as rig:
        rig.world.faults.silence("meters", "12345678")
        await rig.line.poll_once()
        devices = [device for device, *_ in METERS]
        assert {device: rig.good(device) for device in devices} == {device: device != "e1" for device in devices}


async def test_national_meters_are_read_from_the_site_file_to_the_readings(tmp_path: Path) -> None:
    path = write_site(tmp_path / "site.yaml", site_data())
    loaded = load_site(path)
    assert [problem for problem in loaded.problems if problem.severity is Severity.ERROR] == []
    assert loaded.site is not None
    with Child(tmp_path, "simulate", "simulate", path, "--speed", "1") as building:
        building.wait_said("Simulating")
        async with line_to(loaded.site) as rig:
            await rig.line.poll_once()
    for device in [*(device for device, *_ in METERS), "m-main", "m-401", "m-402"]:
        assert rig.good(device), device
    values = {point: reading.value for point, reading in rig.readings.items()}
    parts = [values[f"e1-meter.energy_import_tariff_{number}"] or 0.0 for number in (1, 2, 3, 4)]
    assert sum(parts) == pytest.approx(values["e1-meter.energy_import"], abs=0.1)
    assert (values["w1-meter.valve"], values["w1-meter.battery"]) == (1.0, 0.0)
