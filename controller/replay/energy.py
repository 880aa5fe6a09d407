"""What running against a policy took: a stated model over what the outdoor units' meters measured.

For each outdoor unit and season, the hours of the record are sorted into bins of outdoor temperature. What the unit
took beyond standby in a bin, over the rated capacity that ran in it, is the rate of the bin, kWh for a kilowatt-hour of
running rated capacity. What ran against the policy is priced with it. Standby is what the unit took in hours in which
nothing ran. The interval comes from drawing the days of the record anew (a bootstrap over days: hours of one day are
alike), 5th to 95th percentile. Where a bin has too little the rate is not known, and neither is what ran in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from controller.replay.tally import Loads, Tally
from facility.series import Values
from facility.trials import EnergyRate, Estimate

BIN_K: Final = 2.0
LEAST_HOURS: Final = 6
LEAST_DAYS: Final = 3
"""A bin with fewer hours, or hours of fewer days, tells nothing that holds on other days."""
LEAST_LOAD_KWH: Final = 0.5
"""Hours in which less rated capacity ran say little about what running takes."""
STANDBY_HOURS: Final = 24
WHOLE: Final = 0.98
"""An hour counts that readings cover to this share."""
DRAWS: Final = 400
SEED: Final = 20220717
BOUNDS: Final = (5.0, 95.0)

Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Metered:
    """What one outdoor unit's meter counted, hour by hour of the trial, kWh; NaN where that is not known."""

    energy_kwh: Values
    completeness: Values
    standby_kw: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """What ran against a policy, in kWh; `unpriced_h` are the unit-hours of which that is not known."""

    avoided_kwh: Estimate
    unpriced_h: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bins:
    """Sums over the usable hours of one outdoor unit and season, by day and bin, and the rates of `DRAWS` drawn years
    by bin (NaN where too little is known).
    """

    lowest_c: float
    hours: Places
    rates: Values
    drawn: Values


