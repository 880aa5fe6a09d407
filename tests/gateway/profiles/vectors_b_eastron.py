"""What Eastron's meters put on the wire, laid out by hand after their register lists (floats from 30001)."""

from __future__ import annotations

from typing import Final

from tests.gateway.profiles.vectors import NAN, RANGE, Answer

ANSWERS_EASTRON: Final = (
    Answer(
        profile="eastron_sdm72", request="04 0000 0012",
        answer="04 24 43660000 43658000 00000000 40A80000 00000000 7FC00000 44974000 C4974000 00000000",
        means={"voltage_a": 230.0, "voltage_b": 229.5, "voltage_c": 0.0, "current_a": 5.25, "current_b": 0.0,
               "current_c": NAN, "power_a": 1.21, "power_b": -1.21, "power_c": 0.0},
    ),
    Answer(
        profile="eastron_sdm72", request="04 0034 0002",
        answer="04 04 C39C4000",
        means={"power": -0.3125},
    ),
    Answer(
        profile="eastron_sdm72", request="04 0034 000C",
        answer="04 18 00000000 000000000000000000000000 43FA0000 BF000000",
        means={"power": 0.0, "reactive_power": 0.5, "power_factor": -0.5},
    ),
    Answer(
        profile="eastron_sdm72", request="04 003E 0002",
        answer="04 04 3FA00000",
        means={"power_factor": RANGE},
    ),
    Answer(
        profile="eastron_sdm72", request="04 0046 0006",
        answer="04 0C 42480000 449A5000 00000000",
        means={"frequency": 50.0, "energy_import": 1234.5, "energy_export": 0.0},
    ),
    Answer(
        profile="eastron_sdm72", request="04 0046 0006",
        answer="04 0C 00000000 BF800000 FFC00000",
        means={"frequency": RANGE, "energy_import": RANGE, "energy_export": NAN},
    ),
    Answer(
        profile="eastron_sdm54", request="04 0000 0012",
        answer="04 24 43660000 43658000 00000000 40A80000 00000000 7FC00000 44974000 C4974000 00000000",
        means={"voltage_a": 230.0, "voltage_b": 229.5, "voltage_c": 0.0, "current_a": 5.25, "current_b": 0.0,
               "current_c": NAN, "power_a": 1.21, "power_b": -1.21, "power_c": 0.0},
    ),
    Answer(
        profile="eastron_sdm54", request="04 0034 0002",
        answer="04 04 C39C4000",
        means={"power": -0.3125},
    ),
    Answer(
        profile="eastron_sdm54", request="04 0034 000C",
        answer="04 18 00000000 000000000000000000000000 43FA0000 BF000000",
        means={"power": 0.0, "reactive_power": 0.5, "power_factor": -0.5},
    ),
    Answer(
        profile="eastron_sdm54", request="04 003E 0002",
        answer="04 04 3FA00000",
        means={"power_factor": RANGE},
    ),
    Answer(
        profile="eastron_sdm54", request="04 0046 0006",
        answer="04 0C 42480000 449A5000 00000000",
        means={"frequency": 50.0, "energy_import": 1234.5, "energy_export": 0.0},
    ),
    Answer(
        profile="eastron_sdm54", request="04 0046 0006",
        answer="04 0C 00000000 BF800000 FFC00000",
        means={"frequency": RANGE, "energy_import": RANGE, "energy_export": NAN},
    ),
    Answer(
        profile="eastron_sdm54", request="04 015A 0006",
        answer="04 0C 42C88000 00000000 7FC00000",
        means={"energy_import_a": 100.25, "energy_import_b": 0.0, "energy_import_c": NAN},
    ),
    Answer(
        profile="eastron_sdm54", request="04 0006 0002", ct_ratio=20.0,
        answer="04 04 40A80000",
        means={"current_a": 105.0},
    ),
    Answer(
        profile="eastron_sdm120", request="04 0000 0020",
        answer="04 40 43668000 0000000000000000 40900000 0000000000000000 C47D2000 0000000000000000"
               " 4481A800 0000000000000000 C3628000 0000000000000000 BF7A0000",
        means={"voltage_a": 230.5, "current_a": 4.5, "power": -1.0125, "apparent_power": 1.03725,
               "reactive_power": -0.2265, "power_factor": -0.9765625},
    ),
    Answer(
        profile="eastron_sdm120", request="04 0006 0008",
        answer="04 10 00000000 0000000000000000 7FC00000",
        means={"current_a": 0.0, "power": NAN},
    ),
    Answer(
        profile="eastron_sdm120", request="04 0046 0006",
        answer="04 0C 42470000 45A9C600 00000000",
        means={"frequency": 49.75, "energy_import": 5432.75, "energy_export": 0.0},
    ),
    Answer(
        profile="eastron_sdm120", request="04 0048 0004",
        answer="04 08 BF000000 7F800000",
        means={"energy_import": RANGE, "energy_export": NAN},
    ),
    Answer(
        profile="eastron_sdm220", request="04 0000 0020",
        answer="04 40 43668000 0000000000000000 40900000 0000000000000000 C47D2000 0000000000000000"
               " 4481A800 0000000000000000 C3628000 0000000000000000 BF7A0000",
        means={"voltage_a": 230.5, "current_a": 4.5, "power": -1.0125, "apparent_power": 1.03725,
               "reactive_power": -0.2265, "power_factor": -0.9765625},
    ),
    Answer(
        profile="eastron_sdm220", request="04 0006 0008",
        answer="04 10 00000000 0000000000000000 7FC00000",
        means={"current_a": 0.0, "power": NAN},
    ),
    Answer(
        profile="eastron_sdm220", request="04 0046 0006",
        answer="04 0C 42470000 45A9C600 00000000",
        means={"frequency": 49.75, "energy_import": 5432.75, "energy_export": 0.0},
    ),
    Answer(
        profile="eastron_sdm220", request="04 0048 0004",
        answer="04 08 BF000000 7F800000",
        means={"energy_import": RANGE, "energy_export": NAN},
    ),
    Answer(
        profile="eastron_sdm230", request="04 0000 0020",
        answer="04 40 43668000 0000000000000000 40900000 0000000000000000 C47D2000 0000000000000000"
               " 4481A800 0000000000000000 C3628000 0000000000000000 BF7A0000",
        means={"voltage_a": 230.5, "current_a": 4.5, "power": -1.0125, "apparent_power": 1.03725,
               "reactive_power": -0.2265, "power_factor": -0.9765625},
    ),
    Answer(
        profile="eastron_sdm230", request="04 0006 0008",
        answer="04 10 00000000 0000000000000000 7FC00000",
        means={"current_a": 0.0, "power": NAN},
    ),
    Answer(
        profile="eastron_sdm230", request="04 0046 0006",
        answer="04 0C 42470000 45A9C600 00000000",
        means={"frequency": 49.75, "energy_import": 5432.75, "energy_export": 0.0},
    ),
    Answer(
        profile="eastron_sdm230", request="04 0048 0004",
        answer="04 08 BF000000 7F800000",
        means={"energy_import": RANGE, "energy_export": NAN},
    ),
)  # fmt: skip
