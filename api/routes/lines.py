"""/lines: how the wires do, and the raw frames on them."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Request
from fastapi import Query as InQuery
from pydantic import Field
from starlette.responses import Response

from api.auth import actor_of_request
from api.routes.answers import Context, Query, answer
from api.services.frames import MOST_FRAMES, Frames, as_text, frames
from api.services.lines import Lines, lines, may_see_frames

router = APIRouter(tags=["building"])

TEXT = "text/plain; charset=utf-8"


class FramesQuery(Query):
    """The newest `limit` frames that came after the one numbered `after`; `text` is one line a frame, to keep."""

    after: int = Field(0, ge=0)
    limit: int = Field(100, ge=1, le=MOST_FRAMES)
    format: Literal["json", "text"] = "json"


@router.get("/lines", response_model=Lines, summary="How the wires do, line by line and device by device")
async def get_lines(request: Request, context: Context) -> Response:
    return answer(await lines(context, raw=may_see_frames(actor_of_request(request))))


@router.get("/lines/{line}/frames", response_model=Frames, summary="The last raw frames on a line")
async def get_frames(context: Context, line: str, query: Annotated[FramesQuery, InQuery()]) -> Response:
    found = frames(context, line, after=query.after, limit=query.limit)
    if query.format == "json":
        return answer(found)
    headers = {"Content-Disposition": f'attachment; filename="frames-{line}.txt"'}
    return Response(as_text(found.frames).encode(), media_type=TEXT, headers=headers)
