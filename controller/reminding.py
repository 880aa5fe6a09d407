"""What a rule says to whom when its condition comes true."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from controller.policy.rules.places import Subject
from controller.policy.rules.schema import Rule
from facility.bus.messages import ReminderGiven
from facility.model import Site
from facility.text import Text

SHORTEST_S: Final = 60.0
"""Nobody is reminded of the same thing more often."""


def reminder_of(site: Site, rule: Rule, subject: Subject, day: date, now: datetime) -> ReminderGiven:
    """The reminder of a rule that has a `remind`. Its key is the same all day: one rule, one subject, one reminder."""
    assert rule.remind is not None
    place, words = name_of(site, subject), Text(rule.remind.zh, rule.remind.en)
    return ReminderGiven(
        key=f"{rule.id}:{subject.id or 'site'}:{day.isoformat()}",
        at=now,
        text=words if place is None else Text(f"{place.zh}：{words.zh}", f"{place.en}: {words.en}"),
        clause=rule.clause,
        office=office_of(site, subject) if rule.remind.who == "office" else None,
        equipment=subject.id if subject.per == "equipment" else None,
    )


def name_of(site: Site, subject: Subject) -> Text | None:
    """What people call the office, room or equipment; None for the site."""
    if subject.per == "office":
        return site.offices[subject.id].name.text
    if subject.per == "space":
        return site.spaces[subject.id].text
    return site.equipment[subject.id].text if subject.per == "equipment" else None


def office_of(site: Site, subject: Subject) -> str | None:
    """The office that it concerns, None where that is nobody's."""
    if subject.per == "office":
        return subject.id
    if subject.per == "space":
        space = site.spaces[subject.id]
        return space.office or space.responsible_office
    return site.office_of(subject.id) if subject.per == "equipment" else None
