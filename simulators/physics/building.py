"""The whole building, moved on in steps of at most a minute."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Final

import numpy as np

from facility.model import Site
from simulators.physics.chilled_water import ChilledWater
from simulators.physics.circuits import ElectricityMeters
from simulators.physics.habits import Habits
from simulators.physics.layout import Floats, Layout, seed_of
from simulators.physics.loads import HouseLoads, Inside, Kettles, loads_of
from simulators.physics.people import People
from simulators.physics.plant import Plant
from simulators.physics.rooms import Rooms
from simulators.physics.switches import Switches
from simulators.physics.water import WaterMeters
from simulators.weather import Weather

STEP_S: Final = 60.0
SUMMER_MONTHS: Final = range(4, 11)


class PhysicalBuilding:
    """Rooms, people, plant, loads and meters of one site.

    Args:
        site: any site; what it does not have is not simulated.
        seed: the same seed gives the same building, people and days.
        start: aware time at which it begins.
        is_workday: the office's calendar.
    """

    def __init__(self, site: Site, *, seed: int, start: datetime, is_workday: Callable[[date], bool]) -> None:
        layout = Layout(site)
        self.layout = layout
        self.weather = Weather(site.zone)
        self.now = start.astimezone(UTC)
        self.outdoor = self.weather.at(self.now)
        local = self.now.astimezone(site.zone)
        orientation = np.random.default_rng(seed_of(seed, "rooms")).uniform(0.5, 1.2, len(layout.spaces))
        mean_c = self.weather.mean_temperature_c(self.now)
        self.rooms = Rooms(layout, orientation, self.outdoor, mean_c)
        self.plant = Plant(layout, summer=local.month in SUMMER_MONTHS)
        self.people = People(layout, seed, is_workday, local)
        loads = loads_of(layout)
        self.switches = Switches(layout)
        self.chilled_water = ChilledWater(layout, self.switches)
        self._habits = Habits(layout, seed, is_workday)
        self.house = HouseLoads(layout, seed, self.switches)
        self.kettles = Kettles(layout, self.switches)
        self.electricity = ElectricityMeters(layout, loads, seed)
        self.water = WaterMeters(layout, loads[: len(layout.spaces)], seed)
        self._floors = len(site.floors)
        self.loads = tuple(loads)
        self.loads_kw: Floats = np.zeros(len(loads))
        self._settle()

    def advance(self, to: datetime) -> None:
        """Lives until `to`, in steps that end on whole minutes."""
        while self.now < to:
            minute = self.now.replace(second=0, microsecond=0) + timedelta(seconds=STEP_S)
            end = min(minute, to)
            self._step(end)

    @property
    def time_s(self) -> float:
        """Seconds since 1970, for what merely oscillates."""
        return self.now.timestamp()

    def _step(self, end: datetime) -> None:
        seconds = (end - self.now).total_seconds()
        self.electricity.count(seconds)
        self._warm(seconds)
        self.now = end
        self.outdoor = self.weather.at(end)
        local = end.astimezone(self.layout.site.zone)
        self.people.live(local, self.rooms, self.plant)
        self.switches.move(seconds)
        self.switches.dry(self.rooms)
        self.chilled_water.step(seconds)
        self.plant.delivers, self.plant.runs = self.chilled_water.delivers, self.chilled_water.runs
        self.plant.step(seconds, self.outdoor.temperature_c, self.rooms.temperature_c)
        hour = local.hour + local.minute / 60.0
        self.water.step(seconds, self.time_s, hour, self.people.heads, self.plant.heat_kw)
        self.kettles.step(seconds, float(self.people.heads.sum()))
        self._draw_power(local)

    def _warm(self, seconds: float) -> None:
        """Rooms move on with the plant's output of the step's beginning."""
        heads = self.people.heads
        share = self.layout.share_of_room
        cooling = self.plant.heat_kw < 0
        self.rooms.step(seconds, self.outdoor, heads, self.house.heat_w(), (self.plant.heat_kw * 1000.0) @ share)
        coil = (self.plant.output * cooling) @ share
        self.rooms.step_moisture(seconds, self.outdoor, heads, coil, self.switches.dries_g_s)

    def _settle(self) -> None:
        """What stands on the instruments at the very first instant."""
        local = self.now.astimezone(self.layout.site.zone)
        self._settle_conditioned_rooms()
        self.plant.step(1.0, self.outdoor.temperature_c, self.rooms.temperature_c)
        self._draw_power(local)

    def _settle_conditioned_rooms(self) -> None:
        """Rooms whose units run round the clock have been at their setpoint for long: air, half the walls, moisture."""
        for row, unit in enumerate(self.layout.units):
            if self.plant.on[row] == 0:
                continue
            rooms = [self.layout.room_of[space] for space in unit.serves]
            setpoint_c = self.plant.setpoint_c[row]
            self.rooms.temperature_c[rooms] = setpoint_c
            self.rooms.wall_c[rooms] = (self.rooms.wall_c[rooms] + setpoint_c) / 2.0
            self.rooms.moisture_g_kg[rooms] = np.minimum(self.rooms.moisture_g_kg[rooms], 9.5)

    def _draw_power(self, local: datetime) -> None:
        hour = local.hour + local.minute / 60.0
        inside = Inside(
            heads=self.people.heads,
            heaters_kw=self._habits.heaters_kw(local, self.people.heads, self.outdoor.temperature_c),
            forgotten=self._habits.forgotten(local),
        )
        self.house.step(self.time_s, hour, inside, self.outdoor, self.water.total_m3_h)
        house = self.house
        self.loads_kw = np.concatenate(
            (
                house.rooms_kw,
                house.servers_kw,
                self.plant.fan_kw,
                self.plant.outdoor_kw,
                self.kettles.power_kw,
                house.corridors_kw[: self._floors],
                house.lifts_kw,
                house.pumps_kw,
                self.switches.power_kw,
            )
        )
        self.electricity.set_power(self.loads_kw)
