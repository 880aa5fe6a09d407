"""What is added up while a policy goes through recorded time: hours, starts, stops, what was used against it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np

from controller.policy.facts import SupplyMemory, UnitFacts
from controller.policy.findings import Finding
from controller.policy.units import UnitVerdict, season_of
from controller.policy.zones import ClassVerdict
from controller.records import Record
from controller.replay.recording import HOUR_US, MINUTE_US
from controller.states import SETPOINT_TOLERANCE_C
from controller.telling import is_permitted
from controller.weather import Tap
from facility.commands import Mode, Wish
from facility.model import Site
from facility.model.entries import ZoneClass
from facility.readings import Quality, Status
from facility.series import Values

TOLERANCE_US: Final = 3 * MINUTE_US
"""What lasted no longer than this and the time between two readings is not held against anybody: an order takes its
time (two minutes), and a step of the trial is one more.
"""

COOLING: Final = "cooling"
HEATING: Final = "heating"
FAN: Final = "fan"
UNKNOWN: Final = "unknown"
SEASONS: Final = (COOLING, HEATING)
MODE: Final = "mode"
"""The code of a unit that ran in a mode that was not permitted, though another was."""


class Lasting(NamedTuple):
    """What holds for a unit from one look to the next.

    `permitted` is the season in which the policy would let it run, `wanted` whether it would by itself; `used` the
    season it ran in (FAN: air only; UNKNOWN: it was not heard; None: it was off); `against` the code it ran against and
    `setpoint` the one its setpoint was against, None where all was well.
    """

    permitted: str | None = None
    wanted: bool = False
    used: str | None = None
    against: str | None = None
    setpoint: str | None = None
    room_known: bool = True
    possible: bool = False


NOTHING_HELD: Final = Lasting()


@dataclass(slots=True, kw_only=True)
class Span:
    """One unit's present state, since when it holds, and since when it has run against something."""

    since_us: int
    lasting: Lasting = NOTHING_HELD
    against_us: int = 0
    setpoint_us: int = 0
    last_on_us: int = 0


@dataclass(slots=True, kw_only=True)
class Sums:
    """Hours of one unit, or of one office."""

    permitted: Counter[str] = field(default_factory=Counter)
    used: Counter[str] = field(default_factory=Counter)
    used_permitted: Counter[str] = field(default_factory=Counter)
    against_us: int = 0


@dataclass(slots=True, kw_only=True)
class Loads:
    """Rated capacity that ran, kW-hours by the hour, for one outdoor unit and season: all of it, and against the
    policy.
    """

    ran: Values
    against: Values
    against_unit_h: Values


