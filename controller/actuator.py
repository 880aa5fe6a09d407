"""Closes the loop: sends what is wanted where it differs from what is, and digests what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from controller.alarms import AlarmBoard
from controller.arbitration import Slot
from controller.authority import ALWAYS, Authority
from controller.guard import MinTimes, held_back, min_times
from controller.policy.facts import NOTHING
from controller.policy.findings import Finding
from controller.policy.units import OFF
from controller.records import Record, Sort
from controller.sensing import FANS, MODES, rebuild
from controller.starts import Starts
from controller.states import change_of, covers, fitting, over
from controller.wall import Held, WallWatch
from facility.bus import Bus, CommandIssued
from facility.bus.messages import AlarmLevel
from facility.commands import (
    RULE_ENGINE,
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
from facility.readings import to_us
from facility.text import Text

FIRST_RETRY_S: Final = 30.0
LONGEST_RETRY_S: Final = 3600.0
GRACE_S: Final = 5.0

NOTHING_HELD: Final[Held] = (None, None)


class Actuator:
    """Sends commands for records and digests their outcomes.

    Args:
        bus: where commands go.
        alarms: where failures are told.
        starts: gives every start its turn.
        deadline_s: clock seconds for which a command may be carried out.
        wall: what was changed at the wall, and how long that is borne.
        describe: the sentence that goes with a command.
        authority: whether this controller may command.
        min_times_s: what the site says of minimum times, by kind of equipment.
    """

    def __init__(
        self,
        bus: Bus,
        alarms: AlarmBoard,
        starts: Starts,
        *,
        deadline_s: float,
        wall: WallWatch,
        describe: Callable[[Record, datetime], Text],
        authority: Authority = ALWAYS,
        min_times_s: Mapping[str, MinTimes] | None = None,
    ) -> None:
        self._bus = bus
        self._alarms = alarms
        self._starts = starts
        self._min_times = dict(min_times_s or {})
        self._deadline = timedelta(seconds=deadline_s)
        self._describe = describe
        self._wall = wall
        self._authority = authority

    # What is sent

    def act(self, record: Record, now: datetime, *, fresh: bool, grown_up: bool) -> Held:
        """Sends what the verdict wants where it differs from what is. Gives when to look again, and what holds it back.

        `fresh`: the unit's state is recent. `grown_up`: we have been listening long enough to call silence silence.
        """
        assert record.verdict is not None
        change = self._change(record, fresh=fresh, grown_up=grown_up)
        if not change.on:
            self._starts.withdrawn(record.id)
        if change is NOTHING:
            if record.pending is None:
                self._well(record, now)
            return NOTHING_HELD
        barred = self._authority.holds()
        if barred is not None:
            record.pending = None
            return None, barred
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
            return NOTHING if (is_off or unknown) and record.order is None else OFF
        if record.order is not None or (wanted.on and seen.on is not True):
            return fitting(wanted, record.has)
        return change_of(wanted, seen, record.has)

    def _held(self, record: Record, change: Wish, now: datetime) -> Held | None:
        assert record.verdict is not None
        if record.pending is not None and record.order is None and covers(record.pending.wish, change):
            lost_at = record.pending.deadline + timedelta(seconds=GRACE_S)
            if now < lost_at:
                return lost_at, None
            self._failed(record, now, f"lost:{record.pending.id}")
        again = record.last is not None and covers(record.last.wish, change) and record.order is None
        if again and record.retry_at is not None and now < record.retry_at:
            return record.retry_at, Finding("retry", Effect.HOLD, "", (record.retry_at,))
        held = self._wall.held(record, now) if record.order is None else None
        if held is not None:
            return held
        return None if record.sort in (Sort.KETTLE, Sort.PART) else self._held_by_guard(record, change, now)

    def _held_by_guard(self, record: Record, change: Wish, now: datetime) -> Held | None:
        """Minimum times and limits of an equipment, then its turn to start. A kettle's relay has none."""
        assert record.verdict is not None
        running = record.observed.on is True
        at_once = record.verdict.legal_stop or record.verdict.slot <= Slot.PERSON
        if change.mode is record.observed.mode:
            change = replace(change, mode=None)
        p = record.rules.parameters
        times = min_times(record.kind, p, self._min_times)
        held = held_back(record.timers, change, running=running, at_once=at_once, p=p, now=now, times=times)
        if held is None and change.on and not running:
            return self._starts.turn(record.id, now)
        return held

    def _send(self, record: Record, change: Wish, now: datetime) -> None:
        assert record.verdict is not None
        starting = change.on is True and record.observed.on is not True
        deadline = now + self._deadline
        run_until = record.verdict.legal.run_until
        if change.on is not False and run_until is not None and run_until > now:
            deadline = min(deadline, run_until)
        order = record.order
        details: dict[str, Any] = {} if order is None else {"id": order}
        actor = record.order_actor if order is not None and record.order_actor is not None else RULE_ENGINE
        reason = self._describe(record, now)
        command = Command(
            equipment=record.id,
            wish=change,
            actor=actor,
            made=now,
            deadline=deadline,
            reason=reason,
            fence=self._authority.fence,
            **details,
        )
        record.order = record.order_actor = None
        if record.last is not None and not covers(record.last.wish, change):
            record.failures = min(record.failures, 1)
        record.pending = record.last = command
        if starting and record.sort is not Sort.KETTLE:
            self._starts.started(record.id, now)
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
            case Refused(again_at=datetime() as again_at):
                record.pending, record.retry_at = None, again_at
            case Refused():
                self._failed(record, now, "refused")
            case Expired():
                self._failed(record, now, "expired")

    def _confirmed(self, record: Record, outcome: Confirmed) -> None:
        sent = next(
            (order for order in (record.pending, record.last) if order and order.id == outcome.command_id), None
        )
        read = outcome.read if sent is None else over(outcome.read, sent.wish)
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
        record.expect = over(read, record.expect or record.observed)

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
            text=Text(f"{record.name.zh}：{words.zh}", f"{record.name.en}: {words.en}"),
            equipment=record.id,
        )

    def _well(self, record: Record, now: datetime) -> None:
        record.retry_at = None
        if record.failures:
            record.failures = 0
            for kind in _FAILURES:
                self._alarms.clear(f"{kind}:{record.id}", now)


_FAILURES: Final = {
    "not_effective": Text("命令已应答但未生效", "a command was acknowledged and did not take effect"),
    "unreachable": Text("设备无法通信，命令未送达", "the device cannot be reached, a command was not delivered"),
    "refused": Text("网关拒绝执行命令", "the gateway refused a command"),
    "expired": Text("命令过期未执行", "a command expired before it was carried out"),
    "lost": Text("命令没有回音", "nothing was heard of a command"),
}
