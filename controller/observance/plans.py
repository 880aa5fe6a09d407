"""The plan of an equipment's day, as the controller has it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from controller.policy.site_policy import SitePolicy
from controller.policy.timetable import DayPlan, plan_day
from facility.almanac import THE_SITE, premises_of
from facility.calendar import Calendar
from facility.model import Site, ZoneClass


def plans_of(site: Site, policy: SitePolicy, calendar: Calendar) -> Callable[[str, ZoneClass, date], DayPlan]:
    """What gives the plan of an equipment of a zone class for a local date; of equipment that the site
    does not have, the site's as a whole.
    """
    place = site.file.site.location

    def plan(equipment: str, zone_class: ZoneClass, day: date) -> DayPlan:
        return plan_day(
            calendar,
            day,
            site.zone,
            policy.of_class(zone_class).parameters.window,
            permit_at=policy.parameters.permit_at,
            place=(place.latitude, place.longitude),
            premises=premises_of(site, equipment) if equipment in site.equipment else THE_SITE,
        )

    return plan
