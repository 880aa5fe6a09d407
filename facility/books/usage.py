"""Tables of use: which key used how much in which interval, in columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from facility.accounting.amounts import Amounts, chained, joined, nothing, part
from facility.accounting.counters import Account
from facility.accounting.metering import Medium
from facility.accounting.tree import UNALLOCATED, UNALLOCATED_NAME, MeterNode, Share, charged
from facility.accounting.use import Gap
from facility.books.metering import MeterAccounts, edges
from facility.books.owners import By, Owners
from facility.books.splits import Splits, without_inner
from facility.local_days import date_at, day_edges, midnight_us
from facility.model import Site
from facility.model.entries import Meter, VirtualMeter
from facility.series import Times
from facility.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageTable:
    """What every key used between neighbouring edges.

    `columns` has one `Amounts` over `edges_us` for each key of `names`, `unallocated` last (not by meter): together
    they are the main meters. `blocks` are what meters counted during silences that lie across an edge: known as a whole
    only, part of no interval; (meter, gap). `metered` are the keys that own (a share of) some meter at some time: the
    others have nothing to be told by.
    """

    by: By
    medium: Medium
    edges_us: Times
    names: Mapping[str, Text]
    columns: Mapping[str, Amounts]
    blocks: tuple[tuple[str, Gap], ...]
    metered: frozenset[str]


class Usage:
    """Makes tables of use for one site and the owners that hold."""

    def __init__(self, site: Site, accounts: MeterAccounts, splits: Splits, owners: Owners) -> None:
        self._site = site
        self._accounts = accounts
        self._splits = splits
        self._owners = owners

    def table(self, by: By, medium: Medium, edges_us: Times) -> UsageTable:
        """What every key used of a medium between neighbouring edges (ascending, at least two).

        Raises:
            StoreUnavailable, StoreDamaged: readings cannot be had now.
        """
        meters = self._accounts.reckoned(medium)
        if by == "meter":
            accounts = self._read(meters, edges_us)
            names = {meter: self._site.equipment[meter].text for meter in meters}
            columns = {meter: account.amounts for meter, account in accounts.items()}
            metered = frozenset(columns)
        else:
            nodes = self.nodes(medium)
            accounts = self._read([node.id for node in nodes], self._fine(by, edges_us))
            accounts = self._joined_over_silences(accounts, edges_us)
            names = {**self._owners.names(by), UNALLOCATED: UNALLOCATED_NAME}
            columns, metered = self._charged(nodes, by, edges_us, accounts)
        return UsageTable(
            by=by,
            medium=medium,
            edges_us=edges_us,
            names=names,
            columns=columns,
            blocks=tuple((meter, gap) for meter, account in accounts.items() for gap in account.blocks),
            metered=metered,
        )

    def nodes(self, medium: Medium) -> list[MeterNode]:
        """The meter tree of a medium. A virtual meter stands in it where it has a parent or is one; the members of one
        that is a main meter do not stand beside it.
        """
        site = self._site
        found = {meter: site.all_meters[meter] for meter in self._accounts.reckoned(medium)}
        parents = {item.parent for item in found.values()}
        placed = [
            item for item in found.values()
            if isinstance(item, Meter) or item.parent is not None or item.id in parents
        ]  # fmt: skip
        mains = (item for item in placed if isinstance(item, VirtualMeter) and item.parent is None)
        inside = {member.meter for item in mains for member in item.members}
        return [
            MeterNode(id=item.id, name=item.text, parent=item.parent) for item in placed if item.id not in inside
        ]  # fmt: skip

    def _read(self, meters: Sequence[str], edges_us: Times) -> dict[str, Account]:
        return {meter: self._accounts.account(meter, edges_us) for meter in meters}

    def _fine(self, by: By, edges_us: Times) -> Times:
        """The edges asked for, and every midnight at which an owner may change."""
        start_us, end_us, zone = int(edges_us[0]), int(edges_us[-1]), self._site.zone
        changes = [midnight_us(day, zone) for day in self._owners.changes(by)]
        days = day_edges(start_us, end_us, zone) if self._splits.outdoor_units() else []
        inner = [edge for edge in (*changes, *days) if start_us < edge < end_us]
        return np.union1d(edges_us, edges(inner))

    def _joined_over_silences(self, accounts: dict[str, Account], edges_us: Times) -> dict[str, Account]:
        """Drops edges that nobody asked for where they cut what a meter counted during a silence, so that it is in."""
        fine = next((account.amounts.edges_us for account in accounts.values()), edges_us)
        blocks = [gap for account in accounts.values() for gap in account.blocks]
        kept = without_inner(fine.tolist(), blocks, keep=set(edges_us.tolist()))
        return accounts if len(kept) == len(fine) else self._read(list(accounts), edges(kept))

    def _charged(
        self, nodes: Sequence[MeterNode], by: By, edges_us: Times, accounts: Mapping[str, Account]
    ) -> tuple[dict[str, Amounts], frozenset[str]]:
        keys = list(self._owners.names(by))
        if not accounts:
            return {key: nothing(edges_us) for key in (*keys, UNALLOCATED)}, frozenset()
        amounts = {meter: account.amounts for meter, account in accounts.items()}
        fine = next(each.edges_us for each in amounts.values())
        stretches = self._stretches(nodes, by, fine)
        metered = {share.key for _, _, owners in stretches for shares in owners.values() for share in shares}
        asked = [key for key in keys if key in metered]
        parts = [
            charged(nodes, owners, {meter: part(each, first, last) for meter, each in amounts.items()}, asked)
            for first, last, owners in stretches
        ]
        columns = {key: joined(chained([each[key] for each in parts]), edges_us) for key in parts[0]}
        return {key: columns.get(key) or nothing(edges_us) for key in (*keys, UNALLOCATED)}, frozenset(metered)

    def _stretches(
        self, nodes: Sequence[MeterNode], by: By, fine: Times
    ) -> list[tuple[int, int, dict[str, tuple[Share, ...]]]]:
        """Places of neighbouring intervals with the same owners."""
        owners_of = self._owners_over(nodes, by, fine)
        starts = [0] + [place for place in range(1, len(owners_of)) if owners_of[place] != owners_of[place - 1]]
        return [(first, last, owners_of[first]) for first, last in pairwise([*starts, len(owners_of)])]

    def _owners_over(
        self, nodes: Sequence[MeterNode], by: By, fine: Times
    ) -> list[dict[str, tuple[Share, ...]]]:  # fmt: skip
        """The owners of every meter in every interval."""
        zone = self._site.zone
        days = [date_at(start_us, zone) for start_us in fine[:-1].tolist()]
        plain = {day: {node.id: self._owners.shares(node.id, by, day) for node in nodes} for day in set(days)}
        shared = self._shared(nodes, by, fine)
        return [
            plain[day] | {meter: column[place] for meter, column in shared.items()} for place, day in enumerate(days)
        ]

    def _shared(self, nodes: Sequence[MeterNode], by: By, fine: Times) -> dict[str, list[tuple[Share, ...]]]:
        """Owners of the outdoor units' meters, one entry per interval."""
        if by in ("building", "item"):  # these know whose the outdoor unit itself is
            return {}
        ids = {node.id for node in nodes}
        result: dict[str, list[tuple[Share, ...]]] = {}
        for meter, outdoor in self._splits.outdoor_units().items():
            if meter not in ids:
                continue
            spans = self._splits.spans(outdoor, int(fine[0]), int(fine[-1]))
            shares = [self._owners.split_shares(span.split, by) for span in spans]
            starts = np.array([span.start_us for span in spans], np.int64)
            places = np.searchsorted(starts, fine[:-1], side="right") - 1
            ends = np.searchsorted(starts, fine[1:], side="left")
            result[meter] = [
                _mixed([(span.energy_kwh or 0.0, shares[at]) for at, span in enumerate(spans[a:b], start=a)])
                for a, b in zip(places.tolist(), ends.tolist(), strict=True)
            ]
        return result


def _mixed(parts: Sequence[tuple[float, tuple[Share, ...]]]) -> tuple[Share, ...]:
    """Owners over several settlement spans, weighted by what was used in each."""
    if len(parts) == 1:
        return parts[0][1]
    total = sum(weight for weight, _ in parts)
    sums: dict[tuple[str, object], Share] = {}
    for weight, shares in parts:
        factor = weight / total if total > 0 else 1.0 / len(parts)
        for share in shares:
            held = sums.get((share.key, share.base))
            fraction = share.fraction * factor + (0.0 if held is None else held.fraction)
            sums[(share.key, share.base)] = Share(key=share.key, fraction=fraction, base=share.base)
    return tuple(sums.values())
