"""Tells our own changes from those at the wall: inside the envelope they are respected, outside put back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from controller.alarms import AlarmBoard
from controller.arbitration import Proposal, Slot
from controller.policy.findings import Finding
from controller.policy.units import OFF, WALL
from controller.policy.wording import wish_words
from controller.records import Deviation, Record, Sort
from controller.states import FIELDS, agrees, plain, same
from facility.bus.messages import AlarmLevel
from facility.commands import Wish
from facility.decisions import Effect
from facility.envelope import judge
from facility.text import Text

LATE_EFFECT_S: Final = 600.0
"""A change to what we last ordered, so long after the order, is still ours."""

Held = tuple[datetime | None, Finding | None]


class WallWatch:
    """Compares what units show with what they should show.

    Args:
        alarms: where repeated changes are told.
        event: takes (kind, equipment, at, data) of every change: to what, in which office, against which clause, how
            long it lasted, and whether it was put back.
        office_of: the office that uses an equipment, None when nobody's.
        puts_back: what is against the rules is put back; else it is only reported.
    """

    def __init__(
        self,
        alarms: AlarmBoard,
        event: Callable[[str, str, datetime, dict[str, Any]], None],
        *,
        office_of: Callable[[str], str | None] = lambda _: None,
        puts_back: bool = True,
    ) -> None:
        self._alarms = alarms
        self._event = event
        self._office_of = office_of
        self._puts_back = puts_back

    def watch(self, record: Record, now: datetime, next_edge: datetime) -> None:
        """Compares what a unit shows with what it should show; respects or notes what was changed at the wall."""
        seen = record.observed
        if seen.on is None or record.sort in (Sort.KETTLE, Sort.PART):
            return
        if record.expect is None:
            record.expect = seen
            if not seen.on and record.timers.stopped is None:
                record.timers.stopped = now
            return
        if same(seen, record.expect):
            self._settled(record, now)
            record.expect = seen
            return
        record.expect = self._explained(record, now)
        if same(seen, record.expect):
            self._settled(record, now)
        elif not seen.on and not record.expect.on:
            record.expect = seen
        elif not seen.on or judge(record.envelope, replace(seen, fan=None), record.expect, now).allowed:
            self._adopt(record, now, next_edge)
        elif record.deviation is None:
            clause = judge(record.envelope, replace(seen, fan=None), record.expect, now).clause
            clause = clause or record.rules.clause_of.get("operator")
            record.deviation = Deviation(since=now, state=seen, clause=clause)
        else:
            record.deviation.state = seen

    def _explained(self, record: Record, now: datetime) -> Wish:
        """The expected state with those differences taken in that our own commands account for.

        A unit that shows what is wanted of it was not changed against anybody: after a restart our last commands may
        not be known.
        """
        expect = record.expect or record.observed
        if record.verdict is not None and same(record.observed, record.verdict.wanted):
            return record.observed
        recent = record.last is not None and (now - record.last.made).total_seconds() <= LATE_EFFECT_S
        orders = [order for order in (record.pending, record.last if recent else None) if order is not None]
        for name in FIELDS:
            value = getattr(record.observed, name)
            if any(agrees(name, getattr(order.wish, name), value) for order in orders):
                expect = replace(expect, **{name: value})
        return expect

    def _adopt(self, record: Record, now: datetime, next_edge: datetime) -> None:
        seen = record.observed
        wish = seen if seen.on else OFF
        data = {"to": plain(seen), "from": plain(record.expect), "inside": True, "office": self._office_of(record.id)}
        self._event("wall_change", record.id, now, data)
        record.array = record.array.put(
            Proposal(slot=Slot.PERSON, wish=wish, who=WALL, why=wish_words(wish).zh, until=next_edge)
        )
        record.expect = seen
        record.last = record.pending
        self._end_deviation(record, now, put_back=False)

    def _settled(self, record: Record, now: datetime) -> None:
        if record.deviation is not None:
            self._end_deviation(record, now, put_back=record.deviation.reported)

    def _end_deviation(self, record: Record, now: datetime, *, put_back: bool) -> None:
        deviation = record.deviation
        if deviation is None:
            return
        record.deviation = None
        duration_s = (now - deviation.since).total_seconds()
        data = {
            "to": plain(deviation.state),
            "inside": False,
            "since": deviation.since.isoformat(),
            "duration_s": duration_s,
            "put_back": put_back,
            "office": self._office_of(record.id),
            "clause": deviation.clause,
        }
        self._event("wall_change", record.id, now, data)
        self._alarms.clear(f"wall_change:{record.id}", now)

    def held(self, record: Record, now: datetime) -> Held | None:
        """A change at the wall is put back after a minute, and not for ever."""
        deviation = record.deviation
        if deviation is None or record.verdict is None:
            return None
        if deviation.wanted is None:
            deviation.wanted = record.verdict.wanted
        if record.verdict.wanted != deviation.wanted or _stops_at_once(record, deviation, now):
            return None
        if not self._puts_back:
            return None, Finding("drift-reported", Effect.HOLD, "operator", (deviation.state, deviation.since))
        p = record.rules.parameters
        due = deviation.since + timedelta(seconds=p.put_back_s)
        if now < due:
            return due, Finding("put-back", Effect.HOLD, "operator", (deviation.state, due))
        if deviation.reported:
            return None
        hour_ago = now - timedelta(hours=1)
        while record.put_backs and record.put_backs[0] <= hour_ago:
            record.put_backs.popleft()
        if len(record.put_backs) >= p.put_backs_per_hour:
            return self._left(record, deviation, now)
        record.put_backs.append(now)
        deviation.reported = True
        return None

    def _left(self, record: Record, deviation: Deviation, now: datetime) -> Held:
        shown = wish_words(deviation.state)
        self._alarms.state(
            f"wall_change:{record.id}",
            True,
            now,
            level=AlarmLevel.WARNING,
            text=Text(
                f"{record.name.zh}被反复改为{shown.zh}，已不再自动恢复",
                f"{record.name.en} is set to {shown.en} at the wall again and again and was left so",
            ),
            equipment=record.id,
        )
        again_at = record.put_backs[0] + timedelta(hours=1) if record.put_backs else None
        return again_at, Finding("put-back-limit", Effect.HOLD, "operator", (deviation.state, len(record.put_backs)))


def _stops_at_once(record: Record, deviation: Deviation, now: datetime) -> bool:
    """Whether nothing is borne any longer: fire, or the end of the hours came after the change at the wall (AC-05)."""
    assert record.verdict is not None
    if record.verdict.slot <= Slot.AUTOMATIC_LIFE_SAFETY:
        return True
    return record.closing is not None and deviation.since < record.closing <= now
