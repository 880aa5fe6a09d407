"""/observance, /patrols: what was kept to and what was not, and the lists of the evenings."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi import Query as InQuery
from starlette.responses import Response

from api.bodies import read_body
from api.problems import RequestProblem
from api.routes.answers import Context, Day, answer
from api.routes.posting import body_of, who
from api.routes.sheets import TABLES, SheetQuery, model_sheet
from api.services.observance import (
    By,
    ObservanceDetail,
    ObservanceRow,
    ObservanceTable,
    check_days,
    observance_details,
    observance_table,
)
from api.services.patrols import PatrolItemView, Patrols, PatrolView, TickBody, patrol, patrols, tick
from api.shapes import Shape
from facility.observance import Rule
from facility.text import Text

router = APIRouter(tags=["control"])

OBSERVANCE = Text("制度执行", "Keeping to the rules")
PATROL = Text("下班检查清单", "Evening list")
LISTS_DAYS = 31


class ObservanceQuery(SheetQuery):
    """Local days [start, end), the running month where they are not named."""

    start: Day | None = None
    end: Day | None = None
    by: By = By.OFFICE
    office: str | None = None


class DetailQuery(SheetQuery):
    """Local days [start, end), of one office or rule where it is named."""

    start: Day | None = None
    end: Day | None = None
    office: str | None = None
    rule: Rule | None = None


class ObservanceDetails(Shape):
    """Single rows, by day and equipment."""

    rows: list[ObservanceDetail]


class PatrolsQuery(SheetQuery):
    """Evenings in [start, end), the last month where they are not named."""

    start: Day | None = None
    end: Day | None = None


@router.get(
    "/observance", response_model=ObservanceTable, summary="Minutes in which rules were broken", responses=TABLES
)
async def get_observance(
    request: Request, context: Context, query: Annotated[ObservanceQuery, InQuery()]
) -> Response:  # fmt: skip
    start, end = check_days(context, query.start, query.end)
    found = await observance_table(context, start, end, query.by, office=query.office)
    name = f"observance-{start}-{end - timedelta(days=1)}"
    return await model_sheet(request, query, found, OBSERVANCE, ObservanceRow, found.rows, name)


@router.get(
    "/observance/details", response_model=ObservanceDetails, summary="When, and at which equipment", responses=TABLES
)
async def get_details(request: Request, context: Context, query: Annotated[DetailQuery, InQuery()]) -> Response:
    start, end = check_days(context, query.start, query.end)
    rows = await observance_details(context, start, end, office=query.office, rule=query.rule)
    whole = ObservanceDetails(rows=rows)
    return await model_sheet(request, query, whole, OBSERVANCE, ObservanceDetail, rows, f"observance-details-{start}")


@router.get("/patrols", response_model=Patrols, summary="Evening lists, newest first", responses=TABLES)
async def get_patrols(request: Request, context: Context, query: Annotated[PatrolsQuery, InQuery()]) -> Response:
    today = context.now().date()
    end = query.end or today + timedelta(days=1)
    start, end = check_days(context, query.start or end - timedelta(days=LISTS_DAYS), end)
    found = Patrols(rows=await patrols(context, start, end))
    return await model_sheet(request, query, found, PATROL, PatrolView, found.rows, "patrols")


@router.get("/patrols/{day}", response_model=PatrolView, summary="The list of one evening", responses=TABLES)
async def get_patrol(
    request: Request, context: Context, day: Day, query: Annotated[SheetQuery, InQuery()]
) -> Response:  # fmt: skip
    found = await patrol(context, day)
    if found is None:
        raise RequestProblem(404, "no_list", Text("当日没有清单", "there is no list of that day"))
    return await model_sheet(request, query, found, PATROL, PatrolItemView, found.items, f"patrol-{day}")


@router.post(
    "/patrols/{day}/ticks",
    status_code=201,
    response_model=PatrolView,
    summary="Somebody has been there",
    openapi_extra=body_of(TickBody),
)
async def post_tick(request: Request, context: Context, day: Day) -> Response:
    actor = who(request)
    body = await read_body(request, TickBody)
    return answer(await tick(context, day, body.item, body.note, actor), 201)
