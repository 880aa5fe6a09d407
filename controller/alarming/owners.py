"""Who looks after an alarm: whoever is on duty, or the responsible of the office it is about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from facility.calendar import Calendar
from facility.model import Site
from facility.model.alarm_entries import ConditionEntry
from facility.text import Text

OnDuty = Callable[[datetime], Text | None]
"""Who is on duty at a time (aware); None where the roster does not say."""

DUTY_ROOM: Final = Text("值班室", "duty room")
ADMIN_SECTION: Final = Text("行政科", "administration section")
LEADER: Final = Text("分管领导", "leader in charge")


def nobody_listed(now: datetime) -> Text | None:  # noqa: ARG001 - the shape of a roster
    """The roster of a site that keeps none."""
    return None


def on_duty_by(calendar: Calendar) -> OnDuty:
    """The duty roster that the office's calendar keeps."""

    def who(now: datetime) -> Text | None:
        names = [person.name for person in calendar.duty_people(now)]
        return Text("、".join(names), ", ".join(names)) if names else None

    return who


class Owners:
    """Finds who looks after an alarm (CAL-02, CAL-05: alarms go to the shift on duty; AC-14: a room has an office).

    Args:
        site: the offices, and which equipment is whose.
        on_duty: the duty roster.
    """

    def __init__(self, site: Site, on_duty: OnDuty = nobody_listed) -> None:
        self._site = site
        self._on_duty = on_duty

    def of(self, entry: ConditionEntry, key: str, equipment: str | None, now: datetime) -> Text:
        """The owner of an alarm of `entry` at `now`. `key` may name an office where there is no equipment."""
        match entry.who:
            case "admin_section":
                return ADMIN_SECTION
            case "leader":
                return LEADER
            case "office":
                return self._office(key, equipment) or self._duty(now)
            case _:
                return self._duty(now)

    def _duty(self, now: datetime) -> Text:
        person = self._on_duty(now)
        return DUTY_ROOM if person is None else Text(f"{DUTY_ROOM.zh} {person.zh}", f"{DUTY_ROOM.en}: {person.en}")

    def _office(self, key: str, equipment: str | None) -> Text | None:
        office: str | None = key.partition(":")[2]
        if equipment is not None and equipment in self._site.equipment:
            office = self._site.office_of(equipment)
        if office is None or office not in self._site.offices:
            return None
        entry = self._site.offices[office]
        name, role = entry.name.text, entry.responsible
        return name if role is None else Text(f"{name.zh} {role}", f"{name.en} ({role})")
