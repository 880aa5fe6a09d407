"""/meters, /held-jumps, /balance: the meters, what people say about them, and what lies unmetered behind them."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi import Query as InQuery
from starlette.responses import Response

from api.bodies import read_body
from api.problems import RequestProblem
from api.reports.statement_lines import split_lines
from api.routes.answers import Context, Moment, Query, answer, moment
from api.routes.posting import body_of, who
from api.routes.sheets import TABLES, SheetQuery, model_sheet, sheet
from api.services.balances import BalanceRow, Balances, balances
from api.services.counter_values import CounterRow, CounterValues, counter_values
from api.services.edges import Every, local_date, midnight
from api.services.entered import EntryKind, EntryMade, check_office, check_past, enter
from api.services.entry_bodies import AssignmentBody, CorrectionBody, JumpBody, ReadingBody, ReplacementBody
from api.services.meters import (
    HeldJumps,
    HeldJumpView,
    MeterDetail,
    Meters,
    MeterView,
    check_meter,
    held_jumps,
    is_held,
    meter_detail,
    meters,
)
from api.services.months import begun_month
from api.services.splits import month_split
from api.services.told import SplitView
from facility.accounting.metering import Medium
from facility.text import Text

router = APIRouter(tags=["meters"])


class MeterQuery(Query):
    """Which time is looked at for gaps (default: the last seven days), and whether revoked entries are told too."""

    start: Moment = None
    end: Moment = None
    revoked: bool = False


class ValuesQuery(SheetQuery):
    """Which time (default: this month), and at which boundaries the counter is told."""

    start: Moment = None
    end: Moment = None
    every: Every = Every.DAY


class HeldQuery(SheetQuery):
    """Which time; default: the last 400 days."""

    start: Moment = None
    end: Moment = None


class BalanceQuery(SheetQuery):
    """Which medium and time; default: electricity of today."""

    medium: Medium = Medium.ELECTRICITY
    start: Moment = None
    end: Moment = None


@router.get("/meters", response_model=Meters, summary="All meters, with owners and doubts", responses=TABLES)
async def get_meters(request: Request, context: Context, query: Annotated[SheetQuery, InQuery()]) -> Response:
    found = await meters(context)
    return await model_sheet(request, query, found, Text("计量表", "Meters"), MeterView, found.rows, "meters")


@router.get("/meters/{meter}", response_model=MeterDetail, summary="One meter, its history and its gaps")
async def get_meter(context: Context, meter: str, query: Annotated[MeterQuery, InQuery()]) -> Response:
    now, zone = context.clock.now(), context.site.zone
    start = moment(query.start, zone, now - timedelta(days=7), "start")
    end = moment(query.end, zone, now, "end")
    return answer(await meter_detail(context, meter, start, end, revoked=query.revoked))


@router.get(
    "/meters/{meter}/readings",
    response_model=CounterValues,
    summary="What the counter showed at local boundaries",
    responses=TABLES,
)
async def get_readings(
    request: Request, context: Context, meter: str, query: Annotated[ValuesQuery, InQuery()]
) -> Response:
    now, zone = context.clock.now(), context.site.zone
    month = midnight(local_date(now, zone).replace(day=1), zone)
    start = moment(query.start, zone, month, "start")
    end = moment(query.end, zone, now, "end")
    found = await counter_values(context, meter, start, end, query.every)
    title = Text("抄表", "Counter readings")
    return await model_sheet(request, query, found, title, CounterRow, found.rows, f"readings-{found.meter}")


@router.post(
    "/meters/{meter}/replacements",
    status_code=201,
    response_model=EntryMade,
    summary="A meter was replaced",
    openapi_extra=body_of(ReplacementBody),
)
async def post_replacement(request: Request, context: Context, meter: str) -> Response:
    actor = who(request)
    check_meter(context, meter, real=True)
    body = await read_body(request, ReplacementBody)
    check_past(context, body.at, "body.at")
    return answer(await enter(context, EntryKind.REPLACEMENTS, body.entry(meter), actor), 201)


@router.post(
    "/meters/{meter}/readings",
    status_code=201,
    response_model=EntryMade,
    summary="A person read the meter",
    openapi_extra=body_of(ReadingBody),
)
async def post_reading(request: Request, context: Context, meter: str) -> Response:
    actor = who(request)
    check_meter(context, meter, real=True)
    body = await read_body(request, ReadingBody)
    check_past(context, body.at, "body.at")
    return answer(await enter(context, EntryKind.READINGS, body.entry(meter), actor), 201)


@router.post(
    "/meters/{meter}/corrections",
    status_code=201,
    response_model=EntryMade,
    summary="What a meter is agreed to have counted",
    openapi_extra=body_of(CorrectionBody),
)
async def post_correction(request: Request, context: Context, meter: str) -> Response:
    actor = who(request)
    check_meter(context, meter, real=True)
    body = await read_body(request, CorrectionBody)
    check_past(context, body.end, "body.end")
    return answer(await enter(context, EntryKind.CORRECTIONS, body.entry(meter), actor), 201)


@router.post(
    "/meters/{meter}/assignments",
    status_code=201,
    response_model=EntryMade,
    summary="Which office pays for a meter, from a date on",
    openapi_extra=body_of(AssignmentBody),
)
async def post_assignment(request: Request, context: Context, meter: str) -> Response:
    actor = who(request)
    check_meter(context, meter)
    body = await read_body(request, AssignmentBody)
    if body.office is not None:
        check_office(context, body.office)
    return answer(await enter(context, EntryKind.ASSIGNMENTS, body.entry(meter), actor), 201)


@router.post(
    "/meters/{meter}/jumps",
    status_code=201,
    response_model=EntryMade,
    summary="A person judges a held jump",
    openapi_extra=body_of(JumpBody),
)
async def post_jump(request: Request, context: Context, meter: str) -> Response:
    actor = who(request)
    check_meter(context, meter, real=True)
    verdict = (await read_body(request, JumpBody)).entry(meter)
    if not await is_held(context, meter, verdict.start_us, verdict.end_us):
        raise RequestProblem(
            422,
            "no_such_jump",
            Text("没有这样的待判定跳变", "no such jump waits to be judged"),
            hint=Text("起止时间见 GET /api/v1/held-jumps", "GET /api/v1/held-jumps tells start and end"),
        )
    return answer(await enter(context, EntryKind.JUMPS, verdict, actor), 201)


@router.get("/held-jumps", response_model=HeldJumps, summary="Jumps that wait for a person", responses=TABLES)
async def get_held_jumps(request: Request, context: Context, query: Annotated[HeldQuery, InQuery()]) -> Response:
    now, zone = context.clock.now(), context.site.zone
    start = moment(query.start, zone, now - timedelta(days=400), "start")
    end = moment(query.end, zone, now, "end")
    found = await held_jumps(context, start, end)
    title = Text("待判定跳变", "Held jumps")
    return await model_sheet(request, query, found, title, HeldJumpView, found.rows, "held-jumps")


@router.get("/balance", response_model=Balances, summary="The meter tree with its remainders", responses=TABLES)
async def get_balance(request: Request, context: Context, query: Annotated[BalanceQuery, InQuery()]) -> Response:
    now, zone = context.clock.now(), context.site.zone
    start = moment(query.start, zone, midnight(local_date(now, zone), zone), "start")
    end = moment(query.end, zone, now, "end")
    found = await balances(context, query.medium, start, end)
    title = Text("计量平衡", "Balance")
    return await model_sheet(request, query, found, title, BalanceRow, found.rows, f"balance-{query.medium.value}")


@router.get(
    "/air-conditioning/{outdoor}/{month}",
    response_model=SplitView,
    summary="How an outdoor unit's electricity of a month (2026-07) was split, day by day",
    responses=TABLES,
)
async def get_split(
    request: Request, context: Context, outdoor: str, month: str, query: Annotated[SheetQuery, InQuery()]
) -> Response:
    found = await month_split(context, outdoor, begun_month(context, month))
    title = Text("空调分摊", "Air-conditioning split")
    return await sheet(request, query, found, title, (), split_lines(found), f"split-{found.outdoor}-{month}")
