"""What stays unmetered behind a meter, and meters that are reckoned from others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from facility.accounting.amounts import GRADES, Amounts, less, scaled
from facility.accounting.upstream import MeterNode, Upstream, check_same_intervals
from facility.accounting.use import Grade
from facility.series import Values


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Balance:
    """A meter against the meters directly behind it.

    Attributes:
        meter: its id.
        amounts: what it counted.
        children: the same of each meter directly behind it.
        remainder: what it counted beyond them, DERIVED; NaN where it or one of them is not known; None when there are
            none. Negative where the meters disagree.
        known: sum of what is known of the meters behind it; NaN where nothing is; None when there are none.
        missing: those that are not known in some interval.
    """

    meter: str
    amounts: Amounts
    children: tuple[Balance, ...] = ()
    remainder: Amounts | None = None
    known: Values | None = None
    missing: tuple[str, ...] = ()


def balance(nodes: Sequence[MeterNode], amounts: Mapping[str, Amounts]) -> tuple[Balance, ...]:
    """Every main meter against what lies behind it, in the order of `nodes`. Meters without amounts are passed over.

    Raises:
        ValueError: parents go round, different intervals.
    """
    above = Upstream(nodes, amounts).above
    behind: dict[str | None, list[str]] = {}
    for node in nodes:
        if node.id in amounts:
            behind.setdefault(above[node.id], []).append(node.id)

    def of(meter: str) -> Balance:
        children = tuple(of(child) for child in behind.get(meter, ()))
        parts = [child.amounts for child in children]
        if not parts:
            return Balance(meter=meter, amounts=amounts[meter])
        return Balance(
            meter=meter,
            amounts=amounts[meter],
            children=children,
            remainder=less(amounts[meter], parts),
            known=_known_sum(parts),
            missing=_missing({child.meter: child.amounts for child in children}),
        )

    return tuple(of(meter) for meter in behind.get(None, ()))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VirtualResult:
    """What a virtual meter counted.

    Attributes:
        amounts: NaN where any member is not known; DERIVED.
        known: sum of the members that are known; NaN where none is.
        missing: members that are not known in some interval.
    """

    amounts: Amounts
    known: Values
    missing: tuple[str, ...]


def virtual(members: Sequence[tuple[Amounts, float]], ids: Sequence[str]) -> VirtualResult:
    """The sum of the members, each with its percentage; a negative one is taken off.

    Args:
        members: what each counted, and how many percent of it belong to the virtual meter.
        ids: their ids, in the same order.

    Raises:
        ValueError: no members, different intervals, more or fewer ids than members.
    """
    parts = [scaled(column, percent / 100.0) for column, percent in members]
    missing = _missing(dict(zip(ids, parts, strict=True)))
    if not parts:
        raise ValueError("a virtual meter needs at least one member")
    check_same_intervals(parts)
    base = np.max([part.base for part in parts], axis=0)
    amounts = Amounts(
        edges_us=parts[0].edges_us,
        values=_sum([part.values for part in parts]),
        completeness=np.min([part.completeness for part in parts], axis=0),
        estimated=_sum([part.estimated for part in parts]),
        allocated=_sum([part.allocated for part in parts]),
        manual=_sum([part.manual for part in parts]),
        error=_sum([part.error for part in parts]),
        base=np.maximum(base, GRADES.index(Grade.DERIVED)).astype(np.uint8),
    )
    return VirtualResult(amounts=amounts, known=_known_sum(parts), missing=missing)


def _missing(columns: Mapping[str, Amounts]) -> tuple[str, ...]:
    return tuple(meter for meter, column in columns.items() if not bool(column.known.all()))


def _known_sum(columns: Sequence[Amounts]) -> Values:
    some = np.any([column.known for column in columns], axis=0)
    return np.where(some, np.nansum([column.values for column in columns], axis=0), np.nan)


def _sum(columns: Sequence[Values]) -> Values:
    return np.asarray(np.sum(columns, axis=0), np.float64)
