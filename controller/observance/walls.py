"""Changes at the wall that went against the rules (AC-10): how often, for how long, and whether they were put back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Final

from facility.journal.records import EventRecord
from facility.observance import Observed, Rule, Span

EVENT: Final = "wall_change"
CLAUSE: Final = "AC-10"


def judge_walls(
    events: Iterable[EventRecord],
    *,
    day: date,
    office_of: Callable[[str], str | None],
    clause_of: Mapping[str, str],
) -> Iterator[Observed]:
    """The changes that ended on `day`, by equipment. Those inside the envelope are respected and not told here; one
    that is told without a duration still counts.

    Args:
        events: `wall_change` of that day; `inside`, `duration_s` and `put_back` are read from their data.
        office_of: who answers for an equipment.
        clause_of: the clause by equipment where it is not AC-10.
    """
    by_equipment: dict[str, list[EventRecord]] = defaultdict(list)
    for event in sorted(events, key=lambda known: known.at):
        if event.equipment is not None and not event.data.get("inside", False):
            by_equipment[event.equipment].append(event)
    for equipment, changes in by_equipment.items():
        spans = tuple(_span(change) for change in changes)
        minutes = round(sum((span.end - span.start).total_seconds() for span in spans) / 60)
        yield Observed(
            day=day,
            office=office_of(equipment),
            equipment=equipment,
            rule=Rule.WALL_CHANGE,
            clause=clause_of.get(equipment, CLAUSE),
            judged_minutes=minutes,
            broken_minutes=minutes,
            times=len(changes),
            put_back=sum(1 for change in changes if change.data.get("put_back") is True),
            spans=spans,
        )


def _span(change: EventRecord) -> Span:
    duration_s = change.data.get("duration_s")
    lasted = timedelta(seconds=float(duration_s)) if isinstance(duration_s, int | float) else timedelta()
    return Span(start=change.at - lasted, end=change.at)
