"""The periods pages show, from the address to the day, and their neighbours."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from api.pages.periods import period_of, recent_months

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 7, 14, 16, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("query", "title", "before", "after", "hours"),
    [
        ({}, "2026-07-15", "2026-07-14", "2026-07-16", 24),
        ({"by": "hour", "at": "2026-03-01"}, "2026-03-01", "2026-02-28", "2026-03-02", 24),
        ({"by": "day"}, "2026-07", "2026-06", "2026-08", 31 * 24),
        ({"by": "day", "at": "2026-01"}, "2026-01", "2025-12", "2026-02", 31 * 24),
        ({"by": "month", "at": "2024"}, "2024", "2023", "2025", 366 * 24),
        ({"by": "century", "at": "x"}, "2026-07-15", "2026-07-14", "2026-07-16", 24),
        ({"by": "day", "at": "2026-13"}, "2026-07", "2026-06", "2026-08", 31 * 24),
        ({"by": "hour", "at": "9999-12-31"}, "2026-07-15", "2026-07-14", "2026-07-16", 24),
    ],
)
def test_addresses_name_periods(query: dict[str, str], title: str, before: str, after: str, hours: int) -> None:
    period = period_of(query, NOW, ZONE)
    assert (period.title, period.neighbour(-1), period.neighbour(1)) == (title, before, after)
    assert (period.end - period.start).total_seconds() == hours * 3600


def test_a_day_of_a_changing_clock_has_its_own_length() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    period = period_of({"by": "hour", "at": "2026-03-29"}, NOW, berlin)
    assert (period.end - period.start).total_seconds() == 23 * 3600


def test_recent_months_go_back_over_the_new_year() -> None:
    assert recent_months(date(2026, 2, 28), 4) == [
        date(2026, 2, 1), date(2026, 1, 1), date(2025, 12, 1), date(2025, 11, 1),
    ]  # fmt: skip
