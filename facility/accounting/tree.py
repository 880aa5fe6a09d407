"""The meter tree: who is charged with what the meters count, what stays unmetered, and meters that are reckoned.

What a meter counts beyond the nearest meters behind it is its own load. Its owners take that by their shares; what they
leave goes to the owners of the meter upstream, above the main meters to nobody. As columns: the key `k` has

    sum over all meters m of  (weight of k in m - weight of k in the meter upstream of m) x what m counted

so that between meters of one owner everything cancels but the topmost, and all keys together are the main meters. A
meter that is silent in an interval is passed over there: what lies behind it counts by itself. Behind a main meter that
is silent, what nobody owns is not known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from facility.accounting.amounts import GRADES, Amounts, Codes, less, scaled
from facility.accounting.use import Grade
from facility.series import Times, Values
from facility.text import Text

UNALLOCATED: Final = "unallocated"
"""Key of the row for what the main meters counted and nobody's own meter did."""

UNALLOCATED_NAME: Final = Text("未分摊", "Unallocated")

_NOTHING_LEFT: Final = 1e-9
"""Shares that add up to one but for the rounding of their decimals leave nothing."""

Flags = npt.NDArray[np.bool_]
Weight = float | Values
"""Of one key in one meter, 0..1; a column where it differs between intervals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterNode:
    """A meter, real or virtual, at its place in the tree; `parent` is the meter upstream, None of a main meter."""

    id: str
    name: Text
    parent: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """`fraction` (0..1] of what a meter counts beyond the owned meters behind it is charged to `key`. `base` says how
    the share came about where that is worse than the meter itself (ALLOCATED), None: as the meter.
    """

    key: str
    fraction: float
    base: Grade | None = None


Owners = Mapping[str, Sequence[Share]]
"""Meter id -> its owners. Their fractions are at most 1 together; the rest goes to the owners upstream, unless a share
of the key UNALLOCATED keeps it from them.
"""


def charged(
    nodes: Sequence[MeterNode], owners: Owners, amounts: Mapping[str, Amounts], keys: Sequence[str]
) -> dict[str, Amounts]:
    """What each key is charged with; all together are what the main meters counted, interval by interval.

    NaN where none of a key's meters speaks. Where some do, it is what those counted, with a lower completeness. A
    difference of meters is DERIVED.

    Args:
        nodes: the meters of one medium.
        owners: who owns what; a meter that is not in it has no owner.
        amounts: meter id -> what it counted, all over the same intervals. Meters without any are passed over.
        keys: all there are, for example all offices; one without a meter has a row that says so.

    Returns:
        Every key in the order given, UNALLOCATED last. Empty when `amounts` is.

    Raises:
        ValueError: parents go round, shares beyond 1, an owner that is none of `keys`, different intervals.
    """
    tree = _Tree(nodes, amounts)
    _check_shares(owners, {*keys, UNALLOCATED})
    if not amounts:
        return {}
    structure = tree.weights(owners, {})
    silent = {meter: column.known for meter, column in amounts.items() if not bool(column.known.all())}
    spoken = tree.weights(owners, silent) if silent else structure
    wanted = [*(key for key in keys if key != UNALLOCATED), UNALLOCATED]
    return {key: _charged(key, tree, structure, spoken, amounts) for key in wanted}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Weights:
    """Of every key in one meter, and in the one upstream of it. `owned` are the keys that have a share in this very
    meter, `base` is how their shares came about (place in GRADES), and those upstream.
    """

    own: Mapping[str, Weight]
    upstream: Mapping[str, Weight]
    owned: frozenset[str]
    base: Mapping[str, int]

    def net(self, key: str) -> Weight:
        return self.own.get(key, 0.0) - self.upstream.get(key, 0.0)


class _Tree:
    """The meters that count, from the main meters down; each level by id, so that the order given does not matter."""

    def __init__(self, nodes: Sequence[MeterNode], amounts: Mapping[str, Amounts]) -> None:
        parents = {node.id: node.parent for node in nodes}
        strangers = sorted(set(amounts) - set(parents))
        if strangers:
            raise ValueError(f"meters that are not in the tree: {', '.join(strangers)}")
        chains = {meter: [up for up in _upstream(meter, parents) if up in amounts] for meter in amounts}
        self.above = {meter: next(iter(chain), None) for meter, chain in chains.items()}
        self.order = sorted(amounts, key=lambda meter: (len(chains[meter]), meter))
        self.mains = tuple(meter for meter in self.order if self.above[meter] is None)

    def weights(self, owners: Owners, speaks: Mapping[str, Flags]) -> dict[str, _Weights]:
        """Weights of all keys in all meters. `speaks` has the meters that are silent in some interval."""
        found: dict[str, _Weights] = {}
        for meter in self.order:
            above = self.above[meter]
            upstream = _upstream_weights(found[above], speaks.get(above)) if above is not None else {}
            heirs = upstream if above is not None else {UNALLOCATED: 1.0}
            bases = found[above].base if above is not None else {}
            found[meter] = _weights(owners.get(meter, ()), upstream, heirs, bases)
        return found


def _upstream(meter: str, parents: Mapping[str, str | None]) -> Iterator[str]:
    """The meters upstream, nearest first."""
    seen = {meter}
    above = parents[meter]
    while above is not None and above in parents:
        if above in seen:
            raise ValueError(f"the meters upstream of {meter} go round: {above} comes again")
        seen.add(above)
        yield above
        above = parents[above]


def _upstream_weights(above: _Weights, speaks: Flags | None) -> Mapping[str, Weight]:
    """Who has what the meter upstream counts; where that is silent, the one upstream of it."""
    if speaks is None:
        return above.own
    return {
        key: np.where(speaks, above.own.get(key, 0.0), above.upstream.get(key, 0.0))
        for key in {**above.own, **above.upstream}
    }


def _weights(
    shares: Sequence[Share], upstream: Mapping[str, Weight], heirs: Mapping[str, Weight], base: Mapping[str, int]
) -> _Weights:
    left = 1.0 - sum(share.fraction for share in shares)
    own: dict[str, Weight] = {key: left * weight for key, weight in heirs.items()} if left > _NOTHING_LEFT else {}
    bases = dict(base)
    for share in shares:
        own[share.key] = own.get(share.key, 0.0) + share.fraction
        bases[share.key] = max(bases.get(share.key, 0), GRADES.index(share.base) if share.base is not None else 0)
    return _Weights(own=own, upstream=upstream, owned=frozenset(share.key for share in shares), base=bases)


def _check_shares(owners: Owners, keys: set[str]) -> None:
    for meter, shares in owners.items():
        strangers = sorted({share.key for share in shares} - keys)
        if strangers:
            raise ValueError(f"owners of {meter} that are not among the keys: {', '.join(strangers)}")
        if any(not 0.0 < share.fraction <= 1.0 for share in shares):
            raise ValueError(f"a share of {meter} is not above 0 and at most 1")
        if sum(share.fraction for share in shares) > 1.0 + _NOTHING_LEFT:
            raise ValueError(f"the shares of {meter} are more than the whole meter")


@dataclass(slots=True, kw_only=True)
class _Sum:
    """One key's columns while the meters are added up."""

    values: Values
    estimated: Values
    allocated: Values
    manual: Values
    error: Values
    base: Codes
    known: Flags

    @classmethod
    def over(cls, edges_us: Times) -> Self:
        """Nothing yet."""
        count = len(edges_us) - 1
        return cls(
            values=np.zeros(count), estimated=np.zeros(count), allocated=np.zeros(count), manual=np.zeros(count),
            error=np.zeros(count), base=np.zeros(count, np.uint8), known=np.zeros(count, np.bool_),
        )  # fmt: skip

    def add(self, column: Amounts, weight: Weight, base: int) -> None:
        """A meter's weight in it; a negative one is taken off, but what is uncertain adds up."""
        counts = column.known & (np.asarray(weight) != 0.0)
        size = np.where(counts, np.abs(weight), 0.0)
        values = np.where(counts, weight * column.values, 0.0)
        self.values += values
        self.estimated += size * column.estimated
        self.allocated += values if base == GRADES.index(Grade.ALLOCATED) else size * column.allocated
        self.manual += size * column.manual
        self.error += size * column.error
        derived = np.where(np.asarray(weight) < 0.0, GRADES.index(Grade.DERIVED), 0)
        worst = np.maximum(np.maximum(column.base, derived), base)
        self.base = np.where(counts, np.maximum(self.base, worst), self.base).astype(np.uint8)


