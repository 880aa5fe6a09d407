"""Hours as a tariff file writes them, and whether a day's hours cover it once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from facility.accounting.tariffs import DAY_MINUTES, PERIOD_NAMES, Span
from facility.tables.loader import Mistake
from facility.tables.tariffs_schema import DayEntry
from facility.text import Text

_HOURS: Final = re.compile(r"(\d{2}):(\d{2})-(\d{2}):(\d{2})")

Path = tuple[str | int, ...]


def span_minutes(written: str) -> tuple[int, int] | None:
    """`08:00-12:00` in minutes of the day; None where it is no such span."""
    found = _HOURS.fullmatch(written)
    if found is None:
        return None
    start_hour, start_minute, end_hour, end_minute = map(int, found.groups())
    start, end = start_hour * 60 + start_minute, end_hour * 60 + end_minute
    return (start, end) if max(start_minute, end_minute) < 60 and start < end <= DAY_MINUTES else None


def spans(day: DayEntry) -> tuple[Span, ...]:
    """The day's spans in time order; what cannot be read is left out."""
    found = [
        Span(start_min=minutes[0], end_min=minutes[1], period=period)
        for period, hours in day.hours.items()
        for minutes in map(span_minutes, hours)
        if minutes is not None
    ]
    return tuple(sorted(found, key=lambda span: (span.start_min, span.end_min)))


def hour_mistakes(day: DayEntry, path: Path) -> list[Mistake]:
    """Hours that cannot be read, gaps and overlaps of one day entry at `path`."""
    wrong = [
        Mistake(
            path=(*path, "hours", period.value, number),
            code="hours",
            what=Text(
                f"时段 `{written}` 写法不对，应如 `08:00-12:00`，最晚到 24:00；跨零点的请分成两段",
                f"`{written}` is no span of hours; expected such as `08:00-12:00`, "
                "24:00 at the latest; one over midnight is written as two",
            ),
        )
        for period, hours in day.hours.items()
        for number, written in enumerate(hours)
        if span_minutes(written) is None
    ]
    return wrong or list(_coverage(spans(day), (*path, "hours")))


def _coverage(found: Sequence[Span], path: Path) -> Iterator[Mistake]:
    covered, last = 0, None
    for span in found:
        if span.start_min > covered:
            yield _gap(covered, span.start_min, path)
        elif span.start_min < covered and last is not None:
            yield _overlap(span, last, min(covered, span.end_min), path)
        if span.end_min > covered:
            covered, last = span.end_min, span
    if covered < DAY_MINUTES:
        yield _gap(covered, DAY_MINUTES, path)


def _gap(start: int, end: int, path: Path) -> Mistake:
    hours = f"{_wall(start)}-{_wall(end)}"
    what = Text(
        f"{hours} 没有归入任何时段，应覆盖 24 小时", f"{hours} belongs to no period; expected 24 h to be covered"
    )
    return Mistake(path=path, code="gap", what=what)


def _overlap(span: Span, other: Span, end: int, path: Path) -> Mistake:
    hours = f"{_wall(span.start_min)}-{_wall(end)}"
    first, second = PERIOD_NAMES[other.period], PERIOD_NAMES[span.period]
    what = Text(
        f"{hours} 同时属于{first.zh}与{second.zh}时段", f"{hours} belongs to two periods: {first.en} and {second.en}"
    )
    return Mistake(path=(*path, span.period.value), code="overlap", what=what)


def _wall(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
