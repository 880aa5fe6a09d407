"""Switches units off when their window ends, with or without a controller, and says when one has gone missing."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from facility.bus import AlarmChanged, Bus, CommandIssued
from facility.bus.messages import AlarmLevel
from facility.clock import Clock, stretched_s
from facility.commands import WATCHDOG, Command, Wish
from facility.envelope import Bound, Envelope, OnLoss, must_stop
from facility.text import Text
from gateway.guard import Guard
from gateway.unit import Unit

log = logging.getLogger(__name__)

PERIOD_S: Final = 5.0
FIRST_PATIENCE_S: Final = 60.0
LONGEST_PATIENCE_S: Final = 900.0
DEADLINE_S: Final = 120.0


@dataclass(slots=True, kw_only=True)
class _Stop:
    """The last order to switch a unit off, whoever gave it, and how long to wait before the next."""

    at: datetime
    patience_s: float


class Watchdog:
    """Looks after every unit that has an envelope.

    Args:
        units: what can be switched, by equipment id.
        guard: holds the envelopes.
        bus: takes the watchdog's orders and alarms like anybody else's.
        clock: envelopes are on it.
    """

    def __init__(self, units: Mapping[str, Unit], guard: Guard, bus: Bus, clock: Clock) -> None:
        self._units = units
        self._guard = guard
        self._bus = bus
        self._clock = clock
        self._stops: dict[str, _Stop] = {}
        self._lost: dict[str, bool] = {}
        self._leave: Callable[[], None] = bus.listen(CommandIssued, self._note)

    async def run(self) -> None:
        """Looks again and again."""
        period = timedelta(seconds=stretched_s(PERIOD_S, self._clock.pace))
        while True:
            self.look()
            await self._clock.sleep_until(self._clock.now() + period)

    def look(self) -> None:
        """One pass over all units, now; none while another process acts, or the site is only tried out."""
        if self._guard.stands_by:
            return
        now = self._clock.now()
        for equipment, envelope in self._guard.envelopes.items():
            unit = self._units.get(equipment)
            if unit is None:
                continue
            if must_stop(envelope, now):
                self._stop(unit, envelope, now)
            else:
                self._stops.pop(equipment, None)
            self._tell_loss(equipment, envelope, now)

    def _stop(self, unit: Unit, envelope: Envelope, now: datetime) -> None:
        if unit.is_on() is False:
            self._stops.pop(unit.id, None)
            return
        last = self._stops.get(unit.id)
        if last is not None and (now - last.at).total_seconds() < last.patience_s:
            return
        patience_s = FIRST_PATIENCE_S if last is None else min(2 * last.patience_s, LONGEST_PATIENCE_S)
        self._stops[unit.id] = _Stop(at=now, patience_s=stretched_s(patience_s, self._clock.pace))
        reason = _why_stopped(envelope, now)
        log.info("%s: %s", unit.id, reason.en)
        command = Command(
            equipment=unit.id,
            wish=Wish(on=False),
            actor=WATCHDOG,
            made=now,
            deadline=now + timedelta(seconds=stretched_s(DEADLINE_S, self._clock.pace)),
            reason=reason,
        )
        self._bus.publish(CommandIssued(command=command))

    def _note(self, message: CommandIssued) -> None:
        """Somebody else's OFF counts as well: it is given time to take effect."""
        command = message.command
        if command.wish.on is False and command.equipment not in self._stops:
            patience_s = stretched_s(FIRST_PATIENCE_S, self._clock.pace)
            self._stops[command.equipment] = _Stop(at=self._clock.now(), patience_s=patience_s)

    def _tell_loss(self, equipment: str, envelope: Envelope, now: datetime) -> None:
        """A unit that keeps running without its controller is an alarm until an envelope comes again. The first look
        ends one of before.
        """
        keeps = envelope.on_loss is OnLoss.KEEP
        lost = keeps and now >= envelope.valid_until
        if self._lost.get(equipment, None if keeps else False) is lost:
            return
        self._lost[equipment] = lost
        self._bus.publish(
            AlarmChanged(
                key=f"controller_lost:{equipment}",
                active=lost,
                level=AlarmLevel.SERIOUS,
                at=now,
                text=Text("控制器失联，设备保持原状态运行", "the controller is gone; the unit keeps running as it is"),
                equipment=equipment,
            )
        )

    def close(self) -> None:
        """Stops listening."""
        self._leave()


def _why_stopped(envelope: Envelope, now: datetime) -> Text:
    clause = envelope.clauses.get(Bound.RUN_UNTIL)
    zh, en = (f"（{clause}）", f" ({clause})") if clause else ("", "")
    if envelope.may_run_until is not None and now >= envelope.may_run_until:
        return Text(
            f"已过允许运行时间{zh}，由网关自行关机",
            f"past the end of its window{en}, switched off by the gateway itself",
        )
    return Text(
        f"控制器失联前设备未获准运行{zh}，由网关自行关机",
        f"the controller is gone and the unit had to be off{en}, switched off by the gateway itself",
    )
