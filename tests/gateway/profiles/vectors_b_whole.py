"""What meters of ABB, Carlo Gavazzi and Lovato put on the wire: whole numbers, laid out by hand after their lists."""

from __future__ import annotations

from typing import Final

from tests.gateway.profiles.vectors import GONE, RANGE, Answer

ANSWERS_WHOLE: Final = (
    Answer(
        profile="abb_b23", request="03 5000 0008",
        answer="03 10 000000000001E240 0000000000000000",
        means={"energy_import": 1234.56, "energy_export": 0.0},
    ),
    Answer(
        profile="abb_b23", request="03 5000 0008",
        answer="03 10 0000000000000001 FFFFFFFFFFFFFFFF",
        means={"energy_import": 0.01, "energy_export": GONE},
    ),
    Answer(
        profile="abb_b23", request="03 5460 000C",
        answer="03 18 000000000000A0C0 0000000000000000 FFFFFFFFFFFFFFFF",
        means={"energy_import_a": 411.52, "energy_import_b": 0.0, "energy_import_c": GONE},
    ),
    Answer(
        profile="abb_b23", request="03 5B00 0006",
        answer="03 0C 000008FD 00000000 FFFFFFFF",
        means={"voltage_a": 230.1, "voltage_b": 0.0, "voltage_c": GONE},
    ),
    Answer(
        profile="abb_b23", request="03 5B0C 0010",
        answer="03 20 00000219 00000000 FFFFFFFF 00000000 FFFE1DC0 0001E240 00000000 7FFFFFFF",
        means={"current_a": 5.37, "current_b": 0.0, "current_c": GONE, "power": -1.23456, "power_a": 1.23456,
               "power_b": 0.0, "power_c": GONE},
    ),
    Answer(
        profile="abb_b23", request="03 5B14 0002",
        answer="03 04 7FFFFFFF",
        means={"power": GONE},
    ),
    Answer(
        profile="abb_b23", request="03 5B2C 0001",
        answer="03 02 1389",
        means={"frequency": 50.01},
    ),
    Answer(
        profile="abb_b23", request="03 5B2C 0001",
        answer="03 02 FFFF",
        means={"frequency": GONE},
    ),
    Answer(
        profile="abb_b23", request="03 5B3A 0001",
        answer="03 02 FC27",
        means={"power_factor": -0.985},
    ),
    Answer(
        profile="abb_b23", request="03 5B3A 0001",
        answer="03 02 7FFF",
        means={"power_factor": GONE},
    ),
    Answer(
        profile="carlo_gavazzi_em24", request="04 0000 0006",
        answer="04 0C 08FD0000 00000000 FFFF7FFF",
        means={"voltage_a": 230.1, "voltage_b": 0.0, "voltage_c": GONE},
    ),
    Answer(
        profile="carlo_gavazzi_em24", request="04 000C 0006",
        answer="04 0C 14FA0000 00000000 EB06FFFF",
        means={"current_a": 5.37, "current_b": 0.0, "current_c": -5.37},
    ),
    Answer(
        profile="carlo_gavazzi_em24", request="04 0012 0006",
        answer="04 0C 30390000 CFC7FFFF 00000000",
        means={"power_a": 1.2345, "power_b": -1.2345, "power_c": 0.0},
    ),
    Answer(
        profile="carlo_gavazzi_em24", request="04 0028 0002",
        answer="04 04 FFF6FFF5",
        means={"power": -65.537},
    ),
    Answer(
        profile="carlo_gavazzi_em24", request="04 0028 0002",
        answer="04 04 FFFF7FFF",
        means={"power": GONE},
    ),
    Answer(
        profile="carlo_gavazzi_em24", request="04 0035 0003",
        answer="04 06 FC27 0000 01F4",
        means={"power_factor": -0.985, "frequency": 50.0},
    ),
    Answer(
        profile="carlo_gavazzi_em24", request="04 0035 0003",
        answer="04 06 7FFF 0000 0000",
        means={"power_factor": GONE, "frequency": RANGE},
    ),
    Answer(
        profile="carlo_gavazzi_em24", request="04 003E 0002",
        answer="04 04 D6870012",
        means={"energy_import": 123456.7},
    ),
    Answer(
        profile="carlo_gavazzi_em24", request="04 003E 0002",
        answer="04 04 FFFFFFFF",
        means={"energy_import": RANGE},
    ),
    Answer(
        profile="carlo_gavazzi_em24", request="04 0046 0006",
        answer="04 0C 47820006 00000000 FFFF7FFF",
        means={"energy_import_a": 41152.2, "energy_import_b": 0.0, "energy_import_c": GONE},
    ),
    Answer(
        profile="carlo_gavazzi_em24", request="04 005C 0002",
        answer="04 04 00000000",
        means={"energy_export": 0.0},
    ),
    Answer(
        profile="carlo_gavazzi_em24_e1", request="04 0000 0006",
        answer="04 0C 08FD0000 00000000 FFFF7FFF",
        means={"voltage_a": 230.1, "voltage_b": 0.0, "voltage_c": GONE},
    ),
    Answer(
        profile="carlo_gavazzi_em24_e1", request="04 000C 0006",
        answer="04 0C 14FA0000 00000000 EB06FFFF",
        means={"current_a": 5.37, "current_b": 0.0, "current_c": -5.37},
    ),
    Answer(
        profile="carlo_gavazzi_em24_e1", request="04 0012 0006",
        answer="04 0C 30390000 CFC7FFFF 00000000",
        means={"power_a": 1.2345, "power_b": -1.2345, "power_c": 0.0},
    ),
    Answer(
        profile="carlo_gavazzi_em24_e1", request="04 0028 0002",
        answer="04 04 FFF6FFF5",
        means={"power": -65.537},
    ),
    Answer(
        profile="carlo_gavazzi_em24_e1", request="04 0028 0002",
        answer="04 04 FFFF7FFF",
        means={"power": GONE},
    ),
    Answer(
        profile="carlo_gavazzi_em24_e1", request="04 0031 0003",
        answer="04 06 FC27 0000 01F4",
        means={"power_factor": -0.985, "frequency": 50.0},
    ),
    Answer(
        profile="carlo_gavazzi_em24_e1", request="04 0031 0003",
        answer="04 06 7FFF 0000 0000",
        means={"power_factor": GONE, "frequency": RANGE},
    ),
    Answer(
        profile="carlo_gavazzi_em24_e1", request="04 0034 0002",
        answer="04 04 D6870012",
        means={"energy_import": 123456.7},
    ),
    Answer(
        profile="carlo_gavazzi_em24_e1", request="04 0034 0002",
        answer="04 04 FFFFFFFF",
        means={"energy_import": RANGE},
    ),
    Answer(
        profile="carlo_gavazzi_em24_e1", request="04 0040 0006",
        answer="04 0C 47820006 00000000 FFFF7FFF",
        means={"energy_import_a": 41152.2, "energy_import_b": 0.0, "energy_import_c": GONE},
    ),
    Answer(
        profile="carlo_gavazzi_em24_e1", request="04 004E 0002",
        answer="04 04 00000000",
        means={"energy_export": 0.0},
    ),
    Answer(
        profile="carlo_gavazzi_em340", request="04 0000 0006",
        answer="04 0C 08FD0000 00000000 FFFF7FFF",
        means={"voltage_a": 230.1, "voltage_b": 0.0, "voltage_c": GONE},
    ),
    Answer(
        profile="carlo_gavazzi_em340", request="04 000C 0006",
        answer="04 0C 14FA0000 00000000 EB06FFFF",
        means={"current_a": 5.37, "current_b": 0.0, "current_c": -5.37},
    ),
    Answer(
        profile="carlo_gavazzi_em340", request="04 0012 0006",
        answer="04 0C 30390000 CFC7FFFF 00000000",
        means={"power_a": 1.2345, "power_b": -1.2345, "power_c": 0.0},
    ),
    Answer(
        profile="carlo_gavazzi_em340", request="04 0028 0002",
        answer="04 04 FFF6FFF5",
        means={"power": -65.537},
    ),
    Answer(
        profile="carlo_gavazzi_em340", request="04 0028 0002",
        answer="04 04 FFFF7FFF",
        means={"power": GONE},
    ),
    Answer(
        profile="carlo_gavazzi_em340", request="04 0031 0003",
        answer="04 06 FC27 0000 01F4",
        means={"power_factor": -0.985, "frequency": 50.0},
    ),
    Answer(
        profile="carlo_gavazzi_em340", request="04 0031 0003",
        answer="04 06 7FFF 0000 0000",
        means={"power_factor": GONE, "frequency": RANGE},
    ),
    Answer(
        profile="carlo_gavazzi_em340", request="04 0034 0002",
        answer="04 04 D6870012",
        means={"energy_import": 123456.7},
    ),
    Answer(
        profile="carlo_gavazzi_em340", request="04 0034 0002",
        answer="04 04 FFFFFFFF",
        means={"energy_import": RANGE},
    ),
    Answer(
        profile="carlo_gavazzi_em340", request="04 0040 0006",
        answer="04 0C 47820006 00000000 FFFF7FFF",
        means={"energy_import_a": 41152.2, "energy_import_b": 0.0, "energy_import_c": GONE},
    ),
    Answer(
        profile="carlo_gavazzi_em340", request="04 004E 0002",
        answer="04 04 00000000",
        means={"energy_export": 0.0},
    ),
    Answer(
        profile="lovato_dmg610", request="04 0001 0018",
        answer="04 30 000059E4 00000000 FFFFFFFF 0000D1C4 00000000 FFFFFFFF 000000000000000000000000"
               " 0001E240 FFFE1DC0 7FFFFFFF",
        means={"voltage_a": 230.12, "voltage_b": 0.0, "voltage_c": GONE, "current_a": 5.37, "current_b": 0.0,
               "current_c": GONE, "power_a": 1.23456, "power_b": -1.23456, "power_c": GONE},
    ),
    Answer(
        profile="lovato_dmg610", request="04 0031 000E",
        answer="04 1C 0000C35A 000000000000000000000000 00000000 FFFFA786 0001952D",
        means={"frequency": 50.01, "power": 0.0, "reactive_power": -0.2265, "apparent_power": 1.03725},
    ),
    Answer(
        profile="lovato_dmg610", request="04 0039 0002",
        answer="04 04 FFFF85EE",
        means={"power": -0.3125},
    ),
    Answer(
        profile="lovato_dmg610", request="04 1B1F 000C",
        answer="04 18 000000000001E240 0000000000000000 FFFFFFFFFFFFFFFF",
        means={"energy_import": 1234.56, "energy_export": 0.0, "reactive_energy_import": GONE},
    ),
    Answer(
        profile="lovato_dmg610", request="04 1B27 0004",
        answer="04 08 00000000000001C2",
        means={"reactive_energy_import": 4.5},
    ),
    Answer(
        profile="lovato_dmg610", request="04 1E1F 0004",
        answer="04 08 000000000000A0C0",
        means={"energy_import_a": 411.52},
    ),
    Answer(
        profile="lovato_dmg610", request="04 1E47 0004",
        answer="04 08 0000000000000000",
        means={"energy_import_b": 0.0},
    ),
    Answer(
        profile="lovato_dmg610", request="04 1E6F 0004",
        answer="04 08 FFFFFFFFFFFFFFFF",
        means={"energy_import_c": GONE},
    ),
    Answer(
        profile="lovato_dmg610", request="04 0007 0002", ct_ratio=20.0,
        answer="04 04 0000D1C4",
        means={"current_a": 107.4},
    ),
)  # fmt: skip
