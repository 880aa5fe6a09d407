"""What gateways of Daikin and Midea put on the wire, laid out by hand after their register lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tests.gateway.profiles.vectors import RANGE, UNKNOWN, Answer, Order

DIII_NET: Final = ("daikin_dta116a51", "daikin_ekmbdxb7v1")
COOLING: Final = {"04 07D0 0003": "04 06 03A1 0202 0118"}
HEATING_OFF: Final = {"04 07E2 0003": "04 06 5000 00F1 00F0"}


def _diii_net(profile: str) -> tuple[Answer, ...]:
    return (
        Answer(
            profile=profile, slot=0, request="04 07D0 0006", answer="04 0C 03A1 0202 0118 0000 0113 0000",
            means={"on": "on", "mode": "cool", "fan": "auto", "setpoint": 28.0, "room_temperature": 27.5,
                   "thermo": "thermo_on", "filter": "ok"},
        ),
        Answer(
            profile=profile, slot=1, request="04 07D6 0006", answer="04 0C 2001 0007 0104 0000 0000 0000",
            means={"on": "on", "mode": "dry", "fan": "low", "setpoint": 26.0, "room_temperature": 0.0,
                   "thermo": "thermo_off", "filter": "ok"},
        ),
        Answer(
            profile=profile, slot=3, request="04 07E2 0006", answer="04 0C 5000 00F1 00F0 0000 FFF6 0000",
            means={"on": "off", "mode": "heat", "fan": "high", "setpoint": 24.0, "room_temperature": -1.0,
                   "thermo": "thermo_off", "filter": "fault"},
        ),
        Answer(
            profile=profile, slot=63, request="04 094A 0006", answer="04 0C 6000 0005 0000 0000 8000 0000",
            means={"on": "off", "mode": UNKNOWN, "fan": UNKNOWN, "setpoint": RANGE, "room_temperature": RANGE},
        ),
        Answer(profile=profile, slot=0, request="04 0E10 0002", answer="04 04 0000 0200",
               means={"fault_code": 0.0, "fault": "ok", "alarm": "fault"}),
        Answer(profile=profile, slot=2, request="04 0E14 0002", answer="04 04 3455 0101",
               means={"fault_code": 13397.0, "fault": "fault", "alarm": "ok"}),
    )  # fmt: skip


def _diii_net_orders(profile: str) -> tuple[Order, ...]:
    return (
        Order(profile=profile, slot=0, point="on", value="off", before=COOLING,
              request="10 07D0 0003 06 0360 0002 0118"),
        Order(profile=profile, slot=3, point="on", value="on", before=HEATING_OFF,
              request="10 07D9 0003 06 5061 0001 00F0"),
        Order(profile=profile, slot=0, point="mode", value="heat", before=COOLING,
              request="10 07D0 0003 06 0361 0001 0118"),
        Order(profile=profile, slot=3, point="mode", value="cool", before=HEATING_OFF,
              request="10 07D9 0003 06 5060 0002 00F0"),
        Order(profile=profile, slot=0, point="fan", value="high", before=COOLING,
              request="10 07D0 0003 06 5361 0002 0118"),
        Order(profile=profile, slot=3, point="fan", value="auto", before=HEATING_OFF,
              request="10 07D9 0003 06 0060 0001 00F0"),
        Order(profile=profile, slot=0, point="setpoint", value=26.0, before=COOLING,
              request="10 07D0 0003 06 0361 0002 0104"),
    )  # fmt: skip


ANSWERS_DAIKIN: Final = (
    *(vector for profile in DIII_NET for vector in _diii_net(profile)),
    Answer(
        profile="daikin_dcpa01", slot=0, request="04 07D0 000C",
        answer="04 18 02A1 0118 0030 0000 0000 0000 0000 0000 0000 0000 0000 0113",
        means={"on": "on", "mode": "cool", "fan": "medium", "setpoint": 28.0, "room_temperature": 27.5,
               "thermo": "thermo_on"},
    ),
    Answer(
        profile="daikin_dcpa01", slot=2, request="04 07EE 000C",
        answer="04 18 0500 0000 0060 0000 0000 0000 0000 0000 0000 0000 0000 FFF6",
        means={"on": "off", "mode": UNKNOWN, "fan": UNKNOWN, "setpoint": RANGE, "room_temperature": -1.0,
               "thermo": "thermo_off"},
    ),
    Answer(
        profile="daikin_dcpa01", slot=63, request="04 0B81 000C",
        answer="04 18 0701 00F0 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000",
        means={"on": "on", "mode": "dry", "fan": "auto", "setpoint": 24.0, "room_temperature": 0.0},
    ),
    Answer(profile="daikin_ekmbpp1", request="03 0001 0005", answer="03 0A 001A 0003 0003 0001 0001",
           means={"setpoint": 26.0, "fan": "medium", "mode": "cool", "on": "on"}),
    Answer(profile="daikin_ekmbpp1", request="03 0001 0005", answer="03 0A 0000 0006 0005 0002 0000",
           means={"setpoint": RANGE, "fan": UNKNOWN, "mode": UNKNOWN, "on": "off"}),
    Answer(profile="daikin_ekmbpp1", request="04 0014 0004", answer="04 08 0003 0000 00FF 0802",
           means={"units": 3.0, "fault": "ok", "fault_code": 255.0, "room_temperature": 20.5}),
    Answer(profile="daikin_ekmbpp1", request="04 0014 0004", answer="04 08 0000 0001 3834 FE0C",
           means={"units": 0.0, "fault": "fault", "fault_code": 14388.0, "room_temperature": -5.0}),
    Answer(profile="daikin_ekmbpp1", request="04 0017 0001", answer="04 02 0000", means={"room_temperature": 0.0}),
    Answer(profile="daikin_ekmbpp1", request="04 0033 0001", answer="04 02 0002", means={"thermo": "thermo_on"}),
    Answer(profile="daikin_ekmbpp1", request="04 0033 0001", answer="04 02 0000", means={"thermo": "thermo_off"}),
    Answer(profile="daikin_ekmbpp1", request="04 0033 0001", answer="04 02 0004", means={"thermo": UNKNOWN}),
    Answer(profile="daikin_rtd_ra", request="03 0001 0005", answer="03 0A 001A 0000 0003 0000 0001",
           means={"setpoint": 26.0, "fan": "auto", "mode": "cool", "on": "on"}),
    Answer(profile="daikin_rtd_ra", request="03 0001 0005", answer="03 0A 0000 0006 0005 0001 0000",
           means={"setpoint": RANGE, "fan": UNKNOWN, "mode": UNKNOWN, "on": "off"}),
    Answer(profile="daikin_rtd_ra", request="04 0079 0003", answer="04 06 0000 00FF 0802",
           means={"fault": "ok", "fault_code": 255.0, "room_temperature": 20.5}),
    Answer(profile="daikin_rtd_ra", request="04 0079 0003", answer="04 06 0001 5534 FE0C",
           means={"fault": "fault", "fault_code": 21812.0, "room_temperature": -5.0}),
    Answer(profile="daikin_rtd_ra", request="04 0082 0002", answer="04 04 0001 0BB8",
           means={"thermo": "thermo_on", "coil_temperature": 30.0}),
    Answer(profile="daikin_rtd_ra", request="04 0082 0002", answer="04 04 0003 0000",
           means={"thermo": UNKNOWN, "coil_temperature": 0.0}),
)  # fmt: skip

ORDERS_DAIKIN: Final = (
    *(order for profile in DIII_NET for order in _diii_net_orders(profile)),
    Order(profile="daikin_ekmbpp1", slot=None, point="setpoint", value=26.0, request="06 0001 001A"),
    Order(profile="daikin_ekmbpp1", slot=None, point="fan", value="medium", request="06 0002 0003"),
    Order(profile="daikin_ekmbpp1", slot=None, point="mode", value="cool", request="06 0003 0003"),
    Order(profile="daikin_ekmbpp1", slot=None, point="on", value="on", request="06 0005 0001"),
    Order(profile="daikin_ekmbpp1", slot=None, point="on", value="off", request="06 0005 0000"),
    Order(profile="daikin_rtd_ra", slot=None, point="setpoint", value=26.0, request="06 0001 001A"),
    Order(profile="daikin_rtd_ra", slot=None, point="fan", value="auto", request="06 0002 0000"),
    Order(profile="daikin_rtd_ra", slot=None, point="mode", value="dry", request="06 0003 0004"),
    Order(profile="daikin_rtd_ra", slot=None, point="on", value="on", request="06 0005 0001"),
    Order(profile="daikin_rtd_ra", slot=None, point="on", value="off", request="06 0005 0000"),
)

ANSWERS_MIDEA: Final = (
    Answer(profile="midea_gw3_mod", slot=0, request="02 0000 0003", answer="02 01 05",
           means={"on": "on", "fault": "ok", "communication": "ok"}),
    Answer(profile="midea_gw3_mod", slot=12, request="02 0060 0003", answer="02 01 02",
           means={"on": "off", "fault": "fault", "communication": "fault"}),
    Answer(
        profile="midea_gw3_mod", slot=0, request="04 0000 0007",
        answer="04 0E 0002 0080 00EB 0104 00C8 00F5 0000",
        means={"mode": "cool", "fan": "auto", "setpoint": 23.5, "room_temperature": 24.5, "fault_code": 0.0},
    ),
    Answer(profile="midea_gw3_mod", slot=1, request="04 0020 0003", answer="04 06 0002 0004 00C8",
           means={"mode": "cool", "fan": "medium", "setpoint": 20.0}),
    Answer(
        profile="midea_gw3_mod", slot=12, request="04 0180 0007",
        answer="04 0E 0003 0004 00F0 0000 0000 FFF6 0005",
        means={"mode": "heat", "fan": "medium", "setpoint": 24.0, "room_temperature": -1.0, "fault_code": 5.0},
    ),
    Answer(
        profile="midea_gw3_mod", slot=63, request="04 07E0 0007",
        answer="04 0E 0000 0000 0000 0000 0000 0000 0000",
        means={"mode": UNKNOWN, "fan": UNKNOWN, "setpoint": RANGE, "room_temperature": 0.0, "fault_code": 0.0},
    ),
)  # fmt: skip

ORDERS_MIDEA: Final = (
    Order(profile="midea_gw3_mod", slot=0, point="on", value="on", request="10 0001 0003 06 00DF 00FF 00FF"),
    Order(profile="midea_gw3_mod", slot=0, point="on", value="off", request="10 0001 0003 06 009F 00FF 00FF"),
    Order(profile="midea_gw3_mod", slot=12, point="mode", value="cool", request="10 012D 0003 06 00E2 00FF 00FF"),
    Order(profile="midea_gw3_mod", slot=12, point="fan", value="high", request="10 012D 0003 06 00FF 0007 00FF"),
    Order(profile="midea_gw3_mod", slot=12, point="fan", value="auto", request="10 012D 0003 06 00FF 0080 00FF"),
    Order(profile="midea_gw3_mod", slot=63, point="setpoint", value=24.0, request="10 0628 0003 06 00FF 00FF 0018"),
    Order(profile="midea_gw3_mod", slot=63, point="setpoint", value=23.5, request="10 0628 0003 06 00FF 00FF 0097"),
)

NOT_TAKEN_DAIKIN_MIDEA: Final = (
    ("daikin_dta116a51", "setpoint", 26.5),
    ("daikin_ekmbdxb7v1", "setpoint", 33.0),
    ("daikin_ekmbpp1", "setpoint", 15.0),
    ("daikin_ekmbpp1", "fan", 0.0),
    ("midea_gw3_mod", "setpoint", 16.5),
    ("midea_gw3_mod", "setpoint", 24.2),
    ("midea_gw3_mod", "mode", 4.0),
)

_DIII_NET_MODES: Final = {0: "fan", 1: "heat", 2: "cool", 3: "auto", 4: "fan", 7: "dry"}
_RTD_MODES: Final = {0: "auto", 1: "heat", 2: "fan", 3: "cool", 4: "dry"}
_FIVE_SPEEDS: Final = {1: "low", 2: "low", 3: "medium", 4: "high", 5: "high"}
_MIDEA_SPEEDS: Final = {1: "low", 2: "low", 3: "medium", 4: "medium", 5: "medium", 6: "high", 7: "high"}

MODE_CODES: Final[Mapping[str, Mapping[int, str]]] = {
    "daikin_dta116a51": _DIII_NET_MODES,
    "daikin_ekmbdxb7v1": _DIII_NET_MODES,
    "daikin_dcpa01": _DIII_NET_MODES,
    "daikin_ekmbpp1": _RTD_MODES,
    "daikin_rtd_ra": _RTD_MODES,
    "midea_gw3_mod": {1: "fan", 2: "cool", 3: "heat", 6: "dry"},
}
MODES_WRITTEN: Final[Mapping[str, Mapping[str, int]]] = {
    "daikin_dta116a51": {"cool": 2, "heat": 1, "auto": 3, "dry": 7, "fan": 0},
    "daikin_ekmbdxb7v1": {"cool": 2, "heat": 1, "auto": 3, "dry": 7, "fan": 0},
    "daikin_ekmbpp1": {"cool": 3, "heat": 1, "auto": 0, "dry": 4, "fan": 2},
    "daikin_rtd_ra": {"cool": 3, "heat": 1, "auto": 0, "dry": 4, "fan": 2},
    "midea_gw3_mod": {"cool": 2, "heat": 3, "dry": 6, "fan": 1},
}
FAN_CODES: Final[Mapping[str, Mapping[int, str]]] = {
    "daikin_dta116a51": {0: "auto", **_FIVE_SPEEDS},
    "daikin_ekmbdxb7v1": {0: "auto", **_FIVE_SPEEDS},
    "daikin_dcpa01": {0: "auto", **_FIVE_SPEEDS},
    "daikin_ekmbpp1": _FIVE_SPEEDS,
    "daikin_rtd_ra": {0: "auto", **_FIVE_SPEEDS},
    "midea_gw3_mod": {**_MIDEA_SPEEDS, **dict.fromkeys(range(128, 136), "auto")},
}
