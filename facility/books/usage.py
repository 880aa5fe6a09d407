"""Tables of use: which key used how much in which interval, in columns."""

from __future__ import annotations

import math
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from facility.accounting import HOLD_US
from facility.accounting.amounts import Amounts, joined, nothing
from facility.accounting.counters import Account
from facility.accounting.metering import Medium
from facility.accounting.tree import UNALLOCATED, UNALLOCATED_NAME, MeterNode, Share, charged
from facility.accounting.use import Gap, GapKind, Grade
from facility.books.metering import MINUTE_US, MeterAccounts, edges
from facility.books.owners import By, Owners
from facility.books.silences import shared_over_edges
from facility.books.splits import Splits, without_inner
from facility.local_days import date_at, day_edges, midnight_us
from facility.model import Site
from facility.model.entries import Meter, VirtualMeter
from facility.series import Times, Values
from facility.text import Text

_UNKNOWN: Final = (GapKind.SILENT, GapKind.RESET, GapKind.HELD, GapKind.REJECTED)
"""Nothing is known of what was counted in these."""


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
            accounts = _shared_out(self._read(meters, edges_us), edges_us)
            names = {meter: self._site.equipment[meter].text for meter in meters}
            columns = {meter: account.amounts for meter, account in accounts.items()}
            metered = frozenset(columns)
        else:
            nodes = self.nodes(medium)
            accounts = self._read([node.id for node in nodes], self._fine(by, edges_us))
            accounts = _shared_out(self._settled(accounts, edges_us), edges_us)
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

    def _settled(self, accounts: dict[str, Account], edges_us: Times) -> dict[str, Account]:
        """Over edges at which every meter is either heard or not: with those where a long stretch begins and ends of
        which nothing is known, so that a meter is set against others for no longer than it counted; without those that
        nobody asked for where they cut what a meter counted during a silence, so that it is in.
        """
        fine = next((account.amounts.edges_us for account in accounts.values()), edges_us)
        least_us = max(HOLD_US, round(self._site.file.accounting.bridge_minutes * MINUTE_US))
        gaps = [gap for account in accounts.values() for gap in account.gaps]
        bounds = {
            bound_us
            for gap in gaps if gap.kind in _UNKNOWN and gap.end_us - gap.start_us > least_us
            for bound_us in (gap.start_us, gap.end_us) if fine[0] < bound_us < fine[-1]
        }  # fmt: skip
        wanted = np.union1d(fine, edges(sorted(bounds)))
        kept = without_inner(wanted.tolist(), _across(gaps, wanted), keep=set(edges_us.tolist()))
        return accounts if kept == fine.tolist() else self._read(list(accounts), edges(kept))

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
        return self._weighed(meter, starts, stretches, fine)

    def _weighed(
        self, meter: str, starts: Sequence[int], stretches: Sequence[Sequence[Share]], fine: Times
    ) -> tuple[Share, ...]:
        """Owners by stretch as columns over intervals; where one lies in several, by what was counted in each."""
        cuts = np.union1d(fine, edges([start for start in starts if fine[0] < start < fine[-1]]))
        columns = _columns(stretches, np.searchsorted(edges(starts), cuts[:-1], side="right") - 1)
        return columns if len(cuts) == len(fine) else _joined(columns, self._counted(meter, cuts), cuts, fine)

    def _counted(self, meter: str, cuts: Times) -> Values:
        """What a meter counted in each interval; what it counted in a silence shared out by time."""
        account = self._account(meter, cuts, cuts.tobytes())
        counted = np.nan_to_num(account.amounts.values)
        for gap in account.blocks:
            inside = np.clip(np.minimum(cuts[1:], gap.end_us) - np.maximum(cuts[:-1], gap.start_us), 0, None)
            counted += (gap.amount or 0.0) * inside / (gap.end_us - gap.start_us)
        return counted

    def _shared(self, meters: Container[str], by: By, fine: Times) -> dict[str, tuple[Share, ...]]:
        """Owners of the outdoor units' meters: a column of fractions each."""
        if by in ("building", "item"):  # these know whose the outdoor unit itself is
            return {}
        result = {}
        for meter, outdoor in self._splits.outdoor_units().items():
            if meter in meters:
                spans = self._splits.days(outdoor, int(fine[0]), int(fine[-1]))
                shares = [self._owners.split_shares(span.split, by) for span in spans]
                result[meter] = self._weighed(meter, [span.start_us for span in spans], shares, fine)
        return result


def _shared_out(accounts: Mapping[str, Account], edges_us: Times) -> dict[str, Account]:
    return {meter: shared_over_edges(account, edges_us) for meter, account in accounts.items()}


def _across(gaps: Sequence[Gap], edges_us: Times) -> list[Gap]:
    """What was counted in silences that an edge lies in."""
    blocks = [gap for gap in gaps if gap.kind is GapKind.BLOCK]
    firsts = np.searchsorted(edges_us, [gap.start_us for gap in blocks], side="right").tolist()
    return [
        gap for gap, first in zip(blocks, firsts, strict=True)
        if first < len(edges_us) and edges_us[first] < gap.end_us
    ]  # fmt: skip


def _joined(shares: Sequence[Share], counted: Values, cuts: Times, fine: Times) -> tuple[Share, ...]:
    """Shares over the intervals of `cuts` as shares over those of `fine`, by what the meter counted in each; by time
    where it counted nothing.
    """
    places = np.searchsorted(fine, cuts[:-1], side="right") - 1
    lengths = np.diff(cuts).astype(np.float64)
    total = np.bincount(places, weights=counted, minlength=len(fine) - 1)
    weights = np.where((total > 0)[places], counted, lengths)
    whole = np.bincount(places, weights=weights, minlength=len(fine) - 1)

    def joined_fraction(fraction: Values) -> Values:
        owned = np.bincount(places, weights=~np.isnan(fraction), minlength=len(whole)) > 0
        parts = np.bincount(places, weights=weights * np.nan_to_num(fraction), minlength=len(whole))
        return np.where(owned, parts / whole, np.nan)

    return tuple(replace(share, fraction=joined_fraction(np.asarray(share.fraction))) for share in shares)


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
