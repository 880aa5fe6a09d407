"""The account book on a real store and real records: tables, splits, statements, entries, closing."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from facility.accounting.entries import (
    Assignment,
    Correction,
    EnergyPrice,
    FloorArea,
    Headcount,
    JumpVerdict,
    Quota,
    QuotaPer,
    Replacement,
)
from facility.accounting.metering import Medium
from facility.accounting.tree import UNALLOCATED
from facility.accounting.use import Grade
from facility.books.metering import edges
from facility.books.watch import findings
from facility.errors import NotPermitted
from facility.journal.closing import sha256_of
from facility.local_days import day_edges, hour_edges
from facility.quantities import ENUMERATIONS
from tests.facility.books.bureau import ADMIN, Bureau, bureau, bureau_data, constant, local, running, steady, us

ELECTRICITY = Medium.ELECTRICITY
JULY = date(2026, 7, 1)
HIGH = float(ENUMERATIONS["fan_speed"].index("high"))
THERMO_ON = float(ENUMERATIONS["thermo"].index("thermo_on"))
COUNTERS = {
    "main-meter.energy_import": steady(10.0),
    "meter-401.energy_import": steady(2.0),
    "meter-402.energy_import": steady(3.0),
    "meter-vrf.energy_import": steady(4.0),
}
"""One kilowatt is nobody's."""


def states(unit: str, first_hour: float, last_hour: float) -> dict[str, object]:
    return {
        f"{unit}.on": running(first_hour, last_hour),
        f"{unit}.fan": constant(HIGH),
        f"{unit}.thermo": constant(THERMO_ON),
    }


UNITS = states("ac-401", 8, 12) | states("ac-402", 8, 12) | states("ac-archive", 0, 0)


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[Bureau]:
    """Three days in July, every meter steady, two units running four hours a day."""
    with bureau(tmp_path) as house:
        house.fill(local(7, 6), local(7, 9), COUNTERS | UNITS)  # type: ignore[arg-type]
        yield house


def values(house: Bureau, by: str, times_us: list[int]) -> dict[str, list[float]]:
    table = house.books.usage(by, ELECTRICITY, edges(times_us))  # type: ignore[arg-type]
    return {key: [round(value, 6) for value in column.values.tolist()] for key, column in table.columns.items()}


def test_offices_and_what_nobody_owns_are_the_main_meter(filled: Bureau) -> None:
    days = day_edges(us(7, 6), us(7, 9), filled.site.zone)
    found = values(filled, "office", days)
    # ac-401 and ac-402 ran alike and have the same capacity: half each; the archive's unit ran not at all
    assert found["finance"] == [48.0 + 48.0] * 3
    assert found["general"] == [72.0 + 48.0] * 3
    assert found[UNALLOCATED] == [24.0] * 3
    assert [sum(parts) for parts in zip(*found.values(), strict=True)] == [240.0] * 3


def test_hours_add_up_to_days_and_every_table_to_the_main_meter(filled: Bureau) -> None:
    span = us(7, 6), us(7, 9)
    hours = values(filled, "office", hour_edges(*span, filled.site.zone))
    whole = values(filled, "office", list(span))
    for key, column in hours.items():
        assert math.fsum(column) == pytest.approx(whole[key][0], abs=1e-6)
    for by in ("office", "floor", "building", "item", "equipment", "office_item"):
        told = [column[0] for column in values(filled, by, list(span)).values()]
        assert np.nansum(told) == pytest.approx(720.0)


def test_what_is_shared_is_marked_as_allocated(filled: Bureau) -> None:
    table = filled.books.usage("office", ELECTRICITY, edges([us(7, 6), us(7, 9)]))
    (use,) = table.columns["finance"].uses()
    assert use.estimated_share == pytest.approx(0.5)
    assert use.grade is Grade.ALLOCATED
    assert table.metered >= {"finance", "general"}


