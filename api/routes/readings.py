"""/live, /live/stream, history: what devices said."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Request
from fastapi import Query as InQuery
from pydantic import Field
from starlette.responses import Response, StreamingResponse

from api.context import ApiContext
from api.problems import RequestProblem
from api.routes.answers import Context, Moment, Query, TableQuery, answer, moment, table
from api.services.edges import local_date, midnight, parse_step
from api.services.history import History, HistoryRow, histories, history
from api.services.live import Live, LivePoint, chosen_points, live, live_changes
from facility.store.protocol import Aggregate
from facility.text import Text

router = APIRouter(tags=["readings"])

MAX_STREAMS: Final = 200
"""Open live streams of one server; more are turned away rather than slowing everybody."""
PING: Final = b": quiet\n\n"


class LiveQuery(TableQuery):
    """Which points; both may be combined."""

    equipment: str | None = None
    office: str | None = None


class StreamQuery(Query):
    """Which points; both may be combined."""

    equipment: str | None = None
    office: str | None = None


class SpanQuery(Query):
    """Which time, and how it is summed up. Without `every` and `aggregate` the readings come as they were taken; with
    `aggregate` alone as one value for the whole time.
    """

    start: Moment = None
    end: Moment = None
    every: Annotated[str, Field(max_length=12, examples=["5m"])] | None = None
    aggregate: Aggregate | None = None


class HistoryQuery(SpanQuery, TableQuery):
    """History of one point, also as a CSV file."""


class HistoriesQuery(SpanQuery):
    """Several points at once, for one chart."""

    point: Annotated[list[str], Field(min_length=1, max_length=50)]


@router.get("/live", response_model=Live, summary="The newest reading of every point, with its age")
async def get_live(request: Request, context: Context, query: Annotated[LiveQuery, InQuery()]) -> Response:
    found = live(context, equipment=query.equipment, office=query.office)
    return table(request, query, found, LivePoint, found.points, "live")


@router.get(
    "/live/stream",
    summary="The same as server-sent events: all once, then what changes",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)
async def get_stream(request: Request, context: Context, query: Annotated[StreamQuery, InQuery()]) -> Response:
    chosen_points(context, equipment=query.equipment, office=query.office)
    state = request.app.state
    if state.streams >= MAX_STREAMS or context.stopping.is_set():
        raise RequestProblem(503, "too_many_streams", Text("实时连接过多", "too many live streams are open"))
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_events(request, context, query), media_type="text/event-stream", headers=headers)


async def _events(request: Request, context: ApiContext, query: StreamQuery) -> AsyncGenerator[bytes]:
    state = request.app.state
    state.streams += 1
    number = 0
    try:
        async with aclosing(live_changes(context, equipment=query.equipment, office=query.office)) as changes:
            async for change in changes:
                if change is None:
                    yield PING
                    continue
                number += 1
                yield b"id: %d\ndata: %s\n\n" % (number, change.__pydantic_serializer__.to_json(change))
                await asyncio.sleep(0)
    finally:
        state.streams -= 1


@router.get("/points/{point_id}/history", response_model=History, summary="History of one point")
async def get_history(
    request: Request, context: Context, point_id: str, query: Annotated[HistoryQuery, InQuery()]
) -> Response:
    start, end = _span(context, query)
    every = None if query.every is None else parse_step(query.every)
    found = await history(context, point_id, start, end, every=every, aggregate=query.aggregate)
    return table(request, query, found, HistoryRow, found.rows, f"history-{found.id}")


@router.get("/history", response_model=list[History], summary="History of several points")
async def get_histories(context: Context, query: Annotated[HistoriesQuery, InQuery()]) -> Response:
    start, end = _span(context, query)
    every = None if query.every is None else parse_step(query.every)
    found = await histories(context, query.point, start, end, every=every, aggregate=query.aggregate)
    return Response(b"[" + b",".join(bytes(answer(item).body) for item in found) + b"]", media_type="application/json")


def _span(context: ApiContext, query: SpanQuery) -> tuple[datetime, datetime]:
    now, zone = context.clock.now(), context.site.zone
    today = midnight(local_date(now, zone), zone)
    return moment(query.start, zone, today, "start"), moment(query.end, zone, now, "end")
