"""Profiles made for tests: registers that scale others, values split in two, gateways that want registers together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from facility.model import Site, SiteFile, build_site
from facility.profiles import Profile, ProfileLibrary
from tests.gateway.scene import only_modbus
from tests.sites import small_site_data

HEAD: Final[Mapping[str, Any]] = {
    "protocol": "modbus", "source": {"document": "made up for a test", "grade": "community"},
}  # fmt: skip


def named(**facts: Any) -> dict[str, Any]:
    """A point with a name."""
    return {"name": {"zh": facts["id"]}, "table": "holding", **facts}


def meter(*points: dict[str, Any], **facts: Any) -> Profile:
    """A meter with these points."""
    return Profile.model_validate(
        {**HEAD, "profile": "made", "name": {"zh": "表"}, "kind": "electricity_meter", "modbus": points, **facts}
    )


ENERGY: Final = {"quantity": "active_energy", "unit": "Wh", "counter": True, "low": 0}
VOLTAGE: Final = {"quantity": "voltage", "unit": "V"}
SCALED: Final = (
    # as SunSpec lays out its meter models: values and, behind them, one scale factor for all of a kind
    named(id="voltage_a", address=0, **VOLTAGE, scale_from="v_sf", invalid=[0xFFFF]),
    named(id="voltage_b", address=1, **VOLTAGE, scale_from="v_sf", invalid=[0xFFFF]),
    {"id": "v_sf", "internal": True, "table": "holding", "address": 2, "type": "int16", "invalid": [0x8000]},
    named(id="energy_import", address=3, type="uint32", **ENERGY, scale_from="e_sf"),
    {"id": "e_sf", "internal": True, "table": "holding", "address": 5, "type": "int16", "invalid": [0x8000]},
)
RATIOS_FAR: Final = (
    named(
        id="energy_import", address=0, type="uint32", scale=0.01, quantity="active_energy", unit="kWh", low=0,
        scale_from=[{"point": "ct", "use": "factor"}, {"point": "pt", "use": "factor"}],
    ),
    named(id="ct", address=400, quantity="count", unit="1", low=0),
    named(id="pt", address=401, quantity="count", unit="1", scale=0.1, low=0),
)  # fmt: skip
SPLIT: Final = (
    named(id="energy_import", address=0, type="uint32", **(ENERGY | {"unit": "kWh"}), plus="energy_rest"),
    {"id": "energy_rest", "internal": True, "table": "holding", "address": 4, "scale": 0.001, "invalid": [0xFFFF]},
)


def state(point: str, enumeration: str, codes: dict[int, str], **facts: Any) -> dict[str, Any]:
    """A coded point."""
    return named(id=point, quantity="state", enumeration=enumeration, codes=codes, **facts)


ON: Final = {0: "off", 1: "on"}
SET: Final = {"quantity": "temperature", "unit": "Cel", "low": 10, "high": 40}
D3NET: Final = {
    # after the Daikin DTA116A51: input side 6 registers a unit, orders 3 a unit and all together, fan control nibble 6
    **HEAD, "profile": "d3net", "name": {"zh": "网关"}, "kind": "ac_gateway",
    "slots": {"base": 2000, "stride": 6, "count": 64, "tables": {"holding": {"base": 2000, "stride": 3}}},
    "writes": [{"id": "orders", "address": 0, "registers": [
        {"copy": {"table": "input", "address": 0, "mask": 0x7701}, "set": 0x0060},
        {"copy": {"table": "input", "address": 1, "mask": 0x000F}},
        {"copy": {"table": "input", "address": 2}},
    ]}],
    "modbus": [
        state("on", "off_on", ON, table="input", address=0, bit=0, write={"function": 16, "group": "orders"}),
        state("fan", "fan_speed", {0: "auto", 1: "low", 3: "medium", 5: "high"}, table="input", address=0,
              bits=[12, 14], write={"function": 16, "group": "orders"}),
        state("mode", "hvac_mode", {0: "fan", 1: "heat", 2: "cool", 3: "auto", 7: "dry"}, table="input", address=1,
              bits=[0, 3], write={"function": 16, "group": "orders"}),
        named(id="setpoint", table="input", address=2, type="int16", scale=0.1, **SET,
              write={"function": 16, "group": "orders", "minimum": 16, "maximum": 32, "step": 0.5}),
        named(id="room_temperature", table="input", address=4, type="int16", scale=0.1, **SET),
    ],
}  # fmt: skip
TRIPLET: Final = {
    # after the Midea GW3-MOD: three registers together, 255 leaves one as it is, half degrees as a flag
    **HEAD, "profile": "triplet", "name": {"zh": "网关"}, "kind": "ac_gateway",
    "slots": {"base": 0, "stride": 32, "count": 16, "bit_base": 0, "bit_stride": 8,
              "tables": {"holding": {"base": 1, "stride": 25}}},
    "writes": [{"id": "orders", "address": 0, "registers": [{"value": 255}, {"value": 255}, {"value": 255}]}],
    "modbus": [
        state("on", "off_on", ON, table="discrete", type="bit", address=0,
              write={"function": 16, "group": "orders", "address": 0, "type": "uint16",
                     "codes": {0x9F: "off", 0xDF: "on"}}),
        state("mode", "hvac_mode", {1: "fan", 2: "cool", 3: "heat", 6: "dry"}, table="input", address=0,
              write={"function": 16, "group": "orders", "address": 0}),
        named(id="setpoint", table="input", address=2, scale=0.1, **SET,
              write={"function": 16, "group": "orders", "address": 1, "type": "uint16", "scale": 1, "half": 128,
                     "minimum": 17, "maximum": 30, "step": 0.5}),
        state("fan", "fan_speed", {0x80: "auto", 1: "low", 2: "medium", 3: "high"}, table="input", address=1,
              write={"function": 16, "group": "orders", "address": 2}),
        named(id="room_temperature", table="input", address=5, type="int16", scale=0.1, **SET),
    ],
}  # fmt: skip


def site_of(profile: Profile, change: Callable[[dict[str, Any]], None] | None = None) -> Site:
    """The small site's wires only, with this profile behind its AC gateway, or for all of its meters."""
    data = small_site_data()
    only_modbus(data)
    line = "plant" if profile.kind.value == "ac_gateway" else "meters"
    for device in data["devices"]:
        if device["link"] == line:
            device["profile"] = profile.profile
    if change is not None:
        change(data)
    file = SiteFile.model_validate(data)
    library = ProfileLibrary()
    shipped = {device.profile: library[device.profile] for device in file.devices if device.profile in library}
    return build_site(file, {**shipped, profile.profile: profile})