class EnergyModel:
    """The rates of every outdoor unit, learnt from the record.

    Args:
        tally: what ran, and the outdoor temperature; that of any policy, for the record is the same.
        metered: outdoor unit -> its meter's hours; units without a meter are not in it.
    """

    def __init__(self, tally: Tally, metered: Mapping[str, Metered]) -> None:
        counts = tally.outdoor_count
        self._outdoor_c = np.where(counts > 0, tally.outdoor_sum / np.maximum(counts, 1), np.nan)
        self._days: Places = (np.arange(tally.hours) + tally.first_hour) // 24
        self._bins: dict[tuple[str, str], _Bins] = {}
        by_unit: dict[str, list[tuple[str, Loads]]] = {}
        for (unit, season), loads in tally.loads.items():
            by_unit.setdefault(unit, []).append((season, loads))
        for unit, seasons in by_unit.items():
            if unit in metered:
                self._learn(unit, seasons, metered[unit])

    def _learn(self, unit: str, seasons: list[tuple[str, Loads]], meter: Metered) -> None:
        whole: Flags = (meter.completeness >= WHOLE) & ~np.isnan(meter.energy_kwh) & ~np.isnan(self._outdoor_c)
        ran = np.sum([loads.ran for _, loads in seasons], axis=0)
        idle = whole & (ran == 0.0)
        standby_kw = float(np.median(meter.energy_kwh[idle])) if idle.sum() >= STANDBY_HOURS else meter.standby_kw
        for season, loads in seasons:
            pure = whole & (loads.ran >= LEAST_LOAD_KWH) & (ran == loads.ran)
            if pure.any():
                self._bins[unit, season] = self._binned(pure, loads.ran, meter.energy_kwh - standby_kw)

    def _binned(self, used: Flags, ran_kwh: Values, energy_kwh: Values) -> _Bins:
        places = np.floor(self._outdoor_c[used] / BIN_K).astype(np.int64)
        lowest = int(places.min())
        bins, days = places - lowest, self._days[used]
        day_numbers, day_of = np.unique(days, return_inverse=True)
        shape = (len(day_numbers), int(bins.max()) + 1)
        energy, load, hours = np.zeros(shape), np.zeros(shape), np.zeros(shape, np.int64)
        np.add.at(energy, (day_of, bins), energy_kwh[used])
        np.add.at(load, (day_of, bins), ran_kwh[used])
        np.add.at(hours, (day_of, bins), 1)
        enough = (hours.sum(axis=0) >= LEAST_HOURS) & ((hours > 0).sum(axis=0) >= LEAST_DAYS)
        return _Bins(
            lowest_c=lowest * BIN_K,
            hours=hours.sum(axis=0),
            rates=np.where(enough, _rate(energy.sum(axis=0), load.sum(axis=0)), np.nan),
            drawn=np.where(enough, _drawn(energy, load), np.nan),
        )

    def rates(self) -> tuple[EnergyRate, ...]:
        """What was learnt, by outdoor unit, season and bin."""
        return tuple(
            EnergyRate(
                outdoor_unit=unit,
                season=season,
                low_c=bins.lowest_c + BIN_K * place,
                high_c=bins.lowest_c + BIN_K * (place + 1),
                hours=int(hours),
                per_kw_kwh=_estimate(float(bins.rates[place]), bins.drawn[:, place]),
            )
            for (unit, season), bins in sorted(self._bins.items())
            for place, hours in enumerate(bins.hours.tolist())
            if hours
        )

    def priced(self, tally: Tally) -> Priced:
        """What ran against one policy took. Nothing ran against it: 0, known. Some of it cannot be priced: what can be
        is told, with the hours that cannot; none of it can: not known.
        """
        value, drawn, unpriced_h, priced_h = 0.0, np.zeros(DRAWS), 0.0, 0.0
        for key, loads in tally.loads.items():
            hours = loads.against > 0.0
            if not hours.any():
                continue
            rate, rates = self._at(key, self._outdoor_c[hours])
            known = ~np.isnan(rate)
            value += float(np.sum((rate * loads.against[hours])[known]))
            drawn += (rates * loads.against[hours])[:, known].sum(axis=1)
            unit_h = loads.against_unit_h[hours]
            unpriced_h += float(unit_h[~known].sum())
            priced_h += float(unit_h[known].sum())
        if unpriced_h > 0.0 and priced_h == 0.0:
            return Priced(avoided_kwh=Estimate(), unpriced_h=unpriced_h)
        return Priced(avoided_kwh=_estimate(value, drawn), unpriced_h=unpriced_h)

    def _at(self, key: tuple[str, str], outdoor_c: Values) -> tuple[Values, Values]:
        """The rate, and those drawn, at each of some outdoor temperatures; NaN where not known."""
        bins = self._bins.get(key)
        if bins is None:
            return np.full(len(outdoor_c), np.nan), np.full((DRAWS, len(outdoor_c)), np.nan)
        at_c = np.where(np.isnan(outdoor_c), -1e6, outdoor_c)
        places = np.floor((at_c - bins.lowest_c) / BIN_K).astype(np.int64)
        inside = (places >= 0) & (places < len(bins.rates))
        places = np.clip(places, 0, len(bins.rates) - 1)
        return np.where(inside, bins.rates[places], np.nan), np.where(inside, bins.drawn[:, places], np.nan)


def _rate(energy_kwh: Values, load_kwh: Values) -> Values:
    """Never below nothing: what is less than standby is noise of the meter's steps."""
    rate: Values = np.maximum(energy_kwh, 0.0) / np.maximum(load_kwh, 1e-9)
    return rate


def _drawn(energy: Values, load: Values) -> Values:
    """The rates of each bin in `DRAWS` draws of as many days, with replacement; a bin that a draw leaves empty has the
    rate of all days in it.
    """
    days = len(energy)
    weights = np.random.default_rng(SEED).multinomial(days, np.full(days, 1 / days), size=DRAWS).astype(np.float64)
    loads = weights @ load
    of_all = _rate(energy.sum(axis=0), load.sum(axis=0))
    rates: Values = np.where(loads > 0.0, _rate(weights @ energy, loads), of_all)
    return rates


def _estimate(value: float, drawn: Values) -> Estimate:
    if np.isnan(value):
        return Estimate()
    low, high = np.percentile(drawn, BOUNDS)
    return Estimate(value=value, low=min(float(low), value), high=max(float(high), value))
