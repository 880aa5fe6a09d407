"""The simulated world of one site: weather, building, devices, in one object that is moved through time by hand.

Everything is a plain call without wall time. `simulators.servers.serve` puts it behind real servers; made history
reads and writes it directly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from facility.calendar import Calendar
from facility.errors import DeviceBusy, DeviceRefused, LinkDown, NoAnswer
from facility.model import Site
from facility.profiles import Table
from simulators.faults import FaultKind, Faults
from simulators.forecast import DEFAULT_DAYS, Forecaster
from simulators.messages import Senders
from simulators.national import NationalMeter, NationalMeters
from simulators.physics import PhysicalBuilding
from simulators.registers import Registers
from simulators.signals import Signals


class World:
    """A building that behaves.

    Args:
        site: any site.
        seed: the same seed, start and steps give the same world, bit for bit.
        start: aware time at which it begins.
    """

    def __init__(self, site: Site, *, seed: int = 1, start: datetime) -> None:
        self.site = site
        self.seed = seed
        self.faults = Faults()
        calendar = Calendar.of(site.file)
        self.building = PhysicalBuilding(site, seed=seed, start=start, is_workday=calendar.is_workday)
        self._signals = Signals(site, self.building, seed)
        self._registers = Registers(site)
        self._senders = Senders(site)
        self._meters = NationalMeters(site)
        location = site.file.site.location
        self._forecaster = Forecaster(self.building.weather, seed, location.latitude, location.longitude)
        self._index = {point: index for index, point in enumerate(site.points)}
        self._stale = True

    @property
    def now(self) -> datetime:
        """What time it is in this world, aware UTC."""
        return self.building.now

    def advance(self, to: datetime) -> None:
        """Lets the building live until `to` (aware). A time that has passed changes nothing."""
        if to > self.building.now:
            self.building.advance(to.astimezone(UTC))
            self._stale = True

    def read(self, link: str, unit: int, table: Table, address: int, count: int) -> bytes:
        """What a Modbus master reads: big-endian register bytes, or bits packed lowest first.

        Raises:
            NoAnswer: nobody has that unit id, or a fault. DeviceRefused: code 2, no such address.
        """
        self.faults.check(link, unit)
        if self._stale:
            self._registers.refresh(self._values())
            self._stale = False
        return self._registers.read(link, unit, table, address, count)

    def write(self, link: str, unit: int, function: int, address: int, values: Sequence[int]) -> None:
        """What a Modbus master writes; the units do it from the next step on.

        Raises:
            NoAnswer: nobody has that unit id, or a fault. DeviceRefused: code 1 not with this function, 2 no such
                address, 3 not that value.
        """
        self.faults.check(link, unit)
        if self._stale:
            self._registers.refresh(self._values())
        for written in self._registers.write(link, unit, function, address, values):
            self._signals.set_state(written.index, written.value)
        self._stale = True

    def meters_of_line(self, link: str) -> tuple[NationalMeter, ...]:
        """The national meters on a line."""
        return self._meters.of_line(link)

    def meter_asked(self, link: str, data: bytes) -> str | None:
        """The national meter that a frame on a line is meant for, by its number as the site file has it; None when it
        is nobody's.
        """
        meter = self._meters.asked(link, data)
        return None if meter is None else meter.device.address

    def answer(self, link: str, data: bytes) -> bytes | None:
        """What a national meter on a line answers to a frame, by its faults too; None when it is nobody's, or the meter
        says nothing.
        """
        meter = self._meters.asked(link, data)
        if meter is None:
            return None
        try:
            self.faults.check(link, meter.device.address or "")
        except (DeviceRefused, DeviceBusy) as error:
            return self._meters.refusal(meter, data, error.code)
        except (NoAnswer, LinkDown):
            return None
        return self._meters.answer(meter, data, self._values())

    def messages(self) -> list[tuple[str, str, bytes]]:
        """The MQTT messages (link, topic, payload) that have come due since the last call."""
        said, self.faults.said = self.faults.said, []
        due = (*self._senders.due(self.now, self._values()), *said)
        return [message for message in due if not self._is_silent(message[0])]

    def send_every(self, period_s: float) -> None:
        """How often MQTT sensors repeat themselves, in clock seconds (default 60)."""
        self._senders.period_s = period_s

    def forecast(self, now: datetime, days: int = DEFAULT_DAYS) -> dict[str, Any]:
        """The newest forecast at `now`, as Open-Meteo would answer; `issued` says when it was made."""
        return self._forecaster.document(now, days)

    def counters(self) -> dict[str, float]:
        """Point -> what its counter holds, in the canonical unit, before the register rounds or folds it."""
        names = list(self.site.points)
        return {names[index]: value for index, value in self._signals.counters().items()}

    def set_counters(self, counters: Mapping[str, float]) -> None:
        """Moves counters, for a meter that goes on where another stopped or that replays a real one.

        Raises:
            KeyError: a point that the site does not have or that is no counter.
        """
        for point, value in counters.items():
            self._signals.set_counter(self._index[point], value)
        self._stale = True

    def value(self, point: str) -> float:
        """What a point truly is now, in its canonical unit, before any register rounds it."""
        return float(self._values()[self._index[point]])

    def unit_power_kw(self, unit: str) -> float:
        """Electricity that an indoor unit causes: its own, and its part of the outdoor unit's compressor."""
        return float(self.building.plant.unit_kw[self.building.layout.unit_of[unit]])

    def outdoor_power_kw(self, outdoor_unit: str) -> float:
        """Electricity of an outdoor unit, standby included."""
        ids = [item.id for item in self.building.layout.outdoor_units]
        return float(self.building.plant.outdoor_kw[ids.index(outdoor_unit)])

    def units(self, link: str) -> tuple[int, ...]:
        """Modbus unit ids that answer on a line."""
        return self._registers.units(link)

    def _values(self) -> np.ndarray:
        values = self._signals.refresh()
        for point, value in self.faults.forced.items():
            values[self._index[point]] = value
        return values

    def _is_silent(self, link: str) -> bool:
        fault = self.faults.of(link, None)
        return fault is not None and fault.kind is FaultKind.SILENT
