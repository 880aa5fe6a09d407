"""What meters of Janitza, Siemens, Inepro, WAGO, ORNO and Finder answer in floats, laid out by hand after the lists."""

from __future__ import annotations

from typing import Final

from tests.gateway.profiles.vectors import NAN, RANGE, Answer

ANSWERS_FLOATS: Final = (
    Answer(
        profile="janitza_b23", request="03 4A38 001C",
        answer="03 38 43660000 43658000 00000000 000000000000000000000000 40A80000 00000000 7FC00000"
               " 00000000 44974000 C4974000 00000000 C39C4000",
        means={"voltage_a": 230.0, "voltage_b": 229.5, "voltage_c": 0.0, "current_a": 5.25, "current_b": 0.0,
               "current_c": NAN, "power_a": 1.21, "power_b": -1.21, "power_c": 0.0, "power": -0.3125},
    ),
    Answer(
        profile="janitza_b23", request="03 4A64 0008",
        answer="03 10 BF000000 3F800000 3FA00000 42480000",
        means={"power_factor_a": -0.5, "power_factor_b": 1.0, "power_factor_c": RANGE, "frequency": 50.0},
    ),
    Answer(
        profile="janitza_b23", request="03 4A76 0010",
        answer="03 20 42C88000 00000000 7FC00000 449A5000 000000000000000000000000 00000000",
        means={"energy_import_a": 100.25, "energy_import_b": 0.0, "energy_import_c": NAN, "energy_import": 1234.5,
               "energy_export": 0.0},
    ),
    Answer(
        profile="janitza_b23", request="03 4A7C 0002",
        answer="03 04 BF800000",
        means={"energy_import": RANGE},
    ),
    Answer(
        profile="janitza_umg96", request="03 4A38 001C",
        answer="03 38 43660000 43658000 00000000 000000000000000000000000 40A80000 00000000 7FC00000"
               " 00000000 44974000 C4974000 00000000 C39C4000",
        means={"voltage_a": 230.0, "voltage_b": 229.5, "voltage_c": 0.0, "current_a": 5.25, "current_b": 0.0,
               "current_c": NAN, "power_a": 1.21, "power_b": -1.21, "power_c": 0.0, "power": -0.3125},
    ),
    Answer(
        profile="janitza_umg96", request="03 4A5A 0012",
        answer="03 24 4481A800 000000000000000000000000 C3628000 000000000000000000000000 42470000",
        means={"apparent_power": 1.03725, "reactive_power": -0.2265, "frequency": 49.75},
    ),
    Answer(
        profile="janitza_umg96", request="03 4A7C 000A",
        answer="03 14 4996B220 000000000000000000000000 00000000",
        means={"energy_import": 1234.5, "energy_export": 0.0},
    ),
    Answer(
        profile="janitza_umg96", request="03 4A7C 000A",
        answer="03 14 BF800000 000000000000000000000000 7FC00000",
        means={"energy_import": RANGE, "energy_export": NAN},
    ),
    Answer(
        profile="siemens_pac2200", request="04 0001 001E",
        answer="04 3C 43660000 43658000 00000000 43C70000 43C6C000 00000000 40A80000 00000000 7FC00000"
               " 000000000000000000000000 44974000 C4974000 00000000",
        means={"voltage_a": 230.0, "voltage_b": 229.5, "voltage_c": 0.0, "voltage_ab": 398.0, "voltage_bc": 397.5,
               "voltage_ca": 0.0, "current_a": 5.25, "current_b": 0.0, "current_c": NAN, "power_a": 1.21,
               "power_b": -1.21, "power_c": 0.0},
    ),
    Answer(
        profile="siemens_pac2200", request="04 0019 0006",
        answer="04 0C 7FC00000 7FC00000 7FC00000",
        means={"power_a": NAN, "power_b": NAN, "power_c": NAN},
    ),
    Answer(
        profile="siemens_pac2200", request="04 0037 0010",
        answer="04 20 42480000 000000000000000000000000 4481A800 C39C4000 C3628000 3F000000",
        means={"frequency": 50.0, "apparent_power": 1.03725, "power": -0.3125, "reactive_power": -0.2265,
               "power_factor": 0.5},
    ),
    Answer(
        profile="siemens_pac2200", request="04 0321 0010",
        answer="04 20 4132D64400000000 411E886800000000 0000000000000000 0000000000000000",
        means={"energy_import": 1734.75, "energy_export": 0.0},
    ),
    Answer(
        profile="siemens_pac2200", request="04 0321 0010",
        answer="04 20 4132D64400000000 7FF8000000000000 BFF0000000000000 0000000000000000",
        means={"energy_import": NAN, "energy_export": RANGE},
    ),
    Answer(
        profile="siemens_pac3200", request="04 0001 001E",
        answer="04 3C 43660000 43658000 00000000 43C70000 43C6C000 00000000 40A80000 00000000 7FC00000"
               " 000000000000000000000000 44974000 C4974000 00000000",
        means={"voltage_a": 230.0, "voltage_b": 229.5, "voltage_c": 0.0, "voltage_ab": 398.0, "voltage_bc": 397.5,
               "voltage_ca": 0.0, "current_a": 5.25, "current_b": 0.0, "current_c": NAN, "power_a": 1.21,
               "power_b": -1.21, "power_c": 0.0},
    ),
    Answer(
        profile="siemens_pac3200", request="04 0019 0006",
        answer="04 0C 7FC00000 7FC00000 7FC00000",
        means={"power_a": NAN, "power_b": NAN, "power_c": NAN},
    ),
    Answer(
        profile="siemens_pac3200", request="04 0037 0010",
        answer="04 20 42480000 000000000000000000000000 4481A800 C39C4000 C3628000 3F000000",
        means={"frequency": 50.0, "apparent_power": 1.03725, "power": -0.3125, "reactive_power": -0.2265,
               "power_factor": 0.5},
    ),
    Answer(
        profile="siemens_pac3200", request="04 0321 0010",
        answer="04 20 4132D64400000000 411E886800000000 0000000000000000 0000000000000000",
        means={"energy_import": 1734.75, "energy_export": 0.0},
    ),
    Answer(
        profile="siemens_pac3200", request="04 0321 0010",
        answer="04 20 4132D64400000000 7FF8000000000000 BFF0000000000000 0000000000000000",
        means={"energy_import": NAN, "energy_export": RANGE},
    ),
    Answer(
        profile="inepro_pro380", request="03 5002 001A",
        answer="03 34 43660000 43658000 00000000 42480000 00000000 40A80000 00000000 7FC00000 BF400000"
               " 3FA00000 BFA00000 00000000 BF000000",
        means={"voltage_a": 230.0, "voltage_b": 229.5, "voltage_c": 0.0, "frequency": 50.0, "current_a": 5.25,
               "current_b": 0.0, "current_c": NAN, "power": -0.75, "power_a": 1.25, "power_b": -1.25, "power_c": 0.0,
               "reactive_power": -0.5},
    ),
    Answer(
        profile="inepro_pro380", request="03 5022 000A",
        answer="03 14 3FC00000 000000000000000000000000 BF000000",
        means={"apparent_power": 1.5, "power_factor": -0.5},
    ),
    Answer(
        profile="inepro_pro380", request="03 5022 000A",
        answer="03 14 7FC00000 000000000000000000000000 3FA00000",
        means={"apparent_power": NAN, "power_factor": RANGE},
    ),
    Answer(
        profile="inepro_pro380", request="03 600C 000E",
        answer="03 1C 449A5000 0000000000000000 42C88000 00000000 7FC00000 00000000",
        means={"energy_import": 1234.5, "energy_import_a": 100.25, "energy_import_b": 0.0, "energy_import_c": NAN,
               "energy_export": 0.0},
    ),
    Answer(
        profile="inepro_pro380", request="03 600C 0002", ct_ratio=20.0,
        answer="03 04 449A5000",
        means={"energy_import": 24690.0},
    ),
    Answer(
        profile="wago_879_3000", request="03 5002 001A",
        answer="03 34 43660000 43658000 00000000 42480000 00000000 40A80000 00000000 7FC00000 BF400000"
               " 3FA00000 BFA00000 00000000 BF000000",
        means={"voltage_a": 230.0, "voltage_b": 229.5, "voltage_c": 0.0, "frequency": 50.0, "current_a": 5.25,
               "current_b": 0.0, "current_c": NAN, "power": -0.75, "power_a": 1.25, "power_b": -1.25, "power_c": 0.0,
               "reactive_power": -0.5},
    ),
    Answer(
        profile="wago_879_3000", request="03 5022 000A",
        answer="03 14 3FC00000 000000000000000000000000 BF000000",
        means={"apparent_power": 1.5, "power_factor": -0.5},
    ),
    Answer(
        profile="wago_879_3000", request="03 5022 000A",
        answer="03 14 7FC00000 000000000000000000000000 3FA00000",
        means={"apparent_power": NAN, "power_factor": RANGE},
    ),
    Answer(
        profile="wago_879_3000", request="03 600C 000E",
        answer="03 1C 449A5000 0000000000000000 42C88000 00000000 7FC00000 00000000",
        means={"energy_import": 1234.5, "energy_import_a": 100.25, "energy_import_b": 0.0, "energy_import_c": NAN,
               "energy_export": 0.0},
    ),
    Answer(
        profile="wago_879_3000", request="03 600C 0002", ct_ratio=20.0,
        answer="03 04 449A5000",
        means={"energy_import": 24690.0},
    ),
    Answer(
        profile="orno_we516", request="03 000E 0028",
        answer="03 50 43660000 43658000 00000000 42480000 40A80000 00000000 7FC00000 BF400000 3FA00000"
               " BFA00000 00000000 BF000000 000000000000000000000000 3FC00000 000000000000000000000000"
               " BF000000",
        means={"voltage_a": 230.0, "voltage_b": 229.5, "voltage_c": 0.0, "frequency": 50.0, "current_a": 5.25,
               "current_b": 0.0, "current_c": NAN, "power": -0.75, "power_a": 1.25, "power_b": -1.25, "power_c": 0.0,
               "reactive_power": -0.5, "apparent_power": 1.5, "power_factor": -0.5},
    ),
    Answer(
        profile="orno_we516", request="03 0108 000A",
        answer="03 14 449A5000 42C88000 00000000 7FC00000 00000000",
        means={"energy_import": 1234.5, "energy_import_a": 100.25, "energy_import_b": 0.0, "energy_import_c": NAN,
               "energy_export": 0.0},
    ),
    Answer(
        profile="orno_we516", request="03 0108 0002",
        answer="03 04 BF800000",
        means={"energy_import": RANGE},
    ),
    Answer(
        profile="finder_7m38", request="04 09C4 003C",
        answer="04 78 43660000 43658000 00000000 00000000 43C70000 43C6C000 00000000 00000000 40A80000"
               " 00000000 7FC00000 00000000000000000000000000000000 44974000 C4974000 00000000 C39C4000"
               " 000000000000000000000000 C3628000 000000000000000000000000 4481A800"
               " 000000000000000000000000",
        means={"voltage_a": 230.0, "voltage_b": 229.5, "voltage_c": 0.0, "voltage_ab": 398.0, "voltage_bc": 397.5,
               "voltage_ca": 0.0, "current_a": 5.25, "current_b": 0.0, "current_c": NAN, "power_a": 1.21,
               "power_b": -1.21, "power_c": 0.0, "power": -0.3125, "reactive_power": -0.2265,
               "apparent_power": 1.03725},
    ),
    Answer(
        profile="finder_7m38", request="04 0A00 001A",
        answer="04 34 BF000000 0000000000000000000000000000000000000000"
               " 0000000000000000000000000000000000000000 00000000 42480000",
        means={"power_factor": -0.5, "frequency": 50.0},
    ),
    Answer(
        profile="finder_7m38", request="04 0AC0 0006",
        answer="04 0C 4996B220 00000000 00000000",
        means={"energy_import": 1234.5, "energy_export": 0.0},
    ),
    Answer(
        profile="finder_7m38", request="04 0AC0 0006",
        answer="04 0C 7FC00000 00000000 BF800000",
        means={"energy_import": NAN, "energy_export": RANGE},
    ),
)  # fmt: skip
