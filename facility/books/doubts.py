"""What stands in doubt about a meter: jumps that wait for a person, falls, silences, a counter that stands still."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from facility.accounting import HOLD_US
from facility.accounting.frozen import frozen_spans
from facility.accounting.metering import counter_of, fastest_count_per_s, load_of
from facility.accounting.use import Gap, GapKind
from facility.books.metering import MeterAccounts, edges
from facility.local_days import HOUR_US
from facility.model import Site
from facility.store import Store

FROZEN_AFTER_US: Final = 6 * HOUR_US
"""A counter that stands still this long under load is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldJump:
    """A counter rose from `before` to `after` between two readings faster than its circuit can carry.

    In the medium's unit; `amount` is the rise, `believable` the most that the circuit could have carried in that time,
    None where nothing is known of it (never for a held jump of a meter with a rating).
    """

    meter: str
    start_us: int
    end_us: int
    before: float
    after: float
    amount: float
    believable: float | None


class Doubts:
    """Finds what stands in doubt, for one site."""

    def __init__(self, site: Site, store: Store, accounts: MeterAccounts) -> None:
        self._site = site
        self._store = store
        self._accounts = accounts

    def gaps(self, meter: str, start_us: int, end_us: int) -> tuple[Gap, ...]:
        """Every stretch in [start, end) that is not simply measured, in time order; of a virtual meter none. That the
        next reading is still to come is no doubt.
        """
        found = self._accounts.account(meter, edges([start_us, end_us])).gaps
        return tuple(gap for gap in found if gap.kind is not GapKind.SILENT or gap.end_us - gap.start_us > HOLD_US)

    def held(self, meter: str, start_us: int, end_us: int) -> list[HeldJump]:
        """Jumps seen in [start, end) that nobody has judged, in time order."""
        return [
            self._held(meter, gap)
            for gap in self.gaps(meter, start_us, end_us)
            if gap.kind is GapKind.HELD and gap.amount is not None
        ]

    def _held(self, meter: str, gap: Gap) -> HeldJump:
        item = self._site.meters[meter]
        counter = counter_of(self._site, item)
        assert counter is not None, f"{meter} has no counter"
        per_count = 1.0 if item.per_pulse is None else item.per_pulse
        series = self._store.raw(counter.id, gap.start_us, gap.end_us + 1)
        good = series.values[series.good] * per_count
        fastest = fastest_count_per_s(item)
        believable = None if fastest is None else fastest * per_count * (gap.end_us - gap.start_us) / 1e6
        amount = 0.0 if gap.amount is None else gap.amount
        after = float(good[-1]) if len(good) else amount
        return HeldJump(
            meter=meter,
            start_us=gap.start_us,
            end_us=gap.end_us,
            before=after - amount,
            after=after,
            amount=amount,
            believable=believable,
        )

    def frozen(self, meter: str, start_us: int, end_us: int) -> list[Gap]:
        """Stretches of [start, end) in which the counter stood still although its circuit carried load."""
        item = self._site.meters.get(meter)
        counter = None if item is None else counter_of(self._site, item)
        load = None if item is None else load_of(self._site, item)
        if counter is None or load is None:
            return []
        return frozen_spans(
            self._store.raw(counter.id, start_us, end_us),
            self._store.raw(load.id, start_us, end_us),
            after_us=FROZEN_AFTER_US,
        )
