"""What an office may use, how far it has got, and when it will be through with it.

Quotas are dated, so are the headcounts and areas they are multiplied by. What holds for part of a period counts by
days: an allowance is the mean over the period's days of what each day's quota and size would give for the whole period.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Final, TypeVar

from facility.accounting.entries import FloorArea, Headcount, Medium, Quota, QuotaPer
from facility.text import Text

D = TypeVar("D", Headcount, FloorArea, Quota)

NO_PEOPLE: Final = Text("本期在编用能人数为 0，没有定额", "nobody uses the office in this period: no allowance")
NO_SIZE: Final = Text("本期的人数或面积未全部录入", "headcount or floor area is not entered for the whole period")
NO_QUOTA_FOR_ALL: Final = Text("定额未覆盖整个时段", "no quota is in force for part of the period")


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowancePart:
    """What one quota contributes.

    Attributes:
        size: people, square metres or 1, averaged over the period's days on which the quota holds; None: not known.
        days: how many of the period's days the quota holds.
        amount: in the medium's unit; None where `size` is.
    """

    quota: Quota
    size: float | None
    days: int
    amount: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What an office may use in a period: `amount` in the medium's unit; None with the reason in `why`."""

    office: str
    medium: Medium
    item: str | None
    period: str
    amount: float | None
    parts: tuple[AllowancePart, ...]
    why: Text | None = None


