"""/usage and /statements: what was used, by whom."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi import Query as InQuery
from starlette.responses import Response

from api.errors import language_of
from api.reports.statement import statement_csv
from api.routes.answers import Context, Moment, TableQuery, answer, csv_file, moment, table
from api.services.edges import Every, local_date, midnight
from api.services.meters import Medium
from api.services.statement import Statement, statement
from api.services.usage import By, Usage, UsageRow, usage

router = APIRouter(tags=["use"])


class UsageQuery(TableQuery):
    """Whose use of what, when, in rows of which length. Default: today, in one row."""

    by: By = By.OFFICE
    medium: Medium = Medium.ELECTRICITY
    start: Moment = None
    end: Moment = None
    every: Every = Every.TOTAL


@router.get("/usage", response_model=Usage, summary="Use by office, floor, building, item or meter")
async def get_usage(request: Request, context: Context, query: Annotated[UsageQuery, InQuery()]) -> Response:
    now, zone = context.clock.now(), context.site.zone
    start = moment(query.start, zone, midnight(local_date(now, zone), zone), "start")
    end = moment(query.end, zone, now, "end")
    found = await usage(context, by=query.by, medium=query.medium, start=start, end=end, every=query.every)
    return table(request, query, found, UsageRow, found.rows, f"usage-{query.by.value}-{query.medium.value}")


@router.get(
    "/statements/{office}/{month}", response_model=Statement, summary="The monthly statement of an office (2026-07)"
)
async def get_statement(
    request: Request, context: Context, office: str, month: str, query: Annotated[TableQuery, InQuery()]
) -> Response:
    found = await statement(context, office, month)
    if query.format == "json":
        return answer(found)
    return csv_file(statement_csv(found, language_of(request)), f"statement-{found.office}-{found.month}")
