"""Readings, decisions, alarms and the rest as JSON. Pure. What is missing is null and says why, never 0."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import orjson

from facility.bus.messages import AlarmStood, SupplyState, SupplyStated
from facility.commands import OUTCOME_STATES, Confirmed, NotEffective, Outcome, Refused, Unreachable, Wish
from facility.decisions import Decision, Input, Reason
from facility.envelope import Envelope
from facility.model import Point
from facility.quantities import ENUMERATIONS
from facility.readings import Status, from_us
from facility.text import Text


def encoded(content: Any) -> bytes:
    """As it goes over the wire: UTF-8, in the order it was made. A number that JSON has no word for is null."""
    return orjson.dumps(content)


def stamp(time: datetime) -> str:
    """A moment, UTC: `2026-07-10T02:00:00.5Z`."""
    text = time.isoformat().removesuffix("+00:00")
    return f"{text.rstrip('0') if '.' in text else text}Z"


def value_of(point: Point, value: float | None, status: Status) -> dict[str, Any]:
    """What was read, without its time. A state is told by its name as well."""
    content: dict[str, Any] = {"value": value, "unit": point.unit}
    if point.spec.enumeration is not None:
        content["state"] = state_of(point, value)
    content["quality"] = status.quality.value
    content["reason"] = status.reason
    return content


def state_of(point: Point, value: float | None) -> str | None:
    """The name of a state, None when it is not known or the point is none."""
    if point.spec.enumeration is None or value is None:
        return None
    names = ENUMERATIONS[point.spec.enumeration]
    return names[int(value)] if 0 <= value < len(names) else None


def reading(point: Point, time_us: int, value: float | None, status: Status) -> bytes:
    """The newest reading of one point."""
    return encoded({"time": stamp(from_us(time_us)), **value_of(point, value, status)})


def wish(wanted: Wish) -> dict[str, Any]:
    """A wanted or observed state; null where nothing is wanted or known."""
    return {
        "on": wanted.on,
        "mode": None if wanted.mode is None else wanted.mode.value,
        "setpoint_c": wanted.setpoint_c,
        "fan": None if wanted.fan is None else wanted.fan.value,
    }


def both(text: Text | None) -> dict[str, str] | None:
    """A text in both languages."""
    return None if text is None else {"zh": text.zh, "en": text.en}


def moment(time: datetime | None) -> str | None:
    """A moment, or null."""
    return None if time is None else stamp(time)


def decision(made: Decision) -> bytes:
    """What was decided for one equipment, and why."""
    return encoded(
        {
            "time": stamp(made.time),
            "wanted": wish(made.wanted),
            "effective": wish(made.effective),
            "slot": made.slot,
            "until": moment(made.until),
            "next_change": moment(made.next_change),
            "sentence": both(made.sentence),
            "coming": both(made.coming),
            "reasons": [_reason(each) for each in made.reasons],
        }
    )


def _reason(reason: Reason) -> dict[str, Any]:
    return {
        "rule": reason.rule,
        "effect": reason.effect.value,
        "text": both(reason.text),
        "clause": reason.clause,
        "quote": reason.quote,
        "document": reason.document,
        "inputs": [_input(each) for each in reason.inputs],
    }


def _input(seen: Input) -> dict[str, Any]:
    return {"point": seen.point, "value": seen.value, "source": seen.source, "time": moment(seen.time)}


def envelope(legal: Envelope) -> dict[str, Any]:
    """What is legal for a unit, without the moment until which that holds: it is renewed all the time."""
    return {
        "modes": {mode.value: {"low_c": bounds.low_c, "high_c": bounds.high_c} for mode, bounds in legal.modes.items()},
        "start_allowed": legal.start_allowed,
        "must_be_off": legal.must_be_off,
        "may_run_until": moment(legal.may_run_until),
        "clauses": {bound.value: clause for bound, clause in legal.clauses.items()},
    }


def supply(stated: SupplyStated) -> bytes:
    """Whether cooling and heating are permitted at the site, and why."""
    return encoded(
        {
            "time": stamp(stated.at),
            "cooling": _supply(stated.cooling),
            "heating": _supply(stated.heating),
            "outdoor": None if stated.outdoor is None else _input(stated.outdoor),
        }
    )


def _supply(state: SupplyState) -> dict[str, Any]:
    return {
        "permitted": state.permitted,
        "sentence": both(state.sentence),
        "reasons": [_reason(each) for each in state.reasons],
    }


def alarm(stood: AlarmStood) -> bytes:
    """How an alarm stands."""
    return encoded(
        {
            "time": stamp(stood.at),
            "key": stood.key,
            "standing": stood.standing.value,
            "active": stood.abnormal,
            "level": stood.level.value,
            "since": stamp(stood.since),
            "text": both(stood.text),
            "advice": both(stood.advice),
            "owner": both(stood.owner),
            "equipment": stood.equipment,
            "acknowledged_by": None if stood.acknowledged_by is None else stood.acknowledged_by.name,
            "until": moment(stood.until),
        }
    )


def outcome(ended: Outcome, reference: str | None) -> bytes:
    """How something asked for has ended. `reference` is what the asker called it."""
    return encoded(
        {
            "time": stamp(ended.at),
            "command": ended.command_id,
            "id": reference,
            "state": OUTCOME_STATES[type(ended)],
            **dict(_particulars(ended)),
        }
    )


def _particulars(ended: Outcome) -> Iterator[tuple[str, Any]]:
    match ended:
        case Confirmed() | NotEffective():
            yield "read", wish(ended.read)
        case Refused():
            yield "why", both(ended.why)
            yield "clause", ended.clause
            yield "again_at", moment(ended.again_at)
        case Unreachable():
            yield "why", both(Text(ended.error, ended.error))
        case _:
            yield "why", both(Text("未及执行，时限已过", "its time was over before it could be carried out"))
