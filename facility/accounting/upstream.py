"""What lies upstream of what: the order of the meters that count."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from facility.accounting.amounts import Amounts
from facility.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterNode:
    """A meter, real or virtual, at its place in the tree; `parent` is the meter upstream, None of a main meter."""

    id: str
    name: Text
    parent: str | None


class Upstream:
    """The meters that count, in order from the main meters down; each level by id, so that the order given does not
    matter. A meter without amounts is passed over: `above` is the nearest one upstream that has some.

    Raises:
        ValueError: parents go round, amounts of a meter that is none of `nodes`, or over different intervals.
    """

    def __init__(self, nodes: Sequence[MeterNode], amounts: Mapping[str, Amounts]) -> None:
        parents = {node.id: node.parent for node in nodes}
        strangers = sorted(set(amounts) - set(parents))
        if strangers:
            raise ValueError(f"meters that are not in the tree: {', '.join(strangers)}")
        check_same_intervals(list(amounts.values()))
        chains = {meter: [up for up in _upstream(meter, parents) if up in amounts] for meter in amounts}
        self.above = {meter: next(iter(chain), None) for meter, chain in chains.items()}
        self.order = sorted(amounts, key=lambda meter: (len(chains[meter]), meter))
        self.mains = tuple(meter for meter in self.order if self.above[meter] is None)


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


def check_same_intervals(columns: Sequence[Amounts]) -> None:
    """Refuses columns over different intervals.

    Raises:
        ValueError: there are such.
    """
    first = columns[0].edges_us if columns else None
    if any(
        column.edges_us is not first and not np.array_equal(column.edges_us, columns[0].edges_us) for column in columns
    ):
        raise ValueError("all meters must be given over the same intervals")
