"""/lines: how the wires do, and the raw frames on them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from fastapi import Query as InQuery
from pydantic import Field
from starlette.responses import Response

from api.routes.answers import Context, Query, answer
from api.services.lines import MOST_FRAMES, Frames, Lines, frames, lines

router = APIRouter(tags=["building"])


class FramesQuery(Query):
    """The newest `limit` frames that came after the one numbered `after`."""

    after: int = Field(0, ge=0)
    limit: int = Field(100, ge=1, le=MOST_FRAMES)


@router.get("/lines", response_model=Lines, summary="How the wires do, line by line and device by device")
async def get_lines(context: Context) -> Response:
    return answer(lines(context))


@router.get("/lines/{line}/frames", response_model=Frames, summary="The last raw frames on a line")
async def get_frames(context: Context, line: str, query: Annotated[FramesQuery, InQuery()]) -> Response:
    return answer(frames(context, line, after=query.after, limit=query.limit))
