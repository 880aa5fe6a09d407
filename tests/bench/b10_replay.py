"""B10: a year of the example site through its own policy, minute steps where supply is possible, edges elsewhere.

The year is made here: the readings that rules look at, every five minutes as a demonstration's past has them, outdoors
every minute, as a warm temperate city has them, with units that run as the permit of the day says, windows that open
and rooms that empty; forecasts every six hours. Values follow from the seed.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import numpy as np

from controller.replay.recording import Past
from controller.replay.trial import run_trial
from facility.bus import ForecastReceived
from facility.bus.messages import HourForecast
from facility.calendar import Calendar
from facility.local_days import midnight, midnight_us
from facility.model import Site, build_site
from facility.quantities import state_value
from facility.readings import Batch
from facility.series import Values
from facility.store import Store
from facility.store.embedded import EmbeddedStore
from facility.trials import PolicyChoice, TrialRequest
from houqin.demo_site import load_demo_site
from tests.bench.report import Line
from tests.bench.slices import cpu_s

FIRST: Final = date(2025, 1, 1)
DAYS: Final = 365
MINUTES: Final = 1440
MINUTE_US: Final = 60_000_000
EVERY: Final = 5
"""Minutes between two readings of anything indoors."""
OUTDOORS: Final = ("weather.temperature", "weather.rain")
REACH_S: Final = 60.0
SEED: Final = 2025
COOL, HEAT = state_value("hvac_mode", "cool"), state_value("hvac_mode", "heat")


def run() -> list[Line]:
    """CPU and wall seconds of the replay alone; the year's readings lie sealed in an embedded store."""
    file, profiles = load_demo_site()
    site = build_site(file, profiles)
    with tempfile.TemporaryDirectory(prefix="houqin-b10-") as folder:
        store = EmbeddedStore(Path(folder) / "store", tail_limit=4_000_000)
        readings = fill(site, store)
        store.seal(midnight_us(FIRST + timedelta(days=DAYS), site.zone))
        own = _timed(site, store)
        store.close()
    return [
        Line(
            bench="B10", what=f"a year of the example site ({readings / 1e6:.0f} million readings), its own policy",
            figure=f"{own.cpu_s:.1f} s CPU, {own.wall_s:.1f} s wall",
            reference=f"{own.decisions:,} times the rules were asked", reach="< 60 s", reached=own.wall_s < REACH_S,
        )
    ]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """What a replay took."""

    cpu_s: float
    wall_s: float
    decisions: int


def _timed(site: Site, store: Store) -> Took:
    start, end = midnight(FIRST, site.zone), midnight(FIRST + timedelta(days=DAYS), site.zone)
    request = TrialRequest(start=start, end=end, policies=(PolicyChoice(name="own"),))
    past = Past(forecasts=list(forecasts(site)))
    cpu, wall = cpu_s(), time.perf_counter()
    result = run_trial(site, store, past, request)
    took = Took(cpu_s=cpu_s() - cpu, wall_s=time.perf_counter() - wall, decisions=result.decisions)
    used = result.outcomes[0].used
    assert min(used.cooling_h, used.heating_h) > 1000, f"the made year is no year: {used}"
    return took


def daily_max_c(day: date) -> float:
    """A warm temperate year: 8 C in January, 35 in July, two hot spells."""
    phase = 2 * np.pi * (day.timetuple().tm_yday - 20) / 365
    return float(21.5 - 13.5 * np.cos(phase) + 3.0 * np.sin(day.toordinal() / 2.7))


def forecasts(site: Site) -> Iterator[ForecastReceived]:
    """Every six hours, right by half a degree."""
    for number in range(DAYS * 4):
        at = midnight(FIRST, site.zone) + timedelta(hours=6 * number)
        today = FIRST + timedelta(days=number // 4)
        high_c = daily_max_c(today) + 0.5
        hours = tuple(
            HourForecast(time=at + timedelta(hours=hour), temperature_c=high_c - 3, weather_code=1, cloud_percent=40.0)
            for hour in range(24)
        )
        yield ForecastReceived(provider="made", issued=at, fetched=at, daily_max_c={today: high_c}, hours=hours)


def fill(site: Site, store: EmbeddedStore) -> int:
    """Writes the year; gives the number of readings."""
    rng, calendar, counted = np.random.default_rng(SEED), Calendar.of(site.file), 0
    points = _points(site)
    for number in range(DAYS):
        day = FIRST + timedelta(days=number)
        columns = _day(site, day, rng, works=calendar.is_workday(day))
        start_us = midnight_us(day, site.zone)
        for step, names in ((EVERY, points), (1, OUTDOORS)):
            matrix = np.column_stack([columns[point][::step] for point in names])
            batches = [
                Batch(time_us=start_us + row * step * MINUTE_US, points=names, values=tuple(values))
                for row, values in enumerate(matrix.tolist())
            ]
            store.append(batches)
            counted += matrix.size
    return counted


def _points(site: Site) -> tuple[str, ...]:
    found = _day(site, FIRST, np.random.default_rng(0), works=True)
    return tuple(point for point in found if point not in OUTDOORS)


def _day(site: Site, day: date, rng: np.random.Generator, *, works: bool) -> dict[str, Values]:
    minute = np.arange(MINUTES)
    shape = np.sin(np.pi * np.clip((minute - 360) / 960, 0.0, 1.0))
    high_c = daily_max_c(day)
    outdoor = np.round(high_c - 8 + 8 * shape + rng.normal(0, 0.05, MINUTES), 1)
    season = COOL if high_c >= 30 else HEAT if high_c <= 15 else None
    open_ = (minute >= 480) & (minute < 1020) & works & (season is not None)
    cold = (outdoor < 30.0) if season == COOL else (outdoor > 15.0) if season == HEAT else np.ones(MINUTES, bool)
    columns: dict[str, Values] = {"weather.temperature": outdoor, "weather.rain": np.zeros(MINUTES)}
    running = (open_ & ~cold).astype(float)
    for unit in site.indoor_units:
        columns[f"{unit}.on"] = running
        columns[f"{unit}.mode"] = np.full(MINUTES, HEAT if season == HEAT else COOL)
        columns[f"{unit}.setpoint"] = np.full(MINUTES, 24.0 if season == HEAT else 28.0)
        columns[f"{unit}.room_temperature"] = _room(rng, season)
    for sensor in site.of_kind("climate_sensor"):
        columns[f"{sensor.id}.temperature"] = _room(rng, season)
    for sensor in site.of_kind("window_contact"):
        columns[f"{sensor.id}.open"] = _spells(rng, 2, 15)
    for sensor in site.of_kind("occupancy_sensor"):
        columns[f"{sensor.id}.present"] = 1.0 - _spells(rng, 3, 40)
    for number, outdoor_unit in enumerate(site.outdoor_units.values()):
        if outdoor_unit.meter is not None:
            passed = (day - FIRST).days * 24.0 + minute / 60
            columns[f"{outdoor_unit.meter}.energy"] = np.round(1000 + passed * (4 + number), 2)
    return {point: values for point, values in columns.items() if point in site.points}


def _room(rng: np.random.Generator, season: float | None) -> Values:
    middle = 22.5 if season == HEAT else 28.6
    walk: Values = np.round(middle + np.cumsum(rng.normal(0, 0.02, MINUTES)), 1)
    return walk


def _spells(rng: np.random.Generator, count: int, minutes: int) -> Values:
    found = np.zeros(MINUTES)
    for start in rng.integers(480, 1020, count):
        found[start : start + minutes] = 1.0
    return found
