"""Who is charged with what the meters count.

What a meter counts beyond the nearest meters behind it is its own load. Its owners take that by their shares; what they
leave goes to the owners of the meter upstream, above the main meters to nobody. As columns: the key `k` has

    sum over all meters m of  (weight of k in m - weight of k in the meter upstream of m) x what m counted

so that between meters of one owner everything cancels but the topmost, and all keys together are the main meters. A
meter that is silent in an interval is passed over there: what lies behind it counts by itself. Behind a main meter that
is silent, what nobody owns is not known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from facility.accounting.amounts import Amounts
from facility.accounting.upstream import MeterNode, Upstream
from facility.accounting.use import Grade
from facility.accounting.weighing import Flags, Weight, WeightedSum
from facility.series import Values
from facility.text import Text

UNALLOCATED: Final = "unallocated"
"""Key of the row for what the main meters counted and nobody's own meter did."""

UNALLOCATED_NAME: Final = Text("未分摊", "Unallocated")

_NOTHING_LEFT: Final = 1e-9
"""Shares that add up to one but for the rounding of their decimals leave nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """`fraction` (0..1) of what a meter counts beyond the owned meters behind it is charged to `key`. `base` says how
    the share came about where that is worse than the meter itself (ALLOCATED, ESTIMATED), None: as the meter. A column
    of fractions differs between intervals; NaN where the key has no share at all.
    """

    key: str
    fraction: Weight
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
    tree = Upstream(nodes, amounts)
    _check_shares(owners, {*keys, UNALLOCATED})
    if not amounts:
        return {}
    structure = _weights(tree, owners, {})
    silent = {meter: column.known for meter, column in amounts.items() if not bool(column.known.all())}
    spoken = _weights(tree, owners, silent) if silent else structure
    heard = {meter: np.where(column.known, column.completeness, 0.0) for meter, column in amounts.items()}
    owned = _owned(tree, structure)
    nets, planned = _nets(spoken), _nets(structure)
    wanted = [*(key for key in keys if key != UNALLOCATED), UNALLOCATED]
    edges_us = amounts[tree.order[0]].edges_us
    return {
        key: _summed(nets.get(key, {}), owned.get(key, {}), amounts).column(
            edges_us, *_completeness(planned.get(key, {}), owned.get(key, {}), heard)
        )
        for key in wanted
    }


Part = tuple[str, Grade | None]
"""A key, and how its shares came about: they are weighed apart."""

Weights = Mapping[Part, Weight]


Nets = dict[str, dict[str, dict[Grade | None, Weight]]]
"""Key -> meter -> what the key has of this meter beyond what it has of the one upstream, by how that came about."""

Owned = dict[str, Flags | bool]
"""Meter -> where a key has a share in this very meter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Weighed:
    """The weights in one meter (`own`) and in the one upstream of it; `owned` are the keys that have a share in this
    very meter, and where.
    """

    own: Weights
    upstream: Weights
    owned: Mapping[str, Flags | bool]


def _nets(weights: Mapping[str, _Weighed]) -> Nets:
    """What is not nothing: a key has it of few meters, so that many keys cost no more than many meters."""
    found: Nets = {}
    for meter, weighed in weights.items():
        for key, base in {**weighed.own, **weighed.upstream}:
            net = weighed.own.get((key, base), 0.0) - weighed.upstream.get((key, base), 0.0)
            if base is not None or not _is_nothing(net):
                found.setdefault(key, {}).setdefault(meter, {})[base] = net
    return found


def _owned(tree: Upstream, weights: Mapping[str, _Weighed]) -> dict[str, Owned]:
    """Key -> its meters. What nobody owns is told by the main meters."""
    found: dict[str, Owned] = {UNALLOCATED: dict.fromkeys(tree.mains, True)}
    for meter, weighed in weights.items():
        for key, where in weighed.owned.items():
            found.setdefault(key, {}).setdefault(meter, where)
    return found


def _weights(tree: Upstream, owners: Owners, speaks: Mapping[str, Flags]) -> dict[str, _Weighed]:
    """Weights of all keys in all meters. `speaks` has the meters that are silent in some interval."""
    found: dict[str, _Weighed] = {}
    for meter in tree.order:
        above = tree.above[meter]
        upstream = _upstream_weights(found[above], speaks.get(above)) if above is not None else {}
        heirs: Weights = upstream if above is not None else {(UNALLOCATED, None): 1.0}
        found[meter] = _weighed(owners.get(meter, ()), upstream, heirs)
    return found


