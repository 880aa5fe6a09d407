"""A building for the controller's ledgers: it obeys commands through the gateway's own envelope check, and reports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from controller.controller import Controller
from controller.lease import NO_LEASE, Lease
from controller.policy.site_policy import load_policy
from controller.sensing import FANS, MODES
from facility.bus import (
    AlarmChanged,
    CommandIssued,
    DecisionMade,
    EnvelopeIssued,
    ForecastReceived,
    Message,
    OutcomeReported,
    ProposalMade,
    ReadingsTaken,
    SupplyStated,
)
from facility.bus.in_process import InProcessBus
from facility.bus.messages import HourForecast
from facility.calendar import Calendar
from facility.clock import ManualClock
from facility.commands import (
    Actor,
    Command,
    Confirmed,
    NotEffective,
    Refused,
    Role,
    Unreachable,
    Wish,
)
from facility.decisions import Decision, Reason
from facility.envelope import Envelope, judge
from facility.journal import Journal
from facility.live import LiveImage
from facility.model import SiteFile, build_site
from facility.profiles import ProfileLibrary
from facility.readings import Batch, to_us
from facility.text import Text
from tests.sites import small_site_data

ZONE = ZoneInfo("Asia/Shanghai")
WEDNESDAY = date(2026, 7, 15)
POINTS = {"on": "on", "mode": "mode", "setpoint_c": "setpoint", "fan": "fan"}


def local(clock: str, day: date = WEDNESDAY) -> datetime:
    """`HH:MM` or `HH:MM:SS` on the wall's clock, aware UTC."""
    hours, minutes, *seconds = (int(part) for part in clock.split(":"))
    return datetime(day.year, day.month, day.day, hours, minutes, seconds[0] if seconds else 0, tzinfo=ZONE).astimezone(
        UTC
    )


