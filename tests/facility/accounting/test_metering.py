"""What meters count, where their registers end, and how fast their circuits can be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from facility.accounting.metering import (
    Medium,
    Register,
    counter_of,
    fastest_count_per_s,
    fastest_per_s,
    load_of,
    medium_at,
    medium_of,
    power_of,
    register_of,
    unit_of,
)
from facility.model import Meter, Site, SiteFile, build_site
from facility.profiles import ProfileLibrary
from tests.sites import small_site_data

PROFILES = {
    "pulse_water": """
profile: pulse_water
name: {zh: 脉冲水表}
kind: water_meter
protocol: modbus
source: {document: made up for these tests, grade: community}
modbus:
  - {id: pulses, name: {zh: 脉冲数}, quantity: count, counter: true, counter_max: 65535, table: holding, address: 0}
  - {id: noise, name: {zh: 次数}, quantity: count, table: holding, address: 1}
""",
    "power_only": """
profile: power_only
name: {zh: 功率变送器}
kind: electricity_meter
protocol: modbus
source: {document: made up for these tests, grade: community}
modbus:
  - {id: total, name: {zh: 功率}, quantity: active_power, unit: W, table: holding, address: 0}
""",
    "phases": """
profile: phases
name: {zh: 三相功率}
kind: electricity_meter
protocol: modbus
source: {document: made up for these tests, grade: community}
modbus:
  - {id: power_a, name: {zh: A 相功率}, quantity: active_power, unit: W, table: holding, address: 0}
  - {id: power_b, name: {zh: B 相功率}, quantity: active_power, unit: W, table: holding, address: 1}
""",
    "heat": """
profile: heat
name: {zh: 热量表}
kind: heat_meter
protocol: modbus
source: {document: made up for these tests, grade: community}
modbus:
  - id: energy
    name: {zh: 热量}
    quantity: heat_energy
    unit: MJ
    scale: 10
    counter_max: 99999.99
    type: uint32
    table: holding
    address: 0
  - {id: power, name: {zh: 热功率}, quantity: active_power, unit: W, table: holding, address: 2}
  - {id: flow, name: {zh: 流量}, quantity: volume_flow, unit: L/h, table: holding, address: 3}
""",
    "gas": """
profile: gas
name: {zh: 燃气表}
kind: gas_meter
protocol: modbus
source: {document: made up for these tests, grade: community}
modbus:
  - {id: volume, name: {zh: 体积}, quantity: gas_volume, counter: true, type: float32, table: holding, address: 0}
