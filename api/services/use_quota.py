"""What each office may use in each month of a table, and how much of it is used."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from api.context import ApiContext
from api.reports.columns import Column, Numbers
from facility.accounting.quotas import allowance
from facility.accounting.tree import UNALLOCATED
from facility.books.facts import Facts
from facility.books.usage import UsageTable
from facility.local_days import date_at, month_span_us, month_text
from facility.series import Values

QUOTA: Final = ("quota_allowance", "quota_used_share", "quota_overrun")


def quota_columns(context: ApiContext, table: UsageTable) -> dict[str, dict[str, Column]]:
    """The month's allowance in the medium's unit, the share of it that is used, and what is used beyond it; missing
    where no quota speaks of the office, or a row begins or ends within its month and is not the running one. Blocks.
    """
    facts, months = context.books.standing().facts, _months(context, table)
    result: dict[str, dict[str, Column]] = {}
    for key in table.names:
        allowed = _allowed(facts, key, table, months)
        used = table.columns[key].values
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(allowed > 0, used / allowed, np.nan)
        columns = (allowed, share, np.maximum(used - allowed, 0.0))
        result[key] = {name: Numbers(values=np.round(values, 6)) for name, values in zip(QUOTA, columns, strict=True)}
    return result


def _months(context: ApiContext, table: UsageTable) -> list[str | None]:
    zone, now_us = context.site.zone, context.books.now_us()
    found: list[str | None] = []
    for start_us, end_us in pairwise(table.edges_us.tolist()):
        month = date_at(start_us, zone)
        first_us, last_us = month_span_us(month, zone)
        is_whole = start_us == first_us and (end_us == last_us or now_us < last_us)
        found.append(month_text(month) if is_whole else None)
    return found


def _allowed(facts: Facts, office: str, table: UsageTable, months: Sequence[str | None]) -> Values:
    return np.array([
        np.nan if month is None or office == UNALLOCATED else _amount(facts, office, table, month) for month in months
    ])  # fmt: skip


def _amount(facts: Facts, office: str, table: UsageTable, month: str) -> float:
    found = allowance(
        facts.quotas, office, table.medium.value, item=None, period=month, headcounts=facts.headcounts,
        areas=facts.areas,
    )  # fmt: skip
    return np.nan if found is None or found.amount is None else found.amount
