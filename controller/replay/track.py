"""One policy on its way through recorded time.

The senses, the supply rules and the decisions are the controller's own; only the hand that acts is missing. Each unit
is asked about twice: what the rules say of it as it was recorded (was that permitted?), and what they would do with it
if it had followed them (when would it have been started, when stopped, why?).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from controller.filing_desk import FilingDesk
from controller.policy.facts import UnitMemory, Weather
from controller.policy.kettle import decide_kettle
from controller.policy.site_policy import SitePolicy
from controller.policy.units import OFF, UnitVerdict, decide_unit
from controller.records import Record, Sort
from controller.replay.listener import Listener
from controller.replay.recording import KEPT_US, MINUTE_US, Line, Past, Stretch
from controller.rolling import MILLI
from controller.roster import build_records
from controller.rule_desk import RuleDesk
from controller.sensing import STATE_POINTS, Sensing
from controller.weather import Tap, WeatherDesk
from controller.zones import KETTLES, Zones
from facility.calendar import Calendar
from facility.commands import Mode, Wish
from facility.model import Site
from facility.quantities import Quantity
from facility.readings import Status, from_us, to_us

MINUTE: Final = timedelta(minutes=1)
REST_US: Final = 10 * MINUTE_US
"""A unit that nothing is heard of is looked at again after so long."""
TOLD_AGAIN_S: Final = 2 * KEPT_US / 1e6
"""Rules written as data hear of a state that stands still only now and then: sooner it is not stale to them."""
ASKED_C: Final = (15.0, 25.0)
"""Outdoor temperatures at which the season that people ask about changes."""
SLACK: Final = 2.5
"""Staleness limits are never shorter than so many cadences of the record, as in the running controller."""
AHEAD: Final = timedelta(minutes=75)
"""So long before a window opens the weather is watched: holds and lockouts are known when it does."""


class Track:
    """The rules of one policy, the controller's senses, and the tally of what they say.

    Args:
        site: what there is.
        policy: the rules to try.
        calendar: workdays.
        past: forecasts and filings.
        cadence_s: the usual time between two recorded readings of a unit.
        tally: where verdicts go.
    """

    def __init__(
        self, site: Site, policy: SitePolicy, calendar: Calendar, past: Past, *, cadence_s: float, tally: Listener
    ) -> None:
        p = policy.parameters
        self._site, self._policy, self._tally, self._least_s = site, policy, tally, SLACK * cadence_s
        self.records = build_records(site, policy)
        self.weather = WeatherDesk(
            site, p, outdoor_stale_s=self._stale_s(p.outdoor_stale_s), weather_stale_s=self._stale_s(p.weather_stale_s)
        )
        self.sensing = Sensing(
            site,
            self.records,
            mean_s=p.room_mean_s,
            rate_k_per_min=p.sensor_rate_k_per_min,
            frozen_s=p.sensor_frozen_s,
            room_stale_s=self._stale_s(p.room_stale_s),
            unit_stale_s=self._stale_s(p.unit_stale_s),
            contact_stale_s=self._stale_s(p.contact_stale_s),
        )
        filings = FilingDesk(site, self.records)
        filings.replace_all(past.filings)
        self.zones = Zones(site, policy, calendar, self.records.values(), filings)
        self.rules = RuleDesk(site, policy, stale_s=lambda limit_s: max(self._stale_s(limit_s), TOLD_AGAIN_S))
        self._forecasts = iter(past.forecasts)
        self._next_forecast = next(self._forecasts, None)
        self._room_stale_us = round(self._stale_s(p.room_stale_s) * 1e6)
        self._lead_us = round(p.room_mean_s * 1e6) + self._room_stale_us
        self._units = [record for record in self.records.values() if record.sort is Sort.UNIT]
        self._kettles = [record for record in self.records.values() if record.sort is Sort.KETTLE]
        self._own = {record.id: (OFF, UnitMemory()) for record in self._units}
        self._looked = {record.id: list(_looked_points(record)) for record in self.records.values()}
        self._taps = self._wired()
        self._read: dict[str, int] = {}
        self._rests: dict[str, int] = {}
        self._limits = _thresholds(policy, past)
        self._open: list[Record] = []
        self._look: object = None
        self._wake: datetime | None = None
        self.decisions = 0

    def _stale_s(self, limit_s: float) -> float:
        return max(limit_s, self._least_s)

    def _wired(self) -> dict[str, list[Tap]]:
        used = {point for record in (*self._units, *self._kettles) for point in _points_of(record)}
        used |= {f"{kettle.meter}.power" for kettle in self._site.kettles.values() if kettle.meter is not None}
        taps = {point: list(found) for point, found in self.sensing.taps.items() if point in used}
        for point, tap in (*self.weather.taps().items(), *self.rules.taps().items()):
            taps.setdefault(point, []).append(tap)
        for record in (*self._units, *self._kettles):
            taps.setdefault(f"{record.id}.on", []).append(self._tally.heard(record.id))
        return taps

    # What is read

    def told(self) -> set[str]:
        """Points of which every reading is taken: the weather's, and what rules written as data measure."""
        measured = {point for point in self.rules.taps() if not self._is_state(point)}
        return {*self.weather.taps(), *measured}

    def looked(self) -> set[str]:
        """Points that are looked at while supply is possible."""
        return {point for points in self._looked.values() for point in points}

    def switched(self) -> set[str]:
        """All others: states of units, windows, presence."""
        return set(self._taps) - self.told() - {point for point in self.looked() if not self._is_state(point)}

    def _is_state(self, point: str) -> bool:
        return point in self._site.points and self._site.points[point].quantity is Quantity.STATE

    # The way

    def run(self, stretch: Stretch) -> None:
        """Goes through one stretch, a step a minute where supply is possible, from edge to edge elsewhere."""
        events, place, taps = stretch.events, 0, self._taps
        self._read, self._rests = dict.fromkeys(stretch.lines, 0), {}
        now_us = stretch.start_us
        while now_us < stretch.end_us:
            while place < len(events) and events[place][0] <= now_us:
                time_us, point, value = events[place]
                for tap in taps.get(point, ()):
                    tap(time_us, value, Status.GOOD)
                place += 1
            self._step(stretch, now_us)
            now_us = self._next(stretch, now_us, events[place][0] if place < len(events) else stretch.end_us)

    def _next(self, stretch: Stretch, now_us: int, event_us: int) -> int:
        """The next full minute while supply is possible or near; else the next at which anything may be different."""
        minute_us = now_us - now_us % MINUTE_US + MINUTE_US
        now = from_us(now_us)
        if self._open or self._is_near(now):
            return minute_us
        exact = (record.exact_at for record in (*self._units, *self._kettles) if record.exact_at is not None)
        assert self._wake is not None
        times = (self._wake, self._nears(now), *(when for when in exact if when > now))
        first_us = min(event_us, stretch.end_us, *(to_us(when) for when in times))
        return max(minute_us, first_us - first_us % -MINUTE_US)

    def _is_near(self, now: datetime) -> bool:
        return any(near <= now < plan_closes for near, plan_closes in self._windows(now))

    def _nears(self, now: datetime) -> datetime:
        """When a window is next near; the next midnight when none is today."""
        midnight = max(self.zones.plan(record.rules.zone_class, now).next_midnight for record in self._units or ())
        return min((near for near, _ in self._windows(now) if near > now), default=midnight)

    def _windows(self, now: datetime) -> Iterator[tuple[datetime, datetime]]:
        """From when to when weather is watched, for every class in use: all day where there is no window."""
        for zone_class in self.zones.verdicts:
            plan = self.zones.plan(zone_class, now)
            if "window" not in self._policy.of_class(zone_class).enforced:
                yield plan.midnight, plan.next_midnight
            elif plan.is_workday or "calendar" not in self._policy.of_class(zone_class).enforced:
                yield plan.opens - AHEAD, plan.closes + MINUTE

    def _step(self, stretch: Stretch, now_us: int) -> None:
        now = from_us(now_us)
        weather = self._weather_at(now, now_us)
        look = self._outlook(weather, now)
        if look != self._look or self._wake is None or now >= self._wake:
            self._look = look
            self._judge(weather, now)
        self._tally.minute(now_us, weather.outdoor.value_c)
        for record in self._open:
            if now_us >= self._rests.get(record.id, 0):
                self._look_at(record, stretch, now_us)
        for record in self._units:
            if record.dirty or (record.exact_at is not None and record.exact_at <= now):
                self._catch_up(record, stretch, now_us)
                self._decide(record, now, now_us)
        for record in self._kettles:
            if record.dirty or record.exact_at is None or record.exact_at <= now:
                self._decide_kettle(record, now, now_us)

    def _weather_at(self, now: datetime, now_us: int) -> Weather:
        while self._next_forecast is not None and self._next_forecast.fetched <= now:
            self.weather.receive(self._next_forecast)
            self._look, self._next_forecast = None, next(self._forecasts, None)
        return self.weather.freeze(now, now_us)

    def _outlook(self, weather: Weather, now: datetime) -> object:
        """What tells whether the supply rules could judge otherwise than a minute ago."""
        signal_c, sky = weather.outdoor.value_c, weather.sky
        cooler, cloudier = self._limits
        plan = self.zones.plan(self._units[0].rules.zone_class, now) if self._units else None
        return (
            None if signal_c is None else bisect_left(cooler, signal_c) + bisect_right(cooler, signal_c),
            sky.rain,
            None if sky.cloud_percent is None else
            bisect_left(cloudier, sky.cloud_percent) + bisect_right(cloudier, sky.cloud_percent),
            None if plan is None else plan.sunrise <= now < plan.sunset,
        )  # fmt: skip

    def _judge(self, weather: Weather, now: datetime) -> None:
        zones = self.zones
        zones.file(now)
        changed = zones.judge(weather, now)
        plans = {zone_class: zones.plan(zone_class, now) for zone_class in zones.verdicts}
        touched = self.rules.step(now, plans=plans, weather=weather, supply=zones.supply)
        self._open, self._rests = [], {}
        for record in self._units:
            verdict = zones.verdict_of(record)
            if record.id in touched or (record.regime or record.rules.zone_class) in changed:
                record.dirty = True
            if verdict.open and (verdict.cooling.run or verdict.heating.run):
                self._open.append(record)
        times = [*zones.wakes(now), *self.rules.wakes(now)]
        self._wake = min((when for when in times if when > now), default=now + MINUTE)
        self._tally.supply(to_us(now), zones.verdicts, zones.supply, self._open)

    def _look_at(self, record: Record, stretch: Stretch, now_us: int) -> None:
        self._catch_up(record, stretch, now_us)
        outlook = self.sensing.outlook(record, now_us)
        if outlook != record.outlook:
            record.outlook, record.dirty = outlook, True
        self._rests[record.id] = self._rests_until(record, stretch, now_us)

    def _rests_until(self, record: Record, stretch: Stretch, now_us: int) -> int:
        """Until when nothing about a unit's outlook can change: its next reading, or one that grows stale. Not at all
        while its room's mean still lies over readings on both sides of a threshold.
        """
        senses = record.senses
        mean = next((one for _, one in senses.room if one.mean(now_us) is not None), None)
        if mean is None and senses.return_air is not None:
            mean = senses.return_air[1]
        times = [now_us + REST_US]
        for point in self._looked[record.id]:
            line, place = stretch.lines[point], self._read[point]
            if place < len(line.times_us) and line.times_us[place] > now_us:
                times.append(line.times_us[place])
        if senses.on_us is not None:
            times.append(senses.on_us + self.sensing.unit_stale_us + 1)
        samples = [] if mean is None else mean.samples()
        if samples:
            steps = [round(step_c * MILLI) for step_c in record.room_steps]
            places = {bisect_left(steps, milli) + bisect_right(steps, milli) for _, milli in samples}
            times.append(samples[-1][0] + self._room_stale_us + 1 if len(places) == 1 else now_us)
        return min(time_us for time_us in times if time_us >= now_us)

    def _catch_up(self, record: Record, stretch: Stretch, now_us: int) -> None:
        """Reads what the record's rooms said since they were last looked at, no further back than their means reach."""
        senses = record.senses
        air = None if senses.return_air is None else senses.return_air[0]
        for point in self._looked[record.id]:
            line = stretch.lines[point]
            place, until = self._read[point], line.newest(now_us)
            if place >= until or (point == air and any(mean.mean(now_us) is not None for _, mean in senses.room)):
                continue
            self._read[point] = until
            is_state = point.endswith(".on")
            first = max(place, until - 1 if is_state else line.newest(now_us - self._lead_us))
            if place < first < until and not is_state:
                self._take(point, line, line.unchanged_since(first))
            for index in range(first, until):
                self._take(point, line, index)

    def _take(self, point: str, line: Line, index: int) -> None:
        for tap in self._taps[point]:
            tap(line.times_us[index], line.values[index], Status.GOOD)

    # The verdicts

    def _decide(self, record: Record, now: datetime, now_us: int) -> None:
        record.dirty = False
        record.outlook = self.sensing.outlook(record, now_us)
        facts = self.sensing.unit_facts(record, now_us)
        of_class, rules = self.zones.verdict_of(record), record.rules
        effects = self.rules.effects(record.id, filed=record.regime is not None)
        verdict, record.memory = decide_unit(rules, of_class, facts, record.memory, now, effects=effects)
        wish, memory = self._own[record.id]
        followed = replace(facts, observed=_after(wish), fresh=True)
        own, memory = decide_unit(rules, of_class, followed, memory, now, effects=effects)
        self._own[record.id] = (own.wanted, memory)
        self.decisions += 2
        record.verdict = verdict
        record.exact_at = _first(verdict, own)
        self._tally.unit(record, now_us, facts, verdict, own)

    def _decide_kettle(self, record: Record, now: datetime, now_us: int) -> None:
        """As if it had obeyed: that a kettle has boiled is only told by one that is still on."""
        record.dirty = False
        before = record.verdict
        facts = self.sensing.kettle_facts(record, now_us)
        facts = replace(facts, on=facts.on if before is None else before.wanted.on)
        plan = self.zones.plan(KETTLES, now)
        found, record.kettle = decide_kettle(
            self._policy, plan, facts, record.kettle, now, effects=self.rules.effects(record.id)
        )
        record.verdict = found.verdict
        self.decisions += 1
        times = (found.verdict.wake, plan.next_edge(now), plan.next_midnight)
        record.exact_at = min(when for when in times if when is not None and when > now)
        self._tally.kettle(record, now_us, found.verdict)