""",
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> ProfileLibrary:
    folder: Path = tmp_path_factory.mktemp("profiles")
    for name, text in PROFILES.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return ProfileLibrary(folder)


def site_with(library: ProfileLibrary, profile: str, kind: str, device: dict[str, Any], **meter: Any) -> Site:
    """The small site with one more meter, `m`."""
    data = small_site_data()
    data["devices"].append({"id": "dm", "profile": profile, "link": "meters", "unit": 100, **device})
    data["equipment"].append({"id": "m", "kind": kind, "device": "dm", **meter})
    return build_site(SiteFile.model_validate(data), library)


def electricity(library: ProfileLibrary, device: dict[str, Any] | None = None, **meter: Any) -> tuple[Site, Meter]:
    site = site_with(library, "acrel_adw300", "electricity_meter", device or {}, **meter)
    return site, site.meters["m"]


@pytest.mark.parametrize(("medium", "unit"), [("electricity", "kWh"), ("water", "m3"), ("gas", "m3"), ("heat", "GJ")])
def test_each_medium_is_told_in_its_unit(medium: str, unit: str) -> None:
    assert unit_of(Medium(medium)) == unit


def test_a_registers_end_lies_behind_the_transformer_ratios(library: ProfileLibrary) -> None:
    """A register of 2^31 hundredths of a kWh behind 40:1 and 100:1 transformers ends at 4,000 times as many."""
    site, meter = electricity(library, {"ct_ratio": 40, "pt_ratio": 100})
    counter = counter_of(site, meter)
    assert counter is not None
    assert counter.id == "m.energy_import"
    register = register_of(site, counter)
    assert register.counter_max == pytest.approx(21474836.47 * 4000)
    assert register.step == pytest.approx(40.0)
    plain, same = electricity(library)
    bare = counter_of(plain, same)
    assert bare is not None
    assert register_of(plain, bare) == Register(counter_max=21474836.47, step=0.01)


def test_a_ratio_that_a_point_does_not_use_does_not_move_its_end(library: ProfileLibrary) -> None:
    site, _ = electricity(library, {"ct_ratio": 40, "pt_ratio": 100})
    current = site.point_of("m", "current_a")
    assert current is not None
    register = register_of(site, current)
    assert register.counter_max is None
    assert register.step == pytest.approx(0.4)


def test_a_float_register_has_no_step_and_no_end_where_its_profile_names_none(library: ProfileLibrary) -> None:
    site = site_with(library, "gas", "gas_meter", {})
    counter = counter_of(site, site.meters["m"])
    assert counter is not None
    assert register_of(site, counter) == Register(counter_max=None, step=0.0)


@pytest.mark.parametrize(
    ("kind", "meter", "fastest"),
    [
        ("electricity_meter", {"max_power_kw": 36.0}, 36.0 * 1.25 / 3600),
        ("electricity_meter", {"max_flow_m3_h": 36.0}, None),
        ("electricity_meter", {}, None),
        ("water_meter", {"max_flow_m3_h": 10.0}, 10.0 * 1.25 / 3600),
        ("water_meter", {"max_power_kw": 10.0}, None),
        ("gas_meter", {"max_flow_m3_h": 6.0}, 6.0 * 1.25 / 3600),
        ("heat_meter", {"max_power_kw": 1000.0}, 3.6 * 1.25 / 3600),
        ("heat_meter", {"max_flow_m3_h": 10.0}, None),
    ],
)
def test_the_fastest_use_is_what_the_circuit_carries_and_a_quarter_more(
    kind: str, meter: dict[str, float], fastest: float | None
) -> None:
    entry = Meter.model_validate({"id": "m", "kind": kind, "device": "dm", **meter})
    assert fastest_per_s(entry) == (None if fastest is None else pytest.approx(fastest))
    assert fastest_count_per_s(entry) == fastest_per_s(entry)


def test_pulses_are_counted_as_pulses_and_believed_as_what_they_stand_for(library: ProfileLibrary) -> None:
    site = site_with(library, "pulse_water", "water_meter", {}, per_pulse=0.01, max_flow_m3_h=10.0)
    meter = site.meters["m"]
    counter = counter_of(site, meter)
    assert counter is not None
    assert counter.id == "m.pulses"
    assert register_of(site, counter) == Register(counter_max=65535.0, step=1.0)
    assert fastest_per_s(meter) == pytest.approx(12.5 / 3600)
    assert fastest_count_per_s(meter) == pytest.approx(1250 / 3600)


def test_a_pulse_counter_without_a_weight_is_no_water_counter(library: ProfileLibrary) -> None:
    site = site_with(library, "pulse_water", "water_meter", {})
    assert counter_of(site, site.meters["m"]) is None


def test_a_meter_without_a_counter_is_known_by_its_power(library: ProfileLibrary) -> None:
    site = site_with(library, "power_only", "electricity_meter", {})
    meter = site.meters["m"]
    power = power_of(site, meter)
    assert counter_of(site, meter) is None
    assert power is not None
    assert (power.id, power.unit) == ("m.total", "kW")


def test_the_power_of_all_phases_is_taken_never_that_of_one(library: ProfileLibrary) -> None:
    site, meter = electricity(library)
    power = power_of(site, meter)
    assert power is not None
    assert power.id == "m.power"
    phases = site_with(library, "phases", "electricity_meter", {})
    assert power_of(phases, phases.meters["m"]) is None


def test_what_flows_tells_the_load_of_other_meters(library: ProfileLibrary) -> None:
    heat = site_with(library, "heat", "heat_meter", {})
    load = load_of(heat, heat.meters["m"])
    assert load is not None
    assert load.id == "m.power"
    water = site_with(library, "kaifeng_xintai_water", "water_meter", {})
    assert power_of(water, water.meters["m"]) is None
    flow = load_of(water, water.meters["m"])
    assert flow is not None
    assert flow.unit == "m3/h"
    gas = site_with(library, "gas", "gas_meter", {})
    assert load_of(gas, gas.meters["m"]) is None


def test_heat_is_counted_in_gigajoules(library: ProfileLibrary) -> None:
    site = site_with(library, "heat", "heat_meter", {"ct_ratio": 40})
    counter = counter_of(site, site.meters["m"])
    assert counter is not None
    assert counter.unit == "GJ"
    register = register_of(site, counter)
    assert register.counter_max == 99999.99
    assert register.step == pytest.approx(0.01)


def test_a_virtual_meter_meters_what_its_members_do() -> None:
    data = small_site_data()
    data["equipment"] += [
        {"id": "half", "kind": "virtual_meter", "members": [{"meter": "main-meter", "percent": 50}]},
        {"id": "quarter", "kind": "virtual_meter", "members": [{"meter": "half", "percent": 50}]},
    ]
    site = build_site(SiteFile.model_validate(data), ProfileLibrary())
    assert medium_at(site, "quarter") is Medium.ELECTRICITY
    assert medium_at(site, "main-meter") is medium_of(site.meters["main-meter"])
    with pytest.raises(KeyError):
        medium_at(site, "vrf-1")
