"""What running against a policy took: rates by outdoor temperature, their intervals, and what is not known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from controller.replay.energy import BIN_K, LEAST_HOURS, EnergyModel, Metered
from controller.replay.recording import HOUR_US
from controller.replay.tally import Loads, Tally
from facility.series import Values
from facility.trials import Estimate
from tests.sites import small_site

DAYS = 20
HOURS = 24 * DAYS


def tally(outdoor_c: Values, ran: Values, against: Values) -> Tally:
    """A tally of whole days from an arbitrary midnight: rated kW that ran, and that ran against the policy, hourly."""
    made = Tally(small_site(), 0, HOURS * HOUR_US, cadence_s=60.0)
    known = ~np.isnan(outdoor_c)
    made.outdoor_sum[:] = np.where(known, outdoor_c, 0.0)
    made.outdoor_count[:] = known
    made.loads["vrf", "cooling"] = Loads(ran=ran, against=against, against_unit_h=(against > 0).astype(float))
    return made


def metered(energy_kwh: Values, **options: Any) -> dict[str, Metered]:
    return {"vrf": Metered(energy_kwh=energy_kwh, completeness=np.ones(HOURS), standby_kw=0.0, **options)}


def by_day(day: Values) -> Values:
    return np.tile(day, DAYS)


AFTERNOON = by_day(np.r_[np.zeros(12), np.ones(5), np.zeros(7)]) * 10.0
"""Ten rated kW for five hours a day."""
HOT = by_day(np.full(24, 31.0))


def test_the_rate_is_what_was_taken_beyond_standby_over_what_ran() -> None:
    energy = 0.5 + 0.3 * AFTERNOON
    model = EnergyModel(tally(HOT, AFTERNOON, np.zeros(HOURS)), metered(energy))
    (rate,) = model.rates()
    assert (rate.low_c, rate.high_c) == (30.0, 30.0 + BIN_K)
    assert rate.hours == 5 * DAYS
    assert rate.per_kw_kwh.value == pytest.approx(0.3)
    assert rate.per_kw_kwh.low == pytest.approx(0.3)


def test_nothing_against_the_policy_took_nothing_and_that_is_known() -> None:
    model = EnergyModel(tally(HOT, AFTERNOON, np.zeros(HOURS)), metered(0.3 * AFTERNOON))
    priced = model.priced(tally(HOT, AFTERNOON, np.zeros(HOURS)))
    assert priced.avoided_kwh == Estimate(value=0.0, low=0.0, high=0.0)
    assert priced.unpriced_h == 0.0


def test_days_that_differ_give_an_interval_around_the_figure() -> None:
    per_day = np.repeat(np.random.default_rng(1).uniform(0.2, 0.4, DAYS), 24)
    model = EnergyModel(tally(HOT, AFTERNOON, AFTERNOON), metered(per_day * AFTERNOON))
    kwh = model.priced(tally(HOT, AFTERNOON, AFTERNOON)).avoided_kwh
    assert kwh.value is not None
    assert kwh.low is not None
    assert kwh.high is not None
    assert kwh.value == pytest.approx(float(np.sum(per_day * AFTERNOON)))
    assert kwh.low < 0.97 * kwh.value < kwh.value < 1.03 * kwh.value < kwh.high


def test_too_few_hours_in_a_bin_are_unknown_and_never_nothing() -> None:
    few = np.zeros(HOURS)
    few[12 : 12 + LEAST_HOURS - 1] = 10.0
    model = EnergyModel(tally(HOT, few, few), metered(0.3 * few))
    assert model.rates()[0].per_kw_kwh == Estimate()
    priced = model.priced(tally(HOT, few, few))
    assert priced.avoided_kwh == Estimate()
    assert priced.unpriced_h == LEAST_HOURS - 1


def test_what_a_bin_cannot_price_is_told_beside_what_others_can() -> None:
    outdoor = HOT.copy()
    outdoor[12:14] = 39.0
    model = EnergyModel(tally(outdoor, AFTERNOON, AFTERNOON), metered(0.3 * AFTERNOON))
    priced = model.priced(tally(outdoor, AFTERNOON, AFTERNOON))
    assert priced.unpriced_h == 2.0
    assert priced.avoided_kwh.value == pytest.approx(0.3 * 10.0 * (5 * DAYS - 2))


@pytest.mark.parametrize("gap", ["no meter", "meter silent", "outdoors unknown"])
def test_without_meter_or_weather_nothing_is_known(gap: str) -> None:
    outdoor = np.full(HOURS, np.nan) if gap == "outdoors unknown" else HOT
    energy = np.full(HOURS, np.nan) if gap == "meter silent" else 0.3 * AFTERNOON
    model = EnergyModel(tally(outdoor, AFTERNOON, AFTERNOON), {} if gap == "no meter" else metered(energy))
    priced = model.priced(tally(outdoor, AFTERNOON, AFTERNOON))
    assert priced.avoided_kwh == Estimate()
    assert priced.unpriced_h == 5.0 * DAYS


def test_a_meter_that_counts_nothing_is_a_rate_of_zero() -> None:
    model = EnergyModel(tally(HOT, AFTERNOON, AFTERNOON), metered(np.zeros(HOURS)))
    assert model.priced(tally(HOT, AFTERNOON, AFTERNOON)).avoided_kwh == Estimate(value=0.0, low=0.0, high=0.0)


def test_temperatures_around_zero_have_their_own_bins() -> None:
    outdoor = np.where(np.arange(HOURS) % 2 == 0, -0.5, 0.5)
    model = EnergyModel(tally(outdoor, np.full(HOURS, 10.0), np.zeros(HOURS)), metered(np.full(HOURS, 2.0)))
    assert [(rate.low_c, rate.high_c) for rate in model.rates()] == [(-2.0, 0.0), (0.0, 2.0)]
