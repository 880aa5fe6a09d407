"""The monthly statement as a CSV file: a head that says whose and how well known, then a line per day."""

from __future__ import annotations

from typing import Any

from api.reports.table import table_csv
from api.services.statement import ITEM_NAMES, Statement
from facility.text import Language, Text

DAY = Text("日期", "Day")
TOTAL = Text("合计", "Total")
MONTH = Text("全月", "Month")
PER_HEAD = Text("人均", "Per head")
PER_M2 = Text("每平方米", "Per square metre")
ALLOWANCE = Text("定额", "Allowance")
COMPLETENESS = Text("数据完整率", "Completeness")
ESTIMATED = Text("估算占比", "Estimated share")


def statement_csv(statement: Statement, language: Language) -> str:
    """One line per day, then the month's total, per head, per square metre and allowance. Energy in kWh; an empty cell
    means that nothing is known, never zero.
    """

    def say(text: Text) -> str:
        return text.in_language(language)

    items = [amount.key for amount in statement.items]
    title = f"{statement.name.in_language(language)} {statement.month}"
    columns = [
        f"{title} {say(DAY)}", f"{say(TOTAL)} ({statement.unit})",
        *(f"{say(ITEM_NAMES[item])} ({statement.unit})" for item in items),
        say(COMPLETENESS), say(ESTIMATED),
    ]  # fmt: skip
    rows: list[list[Any]] = [
        [day.day, _rounded(day.total), *(_rounded(day.items.get(item)) for item in items),
         _rounded(day.completeness), _rounded(day.estimated_share)]
        for day in statement.days
    ]  # fmt: skip
    rows.append(
        [say(MONTH), _rounded(statement.total), *(_rounded(amount.value) for amount in statement.items),
         _rounded(statement.completeness), _rounded(statement.estimated_share)]
    )  # fmt: skip
    rows.append([say(PER_HEAD), _rounded(statement.per_head)])
    rows.append([say(PER_M2), _rounded(statement.per_m2)])
    if statement.quota is not None:
        rows.append([say(ALLOWANCE), _rounded(statement.quota.allowance_kwh)])
    rows += [
        [f"{amount.name.in_language(language)} ({amount.unit})", _rounded(amount.value)]
        for amount in statement.other_media
    ]
    return table_csv(columns, rows, language)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
