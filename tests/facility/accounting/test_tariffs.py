"""Which hour of which day is of which period: days as a ledger."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facility.accounting.tariff_times import stretches
from facility.accounting.tariffs import (
    DAY_MINUTES,
    DAY_TYPES,
    DayPlan,
    DayType,
    Period,
    Span,
    Tariff,
    TariffSource,
    periods,
    version_on,
)
from facility.local_days import midnight_us
from facility.tables import load_tariffs
from facility.text import Text
from tests.facility.tables.bills import SHANGHAI, versions_of, workday

HUNAN = load_tariffs()["hunan_2025"].versions[0]
GUANGDONG = load_tariffs()["guangdong_2021"].versions[0]

SIGNS = {"sharp": "S", "peak": "P", "flat": "F", "valley": "V", "deep_valley": "D", "single": "1"}

DAYS = {
    # local hours       0     6     12  14  16      20      24
    date(2026, 1, 15): "VVVVVVFFFFFFVVFFPPSSSSPP",
    date(2026, 4, 15): "VVVVVVFFFFFFVVFFPPPPPPPP",
    date(2026, 7, 15): "VVVVVVFFFFFFVVFFPPPPSSSS",
    date(2026, 8, 31): "VVVVVVFFFFFFVVFFPPPPSSSS",
    date(2026, 9, 1): "VVVVVVFFFFFFVVFFPPPPPPPP",
    date(2026, 12, 1): "VVVVVVFFFFFFVVFFPPSSSSPP",
}


def by_hour(tariff: Tariff, day: date, forecast_max_c: float | None = None, kind: DayType = "workday") -> str:
    """One letter for each hour."""
    letters = ""
    for span in periods(tariff, day, kind, forecast_max_c):
        end = span.end.hour if span.end != time(0) else 24
        letters += SIGNS[span.period.value] * (end - span.start.hour)
    return letters


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_hunan_days_have_the_hours_of_the_notice(day: date) -> None:
    assert by_hour(HUNAN, day) == DAYS[day]
    assert by_hour(HUNAN, day, kind="rest") == by_hour(HUNAN, day, kind="holiday") == DAYS[day]


def test_supply_from_8_to_17_meets_flat_valley_flat_and_the_first_peak_hour_only() -> None:
    for month in range(1, 13):
        assert by_hour(HUNAN, date(2026, month, 10))[8:17] == "FFFF" + "VV" + "FF" + "P"


def test_hunan_prices_float_by_1_6_to_1_to_0_4_and_sharp_is_a_fifth_above_peak() -> None:
    prices = {span.period: span.price for span in periods(HUNAN, date(2026, 7, 15), "workday", None, base=0.7)}
    assert prices == {Period.VALLEY: 0.28, Period.FLAT: 0.7, Period.PEAK: 1.12, Period.SHARP: 1.344}


def test_a_price_that_floats_is_not_known_without_the_months_announced_price() -> None:
    (version,) = versions_of(prices={"ratios": {"single": 1.0}})
    (span,) = periods(version, date(2026, 7, 1), "workday", None)
    assert span.price is None
    (span,) = periods(version, date(2026, 7, 1), "workday", None, base=0.0)
    assert span.price == 0.0


GUANGDONG_COOL = "VVVVVVVVFFPPFFPPPPPFFFFF"
GUANGDONG_HOT = "VVVVVVVVFFPSFFPSSPPFFFFF"


@pytest.mark.parametrize(
    ("day", "forecast_max_c", "hours"),
    [
        (date(2026, 8, 1), None, GUANGDONG_HOT),
        (date(2026, 8, 1), 20.0, GUANGDONG_HOT),
        (date(2026, 6, 30), 34.9, GUANGDONG_COOL),
        (date(2026, 6, 30), 35.0, GUANGDONG_HOT),
        (date(2026, 6, 30), 38.5, GUANGDONG_HOT),
        (date(2026, 6, 30), None, GUANGDONG_COOL),
        (date(2026, 1, 20), 0.0, GUANGDONG_COOL),
    ],
)
def test_guangdong_is_sharp_in_summer_and_on_days_forecast_to_reach_35(
    day: date, forecast_max_c: float | None, hours: str
) -> None:
    assert by_hour(GUANGDONG, day, forecast_max_c) == hours


def test_a_day_without_forecast_is_told_only_where_it_matters() -> None:
    start, end = date(2026, 6, 29), date(2026, 7, 2)
    found = stretches(
        [GUANGDONG],
        midnight_us(start, SHANGHAI),
        midnight_us(end, SHANGHAI),
        SHANGHAI,
        day_type=workday,
        forecast_max_c={date(2026, 6, 29): 0.0},
    )
    assert found.unforecast == (date(2026, 6, 30),)


def test_the_highest_limit_that_the_forecast_reaches_wins() -> None:
    (version,) = versions_of(
        prices={"yuan": {"flat": 0.5, "peak": 0.8, "sharp": 1.0}},
        days=[
            {"hours": {"flat": ["00:00-24:00"]}},
            {"forecast_max_c": 38, "hours": {"sharp": ["00:00-24:00"]}},
            {"forecast_max_c": 35, "hours": {"peak": ["00:00-24:00"]}},
        ],
    )
    day = date(2026, 7, 1)
    assert [by_hour(version, day, celsius)[0] for celsius in (34.0, 36.0, 38.0)] == ["F", "P", "S"]


def test_rest_days_and_holidays_have_hours_of_their_own() -> None:
    (version,) = versions_of(
        prices={"yuan": {"flat": 0.5, "valley": 0.3, "deep_valley": 0.1}},
        days=[
            {"day_types": ["workday"], "hours": {"flat": ["00:00-24:00"]}},
            {"day_types": ["rest"], "hours": {"valley": ["00:00-24:00"]}},
            {"day_types": ["holiday"], "hours": {"deep_valley": ["00:00-24:00"]}},
        ],
    )
    assert [by_hour(version, date(2026, 5, 1), kind=kind)[0] for kind in DAY_TYPES] == ["F", "V", "D"]


def test_a_version_holds_from_its_first_day_until_the_day_before_the_next() -> None:
    versions = load_tariffs()["hunan_2025"].versions
    ledger = {
        date(2025, 7, 31): None,
        date(2025, 8, 1): "hunan_2025@2025-08-01",
        date(2030, 7, 31): "hunan_2025@2025-08-01",
        date(2030, 8, 1): None,
    }
    found = {day: version_on(versions, day) for day in ledger}
    assert {day: version and version.version for day, version in found.items()} == ledger


@st.composite
def plans(draw: st.DrawFn) -> DayPlan:
    cuts = sorted(draw(st.sets(st.integers(1, DAY_MINUTES - 1), max_size=8)))
    edges = [0, *cuts, DAY_MINUTES]
    names = draw(st.lists(st.sampled_from(list(Period)), min_size=len(edges) - 1, max_size=len(edges) - 1))
    return DayPlan(
        months=frozenset(range(1, 13)),
        day_types=frozenset(DAY_TYPES),
        spans=tuple(
            Span(start_min=start, end_min=end, period=name)
            for start, end, name in zip(edges[:-1], edges[1:], names, strict=True)
        ),
    )


def tariff_with(plan: DayPlan) -> Tariff:
    return Tariff(
        family="drawn",
        name=Text("", ""),
        medium="electricity",
        region=None,
        user_class=None,
        voltage=None,
        valid_from=date(2020, 1, 1),
        valid_until=None,
        days=(plan,),
        prices=dict.fromkeys(Period, 1.0),
        floats=False,
        source=TariffSource(document="", grade="own"),
    )


ZONES = [
    (SHANGHAI, date(2026, 5, 1)),
    (ZoneInfo("America/New_York"), date(2026, 3, 8)),
    (ZoneInfo("America/New_York"), date(2026, 11, 1)),
    (ZoneInfo("Australia/Lord_Howe"), date(2026, 4, 5)),
    (ZoneInfo("Atlantic/Azores"), date(2026, 10, 25)),
    (ZoneInfo("Africa/Cairo"), date(2026, 4, 24)),
]
"""Days of 24, 23, 25, 24.5 hours, one on which midnight comes twice, one on which it does not come at all."""


@given(plan=plans(), place=st.sampled_from(ZONES), minute=st.integers(0, 3 * DAY_MINUTES - 1))
@settings(deadline=None, max_examples=150)
def test_every_minute_is_of_the_period_that_the_clock_on_the_wall_says(
    plan: DayPlan, place: tuple[ZoneInfo, date], minute: int
) -> None:
    zone, day = place
    start_us = midnight_us(day - timedelta(days=1), zone)
    end_us = midnight_us(day + timedelta(days=2), zone)
    at_us = start_us + minute * 60_000_000
    if at_us >= end_us:
        return
    found = stretches([tariff_with(plan)], start_us, end_us, zone, day_type=workday, forecast_max_c={}).stretches
    starts = [stretch.start_us for stretch in found]
    assert starts[0] == start_us
    assert starts == sorted(set(starts))
    held = next(stretch for stretch in reversed(found) if stretch.start_us <= at_us)
    wall = datetime.fromtimestamp(at_us / 1e6, UTC).astimezone(zone)
    expected = next(span.period for span in plan.spans if span.start_min <= wall.hour * 60 + wall.minute < span.end_min)
    assert held.period is expected
