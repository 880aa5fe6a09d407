"""A small office behind real Modbus lines, a real broker and a forecast service, lived through minute by minute.

What is asserted is what the units themselves show over the wire; the controller's words are asked for the clause only.
"""

from __future__ import annotations

import math
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from facility.bus import AlarmChanged, CommandIssued, DecisionMade, FilingChanged, OutcomeReported, ProposalMade
from facility.clock import ManualClock
from facility.commands import Actor, Mode, Role, Wish
from facility.decisions import Decision, Reason
from facility.filings import Filing
from facility.model import Site, SiteFile, build_site
from facility.profiles import ProfileLibrary
from houqin.past import DayOrder, PastDay
from simulators.world import World
from tests.real_wire import Document, RealWire
from tests.servers import Server, free_port
from tests.sites import small_site_data

ZONE: Final = ZoneInfo("Asia/Shanghai")
WEDNESDAY: Final = date(2026, 7, 15)
SATURDAY: Final = date(2026, 7, 18)
WINTER: Final = date(2026, 1, 14)
MINUTE: Final = timedelta(minutes=1)
MODES: Final = tuple(Mode)
CALM: Final[Mapping[str, float]] = {
    "weather.temperature": 33.0, "weather.rain": 0.0, "window-401.open": 0.0, "presence-401.present": 1.0,
    "climate-401.temperature": 30.0, "ac-402.room_temperature": 30.0,
}  # fmt: skip
"""A hot day on which nobody does anything, as the sensors say."""


class House:
    """The office while it is lived through.

    Attributes:
        world: the simulated building; `world.faults.force` puts words into a sensor's mouth.
        max_c: the forecast's maximum of the day, degrees Celsius; None: the forecast service fails.
        code, cloud_percent: the forecast's weather of all hours.
    """

    def __init__(self, day: PastDay, wire: RealWire) -> None:
        self.day, self.wire, self.world, self.site = day, wire, day.world, day.site
        self.max_c: float | None = 36.0
        self.code, self.cloud_percent = 1, 50.0
        self.heard: list[Any] = []
        self._orders = 0
        self._poll_at = self._cycle_at = self._forecast_at = day.clock.now()
        wire.said = self._said
        for kind in (DecisionMade, CommandIssued, OutcomeReported, AlarmChanged):
            day.bus.listen(kind, self.heard.append)
        for point, value in CALM.items():
            if point in self.site.points:
                self.force(point, value)

    # What the world does

    def _said(self, document: Document) -> Document:
        if self.max_c is None:
            return {"error": True, "reason": "no data"}
        daily, hourly = dict(document["daily"]), dict(document["hourly"])
        daily["temperature_2m_max"] = [self.max_c] * len(daily["time"])
        hourly["weather_code"] = [self.code] * len(hourly["time"])
        hourly["cloud_cover"] = [self.cloud_percent] * len(hourly["time"])
        return {**document, "issued": _hour_before(self.now), "daily": daily, "hourly": hourly}

    def force(self, point: str, value: float | None) -> None:
        """A sensor says `value` from now on, a little restless as sensors are; None: not available."""
        self.world.faults.force(point, value)

    def at_wall(self, unit: str, *, on: bool | None = None, setpoint_c: float | None = None) -> None:
        """Somebody turns the wall controller."""
        plant = self.world.building.plant
        row = list(self.site.indoor_units).index(unit)
        if on is not None:
            plant.on[row] = float(on)
        if setpoint_c is not None:
            plant.setpoint_c[row] = setpoint_c

    def file(self, filing: Filing) -> None:
        """A filing was entered and approved."""
        self.day.bus.publish(FilingChanged(filing=filing))

    def order(
        self, wish: Wish, unit: str = "ac-401", *, role: Role = Role.ADMINISTRATOR, office: str | None = None
    ) -> str:
        """A person orders something; gives the order's id."""
        self._orders += 1
        name = f"order-{self._orders}"
        actor = Actor(name="值班员", role=role, office=office)
        until = self.now + timedelta(hours=1)
        self.day.bus.publish(
            ProposalMade(id=name, equipment=unit, wish=wish, actor=actor, made=self.now, until=until, reason="会议")
        )
        return name

    # Time

    @property
    def now(self) -> datetime:
        """The clock's time, aware UTC."""
        return self.day.clock.now()

    async def until(self, clock: str, day: date | None = None) -> None:
        """Lives on to a local time of day: devices are read every minute, forecasts fetched every ten."""
        when = at(clock, day or self.now.astimezone(ZONE).date())
        while self.now < when:
            self.day.clock.move_to(min(self._poll_at, self._cycle_at, when))
            self.world.advance(self.now)
            if self.now >= self._forecast_at:
                await self.day.gateway.fetch_forecast()
                self._forecast_at = self.now + 10 * MINUTE
            if self.now >= self._poll_at:
                self._stir()
                await self.wire.bring(self.day.gateway)
                await self.day.gateway.poll_once()
                self._poll_at = self.now + MINUTE
            self._cycle_at = self.day.controller.cycle(self.now)
            await self.day.gateway.settle()

    def _stir(self) -> None:
        """A sensor that never moves would not be believed for long."""
        for point in ("weather.temperature", "climate-401.temperature"):
            value = self.world.faults.forced.get(point)
            if value is not None and math.isfinite(value):
                self.world.faults.forced[point] = value + (0.001 if self.now.minute % 2 else -0.001)

    # What is seen

    def shows(self, point: str) -> float | None:
        """What a point said last, as it was read."""
        reading = self.day.live.last_good(point)
        return None if reading is None else reading.value

    def is_on(self, unit: str = "ac-401") -> bool:
        """Whether a unit, as it was read, runs."""
        return self.shows(f"{unit}.on") == 1.0

    def setpoint_c(self, unit: str = "ac-401") -> float | None:
        """What a unit is set to, as it was read."""
        return self.shows(f"{unit}.setpoint")

    def decision(self, unit: str = "ac-401") -> Decision:
        """The newest decision about a unit."""
        found = [one.decision for one in self.heard if isinstance(one, DecisionMade) and one.decision.equipment == unit]
        return found[-1]

    def reason(self, unit: str = "ac-401") -> Reason:
        """What decided about a unit."""
        return self.decision(unit).reasons[0]

    def clauses(self, unit: str = "ac-401") -> set[str]:
        """All clauses in the chain of a unit's newest decision."""
        return {reason.clause for reason in self.decision(unit).reasons if reason.clause is not None}

    def outcome(self, order: str) -> Any:
        """How an order ended, None when it has not."""
        found = [one.outcome for one in self.heard if isinstance(one, OutcomeReported)]
        return next((outcome for outcome in reversed(found) if outcome.command_id == order), None)

    def alarms(self) -> set[str]:
        """Keys of the conditions that are abnormal."""
        state = {one.key: one.active for one in self.heard if isinstance(one, AlarmChanged)}
        return {key for key, active in state.items() if active}