def _after(wish: Wish) -> Wish:
    """What a unit shows that obeyed."""
    return wish if wish.on else Wish(on=False, mode=Mode.COOL if wish.mode is None else wish.mode)


def _first(*verdicts: UnitVerdict) -> datetime | None:
    return min((verdict.wake for verdict in verdicts if verdict.wake is not None), default=None)


def _looked_points(record: Record) -> Iterator[str]:
    """What a unit's rooms say, and that the unit still answers."""
    senses = record.senses
    if record.sort is Sort.UNIT:
        if "on" in record.has:
            yield f"{record.id}.{STATE_POINTS[0]}"
        yield from (point for point, _ in senses.room)
        if senses.return_air is not None:
            yield senses.return_air[0]


def _points_of(record: Record) -> Iterator[str]:
    """Everything that decides about a unit or kettle."""
    senses = record.senses
    yield from (f"{record.id}.{name}" for name in STATE_POINTS)
    yield from _looked_points(record)
    yield from (contact.point for contact in (*senses.windows, *senses.presence))
    if senses.level is not None:
        yield senses.level.point


def _thresholds(policy: SitePolicy, past: Past) -> tuple[list[float], list[float]]:
    """Outdoor temperatures, and cloud covers, at which some class changes its mind."""
    of_classes = [rules.parameters for rules in policy.classes.values()]
    outdoor = {limit for p in of_classes for limit in (p.cooling_measured_c, p.heating_measured_c)}
    cloud = {limit for p in of_classes for limit in (p.overcast_cloud_percent, p.sunny_cloud_percent)}
    relaxed = [filing.relaxes for filing in past.filings]
    filed = {limit for one in relaxed for limit in (one.cooling_outdoor_c, one.heating_outdoor_c) if limit is not None}
    return sorted({*outdoor, *filed, *ASKED_C}), sorted(cloud)