class Building:
    """The small site with everything around the controller replaced by values that a test sets.

    `outdoor_c`, `rooms`, `contacts` are what sensors say (None: silent). `obeys` False: commands are acknowledged and
    nothing happens; `reachable` False: the device does not answer; `cut_off`: no command arrives, and nothing is heard
    of it; `too_soon_until`: all but OFF is refused until then, and says so.
    """

    def __init__(
        self,
        start: datetime,
        *,
        policy: Mapping[str, Any] | None = None,
        extra: Mapping[str, list[dict[str, Any]]] | None = None,
        journal: Journal | None = None,
        forecast_c: float | None = 36.0,
        outdoor_c: float | None = 33.0,
        step_s: float = 60.0,
        period_s: float = 60.0,
        classes: Mapping[str, str] | None = None,
        control: Mapping[str, Any] | None = None,
        almanac: Mapping[str, Any] | None = None,
        lease: Lease = NO_LEASE,
    ) -> None:
        data = small_site_data()
        for key, entries in (extra or {}).items():
            data[key] = [*data[key], *entries]
        if policy is not None:
            data["policy"] = policy
        data["control"] = control or {}
        data["almanac"] = almanac or {}
        for space in data["spaces"]:
            space["class"] = (classes or {}).get(space["id"], space["class"])
        self.file = SiteFile.model_validate(data)
        self.site = build_site(self.file, ProfileLibrary())
        self.calendar = Calendar.of(self.file)
        self.clock = ManualClock(start)
        self.bus = InProcessBus()
        self.live = LiveImage(self.bus)
        self.journal = journal
        self.lease = lease
        self.step_s, self.period_s = step_s, period_s
        self.units: dict[str, Wish] = {
            unit: Wish(on=False, mode=MODES[0], setpoint_c=27.0) for unit in self.site.indoor_units
        }
        self.units |= {kettle: Wish(on=False) for kettle in self.site.kettles}
        self.outdoor_c = outdoor_c
        self.rain_mm: float | None = 0.0
        self.rooms = dict.fromkeys(self.site.indoor_units, 30.0)
        self.contacts: dict[str, float | None] = {"window-401.open": 0.0, "presence-401.present": 1.0}
        self.others: dict[str, float] = {}
        self.silent: set[str] = set()
        self.obeys = True
        self.reachable = True
        self.cut_off = False
        self.too_soon_until: datetime | None = None
        self.envelopes: dict[str, Envelope] = {}
        self.heard: list[Message] = []
        self.switched: list[tuple[datetime, str, bool]] = []
        for kind in (CommandIssued, OutcomeReported, DecisionMade, EnvelopeIssued, AlarmChanged, SupplyStated):
            self.bus.listen(kind, self._hear)
        self.report()
        self.controller = self.start_controller()
        if forecast_c is not None:
            self.forecast(forecast_c)

    def start_controller(self) -> Controller:
        """A controller on this building, as after a restart."""
        self.controller = Controller(
            self.site,
            self.bus,
            self.clock,
            self.live,
            policy=load_policy(self.file),
            calendar=self.calendar,
            journal=self.journal,
            period_s=self.period_s,
            lease=self.lease,
        )
        return self.controller

    # What the building does

    def _hear(self, message: Any) -> None:
        self.heard.append(message)
        if isinstance(message, EnvelopeIssued):
            self.envelopes[message.envelope.equipment] = message.envelope
        elif isinstance(message, CommandIssued) and not self.cut_off:
            self._obey(message.command)

    def _obey(self, command: Command) -> None:
        unit, now, state = command.equipment, self.clock.now(), self.units[command.equipment]
        verdict = judge(self.envelopes.get(unit), command.wish, state, now)
        ids: dict[str, Any] = {"command_id": command.id, "equipment": unit, "at": now}
        if not verdict.allowed:
            self.bus.publish(OutcomeReported(outcome=Refused(**ids, why=verdict.why, clause=verdict.clause)))
        elif self.too_soon_until is not None and now < self.too_soon_until and command.wish.on is not False:
            why = Text("太快", "too soon")
            self.bus.publish(OutcomeReported(outcome=Refused(**ids, why=why, again_at=self.too_soon_until)))
        elif not self.reachable:
            self.bus.publish(OutcomeReported(outcome=Unreachable(**ids, error="no answer")))
        elif not self.obeys:
            self.bus.publish(OutcomeReported(outcome=NotEffective(**ids, wanted=command.wish, read=state)))
        else:
            self.set_unit(unit, command.wish)
            self.bus.publish(OutcomeReported(outcome=Confirmed(**ids, read=self.units[unit])))

    def set_unit(self, unit: str, wish: Wish) -> None:
        """Changes a unit's state, as a write or a hand at the wall does."""
        before = self.units[unit]
        given = {item.name: value for item in fields(wish) if (value := getattr(wish, item.name)) is not None}
        self.units[unit] = replace(before, **given)
        if before.on is not self.units[unit].on:
            self.switched.append((self.clock.now(), unit, self.units[unit].on is True))

    def report(self) -> None:
        """Every device says what it has to say, now."""
        values: dict[str, float] = {}
        for unit, state in self.units.items():
            if unit in self.silent:
                continue
            values |= _state_values(unit, state)
            if unit in self.rooms and self.rooms[unit] is not None:
                values[f"{unit}.room_temperature"] = self.rooms[unit]
        if self.outdoor_c is not None:
            values["weather.temperature"] = self.outdoor_c
        if self.rain_mm is not None:
            values["weather.rain"] = self.rain_mm
        values |= {point: value for point, value in self.contacts.items() if value is not None}
        values |= self.others
        batch = Batch(time_us=to_us(self.clock.now()), points=tuple(values), values=tuple(values.values()))
        self.bus.publish(ReadingsTaken(batch=batch))

    def forecast(
        self,
        max_c: float,
        *,
        day: date | None = None,
        issued: datetime | None = None,
        code: int | None = None,
        cloud: float | None = 50.0,
        entered_by: str | None = None,
        valid_until: datetime | None = None,
    ) -> None:
        """A forecast comes in."""
        now = self.clock.now()
        today = day or now.astimezone(ZONE).date()
        start = now.replace(minute=0, second=0, microsecond=0)
        hours = tuple(
            HourForecast(
                time=start + timedelta(hours=n), temperature_c=max_c - 2, weather_code=code, cloud_percent=cloud
            )
            for n in range(24)
        )
        message = ForecastReceived(
            provider="manual" if entered_by else "open_meteo",
            issued=issued or now,
            fetched=now,
            daily_max_c={today: max_c},
            hours=hours,
            entered_by=entered_by,
            valid_until=valid_until,
        )
        self.bus.publish(message)

    # Time

    def run_to(self, when: datetime) -> None:
        """Goes on to `when` as made history does: devices report every step, cycles come when they are wanted."""
        wanted = self.controller.cycle(self.clock.now())
        next_report = self.clock.now() + timedelta(seconds=self.step_s)
        while self.clock.now() < when:
            self.clock.move_to(min(wanted, next_report, when))
            if self.clock.now() >= next_report or self.clock.now() == when:
                self.report()
                next_report = self.clock.now() + timedelta(seconds=self.step_s)
            wanted = self.controller.cycle(self.clock.now())
            assert wanted > self.clock.now()

    def run_until(self, clock: str, day: date = WEDNESDAY) -> None:
        """Goes on to a time of day."""
        self.run_to(local(clock, day))

    # People

    def order(
        self, wish: Wish, *, unit: str = "ac-401", role: Role = Role.ADMINISTRATOR, office: str | None = None,
        minutes: float = 60.0, order: str = "order-1",
    ) -> None:  # fmt: skip
        """A person orders something through the page."""
        now = self.clock.now()
        actor = Actor(name="行政科", role=role, office=office)
        until = now + timedelta(minutes=minutes)
        self.bus.publish(
            ProposalMade(id=order, equipment=unit, wish=wish, actor=actor, made=now, until=until, reason="会议")
        )

    # What was said

    def of(self, kind: type[Any]) -> Iterator[Any]:
        """All messages of one kind, oldest first."""
        return (message for message in self.heard if isinstance(message, kind))

    def decision(self, unit: str = "ac-401") -> Decision:
        """The latest decision about a unit."""
        found: list[Decision] = [m.decision for m in self.of(DecisionMade) if m.decision.equipment == unit]
        return found[-1]

    def controller_reasons(self, unit: str = "ac-401") -> tuple[Reason, ...]:
        """The chain of the latest decision about a unit."""
        return self.decision(unit).reasons

    def commands(self, unit: str | None = None) -> list[Command]:
        """All commands so far."""
        issued = [message.command for message in self.of(CommandIssued)]
        return [command for command in issued if unit is None or command.equipment == unit]

    def outcome(self, order: str) -> Any:
        """How an order ended."""
        return [m.outcome for m in self.of(OutcomeReported) if m.outcome.command_id == order][-1]

    def standing_alarms(self) -> set[str]:
        """Keys of the alarms that stand."""
        state = {message.key: message.active for message in self.of(AlarmChanged)}
        return {key for key, active in state.items() if active}

    def is_on(self, unit: str = "ac-401") -> bool:
        """Whether a unit runs."""
        return self.units[unit].on is True


def _state_values(unit: str, state: Wish) -> dict[str, float]:
    values: dict[str, float] = {f"{unit}.on": float(state.on is True)}
    if state.mode is not None:
        values[f"{unit}.mode"] = float(MODES.index(state.mode))
    if state.setpoint_c is not None:
        values[f"{unit}.setpoint"] = state.setpoint_c
    if state.fan is not None:
        values[f"{unit}.fan"] = float(FANS.index(state.fan))
    return values
