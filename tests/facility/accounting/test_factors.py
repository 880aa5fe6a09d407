"""Standard coal and CO2 with the factors that fit the report."""

from __future__ import annotations

from dataclasses import replace

import pytest

from facility.accounting.factors import (
    Factor,
    Reckoned,
    carrier_of,
    chosen,
    co2_kg,
    coal_kgce,
    lineage,
    total,
)
from facility.tables import load_factors

CHINA = load_factors()["china_2023"]


def coal(amount: float | None, carrier: str, unit: str, *, kind: str = "calorific", **where: str) -> Reckoned:
    return coal_kgce(
        CHINA,
        amount,
        carrier,
        unit,
        year=2023,
        region=where.get("region"),
        kind="equivalent" if kind == "equivalent" else "calorific",
    )


WORKED = {
    ("electricity", "kWh", 12_500.0): 1.536,
    ("raw_coal", "kg", 2_000.0): 1.429,
    ("petrol", "L", 12_340.0): 13.164,
    ("diesel", "L", 4_200.0): 5.079,
    ("natural_gas", "m3", 6_000.0): 7.286,
}
"""A year of an office of 50 people on 1,400 m2, in tce: the example of 777doc.com doc-5910092."""


def test_the_worked_example_comes_out_digit_by_digit() -> None:
    results = {key: coal(key[2], key[0], key[1]) for key in WORKED}
    tce = {key: (result.value or 0.0) / 1000 for key, result in results.items()}
    assert {key: round(value, 3) for key, value in tce.items()} == WORKED
    kgce = total(list(results.values()))
    assert kgce is not None
    assert round(kgce / 1000, 3) == 28.494
    assert round(kgce / 1000 / 1400, 5) == 0.02035
    assert round(kgce / 1000 / 50, 4) == 0.5699


def test_litres_become_kilograms_by_the_density_of_the_set_which_is_told() -> None:
    found = coal(100.0, "petrol", "L")
    assert found.value == pytest.approx(100 * 0.725 * 1.4714)
    assert found.density is not None
    assert (found.density.kg_per_l, coal(100.0, "petrol", "kg").density) == (0.725, None)


def test_calorific_and_equivalent_coal_differ_and_never_stand_in_for_each_other() -> None:
    assert coal(1000.0, "electricity", "kWh").value == pytest.approx(122.9)
    in_shanghai = coal(1000.0, "electricity", "kWh", kind="equivalent", region="shanghai")
    assert in_shanghai.value == pytest.approx(282.32)
    elsewhere = coal(1000.0, "electricity", "kWh", kind="equivalent", region="湖南")
    assert (elsewhere.value, elsewhere.factor) == (None, None)
    assert elsewhere.why is not None
    assert elsewhere.why.en == "the factor set has no coefficient for this energy"
    with pytest.raises(ValueError, match="calorific, equivalent"):
        total([coal(1.0, "electricity", "kWh"), in_shanghai])


def test_a_result_carries_all_that_it_rests_on() -> None:
    found = co2_kg(CHINA, 1000.0, "electricity", "kWh", year=2022, region="湖南")
    assert found.value == pytest.approx(490.0)
    assert found.factor is not None
    assert (found.factor.value, found.factor.unit, found.factor.year, found.factor.region) == (
        0.49, "kgCO2/kWh", 2022, "hunan",
    )  # fmt: skip
    assert "2021、2022" in found.factor.source
    assert (found.unit, found.factors, found.version) == ("kgCO2", "china_2023", "1")
    assert found.notes == ()


@pytest.mark.parametrize(
    ("region", "year", "expected", "of_year", "of_region"),
    [
        ("hunan", 2020, 0.5138, 2021, "hunan"),
        ("hunan", 2021, 0.5138, 2021, "hunan"),
        ("hunan", 2022, 0.4900, 2022, "hunan"),
        ("湖南", 2026, 0.4900, 2022, "hunan"),
        ("Hunan", 2026, 0.4900, 2022, "hunan"),
        ("central", 2026, 0.5271, 2023, "central"),
        ("central", 2022, 0.5271, 2023, "central"),
        (None, 2021, 0.5568, 2021, "china"),
        (None, 2022, 0.5366, 2022, "china"),
        (None, 2023, 0.5306, 2023, "china"),
        (None, 2030, 0.5306, 2023, "china"),
        ("atlantis", 2023, 0.5306, 2023, "china"),
    ],
)
def test_the_newest_factor_that_is_not_later_than_the_report_counts_else_the_oldest(
    region: str | None, year: int, expected: float, of_year: int, of_region: str
) -> None:
    found = co2_kg(CHINA, 1.0, "electricity", "kWh", year=year, region=region)
    assert found.factor is not None
    assert (found.value, found.factor.year, found.factor.region) == (expected, of_year, of_region)
    has_year_note = any(f"factor of {of_year} for a report on {year}" == note.en for note in found.notes)
    assert has_year_note == (of_year != year)


