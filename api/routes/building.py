"""/site, /points, /board: what there is, and how it is now at a glance."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi import Query as InQuery
from starlette.responses import Response

from api.routes.answers import Context, TableQuery, answer, table
from api.services.board import Board, board
from api.services.structure import Points, PointView, SiteView, point, points, structure

router = APIRouter(tags=["building"])


class PointsQuery(TableQuery):
    """Which points."""

    equipment: str | None = None


@router.get("/site", response_model=SiteView, summary="Buildings, floors, rooms, offices, equipment")
async def get_site(context: Context) -> Response:
    return answer(structure(context))


@router.get("/points", response_model=Points, summary="All points")
async def get_points(request: Request, context: Context, query: Annotated[PointsQuery, InQuery()]) -> Response:
    found = points(context, equipment=query.equipment)
    return table(request, query, found, PointView, found.rows, "points")


@router.get("/points/{point_id}", response_model=PointView, summary="One point")
async def get_point(context: Context, point_id: str) -> Response:
    return answer(point(context, point_id))


@router.get("/board", response_model=Board, summary="The building now, as the live board shows it")
async def get_board(context: Context) -> Response:
    return answer(await board(context))
