"""What devices put on the wire, written by hand from their register lists, and what it means.

PDUs as hex, without unit id, header or checksum; blanks only help the eye. `said` tells where a vector comes from:
"from the map" (made up after the register list) or "maker's example" (printed by the maker).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from facility.readings import Status

Said = Literal["from the map", "maker's example"]
Meaning = float | str | Status
"""A number in the canonical unit, a state's name, or why there is no value."""

UNKNOWN, GONE, NAN, RANGE = Status.UNKNOWN_CODE, Status.NOT_AVAILABLE, Status.NOT_A_NUMBER, Status.OUT_OF_RANGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A read request, the device's answer, and what it says."""

    profile: str
    request: str
    answer: str
    means: Mapping[str, Meaning]
    slot: int | None = None
    ct_ratio: float = 1.0
    pt_ratio: float = 1.0
    said: Said = "from the map"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A wanted value and the request that writes it. `before`: what the device must be asked first, and its answers."""

    profile: str
    slot: int | None
    point: str
    value: float | str
    request: str
    before: Mapping[str, str] = field(default_factory=dict)
    said: Said = "from the map"


METERS: Final = (
    Answer(
        profile="chint_dtsu666", request="03 2000 0012",
        answer="03 24 4578C000 4578C000 00000000 450FD000 45098000 00000000 459C4000 00000000 44BB8000",
        means={"voltage_ab": 398.0, "voltage_bc": 398.0, "voltage_ca": 0.0, "voltage_a": 230.1, "voltage_b": 220.0,
               "voltage_c": 0.0, "current_a": 5.0, "current_b": 0.0, "current_c": 1.5},
    ),
    Answer(
        profile="chint_dtsu666", request="03 2012 000A", answer="03 14 449A5000 C50FD800 00000000 7FC00000 C4764000",
        means={"power": 0.12345, "power_a": -0.23015, "power_b": 0.0, "power_c": NAN, "reactive_power": -0.0985},
    ),
    Answer(profile="chint_dtsu666", request="03 202A 0002", answer="03 04 4479C000", means={"power_factor": 0.999}),
    Answer(profile="chint_dtsu666", request="03 202A 0002", answer="03 04 C4764000", means={"power_factor": -0.985}),
    Answer(profile="chint_dtsu666", request="03 2044 0002", answer="03 04 459C4000", means={"frequency": 50.0}),
    Answer(profile="chint_dtsu666", request="03 2044 0002", answer="03 04 00000000", means={"frequency": RANGE}),
    Answer(profile="chint_dtsu666", request="03 101E 0002", answer="03 04 449A5000", means={"energy_import": 1234.5}),
    Answer(profile="chint_dtsu666", request="03 101E 0002", answer="03 04 449A5000", ct_ratio=20.0,
           means={"energy_import": 24690.0}),
    Answer(profile="chint_dtsu666", request="03 101E 0002", answer="03 04 C49A5000", means={"energy_import": RANGE}),
    Answer(profile="chint_dtsu666", request="03 101E 0002", answer="03 04 7F800000", means={"energy_import": NAN}),
    Answer(profile="chint_dtsu666", request="03 1028 0002", answer="03 04 00000000", means={"energy_export": 0.0}),
    Answer(profile="chint_dtsu666", request="03 0006 0002", answer="03 04 0014 000A",
           means={"configured_ct_ratio": 20.0, "configured_pt_ratio": 1.0}),
    Answer(profile="chint_dtsu666", request="03 200C 0002", answer="03 04 459C4000", ct_ratio=20.0, pt_ratio=100.0,
           means={"current_a": 100.0}),
    Answer(
        profile="eastron_sdm630", request="04 0000 0012",
        answer="04 24 43660000 43658000 00000000 40A80000 00000000 7FC00000 44974000 C4974000 00000000",
        means={"voltage_a": 230.0, "voltage_b": 229.5, "voltage_c": 0.0, "current_a": 5.25, "current_b": 0.0,
               "current_c": NAN, "power_a": 1.21, "power_b": -1.21, "power_c": 0.0},
    ),
    Answer(profile="eastron_sdm630", request="04 0034 0002", answer="04 04 C39C4000", means={"power": -0.3125}),
    Answer(profile="eastron_sdm630", request="04 003C 0004", answer="04 08 43FA0000 BF000000",
           means={"reactive_power": 0.5, "power_factor": -0.5}),
    Answer(profile="eastron_sdm630", request="04 0046 0006", answer="04 0C 42480000 449A5000 00000000",
           means={"frequency": 50.0, "energy_import": 1234.5, "energy_export": 0.0}),
    Answer(profile="eastron_sdm630", request="04 00C8 0006", answer="04 0C 43C70000 43C6C000 00000000",
           means={"voltage_ab": 398.0, "voltage_bc": 397.5, "voltage_ca": 0.0}),
    Answer(profile="eastron_sdm630", request="04 015A 0006", answer="04 0C 42C88000 00000000 FFC00000",
           means={"energy_import_a": 100.25, "energy_import_b": 0.0, "energy_import_c": NAN}),
    Answer(profile="acrel_adw300", request="03 0014 0003", answer="03 06 08FC 0000 FFFF",
           means={"voltage_a": 230.0, "voltage_b": 0.0, "voltage_c": GONE}),
    Answer(profile="acrel_adw300", request="03 001A 0003", answer="03 06 0219 0000 FFFF",
           means={"current_a": 5.37, "current_b": 0.0, "current_c": GONE}),
    Answer(profile="acrel_adw300", request="03 001E 0008", answer="03 10 000004D2 FFFFFB2E 00000000 FFFFFFFF",
           means={"power_a": 1.234, "power_b": -1.234, "power_c": 0.0, "power": -0.001}),
    Answer(profile="acrel_adw300", request="03 0024 0002", answer="03 04 7FFFFFFF", means={"power": GONE}),
    Answer(profile="acrel_adw300", request="03 003E 0004", answer="03 08 0001E240 00000000",
           means={"energy_import": 1234.56, "energy_export": 0.0}),
    Answer(profile="acrel_adw300", request="03 003E 0004", answer="03 08 7FFFFFFF FFFFFFFF",
           means={"energy_import": GONE, "energy_export": RANGE}),
    Answer(profile="acrel_adw300", request="03 003E 0004", answer="03 08 7FFFFFFE 00000001",
           means={"energy_import": 21474836.46, "energy_export": 0.01}),
    Answer(profile="kaifeng_xintai_water", request="03 0000 0007", answer="03 0E 00509A44 00000000 000080BE 00AA",
           means={"volume": 1234.5, "volume_reverse": 0.0, "flow": -0.25, "pipe": "full"}),
    Answer(profile="kaifeng_xintai_water", request="03 0000 0007", answer="03 0E 0000C07F 00509AC4 00000000 0055",
           means={"volume": NAN, "volume_reverse": RANGE, "flow": 0.0, "pipe": "empty"}),
    Answer(profile="kaifeng_xintai_water", request="03 0006 0001", answer="03 02 0000", means={"pipe": UNKNOWN}),
    Answer(profile="kaifeng_xintai_water", request="03 0009 0004", answer="03 08 0000803E 0000D441",
           means={"pressure": 0.25, "water_temperature": 26.5}),
    Answer(profile="kaifeng_xintai_water", request="03 0019 0003", answer="03 06 00006040 0001",
           means={"battery": 3.5, "valve": "open"}),
    Answer(profile="kaifeng_xintai_water", request="03 001B 0001", answer="03 02 0002", means={"valve": "closed"}),
    Answer(profile="kaifeng_xintai_water", request="03 001B 0001", answer="03 02 0000", means={"valve": UNKNOWN}),
)  # fmt: skip

SENSORS_AND_RELAYS: Final = (
    Answer(profile="xy_md02", request="04 0001 0002", answer="04 04 0131 0222", said="maker's example",
           means={"temperature": 30.5, "humidity": 54.6}),
    Answer(profile="xy_md02", request="04 0001 0001", answer="04 02 FF33", said="maker's example",
           means={"temperature": -20.5}),
    Answer(profile="xy_md02", request="04 0001 0002", answer="04 04 0000 0000",
           means={"temperature": 0.0, "humidity": 0.0}),
    Answer(profile="xy_md02", request="04 0001 0002", answer="04 04 7FFF FFFF",
           means={"temperature": GONE, "humidity": GONE}),
    Answer(profile="xy_md02", request="04 0001 0002", answer="04 04 8000 03E9",
           means={"temperature": GONE, "humidity": RANGE}),
    Answer(profile="waveshare_relay", slot=0, request="01 0000 0008", answer="01 01 05", means={"on": "on"}),
    Answer(profile="waveshare_relay", slot=1, request="01 0000 0008", answer="01 01 05", means={"on": "off"}),
    Answer(profile="waveshare_relay", slot=7, request="01 0000 0008", answer="01 01 80", means={"on": "on"}),
    Answer(profile="waveshare_relay_d", slot=2, request="01 0000 0008", answer="01 01 04", means={"on": "on"}),
    Answer(profile="waveshare_relay_d", slot=3, request="01 0000 0008", answer="01 01 04", means={"on": "off"}),
    Answer(profile="waveshare_relay_d", slot=0, request="02 0000 0008", answer="02 01 81", means={"feedback": "on"}),
    Answer(profile="waveshare_relay_d", slot=6, request="02 0000 0008", answer="02 01 81", means={"feedback": "off"}),
    Answer(profile="waveshare_relay_lift", slot=0, request="01 0000 0008", answer="01 01 04", means={"on": "off"}),
    Answer(profile="waveshare_relay_lift", slot=1, request="01 0000 0008", answer="01 01 04", means={"on": "on"}),
    Answer(profile="waveshare_relay_lift", slot=0, request="02 0000 0008", answer="02 01 09",
           means={"fire": "fire", "inspection": "normal"}),
    Answer(profile="waveshare_relay_lift", slot=1, request="02 0000 0008", answer="02 01 09",
           means={"fire": "normal", "inspection": "inspection"}),
    Answer(profile="waveshare_relay_lift", slot=3, request="02 0000 0008", answer="02 01 C0",
           means={"fire": "fire", "inspection": "inspection"}),
    Answer(profile="thermal_care_accuchiller", request="01 0000 0001", answer="01 01 01", means={"on": "on"}),
    Answer(profile="thermal_care_accuchiller", request="01 0000 0001", answer="01 01 00", means={"on": "off"}),
    Answer(profile="thermal_care_accuchiller", request="02 0000 0014", answer="02 03 03 00 00",
           means={"running": "on", "remote": "on", "low_flow": "ok", "freeze": "ok"}),
    Answer(profile="thermal_care_accuchiller", request="02 0000 0014", answer="02 03 00 10 08",
           means={"running": "off", "remote": "off", "low_flow": "fault", "freeze": "fault"}),
)  # fmt: skip

AC_GATEWAYS: Final = (
    Answer(
        profile="chiltrix_fan_coil", request="03 6E8D 0003", answer="03 06 0001 0001 0006",
        means={"on": "on", "mode": "cool", "fan": "auto"},
    ),
    Answer(
        profile="chiltrix_fan_coil", request="03 6E8D 0003", answer="03 06 0000 0009 0005",
        means={"on": "off", "mode": UNKNOWN, "fan": UNKNOWN},
    ),
    Answer(profile="chiltrix_fan_coil", request="03 6E96 0002", answer="03 04 0118 7FFF",
           means={"setpoint": 28.0, "heating_setpoint": GONE}),
    Answer(profile="chiltrix_fan_coil", request="04 B6D1 0008",
           answer="04 10 FFF6 00C8 0003 0320 0001 0000 0000 0000",
           means={"room_temperature": -1.0, "water_valve": "open", "fault": "ok"}),
    Answer(profile="chiltrix_fan_coil", request="04 B6D1 0008",
           answer="04 10 0000 0000 0000 0000 0000 0000 0000 0001",
           means={"room_temperature": 0.0, "water_valve": "closed", "fault": "fault"}),
    Answer(
        profile="coolmasternet", slot=0, request="03 0010 0009",
        answer="03 12 0000 0003 0118 0001 0000 0006 0119 0000 0000",
        means={"mode": "cool", "fan": "auto", "setpoint": 28.0, "on": "on", "filter": "ok", "room_temperature": 28.1,
               "fault": 0.0, "lock": "unlocked"},
    ),
    Answer(
        profile="coolmasternet", slot=2, request="03 0030 0009",
        answer="03 12 0001 0002 00F0 0000 0001 0006 FFF6 0005 0080",
        means={"mode": "heat", "fan": "high", "setpoint": 24.0, "on": "off", "filter": "fault",
               "room_temperature": -1.0, "fault": 5.0, "lock": "locked"},
    ),
    Answer(
        profile="coolmasternet", slot=63, request="03 0400 0009",
        answer="03 12 0006 0006 FFFF 0002 FFFF FFFF 8000 FFFF 0008",
        means={"mode": UNKNOWN, "fan": UNKNOWN, "setpoint": GONE, "on": UNKNOWN, "filter": UNKNOWN,
               "room_temperature": GONE, "fault": GONE, "lock": UNKNOWN},
    ),
    Answer(
        profile="coolmasternet", slot=1, request="03 0020 0009",
        answer="03 12 FFFF 0004 0000 FFFF 0000 0006 0000 0000 0003",
        means={"mode": UNKNOWN, "fan": "high", "setpoint": RANGE, "on": UNKNOWN, "room_temperature": 0.0,
               "lock": "locked"},
    ),
    Answer(profile="coolmasternet", slot=0, request="02 0010 0002", answer="02 01 01",
           means={"thermo": "thermo_on", "communication": "ok"}),
    Answer(profile="coolmasternet", slot=2, request="02 0030 0002", answer="02 01 02",
           means={"thermo": "thermo_off", "communication": "fault"}),
    Answer(
        profile="intesis_inmbsmid", slot=0, request="03 03E8 0009",
        answer="03 12 0001 0004 0000 0000 0118 0000 0000 0000 0000",
        means={"on": "on", "mode": "cool", "fan": "auto", "setpoint": 28.0, "room_temperature": 0.0, "alarm": "ok",
               "fault": 0.0, "lock": "unlocked"},
    ),
    Answer(
        profile="intesis_inmbsmid", slot=3, request="03 0424 0009",
        answer="03 12 0000 0001 0003 000A 8000 FFCE 0001 FFFF 0001",
        means={"on": "off", "mode": "heat", "fan": "high", "setpoint": GONE, "room_temperature": -5.0,
               "alarm": "fault", "fault": 65535.0, "lock": "locked"},
    ),
    Answer(
        profile="intesis_inmbsmid", slot=31, request="03 0654 0009",
        answer="03 12 0002 0005 0004 0000 805A 805A 0002 0000 0002",
        means={"on": UNKNOWN, "mode": UNKNOWN, "fan": UNKNOWN, "setpoint": GONE, "room_temperature": GONE,
               "alarm": UNKNOWN, "fault": 0.0, "lock": UNKNOWN},
    ),
    Answer(
        profile="hitachi_hc_a64mb", slot=0, request="03 07D8 0012",
        answer="03 24 0000 0001 0000 0004 001C 0007 0000 001B 0012 000F 000C 0000 0000 002D 0002 0000 0021 00FF",
        means={"lock": "unlocked", "on": "on", "mode": "cool", "fan": "auto", "setpoint": 28.0,
               "room_temperature": 27.0, "fault": 0.0, "eev": 45.0, "thermo": "thermo_on", "remote_temperature": GONE},
    ),
    Answer(
        profile="hitachi_hc_a64mb", slot=5, request="03 0878 0012",
        answer="03 24 001F 0000 0003 0003 0018 0007 0000 FFFB 0012 000F 000C 0013 0000 0000 0003 0000 FFF6 0000",
        means={"lock": "locked", "on": "off", "mode": "heat", "fan": "high", "setpoint": 24.0,
               "room_temperature": -5.0, "fault": 19.0, "eev": 0.0, "thermo": "alarm", "remote_temperature": 0.0},
    ),
    Answer(
        profile="hitachi_hc_a64mb", slot=63, request="03 0FB8 0012",
        answer="03 24 0020 00FF 00FF 00FF 00FF 0007 0000 00FF 00FF 00FF 00FF 0000 0000 00FF 00FF 0000 00FF 00FF",
        means={"lock": UNKNOWN, "on": UNKNOWN, "mode": UNKNOWN, "fan": UNKNOWN, "setpoint": GONE,
               "room_temperature": GONE, "eev": GONE, "thermo": UNKNOWN, "remote_temperature": GONE},
    ),
)  # fmt: skip

ANSWERS: Final = METERS + SENSORS_AND_RELAYS + AC_GATEWAYS

ORDERS: Final = (
    Order(profile="waveshare_relay", slot=0, point="on", value="on", request="05 0000 FF00", said="maker's example"),
    Order(profile="waveshare_relay", slot=0, point="on", value="off", request="05 0000 0000", said="maker's example"),
    Order(profile="waveshare_relay", slot=7, point="on", value="on", request="05 0007 FF00"),
    Order(profile="waveshare_relay_d", slot=0, point="on", value="on", request="05 0000 FF00", said="maker's example"),
    Order(profile="waveshare_relay_d", slot=5, point="on", value="off", request="05 0005 0000"),
    Order(profile="waveshare_relay_lift", slot=0, point="on", value="on", request="05 0000 FF00"),
    Order(profile="waveshare_relay_lift", slot=3, point="on", value="off", request="05 0006 0000"),
    Order(profile="thermal_care_accuchiller", slot=None, point="on", value="on", request="05 0000 FF00"),
    Order(profile="thermal_care_accuchiller", slot=None, point="on", value="off", request="05 0000 0000"),
    Order(profile="chiltrix_fan_coil", slot=None, point="on", value="off", request="10 6E8D 0001 02 0000"),
    Order(profile="chiltrix_fan_coil", slot=None, point="mode", value="cool", request="10 6E8E 0001 02 0001"),
    Order(profile="chiltrix_fan_coil", slot=None, point="fan", value="low", request="10 6E8F 0001 02 0002"),
    Order(profile="chiltrix_fan_coil", slot=None, point="setpoint", value=28.5, request="10 6E96 0001 02 011D"),
    Order(profile="coolmasternet", slot=0, point="on", value="off", request="06 0013 0000"),
    Order(profile="coolmasternet", slot=2, point="on", value="on", request="06 0033 0001"),
    Order(profile="coolmasternet", slot=0, point="setpoint", value=28.0, request="06 0012 0118"),
    Order(profile="coolmasternet", slot=0, point="setpoint", value=28.5, request="06 0012 011D"),
    Order(profile="coolmasternet", slot=0, point="fan", value="auto", request="06 0011 0003"),
    Order(profile="coolmasternet", slot=0, point="lock", value="locked", request="06 0018 0080"),
    Order(profile="coolmasternet", slot=0, point="lock", value="unlocked", request="06 0018 0000"),
    Order(profile="coolmasternet", slot=0, point="mode", value="heat", request="06 0010 0001"),
    Order(profile="intesis_inmbsmid", slot=3, point="on", value="off", request="06 0424 0000"),
    Order(profile="intesis_inmbsmid", slot=3, point="on", value="on", request="06 0424 0001"),
    Order(profile="intesis_inmbsmid", slot=3, point="mode", value="cool", request="06 0425 0004"),
    Order(profile="intesis_inmbsmid", slot=3, point="fan", value="high", request="06 0426 0003"),
    Order(profile="intesis_inmbsmid", slot=3, point="setpoint", value=24.0, request="06 0428 00F0"),
    Order(profile="intesis_inmbsmid", slot=3, point="lock", value="locked", request="06 042C 0001"),
    Order(profile="hitachi_hc_a64mb", slot=5, point="on", value="on", request="06 0873 0001"),
    Order(profile="hitachi_hc_a64mb", slot=5, point="on", value="off", request="06 0873 0000"),
    Order(profile="hitachi_hc_a64mb", slot=5, point="mode", value="heat", request="06 0874 0003"),
    Order(profile="hitachi_hc_a64mb", slot=5, point="fan", value="high", request="06 0875 0002"),
    Order(profile="hitachi_hc_a64mb", slot=5, point="fan", value="auto", request="06 0875 0004"),
    Order(profile="hitachi_hc_a64mb", slot=5, point="setpoint", value=24.0, request="06 0876 0018"),
    Order(profile="hitachi_hc_a64mb", slot=5, point="lock", value="locked", request="06 0878 001F"),
    Order(profile="hitachi_hc_a64mb", slot=5, point="lock", value="unlocked", request="06 0878 0000"),
)

NOT_TAKEN: Final = (
    ("coolmasternet", "setpoint", 15.5),
    ("coolmasternet", "setpoint", 30.5),
    ("coolmasternet", "setpoint", 28.2),
    ("coolmasternet", "setpoint", -28.0),
    ("coolmasternet", "setpoint", 0.0),
    ("intesis_inmbsmid", "setpoint", 16.0),
    ("intesis_inmbsmid", "setpoint", 28.5),
    ("hitachi_hc_a64mb", "setpoint", 31.0),
    ("hitachi_hc_a64mb", "setpoint", 28.5),
    ("waveshare_relay", "on", 2.0),
    ("waveshare_relay_lift", "on", -1.0),
    ("chiltrix_fan_coil", "setpoint", 28.2),
    ("chiltrix_fan_coil", "setpoint", 0.0),
)
"""(profile, point, value): what a device cannot be told; refused before anything is sent."""

MODE_CODES: Final[Mapping[str, Mapping[int, str]]] = {
    "coolmasternet": {0: "cool", 1: "heat", 2: "auto", 3: "dry", 4: "heat", 5: "fan"},
    "intesis_inmbsmid": {0: "auto", 1: "heat", 2: "dry", 3: "fan", 4: "cool"},
    "hitachi_hc_a64mb": {0: "cool", 1: "dry", 2: "fan", 3: "heat", 4: "auto"},
    "chiltrix_fan_coil": {0: "auto", 1: "cool", 2: "dry", 3: "fan", 4: "heat"},
}
MODES_WRITTEN: Final[Mapping[str, Mapping[str, int]]] = {
    "coolmasternet": {"cool": 0, "heat": 1, "auto": 2, "dry": 3, "fan": 5},
    "intesis_inmbsmid": {"cool": 4, "heat": 1, "auto": 0, "dry": 2, "fan": 3},
    "hitachi_hc_a64mb": {"cool": 0, "heat": 3, "auto": 4, "dry": 1, "fan": 2},
    "chiltrix_fan_coil": {"cool": 1, "heat": 4, "auto": 0, "dry": 2, "fan": 3},
}
FAN_CODES: Final[Mapping[str, Mapping[int, str]]] = {
    "coolmasternet": {0: "low", 1: "medium", 2: "high", 3: "auto", 4: "high", 5: "low"},
    "intesis_inmbsmid": {0: "auto", 1: "low", 2: "medium", 3: "high"},
    "hitachi_hc_a64mb": {0: "low", 1: "medium", 2: "high", 3: "high", 4: "auto"},
    "chiltrix_fan_coil": {1: "low", 2: "low", 3: "medium", 4: "high", 6: "auto"},
}
