"""/offices: people, areas and quotas, each with the date it holds from; and quotas of all offices."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi import Query as InQuery
from starlette.responses import Response

from api.bodies import read_body
from api.context import ApiContext
from api.reports.entries import entry_columns, entry_lines
from api.routes.answers import Context, answer
from api.routes.posting import body_of, who
from api.routes.sheets import TABLES, SheetQuery, sheet
from api.services.entered import Entries, EntryKind, EntryMade, check_office, enter, entries
from api.services.entry_bodies import AreaBody, EntryBody, HeadcountBody, QuotaBody
from facility.text import Text

router = APIRouter(tags=["offices"])


class EntriesQuery(SheetQuery):
    """Whether revoked entries are told too."""

    revoked: bool = False


async def listed(  # noqa: PLR0917
    request: Request, context: ApiContext, query: EntriesQuery, kind: EntryKind, title: Text, key: str | None = None
) -> Response:
    """Entries of a kind, of one office where `key` names it."""
    found = await entries(context, kind, key=key, revoked=query.revoked)
    name = kind.value if key is None else f"{kind.value}-{key}"
    return await sheet(request, query, found, title, entry_columns(kind), entry_lines(kind, found.rows), name)


async def _entered(
    request: Request, context: ApiContext, office: str, kind: EntryKind, model: type[EntryBody]
) -> Response:
    actor = who(request)
    check_office(context, office)
    body = await read_body(request, model)
    return answer(await enter(context, kind, body.entry(office), actor), 201)


HEADCOUNTS = Text("用能人数", "Headcounts")
AREAS = Text("建筑面积", "Floor areas")
QUOTAS = Text("用能定额", "Quotas")

ListQuery = Annotated[EntriesQuery, InQuery()]


@router.get("/offices/{office}/headcounts", response_model=Entries, summary="People of an office", responses=TABLES)
async def get_headcounts(request: Request, context: Context, office: str, query: ListQuery) -> Response:
    check_office(context, office)
    return await listed(request, context, query, EntryKind.HEADCOUNTS, HEADCOUNTS, office)


@router.post(
    "/offices/{office}/headcounts",
    status_code=201,
    response_model=EntryMade,
    summary="How many people use an office, from a date on",
    openapi_extra=body_of(HeadcountBody),
)
async def post_headcount(request: Request, context: Context, office: str) -> Response:
    return await _entered(request, context, office, EntryKind.HEADCOUNTS, HeadcountBody)


@router.get("/offices/{office}/areas", response_model=Entries, summary="Floor areas of an office", responses=TABLES)
async def get_areas(request: Request, context: Context, office: str, query: ListQuery) -> Response:
    check_office(context, office)
    return await listed(request, context, query, EntryKind.AREAS, AREAS, office)


@router.post(
    "/offices/{office}/areas",
    status_code=201,
    response_model=EntryMade,
    summary="How many square metres an office uses, from a date on",
    openapi_extra=body_of(AreaBody),
)
async def post_area(request: Request, context: Context, office: str) -> Response:
    return await _entered(request, context, office, EntryKind.AREAS, AreaBody)


@router.get("/offices/{office}/quotas", response_model=Entries, summary="Quotas of an office", responses=TABLES)
async def get_quotas(request: Request, context: Context, office: str, query: ListQuery) -> Response:
    check_office(context, office)
    return await listed(request, context, query, EntryKind.QUOTAS, QUOTAS, office)


@router.post(
    "/offices/{office}/quotas",
    status_code=201,
    response_model=EntryMade,
    summary="What an office may use, from a date on",
    openapi_extra=body_of(QuotaBody),
)
async def post_quota(request: Request, context: Context, office: str) -> Response:
    return await _entered(request, context, office, EntryKind.QUOTAS, QuotaBody)


@router.get("/quotas", response_model=Entries, summary="All quotas, of every office and general ones", responses=TABLES)
async def get_all_quotas(request: Request, context: Context, query: ListQuery) -> Response:
    return await listed(request, context, query, EntryKind.QUOTAS, QUOTAS)


@router.post(
    "/quotas",
    status_code=201,
    response_model=EntryMade,
    summary="What every office may use that has no quota of its own",
    openapi_extra=body_of(QuotaBody),
)
async def post_general_quota(request: Request, context: Context) -> Response:
    actor = who(request)
    body = await read_body(request, QuotaBody)
    return answer(await enter(context, EntryKind.QUOTAS, body.entry(""), actor), 201)