def _charged(
    key: str,
    tree: _Tree,
    structure: Mapping[str, _Weights],
    spoken: Mapping[str, _Weights],
    amounts: Mapping[str, Amounts],
) -> Amounts:
    edges_us = amounts[tree.order[0]].edges_us
    total = _Sum.over(edges_us)
    for meter in tree.order:
        weights = spoken[meter]
        if key in weights.own or key in weights.upstream:
            total.add(amounts[meter], weights.net(key), weights.base.get(key, 0))
        if key in weights.owned or (key == UNALLOCATED and tree.above[meter] is None):
            total.known |= amounts[meter].known
    completeness, is_difference = _completeness(key, tree, structure, amounts)
    base = np.maximum(total.base, GRADES.index(Grade.DERIVED)) if is_difference else total.base
    return Amounts(
        edges_us=edges_us,
        values=np.where(total.known, total.values, np.nan),
        completeness=np.where(total.known, completeness, 0.0),
        estimated=np.where(total.known, total.estimated, 0.0),
        allocated=np.where(total.known, np.abs(total.allocated), 0.0),
        manual=np.where(total.known, total.manual, 0.0),
        error=np.where(total.known, total.error, 0.0),
        base=np.where(total.known, base, 0).astype(np.uint8),
    )


def _completeness(
    key: str, tree: _Tree, structure: Mapping[str, _Weights], amounts: Mapping[str, Amounts]
) -> tuple[Values | float, bool]:
    """Of what is added, the mean by weight, and no more than that of what is taken off; and whether anything is. Judged
    by the whole tree: a meter that is silent lacks.
    """
    net = {meter: float(structure[meter].net(key)) for meter in tree.order}
    heard = {meter: np.where(amounts[meter].known, amounts[meter].completeness, 0.0) for meter in tree.order}
    plus = {meter: weight for meter, weight in net.items() if weight > _NOTHING_LEFT}
    if not plus and key == UNALLOCATED:
        plus = dict.fromkeys(tree.mains, 1.0)
    if not plus:
        plus = {meter: 1.0 for meter in tree.order if key in structure[meter].owned}
    minus = [meter for meter, weight in net.items() if weight < -_NOTHING_LEFT]
    if not plus:
        return 0.0, bool(minus)
    mean = np.average([heard[meter] for meter in plus], axis=0, weights=list(plus.values()))
    return np.asarray(np.min([mean, *(heard[meter] for meter in minus)], axis=0), np.float64), bool(minus)


