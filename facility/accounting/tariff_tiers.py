"""Progressive surcharges: what of a use lies beyond a tier's step, counting from the start of the month or year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from facility.accounting.tariff_prices import PriceColumns
from facility.accounting.tariffs import Tariff, TierStep


@dataclass(frozen=True, slots=True, kw_only=True)
class Surcharge:
    """What was used beyond one step of a version's tiers, in the medium's unit; None: not known."""

    tariff: Tariff
    step: TierStep
    amount: float | None


def surcharges(columns: PriceColumns, amounts: Sequence[float | None], used_before: float | None) -> list[Surcharge]:
    """The surcharges of every version with tiers.

    A new version goes on counting from where the one before it stood; a new month or year counts from zero.

    Args:
        columns: the intervals' price columns.
        amounts: what was used in each column; None: nothing known of it.
        used_before: what was used since the start of the tiers' month or year up to the first edge; None: not known.
    """
    result: list[Surcharge] = []
    for tariff, months in columns.months:
        if tariff.tiers is None:
            continue
        steps, width = tariff.tiers.steps, 4 if tariff.tiers.period == "year" else 7
        totals: list[float | None] = [0.0] * len(steps)
        for bucket in dict.fromkeys(month[:width] for month in months):
            is_first = columns.columns[0].month.startswith(bucket)
            start = _plus(used_before if is_first else 0.0, _used(columns, amounts, bucket, tariff, earlier=True))
            parts = beyond(steps, start, _used(columns, amounts, bucket, tariff, earlier=False))
            totals = [_plus(total, part) for total, part in zip(totals, parts, strict=True)]
        result += [Surcharge(tariff=tariff, step=step, amount=total) for step, total in zip(steps, totals, strict=True)]
    return result


def beyond(steps: Sequence[TierStep], start: float | None, amount: float) -> list[float | None]:
    """How much of `amount` units, counted on from `start`, lies between each step and the next; None where `start` is
    not known.
    """
    if start is None:
        return [None] * len(steps)
    ends = [step.above for step in steps[1:]] + [float("inf")]
    return [max(0.0, min(start + amount, end) - max(start, step.above)) for step, end in zip(steps, ends, strict=True)]


def _used(
    columns: PriceColumns, amounts: Sequence[float | None], bucket: str, tariff: Tariff, *, earlier: bool
) -> float:
    """What is known of the use in one month or year: under the version itself, or under those before it."""
    return sum(
        amount
        for column, amount in zip(columns.columns, amounts, strict=True)
        if amount is not None and column.month.startswith(bucket) and _is_of(column.tariff, tariff, earlier=earlier)
    )


def _is_of(found: Tariff | None, tariff: Tariff, *, earlier: bool) -> bool:
    if found is None:
        return earlier
    return found.since < tariff.since if earlier else found is tariff


def _plus(left: float | None, right: float | None) -> float | None:
    return None if left is None or right is None else left + right
