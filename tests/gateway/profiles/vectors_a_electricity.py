"""What electricity meters by Chint, Hiking, Peacefair, Sfere, Zhongrui and CET put on the wire, worked out by hand."""

from __future__ import annotations

from typing import Final

from tests.gateway.profiles.vectors import GONE, NAN, RANGE, Answer

ANSWERS_A_ELECTRICITY: Final = (
    Answer(profile="chint_ddsu666", request="03 2000 0010",
           answer="03 20 43668000 40A80000 BF980000 00000000 0000 0000 BF7C0000 0000 0000 42480000",
           means={"voltage": 230.5, "current": 5.25, "power": -1.1875, "reactive_power": 0.0,
                  "power_factor": -0.984375, "frequency": 50.0}),
    Answer(profile="chint_ddsu666", request="03 200E 0002",
           answer="03 04 00000000",
           means={"frequency": RANGE}),
    Answer(profile="chint_ddsu666", request="03 4000 000C",
           answer="03 18 449A5000 0000 0000 0000 0000 0000 0000 0000 0000 00000000",
           means={"energy_import": 1234.5, "energy_export": 0.0}),
    Answer(profile="chint_ddsu666", request="03 4000 0002",
           answer="03 04 7FC00000",
           means={"energy_import": NAN}),
    Answer(profile="chint_ddsu666", request="03 4000 0002", ct_ratio=20.0,
           answer="03 04 449A5000",
           means={"energy_import": 24690.0}),
    Answer(profile="chint_ddsu666_h", request="03 2000 0022",
           answer=(
               "03 44 43668000 40A80000 0000 0000 BF980000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 "
               "3FA00000 0000 0000 0000 0000 BF7C0000 0000 0000 0000 0000 0000 0000 42480000"
           ),
           means={"voltage": 230.5, "current": 5.25, "power": -1.1875, "apparent_power": 1.25,
                  "power_factor": -0.984375, "frequency": 50.0}),
    Answer(profile="chint_ddsu666_h", request="03 4000 0016",
           answer=(
               "03 2C 44A29800 0000 0000 0000 0000 0000 0000 0000 0000 449A5000 0000 0000 0000 0000 0000 0000 "
               "0000 0000 00000000"
           ),
           means={"energy_total": 1300.75, "energy_import": 1234.5, "energy_export": 0.0}),
    Answer(profile="chint_ddsu666_h", request="03 400A 000C",
           answer="03 18 BF800000 0000 0000 0000 0000 0000 0000 0000 0000 7FC00000",
           means={"energy_import": RANGE, "energy_export": NAN}),
    Answer(profile="hiking_dds238", request="03 0000 0012",
           answer="03 24 0001E240 0000 0000 0000 0000 0000 0000 00000000 0001E241 08FF 0219 FB64 015E 03BE 1389",
           means={"energy_import": 1234.56, "energy_export": 0.0, "energy_forward": 1234.57, "voltage": 230.3,
                  "current": 5.37, "power": -1.18, "reactive_power": 0.35, "power_factor": 0.958, "frequency": 50.01}),
    Answer(profile="hiking_dds238", request="03 000A 0006",
           answer="03 0C FFFFFFFF FFFF FFFF 7FFF FFFF",
           means={"energy_forward": GONE, "voltage": GONE, "current": GONE, "power": GONE, "reactive_power": GONE}),
    Answer(profile="hiking_dds238", request="03 0000 0002",
           answer="03 04 FFFFFFFF",
           means={"energy_import": GONE}),
    Answer(profile="peacefair_pzem", request="04 0000 000A",
           answer="04 14 08D1 006C0000 00F40000 00260000 01F4 0064 0000",
           means={"voltage": 225.7, "current": 0.108, "power": 0.0244, "energy_import": 0.038, "frequency": 50.0,
                  "power_factor": 1.0}),
    Answer(profile="peacefair_pzem", request="04 0000 0009",
           answer="04 12 08FF 11710001 58010002 D6870012 01F4 005F",
           means={"voltage": 230.3, "current": 70.001, "power": 15.3601, "energy_import": 1234.567,
                  "frequency": 50.0, "power_factor": 0.95}),
    Answer(profile="peacefair_pzem", request="04 0000 0009",
           answer="04 12 FFFF FFFFFFFF 00000000 FFFFFFFF 0000 0000",
           means={"voltage": GONE, "current": GONE, "power": 0.0, "energy_import": GONE, "frequency": RANGE,
                  "power_factor": 0.0}),
    Answer(profile="sfere_pd194e_9s4", request="03 003D 001F",
           answer=(
               "03 3E 089B 0896 0000 0EE4 0EE1 FFFF 14FA 0000 FFFF 049E FB64 0000 0002 0000 0000 0000 FEA2 04D1 "
               "049C 0000 096D FC42 1389 0012D687 00000000 0005464E 00000009"
           ),
           means={"voltage_a": 220.3, "voltage_b": 219.8, "voltage_c": 0.0, "voltage_ab": 381.2, "voltage_bc": 380.9,
                  "voltage_ca": GONE, "current_a": 5.37, "current_b": 0.0, "current_c": GONE, "power_a": 1.182,
                  "power_b": -1.18, "power_c": 0.0, "power": 0.002, "reactive_power": -0.35, "apparent_power": 2.413,
                  "power_factor": -0.958, "frequency": 50.01, "energy_import": 1234.567, "energy_export": 0.0,
                  "reactive_energy_import": 345.678, "reactive_energy_export": 0.009}),
    Answer(profile="sfere_pd194e_9s4", request="03 0054 0002", ct_ratio=40.0,
           answer="03 04 000007D0",
           means={"energy_import": 80.0}),
    Answer(profile="sfere_pd194e_9s4", request="03 006B 0002",
           answer="03 04 0001 0028",
           means={"configured_pt_ratio": 1.0, "configured_ct_ratio": 40.0}),
    Answer(profile="zhongrui_zry4z_9hy", request="03 003E 0021",
           answer=(
               "03 42 089B 0896 0000 0EE4 0EE1 FFFF 14FA 0000 FFFF 0002 049E FB64 0000 FEA2 0000 0000 0000 096D "
               "04D1 049C 0000 FC42 1389 0012D687 00000000 0005464E 00000009 0012D687"
           ),
           means={"voltage_a": 220.3, "voltage_b": 219.8, "voltage_c": 0.0, "voltage_ab": 381.2, "voltage_bc": 380.9,
                  "voltage_ca": GONE, "current_a": 5.37, "current_b": 0.0, "current_c": GONE, "power": 0.002,
                  "power_a": 1.182, "power_b": -1.18, "power_c": 0.0, "reactive_power": -0.35,
                  "apparent_power": 2.413, "power_factor": -0.958, "frequency": 50.01, "energy_import": 1234.567,
                  "energy_export": 0.0, "reactive_energy_import": 345.678, "reactive_energy_export": 0.009,
                  "energy_total": 1234.567}),
    Answer(profile="zhongrui_zry4z_9hy", request="03 0047 0001",
           answer="03 02 7FFF",
           means={"power": GONE}),
    Answer(profile="zhongrui_zry4z_9hy", request="03 01CF 0002",
           answer="03 04 0064 0028",
           means={"configured_pt_ratio": 100.0, "configured_ct_ratio": 40.0}),
    Answer(profile="zhongrui_zry4z_9hy", request="03 01CF 0002",
           answer="03 04 0000 0000",
           means={"configured_pt_ratio": RANGE, "configured_ct_ratio": RANGE}),
    Answer(profile="sfere_200", request="03 0006 0030",
           answer=(
               "03 60 43668000 43654000 00000000 43C76000 43C6C000 00000000 4316C000 00000000 41480000 420A0000 "
               "C0100000 00000000 42010000 00000000 00000000 00000000 C0900000 420C0000 BF6C0000 42480000 "
               "47F12040 00000000 45129400 3F000000"
           ),
           means={"voltage_a": 230.5, "voltage_b": 229.25, "voltage_c": 0.0, "voltage_ab": 398.75,
                  "voltage_bc": 397.5, "voltage_ca": 0.0, "current_a": 150.75, "current_b": 0.0, "current_c": 12.5,
                  "power_a": 34.5, "power_b": -2.25, "power_c": 0.0, "power": 32.25, "reactive_power": -4.5,
                  "apparent_power": 35.0, "power_factor": -0.921875, "frequency": 50.0, "energy_import": 123456.5,
                  "energy_export": 0.0, "reactive_energy_import": 2345.25, "reactive_energy_export": 0.5}),
    Answer(profile="sfere_200", request="03 001E 0002",
           answer="03 04 7FC00000",
           means={"power": NAN}),
    Answer(profile="sfere_200", request="03 002E 0002",
           answer="03 04 BF800000",
           means={"energy_import": RANGE}),
    Answer(profile="cet_pmc_43x", request="03 9C40 0035",
           answer=(
               "03 6A 0000560E 000055DC 00000000 0000 0000 000094E8 000094CA FFFFFFFF 0000 0000 00024CDE "
               "00000000 000030D4 0000 0000 000086C4 FFFFF736 00000000 00007DFA 00000000 00000000 00000000 "
               "FFFFEE6C 0000 0000 0000 0000 0000 0000 000088B8 0000 0000 0000 FC67 1389"
           ),
           means={"voltage_a": 220.3, "voltage_b": 219.8, "voltage_c": 0.0, "voltage_ab": 381.2, "voltage_bc": 380.9,
                  "voltage_ca": GONE, "current_a": 150.75, "current_b": 0.0, "current_c": 12.5, "power_a": 34.5,
                  "power_b": -2.25, "power_c": 0.0, "power": 32.25, "reactive_power": -4.5, "apparent_power": 35.0,
                  "power_factor": -0.921, "frequency": 50.01}),
    Answer(profile="cet_pmc_43x", request="03 9C5E 0002",
           answer="03 04 7FFFFFFF",
           means={"power": GONE}),
    Answer(profile="cet_pmc_43x", request="03 9CA4 000A",
           answer="03 14 0012D687 00000000 0000 0000 00005BA0 00000005",
           means={"energy_import": 123456.7, "energy_export": 0.0, "reactive_energy_import": 2345.6,
                  "reactive_energy_export": 0.5}),
    Answer(profile="cet_pmc_43x", request="03 9CA4 0002",
           answer="03 04 FFFFFFFF",
           means={"energy_import": GONE}),
)  # fmt: skip
