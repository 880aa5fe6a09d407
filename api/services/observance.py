"""What was kept to and what was not, as routes and pages tell it; reckoned by the controller's room, read here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from api.context import ApiContext
from api.problems import OFFICE, RequestProblem, unknown
from api.shapes import Bilingual, Shape, Span
from facility.observance import RULE_NAMES, Observed, Rule, totals
from facility.text import Text

LONGEST_DAYS: Final = 400
NOBODY: Final = Text("无归属", "nobody's")


class By(StrEnum):
    """What rows are summed up by."""

    OFFICE = "office"
    RULE = "rule"
    DAY = "day"
    EQUIPMENT = "equipment"


class ObservanceRow(Shape):
    """Minutes of one rule, summed up. `judged_minutes` are those in which the rule had something to say; of them
    `broken`, `filed` (allowed by an approved filing) and `unknown` (an input was not known) are told apart, the rest
    was kept to. `kept_share` is of the minutes that are known, None where none is. `times` is how often it was broken,
    of changes at the wall their number, of which `put_back` were put back.
    """

    key: str
    name: Bilingual
    rule: str
    rule_name: Bilingual
    clauses: list[str]
    judged_minutes: int
    broken_minutes: int
    filed_minutes: int
    unknown_minutes: int
    kept_share: float | None
    times: int
    put_back: int


class ObservanceTable(Shape):
    """Rows of the local days in [start, end). `reckoned_until` is up to when the last of them was reckoned, None when
    none was; `days_missing` are past days that were not reckoned.
    """

    start: date
    end: date
    by: By
    rows: list[ObservanceRow]
    reckoned_until: datetime | None
    days_missing: list[date]


class ObservanceDetail(Shape):
    """One rule of one equipment on one day, with the times at which it was broken."""

    day: date
    office: str | None
    equipment: str
    name: Bilingual
    rule: str
    rule_name: Bilingual
    clause: str
    judged_minutes: int
    broken_minutes: int
    filed_minutes: int
    unknown_minutes: int
    times: int
    put_back: int
    spans: list[Span]


def check_days(context: ApiContext, start: date | None, end: date | None) -> tuple[date, date]:
    """The local days [start, end) asked for; the running month where nothing is.

    Raises:
        RequestProblem: they are in the wrong order, or too many.
    """
    today = context.now().date()
    first = start or (today.replace(day=1) if end is None else end - timedelta(days=31))
    last = end or today + timedelta(days=1)
    if not first < last:
        raise RequestProblem(
            422, "wrong_period", Text("开始日期须早于结束日期", "the period's start has to be before its end")
        )
    if (last - first).days > LONGEST_DAYS:
        text = Text(f"最多查询 {LONGEST_DAYS} 天", f"at most {LONGEST_DAYS} days can be asked for")
        raise RequestProblem(422, "period_too_long", text)
    return first, last


async def observance_table(
    context: ApiContext, start: date, end: date, by: By, *, office: str | None = None
) -> ObservanceTable:
    """Minutes per rule of the local days in [start, end), summed up `by` office, rule, day or equipment.

    Raises:
        RequestProblem: no such office.
    """
    if office is not None and office not in context.site.offices:
        raise unknown(OFFICE, office)
    found = await context.remember(context.journal.observance.rows, start, end, office=office)
    days = await context.remember(context.journal.observance.days, start, end)
    first = days[0].day if days else end
    today = context.now().date()
    known = {day.day for day in days}
    past = (first + timedelta(days=ahead) for ahead in range((min(end, today) - first).days))
    return ObservanceTable(
        start=start,
        end=end,
        by=by,
        rows=summed(context, found, by),
        reckoned_until=context.local(days[-1].until) if days else None,
        days_missing=[day for day in past if day not in known],
    )


def summed(context: ApiContext, found: Iterable[Observed], by: By) -> list[ObservanceRow]:
    """Rows summed up: one for each key and rule, in the order of the site and of the rules."""
    key_of: Callable[[Observed], str] = {
        By.OFFICE: lambda row: row.office or "",
        By.RULE: lambda row: row.rule.value,
        By.DAY: lambda row: row.day.isoformat(),
        By.EQUIPMENT: lambda row: row.equipment,
    }[by]
    grouped: dict[tuple[str, Rule], list[Observed]] = {}
    for row in found:
        grouped.setdefault((key_of(row), row.rule), []).append(row)
    order = {office: number for number, office in enumerate(context.site.offices)}
    rules = list(Rule)
    ordered = sorted(grouped, key=lambda key: (order.get(key[0], len(order)), key[0], rules.index(key[1])))
    return [_row(context, key, rule, grouped[key, rule], by) for key, rule in ordered]


def _row(context: ApiContext, key: str, rule: Rule, found: list[Observed], by: By) -> ObservanceRow:
    total = totals(found)
    return ObservanceRow(
        key=key,
        name=Bilingual.of(_name(context, key, by)),
        rule=rule.value,
        rule_name=Bilingual.of(RULE_NAMES[rule]),
        clauses=sorted({row.clause for row in found}),
        judged_minutes=total.judged_minutes,
        broken_minutes=total.broken_minutes,
        filed_minutes=total.filed_minutes,
        unknown_minutes=total.unknown_minutes,
        kept_share=total.kept_share,
        times=total.times,
        put_back=total.put_back,
    )


def _name(context: ApiContext, key: str, by: By) -> Text:
    match by:
        case By.OFFICE:
            office = context.site.offices.get(key)
            return NOBODY if office is None else office.name.text
        case By.RULE:
            return RULE_NAMES[Rule(key)]
        case By.EQUIPMENT:
            return equipment_text(context, key)
        case By.DAY:
            return Text(key, key)


def equipment_text(context: ApiContext, key: str) -> Text:
    """What an equipment, or a room, is called; its id where the site has it no more."""
    known = context.site.equipment.get(key) or context.site.spaces.get(key)
    return Text(key, key) if known is None else known.text


async def observance_details(
    context: ApiContext, start: date, end: date, *, office: str | None = None, rule: Rule | None = None
) -> list[ObservanceDetail]:
    """Single rows in which something was broken, filed for or not known, by day and equipment."""
    found = await context.remember(context.journal.observance.rows, start, end, office=office)
    return [
        ObservanceDetail(
            day=row.day,
            office=row.office,
            equipment=row.equipment,
            name=Bilingual.of(equipment_text(context, row.equipment)),
            rule=row.rule.value,
            rule_name=Bilingual.of(RULE_NAMES[row.rule]),
            clause=row.clause,
            judged_minutes=row.judged_minutes,
            broken_minutes=row.broken_minutes,
            filed_minutes=row.filed_minutes,
            unknown_minutes=row.unknown_minutes,
            times=row.times,
            put_back=row.put_back,
            spans=[Span(start=context.local(span.start), end=context.local(span.end)) for span in row.spans],
        )
        for row in found
        if (rule is None or row.rule is rule) and (row.broken_minutes or row.times or row.filed_minutes)
    ]
