"""What AC adapters of ONOKOM, Intesis, Samsung, LG and Haier put on the wire, laid out by hand after their lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tests.gateway.profiles.vectors import GONE, RANGE, UNKNOWN, Answer, Order

ONOKOM: Final = tuple(f"onokom_{brand}_vrf" for brand in ("gr", "md", "hs", "cg", "aux"))
INTESIS: Final = {"intesis_inmbsdai": "0005", "intesis_inmbsmit": "0004"}
"""Adapters whose highest fan speed has that code."""


def _onokom(profile: str) -> tuple[Answer, ...]:
    return (
        Answer(profile=profile, slot=0, request="01 2711 0014", answer="01 03 01 00 08",
               means={"on": "on", "communication": "ok"}),
        Answer(profile=profile, slot=3, request="01 283D 0014", answer="01 03 00 00 00",
               means={"on": "off", "communication": "fault"}),
        Answer(
            profile=profile, slot=0, request="03 2711 0007", answer="03 0E 0002 0002 0ABE 0000 0AF0 0002 0000",
            means={"mode": "cool", "room_temperature": 27.5, "setpoint": 28.0, "thermo": "thermo_on", "fan": "auto"},
        ),
        Answer(
            profile=profile, slot=1, request="03 2775 0007", answer="03 0E 0005 0005 0000 0000 0A28 0000 0002",
            means={"mode": "fan", "room_temperature": 0.0, "setpoint": 26.0, "thermo": "thermo_off", "fan": "medium"},
        ),
        Answer(
            profile=profile, slot=3, request="03 283D 0007", answer="03 0E 0001 0000 FF9C 0000 0960 0001 0003",
            means={"mode": "heat", "room_temperature": -1.0, "setpoint": 24.0, "thermo": "thermo_on", "fan": "high"},
        ),
        Answer(
            profile=profile, slot=63, request="03 3FAD 0007", answer="03 0E 0000 0000 8000 0000 0000 0003 0008",
            means={"mode": UNKNOWN, "room_temperature": RANGE, "setpoint": RANGE, "thermo": UNKNOWN, "fan": UNKNOWN},
        ),
    )  # fmt: skip


def _onokom_faults(profile: str) -> tuple[Answer, ...]:
    return (
        Answer(profile=profile, slot=0, request="02 2710 0001", answer="02 01 00", means={"fault": "ok"}),
        Answer(profile=profile, slot=3, request="02 283C 0001", answer="02 01 01", means={"fault": "fault"}),
    )


def _onokom_orders(profile: str) -> tuple[Order, ...]:
    return (
        Order(profile=profile, slot=3, point="on", value="on", request="05 283D FF00"),
        Order(profile=profile, slot=3, point="on", value="off", request="05 283D 0000"),
        Order(profile=profile, slot=3, point="mode", value="cool", request="06 283D 0002"),
        Order(profile=profile, slot=3, point="setpoint", value=28.0, request="06 2841 0AF0"),
        Order(profile=profile, slot=3, point="fan", value="low", request="06 2843 0001"),
        Order(profile=profile, slot=63, point="fan", value="auto", request="06 3FB3 0000"),
    )


def _intesis(profile: str, fast: str) -> tuple[Answer, ...]:
    return (
        Answer(
            profile=profile, request="03 0000 000C",
            answer="03 18 0001 0004 0000 0000 0118 0113 0000 0000 0000 04D2 0000 0000",
            means={"on": "on", "mode": "cool", "fan": "auto", "setpoint": 28.0, "room_temperature": 27.5,
                   "window": "closed", "lock": "unlocked", "run_hours": 1234.0, "alarm": "ok", "fault": 0.0},
        ),
        Answer(
            profile=profile, request="03 0000 000C",
            answer=f"03 18 0000 0001 {fast} 000A 8000 FFCE 0001 0000 0001 0000 0001 FFFF",
            means={"on": "off", "mode": "heat", "fan": "high", "setpoint": GONE, "room_temperature": -5.0,
                   "window": "open", "lock": "locked", "run_hours": 0.0, "alarm": "fault", "fault": 65535.0},
        ),
        Answer(
            profile=profile, request="03 0000 000C",
            answer="03 18 0002 0005 0006 0000 805A 805A 0002 0000 0002 0000 0002 0000",
            means={"on": UNKNOWN, "mode": UNKNOWN, "fan": UNKNOWN, "setpoint": GONE, "room_temperature": GONE,
                   "window": UNKNOWN, "lock": UNKNOWN, "alarm": UNKNOWN},
        ),
        Answer(profile=profile, request="03 0004 0002", answer="03 04 0000 0000",
               means={"setpoint": RANGE, "room_temperature": 0.0}),
    )  # fmt: skip


def _intesis_orders(profile: str) -> tuple[Order, ...]:
    return (
        Order(profile=profile, slot=None, point="on", value="on", request="06 0000 0001"),
        Order(profile=profile, slot=None, point="on", value="off", request="06 0000 0000"),
        Order(profile=profile, slot=None, point="mode", value="cool", request="06 0001 0004"),
        Order(profile=profile, slot=None, point="fan", value="low", request="06 0002 0001"),
        Order(profile=profile, slot=None, point="setpoint", value=24.0, request="06 0004 00F0"),
        Order(profile=profile, slot=None, point="lock", value="locked", request="06 0008 0001"),
        Order(profile=profile, slot=None, point="lock", value="unlocked", request="06 0008 0000"),
    )


ANSWERS_ONOKOM: Final = tuple(vector for profile in ONOKOM for vector in _onokom(profile))
ANSWERS_ONOKOM_FAULTS: Final = tuple(vector for profile in ONOKOM[:4] for vector in _onokom_faults(profile))
ORDERS_ONOKOM: Final = tuple(order for profile in ONOKOM for order in _onokom_orders(profile))
ANSWERS_INTESIS: Final = tuple(vector for profile, fast in INTESIS.items() for vector in _intesis(profile, fast))
ORDERS_INTESIS: Final = tuple(order for profile in INTESIS for order in _intesis_orders(profile))

ANSWERS_SAMSUNG: Final = (
    Answer(
        profile="samsung_mim_b19n", slot=0, request="03 0032 000F",
        answer="03 1E 0007 0000 0001 0001 0000 0000 0000 0000 0118 0113 0000 0000 0000 0000 0000",
        means={"communication": "ok", "on": "on", "mode": "cool", "fan": "auto", "setpoint": 28.0,
               "room_temperature": 27.5, "fault": 0.0, "lock": "unlocked"},
    ),
    Answer(
        profile="samsung_mim_b19n", slot=4, request="03 00FA 000F",
        answer="03 1E 000F 0000 0000 0004 0003 0000 0000 0000 00F0 FFF6 0000 0000 0000 0065 6363",
        means={"communication": "fault", "on": "off", "mode": "heat", "fan": "high", "setpoint": 24.0,
               "room_temperature": -1.0, "fault": 101.0, "lock": "locked"},
    ),
    Answer(
        profile="samsung_mim_b19n", slot=47, request="03 0960 000F",
        answer="03 1E 0000 0000 0002 0005 0004 0000 0000 0000 0000 8000 0000 0000 0000 0000 0001",
        means={"on": UNKNOWN, "mode": UNKNOWN, "fan": UNKNOWN, "setpoint": RANGE, "room_temperature": RANGE,
               "lock": UNKNOWN},
    ),
    Answer(profile="samsung_mim_b19n", slot=1, request="03 0067 0001", answer="03 02 0015", means={"mode": "cool"}),
    Answer(profile="samsung_mim_b19n", slot=1, request="03 0067 0001", answer="03 02 0018", means={"mode": "heat"}),
    Answer(profile="samsung_mim_b19n", slot=1, request="03 006D 0001", answer="03 02 0000",
           means={"room_temperature": 0.0}),
)  # fmt: skip

ORDERS_SAMSUNG: Final = (
    Order(profile="samsung_mim_b19n", slot=4, point="on", value="on", request="06 00FC 0001"),
    Order(profile="samsung_mim_b19n", slot=4, point="on", value="off", request="06 00FC 0000"),
    Order(profile="samsung_mim_b19n", slot=4, point="mode", value="heat", request="06 00FD 0004"),
    Order(profile="samsung_mim_b19n", slot=4, point="fan", value="low", request="06 00FE 0001"),
    Order(profile="samsung_mim_b19n", slot=4, point="setpoint", value=26.0, request="06 0102 0104"),
    Order(profile="samsung_mim_b19n", slot=4, point="lock", value="locked", request="06 0108 6363"),
    Order(profile="samsung_mim_b19n", slot=4, point="lock", value="unlocked", request="06 0108 0000"),
)

ANSWERS_LG: Final = (
    Answer(profile="lg_pmbusb00a", slot=0, request="01 0000 0004", answer="01 01 01",
           means={"on": "on", "lock": "unlocked"}),
    Answer(profile="lg_pmbusb00a", slot=3, request="01 0030 0004", answer="01 01 08",
           means={"on": "off", "lock": "locked"}),
    Answer(profile="lg_pmbusb00a", slot=0, request="02 0000 0003", answer="02 01 01",
           means={"communication": "ok", "alarm": "ok", "filter": "ok"}),
    Answer(profile="lg_pmbusb00a", slot=3, request="02 0030 0003", answer="02 01 06",
           means={"communication": "fault", "alarm": "fault", "filter": "fault"}),
    Answer(profile="lg_pmbusb00a", slot=0, request="03 0000 0003", answer="03 06 0000 0004 0118",
           means={"mode": "cool", "fan": "auto", "setpoint": 28.0}),
    Answer(profile="lg_pmbusb00a", slot=3, request="03 003C 0003", answer="03 06 0004 0003 00F0",
           means={"mode": "heat", "fan": "high", "setpoint": 24.0}),
    Answer(profile="lg_pmbusb00a", slot=15, request="03 012C 0003", answer="03 06 0005 0000 0000",
           means={"mode": UNKNOWN, "fan": UNKNOWN, "setpoint": RANGE}),
    Answer(profile="lg_pmbusb00a", slot=0, request="04 0000 0002", answer="04 04 0000 0113",
           means={"fault": 0.0, "room_temperature": 27.5}),
    Answer(profile="lg_pmbusb00a", slot=3, request="04 003C 0002", answer="04 04 0035 FFC4",
           means={"fault": 53.0, "room_temperature": -6.0}),
    Answer(profile="lg_pmbusb00a", slot=15, request="04 012C 0002", answer="04 04 0000 0000",
           means={"fault": 0.0, "room_temperature": 0.0}),
    Answer(profile="lg_pdrycb500", request="01 0000 0001", answer="01 01 01", means={"on": "on"}),
    Answer(profile="lg_pdrycb500", request="01 0000 0001", answer="01 01 00", means={"on": "off"}),
    Answer(profile="lg_pdrycb500", request="04 0002 0001", answer="04 02 0113", means={"room_temperature": 27.5}),
    Answer(profile="lg_pdrycb500", request="04 0002 0001", answer="04 02 FFF6", means={"room_temperature": -1.0}),
    Answer(profile="lg_pdrycb500", request="04 0002 0001", answer="04 02 0000", means={"room_temperature": 0.0}),
    Answer(profile="lg_pdrycb500", request="04 0063 0001", answer="04 02 0000", means={"fault": "ok"}),
    Answer(profile="lg_pdrycb500", request="04 0063 0001", answer="04 02 0001", means={"fault": "fault"}),
    Answer(profile="lg_pdrycb500", request="03 0000 0002", answer="03 04 0000 0118",
           means={"mode": "cool", "setpoint": 28.0}),
    Answer(profile="lg_pdrycb500", request="03 0000 0002", answer="03 04 0001 0000",
           means={"mode": UNKNOWN, "setpoint": RANGE}),
    Answer(profile="lg_pdrycb500", request="03 000E 0001", answer="03 02 0002", means={"fan": "medium"}),
    Answer(profile="lg_pdrycb500", request="03 000E 0001", answer="03 02 0004", means={"fan": UNKNOWN}),
)  # fmt: skip

ORDERS_LG: Final = (
    Order(profile="lg_pmbusb00a", slot=3, point="on", value="on", request="05 0030 FF00"),
    Order(profile="lg_pmbusb00a", slot=3, point="on", value="off", request="05 0030 0000"),
    Order(profile="lg_pmbusb00a", slot=3, point="lock", value="locked", request="05 0033 FF00"),
    Order(profile="lg_pmbusb00a", slot=3, point="lock", value="unlocked", request="05 0033 0000"),
    Order(profile="lg_pmbusb00a", slot=3, point="mode", value="cool", request="06 003C 0000"),
    Order(profile="lg_pmbusb00a", slot=3, point="fan", value="auto", request="06 003D 0004"),
    Order(profile="lg_pmbusb00a", slot=3, point="setpoint", value=24.0, request="06 003E 00F0"),
    Order(profile="lg_pdrycb500", slot=None, point="on", value="on", request="05 0000 FF00"),
    Order(profile="lg_pdrycb500", slot=None, point="on", value="off", request="05 0000 0000"),
    Order(profile="lg_pdrycb500", slot=None, point="mode", value="heat", request="06 0000 0004"),
    Order(profile="lg_pdrycb500", slot=None, point="setpoint", value=26.0, request="06 0001 0104"),
    Order(profile="lg_pdrycb500", slot=None, point="fan", value="high", request="06 000E 0003"),
)

ANSWERS_HAIER: Final = (
    Answer(profile="haier_ycj_a002", request="01 0000 0001", answer="01 01 01", means={"on": "on"}),
    Answer(profile="haier_ycj_a002", request="01 0000 0001", answer="01 01 00", means={"on": "off"}),
    Answer(profile="haier_ycj_a002", request="03 0000 0003", answer="03 06 001A 0001 0004",
           means={"setpoint": 26.0, "mode": "cool", "fan": "auto"}),
    Answer(profile="haier_ycj_a002", request="03 0000 0003", answer="03 06 7FFF 0000 0005",
           means={"setpoint": GONE, "mode": UNKNOWN, "fan": UNKNOWN}),
    Answer(profile="haier_ycj_a002", request="04 0000 0002", answer="04 04 001B 0000",
           means={"room_temperature": 27.0, "fault": 0.0}),
    Answer(profile="haier_ycj_a002", request="04 0000 0002", answer="04 04 FFFB 0005",
           means={"room_temperature": -5.0, "fault": 5.0}),
    Answer(profile="haier_ycj_a002", request="04 0000 0002", answer="04 04 7FFF 7FFF",
           means={"room_temperature": GONE, "fault": GONE}),
    Answer(profile="haier_ycj_a002", request="04 0000 0001", answer="04 02 0000", means={"room_temperature": 0.0}),
)  # fmt: skip

ORDERS_HAIER: Final = (
    Order(profile="haier_ycj_a002", slot=None, point="on", value="on", request="05 0000 FF00"),
    Order(profile="haier_ycj_a002", slot=None, point="on", value="off", request="05 0000 0000"),
    Order(profile="haier_ycj_a002", slot=None, point="setpoint", value=26.0, request="06 0000 001A"),
    Order(profile="haier_ycj_a002", slot=None, point="mode", value="heat", request="06 0001 0002"),
    Order(profile="haier_ycj_a002", slot=None, point="fan", value="auto", request="06 0002 0004"),
)

NOT_TAKEN_ADAPTERS: Final = (
    ("onokom_md_vrf", "setpoint", 31.0),
    ("intesis_inmbsdai", "setpoint", 17.0),
    ("intesis_inmbsmit", "setpoint", 26.5),
    ("samsung_mim_b19n", "setpoint", 31.0),
    ("lg_pmbusb00a", "setpoint", 15.0),
    ("lg_pdrycb500", "setpoint", 17.0),
    ("lg_pdrycb500", "mode", 2.0),
    ("lg_pdrycb500", "fan", 0.0),
    ("haier_ycj_a002", "setpoint", 24.5),
)

_ONOKOM_MODES: Final = {1: "heat", 2: "cool", 3: "auto", 4: "dry", 5: "fan"}
_INTESIS_MODES: Final = {0: "auto", 1: "heat", 2: "dry", 3: "fan", 4: "cool"}
_ONOKOM_ORDERED: Final = {"cool": 2, "heat": 1, "auto": 3, "dry": 4, "fan": 5}
_INTESIS_ORDERED: Final = {"cool": 4, "heat": 1, "auto": 0, "dry": 2, "fan": 3}
_THREE_SPEEDS: Final = {0: "auto", 1: "low", 2: "medium", 3: "high"}

MODE_CODES: Final[Mapping[str, Mapping[int, str]]] = {
    **dict.fromkeys(ONOKOM, _ONOKOM_MODES),
    **dict.fromkeys(INTESIS, _INTESIS_MODES),
    "samsung_mim_b19n": {0: "auto", 1: "cool", 2: "dry", 3: "fan", 4: "heat", 21: "cool", 24: "heat"},
    "lg_pmbusb00a": {0: "cool", 1: "dry", 2: "fan", 3: "auto", 4: "heat"},
    "lg_pdrycb500": {0: "cool", 2: "fan", 3: "auto", 4: "heat"},
    "haier_ycj_a002": {1: "cool", 2: "heat", 3: "dry", 4: "fan", 5: "auto"},
}
MODES_WRITTEN: Final[Mapping[str, Mapping[str, int]]] = {
    **dict.fromkeys(ONOKOM, _ONOKOM_ORDERED),
    **dict.fromkeys(INTESIS, _INTESIS_ORDERED),
    "samsung_mim_b19n": {"cool": 1, "heat": 4, "auto": 0, "dry": 2, "fan": 3},
    "lg_pmbusb00a": {"cool": 0, "heat": 4, "auto": 3, "dry": 1, "fan": 2},
    "lg_pdrycb500": {"cool": 0, "heat": 4, "auto": 3, "fan": 2},
    "haier_ycj_a002": {"cool": 1, "heat": 2, "auto": 5, "dry": 3, "fan": 4},
}
FAN_CODES: Final[Mapping[str, Mapping[int, str]]] = {
    **dict.fromkeys(ONOKOM, _THREE_SPEEDS),
    "onokom_md_vrf": {**_THREE_SPEEDS, 4: "high", 5: "high", 6: "high", 7: "high"},
    "intesis_inmbsdai": {0: "auto", 1: "low", 2: "low", 3: "medium", 4: "high", 5: "high"},
    "intesis_inmbsmit": {**_THREE_SPEEDS, 4: "high"},
    "samsung_mim_b19n": _THREE_SPEEDS,
    "lg_pmbusb00a": {1: "low", 2: "medium", 3: "high", 4: "auto", 5: "auto"},
    "lg_pdrycb500": {1: "low", 2: "medium", 3: "high"},
    "haier_ycj_a002": {1: "low", 2: "medium", 3: "high", 4: "auto"},
}
