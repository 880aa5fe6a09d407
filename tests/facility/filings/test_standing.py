"""What filings mean at a moment: they begin, overlap, carry on, are taken back, and never widen each other."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facility.commands import Actor, Role
from facility.filings import (
    NOTHING_FILED,
    NOTHING_RELAXED,
    Filing,
    FilingKind,
    FilingPhase,
    FilingState,
    Relaxation,
    Scope,
    is_same,
    standing,
)

EVENING = datetime(2026, 7, 15, 9, 0, tzinfo=UTC)
"""17:00 in Shanghai."""
CLERK = Actor(name="the clerk", role=Role.SECTION_OPERATOR, office="finance")
HEAD = Actor(name="行政科长", role=Role.ADMIN_SECTION)


def at(hour: float) -> datetime:
    return EVENING + timedelta(hours=hour)


def filed(number: int, start: float, end: float, **changes: Any) -> Filing:
    given: dict[str, Any] = {
        "id": number, "kind": FilingKind.EXCEPTION, "state": FilingState.APPROVED, "applicant": CLERK,
        "filed_at": at(-24), "start": at(start), "end": at(end), "reason": "加班", "relaxes": Relaxation(hours=True),
        "decided_by": HEAD, "decided_at": at(-20),
    }  # fmt: skip
    return Filing(**(given | changes))


STOP: dict[str, Any] = {"kind": FilingKind.NOTICE, "stops": True, "relaxes": NOTHING_RELAXED}

UNTIL = [
    ("nothing is filed", [], 0, None),
    ("it has not begun", [filed(1, 1, 2)], 0, None),
    ("it begins", [filed(1, 0, 2)], 0, 2),
    ("it ends", [filed(1, -2, 0)], 0, None),
    ("two overlap", [filed(1, 0, 2), filed(2, 1, 3)], 0, 3),
    ("two touch", [filed(1, 0, 2), filed(2, 2, 3)], 0, 3),
    ("three in a row, entered backwards", [filed(3, 0, 1), filed(2, 1, 2), filed(1, 2, 3)], 0, 3),
    ("a gap between", [filed(1, 0, 2), filed(2, 2.01, 3)], 0, 2),
    ("one within the other", [filed(1, 0, 3), filed(2, 1, 2)], 1.5, 3),
    ("the same twice", [filed(1, 0, 2), filed(2, 0, 2)], 0, 2),
    ("the next only relaxes the sky", [filed(1, 0, 2), filed(2, 2, 3, relaxes=Relaxation(weather=True))], 0, 2),
    ("the next is not approved", [filed(1, 0, 2), filed(2, 2, 3, state=FilingState.SUBMITTED)], 0, 2),
    ("the next was taken back", [filed(1, 0, 2), filed(2, 2, 3, state=FilingState.REVOKED)], 0, 2),
    ("a booked room is made ready", [filed(1, 0.25, 2, lead=timedelta(minutes=15))], 0, 2),
    ("making ready carries on", [filed(1, 0, 2), filed(2, 2.25, 3, lead=timedelta(minutes=15))], 0, 3),
    ("a notice stops before its end", [filed(1, 0, 3), filed(2, 1, 2, **STOP)], 0, 1),
    ("a notice stops later", [filed(1, 0, 3), filed(2, 4, 5, **STOP)], 0, 3),
    ("a notice that stopped is over", [filed(1, 0, 3), filed(2, 1, 2, **STOP)], 2, 3),
    ("what stops never carries on", [filed(1, 0, 1), filed(2, 1, 2, **{**STOP, "relaxes": Relaxation(hours=True)})],
     0, 1),
]  # fmt: skip


@pytest.mark.parametrize(("case", "filings", "hour", "until"), UNTIL, ids=[case[0] for case in UNTIL])
def test_supply_goes_on_until(case: str, filings: list[Filing], hour: float, until: float | None) -> None:
    found = standing(filings, at(hour))
    assert found.hours_until == (None if until is None else at(until)), case
    assert found.relaxes.hours is (until is not None)


WIDEST: list[tuple[str, list[float | None], float | None]] = [
    ("setpoint_min_cool_c", [27.0, 26.0], 26.0),
    ("setpoint_min_cool_c", [None, 27.0], 27.0),
    ("setpoint_min_cool_c", [0.0, 27.0], 0.0),
    ("setpoint_max_heat_c", [22.0, 25.0], 25.0),
    ("setpoint_max_heat_c", [None, 0.0], 0.0),
    ("cooling_outdoor_c", [28.0, 26.0], 26.0),
    ("cooling_outdoor_c", [0.0, None], 0.0),
    ("heating_outdoor_c", [16.0, 18.0], 18.0),
    ("heating_outdoor_c", [None, None], None),
]


@pytest.mark.parametrize(("name", "given", "widest"), WIDEST)
def test_of_several_temperatures_the_widest_holds_and_none_is_none(
    name: str, given: list[float | None], widest: float | None
) -> None:
    filings = [
        filed(number, 0, 2, relaxes=Relaxation(forecast=True, **{name: value}))  # type: ignore[arg-type]
        for number, value in enumerate(given, 1)
    ]
    assert getattr(standing(filings, at(0)).relaxes, name) == widest


def test_a_notice_stops_whatever_else_is_filed_and_relaxes_nothing() -> None:
    notice = filed(2, 0, 1, **STOP)
    found = standing([filed(1, 0, 2), notice], at(0))
    assert (found.stops, found.notice) == (True, notice)
    assert standing([replace(notice, relaxes=Relaxation(holiday=True))], at(0)).relaxes == NOTHING_RELAXED
    assert standing([filed(1, 0, 2), notice], at(1)).stops is False


PHASES: list[tuple[FilingState, float, FilingPhase]] = [
    (FilingState.SUBMITTED, -1, FilingPhase.SUBMITTED), (FilingState.SUBMITTED, 1, FilingPhase.SUBMITTED),
    (FilingState.SUBMITTED, 2, FilingPhase.LAPSED), (FilingState.APPROVED, -0.01, FilingPhase.COMING),
    (FilingState.APPROVED, 0, FilingPhase.IN_FORCE), (FilingState.APPROVED, 2, FilingPhase.OVER),
    (FilingState.REJECTED, 1, FilingPhase.REJECTED), (FilingState.REVOKED, 3, FilingPhase.REVOKED),
]  # fmt: skip


@pytest.mark.parametrize(("state", "hour", "phase"), PHASES)
def test_how_it_stands(state: FilingState, hour: float, phase: FilingPhase) -> None:
    assert filed(1, 0, 2, state=state).phase(at(hour)) is phase


HELD: list[tuple[str, dict[str, Any], float, tuple[float, float] | None]] = [
    ("all of its time", {}, 5, (0, 2)),
    ("so far", {}, 1, (0, 1)),
    ("not begun", {}, 0, None),
    ("approved when half was over", {"decided_at": at(1)}, 5, (1, 2)),
    ("taken back", {"state": FilingState.REVOKED, "revoked_at": at(1)}, 5, (0, 1)),
    ("taken back before it began", {"state": FilingState.REVOKED, "revoked_at": at(-1)}, 5, None),
    ("taken back undecided", {"state": FilingState.REVOKED, "revoked_at": at(1), "decided_at": None}, 5, None),
    ("rejected", {"state": FilingState.REJECTED}, 5, None),
    ("never decided", {"state": FilingState.SUBMITTED, "decided_at": None}, 5, None),
    ("made ready", {"lead": timedelta(minutes=30)}, 5, (-0.5, 2)),
]


@pytest.mark.parametrize(("case", "changes", "hour", "held"), HELD, ids=[case[0] for case in HELD])
def test_over_which_time_it_was_in_force(
    case: str, changes: dict[str, Any], hour: float, held: tuple[float, float] | None
) -> None:
    found = filed(1, 0, 2, **changes).held_until(at(hour))
    assert found == (None if held is None else (at(held[0]), at(held[1]))), case


def test_the_same_is_the_same_whatever_its_number_words_and_fate() -> None:
    one = filed(1, 0, 2, scope=Scope(spaces=frozenset({"r401", "r402"})))
    other = filed(
        2, 0, 2, scope=Scope(spaces=frozenset({"r402", "r401"})), reason="x", late=True, state=FilingState.SUBMITTED
    )
    assert is_same(one, other)
    for change in (
        {"office": "finance"}, {"end": at(3)}, {"lead": timedelta(minutes=1)}, {"stops": True}, {"scope": Scope()},
        {"relaxes": Relaxation(hours=True, cooling_outdoor_c=0.0)}, {"kind": FilingKind.NOTICE},
    ):  # fmt: skip
        assert not is_same(one, replace(one, **change)), change


TEMPERATURE = st.one_of(st.none(), st.sampled_from([0.0, 26.0, 27.0, 28.0]))
RELAXED = st.builds(
    Relaxation, hours=st.booleans(), holiday=st.booleans(), forecast=st.booleans(), weather=st.booleans(),
    cooling_outdoor_c=TEMPERATURE, heating_outdoor_c=TEMPERATURE, setpoint_min_cool_c=TEMPERATURE,
    setpoint_max_heat_c=TEMPERATURE,
)  # fmt: skip


@st.composite
def any_filing(draw: st.DrawFn) -> Filing:
    start = draw(st.integers(0, 12))
    return filed(
        draw(st.integers(1, 9)), start, start + draw(st.integers(1, 6)), state=draw(st.sampled_from(FilingState)),
        relaxes=draw(RELAXED), stops=draw(st.integers(0, 4)) == 0, lead=timedelta(hours=draw(st.integers(0, 1))),
    )  # fmt: skip


@given(st.lists(any_filing(), max_size=6), st.integers(-2, 20))
def test_it_is_never_wider_than_what_is_in_force_together(filings: list[Filing], hour: int) -> None:
    found = standing(filings, at(hour))
    held = [filing for filing in filings if filing.holds_at(at(hour))]
    granting = [filing.relaxes for filing in held if not filing.stops]
    for part in fields(Relaxation):
        value = getattr(found.relaxes, part.name)
        assert value in (False, None) or value in [getattr(relaxes, part.name) for relaxes in granting]
    assert found.stops is any(filing.stops for filing in held)
    assert (found == NOTHING_FILED) is (not held)


@given(st.lists(any_filing(), max_size=6), st.integers(-2, 20))
def test_hours_go_on_exactly_as_long_as_some_filing_relaxes_them(filings: list[Filing], hour: int) -> None:
    found = standing(filings, at(hour)).hours_until
    reached = hour
    begun = [filing.begins for filing in filings if filing.state is FilingState.APPROVED and filing.stops]
    while any(f.holds_at(at(reached)) and f.relaxes.hours and not f.stops for f in filings):
        reached += 1  # all of them begin and end on full hours
        if at(reached) in begun:
            break
    assert found == (None if reached == hour else at(reached))


@given(st.permutations([filed(n, n, n + 2, relaxes=Relaxation(hours=n % 2 == 0, weather=True)) for n in range(1, 6)]))
def test_the_order_in_which_they_come_does_not_matter(filings: list[Filing]) -> None:
    found = standing(filings, at(4))
    assert [filing.id for filing in found.filings] == [3, 4]
    assert found.hours_until == at(6)
