"""Reckons one local day of a site: every rule, every equipment, from the store and the journal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from controller.observance.days import Allowed, allowed
from controller.observance.judging import judge_unit
from controller.observance.minutes import Minutes
from controller.observance.reading import DayReader, Holds
from controller.observance.rooms import judge_archives, judge_lights
from controller.observance.walls import EVENT, judge_walls
from controller.policy.site_policy import SitePolicy
from controller.policy.timetable import DayPlan
from facility.filing_scope import equipment_in
from facility.filings import Filing
from facility.journal import Journal
from facility.local_days import midnight
from facility.model import Site, ZoneClass
from facility.observance import Observed
from facility.store import Store

PlanOf = Callable[[str, ZoneClass, date], DayPlan]

MOST_EVENTS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a day is reckoned from. `plan_of` gives the plan of an
    equipment of a zone class for a local date."""

    site: Site
    policy: SitePolicy
    plan_of: PlanOf
    store: Store
    journal: Journal
    holds: Holds


def reckon_day(evidence: Evidence, day: date, until: datetime) -> list[Observed]:
    """How the rules were kept to on the local `day`, up to `until` (aware) where the day is not over. Blocking.

    Raises:
        StoreUnavailable, StoreDamaged: readings or records cannot be had now.
    """
    site = evidence.site
    start, end = midnight(day, site.zone), midnight(day + timedelta(days=1), site.zone)
    until = min(end, until.replace(second=0, microsecond=0))
    if until <= start:
        return []
    minutes = Minutes(start, until)
    reader = DayReader(site, evidence.store, minutes, evidence.holds)
    granted = _granted(site, evidence.journal.filings.register(start, until), minutes)
    events = evidence.journal.events(EVENT, start=start, end=until, limit=MOST_EVENTS)
    rows = [
        *_units(evidence, reader, day, granted),
        *judge_archives(reader, evidence.policy, day),
        *judge_lights(reader, day),
        *judge_walls(events, day=day, office_of=lambda name: _office_of(site, name), clause_of={}),
    ]
    return [replace(row, spans=row.spans[:MOST_SPANS]) for row in rows]


MOST_SPANS = 200
"""Spans kept of a day for one rule and equipment: more would be a state that flutters, which the minutes tell."""


def _units(evidence: Evidence, reader: DayReader, day: date, granted: dict[str, Allowed]) -> Iterator[Observed]:
    site = evidence.site
    nothing = allowed(reader.minutes, ())
    for unit in site.indoor_units.values():
        zone_class = site.spaces[unit.serves[0]].zone_class
        rules = evidence.policy.of_class(zone_class)
        if rules.is_climate or site.point_of(unit.id, "on") is None:
            continue
        plan = evidence.plan_of(unit.id, zone_class, day)
        yield from judge_unit(reader.unit(unit, rules, plan, granted.get(unit.id, nothing)))


def _granted(site: Site, filings: list[Filing], minutes: Minutes) -> dict[str, Allowed]:
    """Equipment -> what filings allowed it; those that none concerns are left out."""
    concerned: dict[str, list[Filing]] = {}
    for filing in filings:
        for equipment in equipment_in(site, filing.scope):
            concerned.setdefault(equipment, []).append(filing)
    return {equipment: allowed(minutes, found) for equipment, found in concerned.items()}


def _office_of(site: Site, equipment: str) -> str | None:
    return site.office_of(equipment) if equipment in site.equipment else None