def test_equipment_has_its_share_and_meters_stand_as_they_are(filled: Bureau) -> None:
    span = [us(7, 6), us(7, 9)]
    equipment = values(filled, "equipment", span)
    assert (equipment["ac-401"], equipment["ac-402"], equipment["ac-archive"]) == ([144.0], [144.0], [0.0])
    assert values(filled, "meter", span)["meter-vrf"] == [288.0]


def test_a_unit_that_nobody_heard_of_is_estimated_and_marked(tmp_path: Path) -> None:
    with bureau(tmp_path) as house:
        house.fill(local(7, 6), local(7, 7), COUNTERS | states("ac-401", 8, 12) | states("ac-402", 8, 12))  # type: ignore[arg-type]
        split = house.books.month_split("vrf-1", JULY)
        lines = {line.unit: line for line in split.units}
        assert (lines["ac-archive"].estimated_days, lines["ac-401"].estimated_days) == (1, 0)
        energies = {unit: line.energy_kwh or 0.0 for unit, line in lines.items()}
        assert energies["ac-archive"] > 0
        assert round(math.fsum(energies.values()), 2) == split.energy_kwh == 96.0


def test_the_offices_of_a_split_add_up_to_the_meter_to_the_hundredth(filled: Bureau) -> None:
    split = filled.books.month_split("vrf-1", JULY)
    charged = [part or 0.0 for line in split.units for part in line.offices.values()]
    assert split.energy_kwh == 288.0
    assert round(math.fsum(charged), 2) == split.energy_kwh
    assert {line.unit: line.cooling_h for line in split.units}["ac-401"] == {"high": pytest.approx(12.0)}
    assert split.unknown_spans == 31 - 3
    known = [span for span in split.spans if span.energy_kwh is not None]
    assert [span.method for span in known] == ["time_capacity"] * 3
    assert [span.energy_kwh for span in known] == pytest.approx([96.0] * 3)
    assert all(math.fsum(span.fractions.values()) == pytest.approx(1.0) for span in known)


def test_days_of_a_silent_outdoor_meter_are_settled_as_one_span(tmp_path: Path) -> None:
    with bureau(tmp_path) as house:
        house.fill(
            local(7, 6), local(7, 9), {key: COUNTERS[key] for key in COUNTERS if key != "meter-vrf.energy_import"}
        )
        house.fill(local(7, 6), local(7, 9), UNITS)  # type: ignore[arg-type]
        silent = steady(4.0)
        house.fill(local(7, 6), local(7, 9), {"meter-vrf.energy_import": lambda h: None if 20 < h < 60 else silent(h)})
        found = values(house, "office", [us(7, 6), us(7, 9)])
        assert (found["finance"], found["general"], found[UNALLOCATED]) == ([288.0], [360.0], [72.0])
        days = values(house, "office", day_edges(us(7, 6), us(7, 9), house.site.zone))
        assert sum(day for column in days.values() for day in column) == pytest.approx(720.0)  # nothing is lost
        table = house.books.usage("office", ELECTRICITY, edges(day_edges(us(7, 6), us(7, 9), house.site.zone)))
        ((meter, gap),) = table.blocks
        assert meter == "meter-vrf"
        assert gap.amount == pytest.approx(160.0, abs=2)


def test_an_assignment_moves_a_meter_from_its_date_on(filled: Bureau) -> None:
    filled.enter(Assignment(meter="meter-402", since=date(2026, 7, 8), office="finance", share=0.25, reason="借用"))
    found = values(filled, "office", day_edges(us(7, 6), us(7, 9), filled.site.zone))
    assert found["finance"] == [96.0, 96.0, 96.0 + 18.0]
    assert found["general"] == [120.0, 120.0, 48.0]
    assert found[UNALLOCATED] == [24.0, 24.0, 24.0 + 54.0]