def span_of(period: str) -> tuple[date, date]:
    """First day and the day after the last of a local month (`2026-07`) or year (`2026`)."""
    year = int(period[:4])
    if len(period) == 4:
        return date(year, 1, 1), date(year + 1, 1, 1)
    month = int(period[5:])
    return date(year, month, 1), date(year + month // 12, month % 12 + 1, 1)


def in_force(entries: Iterable[D], day: date) -> D | None:
    """The latest entry that holds on `day`; of two with the same date the one entered later. None before the first."""
    found: D | None = None
    for entry in entries:
        if entry.since <= day and (found is None or entry.since >= found.since):
            found = entry
    return found


def steady(entries: Iterable[Headcount | FloorArea | Quota], start: date, end: date) -> list[tuple[date, int]]:
    """The local dates [start, end) in stretches over which the same entries hold: first day, number of days."""
    edges = sorted({start, end, *(entry.since for entry in entries if start < entry.since < end)})
    return [(first, (after - first).days) for first, after in pairwise(edges)]


def mean_by_days(values: Sequence[tuple[float | None, int]]) -> float | None:
    """The mean of values that each held for so many days; None where any is not known."""
    known = [(value, days) for value, days in values if value is not None]
    if not known or len(known) < len(values):
        return None
    return math.fsum(value * days for value, days in known) / sum(days for _, days in known)


def allowance(
    quotas: Sequence[Quota],
    office: str,
    medium: Medium,
    *,
    item: str | None,
    period: str,
    headcounts: Sequence[Headcount],
    areas: Sequence[FloorArea],
) -> Allowance | None:
    """What the office may use in a local month (`2026-07`) or year (`2026`); None when no quota speaks of it.

    On a day on which the office has a quota of its own for the medium and item, the general ones do not count. Quotas
    of several kinds (so much per leader, so much per other person) add up; of one kind the latest holds. Sizes that
    change within the period count by days.

    Args:
        quotas: all that were entered, in the order of entering.
        office: id of the office.
        medium: what is used.
        item: one item, or None for all items together; each has quotas of its own.
        period: only quotas for a month or a year count, as `period` is one.
        headcounts: dated, of any offices.
        areas: dated, of any offices.
    """
    kind = "year" if len(period) == 4 else "month"
    speaking = [
        quota
        for quota in quotas
        if quota.medium == medium and quota.item == item and quota.period == kind and quota.office in (None, office)
    ]
    start, end = span_of(period)
    sizes = _Sizes(
        headcounts=[entry for entry in headcounts if entry.office == office],
        areas=[entry for entry in areas if entry.office == office],
    )
    days = steady([*speaking, *sizes.headcounts, *sizes.areas], start, end)
    held = [(day, count, _holding(speaking, day)) for day, count in days]
    if not any(found for _, _, found in held):
        return None
    parts = _parts(held, sizes, (end - start).days)
    amount, why = _total(parts, covered=all(found for _, _, found in held))
    return Allowance(office=office, medium=medium, item=item, period=period, amount=amount, parts=parts, why=why)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sizes:
    headcounts: Sequence[Headcount]
    areas: Sequence[FloorArea]

    def on(self, day: date, per: QuotaPer) -> float | None:
        if per is QuotaPer.OFFICE:
            return 1.0
        if per is QuotaPer.SQUARE_METRE:
            area = in_force(self.areas, day)
            return None if area is None else area.area_m2
        heads = in_force(self.headcounts, day)
        if heads is None:
            return None
        return {
            QuotaPer.HEAD: float(heads.people),
            QuotaPer.LEADER: float(heads.leaders),
            QuotaPer.STAFF: float(heads.people - heads.leaders),
        }[per]


def _holding(quotas: Sequence[Quota], day: date) -> list[Quota]:
    """Of each kind the one that holds on `day`, the office's own before the general ones."""
    own = [quota for quota in quotas if quota.office is not None and quota.since <= day]
    among = own or [quota for quota in quotas if quota.office is None]
    found = (in_force([quota for quota in among if quota.per is per], day) for per in QuotaPer)
    return [quota for quota in found if quota is not None]


def _parts(held: Sequence[tuple[date, int, list[Quota]]], sizes: _Sizes, length: int) -> tuple[AllowancePart, ...]:
    by_quota: dict[Quota, list[tuple[float | None, int]]] = {}
    for day, count, quotas in held:
        for quota in quotas:
            by_quota.setdefault(quota, []).append((sizes.on(day, quota.per), count))
    parts = []
    for quota, found in by_quota.items():
        size, days = mean_by_days(found), sum(count for _, count in found)
        amount = None if size is None else quota.amount * size * days / length
        parts.append(AllowancePart(quota=quota, size=size, days=days, amount=amount))
    return tuple(parts)


def _total(parts: Sequence[AllowancePart], *, covered: bool) -> tuple[float | None, Text | None]:
    if any(part.amount is None for part in parts):
        return None, NO_SIZE
    if not covered:
        return None, NO_QUOTA_FOR_ALL
    if all(part.size == 0 for part in parts):
        return None, NO_PEOPLE
    return math.fsum(part.amount for part in parts if part.amount is not None), None


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """How far a period's use has got.

    Attributes:
        used: so far; None: not known.
        allowed: in the whole period; None: not known.
        elapsed: days that are over, of `length`; working days where those were counted.
        share: used / allowed; None where either is not known or nothing is allowed.
        expected: at the period's end, if it goes on as so far; None where it cannot be told.
        overrun: by how much `expected` is more than allowed, 0.0 where it is not; None where it cannot be told.
        exhausted: the local date on which the allowance is used up at an even pace, also one that has passed; None
            where it lasts or cannot be told.
    """

    used: float | None
    allowed: float | None
    elapsed: int
    length: int
    share: float | None
    expected: float | None
    overrun: float | None
    exhausted: date | None


def counting_days(period: str, is_workday: Callable[[date], bool] | None = None) -> list[date]:
    """The days of a local month or year over which use is taken to be even: all, or the working days alone."""
    start, end = span_of(period)
    days = (start + timedelta(days=number) for number in range((end - start).days))
    return [day for day in days if is_workday is None or is_workday(day)]


def projected(used: float | None, allowed: float | None, days: Sequence[date], today: date) -> Projection:
    """How the use of a period will end, if the days that are left are like those that are over.

    Args:
        used: what was used in the period up to the start of `today`; None: not known.
        allowed: what may be used in the period; None: not known.
        days: the period's days that count (see `counting_days`), ascending.
        today: the first day that is not over.
    """
    elapsed, length = sum(day < today for day in days), len(days)
    pace = None if used is None or elapsed == 0 else used / elapsed
    expected = None if pace is None else pace * length
    return Projection(
        used=used,
        allowed=allowed,
        elapsed=elapsed,
        length=length,
        share=None if used is None or allowed is None or allowed == 0 else used / allowed,
        expected=expected,
        overrun=None if expected is None or allowed is None else max(0.0, expected - allowed),
        exhausted=_exhausted(pace, allowed, days),
    )


def _exhausted(pace: float | None, allowed: float | None, days: Sequence[date]) -> date | None:
    if pace is None or allowed is None or pace * len(days) <= allowed:
        return None
    return days[min(math.floor(allowed / pace), len(days) - 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthUse:
    """One month's use and allowance, in the medium's unit; None: not known."""

    month: str
    used: float | None
    allowed: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Excess:
    """What was used beyond several months' allowances, in the medium's unit. For information, never for a payroll.

    `amount` is of the months that are known, None where none is; `unknown` are the others.
    """

    amount: float | None
    unknown: tuple[str, ...]
    offset: bool


def excess(months: Sequence[MonthUse], *, offset: bool = False) -> Excess:
    """The excess of several months. A month's excess is not made good by another month's thrift unless `offset`."""
    over: list[float] = []
    unknown: list[str] = []
    for month in months:
        if month.used is None or month.allowed is None:
            unknown.append(month.month)
        else:
            over.append(month.used - month.allowed)
    amount = max(0.0, math.fsum(over)) if offset else math.fsum(max(0.0, part) for part in over)
    return Excess(amount=amount if over else None, unknown=tuple(unknown), offset=offset)
