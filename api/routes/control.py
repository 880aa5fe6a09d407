"""Decisions, commands, alarms, and the forecast that a person enters."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi import Query as InQuery
from pydantic import Field
from starlette.responses import Response

from api.bodies import read_body
from api.context import ApiContext
from api.routes.answers import Context, Moment, TableQuery, answer, moment, table
from api.routes.posting import body_of, who
from api.services.alarms import Alarms, AlarmView, alarms
from api.services.commands import (
    CommandAccepted,
    CommandBody,
    Commands,
    CommandView,
    check_may_command,
    command,
    commands,
    propose,
)
from api.services.decisions import Decisions, DecisionView, decision_or_problem, decisions
from api.services.forecasts import ForecastBody, Forecasts, ForecastView, enter_forecast, forecasts
from facility.bus import AlarmStanding
from facility.bus.messages import AlarmLevel

router = APIRouter(tags=["control"])


class PastQuery(TableQuery):
    """Which equipment, which time; the newest come first."""

    equipment: str | None = None
    start: Moment = None
    end: Moment = None
    limit: Annotated[int, Field(ge=1, le=5000)] = 500


class AlarmsQuery(TableQuery):
    """Which alarms; the newest come first."""

    active: bool = False
    state: AlarmStanding | None = None
    level: AlarmLevel | None = Field(None, description="this level and above")
    equipment: Annotated[str | None, Field(max_length=80)] = None
    limit: Annotated[int, Field(ge=1, le=2000)] = 200


@router.get("/decisions", response_model=Decisions, summary="What was decided, newest first, each with its reasons")
async def get_decisions(request: Request, context: Context, query: Annotated[PastQuery, InQuery()]) -> Response:
    start, end = _past(context, query)
    found = await decisions(context, equipment=query.equipment, start=start, end=end, limit=query.limit)
    return table(request, query, found, DecisionView, found.rows, "decisions")


@router.get("/equipment/{equipment}/decision", response_model=DecisionView, summary="What holds now, and why")
async def get_decision(context: Context, equipment: str) -> Response:
    return answer(decision_or_problem(context, equipment))


@router.post(
    "/equipment/{equipment}/commands",
    status_code=202,
    response_model=CommandAccepted,
    summary="Want something of a unit",
    openapi_extra=body_of(CommandBody),
)
async def post_command(request: Request, context: Context, equipment: str) -> Response:
    actor = who(request)
    check_may_command(context, actor, equipment)
    body = await read_body(request, CommandBody)
    return answer(await propose(context, equipment, body, actor), 202)


@router.get("/commands", response_model=Commands, summary="Wishes and orders, newest first")
async def get_commands(request: Request, context: Context, query: Annotated[PastQuery, InQuery()]) -> Response:
    start, end = _past(context, query)
    found = await commands(context, equipment=query.equipment, start=start, end=end, limit=query.limit)
    return table(request, query, found, CommandView, found.rows, "commands")


@router.get("/commands/{command_id}", response_model=CommandView, summary="How far a wish has come")
async def get_command(context: Context, command_id: str) -> Response:
    return answer(await command(context, command_id))


@router.get("/alarms", response_model=Alarms, summary="Alarms, newest first")
async def get_alarms(request: Request, context: Context, query: Annotated[AlarmsQuery, InQuery()]) -> Response:
    found = await alarms(
        context, active_only=query.active, limit=query.limit, state=query.state, level=query.level,
        equipment=query.equipment,
    )  # fmt: skip
    return table(request, query, found, AlarmView, found.rows, "alarms")


@router.get("/weather/forecast", response_model=Forecasts, summary="Forecasts that came in, newest first")
async def get_forecasts(request: Request, context: Context, query: Annotated[TableQuery, InQuery()]) -> Response:
    found = await forecasts(context)
    return table(request, query, found, ForecastView, found.rows, "forecasts")


@router.post(
    "/weather/forecast",
    status_code=201,
    response_model=ForecastView,
    summary="Enter a forecast by hand, with an end",
    openapi_extra=body_of(ForecastBody),
)
async def post_forecast(request: Request, context: Context) -> Response:
    actor = who(request)
    body = await read_body(request, ForecastBody)
    return answer(await enter_forecast(context, body, actor), 201)


def _past(context: ApiContext, query: PastQuery) -> tuple[datetime | None, datetime | None]:
    zone, now = context.site.zone, context.clock.now()
    start = None if query.start is None else moment(query.start, zone, now, "start")
    end = None if query.end is None else moment(query.end, zone, now, "end")
    return start, end
