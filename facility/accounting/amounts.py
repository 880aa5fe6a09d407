"""What was used in neighbouring intervals, as columns, and how such columns are added, taken off, shared and joined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from facility.accounting.use import Grade, Use
from facility.series import Times, Values

GRADES: Final = tuple(Grade)
"""From best to worst; a column of grades holds their places here."""

Codes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Amounts:
    """What was used in n neighbouring intervals: columns of length n over n + 1 edges.

    Attributes:
        edges_us: ascending microseconds since 1970 UTC, one more than there are intervals.
        values: in the medium's unit; NaN where nothing is known.
        completeness: 0..1, share of each interval's time that good readings cover.
        estimated: the part of the value that was spread over a gap or estimated in another way; 0 where none was.
        allocated: the part of the value that is a share of a shared meter's; 0 where none is.
        manual: the part of the value that a person entered; 0 where none was.
        error: the value may be off by so much either way for lack of a reading at the interval's very ends; 0 where
            there were readings.
        base: how the rest of the value came about (place in GRADES): MEASURED, DERIVED or ALLOCATED.
    """

    edges_us: Times
    values: Values
    completeness: Values
    estimated: Values
    allocated: Values
    manual: Values
    error: Values
    base: Codes

    def __len__(self) -> int:
        return len(self.values)

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """True where something is known."""
        return ~np.isnan(self.values)

    @property
    def estimated_share(self) -> Values:
        """0..1, share of each value that was estimated or allocated; 0 where nothing is known."""
        return _share(self.estimated + self.allocated, self.values)

    @property
    def manual_share(self) -> Values:
        """0..1, share of each value that a person entered; 0 where nothing is known."""
        return _share(self.manual, self.values)

    @property
    def grades(self) -> Codes:
        """Places in GRADES: UNKNOWN without a value, MANUAL or ESTIMATED where that is more than half of it, else what
        the rest is.
        """
        result = np.where(_share(self.estimated, self.values) > 0.5, GRADES.index(Grade.ESTIMATED), self.base)
        result = np.where(_share(self.manual, self.values) > 0.5, GRADES.index(Grade.MANUAL), result)
        return np.where(self.known, result, GRADES.index(Grade.UNKNOWN)).astype(np.uint8)

    def uses(self) -> list[Use]:
        """One object for each interval."""
        columns = (
            self.edges_us[:-1], self.edges_us[1:], self.values, self.completeness, self.estimated_share,
            self.manual_share, self.error, self.grades,
        )  # fmt: skip
        return [
            Use(
                start_us=start_us,
                end_us=end_us,
                value=None if value != value else value,  # noqa: PLR0124 - NaN
                completeness=completeness,
                estimated_share=estimated,
                manual_share=manual,
                error=error,
                grade=GRADES[grade],
            )
            for start_us, end_us, value, completeness, estimated, manual, error, grade in zip(
                *(column.tolist() for column in columns), strict=True
            )
        ]


def nothing(edges_us: Times) -> Amounts:
    """Nothing known of any interval."""
    count = len(edges_us) - 1
    return Amounts(
        edges_us=edges_us,
        values=np.full(count, np.nan),
        completeness=np.zeros(count),
        estimated=np.zeros(count),
        allocated=np.zeros(count),
        manual=np.zeros(count),
        error=np.zeros(count),
        base=np.zeros(count, np.uint8),
    )


def scaled(amounts: Amounts, factors: Values | float, base: Grade | None = None) -> Amounts:
    """Each value times its factor: a share of a meter, litres per pulse. `base` says how the result came about where
    that is worse than how the values did, None keeps it; what is ALLOCATED or ESTIMATED counts as such in full.
    """
    size = np.abs(factors)
    values = amounts.values * factors
    whole = np.nan_to_num(np.abs(values))
    return replace(
        amounts,
        values=values,
        estimated=whole if base is Grade.ESTIMATED else amounts.estimated * size,
        allocated=whole if base is Grade.ALLOCATED else amounts.allocated * size,
        manual=amounts.manual * size,
        error=amounts.error * size,
        base=amounts.base if base is None else np.maximum(amounts.base, GRADES.index(base)).astype(np.uint8),
    )


def added(columns: Sequence[Amounts]) -> Amounts:
    """Several meters over the same intervals as one. What is known is added; a meter of which nothing is known lowers
    the completeness. NaN only where nothing is known of any.

    Raises:
        ValueError: none, or different intervals.
    """
    _check_same(columns)
    if len(columns) == 1:
        return columns[0]
    return Amounts(
        edges_us=columns[0].edges_us,
        values=_known_sum(columns),
        completeness=np.mean([column.completeness for column in columns], axis=0),
        estimated=_sum([column.estimated for column in columns]),
        allocated=_sum([column.allocated for column in columns]),
        manual=_sum([column.manual for column in columns]),
        error=_sum([column.error for column in columns]),
        base=np.max([np.where(column.known, column.base, 0) for column in columns], axis=0).astype(np.uint8),
    )


def less(whole: Amounts, parts: Sequence[Amounts]) -> Amounts:
    """What a meter counted beyond its sub-meters; NaN where it or any of them is not known. May be negative where the
    meters disagree: that is for people to see.
    """
    if not parts:
        return whole
    _check_same([whole, *parts])
    values = whole.values - np.sum([part.values for part in parts], axis=0)
    everything = (whole, *parts)
    return Amounts(
        edges_us=whole.edges_us,
        values=values,
        completeness=np.min([column.completeness for column in everything], axis=0),
        estimated=_sum([column.estimated for column in everything]),
        allocated=_sum([column.allocated for column in everything]),
        manual=_sum([column.manual for column in everything]),
        error=_sum([column.error for column in everything]),
        base=np.full(len(whole), GRADES.index(Grade.DERIVED), np.uint8),
    )


def joined(amounts: Amounts, edges_us: Times) -> Amounts:
    """Neighbouring intervals as longer ones: every one of `edges_us` is an edge of `amounts`. What is known is added,
    the completeness says how much of the time that is.

    Raises:
        ValueError: an edge that is none of `amounts`.
    """
    places = np.searchsorted(amounts.edges_us, edges_us)
    if len(edges_us) < 2 or places[-1] >= len(amounts.edges_us) or np.any(amounts.edges_us[places] != edges_us):
        raise ValueError("intervals can only be joined at their own edges")
    starts, inner = places[:-1], slice(int(places[0]), int(places[-1]))
    lengths = np.diff(amounts.edges_us).astype(np.float64)
    known = amounts.known

    def total(column: Values) -> Values:
        return np.asarray(np.add.reduceat(column[inner], starts - places[0]), np.float64)

    any_known = total(known.astype(np.float64)) > 0
    return Amounts(
        edges_us=np.asarray(edges_us, np.int64),
        values=np.where(any_known, total(np.where(known, amounts.values, 0.0)), np.nan),
        completeness=np.minimum(total(amounts.completeness * lengths) / total(lengths), 1.0),
        estimated=total(amounts.estimated),
        allocated=total(amounts.allocated),
        manual=total(amounts.manual),
        error=_outer_error(amounts, starts, places[1:]),
        base=np.maximum.reduceat(np.where(known, amounts.base, 0)[inner], starts - places[0]).astype(np.uint8),
    )


def part(amounts: Amounts, first: int, last: int) -> Amounts:
    """The intervals from `first` up to, not including, `last`."""
    columns = {name: getattr(amounts, name)[first:last] for name in _COLUMNS}
    return Amounts(edges_us=amounts.edges_us[first : last + 1], **columns)


_COLUMNS: Final = ("values", "completeness", "estimated", "allocated", "manual", "error", "base")


def _outer_error(amounts: Amounts, firsts: npt.NDArray[np.intp], ends: npt.NDArray[np.intp]) -> Values:
    """What is uncertain at inner edges cancels: the joined value is only as uncertain as its ends are.

    What an end is uncertain by is at most what its two outermost intervals say: where both lie in one silence, neither
    of them alone says as much.
    """
    sums = np.concatenate(([0.0], np.cumsum(amounts.error)))
    first, last = np.minimum(firsts + 2, ends), np.maximum(ends - 2, firsts)
    last = np.maximum(first, last)
    outer: Values = np.maximum(sums[first] - sums[firsts] + sums[ends] - sums[last], 0.0)
    return outer


def _check_same(columns: Sequence[Amounts]) -> None:
    if not columns:
        raise ValueError("nothing to add up")
    first = columns[0].edges_us
    if any(column.edges_us is not first and not np.array_equal(column.edges_us, first) for column in columns):
        raise ValueError("all meters must be given over the same intervals")


def _known_sum(columns: Sequence[Amounts]) -> Values:
    some = np.any([column.known for column in columns], axis=0)
    return np.where(some, np.nansum([column.values for column in columns], axis=0), np.nan)


def _sum(columns: Sequence[Values]) -> Values:
    return np.asarray(np.sum(columns, axis=0), np.float64)


def _share(parts: Values, values: Values) -> Values:
    size = np.abs(values)
    safe = np.where(size > 0, size, 1.0)
    return np.where(size > 0, np.minimum(parts / safe, 1.0), 0.0)