def test_a_held_jump_counts_once_a_person_accepts_it(tmp_path: Path) -> None:
    with bureau(tmp_path) as house:
        counters = {**COUNTERS, "meter-vrf.energy_import": lambda h: 1000.0 + 4.0 * h + (5000.0 if h > 30 else 0.0)}
        house.fill(local(7, 6), local(7, 9), counters | UNITS)  # type: ignore[arg-type]
        span = [us(7, 6), us(7, 9)]
        (held,) = house.books.doubts.held("meter-vrf", *span)
        assert held.amount == pytest.approx(5000.0, abs=1.0)
        assert held.believable is not None
        assert held.believable < 10.0
        assert values(house, "meter", span)["meter-vrf"][0] < 288.0
        assert any(finding.key == "books.held.meter-vrf" for finding in findings(house.books))
        verdict = JumpVerdict(
            meter="meter-vrf", start_us=held.start_us, end_us=held.end_us, accepted=True, reason="换表头,核对无误"
        )
        house.enter(verdict)
        assert values(house, "meter", span)["meter-vrf"] == [pytest.approx(5288.0)]
        assert house.books.doubts.held("meter-vrf", *span) == []


def test_a_replacement_and_a_correction_change_only_their_own_time(filled: Bureau) -> None:
    days = day_edges(us(7, 6), us(7, 9), filled.site.zone)
    before = values(filled, "meter", days)["meter-401"]
    filled.enter(
        Correction(meter="meter-401", start_us=us(7, 7), end_us=us(7, 8), amount=60.0, reason="表计停走,按上月同期")
    )
    assert values(filled, "meter", days)["meter-401"] == [before[0], 60.0, before[2]]
    filled.enter(
        Replacement(meter="meter-401", at_us=us(7, 8), closing=None, opening=None, factor=2.0, reason="换互感器")
    )
    assert values(filled, "meter", days)["meter-401"][0] == before[0]
    assert values(filled, "meter", days)["meter-401"][2] == pytest.approx(2 * before[2], rel=0.02)


def test_the_balance_names_what_is_not_metered(filled: Bureau) -> None:
    (main,) = filled.books.balance(ELECTRICITY, us(7, 6), us(7, 7))
    assert main.remainder is not None
    assert (main.amounts.values[0], main.remainder.values[0]) == (pytest.approx(240.0), pytest.approx(24.0))
    assert {child.meter for child in main.children} == {"meter-401", "meter-402", "meter-vrf"}


@pytest.mark.parametrize(("percent", "alarms"), [(5.0, ["books.remainder.main-meter"]), (15.0, []), (None, [])])
def test_a_remainder_beyond_the_limit_is_an_alarm(tmp_path: Path, percent: float | None, alarms: list[str]) -> None:
    with bureau(tmp_path, bureau_data(remainder_percent=percent)) as house:
        house.fill(local(8, 2), local(8, 3), COUNTERS)
        assert [finding.key for finding in findings(house.books)] == alarms


OUR_POWER = """
tariff: our_power
name: {zh: 本单位电价, en: Our electricity}
medium: electricity
region: 湖南
source: {document: 供电合同, grade: own}
versions:
  - valid_from: 2025-08-01
    user_class: 工商业
    voltage: 10 kV
    prices: {ratios: {flat: 1}}
    days: [{hours: {flat: ["00:00-24:00"]}}]
"""


@pytest.mark.parametrize(("price", "yuan"), [(None, None), (0.0, 0.0), (0.5, 4.0 * 31 * 24 * 0.5)])
def test_a_price_entered_for_a_file_of_the_sites_own_holds(
    tmp_path: Path, price: float | None, yuan: float | None
) -> None:
    (tmp_path / "our_power.yaml").write_text(OUR_POWER, encoding="utf-8")
    data = bureau_data(tariffs={"electricity": "./our_power.yaml"}, region="湖南")
    with bureau(tmp_path, data, tables=tmp_path) as house:
        house.fill(local(7, 1), local(8, 1), COUNTERS | UNITS, step_s=900)  # type: ignore[arg-type]
        if price is not None:
            house.enter(EnergyPrice(tariff="./our_power.yaml", month="2026-07", price=price, reason="代理购电公告"))
        cost = house.books.statement("finance", JULY).media[0].cost
        assert cost is not None
        assert cost.total_yuan == (None if yuan is None else pytest.approx(yuan, abs=0.005))