def test_a_region_without_factor_takes_the_one_it_lies_in_and_tells() -> None:
    without = replace(CHINA, factors=tuple(factor for factor in CHINA.factors if factor.region != "hunan"))
    found = co2_kg(without, 1.0, "electricity", "kWh", year=2023, region="hunan")
    assert (found.value, [note.en for note in found.notes]) == (0.5271, ["factor of Central China"])
    unknown = co2_kg(CHINA, 1.0, "electricity", "kWh", year=2023, region="atlantis")
    assert [note.en for note in unknown.notes] == ["no region atlantis in the set: national factor"]


def test_regions_are_named_by_id_or_by_either_name() -> None:
    assert lineage(CHINA, "hunan") == lineage(CHINA, "湖南") == lineage(CHINA, "HUNAN") == ("hunan", "central", "china")
    assert lineage(CHINA, "湖南省") == lineage(CHINA, "湖南长沙") == lineage(CHINA, "湖南")
    assert lineage(CHINA, "湖") == lineage(CHINA, "") == ("china",)
    assert lineage(CHINA, None) == lineage(CHINA, "china") == ("china",)


def test_nothing_used_is_nothing_and_nothing_known_is_unknown() -> None:
    assert coal(0.0, "electricity", "kWh").value == 0.0
    unknown = coal(None, "electricity", "kWh")
    assert (unknown.value, unknown.why and unknown.why.en) == (None, "the amount is not known")
    assert unknown.factor is not None
    assert total([coal(0.0, "electricity", "kWh"), unknown]) is None
    assert total([]) == 0.0


def test_units_that_do_not_fit_are_refused_in_words() -> None:
    found = coal(1.0, "electricity", "GJ")
    assert (found.value, found.why and found.why.en) == (None, "the factor is kgce/kWh, the amount GJ")
    litres = coal_kgce(replace(CHINA, densities=()), 1.0, "petrol", "L", year=2023)
    assert (litres.value, litres.why and litres.why.en) == (None, "the factor is kgce/kg, the amount L")


def test_unverified_coefficients_are_told() -> None:
    assert [note.en for note in coal(1.0, "lpg", "kg").notes] == ["unverified coefficient"]
    gas = co2_kg(CHINA, 1.0, "natural_gas", "m3", year=2023)
    assert "unverified coefficient" in [note.en for note in gas.notes]
    assert coal(1.0, "natural_gas", "m3").notes == ()


def test_water_is_no_energy_and_oil_needs_a_fuel() -> None:
    assert [carrier_of(medium) for medium in ("electricity", "gas", "heat")] == ["electricity", "natural_gas", "heat"]
    assert carrier_of("water") is None
    assert (carrier_of("oil"), carrier_of("oil", "diesel")) == (None, "diesel")


PUBLISHED = {
    (2021, "china"): 0.5568, (2022, "china"): 0.5366, (2023, "china"): 0.5306,
    (2023, "north"): 0.6361, (2023, "northeast"): 0.5122, (2023, "east"): 0.5500, (2023, "central"): 0.5271,
    (2023, "northwest"): 0.5543, (2023, "south"): 0.4042, (2023, "southwest"): 0.2472,
    (2021, "hunan"): 0.5138, (2022, "hunan"): 0.4900, (2021, "guangdong"): 0.4715, (2022, "guangdong"): 0.4403,
    (2022, "shandong"): 0.6410, (2022, "yunnan"): 0.1073, (2022, "anhui"): 0.6782, (2021, "hainan"): 0.4524,
}  # fmt: skip


def test_the_shipped_power_factors_are_those_announced() -> None:
    held = {
        (factor.year, factor.region): factor.value
        for factor in CHINA.factors
        if (factor.kind, factor.carrier) == ("co2", "electricity")
    }
    assert {key: held[key] for key in PUBLISHED} == PUBLISHED
    assert len(held) == 3 + 7 + 16 + 16


def test_no_factor_is_chosen_of_another_kind_or_carrier() -> None:
    for factor in CHINA.factors:
        found = chosen(CHINA, factor.kind, factor.carrier, year=factor.year, region=factor.region)
        assert isinstance(found, Factor)
        assert found is factor
    assert chosen(CHINA, "co2", "steam", year=2023, region=None) is None
