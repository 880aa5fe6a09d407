"""What happens next to an equipment, as far as calendar, filings and timers tell. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from controller.policy.findings import Finding
from controller.policy.units import UnitVerdict
from facility.text import Text


class Coming(NamedTuple):
    """When the verdict next changes, and what then; None: nobody can tell when."""

    at: datetime | None
    words: Text


def coming(
    verdict: UnitVerdict,
    *,
    calendar: datetime | None,
    again_at: datetime | None,
    now: datetime,
    local: Callable[[datetime], datetime],
) -> Coming | None:
    """The next change after `now`.

    Args:
        verdict: what holds now.
        calendar: when calendar, window or filings next change it, None when they do not.
        again_at: when a timer, a retry or a staggered start lets the equipment be acted on, None when none waits.
        local: makes an instant local.

    Returns:
        None when nothing is known to come.
    """
    if again_at is not None and again_at > now:
        shown = _clock(again_at, local, now)
        return Coming(again_at, Text(f"{shown} 执行", f"carried out at {shown}"))
    if verdict.wanted.on:
        return _of_what_runs(verdict, calendar, now, local)
    return _of_what_is_off(verdict, calendar, now, local)


def _of_what_runs(
    verdict: UnitVerdict, calendar: datetime | None, now: datetime, local: Callable[[datetime], datetime]
) -> Coming | None:
    ends = verdict.legal.run_until
    wish_ends = verdict.until
    if wish_ends is not None and wish_ends > now and (ends is None or wish_ends < ends):
        shown = _clock(wish_ends, local, now)
        return Coming(wish_ends, Text(f"{shown} 起恢复自动", f"automatic again from {shown}"))
    if calendar is not None and calendar > now and (ends is None or calendar < ends):
        shown = _clock(calendar, local, now)
        return Coming(calendar, Text(f"{shown} 重新判断", f"judged anew at {shown}"))
    if ends is not None and ends > now:
        shown = _clock(ends, local, now)
        return Coming(ends, Text(f"{shown} 关闭", f"off at {shown}"))
    return None


def _of_what_is_off(
    verdict: UnitVerdict, calendar: datetime | None, now: datetime, local: Callable[[datetime], datetime]
) -> Coming | None:
    if verdict.findings[0].code == "kettle-boiled":
        return None
    locked = _locked_until(verdict.findings[0], now)
    if locked is not None:
        shown = _clock(locked, local, now)
        return Coming(locked, Text(f"{shown} 之后可再启动", f"may start again after {shown}"))
    if verdict.legal.must_be_off:
        if calendar is None or calendar <= now:
            return None
        shown = _clock(calendar, local, now)
        return Coming(
            calendar, Text(f"{shown} 起条件满足即启动", f"from {shown} on it starts when conditions permit")
        )  # fmt: skip
    if verdict.until is not None and verdict.until > now:
        shown = _clock(verdict.until, local, now)
        return Coming(verdict.until, Text(f"{shown} 起恢复自动", f"automatic again from {shown}"))
    return Coming(None, Text("条件满足即启动", "starts as soon as conditions permit"))


def _locked_until(first: Finding, now: datetime) -> datetime | None:
    if not first.code.endswith("-locked"):
        return None
    times = [value for value in first.values if isinstance(value, datetime) and value > now]
    return min(times, default=None)


def _clock(when: datetime, local: Callable[[datetime], datetime], now: datetime) -> str:
    shown = local(when)
    return f"{shown:%H:%M}" if shown.date() == local(now).date() else f"{shown:%m-%d %H:%M}"
