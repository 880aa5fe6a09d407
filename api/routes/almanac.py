"""The office's year: holidays, closures, half days, the duty roster."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi import Query as InQuery
from pydantic import Field
from starlette.responses import Response

from api.auth import actor_of_request
from api.bodies import read_body
from api.routes.answers import Context, Day, Query, answer
from api.routes.posting import body_of, who
from api.services.almanac import (
    AlmanacEntries,
    AlmanacEntryView,
    DutyView,
    YearView,
    duty,
    enter,
    entries,
    revoke,
    year_view,
)
from api.services.almanac_bodies import (
    ClosureBody,
    DutyBody,
    HalfDayBody,
    TableBody,
    TimetableBody,
    WorkdayBody,
)
from api.services.edges import local_date
from api.services.entry_bodies import ReasonBody

router = APIRouter(tags=["control"])

Number = Annotated[int, Path(ge=1, le=2**53)]


class EntriesQuery(Query):
    """Which entries: those that stand, or all."""

    revoked: bool = False


class DutyQuery(Query):
    """The week's first day; left out, today."""

    first: Annotated[Day | None, Field(examples=["2026-07-13"])] = None


@router.get("/almanac/years/{year}", response_model=YearView, summary="A year, day by day, and how well it is known")
async def get_year(context: Context, year: Annotated[int, Path(ge=1, le=9999)]) -> Response:
    return answer(year_view(context, year))


@router.get("/almanac/duty", response_model=DutyView, summary="Who is on duty, for a week and now")
async def get_duty(request: Request, context: Context, query: Annotated[DutyQuery, InQuery()]) -> Response:
    first = query.first if query.first is not None else local_date(context.clock.now(), context.site.zone)
    return answer(duty(context, first, actor_of_request(request)))


@router.get("/almanac/entries", response_model=AlmanacEntries, summary="What people entered into the year")
async def get_entries(request: Request, context: Context, query: Annotated[EntriesQuery, InQuery()]) -> Response:
    return answer(await entries(context, actor_of_request(request), revoked=query.revoked))


@router.post(
    "/almanac/tables",
    status_code=201,
    response_model=AlmanacEntries,
    summary="Enter a whole year's holidays from a notice",
    openapi_extra=body_of(TableBody),
)
async def post_table(request: Request, context: Context) -> Response:
    actor = who(request)
    body = await read_body(request, TableBody)
    return answer(await enter(context, [body.table()], actor), 201)


@router.post(
    "/almanac/closures",
    status_code=201,
    response_model=AlmanacEntries,
    summary="The site, or a part of it, does not work",
    openapi_extra=body_of(ClosureBody),
)
async def post_closure(request: Request, context: Context) -> Response:
    actor = who(request)
    body = await read_body(request, ClosureBody)
    return answer(await enter(context, [body.closure], actor), 201)


@router.post(
    "/almanac/half-days",
    status_code=201,
    response_model=AlmanacEntries,
    summary="A workday of which a part is worked",
    openapi_extra=body_of(HalfDayBody),
)
async def post_half_day(request: Request, context: Context) -> Response:
    actor = who(request)
    body = await read_body(request, HalfDayBody)
    return answer(await enter(context, [body.half_day], actor), 201)


@router.post(
    "/almanac/workdays",
    status_code=201,
    response_model=AlmanacEntries,
    summary="A day of rest on which the site works",
    openapi_extra=body_of(WorkdayBody),
)
async def post_workday(request: Request, context: Context) -> Response:
    actor = who(request)
    body = await read_body(request, WorkdayBody)
    return answer(await enter(context, [body.workday], actor), 201)


@router.post(
    "/almanac/timetables",
    status_code=201,
    response_model=AlmanacEntries,
    summary="Other hours for a part of the year",
    openapi_extra=body_of(TimetableBody),
)
async def post_timetable(request: Request, context: Context) -> Response:
    actor = who(request)
    body = await read_body(request, TimetableBody)
    return answer(await enter(context, [body.timetable], actor), 201)


@router.post(
    "/almanac/duty",
    status_code=201,
    response_model=AlmanacEntries,
    summary="Enter who is on duty",
    openapi_extra=body_of(DutyBody),
)
async def post_duty(request: Request, context: Context) -> Response:
    actor = who(request)
    body = await read_body(request, DutyBody)
    return answer(await enter(context, [turn.turn for turn in body.turns], actor), 201)


@router.post(
    "/almanac/entries/{number}/revoke",
    response_model=AlmanacEntryView,
    summary="Take an entry back",
    openapi_extra=body_of(ReasonBody),
)
async def post_revoke(request: Request, context: Context, number: Number) -> Response:
    actor = who(request)
    body = await read_body(request, ReasonBody)
    return answer(await revoke(context, number, body.reason, actor))
