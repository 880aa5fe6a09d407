"""/filings: what is asked for beyond the rules, what became of it, and the register of it all."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi import Query as InQuery
from pydantic import Field
from starlette.responses import Response

from api.bodies import read_body
from api.context import ApiContext
from api.reports.filings import COLUMNS, REGISTER, register_lines
from api.routes.answers import Context, Moment, answer, moment
from api.routes.posting import body_of, who
from api.routes.sheets import TABLES, SheetQuery, sheet
from api.services.edges import local_date, month_span
from api.services.entered import check_office
from api.services.entry_bodies import ReasonBody
from api.services.filing_bodies import FilingBody, NoteBody
from api.services.filing_views import Filings, FilingView
from api.services.filings import FilingsMade, decide, filing, filings, revoke, submit
from api.services.months import parse_month
from facility.filings import FilingKind, FilingPhase

router = APIRouter(tags=["control"])

Number = Annotated[int, Path(ge=1, le=2**53)]


class FilingsQuery(SheetQuery):
    """Which filings: of a month, or of a time; left out, from the beginning of this month on."""

    month: Annotated[str | None, Field(max_length=7, examples=["2026-07"])] = None
    start: Moment = None
    end: Moment = None
    office: Annotated[str | None, Field(max_length=80)] = None
    kind: FilingKind | None = None
    phase: FilingPhase | None = None


@router.get(
    "/filings", response_model=Filings, summary="The register of filings, of a month or a time", responses=TABLES
)
async def get_filings(request: Request, context: Context, query: Annotated[FilingsQuery, InQuery()]) -> Response:
    if query.office is not None:
        check_office(context, query.office)
    start, end = _span(context, query)
    found = await filings(context, start=start, end=end, office=query.office, kind=query.kind, phase=query.phase)
    name = "filings" if query.month is None else f"filings-{parse_month(query.month):%Y-%m}"
    return await sheet(request, query, found, REGISTER, COLUMNS, register_lines(found.rows), name)


def _span(context: ApiContext, query: FilingsQuery) -> tuple[datetime | None, datetime | None]:
    zone, now = context.site.zone, context.clock.now()
    if query.month is not None:
        return month_span(parse_month(query.month), zone)
    start = month_span(local_date(now, zone), zone)[0] if query.start is None and query.end is None else None
    if query.start is not None:
        start = moment(query.start, zone, now, "start")
    return start, None if query.end is None else moment(query.end, zone, now, "end")


@router.post(
    "/filings",
    status_code=201,
    response_model=FilingsMade,
    summary="File an exception or a booking; give a notice",
    openapi_extra=body_of(FilingBody),
)
async def post_filing(request: Request, context: Context) -> Response:
    actor = who(request)
    body = await read_body(request, FilingBody)
    return answer(await submit(context, body, actor), 201)


@router.get("/filings/{number}", response_model=FilingView, summary="One filing, and how it stands")
async def get_filing(context: Context, number: Number) -> Response:
    return answer(await filing(context, number))


@router.post(
    "/filings/{number}/approve",
    response_model=FilingView,
    summary="Approve what is filed",
    openapi_extra=body_of(NoteBody),
)
async def post_approval(request: Request, context: Context, number: Number) -> Response:
    actor = who(request)
    body = await read_body(request, NoteBody)
    return answer(await decide(context, number, actor, approve=True, note=body.note))


@router.post(
    "/filings/{number}/reject",
    response_model=FilingView,
    summary="Reject what is filed, with a reason",
    openapi_extra=body_of(ReasonBody),
)
async def post_rejection(request: Request, context: Context, number: Number) -> Response:
    actor = who(request)
    body = await read_body(request, ReasonBody)
    return answer(await decide(context, number, actor, approve=False, note=body.reason))


@router.post(
    "/filings/{number}/revoke",
    response_model=FilingView,
    summary="Take a filing back, with a reason",
    openapi_extra=body_of(ReasonBody),
)
async def post_revocation(request: Request, context: Context, number: Number) -> Response:
    actor = who(request)
    body = await read_body(request, ReasonBody)
    return answer(await revoke(context, number, actor, body.reason))
