"""A reader of the rules who stands outside: minute by minute, what a building did against what it may and should do.

Written from the clauses (AC-01 to AC-09) alone. Where the rules name a hold, a minute or two is allowed on either side.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Final, NamedTuple

from facility.almanac import NOTHING_OWN, Almanac
from facility.commands import Command, Mode, Wish
from facility.filings import Filing
from tests.controller.audit.estate import SECOND, Estate, minutes
from tests.controller.audit.hours import OFFICE_CLASSES, class_of, in_force, is_open, local, permits, sessions
from tests.controller.audit.signals import Believed, Lasting
from tests.controller.building import ZONE

COOLING: Final = (Mode.COOL, Mode.DRY, Mode.AUTO)
TEN, HALF_HOUR = minutes(10), minutes(30)
SLACK: Final = minutes(2)
"""A checker allows the hold and two minutes (CONTROL.md)."""
BORNE: Final = minutes(3)
"""What was changed at the wall is put back after a minute, and retried after half a minute where that failed."""
RECOVERS: Final = minutes(70)
"""A unit that failed is tried again within an hour."""
CODES: Final = range(51, 100)


class Limits(NamedTuple):
    """The numbers that hold for a unit now."""

    cool_c: float
    heat_c: float
    low_c: float
    high_c: float
    weather: bool
    forecast: bool
    hours: bool


def limits_of(held: list[Filing]) -> Limits:
    """The rules' own numbers, widened by what is filed."""
    wide = [one.relaxes for one in held if not one.stops]
    return Limits(
        cool_c=min([30.0, *(one.cooling_outdoor_c for one in wide if one.cooling_outdoor_c is not None)]),
        heat_c=max([15.0, *(one.heating_outdoor_c for one in wide if one.heating_outdoor_c is not None)]),
        low_c=min([28.0, *(one.setpoint_min_cool_c for one in wide if one.setpoint_min_cool_c is not None)]),
        high_c=max([24.0, *(one.setpoint_max_heat_c for one in wide if one.setpoint_max_heat_c is not None)]),
        weather=any(one.weather for one in wide),
        forecast=any(one.forecast for one in wide),
        hours=any(one.hours for one in wide),
    )