@dataclass(frozen=True, slots=True, kw_only=True)
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
    known: Values | None = field(default=None, compare=False)
    missing: tuple[str, ...] = ()


def balance(nodes: Sequence[MeterNode], amounts: Mapping[str, Amounts]) -> tuple[Balance, ...]:
    """Every main meter against what lies behind it, in the order of `nodes`. Meters without amounts are passed over.

    Raises:
        ValueError: parents go round, different intervals.
    """
    tree = _Tree(nodes, amounts)
    behind: dict[str | None, list[str]] = {}
    for node in nodes:
        if node.id in amounts:
            behind.setdefault(tree.above[node.id], []).append(node.id)

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
    _check_same(parts)
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


def _check_same(columns: Sequence[Amounts]) -> None:
    first = columns[0].edges_us
    if any(not np.array_equal(column.edges_us, first) for column in columns[1:]):
        raise ValueError("all meters must be given over the same intervals")


def _missing(columns: Mapping[str, Amounts]) -> tuple[str, ...]:
    return tuple(meter for meter, column in columns.items() if not bool(column.known.all()))


def _known_sum(columns: Sequence[Amounts]) -> Values:
    some = np.any([column.known for column in columns], axis=0)
    return np.where(some, np.nansum([column.values for column in columns], axis=0), np.nan)


def _sum(columns: Sequence[Values]) -> Values:
    return np.asarray(np.sum(columns, axis=0), np.float64)