def test_a_statement_tells_use_cost_quota_coal_and_what_it_rests_on(tmp_path: Path) -> None:
    with bureau(tmp_path, bureau_data(tariffs={"electricity": "hunan_2025"}, region="湖南")) as house:
        house.fill(local(7, 1), local(8, 1), COUNTERS | UNITS, step_s=900)  # type: ignore[arg-type]
        house.enter(EnergyPrice(tariff="hunan_2025", month="2026-07", price=0.5, reason="代理购电公告"))
        house.enter(Headcount(office="finance", since=date(2026, 7, 17), people=12, leaders=1, reason="调入"))
        house.enter(
            Quota(office="finance", medium="electricity", item=None, per=QuotaPer.HEAD, period="month", amount=100.0,
                  since=date(2026, 1, 1), source="机关用能定额", reason="年度下达")
        )  # fmt: skip
        told = house.books.statement("finance", JULY)
        hours = 31 * 24
        (electricity,) = told.media
        assert electricity.total.value == pytest.approx(4.0 * hours)
        items = {item.item: (item.code, round(item.figure.value or 0)) for item in told.items}
        assert items == {"lighting_sockets": ("01A00", 2 * hours), "air_conditioning": ("01B00", 2 * hours)}
        assert told.people is not None
        assert told.people == pytest.approx((6 * 16 + 12 * 15) / 31)
        assert told.per_head.value == pytest.approx(4.0 * hours / told.people)
        cost = electricity.cost
        assert cost is not None
        assert cost.total_yuan is not None
        assert math.fsum(line.amount or 0.0 for line in cost.lines) == pytest.approx(4.0 * hours)
        assert electricity.coal_calorific is not None
        assert electricity.coal_calorific.value == pytest.approx(4.0 * hours * 0.1229)
        assert electricity.coal_equivalent is not None
        assert electricity.coal_equivalent.value != electricity.coal_calorific.value
        (quota,) = [line for line in told.quotas if line.allowance.parts[0].quota.source == "机关用能定额"]
        assert quota.allowance.amount == pytest.approx(100.0 * told.people)
        assert quota.projection.overrun == pytest.approx(4.0 * hours - 100.0 * told.people)
        assert len(told.days) == 31
        assert [split.outdoor for split in told.splits] == ["vrf-1"]
        assert [line.unit for line in told.splits[0].units] == ["ac-401"]


def test_an_office_without_readings_is_not_known_and_not_zero(tmp_path: Path) -> None:
    with bureau(tmp_path) as house:
        told = house.books.statement("finance", JULY)
        assert told.media[0].total.value is None
        assert told.media[0].total.grade is Grade.UNKNOWN
        assert told.per_head.value is None
        assert told.splits[0].energy_kwh is None
        assert told.splits[0].units[0].energy_kwh is None
        assert told.splits[0].units[0].offices == {"finance": None}
        assert told.media[0].coal_calorific is not None
        assert told.media[0].coal_calorific.value is None


