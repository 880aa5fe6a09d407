"""What was counted in a long silence that lies across the edge of two rows."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from facility.accounting.amounts import Amounts
from facility.accounting.counters import Account
from facility.accounting.use import Gap, GapKind
from facility.local_days import HOUR_US
from facility.series import Times

LONGEST_DAY_US: Final = 25 * HOUR_US


def shared_over_edges(account: Account, rows_us: Times) -> Account:
    """Shares a block out by time, marked as estimated, where every row it touches is longer than a day and than itself.

    So two days of silence over the end of a month are in both months, and nobody pays for what the silent meter's owner
    used; but in a table of days or hours they stay a block. An edge of `rows_us` at either end counts too.
    """
    blocks = [gap for gap in account.blocks if gap.amount is not None and _is_shorter_than_rows(gap, rows_us)]
    if not blocks:
        return account
    amounts = account.amounts
    for block in blocks:
        amounts = _with(amounts, block)
    gaps = (replace(gap, kind=GapKind.BRIDGED) if gap in blocks else gap for gap in account.gaps)
    return Account(amounts=amounts, gaps=tuple(gaps))


def _is_shorter_than_rows(block: Gap, rows_us: Times) -> bool:
    touched = (rows_us[:-1] < block.end_us) & (rows_us[1:] > block.start_us)
    lengths = np.diff(rows_us)[touched]
    return bool(len(lengths)) and bool(np.all(lengths > max(block.end_us - block.start_us, LONGEST_DAY_US)))


def _with(amounts: Amounts, block: Gap) -> Amounts:
    edges_us = amounts.edges_us
    inside_us = np.clip(np.minimum(edges_us[1:], block.end_us) - np.maximum(edges_us[:-1], block.start_us), 0, None)
    fraction = inside_us / (block.end_us - block.start_us)
    part = (block.amount or 0.0) * fraction
    touched = inside_us > 0
    unsure = np.where(touched & (fraction < 1.0), np.maximum(fraction, 1.0 - fraction), 0.0)
    return replace(
        amounts,
        values=np.where(touched, np.nan_to_num(amounts.values) + part, amounts.values),
        estimated=amounts.estimated + np.abs(part),
        error=amounts.error + unsure * abs(block.amount or 0.0),
    )
