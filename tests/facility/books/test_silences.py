"""What a silence, a late reading or an entry must not do to the figures of those it does not concern."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from facility.accounting.entries import Assignment, Correction, EnergyPrice, JumpVerdict
from facility.accounting.metering import Medium
from facility.accounting.tree import UNALLOCATED
from facility.books.metering import edges
from facility.local_days import day_edges, hour_edges
from facility.quantities import ENUMERATIONS
from tests.facility.books.bureau import (
    ADMIN,
    Bureau,
    Counter,
    bureau,
    bureau_data,
    constant,
    local,
    running,
    steady,
    us,
)

ELECTRICITY = Medium.ELECTRICITY
JULY = date(2026, 7, 1)
HIGH = float(ENUMERATIONS["fan_speed"].index("high"))
THERMO_ON = float(ENUMERATIONS["thermo"].index("thermo_on"))
COUNTERS: dict[str, Counter] = {
    "main-meter.energy_import": steady(10.0),
    "meter-401.energy_import": steady(2.0),
    "meter-402.energy_import": steady(3.0),
    "meter-vrf.energy_import": steady(4.0),
}


def ran(unit: str, first_hour: float, last_hour: float) -> dict[str, Counter]:
    return {
        f"{unit}.on": running(first_hour, last_hour),
        f"{unit}.fan": constant(HIGH),
        f"{unit}.thermo": constant(THERMO_ON),
    }


UNITS = ran("ac-401", 8, 12) | ran("ac-402", 14, 16) | ran("ac-archive", 0, 0)


def silent(counter: Counter, *stretches: tuple[float, float]) -> Counter:
    """The same without answers in [first, last) hours."""
    return lambda hours: None if any(first <= hours < last for first, last in stretches) else counter(hours)


def values(house: Bureau, times_us: list[int], by: Any = "office") -> dict[str, list[float]]:
    return {
        key: column.values.tolist()
        for key, column in house.books.usage(by, ELECTRICITY, edges(times_us)).columns.items()
    }


def with_sub_meter() -> dict[str, Any]:
    """A meter of the general office behind the one of finance."""
    data = bureau_data(tariffs={"electricity": "hunan_2025"}, region="湖南")
    data["devices"].append({"id": "m-sub", "profile": "chint_dtsu666", "link": "meters", "unit": 31})
    sub = {"id": "meter-sub", "kind": "electricity_meter", "device": "m-sub", "feeds": {"office": "general"},
           "item": "lighting_sockets", "parent": "meter-401"}  # fmt: skip
    data["equipment"].append(sub)
    return data


def test_the_silence_of_one_meter_does_not_move_the_assignment_of_another(tmp_path: Path) -> None:
    with bureau(tmp_path) as house:
        house.enter(Assignment(meter="meter-402", since=date(2026, 7, 7), office="finance", share=1.0, reason="调整"))
        before = {**COUNTERS, "meter-401.energy_import": silent(steady(2.0), (12, 60))}
        house.fill(local(7, 6), local(7, 9), before | UNITS)
        found = values(house, [us(7, 6), us(7, 9)])
        vrf = values(house, [us(7, 6), us(7, 9)], "equipment")
        # meter-402 counts 3 kW: one day for its old office, two for the new one
        assert found["finance"] == [pytest.approx(2.0 * 72 + 3.0 * 48 + vrf["ac-401"][0])]
        assert found["general"] == [pytest.approx(3.0 * 24 + vrf["ac-402"][0])]


def test_an_hour_has_its_days_shares_however_little_of_the_day_is_asked_for(tmp_path: Path) -> None:
    with bureau(tmp_path) as house:
        house.fill(local(7, 6), local(7, 8), COUNTERS | UNITS)
        whole = values(house, hour_edges(us(7, 6), us(7, 8), house.site.zone))
        few = values(house, [us(7, 6, 9), us(7, 6, 10), us(7, 6, 11)])
        over = values(house, [us(7, 6, 22), us(7, 7, 3)])
        for key in ("finance", "general"):
            assert few[key] == pytest.approx(whole[key][9:11])
            assert over[key][0] == pytest.approx(math.fsum(whole[key][22:27]))


def test_a_meter_that_died_does_not_pay_for_those_behind_it_with_what_it_never_counted(tmp_path: Path) -> None:
    with bureau(tmp_path, with_sub_meter()) as house:
        sub = {"meter-sub.energy_import": steady(1.5), "meter-401.energy_import": silent(steady(2.0), (36.1, 1000))}
        counters = {key: counter for key, counter in COUNTERS.items() if "vrf" not in key}
        house.fill(local(7, 6), local(7, 9), counters | sub)
        whole = values(house, [us(7, 6), us(7, 9)])
        days = values(house, day_edges(us(7, 6), us(7, 9), house.site.zone))
        hours = values(house, hour_edges(us(7, 6), us(7, 9), house.site.zone))
        assert whole["finance"] == [pytest.approx(0.5 * 36, abs=0.01)]
        for key in ("finance", "general", UNALLOCATED):
            told = [math.fsum(value for value in table[key] if not math.isnan(value)) for table in (whole, days, hours)]
            assert told == pytest.approx([told[0]] * 3, abs=0.01)


def test_the_cost_of_an_office_has_nothing_of_a_silent_meter_behind_its_own(tmp_path: Path) -> None:
    with bureau(tmp_path, with_sub_meter()) as house:
        house.enter(EnergyPrice(tariff="hunan_2025", month="2026-07", price=0.5, reason="公告"))
        sub = {"meter-sub.energy_import": silent(steady(1.5), (100, 130))}
        counters = {key: counter for key, counter in COUNTERS.items() if "vrf" not in key}
        house.fill(local(7, 1), local(8, 1, 1), counters | sub, step_s=900)
        for office, kw in (("finance", 0.5), ("general", 4.5)):
            told = house.books.statement(office, JULY).media[0]
            assert told.total.value == pytest.approx(kw * 744)
            assert told.cost is not None
            assert math.fsum(line.amount or 0.0 for line in told.cost.lines) == pytest.approx(kw * 744)


def test_a_verdict_holds_for_the_very_next_question(tmp_path: Path) -> None:
    with bureau(tmp_path) as house:
        jump = {"meter-vrf.energy_import": lambda h: 1000.0 + 4.0 * h + (5000.0 if h > 30 else 0.0)}
        house.fill(local(7, 6), local(7, 9), {**COUNTERS, **jump})
        (held,) = house.books.doubts.held("meter-vrf", us(7, 6), us(7, 9))
        house.enter(
            JumpVerdict(meter="meter-vrf", start_us=held.start_us, end_us=held.end_us, accepted=True, reason="核对")
        )
        assert house.books.doubts.held("meter-vrf", us(7, 6), us(7, 9)) == []


def test_a_month_asked_for_just_after_its_end_takes_in_what_comes_late(tmp_path: Path) -> None:
    with bureau(tmp_path, now=local(8, 1, 0.01)) as house:
        house.fill(local(7, 30), local(7, 31, 23), COUNTERS | UNITS)
        first = house.books.statement("finance", JULY).media[0].total
        house.fill(local(7, 30), local(8, 1, 1), COUNTERS | UNITS)
        house.clock.move_to(local(8, 1, 2))
        then = house.books.statement("finance", JULY).media[0].total
        assert first.value is not None
        assert then.value is not None
        assert then.value > first.value


def test_a_month_is_closed_by_the_readings_there_are_not_by_figures_in_memory(tmp_path: Path) -> None:
    with bureau(tmp_path) as house:
        house.fill(local(7, 30), local(7, 31, 23), COUNTERS | UNITS)
        first = house.books.statement("finance", JULY).media[0].total.value
        house.fill(local(7, 30), local(8, 1, 1), COUNTERS | UNITS)
        house.books.close_month(JULY, actor=ADMIN, at=house.clock.now())
        closed = house.books.statement("finance", JULY).media[0].total.value
        assert first is not None
        assert closed is not None
        assert closed > first


def test_a_day_of_which_the_meter_told_half_is_split_anew_when_the_rest_comes(tmp_path: Path) -> None:
    with bureau(tmp_path) as house:
        half = {**COUNTERS, "meter-vrf.energy_import": silent(steady(4.0), (12, 1000))}
        house.fill(local(7, 6), local(7, 7), half | UNITS)
        first = house.books.month_split("vrf-1", JULY)
        assert first.energy_kwh == pytest.approx(48.0, abs=1.0)
        house.fill(local(7, 6), local(7, 7), {"meter-vrf.energy_import": steady(4.0)})
        house.clock.advance(7200)
        assert house.books.month_split("vrf-1", JULY).energy_kwh == pytest.approx(96.0)


def test_the_share_of_monthly_charges_is_not_known_where_the_main_meter_is_not(tmp_path: Path) -> None:
    with bureau(tmp_path) as house:
        offices = {key: counter for key, counter in COUNTERS.items() if key.startswith("meter-40")}
        house.fill(local(7, 6), local(7, 7), offices)
        assert [tariff_share(house, office) for office in ("finance", "general")] == [None, None]
    with bureau(tmp_path / "heard") as house:
        none = {"meter-402.energy_import": constant(1000.0), "meter-vrf.energy_import": constant(1000.0)}
        house.fill(local(7, 6), local(7, 7), {**COUNTERS, **none})
        assert [tariff_share(house, office) for office in ("finance", "general")] == [pytest.approx(0.2), 0.0]


def tariff_share(house: Bureau, office: str) -> float | None:
    return house.books.month(JULY).share_of_house(office, ELECTRICITY)


def test_what_is_not_known_any_more_is_taken_off_once_so_that_nothing_is_booked_twice(tmp_path: Path) -> None:
    with bureau(tmp_path) as house:
        house.fill(local(7, 6), local(7, 9), {"main-meter.energy_import": steady(10.0)})
        agreed = Correction(meter="meter-401", start_us=us(7, 6), end_us=us(7, 9), amount=144.0, reason="协商")
        now = house.clock.now()
        number, _ = house.books.enter(agreed, actor=ADMIN, at=now)
        house.books.close_month(JULY, actor=ADMIN, at=now)
        lines = house.books.revoke(agreed, number, actor=ADMIN, reason="有误", at=now)
        assert lines is not None
        assert [(line.office, line.kind, line.amount) for line in lines] == [
            ("finance", "reversal", -144.0),
            (UNALLOCATED, "reversal", pytest.approx(-576.0)),
            (UNALLOCATED, "booking", pytest.approx(720.0)),
        ]
        assert house.books.restate("2026-07", actor=ADMIN, reason="再核对", at=now) == []
        _, again = house.books.enter(agreed, actor=ADMIN, at=now)
        assert [(line.kind, line.amount) for line in again if line.office == "finance"] == [("booking", 144.0)]


def test_two_days_of_silence_over_the_end_of_a_month_are_in_both_months_and_in_nobody_elses(tmp_path: Path) -> None:
    data = bureau_data()
    for item in data["equipment"]:
        if item["id"] == "meter-402":
            item["parent"] = "meter-401"
    with bureau(tmp_path, data) as house:
        loud = {"main-meter.energy_import": steady(10.0), "meter-401.energy_import": steady(3.0)}
        house.fill(local(6, 27), local(7, 5), loud)
        quiet = steady(1.5)
        house.fill(local(6, 27), local(7, 5), {"meter-402.energy_import": lambda h: None if 72 < h < 120 else quiet(h)})
        for span in ([us(6, 27), us(7, 1)], [us(7, 1), us(7, 5)]):
            found = values(house, span)
            assert found["general"] == [pytest.approx(144.0, abs=0.5)]
            assert found["finance"] == [pytest.approx(144.0, abs=0.5)]
        table = house.books.usage("office", ELECTRICITY, edges([us(6, 27), us(7, 1), us(7, 5)]))
        assert table.blocks == ()
        assert table.columns["general"].estimated_share.tolist() == pytest.approx([0.25, 0.25], abs=0.02)
        hours = house.books.usage("office", ELECTRICITY, edges(hour_edges(us(6, 30), us(7, 2), house.site.zone)))
        assert [meter for meter, _ in hours.blocks] == ["meter-402"]
        assert math.isnan(hours.columns["general"].values[20])
