"""Shared air-conditioning: the worked examples digit by digit, readings that lack, and rounding that closes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facility.accounting.apportion import Rules, Running, Split, rounded, split

WEIGHTS = {"high": 1.0, "medium": 0.8, "low": 0.6, "auto": 0.8}
FANS = ("high", "medium", "low")
NAN = math.nan


def running(
    unit: str, capacity_kw: float, fan: Sequence[float], cooling: Sequence[float], **more: Any
) -> Running:  # fmt: skip
    return Running(
        unit=unit,
        capacity_kw=capacity_kw,
        area_m2=more.pop("area_m2", None),
        fan_h=dict(zip(FANS, fan, strict=True)),
        cooling_h=dict(zip(FANS, cooling, strict=True)),
        **more,
    )


def rules(method: Any = "time_capacity", **more: Any) -> Rules:
    return Rules(method=method, weights=WEIGHTS, fan_only_divisor=20.0, **more)


ROOMS = [
    running("101", 2.8, (40, 60, 60), (30, 40, 20), valve=0.45, heat_kwh=820.0, area_m2=20.0),
    running("102", 5.6, (20, 80, 50), (15, 50, 20), valve=0.60, heat_kwh=1430.0, area_m2=40.0),
    running("meeting", 7.1, (30, 10, 0), (25, 5, 0), valve=0.70, heat_kwh=510.0, area_m2=60.0),
]
"""Three units over a month: rated capacity, hours at high, medium and low fan, of these with thermo on."""

IDLE = [running(unit, capacity, (0, 0, 0), (0, 0, 0)) for unit, capacity in (("a", 3.0), ("b", 1.0))]


def shares(result: Split, total: float) -> list[float]:
    return rounded([share.energy_kwh for share in result.shares], total)


def test_time_capacity_and_fan_speed_make_up_the_index_of_the_makers_formula() -> None:
    result = split(1200.0, ROOMS, rules())
    assert [round(share.index, 10) for share in result.shares] == [224.56, 407.12, 219.39]
    assert round(result.index_total, 10) == 851.07
    assert [round(100 * share.fraction, 4) for share in result.shares] == [26.3856, 47.8363, 25.7781]
    assert [round(share.energy_kwh, 2) for share in result.shares] == [316.63, 574.04, 309.34]
    assert (result.method, result.standby_kwh, result.why) == ("time_capacity", 0.0, None)
    assert not any(share.estimated for share in result.shares)


def test_each_part_rounded_by_itself_does_not_close_but_the_largest_remainder_does() -> None:
    result = split(1200.0, ROOMS, rules())
    assert round(math.fsum(round(share.energy_kwh, 2) for share in result.shares), 2) == 1200.01
    assert shares(result, 1200.0) == [316.63, 574.03, 309.34]
    assert round(math.fsum(shares(result, 1200.0)), 2) == 1200.0


def test_standby_is_shared_by_capacity_whoever_ran() -> None:
    result = split(1200.0, ROOMS, rules(standby_kwh=60.0))
    assert [round(share.energy_kwh, 2) for share in result.shares] == [311.63, 567.01, 321.35]
    assert shares(result, 1200.0) == [311.64, 567.01, 321.35]
    assert result.standby_kwh == 60.0
    asleep = split(1200.0, [ROOMS[0], running("off", 2.8, (0, 0, 0), (0, 0, 0))], rules(standby_kwh=60.0))
    assert [share.energy_kwh for share in asleep.shares] == [1170.0, 30.0]


def test_an_hour_of_the_fan_alone_counts_a_twentieth() -> None:
    units = [running("fan", 5.0, (20, 0, 0), (0, 0, 0)), running("cool", 5.0, (1, 0, 0), (1, 0, 0))]
    assert [share.index for share in split(10.0, units, rules()).shares] == [5.0, 5.25]


def test_the_opening_of_the_valve_stands_for_the_refrigerant() -> None:
    result = split(1200.0, ROOMS, rules("valve"))
    assert [round(share.index, 10) for share in result.shares] == [113.4, 285.6, 149.1]
    assert round(result.index_total, 10) == 548.1
    assert [round(share.energy_kwh, 2) for share in result.shares] == [248.28, 625.29, 326.44]
    assert shares(result, 1200.0) == [248.27, 625.29, 326.44]


def test_heat_meters_share_by_the_heat_taken() -> None:
    result = split(980.0, ROOMS, rules("heat"))
    assert shares(result, 980.0) == [291.16, 507.75, 181.09]
    assert result.index_total == 2760.0
    assert result.method == "heat"


def test_floor_area_is_a_method_of_its_own() -> None:
    result = split(120.0, ROOMS, rules("area"))
    assert [share.energy_kwh for share in result.shares] == [
        pytest.approx(20.0),
        pytest.approx(40.0),
        pytest.approx(60.0),
    ]
    assert (result.method, result.why) == ("area", None)
    assert not any(share.estimated for share in result.shares)


def test_an_area_that_is_not_known_makes_way_for_capacity_and_says_so() -> None:
    units = [ROOMS[0], running("102", 5.6, (0, 0, 0), (0, 0, 0))]
    result = split(84.0, units, rules("area"))
    assert [round(share.energy_kwh, 9) for share in result.shares] == [28.0, 56.0]
    assert result.method == "capacity"
    assert result.why is not None
    assert "102" in result.why.zh
    assert "no floor area of 102; shared by capacity" in result.why.en


def test_when_nothing_ran_all_is_standby_by_capacity() -> None:
    for method in ("time_capacity", "valve"):
        result = split(8.0, IDLE, rules(method, standby_kwh=1.0))
        assert [share.energy_kwh for share in result.shares] == [6.0, 2.0]
        assert (result.method, result.standby_kwh, result.index_total) == ("standby", 8.0, 0.0)
        assert result.why is not None
        assert "no unit ran" in result.why.en


def test_no_energy_is_shared_as_zero() -> None:
    for units in (ROOMS, IDLE):
        result = split(0.0, units, rules(standby_kwh=5.0))
        assert [share.energy_kwh for share in result.shares] == [0.0] * len(units)
        assert result.standby_kwh == 0.0
        assert math.fsum(share.fraction for share in result.shares) == pytest.approx(1.0)


def test_there_is_no_more_standby_than_energy() -> None:
    result = split(3.0, ROOMS, rules(standby_kwh=60.0))
    assert result.standby_kwh == 3.0
    assert [share.fraction for share in result.shares] == [pytest.approx(p / 15.5) for p in (2.8, 5.6, 7.1)]


def test_a_unit_that_is_not_known_gets_what_the_others_took_per_kilowatt_and_is_marked() -> None:
    lost = running("lost", 4.0, (0, 0, 0), (0, 0, 0), known=0.0)
    result = split(100.0, [*ROOMS, lost], rules())
    per_kw = 851.07 / 15.5
    assert [share.estimated for share in result.shares] == [False, False, False, True]
    assert result.shares[3].index == pytest.approx(4.0 * per_kw)
    assert result.shares[3].energy_kwh == pytest.approx(100.0 * 4.0 / 19.5)
    assert result.method == "time_capacity"
    assert result.why is not None
    assert "lost" in result.why.zh
    assert "estimated from capacity" in result.why.en


def test_what_is_known_of_a_unit_counts_and_only_the_rest_is_estimated() -> None:
    half = running("half", 4.0, (5, 0, 0), (5, 0, 0), known=0.5)
    result = split(100.0, [*ROOMS, half], rules())
    seen = (5 / 20 + 5) * 4.0
    assert result.shares[3].index == pytest.approx(seen + 0.5 * 4.0 * 851.07 / 15.5)
    assert result.shares[3].estimated


@pytest.mark.parametrize(("known", "estimated"), [(0.95, False), (0.949, True), (1.0, False), (0.0, True)])
def test_a_unit_is_estimated_below_the_data_limit(known: float, estimated: bool) -> None:
    result = split(100.0, [*ROOMS, running("x", 1.0, (1, 0, 0), (1, 0, 0), known=known)], rules(data_limit=0.95))
    assert result.shares[3].estimated is estimated
    assert (result.why is not None) is estimated


def test_a_valve_or_heat_meter_that_tells_nothing_makes_its_unit_an_estimate() -> None:
    mute = running("mute", 4.0, (10, 0, 0), (10, 0, 0))
    for method in ("valve", "heat"):
        result = split(100.0, [*ROOMS, mute], rules(method))
        assert result.shares[3].estimated
        assert result.shares[3].index > 0


def test_a_closed_valve_is_not_a_missing_one() -> None:
    shut = running("shut", 4.0, (10, 0, 0), (10, 0, 0), valve=0.0, heat_kwh=0.0)
    fan = running("fan", 4.0, (10, 0, 0), (0, 0, 0), heat_kwh=0.0)
    for method in ("valve", "heat"):
        result = split(100.0, [*ROOMS, shut, fan], rules(method))
        assert [(share.index, share.estimated) for share in result.shares[3:]] == [(0.0, False), (0.0, False)]
        assert result.why is None


def test_when_too_little_is_known_of_all_together_areas_decide() -> None:
    units = [
        running("a", 6.0, (1, 0, 0), (1, 0, 0), area_m2=10.0, known=0.2),
        running("b", 4.0, (1, 0, 0), (1, 0, 0), area_m2=30.0, known=1.0),
    ]
    result = split(80.0, units, rules(area_limit=0.5))
    assert [share.energy_kwh for share in result.shares] == [20.0, 60.0]
    assert result.method == "area"
    assert result.why is not None
    assert "40%" in result.why.zh
    assert "40% of the capacity only, less than 50%; shared by area" in result.why.en
    assert all(share.estimated for share in result.shares)
    assert split(80.0, units, rules(area_limit=0.4)).method == "time_capacity"


def test_when_nothing_is_known_areas_decide_and_without_them_capacity() -> None:
    blind = [
        running(unit, 2.0, (0, 0, 0), (0, 0, 0), known=0.0, area_m2=area) for unit, area in (("a", 1.0), ("b", 3.0))
    ]
    assert [share.energy_kwh for share in split(8.0, blind, rules(area_limit=0.0)).shares] == [2.0, 6.0]
    bare = [running(unit, capacity, (0, 0, 0), (0, 0, 0), known=0.0) for unit, capacity in (("a", 1.0), ("b", 3.0))]
    result = split(8.0, bare, rules())
    assert [share.energy_kwh for share in result.shares] == [2.0, 6.0]
    assert result.method == "capacity"
    assert result.why is not None
    assert "shared by capacity" in result.why.en


def test_what_is_not_to_be_split_stays_whole() -> None:
    result = split(10.0, ROOMS, rules("none"))
    assert (result.method, result.shares, result.energy_kwh) == ("none", (), 10.0)


def test_a_correction_below_zero_is_shared_like_a_rise_without_standby() -> None:
    up, down = split(100.0, ROOMS, rules()), split(-100.0, ROOMS, rules(standby_kwh=60.0))
    assert down.standby_kwh == 0.0
    assert [share.energy_kwh for share in down.shares] == [-share.energy_kwh for share in up.shares]


@pytest.mark.parametrize(
    ("energy", "units", "message"),
    [
        (NAN, ROOMS, "expected a number"),
        (math.inf, ROOMS, "expected a number"),
        (1.0, [], "there are none"),
        (1.0, [running("x", 0.0, (0, 0, 0), (0, 0, 0))], "capacity above 0"),
        (1.0, [running("x", NAN, (0, 0, 0), (0, 0, 0))], "capacity above 0"),
    ],
)
def test_what_cannot_be_shared_is_refused(energy: float, units: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        split(energy, units, rules())


HOURS = st.tuples(*[st.floats(0, 24)] * 3)
UNITS = st.lists(
    st.builds(
        running, st.uuids().map(str), st.floats(0.5, 30), HOURS, HOURS,
        valve=st.one_of(st.none(), st.floats(0, 1)), heat_kwh=st.one_of(st.none(), st.floats(0, 500)),
        area_m2=st.one_of(st.none(), st.floats(1, 200)), known=st.floats(0, 1),
    ),
    min_size=1, max_size=8,
)  # fmt: skip


@given(
    energy=st.floats(-1000, 1e6),
    units=UNITS,
    method=st.sampled_from(["time_capacity", "valve", "heat", "area"]),
    standby=st.floats(0, 100),
)
def test_fractions_always_add_up_and_the_rounded_shares_are_the_meter(
    energy: float, units: list[Running], method: str, standby: float
) -> None:
    result = split(energy, units, rules(method, standby_kwh=standby))
    assert math.fsum(share.fraction for share in result.shares) == pytest.approx(1.0)
    assert all(share.fraction >= 0 for share in result.shares)
    assert [share.unit for share in result.shares] == [unit.unit for unit in units]
    assert _cents(shares(result, energy)) == _cents(rounded([energy], energy))


def _cents(values: Sequence[float]) -> int:
    return sum(round(value * 100) for value in values)


@given(st.lists(st.floats(-1e5, 1e5), max_size=30))
def test_rounding_always_closes_to_the_last_cent(values: list[float]) -> None:
    total = math.fsum(values)
    parts = rounded(values, total)
    assert _cents(parts) == (0 if not values else _cents(rounded([total], total)))
    assert all(abs(part - value) < 0.0100001 for part, value in zip(parts, values, strict=True))


@given(st.lists(st.floats(0, 1e5), max_size=30))
def test_a_reversal_takes_off_exactly_what_was_booked(values: list[float]) -> None:
    total = math.fsum(values)
    booked = rounded(values, total)
    assert rounded([-value for value in values], -total) == [-part for part in booked]


@pytest.mark.parametrize(
    ("values", "total", "step", "expected"),
    [
        ([1.0, 1.0, 1.0], 3.0, 0.01, [1.0, 1.0, 1.0]),
        ([10 / 3] * 3, 10.0, 0.01, [3.34, 3.33, 3.33]),
        ([20 / 3] * 3, 20.0, 0.01, [6.67, 6.67, 6.66]),
        ([-10 / 3] * 3, -10.0, 0.01, [-3.34, -3.33, -3.33]),
        ([0.0, 0.0], 0.0, 0.01, [0.0, 0.0]),
        ([5.0, -5.0], 0.0, 0.01, [5.0, -5.0]),
        ([0.005], 0.005, 0.01, [0.01]),
        ([0.004], 0.004, 0.01, [0.0]),
        ([-0.005], -0.005, 0.01, [-0.01]),
        ([2.675], 2.675, 0.01, [2.68]),
        ([0.1, 0.2], 0.3, 0.1, [0.1, 0.2]),
        ([1.4, 1.4, 1.2], 4.0, 1.0, [2.0, 1.0, 1.0]),
        ([], 0.0, 0.01, []),
    ],
)
def test_of_equals_the_first_gets_the_step(
    values: list[float], total: float, step: float, expected: list[float]
) -> None:
    assert rounded(values, total, step) == expected
    assert all(math.copysign(1.0, part) == 1.0 for part in rounded([0.0], 0.0))


@pytest.mark.parametrize(
    ("values", "total", "message"),
    [
        ([1.0, NAN], 1.0, "not known"),
        ([1.0], NAN, "not known"),
        ([1.0, 2.0], 4.0, "not the total"),
        ([1.0, 2.0], 2.9, "not the total"),
        ([], 1.0, "not the total"),
    ],
)
def test_parts_that_do_not_make_up_the_total_are_refused(values: list[float], total: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        rounded(values, total)
