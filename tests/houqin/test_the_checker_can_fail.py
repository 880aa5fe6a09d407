"""The independent checker finds each clause broken in a day made to break it, and nothing in one that was kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

import pytest

from facility.bus.messages import ForecastReceived, HourForecast
from facility.calendar import Calendar
from facility.commands import Actor, Role
from facility.filings import Filing, FilingKind, FilingState, Relaxation, Scope
from facility.model import Site, SiteFile, build_site
from facility.profiles import ProfileLibrary
from facility.readings import Batch, to_us
from tests.houqin.rule_checker import Case, Seen
from tests.houqin.unit_checker import all_breaches
from tests.sites import small_site_data

WEDNESDAY: Final = date(2026, 7, 15)
SATURDAY: Final = date(2026, 7, 18)
JANUARY: Final = date(2026, 1, 14)

Value = Callable[[float], float | None]
"""What a point says at a minute of the day."""


def at(clock: str) -> float:
    hours, minutes, *seconds = (int(part) for part in clock.split(":"))
    return hours * 60 + minutes + (seconds[0] if seconds else 0) / 60


def between(*spans: tuple[str, str], inside: float = 1.0, outside: float = 0.0) -> Value:
    edges = [(at(begin), at(end)) for begin, end in spans]
    return lambda minute: inside if any(begin <= minute < end for begin, end in edges) else outside


def always(value: float | None) -> Value:
    return lambda _: value


@dataclass(frozen=True, kw_only=True)
class Story:
    """A day as the points told it; what is not named is a fine hot day on which both units ran as they may."""

    day: date = WEDNESDAY
    forecast_c: float = 35.0
    cloud: float = 10.0
    points: Mapping[str, Value] = field(default_factory=dict)
    extra: tuple[str, ...] = ()
    by_hand: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    filings: tuple[Filing, ...] = ()


USUAL: Final[Mapping[str, Value]] = {
    "weather.temperature": always(33.0),
    "weather.rain": always(0.0),
    "ac-401.on": between(("09:00", "16:59")),
    "ac-402.on": between(("09:01", "16:59")),
    "ac-401.mode": always(0.0),
    "ac-402.mode": always(0.0),
    "ac-401.setpoint": always(28.0),
    "ac-402.setpoint": always(28.0),
    "ac-401.room_temperature": always(29.0),
    "ac-402.room_temperature": always(29.0),
    "climate-401.temperature": always(29.0),
    "window-401.open": always(0.0),
    "presence-401.present": between(("08:00", "17:00")),
    "ac-archive.on": always(1.0),
    "ac-archive.mode": always(0.0),
    "ac-archive.setpoint": always(22.0),
    "ac-archive.room_temperature": always(22.0),
}


def small_site() -> Site:
    return build_site(SiteFile.model_validate(small_site_data()), ProfileLibrary())


def told(story: Story) -> list[str]:
    """The clauses that the checker finds broken, with the unit."""
    site = small_site()
    points = {**USUAL, **story.points}
    midnight = datetime.combine(story.day, time(0), tzinfo=site.zone)
    minutes = sorted({*(float(minute) for minute in range(24 * 60)), *(at(clock) for clock in story.extra)})
    batches = [
        Batch(
            time_us=to_us(midnight + timedelta(minutes=minute)),
            points=tuple(points),
            values=tuple(value(minute) for value in points.values()),
        )
        for minute in minutes
    ]
    case = Case(
        seen=Seen(site, batches),
        calendar=Calendar(),
        forecasts=[forecast(story, midnight, hour) for hour in range(6, 20)],
        filings=story.filings,
        by_hand={unit: [midnight + timedelta(minutes=at(c)) for c in acts] for unit, acts in story.by_hand.items()},
    )
    return sorted({f"{breach.clause} {breach.equipment}" for breach in all_breaches(case, [story.day])})


def forecast(story: Story, midnight: datetime, hour: int) -> ForecastReceived:
    made = midnight.astimezone(UTC) + timedelta(hours=hour)
    hours = [
        HourForecast(time=midnight.astimezone(UTC) + timedelta(hours=hour), temperature_c=30.0, weather_code=1,
                     cloud_percent=story.cloud)
        for hour in range(24)
    ]  # fmt: skip
    return ForecastReceived(
        provider="test", issued=made, fetched=made, daily_max_c={story.day: story.forecast_c}, hours=hours
    )


def filed(relaxes: Relaxation, *, start: str, end: str, day: date = WEDNESDAY) -> Filing:
    midnight = datetime.combine(day, time(0), tzinfo=small_site().zone).astimezone(UTC)
    clerk = Actor(name="科长", role=Role.SECTION_OPERATOR, office="finance")
    return Filing(
        id=1, kind=FilingKind.EXCEPTION, state=FilingState.APPROVED, applicant=clerk,
        filed_at=midnight, start=midnight + timedelta(minutes=at(start)), end=midnight + timedelta(minutes=at(end)),
        scope=Scope(spaces=frozenset({"r401"})), relaxes=relaxes, reason="加班", decided_at=midnight,
    )  # fmt: skip


def test_a_day_that_was_kept_is_told_so() -> None:
    assert told(Story()) == []


HEATED: Final[Mapping[str, Value]] = {
    "weather.temperature": always(5.0),
    "ac-401.mode": always(1.0),
    "ac-402.mode": always(1.0),
    "ac-401.setpoint": always(24.0),
    "ac-402.setpoint": always(24.0),
    "climate-401.temperature": always(20.0),
    "ac-401.room_temperature": always(20.0),
    "ac-402.room_temperature": always(20.0),
}


def test_a_winter_day_that_was_kept_is_told_so() -> None:
    assert told(Story(day=JANUARY, forecast_c=6.0, points=HEATED)) == []


BROKEN: Final[tuple[tuple[str, Story], ...]] = (
    ("AC-01 ac-401", Story(forecast_c=29.9)),
    ("AC-02 ac-401", Story(day=JANUARY, forecast_c=15.1, points=HEATED)),
    ("AC-03 ac-401", Story(points={"ac-401.setpoint": between(("10:00", "10:07"), inside=26.0, outside=28.0)})),
    ("AC-03 ac-402", Story(day=JANUARY, forecast_c=6.0, points={**HEATED, "ac-402.setpoint": always(26.0)})),
    ("AC-03 room ac-401", Story(points={"climate-401.temperature": between(("10:00", "10:30"), inside=26.0,
                                                                          outside=29.0)})),
    ("AC-03 room ac-402", Story(day=JANUARY, forecast_c=6.0,
                                points={**HEATED, "ac-402.room_temperature": always(25.5)})),
    ("AC-04 ac-401", Story(day=SATURDAY)),
    ("AC-05 ac-401", Story(points={"ac-401.on": between(("07:50", "16:59"))})),
    ("AC-05 ac-402", Story(points={"ac-402.on": between(("09:01", "17:05"))})),
    ("AC-06 ac-401", Story(points={"weather.temperature": between(("12:00", "13:00"), inside=29.0, outside=33.0)})),
    ("AC-06 rain ac-401", Story(points={"weather.rain": between(("12:00", "12:45"), inside=2.0)})),
    ("AC-06 overcast ac-401", Story(cloud=95.0)),
    ("AC-07 ac-401", Story(day=JANUARY, forecast_c=6.0, points={
        **HEATED, "weather.temperature": between(("12:00", "13:00"), inside=17.0, outside=5.0)})),
    ("AC-08 ac-401", Story(points={"window-401.open": between(("11:00", "11:10"))})),
    ("AC-09 ac-401", Story(points={"presence-401.present": between(("08:00", "11:00"), ("12:00", "17:00"))})),
    ("late-start ac-401", Story(points={"ac-401.on": between(("16:46", "16:59"))})),
    ("min-off ac-401", Story(points={"ac-401.on": between(("09:00", "11:00"), ("11:02", "16:59"))})),
    ("min-on ac-401", Story(points={"ac-401.on": between(("09:00", "11:00"), ("11:10", "11:14"), ("11:30", "16:59"))})),
    ("mode-change ac-401", Story(points={"ac-401.mode": between(("10:00", "10:04"), inside=2.0)})),
    ("setpoint-write ac-401", Story(extra=("10:00:10", "10:00:20"), points={
        "ac-401.setpoint": lambda minute: 28.0 if minute <= 600 else 29.0 if minute < 600.3 else 30.0})),
    ("stagger ac-402", Story(extra=("09:00:05",), points={"ac-402.on": between(("09:00:05", "16:59"))})),
    ("ARC-01 ac-archive", Story(points={"ac-archive.setpoint": always(26.0)})),
    ("ARC-01 ac-archive", Story(points={"ac-archive.on": always(0.0), "ac-archive.room_temperature": always(26.0)})),
)  # fmt: skip


@pytest.mark.parametrize(("clause", "story"), BROKEN, ids=[clause for clause, _ in BROKEN])
def test_each_clause_that_is_broken_is_found(clause: str, story: Story) -> None:
    assert clause in told(story)


def test_a_start_before_ten_minutes_of_thirty_degrees_and_one_within_the_lockout_are_found() -> None:
    warming = between(("08:55", "17:00"), inside=33.0, outside=26.0)
    assert "AC-06 ac-401" in told(Story(points={"weather.temperature": warming}))
    dip = between(("12:00", "12:20"), inside=25.0, outside=33.0)
    running = between(("09:00", "12:13"), ("12:41", "16:59"))
    both = {"weather.temperature": dip, "ac-401.on": running, "ac-402.on": between(("09:01", "12:13"))}
    assert told(Story(points=both)) == ["AC-06 ac-401"]
    later = {**both, "ac-401.on": between(("09:00", "12:13"), ("12:56", "16:59"))}
    assert told(Story(points=later)) == []


def test_what_people_do_at_the_wall_is_put_back_within_minutes_and_not_held_against_anybody() -> None:
    lowered = {"ac-401.setpoint": between(("10:00", "10:02"), inside=26.0, outside=28.0)}
    assert told(Story(points=lowered, by_hand={"ac-401": ("10:00",)})) == []
    evening = {"ac-401.on": between(("09:00", "16:59"), ("18:05", "18:07"))}
    assert told(Story(points=evening, by_hand={"ac-401": ("18:05",)})) == []
    left = {"ac-401.on": between(("09:00", "16:59"), ("18:05", "18:20"))}
    assert told(Story(points=left, by_hand={"ac-401": ("18:05",)})) == ["AC-05 ac-401", "AC-09 ac-401"]


def test_an_approved_filing_excuses_its_own_room_its_own_hours_and_nothing_else() -> None:
    overtime = filed(Relaxation(hours=True), start="17:00", end="19:00")
    late = {"ac-401.on": between(("09:00", "18:50"))}
    assert told(Story(points={**late, "presence-401.present": always(1.0)}, filings=(overtime,))) == []
    longer = {"ac-401.on": between(("09:00", "19:10")), "presence-401.present": always(1.0)}
    assert told(Story(points=longer, filings=(overtime,))) == ["AC-05 ac-401"]
    other = {"ac-402.on": between(("09:01", "18:00"))}
    assert told(Story(points=other, filings=(overtime,))) == ["AC-05 ac-402"]
    cooler = {"ac-401.setpoint": always(26.0)}
    assert told(Story(points=cooler, filings=(overtime,))) == ["AC-03 ac-401"]


def test_zero_degrees_outdoors_is_a_temperature_and_silence_is_none() -> None:
    frozen = {**HEATED, "weather.temperature": always(0.0)}
    assert told(Story(day=JANUARY, forecast_c=0.0, points=frozen)) == []
    silent = {"weather.temperature": between(("00:00", "09:30"), inside=33.0, outside=33.0)}
    assert told(Story(points=silent)) == []
    gone: Value = lambda minute: 33.0 if minute < at("12:00") else None  # noqa: E731 - one line a story
    assert told(Story(points={"weather.temperature": gone})) == [], "what ran legally goes on when nobody knows"
