"""What each meter of the site counted: its readings from the store, what people entered about it, reckoned."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np

from facility.accounting import HOLD_US
from facility.accounting.counters import Account, CounterRules, counter_account, thinning
from facility.accounting.entries import MeterHistory
from facility.accounting.metering import Medium, counter_of, fastest_count_per_s, medium_at, power_of, register_of
from facility.accounting.power import power_account
from facility.accounting.pulses import pulse_account
from facility.accounting.tree import virtual
from facility.clock import stretched_s
from facility.model import Point, Site
from facility.model.entries import Meter, VirtualMeter
from facility.profiles import PollClass
from facility.series import Times
from facility.store import Store

MINUTE_US: Final = 60_000_000
NO_HISTORY: Final = MeterHistory()

Histories = Callable[[], Mapping[str, MeterHistory]]


class MeterAccounts:
    """Reckons meters and virtual meters of a site.

    Args:
        histories: what people entered about each meter, as it stands when it is called.
        pace: of the site's clock; a fast clock polls less often per clock hour.
    """

    def __init__(self, site: Site, store: Store, histories: Histories, pace: Callable[[], float]) -> None:
        self._site = site
        self._store = store
        self._histories = histories
        self._pace = pace

    def account(self, meter: str, edges_us: Times) -> Account:
        """What the meter counted between neighbouring edges (ascending, at least two), and what is missing.

        Raises:
            KeyError: no such meter.
            StoreUnavailable, StoreDamaged: its readings cannot be had now.
        """
        virtual_meter = self._site.virtual_meters.get(meter)
        if virtual_meter is not None:
            return self._virtual(virtual_meter, edges_us)
        return self._real(self._site.meters[meter], edges_us)

    def _virtual(self, meter: VirtualMeter, edges_us: Times) -> Account:
        """A missing member is a missing result; gaps are told by the members themselves."""
        members = [(self.account(member.meter, edges_us).amounts, member.percent) for member in meter.members]
        result = virtual(members, [member.meter for member in meter.members])
        return Account(amounts=result.amounts, gaps=())

    def _real(self, meter: Meter, edges_us: Times) -> Account:
        counter = counter_of(self._site, meter)
        if counter is not None:
            return self._counted(meter, counter, edges_us)
        power = power_of(self._site, meter)
        if power is None:
            raise KeyError(f"{meter.id} has neither a counter nor a power reading")
        hold_us = self.hold_us(power)
        series = self._store.around(power.id, int(edges_us[0]), int(edges_us[-1]))
        return power_account(series, edges_us, hold_us=hold_us, bridge_us=self._bridge_us(hold_us))

    def _counted(self, meter: Meter, counter: Point, edges_us: Times) -> Account:
        rules = self.rules(meter, counter)
        history = self._histories().get(meter.id, NO_HISTORY)
        wanted = thinning(edges_us, rules, history)
        source = self._store.thinned(
            counter.id, wanted.edges_us, pause_us=wanted.pause_us, rate_per_s=wanted.rate_per_s
        )
        if meter.per_pulse is None:
            return counter_account(source, edges_us, rules, history)
        return pulse_account(source, edges_us, rules, history, per_pulse=meter.per_pulse)

    def rules(self, meter: Meter, counter: Point) -> CounterRules:
        """What is believed of a meter's counter."""
        register = register_of(self._site, counter)
        hold_us = self.hold_us(counter)
        return CounterRules(
            counter_max=register.counter_max,
            max_rate_per_s=fastest_count_per_s(meter),
            step=register.step,
            bridge_us=self._bridge_us(hold_us),
            hold_us=hold_us,
            bidirectional=meter.bidirectional,
        )

    def _bridge_us(self, hold_us: int) -> int:
        return max(round(self._site.file.accounting.bridge_minutes * MINUTE_US), hold_us)

    def hold_us(self, point: Point) -> int:
        """Readings of `point` this far apart leave no gap: three of its poll periods, a quarter of an hour at least."""
        polls = self._site.file.polls
        periods_s = {PollClass.FAST: polls.fast_s, PollClass.NORMAL: polls.normal_s, PollClass.SLOW: polls.slow_s}
        return max(HOLD_US, round(3e6 * stretched_s(periods_s[point.spec.poll], self._pace())))

    def reckoned(self, medium: Medium) -> list[str]:
        """Every meter and virtual meter of a medium that can be reckoned, in the site's order."""
        meters = [
            item for item in self._site.equipment if item in self._site.meters or item in self._site.virtual_meters
        ]
        return [meter for meter in meters if medium_at(self._site, meter) is medium and self._can_be(meter)]

    def _can_be(self, meter: str) -> bool:
        real = self._site.meters.get(meter)
        return real is None or counter_of(self._site, real) is not None or power_of(self._site, real) is not None


def edges(times_us: Sequence[int]) -> Times:
    """Edges as a column."""
    return np.asarray(times_us, np.int64)