def at(clock: str, day: date = WEDNESDAY) -> datetime:
    """`HH:MM` on the wall's clock, aware UTC."""
    hours, minutes = (int(part) for part in clock.split(":"))
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZONE).astimezone(UTC)
    return midnight + timedelta(hours=hours, minutes=minutes)


def _hour_before(now: datetime) -> str:
    return (now - timedelta(hours=1)).isoformat()


def office(
    broker_port: int,
    *,
    policy: Mapping[str, Any] | None = None,
    extra: Mapping[str, list[dict[str, Any]]] | None = None,
    classes: Mapping[str, str] | None = None,
    more: Mapping[str, Any] | None = None,
) -> Site:
    """The small site on free ports, nobody in it. `extra` adds entries to lists, `more` sets sections."""
    data = small_site_data(plant_port=free_port(), meters_port=free_port(), broker_port=broker_port)
    data["weather"]["forecast"] = [{"provider": "open_meteo", "url": f"http://127.0.0.1:{free_port()}"}]
    data["links"]["sensors"]["client_id"] = f"scenario-{secrets.token_hex(4)}"  # no session of another house
    for entry in data["offices"]:
        entry["headcount"] = 0
    for space in data["spaces"]:
        space["class"] = (classes or {}).get(space["id"], space["class"])
    for key, entries in (extra or {}).items():
        data[key] = [*data.get(key, []), *entries]
    if policy is not None:
        data["policy"] = policy
    data |= more or {}
    return build_site(SiteFile.model_validate(data), ProfileLibrary())


@asynccontextmanager
async def living(
    broker: Server, *, day: date = WEDNESDAY, start: str = "07:40", **site: Any
) -> AsyncIterator[House]:  # fmt: skip
    """The office from `start` on, on real wires."""
    file = office(broker.port, **site)
    order = DayOrder(file=file.file, profiles=dict(file.profiles), day=day, until=at("23:59", day), seed=3)
    wires: list[RealWire] = []

    def real(world: World, clock: ManualClock) -> RealWire:
        clock.move_to(at(start, day))
        world.advance(clock.now())
        wires.append(RealWire(file, world, clock))
        return wires[0]

    past = PastDay(file, order, real)
    async with wires[0].served(past):
        yield House(past, wires[0])


def filing(start: str, end: str, day: date = WEDNESDAY, **more: Any) -> Filing:
    """An approved filing of `day`."""
    from tests.controller.test_filings_act import filed

    return replace(filed(start, end, day=day), **more)