def test_a_closed_month_stands_and_is_corrected_by_reversal_in_the_open_one(filled: Bureau) -> None:
    before = filled.books.statement("general", JULY)
    closed = filled.books.close_month(JULY, actor=ADMIN, at=filled.clock.now())
    assert closed.sha256 == sha256_of(closed.document)
    told = filled.books.statement("general", JULY)
    assert (told.media[0].total, told.sha256) == (before.media[0].total, closed.sha256)
    lines = filled.enter(
        Assignment(meter="meter-402", since=JULY, office="finance", share=1.0, reason="一直由财务科使用")
    )
    by_office = {(line.office, line.kind): line.amount for line in lines}
    assert by_office[("general", "reversal")] == pytest.approx(-360.0)
    assert by_office[("general", "booking")] == pytest.approx(144.0)
    assert by_office[("finance", "booking")] == pytest.approx(288.0 + 216.0)
    assert math.fsum(line.amount for line in lines) == pytest.approx(0.0, abs=1e-6)
    assert {(line.month, line.of_month) for line in lines} == {("2026-08", "2026-07")}
    assert filled.books.statement("general", JULY).media[0].total == before.media[0].total
    assert [line.amount for line in filled.books.statement("general", date(2026, 8, 1)).postings] == [
        pytest.approx(-360.0), pytest.approx(144.0)
    ]  # fmt: skip
    assert filled.books.restate("2026-07", actor=ADMIN, reason="再核对", at=filled.clock.now()) == []


def test_a_month_that_is_not_over_cannot_be_closed(filled: Bureau) -> None:
    with pytest.raises(NotPermitted):
        filled.books.close_month(date(2026, 8, 1), actor=ADMIN, at=filled.clock.now())


def test_a_month_in_which_nothing_was_measured_cannot_be_closed(filled: Bureau) -> None:
    with pytest.raises(NotPermitted):
        filled.books.close_month(date(2026, 6, 1), actor=ADMIN, at=filled.clock.now())
    assert filled.journal.accounts.closed_months() == []


def test_a_virtual_meter_is_reckoned_and_missing_where_a_member_is(tmp_path: Path) -> None:
    data = bureau_data()
    data["equipment"].append(
        {"id": "both", "kind": "virtual_meter", "name": {"zh": "两科合计", "en": "Both"},
         "members": [{"meter": "meter-401"}, {"meter": "meter-402", "percent": -50}]}
    )  # fmt: skip
    with bureau(tmp_path, data) as house:
        house.fill(local(7, 6), local(7, 7), COUNTERS)
        assert values(house, "meter", [us(7, 6), us(7, 7)])["both"] == [12.0]
        assert np.isnan(values(house, "meter", [us(7, 7), us(7, 8)])["both"][0])
        assert math.fsum(c[0] for c in values(house, "office", [us(7, 6), us(7, 7)]).values()) == pytest.approx(240.0)


def test_public_rooms_are_kept_apart_or_charged_to_who_answers_for_them(tmp_path: Path) -> None:
    ran = states("ac-401", 8, 12) | states("ac-402", 8, 12) | states("ac-archive", 8, 12)
    for setting, archive in (("apart", 0.0), ("responsible_office", 32.0)):
        with bureau(tmp_path / setting, bureau_data(public_rooms=setting)) as house:
            house.fill(local(7, 6), local(7, 7), COUNTERS | ran)  # type: ignore[arg-type]
            found = values(house, "office", [us(7, 6), us(7, 7)])
            assert found["general"] == [pytest.approx(72.0 + 32.0 + archive)]
            assert found[UNALLOCATED] == [pytest.approx(24.0 + 32.0 - archive)]


def test_areas_enter_the_statement_by_date(filled: Bureau) -> None:
    filled.enter(FloorArea(office="finance", since=date(2026, 7, 1), area_m2=82.0, reason="测绘"))
    told = filled.books.statement("finance", JULY)
    assert told.area_m2 == 82.0
    assert told.per_m2.value == pytest.approx(288.0 / 82.0)


def test_that_the_next_reading_is_still_to_come_is_no_doubt(filled: Bureau) -> None:
    gaps = filled.books.doubts.gaps
    assert gaps("meter-401", us(7, 6), us(7, 9, 0.2)) == ()
    assert [gap.kind.value for gap in gaps("meter-401", us(7, 6), us(7, 9, 2))] == ["silent"]
