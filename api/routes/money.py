"""/tariffs, /factors, /bills, /entries, /months: what use costs and weighs, and the months that are closed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi import Query as InQuery
from starlette.responses import Response

from api.bodies import read_body
from api.reports.table import model_lines
from api.routes.answers import Context, answer
from api.routes.offices import ListQuery, listed
from api.routes.posting import body_of, who
from api.routes.sheets import TABLES, SheetQuery, model_sheet, sheet
from api.services.closing import Months, MonthView, Restated, close_month, months, restate_month
from api.services.entered import Entries, EntryKind, EntryMade, check_office, enter, revoke
from api.services.entry_bodies import BillBody, FactorsBody, PriceBody, ReasonBody, TariffBody
from api.services.tables import FactorSets, Tariffs, TariffView, check_choice, factor_sets, tariffs
from api.services.told import FactorView
from facility.text import Text

router = APIRouter(tags=["accounts"])

TARIFFS = Text("价目", "Tariffs")
PRICES = Text("月度电价", "Announced prices")
FACTORS = Text("折算系数", "Factors")
BILLS = Text("账单", "Bills")
MONTHS = Text("结账", "Closed months")


@router.get("/tariffs", response_model=Tariffs, summary="Tariffs, which hold, and announced prices", responses=TABLES)
async def get_tariffs(request: Request, context: Context, query: Annotated[SheetQuery, InQuery()]) -> Response:
    found = await tariffs(context)
    return await model_sheet(request, query, found, TARIFFS, TariffView, found.rows, "tariffs")


@router.post(
    "/tariffs",
    status_code=201,
    response_model=EntryMade,
    summary="By which tariff a medium is paid, from a date on",
    openapi_extra=body_of(TariffBody),
)
async def post_tariff(request: Request, context: Context) -> Response:
    actor = who(request)
    choice = (await read_body(request, TariffBody)).entry("")
    await context.reckon(check_choice, context, choice)
    return answer(await enter(context, EntryKind.TARIFFS, choice, actor), 201)


@router.get("/tariffs/prices", response_model=Entries, summary="Prices announced for months", responses=TABLES)
async def get_prices(request: Request, context: Context, query: ListQuery) -> Response:
    return await listed(request, context, query, EntryKind.PRICES, PRICES)


@router.post(
    "/tariffs/prices",
    status_code=201,
    response_model=EntryMade,
    summary="The price announced for a month",
    openapi_extra=body_of(PriceBody),
)
async def post_price(request: Request, context: Context) -> Response:
    actor = who(request)
    price = (await read_body(request, PriceBody)).entry("")
    await context.reckon(check_choice, context, price)
    return answer(await enter(context, EntryKind.PRICES, price, actor), 201)


@router.get("/factors", response_model=FactorSets, summary="Factors of coal and CO2, with sources", responses=TABLES)
async def get_factors(request: Request, context: Context, query: Annotated[SheetQuery, InQuery()]) -> Response:
    found = await factor_sets(context)
    columns = ["factors", "version", "holds", *model_lines(FactorView, ())[0]]
    lines = [
        [item.factors, item.version, item.holds, *line]
        for item in found.rows
        for line in model_lines(FactorView, item.rows)[1]
    ]
    return await sheet(request, query, found, FACTORS, columns, lines, "factors")


@router.post(
    "/factors",
    status_code=201,
    response_model=EntryMade,
    summary="By which factors coal and CO2 are reckoned, from a date on",
    openapi_extra=body_of(FactorsBody),
)
async def post_factors(request: Request, context: Context) -> Response:
    actor = who(request)
    choice = (await read_body(request, FactorsBody)).entry("")
    await context.reckon(check_choice, context, choice)
    return answer(await enter(context, EntryKind.FACTORS, choice, actor), 201)


@router.get("/bills", response_model=Entries, summary="Bills and delivery notes", responses=TABLES)
async def get_bills(request: Request, context: Context, query: ListQuery) -> Response:
    return await listed(request, context, query, EntryKind.BILLS, BILLS)


@router.post(
    "/bills",
    status_code=201,
    response_model=EntryMade,
    summary="What a bill or a delivery note says",
    openapi_extra=body_of(BillBody),
)
async def post_bill(request: Request, context: Context) -> Response:
    actor = who(request)
    body = await read_body(request, BillBody)
    if body.office is not None:
        check_office(context, body.office)
    return answer(await enter(context, EntryKind.BILLS, body.entry(""), actor), 201)


@router.post(
    "/entries/{kind}/{number}/revoke",
    status_code=201,
    response_model=EntryMade,
    summary="Take an entry back",
    openapi_extra=body_of(ReasonBody),
)
async def post_revocation(
    request: Request, context: Context, kind: EntryKind, number: Annotated[int, Path(ge=1, le=2**53)]
) -> Response:
    actor = who(request)
    body = await read_body(request, ReasonBody)
    return answer(await revoke(context, kind, number, body.reason, actor), 201)


@router.get("/months", response_model=Months, summary="Closed months and their corrections", responses=TABLES)
async def get_months(request: Request, context: Context, query: Annotated[SheetQuery, InQuery()]) -> Response:
    found = await months(context)
    return await model_sheet(request, query, found, MONTHS, MonthView, found.rows, "months")


@router.post(
    "/months/{month}/close",
    status_code=201,
    response_model=MonthView,
    summary="Let a month's figures stand for good",
    openapi_extra=body_of(ReasonBody),
)
async def post_close(request: Request, context: Context, month: str) -> Response:
    actor = who(request)
    body = await read_body(request, ReasonBody)
    return answer(await close_month(context, month, body.reason, actor), 201)


@router.post(
    "/months/{month}/restate",
    status_code=201,
    response_model=Restated,
    summary="Book in the open month what a closed one would be told differently",
    openapi_extra=body_of(ReasonBody),
)
async def post_restatement(request: Request, context: Context, month: str) -> Response:
    actor = who(request)
    body = await read_body(request, ReasonBody)
    return answer(await restate_month(context, month, body.reason, actor), 201)
