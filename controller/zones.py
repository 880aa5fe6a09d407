"""The zone classes in use: their day plans, what supply remembers for each, and the verdict they share.

Equipment for which something is filed has a regime of its own: the same rules, relaxed, with a verdict of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from controller.filing_desk import FilingDesk
from controller.policy.facts import SupplyMemory, Weather
from controller.policy.hold import wider
from controller.policy.relaxing import Regime, SupplyKey, open_until, plan_for, regime_of
from controller.policy.schema import Parameters
from controller.policy.site_policy import SitePolicy
from controller.policy.supply import step_supply, supply_wake
from controller.policy.timetable import DayPlan, plan_day
from controller.policy.zones import ClassVerdict, class_verdict
from controller.records import Record, Sort
from controller.roster import room_steps
from facility.almanac import THE_SITE, Premises, premises_of
from facility.calendar import Calendar
from facility.filings import Filing
from facility.model import Site
from facility.model.entries import ZoneClass

KETTLES = "kettle"


class Zones:
    """Steps the supply rules of every zone class that has units.

    Args:
        site: its place and time zone.
        policy: the rules.
        calendar: workdays.
        records: what is controlled.
        desk: what is filed.
    """

    def __init__(
        self, site: Site, policy: SitePolicy, calendar: Calendar, records: Iterable[Record], desk: FilingDesk
    ) -> None:
        self._site, self._policy, self._calendar, self._desk = site, policy, calendar, desk
        self._records = {record.id: record for record in records}
        self._premises = {name: premises_of(site, name) for name in self._records}
        self._regimes: dict[object, tuple[Regime, ClassVerdict | None, object]] = {}
        self.relaxed: dict[SupplyKey, SupplyMemory] = {}
        self._classes = sorted({r.rules.zone_class for r in self._records.values() if r.sort is Sort.UNIT})
        self._plans: dict[tuple[ZoneClass | str, Premises], DayPlan] = {}
        self._edition: object = None
        self._keys: dict[ZoneClass, object] = {}
        self.supply: dict[ZoneClass, SupplyMemory] = {}
        self.verdicts: dict[ZoneClass, ClassVerdict] = {}

    def plan_of(self, record: Record, now: datetime) -> DayPlan:
        """The plan of today for an equipment's hours."""
        if record.sort is Sort.KETTLE:
            return self.plan(KETTLES, now)
        return self.plan(record.rules.zone_class, now, record.premises)

    def plan(self, key: ZoneClass | str, now: datetime, premises: Premises = THE_SITE) -> DayPlan:
        """The plan of today for a zone class, or for the kettles, with the session that matters now."""
        plan = self._plans.get((key, premises))
        if plan is None or not plan.midnight <= now < plan.next_midnight:
            plan = self._made_plan(key, now, premises)
        plan = self._plans[key, premises] = plan.at(now)
        return plan

    def _made_plan(self, key: ZoneClass | str, now: datetime, premises: Premises) -> DayPlan:
        p = self._policy.parameters
        place = self._site.file.site.location
        return plan_day(
            self._calendar,
            now.astimezone(self._site.zone).date(),
            self._site.zone,
            self._policy.of_class(key).parameters.window if isinstance(key, ZoneClass) else p.kettle_window,
            permit_at=p.permit_at,
            place=(place.latitude, place.longitude),
            premises=premises,
            follows_office=isinstance(key, ZoneClass),
        )

    def plans(self, now: datetime) -> dict[ZoneClass, DayPlan]:
        """The plans of today of every class in use; of public rooms where none has units."""
        return {zone_class: self.plan(zone_class, now) for zone_class in self._classes or [ZoneClass.PUBLIC]}

    def verdict_of(self, record: Record) -> ClassVerdict:
        """The verdict that a unit shares with its zone class, or with those for whom the same is filed."""
        if record.regime is None:
            return self.verdicts[record.rules.zone_class]
        verdict = self._regimes[record.regime][1]
        assert verdict is not None
        return verdict

    def file(self, now: datetime) -> None:
        """Takes up what was filed, what of it began or ended, and what the calendar has for some rooms only: units
        change their regime.
        """
        concerned = self._desk.step(now) | self._placed(now)
        for name in concerned:
            record = self._records.get(name)
            if record is None:
                continue
            filings = self._desk.filings(record.id, now)
            record.dirty, record.filed = True, any(one.holds_at(now) and not one.stops for one in filings)
            if record.sort is Sort.UNIT:
                self._give_regime(record, filings, now)
        if concerned:
            used = {record.regime for record in self._records.values()}
            self._regimes = {key: known for key, known in self._regimes.items() if key in used}

    def _placed(self, now: datetime) -> set[str]:
        """Those whose rooms have days of their own, or had them before; looked at when day or calendar change."""
        today = now.astimezone(self._site.zone).date()
        if self._edition == (today, self._calendar.edition):
            return set()
        self._edition = (today, self._calendar.edition)
        self._plans.clear()
        changed = set()
        like: dict[object, Premises] = {}
        for record in self._records.values():
            rooms = self._premises[record.id]
            own = tuple(self._calendar.particulars(today + timedelta(days=n), rooms) for n in (0, 1))
            premises = like.setdefault(own, rooms) if any(own) else THE_SITE
            if premises != record.premises:
                record.premises = premises
                changed.add(record.id)
        return changed

    def _give_regime(self, record: Record, filings: tuple[Filing, ...], now: datetime) -> None:
        own = self._policy.of_class(record.rules.zone_class)
        if not filings and record.premises == THE_SITE:
            record.regime, record.rules, record.room_steps = None, own, room_steps(own.parameters)
            return
        regime = regime_of(own, filings, now, record.premises)
        record.regime, record.rules, record.room_steps = regime.key, regime.rules, room_steps(regime.rules.parameters)
        self._regimes.setdefault(regime.key, (regime, None, None))

    def judge(self, weather: Weather, now: datetime) -> set[object]:
        """Steps every class and regime; gives those whose verdict changed: zone classes, and keys of regimes."""
        changed: set[object] = set()
        for zone_class in self._classes:
            rules, plan = self._policy.of_class(zone_class), self.plan(zone_class, now)
            memory = self.supply.get(zone_class, SupplyMemory())
            memory = step_supply(memory, weather, plan, rules.parameters, now)
            self.supply[zone_class] = memory
            verdict = self.verdicts[zone_class] = class_verdict(rules, memory, weather, plan, now)
            key = verdict.key()
            if key != self._keys.get(zone_class):
                self._keys[zone_class] = key
                changed.add(zone_class)
        if self._regimes or self.relaxed:
            changed |= self._judge_regimes(weather, now)
        return changed

    def _judge_regimes(self, weather: Weather, now: datetime) -> set[object]:
        changed = set()
        self._step_relaxed(weather, now)
        for name, (regime, _, known) in self._regimes.items():
            plan = self.plan(regime.rules.zone_class, now, regime.premises)
            memory = self.relaxed.get(regime.supply_key, self.supply[regime.rules.zone_class])
            until = open_until(regime, plan, now, partial(self._is_workday, regime.premises))
            verdict = class_verdict(
                regime.rules, memory, weather, plan, now, standing=regime.standing, until=until
            )  # fmt: skip
            key = verdict.key()
            self._regimes[name] = (regime, verdict, key)
            if key != known:
                changed.add(name)
        return changed

    def _step_relaxed(self, weather: Weather, now: datetime) -> None:
        """Holds of relaxed thresholds begin before the filing does, so that it need not wait for them."""
        wanted: dict[SupplyKey, Regime] = {}
        for zone_class in self._classes:
            own = self._policy.of_class(zone_class)
            coming = [regime_of(own, (filing,), max(now, filing.begins)) for filing in self._desk.coming(now)]
            held = [regime for regime, _, _ in self._regimes.values() if regime.rules.zone_class is zone_class]
            wanted |= {regime.supply_key: regime for regime in (*coming, *held)}
            wanted.pop((zone_class, None, None, False), None)
        for key, regime in wanted.items():
            p = regime.rules.parameters
            plan = plan_for(key, self.plan(regime.rules.zone_class, now))
            self.relaxed[key] = step_supply(self._remembered(key, p), weather, plan, p, now)
        for key in set(self.relaxed) - set(wanted):
            del self.relaxed[key]

    def _remembered(self, key: SupplyKey, p: Parameters) -> SupplyMemory:
        """What a relaxed supply begins with: all that the plain one knows of permit and sky; of an outdoor threshold
        that is relaxed, what others know of the same one, else what the rules' own tells of a wider one.
        """
        known = self.relaxed.get(key)
        if known is not None:
            return known
        plain, own = self.supply[key[0]], self._policy.of_class(key[0]).parameters
        begun = plain
        if p.cooling_measured_c != own.cooling_measured_c:
            like = self._same_threshold(key, 1)
            hot, locked = (wider(plain.hot), None) if like is None else (like.hot, like.cooling_locked_until)
            begun = replace(begun, hot=hot, cooling_locked_until=locked)
        if p.heating_measured_c != own.heating_measured_c:
            like = self._same_threshold(key, 2)
            cold, locked = (wider(plain.cold), None) if like is None else (like.cold, like.heating_locked_until)
            begun = replace(begun, cold=cold, heating_locked_until=locked)
        return begun

    def _same_threshold(self, key: SupplyKey, place: int) -> SupplyMemory | None:
        """What is remembered already for the same class and the same relaxed threshold, None when nothing is."""
        alike = (memory for known, memory in self.relaxed.items() if (known[0], known[place]) == (key[0], key[place]))
        return next(alike, None)

    def _is_workday(self, premises: Premises, when: datetime) -> bool:
        return self._calendar.is_workday(when.astimezone(self._site.zone).date(), premises)

    def next_change(self, record: Record, now: datetime) -> datetime | None:
        """When the verdict on a unit next changes by calendar, window or filing; None when that is not known."""
        times = (self.verdict_of(record).next_change, self._desk.next_edge(record.id, now))
        return min((when for when in times if when is not None and when > now), default=None)

    def wakes(self, now: datetime) -> Iterator[datetime]:
        """When something changes by the calendar or by a hold that ends."""
        for zone_class in self._classes:
            plan = self.plan(zone_class, now)
            p = self._policy.of_class(zone_class).parameters
            late_at = plan.closes - timedelta(seconds=p.no_start_before_end_s)
            times = (plan.next_edge(now), plan.permit_at, late_at, plan.next_midnight)
            yield from (when for when in times if when > now)
            hold_ends = supply_wake(self.supply[zone_class], p, now)
            if hold_ends is not None:
                yield hold_ends
        for (zone_class, *_), memory in self.relaxed.items():
            hold_ends = supply_wake(memory, self._policy.of_class(zone_class).parameters, now)
            if hold_ends is not None:
                yield hold_ends
        yield from self._desk.edges(now)
        for regime, verdict, _ in self._regimes.values():
            yield self.plan(regime.rules.zone_class, now, regime.premises).next_edge(now)
            if verdict is not None and verdict.run_until is not None:
                late_s = regime.rules.parameters.no_start_before_end_s
                yield from (w for w in (verdict.run_until, verdict.run_until - timedelta(seconds=late_s)) if w > now)
