"""One key's columns while the meters are added up, each with its weight."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from facility.accounting.amounts import GRADES, Amounts, Codes
from facility.accounting.use import Grade
from facility.series import Times, Values

Flags = npt.NDArray[np.bool_]
Weight = float | Values
"""Of one key in one meter, 0..1; a column where it differs between intervals."""

_WORST_BASE: Final = GRADES.index(Grade.ALLOCATED)
"""What is estimated or entered is told by its part of the value."""


@dataclass(slots=True, kw_only=True)
class WeightedSum:
    """One key's columns while the meters are added up; `shared` are its values that are shares, and where it has such,
    by their sort.
    """

    values: Values
    estimated: Values
    allocated: Values
    manual: Values
    error: Values
    base: Codes
    known: Flags
    shared: dict[Grade, tuple[Values, Flags]]

    @classmethod
    def over(cls, count: int) -> Self:
        """Nothing yet, in `count` intervals."""
        return cls(
            values=np.zeros(count), estimated=np.zeros(count), allocated=np.zeros(count), manual=np.zeros(count),
            error=np.zeros(count), base=np.zeros(count, np.uint8), known=np.zeros(count, np.bool_), shared={},
        )  # fmt: skip

    def add(self, column: Amounts, weights: Mapping[Grade | None, Weight], owned: Flags | bool) -> None:
        """A meter with its weights; a negative one is taken off, but what is uncertain adds up."""
        weight = sum(weights.values())
        counts = column.known & (np.asarray(weight) != 0.0)
        size = np.where(counts, np.abs(weight), 0.0)
        heard = np.where(column.known, column.values, 0.0)
        self.values += weight * heard
        self.estimated += size * column.estimated
        self.allocated += size * column.allocated
        self.manual += size * column.manual
        self.error += size * column.error
        derived = np.where(np.asarray(weight) < 0.0, GRADES.index(Grade.DERIVED), 0)
        self.base = np.where(counts, np.maximum(self.base, np.maximum(column.base, derived)), self.base)
        for base, part in weights.items():
            if base is not None:
                values, where = self.shared.get(base, (np.zeros(len(column)), np.zeros(len(column), np.bool_)))
                self.shared[base] = values + part * heard, where | np.asarray(owned)

    def column(self, edges_us: Times, completeness: Values | float, is_difference: Flags | bool) -> Amounts:
        """All of it; nothing where none of the key's meters speaks."""
        none = np.zeros(len(self.values))
        shared = {base: np.abs(part) for base, (part, _) in self.shared.items()}
        base = np.maximum(self.base, np.where(is_difference, GRADES.index(Grade.DERIVED), 0))
        for grade, (_, where) in self.shared.items():
            base = np.maximum(base, np.where(where, min(GRADES.index(grade), _WORST_BASE), 0))
        return Amounts(
            edges_us=edges_us,
            values=np.where(self.known, self.values, np.nan),
            completeness=np.where(self.known, completeness, 0.0),
            estimated=np.where(self.known, self.estimated + shared.get(Grade.ESTIMATED, none), 0.0),
            allocated=np.where(self.known, self.allocated + shared.get(Grade.ALLOCATED, none), 0.0),
            manual=np.where(self.known, self.manual + shared.get(Grade.MANUAL, none), 0.0),
            error=np.where(self.known, self.error, 0.0),
            base=np.where(self.known, base, 0).astype(np.uint8),
        )
