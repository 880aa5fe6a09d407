"""What is legal for a unit now. The controller computes it, the gateway checks every write against it with this code.

An envelope is the intersection of all enforced rules that apply to the unit, widened only by an approved exception.
Missing or expired, it permits nothing new: starts and relaxations are refused, switching off always passes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from facility.commands import Mode, Wish
from facility.text import Text


class Bound(StrEnum):
    """The part of an envelope that a clause sets."""

    START = "start"
    MODE = "mode"
    SETPOINT_LOW = "setpoint_low"
    SETPOINT_HIGH = "setpoint_high"
    RUN_UNTIL = "run_until"


class OnLoss(StrEnum):
    """What the gateway does with a running unit when no controller renews its envelope (by zone class)."""

    STOP = "stop"
    KEEP = "keep"


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Allowed setpoints in degrees Celsius, both ends included; None means no bound on that side."""

    low_c: float | None = None
    high_c: float | None = None

    def clamp(self, value_c: float) -> float:
        """The nearest allowed value."""
        if self.low_c is not None and value_c < self.low_c:
            return self.low_c
        if self.high_c is not None and value_c > self.high_c:
            return self.high_c
        return value_c


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What is legal for one unit until `valid_until`.

    Attributes:
        equipment: the unit's id.
        modes: the allowed modes with the setpoints allowed in each; a mode that is absent is forbidden.
        start_allowed: whether an off unit may be switched on.
        may_run_until: aware UTC; from this time on the unit must be off. None: no such time.
        must_be_off: running at all is illegal now.
        on_loss: what the gateway does by itself at `may_run_until` and after `valid_until`.
        clauses: bound -> clause id (RULES ids such as AC-05) of the rule that set it.
        valid_until: aware UTC; afterwards the envelope no longer permits anything.
    """

    equipment: str
    modes: Mapping[Mode, Range]
    start_allowed: bool
    may_run_until: datetime | None
    must_be_off: bool
    on_loss: OnLoss
    valid_until: datetime
    clauses: Mapping[Bound, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether a write is legal; `why` and `clause` say why not."""

    allowed: bool
    why: Text = Text("", "")
    clause: str | None = None


ALLOWED: Final = Verdict(allowed=True)


def judge(envelope: Envelope | None, wish: Wish, current: Wish, now: datetime) -> Verdict:
    """Whether writing `wish` to a unit that reads `current` is legal at `now`.

    Switching off always passes. Anything that starts a unit, changes a running unit's mode or moves its setpoint
    needs a valid envelope that allows the result. On a unit that is and stays off, a setpoint or mode is checked
    alike, because it would be in force at the next start.
    """
    if wish.on is False:
        return ALLOWED
    if envelope is None or now >= envelope.valid_until:
        return Verdict(
            allowed=False,
            why=Text("没有有效的控制许可（控制器未更新）", "no valid envelope: the controller has not renewed it"),
        )
    return _judge_running(envelope, wish, current, now)


def _judge_running(envelope: Envelope, wish: Wish, current: Wish, now: datetime) -> Verdict:
    if wish.on and current.on is not True and not envelope.start_allowed:
        return _forbidden(envelope, Bound.START, Text("现在不允许开机", "a start is not allowed now"))
    past_end = envelope.may_run_until is not None and now >= envelope.may_run_until
    if wish.on and (envelope.must_be_off or past_end):
        return _forbidden(envelope, Bound.RUN_UNTIL, Text("现在必须停机", "the unit must be off now"))
    mode = wish.mode if wish.mode is not None else current.mode
    setpoint_c = wish.setpoint_c if wish.setpoint_c is not None else current.setpoint_c
    return _judge_settings(envelope, mode, setpoint_c, wish)


def _judge_settings(envelope: Envelope, mode: Mode | None, setpoint_c: float | None, wish: Wish) -> Verdict:
    if mode is None:
        return ALLOWED
    allowed = envelope.modes.get(mode)
    if allowed is None:
        if wish.mode is None and not wish.on and wish.setpoint_c is None:
            return ALLOWED
        return _forbidden(envelope, Bound.MODE, Text(f"不允许 {mode.value} 模式", f"mode {mode.value} is not allowed"))
    if setpoint_c is None:
        return ALLOWED
    if allowed.low_c is not None and setpoint_c < allowed.low_c:
        return _forbidden(
            envelope,
            Bound.SETPOINT_LOW,
            Text(
                f"设定温度 {setpoint_c:g} ℃ 低于 {allowed.low_c:g} ℃",
                f"{setpoint_c:g} C is below {allowed.low_c:g} C",
            ),
        )
    if allowed.high_c is not None and setpoint_c > allowed.high_c:
        return _forbidden(
            envelope,
            Bound.SETPOINT_HIGH,
            Text(
                f"设定温度 {setpoint_c:g} ℃ 高于 {allowed.high_c:g} ℃",
                f"{setpoint_c:g} C is above {allowed.high_c:g} C",
            ),
        )
    return ALLOWED


def _forbidden(envelope: Envelope, bound: Bound, why: Text) -> Verdict:
    return Verdict(allowed=False, why=why, clause=envelope.clauses.get(bound))


def must_stop(envelope: Envelope, now: datetime) -> bool:
    """Whether the gateway itself has to switch the unit off now: its window has ended, or it had to be off when the
    controller was last heard of, so that a start at the wall meanwhile was never permitted.
    """
    if envelope.on_loss is OnLoss.KEEP:
        return False
    if envelope.must_be_off and now >= envelope.valid_until:
        return True
    return envelope.may_run_until is not None and now >= envelope.may_run_until
