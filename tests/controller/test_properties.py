"""What holds for any input: enforced limits, dwell, no heating beside cooling, same inputs same decision."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controller.arbitration import PriorityArray, Proposal
from controller.policy import Snapshot, State, decide, load_policy
from controller.policy.facts import ForecastIssue, Signal, Sky, UnitFacts, Weather
from controller.policy.timetable import DayPlan, plan_day
from facility.calendar import Calendar
from facility.commands import Fan, Mode, Wish
from facility.model.entries import ZoneClass
from tests.controller.building import WEDNESDAY, ZONE, Building, local
from tests.sites import small_site

POLICY = load_policy(small_site().file)
OFFICE = POLICY.of_class(ZoneClass.OFFICE)
PLACE = (28.23, 112.94)
DAYS = [date(2026, 7, 15), date(2026, 7, 18), date(2026, 1, 14), date(2026, 10, 1)]

temperatures = st.one_of(st.none(), st.floats(-20, 45).map(lambda value: round(value, 1)))
maybe = st.one_of(st.none(), st.booleans())
wishes = st.builds(
    Wish,
    on=maybe,
    mode=st.one_of(st.none(), st.sampled_from(Mode)),
    setpoint_c=st.one_of(st.none(), st.floats(10, 35)),
    fan=st.one_of(st.none(), st.sampled_from(Fan)),
)
proposals = st.builds(Proposal, slot=st.sampled_from([5, 8, 10]), wish=wishes, who=st.just("somebody"))
facts = st.builds(
    UnitFacts,
    observed=wishes,
    fresh=st.booleans(),
    room_c=temperatures,
    has_room=st.booleans(),
    window_open=maybe,
    present=maybe,
    array=st.builds(lambda given: PriorityArray().put(*given), st.lists(proposals, max_size=3)),
)


def plan(day: date) -> DayPlan:
    """The plan of a date with the default window."""
    p = POLICY.parameters
    return plan_day(Calendar(), day, ZONE, p.window, permit_at=p.permit_at, place=PLACE)


PLANS = {day: plan(day) for day in DAYS}


@st.composite
def moments(draw: st.DrawFn) -> list[tuple[Snapshot, datetime]]:
    """A few moments of one day, in order."""
    day = draw(st.sampled_from(DAYS))
    minutes = sorted(draw(st.sets(st.integers(0, 1439), min_size=1, max_size=6)))
    zone = draw(st.sampled_from([ZoneClass.OFFICE, ZoneClass.DUTY_ROOM]))
    found = []
    for minute in minutes:
        now = PLANS[day].midnight + timedelta(minutes=minute)
        max_c = draw(temperatures)
        issues = () if max_c is None else (
            ForecastIssue(provider="p", issued=now, fetched=now, daily_max_c={day: max_c}),
        )  # fmt: skip
        sky = Sky(rain=draw(maybe), cloud_percent=draw(st.one_of(st.none(), st.floats(0, 100))))
        weather = Weather(outdoor=Signal(value_c=draw(temperatures)), sky=sky, forecasts=issues)
        snapshot = Snapshot(
            weather=weather, days={zone: PLANS[day]}, kettle_day=PLANS[day], units={"u": (zone, draw(facts))}
        )
        found.append((snapshot, now))
    return found


@settings(max_examples=150, deadline=None)
@given(moments())
def test_no_decision_leaves_the_enforced_limits(day: list[tuple[Snapshot, datetime]]) -> None:
    state = State()
    for snapshot, now in day:
        verdicts, state = decide(POLICY, snapshot, state, now)
        verdict, (zone, seen) = verdicts.equipment["u"], snapshot.units["u"]
        wanted, plan_of_day = verdict.wanted, snapshot.days[zone]
        if not wanted.on:
            continue
        if zone is ZoneClass.OFFICE:
            assert plan_of_day.is_workday
            assert plan_of_day.opens <= now < plan_of_day.closes
        assert wanted.mode is None or wanted.mode in verdict.legal.modes
        if wanted.mode in (Mode.COOL, Mode.DRY, Mode.AUTO) and wanted.setpoint_c is not None:
            assert wanted.setpoint_c >= 28.0
        if wanted.mode is Mode.HEAT and wanted.setpoint_c is not None:
            assert wanted.setpoint_c <= 24.0
        is_start = not (seen.observed.on and seen.fresh)
        if is_start and wanted.mode is not Mode.FAN and zone is ZoneClass.OFFICE:
            permit = state.supply[zone].permit
            assert permit.cooling or permit.heating
            assert snapshot.weather.outdoor.value_c is not None


@settings(max_examples=60, deadline=None)
@given(moments())
def test_the_same_inputs_give_the_same_decision(day: list[tuple[Snapshot, datetime]]) -> None:
    def run() -> list[object]:
        state, found = State(), []
        for snapshot, now in day:
            verdicts, state = decide(POLICY, snapshot, state, now)
            found.append((verdicts, state))
        return list(found)

    assert run() == run()


@settings(max_examples=60, deadline=None)
@given(moments())
def test_heating_and_cooling_are_never_permitted_at_once(day: list[tuple[Snapshot, datetime]]) -> None:
    state = State()
    for snapshot, now in day:
        verdicts, state = decide(POLICY, snapshot, state, now)
        for verdict in verdicts.classes.values():
            assert not (verdict.cooling.start and verdict.heating.start)


HANDS = (Wish(on=True), Wish(on=False), Wish(setpoint_c=24.0), Wish(mode=Mode.HEAT))
ORDERS = (Wish(on=True), Wish(on=False), Wish(setpoint_c=29.0))

changes = st.lists(
    st.fixed_dictionaries({
        "minutes": st.integers(1, 25),
        "outdoor_c": st.sampled_from([None, 0.0, 14.0, 29.0, 29.9, 30.0, 30.1, 34.0]),
        "room_c": st.sampled_from([22.0, 27.4, 27.6, 28.0, 30.0]),
        "window": st.sampled_from([0.0, 1.0]),
        "present": st.sampled_from([0.0, 1.0]),
        "rain_mm": st.sampled_from([None, 0.0, 2.0]),
        "hand": st.sampled_from([None, *HANDS]),
        "order": st.sampled_from([None, *ORDERS]),
    }),
    min_size=8,
    max_size=20,
)  # fmt: skip


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(changes)
def test_no_sequence_makes_the_controller_flap_or_break_a_limit(steps: list[dict[str, object]]) -> None:
    building = Building(local("09:00"))
    for number, step in enumerate(steps):
        building.outdoor_c = step["outdoor_c"]  # type: ignore[assignment]
        building.rain_mm = step["rain_mm"]  # type: ignore[assignment]
        building.rooms["ac-401"] = step["room_c"]  # type: ignore[assignment]
        building.contacts["window-401.open"] = step["window"]  # type: ignore[assignment]
        building.contacts["presence-401.present"] = step["present"]  # type: ignore[assignment]
        if isinstance(step["hand"], Wish):
            building.set_unit("ac-402", step["hand"])
        if isinstance(step["order"], Wish):
            building.order(step["order"], order=f"order-{number}")
        building.run_to(building.clock.now() + timedelta(minutes=int(str(step["minutes"]))))
    _check_commands(building)
    _check_dwell(building)


def _check_commands(building: Building) -> None:
    for command in building.commands():
        if command.wish.on is False or command.equipment == "ac-archive":
            continue
        at = command.made.astimezone(ZONE)
        assert (at.date(), 8 <= at.hour < 17) == (WEDNESDAY, True)
        if command.wish.setpoint_c is not None and command.wish.mode is not Mode.FAN:
            assert command.wish.setpoint_c >= 28.0
        assert command.wish.mode is not Mode.HEAT


def _check_dwell(building: Building) -> None:
    ours: dict[str, list[tuple[datetime, bool]]] = defaultdict(list)
    for command in building.commands():
        if command.wish.on is not None:
            ours[command.equipment].append((command.made, command.wish.on))
    for unit, sent in ours.items():
        stops = {when for when, name, on in building.switched if name == unit and not on}
        for when, on in sent:
            if on:
                assert not [stop for stop in stops if timedelta(0) < when - stop < timedelta(minutes=5)]
    starts = sorted(when for unit, sent in ours.items() for when, on in sent if on and unit != "ac-archive")
    assert all(later - earlier >= timedelta(seconds=15) for earlier, later in pairwise(starts))