def _upstream_weights(above: _Weighed, speaks: Flags | None) -> Weights:
    """Who has what the meter upstream counts; where that is silent, the one upstream of it."""
    if speaks is None:
        return above.own
    parts = {**above.own, **above.upstream}
    return {part: np.where(speaks, above.own.get(part, 0.0), above.upstream.get(part, 0.0)) for part in parts}


def _weighed(shares: Sequence[Share], upstream: Weights, heirs: Weights) -> _Weighed:
    parts = [
        (share, np.nan_to_num(share.fraction) if _is_column(share.fraction) else share.fraction) for share in shares
    ]
    left = _left(1.0 - sum(fraction for _, fraction in parts))
    own: dict[Part, Weight] = {} if _is_nothing(left) else {part: left * weight for part, weight in heirs.items()}
    owned: dict[str, Flags | bool] = {}
    for share, fraction in parts:
        own[share.key, share.base] = own.get((share.key, share.base), 0.0) + fraction
        owned[share.key] = owned.get(share.key, False) | _has(share.fraction)
    return _Weighed(own=own, upstream=upstream, owned=owned)


def _left(rest: Weight) -> Weight:
    """What the shares leave, but for the rounding of their decimals; 0.0 where that is nothing in any interval."""
    if not _is_column(rest):
        return rest if rest > _NOTHING_LEFT else 0.0
    return np.where(rest > _NOTHING_LEFT, rest, 0.0) if np.any(rest > _NOTHING_LEFT) else 0.0


def _has(fraction: Weight) -> Flags | bool:
    return ~np.isnan(fraction) if isinstance(fraction, np.ndarray) else True


def _is_column(weight: Weight) -> bool:
    return isinstance(weight, np.ndarray)


def _check_shares(owners: Owners, keys: set[str]) -> None:
    for meter, shares in owners.items():
        strangers = sorted({share.key for share in shares} - keys)
        if strangers:
            raise ValueError(f"owners of {meter} that are not among the keys: {', '.join(strangers)}")
        fractions = [
            np.nan_to_num(share.fraction) if _is_column(share.fraction) else share.fraction for share in shares
        ]
        if not all(np.all(np.asarray(fraction) >= 0.0) for fraction in fractions):
            raise ValueError(f"a share of {meter} is below 0")
        if np.any(np.asarray(sum(fractions)) > 1.0 + _NOTHING_LEFT):
            raise ValueError(f"the shares of {meter} are more than the whole meter")


def _summed(
    net: Mapping[str, Mapping[Grade | None, Weight]], owned: Owned, amounts: Mapping[str, Amounts]
) -> WeightedSum:
    """What all meters together have for a key, and where it is known."""
    total = WeightedSum.over(len(next(iter(amounts.values()))))
    for meter, weights in net.items():
        total.add(amounts[meter], weights, owned.get(meter, False))
    for meter, where in owned.items():
        total.known |= amounts[meter].known & where
    return total


def _is_nothing(weight: Weight) -> bool:
    return isinstance(weight, float) and weight == 0.0


def _completeness(
    net: Mapping[str, Mapping[Grade | None, Weight]], owned: Owned, heard: Mapping[str, Values]
) -> tuple[Values | float, Flags | bool]:
    """Of what is added, the mean by weight, and no more than that of what is taken off; and where anything is. Judged
    by the whole tree: a meter that is silent lacks.
    """
    if not net and not owned:
        return 0.0, False
    count = len(next(iter(heard.values())))
    sums, weights, least = np.zeros(count), np.zeros(count), np.ones(count)
    is_difference = np.zeros(count, np.bool_)
    for meter, parts in net.items():
        weight = np.broadcast_to(np.asarray(sum(parts.values()), np.float64), count)
        plus = np.where(weight > _NOTHING_LEFT, weight, 0.0)
        sums, weights = sums + plus * heard[meter], weights + plus
        minus = weight < -_NOTHING_LEFT
        least = np.where(minus, np.minimum(least, heard[meter]), least)
        is_difference |= minus
    mean = np.where(weights > 0, sums / np.where(weights > 0, weights, 1.0), _plain_mean(owned, heard, count))
    return np.minimum(mean, least), is_difference


def _plain_mean(owned: Owned, heard: Mapping[str, Values], count: int) -> Values:
    """The mean of all meters that a key has a share in; 0 where there is none."""
    has = {meter: np.broadcast_to(np.asarray(where), count) for meter, where in owned.items()}
    number = np.sum([where for where in has.values()], axis=0, dtype=np.float64) if has else np.zeros(count)
    total = np.sum([np.where(where, heard[meter], 0.0) for meter, where in has.items()], axis=0) if has else number
    return np.where(number > 0, total / np.where(number > 0, number, 1.0), 0.0)
