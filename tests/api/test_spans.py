"""What a row of use is compared with, as a ledger of local dates."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from api.services.edges import Every
from api.services.spans import Span, span_before, year_earlier
from facility.readings import from_us, to_us

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")


def span(start: str, end: str, zone: ZoneInfo = SHANGHAI) -> Span:
    first, last = (to_us(datetime.fromisoformat(text).replace(tzinfo=zone)) for text in (start, end))
    return first, last


def shown(found: Span | None, zone: ZoneInfo = SHANGHAI) -> tuple[str, str] | None:
    if found is None:
        return None
    start, end = (f"{from_us(edge).astimezone(zone):%Y-%m-%d %H:%M}" for edge in found)
    return start, end


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2026-07-15", "2026-07-16", ("2025-07-15 00:00", "2025-07-16 00:00")),
        ("2026-07-01", "2026-08-01", ("2025-07-01 00:00", "2025-08-01 00:00")),
        ("2024-02-01", "2024-03-01", ("2023-02-01 00:00", "2023-03-01 00:00")),
        ("2025-02-01", "2025-03-01", ("2024-02-01 00:00", "2024-03-01 00:00")),
        ("2024-02-29", "2024-03-01", None),
        ("2024-02-28", "2024-02-29", ("2023-02-28 00:00", "2023-03-01 00:00")),
        ("2026-07-15T09:00", "2026-07-15T10:00", ("2025-07-15 09:00", "2025-07-15 10:00")),
        ("2026-07-15T23:00", "2026-07-16", ("2025-07-15 23:00", "2025-07-16 00:00")),
        ("2026-07-01", "2026-07-15T10:20", ("2025-07-01 00:00", "2025-07-15 10:20")),
        ("1970-01-02", "1970-01-03", None),
    ],
)
def test_the_same_a_year_before(start: str, end: str, expected: tuple[str, str] | None) -> None:
    assert shown(year_earlier(span(start, end), SHANGHAI)) == expected


@pytest.mark.parametrize(
    ("start", "end", "every", "expected"),
    [
        ("2026-07-15", "2026-07-16", Every.DAY, ("2026-07-14 00:00", "2026-07-15 00:00")),
        ("2026-07-15", "2026-07-15T10:20", Every.DAY, ("2026-07-14 00:00", "2026-07-14 10:20")),
        ("2026-07-01", "2026-08-01", Every.MONTH, ("2026-06-01 00:00", "2026-07-01 00:00")),
        ("2026-03-01", "2026-04-01", Every.MONTH, ("2026-02-01 00:00", "2026-03-01 00:00")),
        ("2026-03-01", "2026-03-31T12:00", Every.MONTH, ("2026-02-01 00:00", "2026-03-01 00:00")),
        ("2026-07-15T09:00", "2026-07-15T10:00", Every.HOUR, ("2026-07-15 08:00", "2026-07-15 09:00")),
        ("2026-01-01", "2026-07-01", Every.TOTAL, ("2025-07-01 00:00", "2026-01-01 00:00")),
        ("2026-07-06", "2026-07-13", Every.TOTAL, ("2026-06-29 00:00", "2026-07-06 00:00")),
        ("2026-07-06T08:00", "2026-07-06T12:00", Every.TOTAL, ("2026-07-06 04:00", "2026-07-06 08:00")),
        ("1970-01-01T09:00", "1970-01-02T09:00", Every.TOTAL, None),
    ],
)
def test_the_one_before(start: str, end: str, every: Every, expected: tuple[str, str] | None) -> None:
    assert shown(span_before(span(start, end), every, SHANGHAI)) == expected


def test_a_day_before_a_change_of_daylight_saving_has_its_own_length() -> None:
    """29 March 2026 in Berlin has 23 hours; the day after it 24."""
    found = span_before(span("2026-03-30", "2026-03-31", BERLIN), Every.DAY, BERLIN)
    assert found is not None
    assert (found[1] - found[0]) / 3.6e9 == 23
