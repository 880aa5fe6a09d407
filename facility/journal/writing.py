"""How messages become rows: one function for each kind, inside a transaction that the journal opens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import Connection, insert, select, update

from facility.bus.messages import (
    AlarmChanged,
    CommandIssued,
    DecisionMade,
    ForecastReceived,
    Message,
    OutcomeReported,
    ProposalMade,
)
from facility.commands import (
    OUTCOME_STATES,
    Actor,
    Command,
    Confirmed,
    NotEffective,
    Outcome,
    Refused,
    Unreachable,
    Wish,
)
from facility.decisions import Decision
from facility.journal.documents import ACTOR, DECISION, FORECAST, TEXT, WISH, document_of
from facility.journal.tables import alarms, commands, decisions, forecasts
from facility.readings import to_us
from facility.text import Text

_UNKNOWN: Final = Actor(name="unknown")
"""Stands for whoever gave an order of which only the outcome was heard."""


def write(connection: Connection, message: Message) -> None:
    """Enters a message; kinds that the journal does not keep are passed over."""
    writer = _WRITERS.get(type(message))
    if writer is not None:
        writer(connection, message)


def write_decision(connection: Connection, decision: Decision) -> None:
    """Enters what was decided for one equipment, and why."""
    row = {
        "equipment": decision.equipment,
        "time_us": to_us(decision.time),
        "document": document_of(DECISION, decision),
    }
    connection.execute(insert(decisions), row)


def write_proposal(connection: Connection, proposal: ProposalMade) -> None:
    """Enters a person's wish; entered again it changes nothing."""
    if _state(connection, proposal.id) is not None:
        return
    row = {
        "id": proposal.id,
        "equipment": proposal.equipment,
        "actor": document_of(ACTOR, proposal.actor),
        "wish": document_of(WISH, proposal.wish),
        "made_us": to_us(proposal.made),
        "deadline_us": to_us(proposal.until),
        "reason": document_of(TEXT, Text(proposal.reason, proposal.reason)),
        "state": "proposed",
        "at_us": to_us(proposal.made),
    }
    connection.execute(insert(commands), row)


def write_command(connection: Connection, command: Command) -> None:
    """Enters an order as sent. One that answers a wish takes its place, but the person and their words stay."""
    state = _state(connection, command.id)
    sent = {
        "wish": document_of(WISH, command.wish),
        "deadline_us": to_us(command.deadline),
        "state": "sent",
        "at_us": to_us(command.made),
    }
    if state is None:
        new = {
            "id": command.id,
            "equipment": command.equipment,
            "actor": document_of(ACTOR, command.actor),
            "made_us": to_us(command.made),
            "reason": document_of(TEXT, command.reason),
        }
        connection.execute(insert(commands), sent | new)
    elif state == "proposed":
        connection.execute(update(commands).where(commands.c.id == command.id).values(sent))


def write_outcome(connection: Connection, outcome: Outcome) -> None:
    """Enters how an order ended."""
    ended: dict[str, Any] = {
        "state": OUTCOME_STATES[type(outcome)],
        "at_us": to_us(outcome.at),
        **_particulars(outcome),
    }
    if _state(connection, outcome.command_id) is not None:
        connection.execute(update(commands).where(commands.c.id == outcome.command_id).values(ended))
        return
    unheard = {
        "id": outcome.command_id,
        "equipment": outcome.equipment,
        "actor": document_of(ACTOR, _UNKNOWN),
        "wish": document_of(WISH, Wish()),
        "made_us": to_us(outcome.at),
        "reason": document_of(TEXT, Text("", "")),
    }
    connection.execute(insert(commands), ended | unheard)


def _particulars(outcome: Outcome) -> dict[str, Any]:
    match outcome:
        case Confirmed() | NotEffective():
            return {"read": document_of(WISH, outcome.read)}
        case Refused():
            return {"why": document_of(TEXT, outcome.why), "clause": outcome.clause}
        case Unreachable():
            return {"why": document_of(TEXT, Text(outcome.error, outcome.error))}
        case _:
            return {}


def _state(connection: Connection, command_id: str) -> str | None:
    return connection.execute(select(commands.c.state).where(commands.c.id == command_id)).scalar()


def write_alarm(connection: Connection, alarm: AlarmChanged) -> None:
    """Opens, renews or ends an alarm. An entry that is older than the open one of its key leaves that one alone. An end
    ends every open one that began before it: two controllers may have seen the beginning at two moments.
    """
    at_us = to_us(alarm.at)
    is_open = (alarms.c.key == alarm.key) & alarms.c.until_us.is_(None) & (alarms.c.since_us <= at_us)
    if not alarm.active:
        connection.execute(update(alarms).where(is_open).values(until_us=at_us))
        return
    newest = select(alarms.c.id).where(is_open).order_by(alarms.c.since_us.desc()).limit(1)
    open_one = connection.execute(newest).scalar()
    told = {"level": alarm.level.value, "text": document_of(TEXT, alarm.text), "equipment": alarm.equipment}
    if open_one is not None:
        connection.execute(update(alarms).where(alarms.c.id == open_one).values(told))
    else:
        connection.execute(insert(alarms), {"key": alarm.key, "since_us": at_us, **told})


def write_forecast(connection: Connection, forecast: ForecastReceived) -> None:
    """Enters a forecast as it came."""
    row = {"fetched_us": to_us(forecast.fetched), "document": document_of(FORECAST, forecast)}
    connection.execute(insert(forecasts), row)


_WRITERS: Final[dict[type, Callable[[Connection, Any], None]]] = {
    DecisionMade: lambda connection, message: write_decision(connection, message.decision),
    ProposalMade: write_proposal,
    CommandIssued: lambda connection, message: write_command(connection, message.command),
    OutcomeReported: lambda connection, message: write_outcome(connection, message.outcome),
    AlarmChanged: write_alarm,
    ForecastReceived: write_forecast,
}

KEPT: Final = tuple(_WRITERS)
"""The kinds of message that the journal keeps."""