class Tally:
    """Adds up one policy's way through [start_us, end_us).

    Args:
        site: offices and capacities.
        start_us, end_us: what counts; what comes before only prepares.
        cadence_s: the usual time between two readings of a unit.
    """

    def __init__(self, site: Site, start_us: int, end_us: int, *, cadence_s: float) -> None:
        self._site, self.start_us, self.end_us = site, start_us, end_us
        self._tolerance_us = TOLERANCE_US + round(cadence_s * 1e6)
        self.first_hour = start_us // HOUR_US
        self.hours = -(-end_us // HOUR_US) - self.first_hour
        self._spans: dict[str, Span] = {}
        self.units: dict[str, Sums] = defaultdict(Sums)
        self.classes: dict[ZoneClass, Counter[str]] = defaultdict(Counter)
        self._class_state: dict[ZoneClass, tuple[str, ...]] = {}
        self._class_us = start_us
        self.loads: dict[tuple[str, str], Loads] = {}
        self.outdoor_sum = np.zeros(self.hours)
        self.outdoor_count = np.zeros(self.hours)
        self.wanted_us = 0
        self.starts = 0
        self.stops: Counter[str] = Counter()
        self.violations: Counter[str] = Counter()
        self.violations_us: Counter[str] = Counter()
        self.rules: dict[str, str] = {}
        self.time_us: Counter[str] = Counter()
        self.possible: frozenset[str] = frozenset()
        self._forecast_missing = False
        self._gate_open = False

    def heard(self, unit: str) -> Tap:
        """What takes the readings of a unit's on and off."""
        span = self._span(unit)

        def tap(time_us: int, value: float | None, status: Status) -> None:
            if value is not None and value > 0 and status.quality is Quality.GOOD:
                span.last_on_us = time_us

        return tap

    def _span(self, unit: str) -> Span:
        return self._spans.setdefault(unit, Span(since_us=self.start_us))

    # The weather and the zone classes

    def minute(self, now_us: int, outdoor_c: float | None) -> None:
        """One step: what the outdoor temperature was."""
        if not self.start_us <= now_us < self.end_us:
            return
        if outdoor_c is not None:
            hour = now_us // HOUR_US - self.first_hour
            self.outdoor_sum[hour] += outdoor_c
            self.outdoor_count[hour] += 1
        if self._gate_open:
            self.time_us["open"] += MINUTE_US
            self.time_us["outdoor_unknown"] += MINUTE_US if outdoor_c is None else 0
            self.time_us["forecast_missing"] += MINUTE_US if self._forecast_missing else 0

    def supply(
        self,
        now_us: int,
        verdicts: Mapping[ZoneClass, ClassVerdict],
        memories: Mapping[ZoneClass, SupplyMemory],
        possible: Collection[Record],
    ) -> None:
        """What holds for the zone classes from now on."""
        self._settle_classes(now_us)
        for zone_class in verdicts:
            self.classes[zone_class].update({COOLING: 0, HEATING: 0})
        self._class_state = {
            zone_class: tuple(
                word for word, season in ((COOLING, Mode.COOL), (HEATING, Mode.HEAT))
                if verdict.open and is_permitted(season, verdict, memories[zone_class])
            )
            for zone_class, verdict in verdicts.items()
        }  # fmt: skip
        bound = [(verdict, memories[zone]) for zone, verdict in verdicts.items() if verdict.run_until is not None]
        self._gate_open = bool(bound)
        self._forecast_missing = any(memory.permit.taken and memory.permit.cooling is None for _, memory in bound)
        now_possible = frozenset(record.id for record in possible)
        for unit in now_possible ^ self.possible:
            span = self._span(unit)
            self._hold(unit, span, now_us, span.lasting._replace(possible=unit in now_possible))
        self.possible = now_possible

    def _settle_classes(self, now_us: int) -> None:
        until_us = min(max(now_us, self.start_us), self.end_us)
        for zone_class, words in self._class_state.items():
            for word in words:
                self.classes[zone_class][word] += until_us - self._class_us
        self._class_us = until_us

    # The units

    def unit(self, record: Record, now_us: int, facts: UnitFacts, verdict: UnitVerdict, own: UnitVerdict) -> None:
        """What holds for a unit from now on: by the record (`facts`, `verdict`), and had it followed the rules."""
        span = self._span(record.id)
        wanted = own.wanted.on is True
        if wanted is not span.lasting.wanted and self.start_us <= now_us < self.end_us:
            if wanted:
                self.starts += 1
            else:
                self._note(record, own.findings[0])
                self.stops[own.findings[0].code] += 1
        used = _used(facts)
        ran = used is not None and used != UNKNOWN
        lasting = Lasting(
            permitted=_permitted(own),
            wanted=wanted,
            used=used,
            against=self._against(record, facts.observed, verdict) if ran else None,
            setpoint=self._setpoint(facts.observed, verdict, record) if ran else None,
            room_known=facts.room_c is not None or not facts.has_room,
            possible=record.id in self.possible,
        )
        self._hold(record.id, span, now_us, lasting)

    def kettle(self, record: Record, now_us: int, verdict: UnitVerdict) -> None:
        """What holds for a kettle from now on."""
        span = self._span(record.id)
        against = None
        if record.observed.on and verdict.wanted.on is False and verdict.findings:
            against = verdict.findings[0].code
            self._note(record, verdict.findings[0])
        self._hold_against(span, now_us, against)
        span.lasting = span.lasting._replace(against=against)

    def _against(self, record: Record, seen: Wish, verdict: UnitVerdict) -> str | None:
        if verdict.legal_stop:
            self._note(record, verdict.findings[0])
            return verdict.findings[0].code
        if (seen.mode or Mode.COOL) in verdict.legal.modes:
            return None
        self.rules.setdefault(MODE, record.rules.clause_of.get("operator", ""))
        return MODE

    def _setpoint(self, seen: Wish, verdict: UnitVerdict, record: Record) -> str | None:
        mode = seen.mode or Mode.COOL
        if mode not in verdict.legal.modes or seen.setpoint_c is None or mode is Mode.FAN:
            return None
        legal_c = verdict.legal.modes[mode].clamp(seen.setpoint_c)
        if abs(legal_c - seen.setpoint_c) < SETPOINT_TOLERANCE_C:
            return None
        code = "setpoint-heat" if mode is Mode.HEAT else "setpoint-cool"
        self.rules.setdefault(code, record.rules.clause_of.get("setpoint", ""))
        return code

    def _note(self, record: Record, finding: Finding) -> None:
        self.rules.setdefault(finding.code, record.rules.clause_of.get(finding.rule, ""))

    def _hold(self, unit: str, span: Span, now_us: int, lasting: Lasting) -> None:
        before = span.lasting
        if lasting == before:
            return
        self._add(unit, span, now_us)
        self._hold_against(span, now_us, lasting.against)
        self._hold_setpoint(span, now_us, lasting.setpoint)
        span.lasting = lasting

    def _hold_against(self, span: Span, now_us: int, code: str | None) -> None:
        before = span.lasting.against
        if code == before:
            return
        if before is not None:
            self._violated(before, span.against_us, now_us if code is not None else self._heard_until(span, now_us))
        span.against_us = now_us

    def _hold_setpoint(self, span: Span, now_us: int, code: str | None) -> None:
        before = span.lasting.setpoint
        if code == before:
            return
        if before is not None:
            self._violated(before, span.setpoint_us, self._heard_until(span, now_us))
        span.setpoint_us = now_us

    def _heard_until(self, span: Span, now_us: int) -> int:
        """What ended between two readings had ended, for all that is known, right after the first of them."""
        return min(now_us, max(span.last_on_us, span.since_us)) if span.last_on_us else now_us

    def _violated(self, code: str, since_us: int, until_us: int) -> None:
        since_us, until_us = max(since_us, self.start_us), min(until_us, self.end_us)
        if until_us - since_us > self._tolerance_us:
            self.violations[code] += 1
            self.violations_us[code] += until_us - since_us

    def _add(self, unit: str, span: Span, now_us: int) -> None:
        """Books what held for a unit until now."""
        since_us, until_us = max(span.since_us, self.start_us), min(now_us, self.end_us)
        span.since_us = max(now_us, self.start_us)
        lasted_us, held = until_us - since_us, span.lasting
        if lasted_us <= 0:
            return
        sums = self.units[unit]
        if held.permitted is not None:
            sums.permitted[held.permitted] += lasted_us
        self.wanted_us += lasted_us if held.wanted else 0
        if held.used is not None:
            sums.used[held.used] += lasted_us
        if held.used in SEASONS:
            self._book_load(unit, held, since_us, until_us)
            if held.against is None:
                sums.used_permitted[str(held.used)] += lasted_us
            else:
                sums.against_us += lasted_us
        if held.possible:
            self.time_us["possible"] += lasted_us
            self.time_us["unit_unknown"] += lasted_us if held.used == UNKNOWN else 0
            self.time_us["room_unknown"] += 0 if held.room_known else lasted_us

    def _book_load(self, unit: str, held: Lasting, since_us: int, until_us: int) -> None:
        item = self._site.indoor_units[unit]
        loads = self.loads.get((item.outdoor_unit, str(held.used)))
        if loads is None:
            columns = (np.zeros(self.hours) for _ in range(3))
            loads = self.loads[item.outdoor_unit, str(held.used)] = Loads(
                ran=next(columns), against=next(columns), against_unit_h=next(columns)
            )
        for hour in range(since_us // HOUR_US, (until_us - 1) // HOUR_US + 1):
            share_h = (min(until_us, (hour + 1) * HOUR_US) - max(since_us, hour * HOUR_US)) / HOUR_US
            loads.ran[hour - self.first_hour] += share_h * item.capacity_kw
            if held.against is not None:
                loads.against[hour - self.first_hour] += share_h * item.capacity_kw
                loads.against_unit_h[hour - self.first_hour] += share_h

    def close(self) -> None:
        """Books what holds at the end."""
        self._settle_classes(self.end_us)
        for unit, span in self._spans.items():
            if unit in self._site.indoor_units:
                self._hold(unit, span, self.end_us, NOTHING_HELD)
            else:
                self._hold_against(span, self.end_us, None)


def _used(facts: UnitFacts) -> str | None:
    seen = facts.observed
    if not facts.fresh or seen.on is None:
        return UNKNOWN
    if not seen.on:
        return None
    season = season_of(seen.mode)
    return FAN if season is None else COOLING if season is Mode.COOL else HEATING


def _permitted(own: UnitVerdict) -> str | None:
    """The season in which a unit that follows the rules may run, None where none is, or an interlock keeps it off."""
    if own.wanted.on is False and own.legal_stop:
        return None
    if Mode.COOL in own.legal.modes:
        return COOLING
    return HEATING if Mode.HEAT in own.legal.modes else None
