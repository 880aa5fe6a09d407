"""Months as they were closed, closing the next one, and correcting one that is closed."""

from __future__ import annotations

from datetime import datetime

from api.context import ApiContext
from api.problems import RequestProblem
from api.services.months import parse_month
from api.services.told import PostingView, all_told
from api.shapes import Shape
from facility.accounting.entries import ClosedMonth, Posting
from facility.commands import Actor
from facility.journal.accounts import following
from facility.local_days import month_span_us
from facility.readings import from_us
from facility.text import Text


class MonthView(Shape):
    """A closed month: who closed it when, and the sum of its figures. `postings` are the corrections booked since, each
    in the month that was open then.
    """

    month: str
    closed: datetime
    by: str
    sha256: str
    postings: list[PostingView]


class Months(Shape):
    """Closed months, oldest first. `next` is the one to be closed next, None before the first."""

    rows: list[MonthView]
    next: str | None


class Restated(Shape):
    """What a correction of a closed month booked in the open one; nothing where its figures have not changed."""

    month: str
    postings: list[PostingView]


async def months(context: ApiContext) -> Months:
    """All closed months."""
    return await context.reckon(_months, context)


def _months(context: ApiContext) -> Months:
    records = context.journal.accounts
    closed = records.closed_months()
    postings = [item.entry for item in records.entries(Posting)]
    rows = [_view(context, month, [line for line in postings if line.of_month == month.month]) for month in closed]
    return Months(rows=rows, next=following(closed[-1].month) if closed else None)


def _view(context: ApiContext, month: ClosedMonth, postings: list[Posting]) -> MonthView:
    return MonthView(
        month=month.month,
        closed=context.local(from_us(month.closed_us)),
        by=month.by,
        sha256=month.sha256,
        postings=all_told(PostingView, postings, context.site.zone),
    )


async def close_month(context: ApiContext, text: str, reason: str, actor: Actor) -> MonthView:
    """Lets a month's statements stand for good; the audit keeps the reason.

    Raises:
        RequestProblem: not a month, or not over.
        EntryRefused: it was closed before, or another is next.
    """
    month, now = parse_month(text), context.clock.now()
    if from_us(month_span_us(month, context.site.zone)[1]) > now:
        raise RequestProblem(422, "not_over", Text(f"{text} 尚未结束", f"{text} is not over"))

    def work() -> ClosedMonth:
        closed = context.books.close_month(month, actor=actor, at=now)
        context.journal.audit(actor, "reason for closing a month", {"month": text, "reason": reason}, now)
        return closed

    return _view(context, await context.reckon(work), [])


async def restate_month(context: ApiContext, text: str, reason: str, actor: Actor) -> Restated:
    """Books in the open month what a closed one would be told differently now.

    Raises:
        RequestProblem: not a month, or not a closed one.
    """
    parse_month(text)
    now = context.clock.now()

    def work() -> list[Posting]:
        if context.journal.accounts.closed_month(text) is None:
            raise RequestProblem(422, "not_closed", Text(f"{text} 未结账", f"{text} is not closed"))
        return context.books.restate(text, actor=actor, reason=reason, at=now)

    postings = await context.reckon(work)
    return Restated(month=text, postings=all_told(PostingView, postings, context.site.zone))
