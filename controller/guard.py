"""What holds a command back though it is wanted: minimum times, limits on changes, staggered starts. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from controller.policy.findings import Finding
from controller.policy.schema import Parameters
from facility.commands import Wish
from facility.decisions import Effect


@dataclass(slots=True, kw_only=True)
class Timers:
    """When a unit last started and stopped (whoever did it), and when we last wrote a mode or a setpoint to it; None:
    not known or never.
    """

    started: datetime | None = None
    stopped: datetime | None = None
    mode_changed: datetime | None = None
    setpoint_written: datetime | None = None


def held_back(
    timers: Timers, change: Wish, *, running: bool, at_once: bool, p: Parameters, now: datetime
) -> tuple[datetime, Finding | None] | None:
    """Until when `change` must wait, and the finding that says so (None for waits nobody needs to read about).

    None: it may be sent now. `running`: the unit runs. `at_once`: an off that law, safety or a person
    asks for. A mode that the unit has already is no change and must not be in `change`.
    """
    if change.on is False:
        until = None if at_once else _after(timers.started, p.min_on_s, now)
        return None if until is None else (until, Finding("min-on", Effect.HOLD, "", (until,)))
    if change.on and not running:
        until = _after(timers.stopped, p.min_off_s, now)
        if until is not None:
            return until, Finding("min-off", Effect.HOLD, "", (until,))
    if change.mode is not None:
        until = _after(timers.mode_changed, p.mode_change_s, now)
        if until is not None:
            return until, Finding("mode-change", Effect.HOLD, "", (until,))
    if change.setpoint_c is not None and running:
        until = _after(timers.setpoint_written, p.setpoint_write_s, now)
        if until is not None:
            return until, None
    return None


def _after(since: datetime | None, wait_s: float, now: datetime) -> datetime | None:
    if since is None:
        return None
    until = since + timedelta(seconds=wait_s)
    return until if until > now else None


class Stagger:
    """Starts of one outdoor unit come one after the other, `gap_s` apart. Stops never wait.

    Args:
        gap_s: clock seconds between two starts in one group.
    """

    def __init__(self, gap_s: float) -> None:
        self._gap = timedelta(seconds=gap_s)
        self._free_at: dict[str, datetime] = {}
        self._turns: dict[str, datetime] = {}
        self._started: dict[str, datetime] = {}

    def turn(self, group: str, unit: str, now: datetime) -> datetime | None:
        """When `unit` may start, None: now. Who has to wait keeps its turn, so that nobody asks twice."""
        turn = self._turns.get(unit)
        if turn is None or turn + self._gap < now:
            turn = max(now, self._free_at.get(group, now))
            self._turns[unit] = turn
            self._free_at[group] = turn + self._gap
        last = self._started.get(group)
        if last is not None:
            turn = max(turn, last + self._gap)
        return turn if turn > now else None

    def started(self, group: str, unit: str, now: datetime) -> None:
        """`unit` took its turn."""
        self._turns.pop(unit, None)
        self._started[group] = now
