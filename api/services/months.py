"""Local months as programs and people write them: `2026-07`."""

from __future__ import annotations

import re
from datetime import date, datetime

from api.context import ApiContext
from api.problems import RequestProblem
from facility.local_days import month_span_us
from facility.readings import from_us
from facility.text import Text

_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})\Z")


def parse_month(text: str) -> date:
    """The first of a month written as `2026-07`.

    Raises:
        RequestProblem: anything else.
    """
    match = _MONTH.match(text)
    if match is None or not 1 <= int(match[2]) <= 12 or not 1971 <= int(match[1]) <= 9000:
        raise RequestProblem(
            422,
            "wrong_month",
            Text(f"不是月份:“{text[:20]}”", f"{text[:20]!r} is not a month"),
            hint=Text("例如 2026-07", "for example 2026-07"),
        )
    return date(int(match[1]), int(match[2]), 1)


def begun_month(context: ApiContext, text: str) -> date:
    """The same, of a month that has begun.

    Raises:
        RequestProblem: not a month, or it has not begun.
    """
    month = parse_month(text)
    start: datetime = from_us(month_span_us(month, context.site.zone)[0])
    if start >= context.clock.now():
        raise RequestProblem(422, "not_begun", Text(f"{text} 尚未开始", f"{text} has not begun"))
    return month
