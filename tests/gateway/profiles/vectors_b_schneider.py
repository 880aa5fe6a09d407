"""What Schneider's meters put on the wire, laid out by hand after their lists (wire address = register - 1)."""

from __future__ import annotations

from typing import Final

from tests.gateway.profiles.vectors import GONE, NAN, RANGE, Answer

ANSWERS_SCHNEIDER: Final = (
    Answer(
        profile="schneider_iem3000", request="03 0BB7 0006",
        answer="03 0C 40A80000 00000000 7FC00000",
        means={"current_a": 5.25, "current_b": 0.0, "current_c": NAN},
    ),
    Answer(
        profile="schneider_iem3000", request="03 0BD3 0006",
        answer="03 0C 43660000 43658000 00000000",
        means={"voltage_a": 230.0, "voltage_b": 229.5, "voltage_c": 0.0},
    ),
    Answer(
        profile="schneider_iem3000", request="03 0BED 0008",
        answer="03 10 3FA00000 BFA00000 00000000 BF400000",
        means={"power_a": 1.25, "power_b": -1.25, "power_c": 0.0, "power": -0.75},
    ),
    Answer(
        profile="schneider_iem3000", request="03 0BFB 0002",
        answer="03 04 BF000000",
        means={"reactive_power": -0.5},
    ),
    Answer(
        profile="schneider_iem3000", request="03 0C03 0002",
        answer="03 04 00000000",
        means={"apparent_power": 0.0},
    ),
    Answer(
        profile="schneider_iem3000", request="03 0C03 0002",
        answer="03 04 BF800000",
        means={"apparent_power": RANGE},
    ),
    Answer(
        profile="schneider_iem3000", request="03 0C25 0002",
        answer="03 04 42480000",
        means={"frequency": 50.0},
    ),
    Answer(
        profile="schneider_iem3000", request="03 0C83 0008",
        answer="03 10 00000000075BCD15 0000000000000000",
        means={"energy_import": 123456.789, "energy_export": 0.0},
    ),
    Answer(
        profile="schneider_iem3000", request="03 0C83 0008",
        answer="03 10 8000000000000000 FFFFFFFFFFFFFFFF",
        means={"energy_import": GONE, "energy_export": RANGE},
    ),
    Answer(
        profile="schneider_iem3000", request="03 0C93 0004",
        answer="03 08 0000000000001194",
        means={"reactive_energy_import": 4.5},
    ),
    Answer(
        profile="schneider_iem3000", request="03 0DBD 000C",
        answer="03 18 000000000273EF07 0000000000000000 8000000000000000",
        means={"energy_import_a": 41152.263, "energy_import_b": 0.0, "energy_import_c": GONE},
    ),
    Answer(
        profile="schneider_pm5100", request="03 0BB7 0006",
        answer="03 0C 40A80000 00000000 7FC00000",
        means={"current_a": 5.25, "current_b": 0.0, "current_c": NAN},
    ),
    Answer(
        profile="schneider_pm5100", request="03 0BD3 0006",
        answer="03 0C 43660000 43658000 00000000",
        means={"voltage_a": 230.0, "voltage_b": 229.5, "voltage_c": 0.0},
    ),
    Answer(
        profile="schneider_pm5100", request="03 0BED 0008",
        answer="03 10 3FA00000 BFA00000 00000000 BF400000",
        means={"power_a": 1.25, "power_b": -1.25, "power_c": 0.0, "power": -0.75},
    ),
    Answer(
        profile="schneider_pm5100", request="03 0BFB 0002",
        answer="03 04 BF000000",
        means={"reactive_power": -0.5},
    ),
    Answer(
        profile="schneider_pm5100", request="03 0C03 0002",
        answer="03 04 00000000",
        means={"apparent_power": 0.0},
    ),
    Answer(
        profile="schneider_pm5100", request="03 0C03 0002",
        answer="03 04 BF800000",
        means={"apparent_power": RANGE},
    ),
    Answer(
        profile="schneider_pm5100", request="03 0C25 0002",
        answer="03 04 42480000",
        means={"frequency": 50.0},
    ),
    Answer(
        profile="schneider_pm5100", request="03 0C83 0008",
        answer="03 10 00000000075BCD15 0000000000000000",
        means={"energy_import": 123456.789, "energy_export": 0.0},
    ),
    Answer(
        profile="schneider_pm5100", request="03 0C83 0008",
        answer="03 10 8000000000000000 FFFFFFFFFFFFFFFF",
        means={"energy_import": GONE, "energy_export": RANGE},
    ),
    Answer(
        profile="schneider_pm5100", request="03 0C93 0004",
        answer="03 08 0000000000001194",
        means={"reactive_energy_import": 4.5},
    ),
    Answer(
        profile="schneider_pm3200", request="03 0BB7 0006",
        answer="03 0C 40A80000 00000000 7FC00000",
        means={"current_a": 5.25, "current_b": 0.0, "current_c": NAN},
    ),
    Answer(
        profile="schneider_pm3200", request="03 0BD3 0006",
        answer="03 0C 43660000 43658000 00000000",
        means={"voltage_a": 230.0, "voltage_b": 229.5, "voltage_c": 0.0},
    ),
    Answer(
        profile="schneider_pm3200", request="03 0BED 0008",
        answer="03 10 3FA00000 BFA00000 00000000 BF400000",
        means={"power_a": 1.25, "power_b": -1.25, "power_c": 0.0, "power": -0.75},
    ),
    Answer(
        profile="schneider_pm3200", request="03 0BFB 0002",
        answer="03 04 BF000000",
        means={"reactive_power": -0.5},
    ),
    Answer(
        profile="schneider_pm3200", request="03 0C03 0002",
        answer="03 04 00000000",
        means={"apparent_power": 0.0},
    ),
    Answer(
        profile="schneider_pm3200", request="03 0C03 0002",
        answer="03 04 BF800000",
        means={"apparent_power": RANGE},
    ),
    Answer(
        profile="schneider_pm3200", request="03 0C25 0002",
        answer="03 04 42480000",
        means={"frequency": 50.0},
    ),
    Answer(
        profile="schneider_pm3200", request="03 0C83 0008",
        answer="03 10 00000000075BCD15 0000000000000000",
        means={"energy_import": 123456.789, "energy_export": 0.0},
    ),
    Answer(
        profile="schneider_pm3200", request="03 0C83 0008",
        answer="03 10 8000000000000000 FFFFFFFFFFFFFFFF",
        means={"energy_import": GONE, "energy_export": RANGE},
    ),
    Answer(
        profile="schneider_pm3200", request="03 0C93 0004",
        answer="03 08 0000000000001194",
        means={"reactive_energy_import": 4.5},
    ),
    Answer(
        profile="schneider_pm3200", request="03 0DBD 000C",
        answer="03 18 000000000273EF07 0000000000000000 8000000000000000",
        means={"energy_import_a": 41152.263, "energy_import_b": 0.0, "energy_import_c": GONE},
    ),
    Answer(
        profile="schneider_pm5100", request="03 0BF3 0002",
        answer="03 04 FFC00000",
        means={"power": NAN},
    ),
    Answer(
        profile="schneider_pm5100", request="03 0C83 0004", ct_ratio=20.0, pt_ratio=100.0,
        answer="03 08 00000000000003E8",
        means={"energy_import": 2000.0},
    ),
)  # fmt: skip
