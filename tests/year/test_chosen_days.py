"""Chosen days of the year: two of a hot week, a cold make-up workday, one on which nothing is supplied, a holiday. The
whole year is `python -m tests.year`, see docs/year.md.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

import pytest

from facility.calendar import Calendar
from facility.model import build_site
from tests.year.site import year_site
from tests.year.table import table
from tests.year.weeks import DayResult, live_days

HOT = date(2026, 7, 8)
HOT_WITH_RAIN = date(2026, 7, 9)
COLD_MAKE_UP = date(2026, 2, 14)
SHOULDER = date(2026, 10, 10)
HOLIDAY = date(2026, 6, 19)
COARSER = timedelta(minutes=3)
"""Every minute would be three times the work; the whole year is read so."""

pytestmark = pytest.mark.timeout(180)


@cache
def lived(first: date, days: int = 1) -> list[DayResult]:
    return live_days(first, days, compare=first == HOT, fine=COARSER)


def test_on_two_neighbouring_hot_days_everybody_is_cooled_by_the_rules_and_for_less() -> None:
    hot = lived(HOT, 2)
    assert [day.breaches for day in hot] == [[], []]
    assert all(day.starts >= 15 and day.ran_minutes > 3000 for day in hot)
    assert all(day.starts_most <= 10 for day in hot), "no unit is switched to and fro"
    for day in hot:
        assert day.uncontrolled is not None
        assert 0 < day.controlled["outdoor_kwh"] < day.uncontrolled["outdoor_kwh"]
        assert day.controlled["occupied"] == pytest.approx(day.uncontrolled["occupied"], rel=0.01)
    assert table([day.document() for day in hot]).count("\n") > 5


def test_a_make_up_workday_in_winter_is_heated() -> None:
    assert Calendar().day(COLD_MAKE_UP).why.en.startswith("make-up")
    day = lived(COLD_MAKE_UP)[0]
    assert (day.workday, day.breaches) == (True, [])
    assert day.starts >= 15


@pytest.mark.parametrize(("when", "workday"), [(SHOULDER, True), (HOLIDAY, False)])
def test_on_a_mild_workday_and_on_a_holiday_nothing_is_supplied(when: date, workday: bool) -> None:
    day = lived(when)[0]
    assert (day.workday, day.breaches) == (workday, [])
    assert day.ran_minutes <= 60, "what people switched on at the wall was put back"
    assert day.controlled["outdoor_kwh"] > 0, "archive and server room are kept all the same"


LAX = {
    "window": "07:30-17:30", "setpoint_min_cool_c": 26.0, "room_min_cool_c": 26.0, "cooling_measured_c": 28.0,
    "measured_hold_s": 60.0, "restart_lockout_s": 0.0, "window_open_s": 1200.0, "vacancy_s": 3600.0,
    "stagger_s": 0.0, "rain_stop": "off",
}  # fmt: skip


def test_a_controller_that_goes_by_other_rules_is_caught_on_every_one_of_them() -> None:
    site = year_site()
    own = site.file.policy
    policy = own.model_copy(update={"parameters": {**own.parameters, **LAX}})
    lax = build_site(site.file.model_copy(update={"policy": policy}), dict(site.profiles))
    day = live_days(HOT_WITH_RAIN, 1, compare=False, fine=COARSER, site=lax)[0]
    caught = {breach["clause"] for breach in day.breaches}
    assert caught >= {"AC-03", "AC-03 room", "AC-05", "AC-06", "AC-06 rain", "stagger"}
