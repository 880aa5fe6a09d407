"""What meters by Acrel put on the wire, worked out by hand from their register lists."""

from __future__ import annotations

from typing import Final

from tests.gateway.profiles.vectors import GONE, NAN, RANGE, Answer

ANSWERS_A_ACREL: Final = (
    Answer(profile="acrel_adl3000", request="03 0000 0016",
           answer=(
               "03 2C 0012D687 00003039 00039447 0005464E 0009CBB9 0012D687 0000 0000 0000 0000 0000 0000 0000 "
               "0000 00000000"
           ),
           means={"energy_total": 12345.67, "energy_sharp": 123.45, "energy_peak": 2345.67, "energy_flat": 3456.78,
                  "energy_valley": 6419.77, "energy_import": 12345.67, "energy_export": 0.0}),
    Answer(profile="acrel_adl3000", request="03 0000 000C",
           answer="03 18 FFFFFFFF 00000000 00000000 00000000 00000000 00000064",
           means={"energy_total": GONE, "energy_import": 1.0}),
    Answer(profile="acrel_adl3000", request="03 000A 0002", ct_ratio=20.0,
           answer="03 04 00003039",
           means={"energy_import": 2469.0}),
    Answer(profile="acrel_adl3000", request="03 0061 0017",
           answer=(
               "03 2E 089B 0896 FFFF 0219 0000 FFFF 049E FB64 0000 0002 FEA2 0000 0000 FEA2 04D1 049C 0000 096D "
               "0000 0000 0000 0000 1389"
           ),
           means={"voltage_a": 220.3, "voltage_b": 219.8, "voltage_c": GONE, "current_a": 5.37, "current_b": 0.0,
                  "current_c": GONE, "power_a": 1.182, "power_b": -1.18, "power_c": 0.0, "power": 0.002,
                  "reactive_power": -0.35, "apparent_power": 2.413, "frequency": 50.01}),
    Answer(profile="acrel_adl3000", request="03 006A 0001",
           answer="03 02 7FFF",
           means={"power": GONE}),
    Answer(profile="acrel_adl3000", request="03 0077 0001",
           answer="03 02 01F4",
           means={"frequency": RANGE}),
    Answer(profile="acrel_dtsd1352", request="03 0000 0034",
           answer=(
               "03 68 0012D687 0000 0000 0000 0000 0000 0000 0000 0000 0012D687 0000 0000 0000 0000 0000 0000 "
               "0000 0000 00000000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 "
               "0000 0000 0000 0000B26E 0000 0000 0000 0000 0000 0000 0000 0000 00000009"
           ),
           means={"energy_total": 12345.67, "energy_import": 12345.67, "energy_export": 0.0,
                  "reactive_energy_import": 456.78, "reactive_energy_export": 0.09}),
    Answer(profile="acrel_dtsd1352", request="03 000A 0002",
           answer="03 04 FFFFFFFF",
           means={"energy_import": GONE}),
    Answer(profile="acrel_dtsd1352", request="03 000A 0002", ct_ratio=30.0,
           answer="03 04 000000C8",
           means={"energy_import": 60.0}),
    Answer(profile="acrel_dtsd1352", request="03 0061 0017",
           answer=(
               "03 2E 089B 0896 FFFF 0219 0000 FFFF 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 "
               "0000 0000 0000 0000 1386"
           ),
           means={"voltage_a": 220.3, "voltage_b": 219.8, "voltage_c": GONE, "current_a": 5.37, "current_b": 0.0,
                  "current_c": GONE, "frequency": 49.98}),
    Answer(profile="acrel_dtsd1352", request="03 008D 0002",
           answer="03 04 0001 001E",
           means={"configured_pt_ratio": 1.0, "configured_ct_ratio": 30.0}),
    Answer(profile="acrel_dtsd1352", request="03 008D 0002",
           answer="03 04 0000 0000",
           means={"configured_pt_ratio": RANGE, "configured_ct_ratio": RANGE}),
    Answer(profile="acrel_dtsd1352", request="03 0164 001C",
           answer=(
               "03 38 0000049E FFFFFB64 00000000 00000002 00000000 00000000 00000000 FFFFFEA2 000004D1 0000049C "
               "00000000 0000096D 03BE FC18 0000 0006"
           ),
           means={"power_a": 1.182, "power_b": -1.18, "power_c": 0.0, "power": 0.002, "reactive_power": -0.35,
                  "apparent_power": 2.413, "power_factor": 0.006}),
    Answer(profile="acrel_dtsd1352", request="03 017F 0001",
           answer="03 02 05DC",
           means={"power_factor": RANGE}),
    Answer(profile="acrel_adl400", request="03 0000 0002",
           answer="03 04 0012D687",
           means={"energy_import": 12345.67}),
    Answer(profile="acrel_adl400", request="03 0000 0002",
           answer="03 04 FFFFFFFF",
           means={"energy_import": GONE}),
    Answer(profile="acrel_adl400", request="03 0061 0006",
           answer="03 0C 089B 0896 FFFF 0640 F9C0 0000",
           means={"voltage_a": 220.3, "voltage_b": 219.8, "voltage_c": GONE, "current_a": 16.0, "current_b": -16.0,
                  "current_c": 0.0}),
    Answer(profile="acrel_adl400", request="03 0064 0001", ct_ratio=40.0,
           answer="03 02 01F4",
           means={"current_a": 200.0}),
    Answer(profile="acrel_adl400", request="03 008D 0002",
           answer="03 04 0001 0028",
           means={"configured_pt_ratio": 1.0, "configured_ct_ratio": 40.0}),
    Answer(profile="acrel_adl400", request="03 0164 0008",
           answer="03 10 00000E60 FFFFF1A0 00000000 7FFFFFFF",
           means={"power_a": 3.68, "power_b": -3.68, "power_c": 0.0, "power": GONE}),
    Answer(profile="acrel_adl400", request="03 016A 0002",
           answer="03 04 FFFFFB1E",
           means={"power": -1.25}),
    Answer(profile="acrel_adl400_primary", request="03 0800 0036",
           answer=(
               "03 6C 43668000 43654000 00000000 0000 0000 0000 0000 0000 0000 4316C000 00000000 41480000 0000 "
               "0000 420A0000 C0100000 00000000 42010000 0000 0000 0000 0000 0000 0000 C0900000 0000 0000 0000 "
               "0000 0000 0000 420C0000 0000 0000 0000 0000 0000 0000 3F6C0000 42480000"
           ),
           means={"voltage_a": 230.5, "voltage_b": 229.25, "voltage_c": 0.0, "current_a": 150.75, "current_b": 0.0,
                  "current_c": 12.5, "power_a": 34.5, "power_b": -2.25, "power_c": 0.0, "power": 32.25,
                  "reactive_power": -4.5, "apparent_power": 35.0, "power_factor": 0.921875, "frequency": 50.0}),
    Answer(profile="acrel_adl400_primary", request="03 081A 0002",
           answer="03 04 7FC00000",
           means={"power": NAN}),
    Answer(profile="acrel_adl400_primary", request="03 0842 0016",
           answer=(
               "03 2C 0012D687 0000 0000 0000 0000 0000 0000 0000 0000 0012D687 00003039 00039447 0005464E "
               "0009CBB9 00000000"
           ),
           means={"energy_total": 123456.7, "energy_import": 123456.7, "energy_import_sharp": 1234.5,
                  "energy_import_peak": 23456.7, "energy_import_flat": 34567.8, "energy_import_valley": 64197.7,
                  "energy_export": 0.0}),
    Answer(profile="acrel_adl400_primary", request="03 084C 0002",
           answer="03 04 FFFFFFFF",
           means={"energy_import": GONE}),
    Answer(profile="acrel_ddsd1352", request="03 0000 0012",
           answer="03 24 0001E240 00005BA0 00008707 0000FF99 00000000 0001 089B 0219 FB64 015E 04CF FC42 1389",
           means={"energy_import": 1234.56, "energy_peak": 234.56, "energy_flat": 345.67, "energy_valley": 654.33,
                  "energy_export": 0.0, "voltage": 220.3, "current": 5.37, "power": -1.18, "reactive_power": 0.35,
                  "apparent_power": 1.231, "power_factor": -0.958, "frequency": 50.01}),
    Answer(profile="acrel_ddsd1352", request="03 000B 0003",
           answer="03 06 FFFF FFFF 7FFF",
           means={"voltage": GONE, "current": GONE, "power": GONE}),
    Answer(profile="acrel_ddsd1352", request="03 0000 0002",
           answer="03 04 FFFFFFFF",
           means={"energy_import": GONE}),
    Answer(profile="acrel_pz80_e4", request="03 0023 0020",
           answer=(
               "03 40 0304 0400 089B 0896 0000 0000 0000 0000 0219 0000 270F 0000 0000 0000 0000 0000 0000 0000 "
               "0000 0000 0000 0000 03BE 0000 0000 0000 0000 1389 0012D687 00000000"
           ),
           means={"voltage_a": 220.3, "voltage_b": 219.8, "voltage_c": 0.0, "current_a": 537.0, "current_b": 0.0,
                  "current_c": 9999.0, "power_factor": 0.958, "frequency": 50.01, "energy_import": 1234.567,
                  "energy_export": 0.0}),
    Answer(profile="acrel_pz80_e4", request="03 0023 000B",
           answer="03 16 0501 0700 03EB 03E8 03E7 0000 0000 0000 1394 0001 0000",
           means={"voltage_a": 10030.0, "voltage_b": 10000.0, "voltage_c": 9990.0, "current_a": 5.012,
                  "current_b": 0.001, "current_c": 0.0}),
    Answer(profile="acrel_pz80_e4", request="03 003F 0004",
           answer="03 08 FFFFFFFF 000007D0",
           means={"energy_import": GONE, "energy_export": 2.0}),
    Answer(profile="acrel_pz80_e4", request="03 003F 0002", ct_ratio=40.0,
           answer="03 04 000007D0",
           means={"energy_import": 80.0}),
    Answer(profile="acrel_djsf1352_rn", request="03 0005 0001",
           answer="03 02 FF97",
           means={"temperature": -10.5}),
    Answer(profile="acrel_djsf1352_rn", request="03 0005 0001",
           answer="03 02 0514",
           means={"temperature": RANGE}),
    Answer(profile="acrel_djsf1352_rn", request="03 000C 0004",
           answer="03 08 0012D687 00000000",
           means={"energy_import": 1234.567, "energy_export": 0.0}),
    Answer(profile="acrel_djsf1352_rn", request="03 000C 0004",
           answer="03 08 00000000 FFFFFFFF",
           means={"energy_import": 0.0, "energy_export": GONE}),
    Answer(profile="acrel_djsf1352_rn", request="03 0032 0006",
           answer="03 0C 443BA000 C1A20000 C1730000",
           means={"voltage": 750.5, "current": -20.25, "power": -15.1875}),
    Answer(profile="acrel_djsf1352_rn", request="03 0036 0002",
           answer="03 04 7FC00000",
           means={"power": NAN}),
    Answer(profile="acrel_djsf1352_rn6", request="03 0005 0001",
           answer="03 02 FF97",
           means={"temperature": -10.5}),
    Answer(profile="acrel_djsf1352_rn6", request="03 0005 0001",
           answer="03 02 0514",
           means={"temperature": RANGE}),
    Answer(profile="acrel_djsf1352_rn6", request="03 000C 0004",
           answer="03 08 0012D687 00000000",
           means={"energy_import": 123.4567, "energy_export": 0.0}),
    Answer(profile="acrel_djsf1352_rn6", request="03 000C 0004",
           answer="03 08 00000000 FFFFFFFF",
           means={"energy_import": 0.0, "energy_export": GONE}),
    Answer(profile="acrel_djsf1352_rn6", request="03 0032 0006",
           answer="03 0C 443BA000 C1A20000 C1730000",
           means={"voltage": 750.5, "current": -20.25, "power": -15.1875}),
    Answer(profile="acrel_djsf1352_rn6", request="03 0036 0002",
           answer="03 04 7FC00000",
           means={"power": NAN}),
    Answer(profile="acrel_acr10r_d16te4", request="04 00F3 0022",
           answer=(
               "04 44 08FF 08FA FFFF 0F93 0F97 0000 05E3 0000 FFFF 1389 000086C4 FFFFF736 00000000 00007DFA 0000 "
               "0000 0000 0000 0000 0000 FFFFEE6C 0000 0000 0000 0000 0000 0000 000088B8"
           ),
           means={"voltage_a": 230.3, "voltage_b": 229.8, "voltage_c": GONE, "voltage_ab": 398.7,
                  "voltage_bc": 399.1, "voltage_ca": 0.0, "current_a": 150.7, "current_b": 0.0, "current_c": GONE,
                  "frequency": 50.01, "power_a": 34.5, "power_b": -2.25, "power_c": 0.0, "power": 32.25,
                  "reactive_power": -4.5, "apparent_power": 35.0}),
    Answer(profile="acrel_acr10r_d16te4", request="04 016D 0004",
           answer="04 08 0001E240 00000000",
           means={"energy_import": 123456.0, "energy_export": 0.0}),
    Answer(profile="acrel_acr10r_d16te4", request="04 016D 0004",
           answer="04 08 7FFFFFFF FFFFFFFF",
           means={"energy_import": GONE, "energy_export": RANGE}),
)  # fmt: skip
