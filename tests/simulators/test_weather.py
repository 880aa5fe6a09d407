"""The outdoor weather: a real year, the same in every year, with the days that the demonstration needs."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from facility.calendar import Calendar
from simulators.weather import HOURS, Outdoor, Weather, demo_start, read_record
from simulators.world import World
from tests.sites import small_site

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(text: str) -> Outdoor:
    return Weather(SHANGHAI).at(datetime.fromisoformat(text).replace(tzinfo=SHANGHAI))


def test_the_record_has_every_hour_of_a_year_and_the_known_extremes() -> None:
    record = read_record()
    assert len(record.temperature_c) == HOURS
    assert record.temperature_c.max() == 35.6
    assert int((record.temperature_c >= 30.0).sum()) > 254


@pytest.mark.parametrize(
    ("when", "temperature_c"),
    [
        ("2026-01-01T01:00", 10.0),
        ("2026-07-10T08:00", 29.4),
        ("2026-07-10T09:00", 31.7),
        ("2026-07-10T08:30", (29.4 + 31.7) / 2),
        ("2026-07-11T00:00", 26.1),
    ],
)
def test_temperatures_are_the_records_at_whole_hours_and_between_them_in_between(
    when: str, temperature_c: float
) -> None:
    assert at(when).temperature_c == pytest.approx(temperature_c)


def test_every_year_has_the_same_weather_and_29_february_repeats_the_28th() -> None:
    assert at("2031-07-10T14:00") == at("2026-07-10T14:00")
    assert at("2028-02-29T13:00") == at("2028-02-28T13:00")
    assert at("2028-03-01T13:00") == at("2027-03-01T13:00")


def test_the_year_closes_without_a_jump() -> None:
    assert abs(at("2026-12-31T23:59").temperature_c - at("2027-01-01T00:01").temperature_c) < 0.2


def test_radiation_belongs_to_the_middle_of_its_hour_and_nights_are_dark() -> None:
    assert at("2026-07-10T12:30").irradiance_w_m2 == pytest.approx(939.0)
    assert at("2026-07-10T01:00").irradiance_w_m2 == 0.0


def test_the_zone_decides_what_time_it_is() -> None:
    utc = datetime.fromisoformat("2026-07-10T00:00+00:00")
    assert Weather(SHANGHAI).at(utc) == at("2026-07-10T08:00")


def test_the_demonstration_begins_before_work_on_a_workday_that_becomes_hot() -> None:
    start = demo_start(SHANGHAI)
    assert Calendar().is_workday(start.date())
    assert (start.hour, start.minute) == (7, 30)
    weather = Weather(SHANGHAI)
    assert weather.at(start).temperature_c < 30.0
    assert weather.at(start.replace(hour=9)).temperature_c >= 30.0
    assert weather.at(start.replace(hour=16, minute=59)).temperature_c >= 30.0


def test_the_thirty_days_before_the_demonstration_hold_every_kind_of_day() -> None:
    site = small_site()
    start = demo_start(site.zone)
    world, calendar, weather = World(site, seed=1, start=start), Calendar(), Weather(site.zone)
    days = [start.date() - timedelta(days=back) for back in range(1, 31)]
    kinds = {day: calendar.day(day).kind for day in days}
    assert any(kinds[day] == "rest" and day.weekday() >= 5 for day in days), "a weekend"
    assert any((kinds[day] == "rest") != (day.weekday() >= 5) for day in days), "a holiday or make-up day"

    def foreseen_c(day: datetime) -> float:
        return float(world.forecast(day.replace(hour=8), 1)["daily"]["temperature_2m_max"][0])

    mornings = [start.replace(year=day.year, month=day.month, day=day.day) for day in days if kinds[day] == "workday"]
    maxima = [foreseen_c(morning) for morning in mornings]
    assert min(maxima) < 30.0, "a workday on which supply is refused"
    assert max(maxima) >= 33.0, "and one on which it is permitted"
    quarters = [morning.replace(hour=8) + timedelta(minutes=15 * q) for morning in mornings for q in range(36)]
    wet = [quarter for quarter in quarters if weather.at(quarter).rain_mm_h > 0]
    assert any(33.0 <= weather.at(quarter).temperature_c < 34.0 for quarter in wet), "rain at 33 C in working hours"
    shower = weather.at(datetime(2026, 7, 9, 14, 30, tzinfo=site.zone))
    assert 51 <= shower.code <= 99
