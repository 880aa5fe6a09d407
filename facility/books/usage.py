"""Tables of use: which key used how much in which interval, in columns."""

from __future__ import annotations

import math
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from facility.accounting.amounts import Amounts, joined, nothing
from facility.accounting.counters import Account
from facility.accounting.metering import Medium
from facility.accounting.tree import UNALLOCATED, UNALLOCATED_NAME, MeterNode, Share, charged
from facility.accounting.use import Gap, Grade
from facility.books.metering import MeterAccounts, edges
from facility.books.owners import By, Owners
from facility.books.splits import SpanSplit, Splits, without_inner
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
    """Makes tables of use for one site and the owners that hold. What meters counted is read once for the same edges:
    make a new one when readings may have changed.
    """

    def __init__(self, site: Site, accounts: MeterAccounts, splits: Splits, owners: Owners) -> None:
        self._site = site
        self._accounts = accounts
        self._splits = splits
        self._owners = owners
        self._read_before: dict[tuple[str, bytes], Account] = {}

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
        that is a main meter stand behind it, not beside it.
        """
        site = self._site
        found = {meter: site.all_meters[meter] for meter in self._accounts.reckoned(medium)}
        parents = {item.parent for item in found.values()}
        placed = [
            item for item in found.values()
            if isinstance(item, Meter) or item.parent is not None or item.id in parents
        ]  # fmt: skip
        above = {
            member.meter: item.id
            for item in placed if isinstance(item, VirtualMeter) and item.parent is None
            for member in item.members
        }  # fmt: skip
        return [
            MeterNode(id=item.id, name=item.text, parent=item.parent or above.get(item.id)) for item in placed
        ]  # fmt: skip

    def _read(self, meters: Sequence[str], edges_us: Times) -> dict[str, Account]:
        asked = edges_us.tobytes()
        return {meter: self._account(meter, edges_us, asked) for meter in meters}

    def _account(self, meter: str, edges_us: Times, asked: bytes) -> Account:
        if (meter, asked) not in self._read_before:
            self._read_before[meter, asked] = self._accounts.account(meter, edges_us)
        return self._read_before[meter, asked]

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
        owners = {node.id: self._dated(node.id, by, fine) for node in nodes}
        owners.update(self._shared({node.id for node in nodes}, by, fine))
        metered = frozenset(share.key for shares in owners.values() for share in shares)
        found = charged(nodes, owners, amounts, [key for key in keys if key in metered])
        columns = {key: joined(column, edges_us) for key, column in found.items()}
        return {key: columns.get(key) or nothing(edges_us) for key in (*keys, UNALLOCATED)}, metered

    def _dated(self, meter: str, by: By, fine: Times) -> tuple[Share, ...]:
        """The owners of a meter; columns where they change."""
        zone = self._site.zone
        changes = [midnight_us(day, zone) for day in self._owners.changes(by)]
        starts = [int(fine[0]), *(change for change in changes if fine[0] < change < fine[-1])]
        stretches = [self._owners.shares(meter, by, date_at(start, zone)) for start in starts]
        if all(shares == stretches[0] for shares in stretches):
            return stretches[0]
        places = np.searchsorted(np.array(starts, np.int64), fine[:-1], side="right") - 1
        return _columns(stretches, places)

    def _shared(self, meters: Container[str], by: By, fine: Times) -> dict[str, tuple[Share, ...]]:
        """Owners of the outdoor units' meters: a column of fractions each."""
        if by in ("building", "item"):  # these know whose the outdoor unit itself is
            return {}
        result = {}
        for meter, outdoor in self._splits.outdoor_units().items():
            if meter in meters:
                spans = self._splits.spans(outdoor, int(fine[0]), int(fine[-1]))
                shares = [self._owners.split_shares(span.split, by) for span in spans]
                result[meter] = _mixed(spans, shares, fine)
        return result


def _columns(stretches: Sequence[Sequence[Share]], places: npt.NDArray[np.intp]) -> tuple[Share, ...]:
    """Owners by stretch as columns over intervals; `places` says which stretch an interval lies in."""
    parts = dict.fromkeys((share.key, share.base) for shares in stretches for share in shares)
    return tuple(
        Share(key=key, fraction=np.array([_fraction(shares, key, base) for shares in stretches])[places], base=base)
        for key, base in parts
    )


def _fraction(shares: Sequence[Share], key: str, base: Grade | None) -> float:
    """NaN where the key has no share."""
    found = [float(share.fraction) for share in shares if share.key == key and share.base is base]
    return float(sum(found)) if found else math.nan


def _mixed(spans: Sequence[SpanSplit], shares: Sequence[Sequence[Share]], fine: Times) -> tuple[Share, ...]:
    """Owners over intervals that lie in one settlement span, or cover several: weighted by what was used in each."""
    starts = np.array([span.start_us for span in spans], np.int64)
    firsts = np.searchsorted(starts, fine[:-1], side="right") - 1
    lasts = np.searchsorted(starts, fine[1:], side="left")
    columns = _columns(shares, firsts)
    several = np.flatnonzero(lasts - firsts > 1).tolist()
    if not several:
        return columns
    weights = np.array([span.energy_kwh or 0.0 for span in spans])
    for place in several:
        inside = slice(int(firsts[place]), int(lasts[place]))
        total = weights[inside].sum()
        part = weights[inside] / total if total > 0 else np.full(len(weights[inside]), 1.0 / len(weights[inside]))
        for column in columns:
            own = np.array([_fraction(found, column.key, column.base) for found in shares[inside]])
            np.asarray(column.fraction)[place] = np.nan if np.isnan(own).all() else np.nansum(own * part)
    return columns
