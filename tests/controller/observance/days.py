"""A unit's day for tests, told in spans: what is not named is a fine day on which the unit was off."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from controller.observance.days import UnitDay, allowed
from controller.observance.minutes import NO, UNKNOWN, YES, Column, Minutes, Truth
from controller.policy.site_policy import load_policy
from controller.policy.timetable import plan_day
from facility.calendar import Calendar
from facility.commands import Actor, Role
from facility.filings import Filing, FilingKind, FilingState, Relaxation
from facility.model import SiteFile, ZoneClass
from tests.sites import small_site_data

ZONE = ZoneInfo("Asia/Shanghai")
WEDNESDAY = date(2026, 7, 15)
SATURDAY = date(2026, 7, 18)
POLICY = load_policy(SiteFile.model_validate(small_site_data()))
COOL, HEAT, FAN = 0.0, 1.0, 3.0

Spans = tuple[tuple[str, str], ...]


def local(clock: str, day: date = WEDNESDAY) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), tzinfo=ZONE).astimezone(UTC)


def whole(day: date = WEDNESDAY) -> Minutes:
    return Minutes(local("00:00", day), local("00:00", day + timedelta(days=1)))


def truth(minutes: Minutes, yes: Spans = (), unknown: Spans = (), *, otherwise: int = NO) -> Truth:
    found = np.full(len(minutes), otherwise, np.int8)
    for spans, value in ((yes, YES), (unknown, UNKNOWN)):
        for start, end in spans:
            found[_place(start) : _place(end)] = value
    return found


def column(minutes: Minutes, value: float | None, *parts: tuple[str, str, float | None]) -> Column:
    """`value` all day, but for `parts` (from, to, value); None is not known."""
    found = np.full(len(minutes), np.nan if value is None else value)
    for start, end, other in parts:
        found[_place(start) : _place(end)] = np.nan if other is None else other
    return found


def _place(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def unit_day(
    *, day: date = WEDNESDAY, zone_class: ZoneClass = ZoneClass.OFFICE, filings: tuple[Filing, ...] = (), **known: Any
) -> UnitDay:
    """`known` replaces attributes of `UnitDay`."""
    minutes = whole(day)
    rules = POLICY.of_class(zone_class)
    plan = plan_day(
        Calendar(), day, ZONE, rules.parameters.window, permit_at=time(8), place=(28.2, 112.9)
    )  # fmt: skip
    usual: dict[str, Any] = {
        "equipment": "ac-401", "office": "finance", "rules": rules, "plan": plan, "minutes": minutes,
        "on": truth(minutes), "mode": column(minutes, COOL), "setpoint_c": column(minutes, 28.0),
        "room_c": column(minutes, 29.0), "has_room": True, "outdoor_c": column(minutes, 33.0),
        "window_open": truth(minutes), "occupied": truth(minutes, otherwise=YES), "heater_on": None,
        "allowed": allowed(minutes, filings),
    }  # fmt: skip
    return UnitDay(**{**usual, **known})


def filing(relaxes: Relaxation, start: str, end: str, *, day: date = WEDNESDAY, **changes: Any) -> Filing:
    clerk = Actor(name="科长", role=Role.SECTION_OPERATOR, office="finance")
    given: dict[str, Any] = {
        "id": 1, "kind": FilingKind.EXCEPTION, "state": FilingState.APPROVED, "applicant": clerk,
        "filed_at": local("00:00", day), "start": local(start, day), "end": local(end, day), "relaxes": relaxes,
        "reason": "加班", "decided_at": local("00:00", day),
    }  # fmt: skip
    return Filing(**{**given, **changes})
