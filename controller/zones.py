"""The zone classes in use: their day plans, what supply remembers for each, and the verdict they share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from controller.policy.facts import SupplyMemory, Weather
from controller.policy.site_policy import SitePolicy
from controller.policy.supply import step_supply, supply_wake
from controller.policy.timetable import DayPlan, plan_day
from controller.policy.zones import ClassVerdict, class_verdict
from controller.records import Record, Sort
from facility.calendar import Calendar
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
    """

    def __init__(self, site: Site, policy: SitePolicy, calendar: Calendar, records: Iterable[Record]) -> None:
        self._site, self._policy, self._calendar = site, policy, calendar
        self._classes = sorted({record.rules.zone_class for record in records if record.sort is Sort.UNIT})
        self._plans: dict[ZoneClass | str, DayPlan] = {}
        self._keys: dict[ZoneClass, object] = {}
        self.supply: dict[ZoneClass, SupplyMemory] = {}
        self.verdicts: dict[ZoneClass, ClassVerdict] = {}

    def plan_of(self, record: Record, now: datetime) -> DayPlan:
        """The plan of today for an equipment's hours."""
        return self.plan(KETTLES if record.sort is Sort.KETTLE else record.rules.zone_class, now)

    def plan(self, key: ZoneClass | str, now: datetime) -> DayPlan:
        """The plan of today for a zone class, or for the kettles."""
        plan = self._plans.get(key)
        if plan is not None and plan.midnight <= now < plan.next_midnight:
            return plan
        p = self._policy.parameters
        hours = self._policy.of_class(key).parameters.window if isinstance(key, ZoneClass) else p.kettle_window
        place = self._site.file.site.location
        day = now.astimezone(self._site.zone).date()
        plan = self._plans[key] = plan_day(
            self._calendar,
            day,
            self._site.zone,
            hours,
            permit_at=p.permit_at,
            place=(place.latitude, place.longitude),
        )
        return plan

    def judge(self, weather: Weather, now: datetime) -> set[ZoneClass]:
        """Steps every class; gives those whose verdict changed."""
        changed = set()
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
        return changed

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
