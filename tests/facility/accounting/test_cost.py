"""What a use costs: ledgers in yuan and fen."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facility.accounting.amounts import Amounts
from facility.accounting.cost import cost_of, yuan
from facility.accounting.tariff_prices import PriceColumns, priced
from facility.accounting.tariffs import Tariff
from facility.local_days import midnight_us
from facility.tables import load_tariffs
from tests.facility.tables.bills import SHANGHAI, bill, file_of, hours, lines, of_day, used, versions_of, workday

HUNAN = load_tariffs()["hunan_2025"].versions
NEW_YORK = ZoneInfo("America/New_York")


def day_columns(versions: tuple[Tariff, ...], first: date, after: date, **base: float) -> PriceColumns:
    months = {key.replace("m", "").replace("_", "-"): price for key, price in base.items()}
    edges = hours(first, after)
    return priced(versions, edges, SHANGHAI, day_type=workday, forecast_max_c={}, base_prices=months)


def test_a_july_day_in_hunan_costs_what_the_notice_makes_of_it() -> None:
    found = bill(HUNAN, of_day(date(2026, 7, 15), 10.0), base={"2026-07": 0.7})
    assert lines(found) == {
        "sharp": (40.0, 1.344, 53.76),
        "peak": (40.0, 1.12, 44.8),
        "flat": (80.0, 0.7, 56.0),
        "valley": (80.0, 0.28, 22.4),
    }
    assert [(line.id, line.amount, line.price, line.yuan) for line in found.adders] == [
        ("system_operation", 240.0, 0.03, 7.2),
        ("government_funds", 240.0, 0.03, 7.2),
    ]
    assert found.total_yuan == 191.36
    assert found.complete
    assert found.unpriced_amount == 0.0
    assert found.tariffs == ("hunan_2025@2025-08-01",)
    assert [note.en for note in found.notes] == ["Hunan time-of-use electricity (example): its prices only illustrate"]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 1, 15), {"sharp": 4.0, "peak": 4.0, "flat": 8.0, "valley": 8.0}),
        (date(2026, 4, 15), {"peak": 8.0, "flat": 8.0, "valley": 8.0}),
        (date(2026, 7, 15), {"sharp": 4.0, "peak": 4.0, "flat": 8.0, "valley": 8.0}),
    ],
)
def test_each_season_of_hunan_has_its_hours(day: date, expected: dict[str, float]) -> None:
    found = bill(HUNAN, of_day(day, 1.0), base={day.strftime("%Y-%m"): 0.5})
    assert {period: amount for period, (amount, _, _) in lines(found).items()} == expected


@pytest.mark.parametrize(
    ("amount", "price", "expected"),
    [
        (1.0, "0.005", "0.01"),
        (1.0, "0.004999", "0.00"),
        (67.0, "0.015", "1.01"),
        (1.005, "1", "1.01"),
        (0.1 + 0.2, "0.05", "0.02"),
        (0.7999999999999999, "0.00625", "0.01"),
        (-1.0, "0.005", "-0.01"),
        (0.0, "0.7", "0.00"),
    ],
)
def test_money_is_rounded_half_up_to_the_fen(amount: float, price: str, expected: str) -> None:
    assert str(yuan(amount, Decimal(price))) == expected


def test_a_total_is_the_sum_of_its_rounded_lines() -> None:
    versions = versions_of(
        prices={"yuan": {"valley": 0.334, "flat": 0.335, "peak": 0.336}},
        days=[{"hours": {"valley": ["00:00-08:00"], "flat": ["08:00-16:00"], "peak": ["16:00-24:00"]}}],
    )
    found = bill(versions, of_day(date(2026, 4, 1), [1.0] + [0.0] * 7 + [1.0] + [0.0] * 7 + [1.0] + [0.0] * 7))
    assert [line.yuan for line in found.lines] == [0.34, 0.34, 0.33]
    assert found.total_yuan == 1.01


def test_nothing_used_costs_nothing_and_nothing_known_costs_nobody_knows_what() -> None:
    nothing_used = bill(versions_of(), of_day(date(2026, 4, 1), 0.0))
    assert (nothing_used.total_yuan, nothing_used.complete, nothing_used.unknown_h) == (0.0, True, 0.0)
    nothing_known = bill(versions_of(), of_day(date(2026, 4, 1), [None] * 24))
    assert (nothing_known.total_yuan, nothing_known.complete, nothing_known.unknown_h) == (None, False, 24.0)
    assert lines(nothing_known) == {"single": (None, 0.5, None)}


def test_hours_that_are_not_known_are_told_and_cost_nothing_yet() -> None:
    found = bill(versions_of(), of_day(date(2026, 4, 1), [None, None] + [2.0] * 22))
    assert lines(found) == {"single": (44.0, 0.5, 22.0)}
    assert (found.total_yuan, found.complete, found.unknown_h) == (22.0, False, 2.0)
    assert found.completeness == pytest.approx(22 / 24)


def test_one_unknown_hour_of_a_month_leaves_its_cost_incomplete() -> None:
    found = bill(versions_of(), used(hours(date(2026, 4, 1), date(2026, 5, 1)), [None] + [1.0] * 719))
    assert (found.total_yuan, found.complete, found.unknown_h) == (359.5, False, 1.0)


def test_use_of_which_too_little_was_measured_is_not_a_complete_cost() -> None:
    amounts = of_day(date(2026, 4, 1), 1.0)
    assert bill(versions_of(), replace(amounts, completeness=np.full(24, 0.95))).complete
    assert not bill(versions_of(), replace(amounts, completeness=np.full(24, 0.9))).complete


FLOATING: dict[str, Any] = {"prices": {"ratios": {"single": 1.0}}}


def test_a_month_without_announced_price_is_unpriced_and_told() -> None:
    edges = hours(date(2026, 6, 30), date(2026, 7, 2))
    found = bill(versions_of(**FLOATING), used(edges, 1.0), base={"2026-07": 0.6})
    assert [(line.amount, line.price, line.yuan) for line in found.lines] == [(24.0, None, None), (24.0, 0.6, 14.4)]
    assert (found.total_yuan, found.complete, found.unpriced_amount) == (14.4, False, 24.0)
    assert [note.en for note in found.notes] == ["no announced price for 2026-06: not priced"]


def test_without_any_price_there_is_no_total() -> None:
    found = bill(versions_of(**FLOATING), of_day(date(2026, 7, 1), 0.0))
    assert (found.total_yuan, found.complete, found.unpriced_amount) == (None, False, 0.0)


def test_an_announced_price_of_zero_is_a_price() -> None:
    found = bill(versions_of(**FLOATING), of_day(date(2026, 7, 1), 1.0), base={"2026-07": 0.0})
    assert (found.total_yuan, found.complete, found.notes) == (0.0, True, ())


def test_a_default_price_stands_in_and_is_told() -> None:
    versions = versions_of(prices={"ratios": {"single": 1.0}, "default_base": 0.65})
    found = bill(versions, of_day(date(2026, 7, 1), 1.0))
    assert (found.total_yuan, found.complete) == (15.6, True)
    assert [note.zh for note in found.notes] == ["2026-07 的当月公布价格未录入，按默认价 0.65 元计"]


def test_days_before_the_first_version_have_no_price() -> None:
    edges = hours(date(2024, 12, 31), date(2025, 1, 2))
    found = bill(versions_of(), used(edges, 1.0))
    assert lines(found) == {"": (24.0, None, None), "single": (24.0, 0.5, 12.0)}
    assert (found.total_yuan, found.complete, found.unpriced_amount) == (12.0, False, 24.0)
    assert found.lines[0].tariff is None


def test_a_version_that_changes_in_the_middle_of_a_month_prices_each_day_by_its_own() -> None:
    head = file_of(valid_until="2026-04-16")["versions"][0]
    versions = versions_of(
        versions=[head, {**head, "valid_from": "2026-04-16", "prices": {"yuan": {"single": 0.6}}, "valid_until": None}]
    )
    found = bill(versions, used(hours(date(2026, 4, 1), date(2026, 5, 1)), 1.0))
    assert [(line.tariff, line.amount, line.price, line.yuan) for line in found.lines] == [
        ("own@2025-01-01", 360.0, 0.5, 180.0),
        ("own@2026-04-16", 360.0, 0.6, 216.0),
    ]
    assert found.total_yuan == 396.0


def test_a_site_that_changes_its_tariff_pays_each_day_by_the_one_chosen() -> None:
    change_day = date(2026, 4, 11)
    time_of_use = [version.during(None, change_day) for version in HUNAN]
    single = [version.during(change_day, None) for version in load_tariffs()["hunan_2025_single"].versions]
    base = {"hunan_2025:2026-04": 0.5, "hunan_2025_single:2026-04": 0.6, "2026-04": 9.0}
    found = bill([*time_of_use, *single], used(hours(date(2026, 4, 1), date(2026, 5, 1)), 1.0), base=base)
    assert {(line.tariff, line.period, line.amount, line.price) for line in found.lines} == {
        ("hunan_2025@2025-08-01", "peak", 80.0, 0.8),
        ("hunan_2025@2025-08-01", "flat", 80.0, 0.5),
        ("hunan_2025@2025-08-01", "valley", 80.0, 0.2),
        ("hunan_2025_single@2025-08-01", "single", 480.0, 0.6),
    }
    assert found.tariffs == ("hunan_2025@2025-08-01", "hunan_2025_single@2025-08-01")
    assert found.complete


def test_months_of_one_price_are_one_line_and_of_two_are_two() -> None:
    amounts = used(hours(date(2026, 6, 30), date(2026, 7, 2)), 1.0)
    assert len(bill(versions_of(), amounts).lines) == 1
    assert len(bill(versions_of(**FLOATING), amounts, base={"2026-06": 0.6, "2026-07": 0.6}).lines) == 1
    assert len(bill(versions_of(**FLOATING), amounts, base={"2026-06": 0.6, "2026-07": 0.7}).lines) == 2


HALF_PAST: dict[str, Any] = {
    "prices": {"yuan": {"valley": 0.3, "flat": 0.5}},
    "days": [{"hours": {"valley": ["00:00-06:30"], "flat": ["06:30-24:00"]}}],
}


def test_an_hour_across_a_change_of_price_is_shared_out_by_time_and_marked() -> None:
    found = bill(versions_of(**HALF_PAST), of_day(date(2026, 4, 1), [0.0] * 6 + [3.0] + [1.0] * 17))
    assert lines(found) == {"flat": (18.5, 0.5, 9.25), "valley": (1.5, 0.3, 0.45)}
    assert {line.period: line.estimated for line in found.lines} == {"flat": 1.5, "valley": 1.5}


def test_a_part_of_a_day_is_priced_by_its_own_hours_alone() -> None:
    midnight = midnight_us(date(2026, 7, 15), SHANGHAI)
    edges = [midnight + hour * 3_600_000_000 for hour in range(8, 18)]
    found = bill(HUNAN, used(edges, 1.0), base={"2026-07": 0.7})
    assert {period: amount for period, (amount, _, _) in lines(found).items()} == {
        "peak": 1.0,
        "flat": 6.0,
        "valley": 2.0,
    }
    assert found.complete


def test_half_hours_meet_the_change_exactly() -> None:
    day = date(2026, 4, 1)
    edges = [midnight_us(day, SHANGHAI) + 1_800_000_000 * number for number in range(49)]
    found = bill(versions_of(**HALF_PAST), used(edges, 1.0))
    assert lines(found) == {"flat": (35.0, 0.5, 17.5), "valley": (13.0, 0.3, 3.9)}
    assert all(line.estimated == 0.0 for line in found.lines)


def test_what_was_estimated_stays_marked_per_period() -> None:
    amounts = of_day(date(2026, 4, 1), 1.0)
    estimated = np.zeros(24)
    estimated[[2, 20]] = (0.25, 1.0)
    found = bill(HUNAN, replace(amounts, estimated=estimated), base={"2026-04": 0.5})
    assert {line.period: line.estimated for line in found.lines} == {"peak": 1.0, "flat": 0.0, "valley": 0.25}


NIGHT: dict[str, Any] = {
    "prices": {"yuan": {"valley": 0.1, "flat": 0.2}},
    "days": [{"hours": {"valley": ["00:00-06:00"], "flat": ["06:00-24:00"]}}],
}


@pytest.mark.parametrize(("day", "valley_h", "flat_h"), [(date(2026, 3, 8), 5.0, 18.0), (date(2026, 11, 1), 7.0, 18.0)])
def test_days_of_23_and_25_hours_follow_the_clock_on_the_wall(day: date, valley_h: float, flat_h: float) -> None:
    found = bill(versions_of(**NIGHT), of_day(day, 1.0, NEW_YORK), zone=NEW_YORK)
    assert {period: amount for period, (amount, _, _) in lines(found).items()} == {"flat": flat_h, "valley": valley_h}


def test_the_sites_zone_says_which_hours_are_meant() -> None:
    day = date(2026, 4, 1)
    edges = hours(day, day + timedelta(days=1))
    at_night = used(edges, [1.0] * 6 + [0.0] * 18)
    assert lines(bill(versions_of(**NIGHT), at_night))["valley"][0] == 6.0
    assert lines(bill(versions_of(**NIGHT), at_night, zone=ZoneInfo("Europe/Berlin")))["valley"][0] == 0.0


def test_a_hot_days_sharp_hours_cost_more_and_an_unknown_forecast_is_told() -> None:
    guangdong = load_tariffs()["guangdong_2021"].versions
    day = date(2026, 6, 30)
    base = {"2026-06": 0.5}
    hot = bill(guangdong, of_day(day, 1.0), forecast={day: 35.0}, base=base)
    cool = bill(guangdong, of_day(day, 1.0), forecast={day: 34.9}, base=base)
    unknown = bill(guangdong, of_day(day, 1.0), base=base)
    assert lines(hot)["sharp"] == (3.0, 1.0625, 3.19)
    assert "sharp" not in lines(cool)
    assert lines(cool) == lines(unknown)
    assert "no forecast maximum for 2026-06-30: no hot-day periods applied" in [note.en for note in unknown.notes]
    assert len(cool.notes) == len(unknown.notes) - 1


def test_an_adder_of_one_period_is_paid_in_it_only() -> None:
    single = load_tariffs()["hunan_2025_single"].versions
    found = bill(single, of_day(date(2026, 4, 1), 1.0), base={"2026-04": 0.6})
    assert {line.id: line.yuan for line in found.adders} == {
        "system_operation": 0.72,
        "government_funds": 0.72,
        "single_rate_surcharge": 1.68,
    }
    assert found.total_yuan == 17.52


def test_office_water_in_changsha_costs_4_53_a_cubic_metre() -> None:
    found = bill(load_tariffs()["changsha_water_2021"].versions, of_day(date(2026, 4, 1), [100.0] + [0.0] * 23))
    assert found.total_yuan == 453.0


def test_gas_is_dearer_in_winter() -> None:
    gas = load_tariffs()["gas_example"].versions
    assert bill(gas, of_day(date(2026, 1, 1), 1.0)).total_yuan == 91.2
    assert bill(gas, of_day(date(2026, 7, 1), 1.0)).total_yuan == 76.8


def tiers(period: str) -> dict[str, Any]:
    return {"tiers": {"period": period, "steps": [{"above": 100, "add": 0.1}, {"above": 200, "add": 0.3}]}}


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (0.0, [0.0, 0.0]),
        (90.0, [14.0, 0.0]),
        (190.0, [10.0, 14.0]),
        (100.0, [24.0, 0.0]),
        (500.0, [0.0, 24.0]),
        (None, [None, None]),
    ],
)
def test_a_tier_adds_to_what_lies_beyond_its_step(before: float | None, expected: list[float | None]) -> None:
    found = bill(versions_of(**tiers("year")), of_day(date(2026, 4, 1), 1.0), before=before)
    assert [line.amount for line in found.tiers] == expected
    assert found.complete == (before is not None)


def test_tiers_make_the_bill_dearer_to_the_fen() -> None:
    found = bill(versions_of(**tiers("year")), of_day(date(2026, 4, 1), 1.0), before=190.0)
    assert [line.yuan for line in found.tiers] == [1.0, 4.2]
    assert found.total_yuan == 17.2


def test_a_new_month_or_year_counts_from_zero() -> None:
    over_new_year = used(hours(date(2025, 12, 31), date(2026, 1, 2)), 10.0)
    assert [line.amount for line in bill(versions_of(**tiers("year")), over_new_year).tiers] == [200.0, 80.0]
    over_month = used(hours(date(2026, 3, 31), date(2026, 4, 2)), 10.0)
    assert [line.amount for line in bill(versions_of(**tiers("month")), over_month).tiers] == [200.0, 80.0]
    assert [line.amount for line in bill(versions_of(**tiers("year")), over_month).tiers] == [100.0, 280.0]


def test_what_was_used_before_counts_in_the_first_year_only() -> None:
    over_new_year = used(hours(date(2025, 12, 31), date(2026, 1, 2)), 1.0)
    found = bill(versions_of(**tiers("year")), over_new_year, before=190.0)
    assert [line.amount for line in found.tiers] == [10.0, 14.0]


def test_what_was_used_before_the_first_version_counts_towards_its_tiers() -> None:
    versions = versions_of(valid_from="2026-04-02", **tiers("year"))
    found = bill(versions, used(hours(date(2026, 4, 1), date(2026, 4, 3)), 5.0))
    assert [line.amount for line in found.tiers] == [80.0, 40.0]


def test_a_new_version_counts_on_within_the_year() -> None:
    head = file_of(valid_until="2026-04-16", **tiers("year"))["versions"][0]
    versions = versions_of(versions=[head, {**head, "valid_from": "2026-04-16", "valid_until": None}])
    found = bill(versions, used(hours(date(2026, 4, 15), date(2026, 4, 17)), 10.0))
    assert [(line.tariff, line.amount) for line in found.tiers] == [
        ("own@2025-01-01", 100.0),
        ("own@2025-01-01", 40.0),
        ("own@2026-04-16", 0.0),
        ("own@2026-04-16", 240.0),
    ]


FIXED: dict[str, Any] = {
    "fixed": [
        {
            "id": "capacity",
            "name": {"zh": "容量电费", "en": "capacity charge"},
            "per": "kva",
            "price": 20,
            "quantity": 315,
        },
        {"id": "demand", "name": {"zh": "需量电费", "en": "demand charge"}, "per": "kw", "price": 32},
    ]
}


def test_a_monthly_charge_is_borne_by_share_and_by_the_time_of_the_month() -> None:
    april = used(hours(date(2026, 4, 1), date(2026, 5, 1)), 0.0)
    whole = bill(versions_of(**FIXED), april, fixed=1.0, quantities={"demand": 0.0})
    assert [(line.id, line.amount, line.yuan) for line in whole.fixed] == [
        ("capacity", 315.0, 6300.0),
        ("demand", 0.0, 0.0),
    ]
    assert (whole.total_yuan, whole.complete) == (6300.0, True)
    quarter = bill(versions_of(**FIXED), april, fixed=0.25, quantities={"demand": 200.0})
    assert [line.yuan for line in quarter.fixed] == [1575.0, 1600.0]
    ten_days = bill(versions_of(**FIXED), used(hours(date(2026, 4, 1), date(2026, 4, 11)), 0.0), fixed=1.0)
    assert ten_days.fixed[0].yuan == 2100.0


def test_a_demand_nobody_gave_leaves_the_cost_incomplete() -> None:
    found = bill(versions_of(**FIXED), of_day(date(2026, 4, 1), 1.0), fixed=1.0)
    assert (found.fixed[1].amount, found.fixed[1].yuan, found.complete) == (None, None, False)
    assert [note.en for note in found.notes] == ["no quantity for demand charge: not reckoned"]
    columns = priced(
        versions_of(**FIXED), hours(date(2026, 4, 1), date(2026, 4, 2)), SHANGHAI,
        day_type=workday, forecast_max_c={}, base_prices={},
    )  # fmt: skip
    unshared = cost_of(columns, of_day(date(2026, 4, 1), 1.0), share_of_fixed=None, quantities={"demand": 1.0})
    assert [(line.amount, line.yuan) for line in unshared.fixed] == [(None, None)] * 2
    assert not unshared.complete
    assert "share of capacity charge not known: not reckoned" in [note.en for note in unshared.notes]
    assert bill(versions_of(**FIXED), of_day(date(2026, 4, 1), 1.0), fixed=0.0).complete


def test_prices_for_other_hours_are_refused() -> None:
    columns = day_columns(versions_of(), date(2026, 4, 1), date(2026, 4, 2))
    with pytest.raises(ValueError, match="same intervals"):
        cost_of(columns, of_day(date(2026, 4, 2), 1.0))
    with pytest.raises(ValueError, match="monthly charges"):
        cost_of(columns, of_day(date(2026, 4, 1), 1.0), share_of_fixed=1.5)
    with pytest.raises(ValueError, match="ascending"):
        priced(versions_of(), [1, 1], SHANGHAI, day_type=workday, forecast_max_c={}, base_prices={})


VALUES = st.lists(st.none() | st.floats(0, 1e4), min_size=24, max_size=24)


@given(values=VALUES, month=st.integers(1, 12))
@settings(deadline=None, max_examples=60)
def test_the_lines_hold_all_that_was_used(values: list[float | None], month: int) -> None:
    found = bill(HUNAN, of_day(date(2026, month, 10), values), base={f"2026-{month:02d}": 0.65})
    known = [value for value in values if value is not None]
    assert math.isclose(sum(line.amount or 0.0 for line in found.lines), sum(known), abs_tol=1e-6)
    assert found.unknown_h == values.count(None)
    assert found.complete == (None not in values)
    money = [line.yuan for line in found.lines] + [line.yuan for line in found.adders]
    shown = [figure for figure in money if figure is not None]
    assert found.total_yuan is None if not known else math.isclose(found.total_yuan or 0.0, sum(shown), abs_tol=1e-6)


@given(values=st.lists(st.floats(0, 100), min_size=48, max_size=48), cut=st.integers(1, 47))
@settings(deadline=None, max_examples=40)
def test_splitting_the_hours_moves_no_use_from_one_period_to_another(values: list[float], cut: int) -> None:
    edges = hours(date(2026, 7, 31), date(2026, 8, 2))
    whole = lines(bill(HUNAN, used(edges, values)))
    parts: dict[str, float] = {}
    for low, high in ((0, cut), (cut, 48)):
        for period, (amount, _, _) in lines(bill(HUNAN, used(edges[low : high + 1], values[low:high]))).items():
            parts[period] = parts.get(period, 0.0) + (amount or 0.0)
    assert {period: pytest.approx(amount, abs=1e-9) for period, amount in parts.items()} == {
        period: amount for period, (amount, _, _) in whole.items() if period in parts
    }


def test_many_offices_share_one_reckoning_of_prices() -> None:
    first, after = date(2026, 7, 1), date(2026, 8, 1)
    columns = day_columns(HUNAN, first, after, m2026_07=0.65)
    offices: list[Amounts] = [used(columns.edges_us.tolist(), float(number)) for number in range(5)]
    together = [cost_of(columns, office) for office in offices]
    assert together == [bill(HUNAN, office, base={"2026-07": 0.65}) for office in offices]