class Law:
    """Reads one building.

    Args:
        estate: the building.
        thresholds: all outdoor thresholds that may come to count: of cooling, of heating.
    """

    def __init__(self, estate: Estate, thresholds: tuple[set[float], set[float]] = (set(), set())) -> None:
        self.estate, self.almanac = estate, NOTHING_OWN
        self.found: list[str] = []
        self.checked = 0
        outdoor_ends = (85.0, -127.0, -9999.0)
        self.outdoor = Believed(-40.0, 60.0, frozen=True, not_believed=outdoor_ends)
        self.rooms: dict[str, Believed] = {}
        self.hot = {limit: Lasting() for limit in (30.0, *thresholds[0])}
        self.cold = {limit: Lasting() for limit in (15.0, *thresholds[1])}
        self.rain, self.overcast = Lasting(), Lasting()
        self.windows, self.vacant = Lasting(), Lasting()
        self.room_low: dict[str, bool] = {}
        self.unknown_at: dict[str, datetime] = {}
        self.failed_at: dict[str, datetime] = {}
        self.touched: dict[str, datetime] = {}
        self.wall: dict[str, list[datetime]] = {}
        self.disturbed = estate.clock.now()
        self._since: dict[tuple[str, str], datetime] = {}
        self._read = 0
        self._sent: dict[str, list[Command]] = {}
        self._starts: dict[str, datetime] = {}
        self._modes: dict[str, datetime] = {}
        self.units = [unit for unit in estate.site.indoor_units if class_of(unit) != "archive"]

    # What is known

    def minute(self, now: datetime) -> None:
        """Takes in the minute that is over, and judges it."""
        self._sense(now)
        for command, before in self.estate.seen.commands[self._read :]:
            self._command(command, before)
        self._read = len(self.estate.seen.commands)
        for unit in self.units:
            self._envelope(unit, now)
            self._running(unit, now)
            self._should_run(unit, now)
        self.checked += 1

    def _sense(self, now: datetime) -> None:
        seen = self.estate.seen
        self.outdoor.read(seen.outdoor)
        signal_c = self.outdoor.mean(now)
        if signal_c is None:
            self.unknown_at["outdoor"] = now
        for limit, hot in self.hot.items():
            hot.look(None if signal_c is None else signal_c >= limit, now, rise=TEN, fall=TEN)
        for limit, cold in self.cold.items():
            cold.look(None if signal_c is None else signal_c <= limit, now, rise=TEN, fall=TEN)
        wet, cloud = self._sky(now)
        for held, is_so in ((self.rain, wet), (self.overcast, None if cloud is None else cloud >= 90)):
            known = False if is_so is None and held.state else is_so
            held.look(known, now, rise=HALF_HOUR, fall=HALF_HOUR)
        contacts = self.estate.contacts
        window, present = contacts["window-401.open"], contacts["presence-401.present"]
        self.windows.look(None if window is None else window > 0, now, rise=SLACK, fall=SLACK)
        self.vacant.look(None if present is None else not present, now, rise=minutes(20), fall=timedelta())
        for unit in self.units:
            self._sense_unit(unit, now)

    def _sense_unit(self, unit: str, now: datetime) -> None:
        room = self.rooms.setdefault(unit, Believed(-20.0, 60.0, frozen=False))
        room.read(self.estate.seen.rooms.get(f"{unit}.room_temperature", []))
        room_c = room.mean(now)
        if room_c is None or unit in self.estate.silent:
            self.unknown_at[unit] = now
        if room_c is not None:
            limits = self._limits(unit, now)
            if room_c < limits.low_c - 0.5:
                self.room_low[unit] = True
            elif room_c >= limits.low_c:
                self.room_low[unit] = False
        if self.estate.failing(unit):
            self.failed_at[unit] = now

    def _sky(self, now: datetime) -> tuple[bool | None, float | None]:
        seen = self.estate.seen
        rained = seen.rain[-1] if seen.rain and now - seen.rain[-1][0] <= minutes(15) else None
        wet = None if rained is None else rained[1] > 0
        hour = now.replace(minute=0, second=0, microsecond=0)
        told = next(((one, h) for one in reversed(seen.forecasts) for h in one.hours if h.time == hour), None)
        if told is None or now - told[0].fetched > timedelta(hours=2):
            return wet, None
        code = told[1].weather_code
        if code is not None:
            wet = (wet or code in CODES) if wet is not None else code in CODES
        return wet, told[1].cloud_percent

    def _limits(self, unit: str, now: datetime) -> Limits:
        return limits_of(in_force(self.estate.filings.values(), unit, now))

    def opens(self, unit: str, now: datetime) -> bool:
        """Whether hours, days and notices let a unit run."""
        return is_open(self.almanac, self.estate.filings.values(), unit, now)

    def closes(self, unit: str, now: datetime) -> datetime | None:
        """When a unit that may run now may no longer; None: at no hour."""
        if class_of(unit) not in OFFICE_CLASSES:
            return None
        day = local(now).date()
        ends = [datetime.combine(day, end, tzinfo=ZONE) for _, end in sessions(self.almanac, unit, day)]
        tomorrow = datetime.combine(day + timedelta(days=1), time(), tzinfo=ZONE)
        filed = [edge for one in self.estate.filings.values() for edge in (one.start - one.lead, one.end)]
        edges = sorted(edge for edge in (*ends, tomorrow, *filed) if edge > now)
        return next((edge for edge in edges if not self.opens(unit, edge)), None)

    # What is legal

    def forbids(self, unit: str, mode: Mode | None, now: datetime, *, start: bool) -> str | None:
        """The clause against running (or starting) in a mode, hours apart; None when there is none."""
        if mode is Mode.FAN:
            return None
        limits, cooling = self._limits(unit, now), mode is not Mode.HEAT
        if class_of(unit) in OFFICE_CLASSES:
            if not self._permitted(limits, cooling, now) and (start or self._told(now)):
                return "AC-01" if cooling else "AC-02"
            if cooling and not limits.weather and (self._is_on(self.rain, now) or self._is_on(self.overcast, now)):
                return "AC-06 weather"
        held = self.hot[limits.cool_c] if cooling else self.cold[limits.heat_c]
        if held.no_for(now) > TEN + SLACK:
            return "AC-06 measured" if cooling else "AC-07 measured"
        return self._against_start(unit, held, cooling, limits, now) if start else None

    def _told(self, now: datetime) -> bool:
        """Whether any forecast of use is known: without one nothing starts, and nothing that runs is stopped."""
        return any(permits(self.estate.seen.forecasts, now, hour)[1] for hour in (0, 8))

    def _is_on(self, held: Lasting, now: datetime) -> bool:
        return held.yes_for(now) > HALF_HOUR + SLACK

    def _permitted(self, limits: Limits, cooling: bool, now: datetime) -> bool:
        if limits.forecast:
            return True
        limit_c = limits.cool_c if cooling else limits.heat_c
        basis = permits(self.estate.seen.forecasts, now, 8)[0]
        if limits.hours or local(now).hour < 8:
            basis += permits(self.estate.seen.forecasts, now, 0)[0]
        return any(max_c >= limit_c if cooling else max_c <= limit_c for max_c in basis)

    def _against_start(self, unit: str, held: Lasting, cooling: bool, limits: Limits, now: datetime) -> str | None:
        if held.yes_for(now) < TEN - SLACK:
            return "AC-06 hold"
        plain = limits.cool_c == 30.0 if cooling else limits.heat_c == 15.0
        if plain and held.turned is not None and now - held.turned < HALF_HOUR - SLACK:
            return "AC-06 lockout"
        room_c = self.rooms[unit].mean(now)
        if room_c is None:
            return "AC-03 room unknown"
        if unit != "ac-401" and (room_c < limits.low_c - 0.6 if cooling else room_c > limits.high_c + 0.6):
            return "AC-03 room"
        return None

    # What was done

    def _command(self, command: Command, before: Wish) -> None:
        unit, now, wish = command.equipment, command.made, command.wish
        if unit not in self.units:
            return
        sent = self._sent.setdefault(unit, [])
        if wish.on is not False:
            self._settings(unit, command, before, sent)
            if wish.on and not before.on:
                self._start(unit, command, before)
        sent.append(command)
        if wish.on is not False and not self.opens(unit, now):
            self._say(now, unit, f"commanded outside the hours: {wish}")

    def _settings(self, unit: str, command: Command, before: Wish, sent: list[Command]) -> None:
        now, wish = command.made, command.wish
        mode, limits = wish.mode or before.mode, self._limits(unit, now)
        if mode in COOLING and wish.setpoint_c is not None and wish.setpoint_c < limits.low_c:
            self._say(now, unit, f"cooling commanded to {wish.setpoint_c}")
        if mode is Mode.HEAT and wish.setpoint_c is not None and wish.setpoint_c > limits.high_c:
            self._say(now, unit, f"heating commanded to {wish.setpoint_c}")
        against = self.forbids(unit, mode, now, start=False) if mode is not None else None
        if against is not None:
            self._say(now, unit, f"{wish} against {against}")
        if before.on and wish.setpoint_c is not None:
            last = next((one for one in reversed(sent) if one.wish.setpoint_c is not None), None)
            if last is not None and now - last.made < minutes(1):
                self._say(now, unit, "two setpoints within a minute")
        if wish.mode is not None and before.mode is not wish.mode:
            if unit in self._modes and now - self._modes[unit] < TEN:
                self._say(now, unit, "two changes of mode within ten minutes")
            self._modes[unit] = now

    def _start(self, unit: str, command: Command, before: Wish) -> None:
        now = command.made
        mode = command.wish.mode or before.mode
        against = self.forbids(unit, mode, now, start=True)
        if against is not None:
            self._say(now, unit, f"started against {against}")
        closes = self.closes(unit, now)
        if closes is not None and now >= closes - minutes(15):
            self._say(now, unit, "started in the last fifteen minutes")
        stops = [at for at, name, on in self.estate.switched if name == unit and not on and at < now]
        if stops and now - stops[-1] < minutes(5):
            self._say(now, unit, "started within five minutes of its stop")
        if unit == "ac-401" and self.windows.yes_for(now) > SLACK + minutes(1):
            self._say(now, unit, "started with an open window")
        lane = "vrf-2" if unit in SECOND else "vrf-1"
        if lane in self._starts and now - self._starts[lane] < timedelta(seconds=15):
            self._say(now, unit, "started together with another")
        self._starts[lane] = now

    def _envelope(self, unit: str, now: datetime) -> None:
        held = self.estate.envelopes[unit]
        if now >= held.valid_until:
            self._say(now, unit, "its envelope ran out")
        opens, closes, limits = self.opens(unit, now), self.closes(unit, now), self._limits(unit, now)
        if not opens and not held.must_be_off:
            self._say(now, unit, "its envelope lets it run outside the hours")
        if opens and closes is not None and (held.may_run_until is None or held.may_run_until > closes):
            self._say(now, unit, f"its envelope ends at {held.may_run_until}, the hours at {closes}")
        for mode, allowed in held.modes.items():
            against = self.forbids(unit, mode, now, start=False)
            self._lasts((unit, f"envelope {mode.value}"), against, now, SLACK)
            if mode in COOLING and (allowed.low_c is None or allowed.low_c < limits.low_c):
                self._say(now, unit, f"its envelope cools down to {allowed.low_c}")
            if mode is Mode.HEAT and (allowed.high_c is None or allowed.high_c > limits.high_c):
                self._say(now, unit, f"its envelope heats up to {allowed.high_c}")
        if any(mode in held.modes for mode in COOLING) and Mode.HEAT in held.modes:
            self._say(now, unit, "its envelope cools and heats")

    def _running(self, unit: str, now: datetime) -> None:
        state = self.estate.units[unit]
        against = self._against_running(unit, state, now) if state.on else None
        lately = [at for at in self.wall.get(unit, []) if now - at < minutes(75)]
        if self._failed(unit, now) or (len(lately) > 3 and self.opens(unit, now)):
            against = None
        self._lasts((unit, "runs"), against, now, BORNE)
        on_at = max((at for at, name, on in self.estate.switched if name == unit and on), default=None)
        closed = state.on and not self._failed(unit, now) and not self.opens(unit, now)
        was_before = on_at is not None and not self._closed_since(unit, on_at, now)
        self._lasts((unit, "runs on"), "AC-05" if closed and was_before else None, now, minutes(1))

    def _closed_since(self, unit: str, on_at: datetime, now: datetime) -> bool:
        """Whether a unit was switched on outside the hours."""
        return not self.opens(unit, on_at) or now < on_at

    def _against_running(self, unit: str, state: Wish, now: datetime) -> str | None:
        if not self.opens(unit, now):
            return "AC-05"
        limits = self._limits(unit, now)
        if state.mode in COOLING and state.setpoint_c is not None and state.setpoint_c < limits.low_c - 0.3:
            return "AC-03 setpoint"
        if state.mode is Mode.HEAT and state.setpoint_c is not None and state.setpoint_c > limits.high_c + 0.3:
            return "AC-03 setpoint"
        room_c = self.rooms[unit].mean(now)
        if unit != "ac-401" and room_c is not None and state.mode is not Mode.FAN:
            if state.mode in COOLING and room_c < limits.low_c - 0.6:
                return "AC-03 room"
            if state.mode is Mode.HEAT and room_c > limits.high_c + 0.6:
                return "AC-03 room"
        if unit == "ac-401" and self.windows.yes_for(now) > SLACK + minutes(1):
            return "AC-08"
        if unit == "ac-401" and self.vacant.yes_for(now) > minutes(21):
            return "AC-09"
        return self.forbids(unit, state.mode, now, start=False)

    def _failed(self, unit: str, now: datetime) -> bool:
        return unit in self.failed_at and now - self.failed_at[unit] < RECOVERS

    # What should be done

    def _should_run(self, unit: str, now: datetime) -> None:
        """A unit that may and should cool for eleven minutes cools."""
        state = self.estate.units[unit]
        idle = "idle" if self._is_called_for(unit, now) and not state.on else None
        self._lasts((unit, "liveness"), idle, now, minutes(11))

    def _is_called_for(self, unit: str, now: datetime) -> bool:
        quiet = (self.unknown_at.get(what) for what in ("outdoor", unit))
        if any(at is not None and now - at < minutes(31) for at in quiet) or now - self.disturbed < minutes(31):
            return False
        if self._failed(unit, now) or now < self.touched.get(unit, now):
            return False
        limits, closes = self._limits(unit, now), self.closes(unit, now)
        held = self.hot[limits.cool_c]
        ready = self.opens(unit, now) and (closes is None or now < closes - minutes(16))
        warm = held.yes_for(now) > TEN + SLACK and (held.turned is None or now - held.turned > minutes(43))
        room_c = self.rooms[unit].mean(now)
        if not ready or not warm or room_c is None or room_c < limits.low_c + 0.1:
            return False
        if unit == "ac-401" and not (self.windows.no_for(now) > minutes(3) and self.vacant.no is not None):
            return False
        if class_of(unit) not in OFFICE_CLASSES:
            return True
        clear = all(not one.state and one.yes is None for one in (self.rain, self.overcast))
        return self._permitted(limits, True, now) and (limits.weather or clear)

    # What is told

    def _lasts(self, what: tuple[str, str], against: str | None, now: datetime, borne: timedelta) -> None:
        if against is None:
            self._since.pop(what, None)
            return
        since = self._since.setdefault(what, now)
        if now - since > borne:
            self._say(now, what[0], f"{what[1]} against {against} since {local(since):%H:%M:%S}")

    def _say(self, now: datetime, unit: str, words: str) -> None:
        self.found.append(f"{local(now):%m-%d %H:%M:%S} {unit}: {words}")

    def enter(self, almanac: Almanac) -> None:
        """The administration section changed the year."""
        self.almanac = almanac
