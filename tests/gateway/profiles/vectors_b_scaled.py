"""What the meters put on the wire whose numbers are scaled by another register."""

from __future__ import annotations

from typing import Final

from tests.gateway.profiles.vectors import GONE, RANGE, Answer

ANSWERS_SCALED: Final = (
    Answer(
        profile="gossen_energymid", request="04 0000 000D",
        answer="04 1A 0F8C 0F87 0000 0000 08FD 08F7 8000 0000000000000000 1389 00FF",
        means={"voltage_ab": 398.0, "voltage_bc": 397.5, "voltage_ca": 0.0, "voltage_a": 230.1, "voltage_b": 229.5,
               "voltage_c": GONE, "frequency": 50.01},
    ),
    Answer(
        profile="gossen_energymid", request="04 0004 0009",
        answer="04 12 08FD 0000 00000000000000000000 0000 0003",
        means={"voltage_a": RANGE, "voltage_b": 0.0, "frequency": RANGE},
    ),
    Answer(
        profile="gossen_energymid", request="04 0064 0009",
        answer="04 12 0219 FDE7 0000 00000000000000000000 00FE",
        means={"current_a": 5.37, "current_b": -5.37, "current_c": 0.0},
    ),
    Answer(
        profile="gossen_energymid", request="04 0064 0009",
        answer="04 12 0219 0000000000000000000000000000 000B",
        means={"current_a": RANGE},
    ),
    Answer(
        profile="gossen_energymid", request="04 00C8 000D",
        answer="04 1A 007D FF83 8000 FFB5 000000000000 FFCE 000000000000 FC27 0001",
        means={"power_a": 1.25, "power_b": -1.25, "power_c": GONE, "power": -0.75, "reactive_power": -0.5,
               "power_factor": -0.985},
    ),
    Answer(
        profile="gossen_energymid", request="04 012C 000A",
        answer="04 14 0001E240 00000000 0000000000000000 00000014",
        means={"energy_import": 2469.12, "energy_export": 0.0},
    ),
    Answer(
        profile="gossen_energymid", request="04 012C 000A",
        answer="04 14 0001E240 00000001 0000000000000000 00000000",
        means={"energy_import": RANGE, "energy_export": RANGE},
    ),
    Answer(
        profile="sunspec_meter_203", request="03 9C88 000F",
        answer="03 1E 0219 0000 8000 FFFE 0000 08FD 08F7 8000 0000 0F8C 0F87 0000 FFFF 1389 FFFE",
        means={"current_a": 5.37, "current_b": 0.0, "current_c": GONE, "voltage_a": 230.1, "voltage_b": 229.5,
               "voltage_c": GONE, "voltage_ab": 398.0, "voltage_bc": 397.5, "voltage_ca": 0.0, "frequency": 50.01},
    ),
    Answer(
        profile="sunspec_meter_203", request="03 9C95 0002",
        answer="03 04 0032 0000",
        means={"frequency": 50.0},
    ),
    Answer(
        profile="sunspec_meter_203", request="03 9C95 0002",
        answer="03 04 1389 8000",
        means={"frequency": GONE},
    ),
    Answer(
        profile="sunspec_meter_203", request="03 9C97 0014",
        answer="03 28 FFB5 007D FF83 8000 0001 00000000000000000000 FF1E 000000000000 0000 D986"
               " 000000000000 FFFE",
        means={"power": -0.75, "power_a": 1.25, "power_b": -1.25, "power_c": GONE, "reactive_power": -0.226,
               "power_factor": -0.985},
    ),
    Answer(
        profile="sunspec_meter_203", request="03 9CAB 0011",
        answer="03 22 00000000 000000000000000000000000 0012D687 00064782 00000000 000C8F05 0000",
        means={"energy_export": 0.0, "energy_import": 1234.567, "energy_import_a": 411.522, "energy_import_b": 0.0,
               "energy_import_c": 823.045},
    ),
    Answer(
        profile="sunspec_meter_203", request="03 9CB3 0009",
        answer="03 12 0001E240 000000000000000000000000 0001",
        means={"energy_import": 1234.56},
    ),
    Answer(
        profile="sunspec_meter_203", request="03 9CB3 0009",
        answer="03 12 0001E240 000000000000000000000000 8000",
        means={"energy_import": GONE},
    ),
    Answer(
        profile="sunspec_meter_203", request="03 9CB3 0009",
        answer="03 12 0001E240 000000000000000000000000 000B",
        means={"energy_import": RANGE},
    ),
    Answer(
        profile="saia_pcd7_h104", slot=0, request="03 001B 0009",
        answer="03 12 000DEBDF 000000000000000000000000 07D0",
        means={"energy_import": 456.1755},
    ),
    Answer(
        profile="saia_pcd7_h104", slot=1, request="03 001B 000A",
        answer="03 14 000DEBDF 000001C8 0000000000000000 07D0 03E8",
        means={"energy_import": 0.456},
    ),
    Answer(
        profile="saia_pcd7_h104", slot=2, request="03 001F 0007",
        answer="03 0E 00000000 0000000000000000 0320",
        means={"energy_import": 0.0},
    ),
    Answer(
        profile="saia_pcd7_h104", slot=3, request="03 0021 0006",
        answer="03 0C 000DEBDF 000000000000 01F4",
        means={"energy_import": 1824.702},
    ),
    Answer(
        profile="saia_pcd7_h104", slot=3, request="03 0021 0006",
        answer="03 0C 000DEBDF 000000000000 0000",
        means={"energy_import": RANGE},
    ),
    Answer(
        profile="saia_pcd7_h104", slot=3, request="03 0021 0006",
        answer="03 0C FFFFFFFF 000000000000 03E8",
        means={"energy_import": GONE},
    ),
)  # fmt: skip
