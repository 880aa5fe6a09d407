"""What meters of Socomec, ORNO, DZG, Saia, Bernecker and Eltako put on the wire, laid out by hand after their lists."""

from __future__ import annotations

from typing import Final

from tests.gateway.profiles.vectors import GONE, RANGE, Answer

ANSWERS_OTHERS: Final = (
    Answer(
        profile="socomec_countis_e", request="03 C552 0024",
        answer="03 48 00009B78 00009B46 00000000 000059E4 00000000 FFFFFFFF 00001389 000014FA 00000000"
               " FFFFFFFF 00000000 FFFFFFB5 FFFFFFCE 00000096 FFFFFC27 0000007D FFFFFF83 00000000",
        means={"voltage_ab": 398.0, "voltage_bc": 397.5, "voltage_ca": 0.0, "voltage_a": 230.12, "voltage_b": 0.0,
               "voltage_c": GONE, "frequency": 50.01, "current_a": 5.37, "current_b": 0.0, "current_c": GONE,
               "power": -0.75, "reactive_power": -0.5, "apparent_power": 1.5, "power_factor": -0.985, "power_a": 1.25,
               "power_b": -1.25, "power_c": 0.0},
    ),
    Answer(
        profile="socomec_countis_e", request="03 C568 0002",
        answer="03 04 7FFFFFFF",
        means={"power": GONE},
    ),
    Answer(
        profile="socomec_countis_e", request="03 C652 0008",
        answer="03 10 000004D2 0000002D 00000000 00000000",
        means={"energy_import": 1234.0, "reactive_energy_import": 45.0, "energy_export": 0.0},
    ),
    Answer(
        profile="socomec_countis_e", request="03 C652 0002",
        answer="03 04 FFFFFFFF",
        means={"energy_import": GONE},
    ),
    Answer(
        profile="socomec_countis_e", request="03 C652 0002", ct_ratio=20.0,
        answer="03 04 000004D2",
        means={"energy_import": 24680.0},
    ),
    Answer(
        profile="socomec_diris_a10", request="03 0300 001E",
        answer="03 3C 000014FA 00000000 FFFFFFFF 00000000000000000000000000000000 000059E4 00000000"
               " FFFFFFFF 00001389 FFFFFFB5 0000000000000000 FFFFFC27",
        means={"current_a": 5.37, "current_b": 0.0, "current_c": GONE, "voltage_a": 230.12, "voltage_b": 0.0,
               "voltage_c": GONE, "frequency": 50.01, "power": -0.75, "power_factor": -0.985},
    ),
    Answer(
        profile="socomec_diris_a10", request="03 0316 0002",
        answer="03 04 7FFFFFFF",
        means={"power": GONE},
    ),
    Answer(
        profile="socomec_diris_a10", request="03 0316 0002",
        answer="03 04 00000000",
        means={"power": 0.0},
    ),
    Answer(
        profile="socomec_diris_a10", request="03 0358 0002",
        answer="03 04 000004D2",
        means={"energy_import": 1234.0},
    ),
    Answer(
        profile="socomec_diris_a10", request="03 0358 0002",
        answer="03 04 FFFFFFFF",
        means={"energy_import": GONE},
    ),
    Answer(
        profile="orno_we514", request="03 0130 0029",
        answer="03 52 1389 59E4 0000000000000000000000000000 000014FA 00000000000000000000 000004D3"
               " 000000000000000000000000 000000E2 000000000000000000000000 000004E9"
               " 000000000000000000000000 03D9",
        means={"frequency": 50.01, "voltage_a": 230.12, "current_a": 5.37, "power": 1.235, "reactive_power": 0.226,
               "apparent_power": 1.257, "power_factor": 0.985},
    ),
    Answer(
        profile="orno_we514", request="03 0130 001A",
        answer="03 34 0000 FFFF 0000000000000000000000000000 00000000 00000000000000000000 FFFFFB2D"
               " 000000000000000000000000 7FFFFFFF",
        means={"frequency": RANGE, "voltage_a": GONE, "current_a": 0.0, "power": -1.235, "reactive_power": GONE},
    ),
    Answer(
        profile="orno_we514", request="03 A000 0002",
        answer="03 04 0001E240",
        means={"energy_import": 1234.56},
    ),
    Answer(
        profile="orno_we514", request="03 A000 0002",
        answer="03 04 FFFFFFFF",
        means={"energy_import": GONE},
    ),
    Answer(
        profile="dzg_dvh4013", request="03 0000 0014",
        answer="03 28 00003039 00000000 000059E4 00000000 FFFFFFFF 000014FA 00000000 FFFFFFFF 000003D9"
               " 0000C35A",
        means={"power": 1.2345, "voltage_a": 230.12, "voltage_b": 0.0, "voltage_c": GONE, "current_a": 5.37,
               "current_b": 0.0, "current_c": GONE, "power_factor": 0.985, "frequency": 50.01},
    ),
    Answer(
        profile="dzg_dvh4013", request="03 0000 0004",
        answer="03 08 00000000 00001388",
        means={"power": -0.5},
    ),
    Answer(
        profile="dzg_dvh4013", request="03 0000 0004",
        answer="03 08 00000000 00000000",
        means={"power": 0.0},
    ),
    Answer(
        profile="dzg_dvh4013", request="03 0000 0004",
        answer="03 08 00003039 FFFFFFFF",
        means={"power": GONE},
    ),
    Answer(
        profile="dzg_dvh4013", request="03 4000 0002",
        answer="03 04 0012D687",
        means={"energy_import": 1234.567},
    ),
    Answer(
        profile="dzg_dvh4013", request="03 4020 0002",
        answer="03 04 00064782",
        means={"energy_import_a": 411.522},
    ),
    Answer(
        profile="dzg_dvh4013", request="03 4040 0002",
        answer="03 04 00000000",
        means={"energy_import_b": 0.0},
    ),
    Answer(
        profile="dzg_dvh4013", request="03 4100 0002",
        answer="03 04 00000000",
        means={"energy_export": 0.0},
    ),
    Answer(
        profile="dzg_dvh4013", request="03 4060 0002",
        answer="03 04 FFFFFFFF",
        means={"energy_import_c": GONE},
    ),
    Answer(
        profile="saia_ale3", request="03 001B 0006",
        answer="03 0C 000DEBDF 00000000 00000000",
        means={"energy_import": 9123.51},
    ),
    Answer(
        profile="saia_ale3", request="03 001B 0006",
        answer="03 0C 000DEBDF 00000000 00002711",
        means={"energy_import": 9223.52},
    ),
    Answer(
        profile="saia_ale3", request="03 001B 0006",
        answer="03 0C 00000000 00000000 00000000",
        means={"energy_import": 0.0},
    ),
    Answer(
        profile="saia_ale3", request="03 001B 0006",
        answer="03 0C 000DEBDF 00000000 FFFFFFFF",
        means={"energy_import": GONE},
    ),
    Answer(
        profile="saia_ale3", request="03 0023 0011",
        answer="03 22 00E6 013A 0221 0000 0062 0000 0000 0000 0000 0000 FFFF FFFF FFFF 0000 0065 0221"
               " 0030",
        means={"voltage_a": 230.0, "current_a": 31.4, "power_a": 5.45, "power_factor_a": 0.98, "voltage_b": 0.0,
               "current_b": 0.0, "power_b": 0.0, "power_factor_b": 0.0, "voltage_c": GONE, "current_c": GONE,
               "power_c": GONE, "power_factor_c": RANGE, "power": 5.45, "reactive_power": 0.48},
    ),
    Answer(
        profile="bernecker_mpm3pm", request="03 0002 0018",
        answer="03 30 0001E240 00000000 00000000 000008FD 00000000 FFFFFFFF 00000219 00000000 FFFFFFFF"
               " 0001E240 FFFE1DC0 7FFFFFFF",
        means={"energy_import": 1234.56, "energy_export": 0.0, "voltage_a": 230.1, "voltage_b": 0.0,
               "voltage_c": GONE, "current_a": 5.37, "current_b": 0.0, "current_c": GONE, "power_a": 1.23456,
               "power_b": -1.23456, "power_c": GONE},
    ),
    Answer(
        profile="bernecker_mpm3pm", request="03 0026 0008",
        answer="03 10 FFFF85EE FFFFA786 000003D9 00001389",
        means={"power": -0.3125, "reactive_power": -0.2265, "power_factor": 0.985, "frequency": 50.01},
    ),
    Answer(
        profile="bernecker_mpm3pm", request="03 0002 0002",
        answer="03 04 FFFFFFFF",
        means={"energy_import": GONE},
    ),
    Answer(
        profile="eltako_dsz15dzmod", request="04 0000 0012",
        answer="04 24 000059E4 00000000 FFFFFFFF 00000219 00000000 FFFFFFFF 000004D3 FFFFFB2D 7FFFFFFF",
        means={"voltage_a": 230.12, "voltage_b": 0.0, "voltage_c": GONE, "current_a": 5.37, "current_b": 0.0,
               "current_c": GONE, "power_a": 1.235, "power_b": -1.235, "power_c": GONE},
    ),
    Answer(
        profile="eltako_dsz15dzmod", request="04 0034 000C",
        answer="04 18 FFFFFEC7 00000000000000000000000000000000 FFFFFC27",
        means={"power": -0.313, "power_factor": -0.985},
    ),
    Answer(
        profile="eltako_dsz15dzmod", request="04 0048 0004",
        answer="04 08 0001E240 00000000",
        means={"energy_import": 1234.56, "energy_export": 0.0},
    ),
    Answer(
        profile="eltako_dsz15dzmod", request="04 0048 0002",
        answer="04 04 FFFFFFFF",
        means={"energy_import": GONE},
    ),
)  # fmt: skip
