"""What filings cost: hours beyond the window, the running of the office's own units in them, and closed months."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from facility.books.closing import closed_filings
from facility.books.filed import NOT_KNOWN, NOTHING_METERED, WITHIN_WINDOW, FiledLine
from facility.books.supply_hours import permitted_beyond, window_on
from facility.calendar import Calendar
from facility.filings import Filing, FilingKind, FilingState, Relaxation, Scope
from facility.journal.closing import sha256_of
from facility.model.entries import CalendarDay
from tests.facility.books.bureau import ADMIN, Bureau, bureau, bureau_data, local, site_of, steady, us
from tests.facility.books.test_books import COUNTERS, states

JULY = date(2026, 7, 1)
R401 = Scope(spaces=frozenset({"r401"}))


def filed(start: Any, end: Any, **changes: Any) -> Filing:
    given: dict[str, Any] = {
        "id": 0, "kind": FilingKind.EXCEPTION, "state": FilingState.APPROVED, "applicant": ADMIN,
        "filed_at": local(6, 1), "decided_by": ADMIN, "decided_at": local(6, 2), "start": start, "end": end,
        "scope": R401, "relaxes": Relaxation(hours=True), "office": "finance", "reason": "加班",
    }  # fmt: skip
    return Filing(**(given | changes))


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[Bureau]:
    """From Monday 6 to Sunday 12 July: 401 runs from 8 to 20, 402 from 8 to 18; the outdoor unit takes 4 kW, 1 in
    standby.
    """
    data = bureau_data()
    next(item for item in data["equipment"] if item["id"] == "vrf-1")["standby_kw"] = 1.0
    with bureau(tmp_path, data) as house:
        units = states("ac-401", 8, 20) | states("ac-402", 8, 18) | states("ac-archive", 0, 0)
        house.fill(local(7, 6), local(7, 13), COUNTERS | units)  # type: ignore[arg-type]
        yield house


def enter(house: Bureau, *filings: Filing) -> None:
    assert isinstance(house.journal.filings.enter(filings, actor=ADMIN, at=local(6, 1)), tuple)


def line(house: Bureau, filing: Filing, office: str = "finance") -> FiledLine:
    enter(house, filing)
    return house.books.filings(office, JULY)[-1]


def test_the_evening_is_split_by_the_running_of_that_evening(filled: Bureau) -> None:
    use = line(filled, filed(local(7, 6, 16), local(7, 6, 20))).use
    assert (use.held_h, use.beyond_h, use.complete) == (4.0, 3.0, True)
    # from 17 to 20: 9 kWh beside standby; 401 ran three hours, 402 one
    assert use.energy_kwh == pytest.approx(9.0 * 3 / 4)


COSTS: list[tuple[str, Filing, float, float, float | None]] = [
    ("both ran", filed(local(7, 6, 17), local(7, 6, 18)), 1, 1, 1.5),
    ("it alone ran", filed(local(7, 6, 18), local(7, 6, 20)), 2, 2, 6.0),
    ("nothing ran: nothing but standby", filed(local(7, 6, 20), local(7, 6, 22)), 2, 2, 0.0),
    ("within the window", filed(local(7, 6, 9), local(7, 6, 12)), 3, 0, None),
    ("only the setpoint", filed(local(7, 6, 17), local(7, 6, 20), relaxes=Relaxation(setpoint_min_cool_c=26.0)), 3, 0,
     None),
    ("a Saturday without its hours", filed(local(7, 11, 0), local(7, 12, 0), relaxes=Relaxation(holiday=True)), 24, 9,
     9 * 3 / 2),
    ("a Saturday that is not opened", filed(local(7, 11, 8), local(7, 11, 12)), 4, 0, None),
    ("a whole Saturday", filed(local(7, 11, 0), local(7, 12, 0), relaxes=Relaxation(hours=True, holiday=True)), 24, 24,
     24 * 3 * 12 / 22),
    ("approved when it had begun", filed(local(7, 7, 17), local(7, 7, 20), decided_at=local(7, 7, 18)), 2, 2, 6.0),
    ("revoked", filed(local(7, 8, 17), local(7, 8, 20), state=FilingState.REVOKED, revoked_at=local(7, 8, 18)), 1, 1,
     1.5),
    ("rejected", filed(local(7, 9, 17), local(7, 9, 20), state=FilingState.REJECTED), 0, 0, 0.0),
    ("undecided", filed(local(7, 10, 17), local(7, 10, 20), state=FilingState.SUBMITTED, decided_at=None), 0, 0, 0.0),
    ("before anything was read", filed(local(7, 2, 17), local(7, 2, 20)), 3, 3, None),
]  # fmt: skip


def test_hours_and_cost_of_each_filing(filled: Bureau) -> None:
    for case, filing, held_h, beyond_h, energy_kwh in COSTS:
        use = line(filled, filing).use
        assert (use.held_h, use.beyond_h) == (held_h, beyond_h), case
        assert use.energy_kwh == (None if energy_kwh is None else pytest.approx(energy_kwh)), case
    whys = [found.use.why for found in filled.books.filings("finance", JULY)]
    assert [whys[3], whys[4], whys[-1], whys[0]] == [WITHIN_WINDOW, WITHIN_WINDOW, NOT_KNOWN, None]


def test_each_office_is_told_of_its_own_units(filled: Bureau) -> None:
    notice = filed(local(7, 6, 17), local(7, 6, 20), kind=FilingKind.NOTICE, scope=Scope(), office=None)
    enter(filled, notice)
    energies = {
        office: [found.use.energy_kwh for found in filled.books.filings(office, JULY)]
        for office in ("finance", "general")
    }
    assert energies == {"finance": [pytest.approx(6.75)], "general": [pytest.approx(2.25)]}
    assert filled.books.filings("general", date(2026, 6, 1)) == ()


def test_a_filing_over_the_end_of_a_month_is_told_in_both(filled: Bureau) -> None:
    enter(filled, filed(local(6, 30, 20), local(7, 1, 6)))
    (june,), (july,) = filled.books.filings("finance", date(2026, 6, 1)), filled.books.filings("finance", JULY)
    assert (june.use.held_h, july.use.held_h) == (4.0, 6.0)


def test_a_notice_that_stops_costs_nothing(filled: Bureau) -> None:
    stop = filed(local(7, 6, 17), local(7, 6, 20), kind=FilingKind.NOTICE, stops=True, relaxes=Relaxation())
    use = line(filled, stop).use
    assert (use.held_h, use.energy_kwh, use.why) == (3.0, 0.0, None)


def test_own_meters_count_as_they_are_and_the_upmost_of_them(tmp_path: Path) -> None:
    data = bureau_data()
    next(item for item in data["equipment"] if item["id"] == "vrf-1").pop("meter")
    for number, (meter, parent) in enumerate((("circuit", "main-meter"), ("behind", "circuit")), 31):
        data["devices"].append({"id": f"m-{meter}", "profile": "chint_dtsu666", "link": "meters", "unit": number})
        data["equipment"].append(
            {"id": meter, "kind": "electricity_meter", "device": f"m-{meter}", "feeds": {"office": "finance"},
             "item": "air_conditioning", "parent": parent}
        )  # fmt: skip
    with bureau(tmp_path, data) as house:
        points = {"circuit.energy_import": steady(2.0), "behind.energy_import": steady(0.5)}
        house.fill(local(7, 6), local(7, 7), points)
        assert line(house, filed(local(7, 6, 17), local(7, 6, 20))).use.energy_kwh == pytest.approx(6.0)
        archive = filed(local(7, 6, 17), local(7, 6, 20), scope=Scope(spaces=frozenset({"archive"})), office="general")
        use = line(house, archive, "general").use
        assert (use.energy_kwh, use.complete, use.why) == (None, False, NOTHING_METERED)


def test_a_closed_month_keeps_its_filings_as_they_were(filled: Bureau) -> None:
    enter(filled, filed(local(7, 6, 18), local(7, 6, 20), scope=Scope(spaces=frozenset({"r401", *"zyxgone"}))))
    before = filled.books.filings("finance", JULY)
    closed = filled.books.close_month(JULY, actor=ADMIN, at=filled.clock.now())
    assert closed.sha256 == sha256_of(closed.document)
    assert closed_filings(closed, "finance") == before == filled.books.filings("finance", JULY)
    document: Any = closed.document["filings"]
    assert document["finance"][0]["filing"]["scope"]["spaces"] == ["e", "g", "n", "o", "r401", "x", "y", "z"]
    enter(filled, filed(local(7, 7, 18), local(7, 7, 20)))
    assert filled.books.filings("finance", JULY) == before


def test_a_month_that_was_closed_without_filings_keeps_its_sum(filled: Bureau) -> None:
    filled.books.close_month(JULY, actor=ADMIN, at=filled.clock.now())
    closed = filled.journal.accounts.closed_month("2026-07")
    assert closed is not None
    first = {key: value for key, value in closed.document.items() if key != "filings"} | {"format": 1}
    assert closed_filings(replace(closed, document=first), "finance") is None
    assert closed_filings(closed, "finance") == ()


WORKDAY, SATURDAY = (us(7, 15), us(7, 16)), (us(7, 18), us(7, 19))
BOTH = Relaxation(hours=True, holiday=True)
OPENED: list[tuple[Relaxation, tuple[int, int], list[tuple[int, int]]]] = [
    (Relaxation(hours=True), WORKDAY, [(us(7, 15), us(7, 15, 8)), (us(7, 15, 17), us(7, 16))]),
    (Relaxation(holiday=True), WORKDAY, []),
    (Relaxation(hours=True), SATURDAY, []),
    (Relaxation(holiday=True), SATURDAY, [(us(7, 18, 8), us(7, 18, 17))]),
    (BOTH, SATURDAY, [SATURDAY]),
    (BOTH, (us(7, 17, 16), us(7, 20, 9)), [(us(7, 17, 17), us(7, 20, 8))]),
    (Relaxation(weather=True), WORKDAY, []),
]


@pytest.mark.parametrize(("relaxes", "span", "opened"), OPENED)
def test_what_is_permitted_beyond_the_window(
    relaxes: Relaxation, span: tuple[int, int], opened: list[tuple[int, int]]
) -> None:
    assert permitted_beyond(site_of(bureau_data()), Calendar(), relaxes, span) == opened


def test_the_window_and_the_days_of_rest_are_the_sites_own() -> None:
    data = bureau_data()
    data["policy"] = {"parameters": {"window": "09:00-16:30"}}
    assert window_on(site_of(data), Calendar(), date(2026, 7, 15)) == [(us(7, 15, 9), us(7, 15, 16.5))]
    data["policy"] = {"parameters": {"window": "always"}}
    assert window_on(site_of(data), Calendar(), date(2026, 7, 15)) == []
    off = Calendar([CalendarDay(day=date(2026, 7, 15), kind="rest", notice="局办通知")])
    assert permitted_beyond(site_of(bureau_data()), off, BOTH, WORKDAY) == [WORKDAY]


def test_no_filing_is_no_line(filled: Bureau) -> None:
    assert filled.books.filings("finance", JULY) == ()
