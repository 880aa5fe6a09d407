"""/usage and /statements: what was used, by whom."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi import Query as InQuery
from pydantic import Field
from starlette.responses import Response

from api.errors import language_of
from api.reports.statement import statement_csv, statement_workbook
from api.reports.usage import check_fits_sheet, usage_csv, usage_json, usage_workbook
from api.routes.answers import CSV, JSON, Context, Moment, answer, csv_file, moment
from api.routes.sheets import TABLES, SheetQuery, streamed, workbook_to_keep
from api.services.edges import Every, local_date, midnight
from api.services.statement import Statement, statement
from api.services.usage import asked
from api.services.usage_shapes import By, UsageTold
from api.services.use_extras import parse_with
from facility.accounting.metering import Medium

router = APIRouter(tags=["use"])


class UsageQuery(SheetQuery):
    """Whose use of what, when, in rows of which length. Default: today, in one row."""

    by: By = "office"
    medium: Medium = Medium.ELECTRICITY
    start: Moment = None
    end: Moment = None
    every: Every = Every.TOTAL
    with_: Annotated[
        str | None,
        Field(
            alias="with",
            max_length=60,
            description="What is told beside amounts, comma between: cost, coal, co2, quota, comparison",
            examples=["cost,co2"],
        ),
    ] = None


@router.get(
    "/usage",
    response_model=UsageTold,
    summary="Use by office, floor, building, item, meter or equipment",
    responses=TABLES,
)
async def get_usage(request: Request, context: Context, query: Annotated[UsageQuery, InQuery()]) -> Response:
    now, zone = context.clock.now(), context.site.zone
    start = moment(query.start, zone, midnight(local_date(now, zone), zone), "start")
    end = moment(query.end, zone, now, "end")
    extras = parse_with(query.with_, by=query.by, every=query.every)
    found = await asked(
        context, by=query.by, medium=query.medium, start=start, end=end, every=query.every, extras=extras
    )
    name, language = f"usage-{query.by}-{query.medium.value}", language_of(request)
    match query.format:
        case "json":
            return await streamed(usage_json(context, found), JSON)
        case "csv":
            return await streamed(usage_csv(context, found, language), CSV, name=f"{name}.csv")
        case "xlsx":
            check_fits_sheet(found)
            return workbook_to_keep(await usage_workbook(context, found, language), f"{name}.xlsx")


@router.get(
    "/statements/{office}/{month}",
    response_model=Statement,
    summary="The monthly statement of an office (2026-07)",
    responses=TABLES,
)
async def get_statement(
    request: Request, context: Context, office: str, month: str, query: Annotated[SheetQuery, InQuery()]
) -> Response:
    found = await statement(context, office, month)
    name, language = f"statement-{found.office}-{found.month}", language_of(request)
    match query.format:
        case "json":
            return answer(found)
        case "csv":
            return csv_file(statement_csv(found, language), name)
        case "xlsx":
            return workbook_to_keep(await asyncio.to_thread(statement_workbook, found, language), f"{name}.xlsx")
