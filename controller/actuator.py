"""Closes the loop: sends what is wanted, watches what came of it, and tells our own changes from those at the wall."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from controller.alarms import AlarmBoard
from controller.arbitration import Proposal, Slot
from controller.guard import Stagger, held_back
from controller.policy.findings import Finding
from controller.policy.units import OFF, WALL
from controller.policy.wording import wish_words
from controller.records import Deviation, Record, Sort
from controller.sensing import FANS, MODES, rebuild
from facility.bus import Bus, CommandIssued
from facility.bus.messages import AlarmLevel
from facility.commands import (
    RULE_ENGINE,
    Actor,
    Command,
    Confirmed,
    Expired,
    NotEffective,
    Outcome,
    Refused,
    Unreachable,
    Wish,
)
from facility.decisions import Effect
from facility.envelope import judge
from facility.readings import to_us
from facility.text import Text

SETPOINT_TOLERANCE_C: Final = 0.26
"""Units round setpoints to half degrees; what is nearer than this is the same."""
FIRST_RETRY_S: Final = 30.0
LONGEST_RETRY_S: Final = 3600.0
LATE_EFFECT_S: Final = 600.0
"""A change to what we last ordered, so long after the order, is still ours."""
GRACE_S: Final = 5.0

Held = tuple[datetime | None, Finding | None]
NOTHING_HELD: Final[Held] = (None, None)


class Actuator:
    """Sends commands for records and digests their outcomes.

    Args:
        bus: where commands go.
        alarms: where failures are told.
        stagger: keeps starts apart.
        deadline_s: clock seconds for which a command may be carried out.
        describe: the sentence that goes with a command.
        event: takes (kind, equipment, at, data) of what happened at the wall.
    """

    def __init__(
        self,
        bus: Bus,
        alarms: AlarmBoard,
        stagger: Stagger,
        *,
        deadline_s: float,
        describe: Callable[[Record, datetime], Text],
        event: Callable[[str, str, datetime, dict[str, Any]], None],
    ) -> None:
        self._bus = bus
        self._alarms = alarms
        self._stagger = stagger
        self._deadline = timedelta(seconds=deadline_s)
        self._describe = describe
        self._event = event
        self.actors: dict[str, Actor] = {}

    # What happened at the unit

    def watch(self, record: Record, now: datetime, next_edge: datetime) -> None:
        """Compares what a unit shows with what it should show; respects or notes what was changed at the wall."""
        seen = record.observed
        if seen.on is None or record.sort is Sort.KETTLE:
            return
        if record.expect is None:
            record.expect = seen
            if not seen.on and record.timers.stopped is None:
                record.timers.stopped = now
            return
        if same(seen, record.expect):
            self._settled(record, now)
            return
        record.expect = self._explained(record, now)
        if same(seen, record.expect):
            self._settled(record, now)
        elif not seen.on and not record.expect.on:
            record.expect = seen
        elif not seen.on or judge(record.envelope, replace(seen, fan=None), record.expect, now).allowed:
            self._adopt(record, now, next_edge)
        elif record.deviation is None:
            record.deviation = Deviation(since=now, state=seen)
        else:
            record.deviation.state = seen

    def _explained(self, record: Record, now: datetime) -> Wish:
        """The expected state with those differences taken in that our own commands account for."""
        expect = record.expect or record.observed
        recent = record.last is not None and (now - record.last.made).total_seconds() <= LATE_EFFECT_S
        orders = [order for order in (record.pending, record.last if recent else None) if order is not None]
        for name in ("on", "mode", "setpoint_c", "fan"):
            value = getattr(record.observed, name)
            if any(_agrees(name, getattr(order.wish, name), value) for order in orders):
                expect = replace(expect, **{name: value})
        return expect

    def _adopt(self, record: Record, now: datetime, next_edge: datetime) -> None:
        seen = record.observed
        wish = seen if seen.on else OFF
        self._event("wall_change", record.id, now, {"to": _plain(seen), "from": _plain(record.expect), "inside": True})
        record.array = record.array.put(
            Proposal(slot=Slot.PERSON, wish=wish, who=WALL, why=wish_words(wish).zh, until=next_edge)
        )
        record.expect = seen
        record.order = None
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
        data = {"to": _plain(deviation.state), "inside": False, "duration_s": duration_s, "put_back": put_back}
        self._event("wall_change", record.id, now, data)
        self._alarms.clear(f"wall_change:{record.id}", now)

    # What is sent

    def act(self, record: Record, now: datetime, *, fresh: bool, grown_up: bool) -> Held:
        """Sends what the verdict wants where it differs from what is. Gives when to look again, and what holds it back.

        `fresh`: the unit's state is recent. `grown_up`: we have been listening long enough to call silence silence.
        """
        assert record.verdict is not None
        change = self._change(record, fresh=fresh, grown_up=grown_up)
        if change.is_empty():
            if record.pending is None:
                self._well(record, now)
            return NOTHING_HELD
        if not fresh and change.on is not False and record.order is None:
            return None, Finding("unit-unknown", Effect.HOLD)
        held = self._held(record, change, now)
        if held is not None:
            return held
        self._send(record, change, now)
        return NOTHING_HELD

    def _change(self, record: Record, *, fresh: bool, grown_up: bool) -> Wish:
        assert record.verdict is not None
        wanted, seen = record.verdict.wanted, record.observed
        if wanted.on is False:
            is_off = seen.on is False and (fresh or record.sort is not Sort.KETTLE)
            unknown = seen.on is None and not grown_up
            return Wish() if (is_off or unknown) and record.order is None else OFF
        if record.order is not None or (wanted.on and seen.on is not True):
            return _fitting(wanted, record)
        return Wish(
            mode=wanted.mode if wanted.mode is not seen.mode and "mode" in record.has else None,
            setpoint_c=_setpoint_change(wanted, seen) if "setpoint" in record.has else None,
            fan=wanted.fan if wanted.fan is not seen.fan and "fan" in record.has else None,
        )

    def _held(self, record: Record, change: Wish, now: datetime) -> Held | None:
        assert record.verdict is not None
        if record.pending is not None and record.order is None and _covers(record.pending.wish, change):
            lost_at = record.pending.deadline + timedelta(seconds=GRACE_S)
            if now < lost_at:
                return lost_at, None
            self._failed(record, now, f"lost:{record.pending.id}")
        again = record.last is not None and _covers(record.last.wish, change) and record.order is None
        if again and record.retry_at is not None and now < record.retry_at:
            return record.retry_at, Finding("retry", Effect.HOLD, "", (record.retry_at,))
        held = self._held_by_wall(record, now) if record.order is None else None
        if held is not None:
            return held
        running = record.observed.on is True
        held = held_back(
            record.timers,
            change,
            running=running,
            legal_stop=record.verdict.legal_stop,
            p=record.rules.parameters,
            now=now,
        )
        if held is None and change.on and not running and record.sort is not Sort.KETTLE:
            free_at = self._stagger.wait_until(record.group, now)
            return None if free_at is None else (free_at, None)
        return held

    def _held_by_wall(self, record: Record, now: datetime) -> Held | None:
        """A change at the wall is put back after a minute, and not for ever."""
        deviation = record.deviation
        if deviation is None or record.verdict is None:
            return None
        if deviation.wanted is None:
            deviation.wanted = record.verdict.wanted
        if record.verdict.wanted != deviation.wanted:
            return None
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
                f"{record.name.zh}被反复改为{shown.zh},已不再自动恢复",
                f"{record.name.en} is set to {shown.en} at the wall again and again and was left so",
            ),
            equipment=record.id,
        )
        again_at = record.put_backs[0] + timedelta(hours=1) if record.put_backs else None
        return again_at, Finding("put-back-limit", Effect.HOLD, "operator", (deviation.state, len(record.put_backs)))

    def _send(self, record: Record, change: Wish, now: datetime) -> None:
        assert record.verdict is not None
        starting = change.on is True and record.observed.on is not True
        deadline = now + self._deadline
        run_until = record.verdict.legal.run_until
        if change.on is not False and run_until is not None and run_until > now:
            deadline = min(deadline, run_until)
        order = record.order
        details = {} if order is None else {"id": order}
        actor = RULE_ENGINE if order is None else self.actors.pop(order, RULE_ENGINE)
        reason = self._describe(record, now)
        command = Command(
            equipment=record.id, wish=change, actor=actor, made=now, deadline=deadline, reason=reason, **details
        )
        record.order = None
        record.pending = record.last = command
        if starting and record.sort is not Sort.KETTLE:
            self._stagger.took(record.group, now)
        if change.setpoint_c is not None:
            record.timers.setpoint_written = now
        if change.mode is not None and change.mode is not record.observed.mode:
            record.timers.mode_changed = now
        self._bus.publish(CommandIssued(command=command))

    # What came of it

    def digest(self, record: Record, outcome: Outcome, now: datetime) -> None:
        """Takes an outcome in."""
        ours = record.pending is not None and record.pending.id == outcome.command_id
        record.dirty = True
        if isinstance(outcome, Confirmed):
            self._confirmed(record, outcome)
            if ours:
                record.pending = None
                self._well(record, now)
            return
        if not ours:
            return
        match outcome:
            case NotEffective():
                self._failed(record, now, "not_effective")
            case Unreachable():
                self._failed(record, now, "unreachable")
            case Refused():
                self._failed(record, now, "refused")
            case Expired():
                self._failed(record, now, "expired")

    def _confirmed(self, record: Record, outcome: Confirmed) -> None:
        sent = next(
            (order for order in (record.pending, record.last) if order and order.id == outcome.command_id), None
        )
        read = outcome.read
        if sent is not None:
            read = Wish(**{name: _first(getattr(read, name), getattr(sent.wish, name)) for name in _FIELDS})
        at_us = to_us(outcome.at)
        senses = record.senses
        was_on = senses.on
        senses.on = senses.on if read.on is None else float(read.on)
        senses.mode = senses.mode if read.mode is None else float(MODES.index(read.mode))
        senses.setpoint = senses.setpoint if read.setpoint_c is None else read.setpoint_c
        senses.fan = senses.fan if read.fan is None else float(FANS.index(read.fan))
        record.confirmed_us = max(record.confirmed_us, at_us)
        senses.on_us = max(senses.on_us or 0, at_us) if read.on is not None else senses.on_us
        if senses.on is not None and was_on != senses.on:
            if senses.on > 0:
                record.timers.started = outcome.at
            else:
                record.timers.stopped = outcome.at
        rebuild(record)
        expect = record.expect or record.observed
        record.expect = Wish(**{name: _first(getattr(read, name), getattr(expect, name)) for name in _FIELDS})

    def _failed(self, record: Record, now: datetime, how: str) -> None:
        kind = how.partition(":")[0]
        record.pending = None
        record.failures += 1
        pause_s = min(FIRST_RETRY_S * 2 ** (record.failures - 1), LONGEST_RETRY_S)
        record.retry_at = now + timedelta(seconds=pause_s)
        if kind in ("refused", "expired", "lost") and record.failures < 2:
            return
        words = _FAILURES[kind]
        self._alarms.state(
            f"{kind}:{record.id}",
            True,
            now,
            level=AlarmLevel.SERIOUS if kind == "not_effective" else AlarmLevel.WARNING,
            text=Text(f"{record.name.zh}:{words.zh}", f"{record.name.en}: {words.en}"),
            equipment=record.id,
        )

    def _well(self, record: Record, now: datetime) -> None:
        record.retry_at = None
        if record.failures:
            record.failures = 0
            for kind in _FAILURES:
                self._alarms.clear(f"{kind}:{record.id}", now)


_FIELDS: Final = ("on", "mode", "setpoint_c", "fan")
_FAILURES: Final = {
    "not_effective": Text("命令已应答但未生效", "a command was acknowledged and did not take effect"),
    "unreachable": Text("设备无法通信,命令未送达", "the device cannot be reached, a command was not delivered"),
    "refused": Text("网关拒绝执行命令", "the gateway refused a command"),
    "expired": Text("命令过期未执行", "a command expired before it was carried out"),
    "lost": Text("命令没有回音", "nothing was heard of a command"),
}


def _first(value: Any, other: Any) -> Any:
    return other if value is None else value


def same(one: Wish, other: Wish) -> bool:
    """Whether two states are the same as far as both are known."""
    return all(
        a is None or b is None or _agrees(name, a, b)
        for name in _FIELDS
        for a, b in ((getattr(one, name), getattr(other, name)),)
    )


def _agrees(name: str, wanted: Any, seen: Any) -> bool:
    if wanted is None or seen is None:
        return False
    if name == "setpoint_c":
        return bool(abs(wanted - seen) < SETPOINT_TOLERANCE_C)
    return bool(wanted == seen)


def _setpoint_change(wanted: Wish, seen: Wish) -> float | None:
    if wanted.setpoint_c is None or seen.setpoint_c is None:
        return None
    return None if _agrees("setpoint_c", wanted.setpoint_c, seen.setpoint_c) else wanted.setpoint_c


def _fitting(wish: Wish, record: Record) -> Wish:
    """The wish without what the unit has no point for."""
    return Wish(
        on=wish.on,
        mode=wish.mode if "mode" in record.has else None,
        setpoint_c=wish.setpoint_c if "setpoint" in record.has else None,
        fan=wish.fan if "fan" in record.has else None,
    )


def _covers(sent: Wish, change: Wish) -> bool:
    """Whether `sent` already orders all of `change`."""
    return all(
        getattr(change, name) is None or _agrees(name, getattr(sent, name), getattr(change, name)) for name in _FIELDS
    )


def _plain(wish: Wish | None) -> dict[str, Any]:
    if wish is None:
        return {}
    return {name: value for name in _FIELDS if (value := getattr(wish, name)) is not None}
