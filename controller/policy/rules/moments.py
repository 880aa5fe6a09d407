"""Leaves that look at calendar and clock alone: whether they hold, and when that next may change."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from controller.policy.rules.conditions import WEEKDAYS, Times, Week, When
from controller.policy.rules.logic import Truth
from controller.policy.rules.times import DayTime
from controller.policy.timetable import DayPlan, utc_of
from facility.calendar import FESTIVALS

ANY_HOLIDAY: Final = "any"


def holiday_words() -> tuple[str, ...]:
    """The words that a `holiday` leaf takes: `any`, and the festivals' names in both languages."""
    return (ANY_HOLIDAY, *(word for text in FESTIVALS.values() for word in text))


def holds(leaf: When, plan: DayPlan, now: datetime, zone: ZoneInfo) -> Truth:
    """Whether a calendar or clock leaf holds at `now`, a moment of the date of `plan`."""
    key = leaf.key
    if key == "time":
        assert leaf.time is not None
        return is_between(leaf.time, plan, now, zone)
    if key == "supply_hours":
        return plan.is_in_window(now) is leaf.supply_hours
    if key == "day":
        return plan.is_workday is (leaf.day == "workday")
    if key == "rest_ahead":
        assert leaf.rest_ahead is not None
        return plan.is_workday and _rest_days(plan, zone) >= leaf.rest_ahead
    if key == "holiday":
        assert leaf.holiday is not None
        return is_holiday(plan, leaf.holiday)
    return is_date(leaf, plan.date)


def is_date(leaf: When, day: date) -> bool:
    """Whether `day` is one that a leaf about dates names; it needs no calendar."""
    if leaf.dates is not None:
        return any(span.first <= day <= span.last for span in leaf.dates)
    if leaf.season is not None:
        return any(day in span for span in leaf.season)
    if leaf.weekday is not None:
        return WEEKDAYS[day.weekday()] in leaf.weekday
    assert leaf.week is not None
    return is_week(leaf.week, day)


def is_week(week: Week, day: date) -> bool:
    """Whether `day` lies in the n-th week of one of the months. A week belongs to the month that its Monday is in."""
    monday = day - timedelta(days=day.weekday())
    if monday.month not in week.months:
        return False
    if week.nth == -1:
        return (monday + timedelta(days=7)).month != monday.month
    return (monday.day - 1) // 7 + 1 == week.nth


def is_holiday(plan: DayPlan, words: tuple[str, ...]) -> bool:
    """Whether the day is off for one of the festivals named; `any`: for any."""
    festival = plan.day.festival
    if plan.is_workday or festival is None:
        return False
    return ANY_HOLIDAY in words or bool({festival, *FESTIVALS.get(festival, ())} & {*words})


def _rest_days(plan: DayPlan, zone: ZoneInfo) -> int:
    """Days of rest between this date and the next workday; 0 where no workday is known."""
    if plan.next_opens is None:
        return 0
    return (plan.next_opens.astimezone(zone).date() - plan.date).days - 1


def is_between(times: Times, plan: DayPlan, now: datetime, zone: ZoneInfo) -> bool:
    """Whether `now` lies in a daily span, half-open; one that ends before it begins goes over midnight."""
    begin, end = at(times.begin, plan, zone), at(times.end, plan, zone)
    if begin < end:
        return begin <= now < end
    return now >= begin or now < end


def at(moment: DayTime, plan: DayPlan, zone: ZoneInfo) -> datetime:
    """A time of day on the date of `plan`, aware UTC. `opens` is the day's first opening, `closes` its last closing."""
    if moment.anchor == "midnight":
        if moment.after >= timedelta(days=1):
            return plan.next_midnight
        return utc_of(plan.date, time(*divmod(moment.after // timedelta(minutes=1), 60)), zone)
    windows = plan.windows or ((plan.opens, plan.closes),)
    bases = {"opens": windows[0][0], "closes": windows[-1][1], "sunrise": plan.sunrise, "sunset": plan.sunset}
    return bases[moment.anchor] + moment.after


def changes_at(leaf: When, plan: DayPlan, now: datetime, zone: ZoneInfo) -> datetime:
    """When the leaf is next to be looked at: an edge of today, else midnight."""
    edges: list[datetime] = []
    if leaf.time is not None:
        edges = [at(leaf.time.begin, plan, zone), at(leaf.time.end, plan, zone)]
    elif leaf.key == "supply_hours":
        edges = list(plan.edges)
    return min((edge for edge in edges if edge > now), default=plan.next_midnight)
