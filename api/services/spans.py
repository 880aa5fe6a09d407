"""Which earlier span of time a row of use is compared with: the same a year before, and the one before it.

Spans are [start, end) in microseconds since 1970 UTC. A row that is not over is compared with as much time from the
beginning of the earlier one.
"""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from api.services.edges import Every
from facility.local_days import midnight_us, month_before
from facility.readings import from_us, to_us

Span = tuple[int, int]


def year_earlier(span: Span, zone: ZoneInfo) -> Span | None:
    """The same local dates and wall times a year before: a day stays a day and a month a month, however long they are.
    None for 29 February, and before 1970.
    """
    start = _last_year(span[0], zone)
    if start is None or start < 0:
        return None
    end = _last_year(span[1], zone) if _date_beginning(span[1], zone) is not None else None
    return start, start + span[1] - span[0] if end is None else end


def span_before(span: Span, every: Every, zone: ZoneInfo) -> Span | None:
    """The month before a row that is a month, the day before a day; else as many months, days or as much time as the
    span has. None before 1970.
    """
    start, end = span
    first, last = _date_beginning(start, zone), _date_beginning(end, zone)
    if first is not None and every is Every.DAY:
        earlier = midnight_us(first - timedelta(days=1), zone)
    elif first is not None and first.day == 1 and every is Every.MONTH:
        earlier = midnight_us(month_before(first), zone)
    elif first is not None and last is not None:
        earlier = midnight_us(_before(first, last), zone)
    else:
        earlier = start - (end - start)
    if earlier < 0:
        return None
    return earlier, start if last is not None else min(earlier + end - start, start)


def _before(first: date, last: date) -> date:
    """Where as many months, or else days, begin that end with `first`."""
    if first.day == last.day == 1:
        return month_before(first, (last.year - first.year) * 12 + last.month - first.month)
    return first - (last - first)


def _last_year(at_us: int, zone: ZoneInfo) -> int | None:
    local = from_us(at_us).astimezone(zone)
    try:
        return to_us(local.replace(year=local.year - 1))
    except ValueError:  # 29 February
        return None


def _date_beginning(at_us: int, zone: ZoneInfo) -> date | None:
    """The local date that begins at that moment, None where none does."""
    day = from_us(at_us).astimezone(zone).date()
    return day if midnight_us(day, zone) == at_us else None
