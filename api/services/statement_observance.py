"""How the rules were kept, on a monthly statement: minutes per rule, and changes at the wall."""

from __future__ import annotations

from datetime import date

from api.context import ApiContext
from api.services.observance import By, ObservanceRow, summed
from facility.local_days import next_month


def observed_in(context: ApiContext, office: str, month: date) -> list[ObservanceRow]:
    """The rules that had something to say about the office in the local month, in their order; empty where nothing was
    reckoned of it. It is told as it is known now, of closed months too: it is no part of what is closed. Blocking.
    """
    rows = context.journal.observance.rows(month, next_month(month), office=office)
    return summed(context, rows, By.RULE)
