"""/health, /metrics and the documentation: about the program itself."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Final

import fastapi_offline
from fastapi import APIRouter, Request
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.responses import FileResponse, Response

from api.metrics import CONTENT_TYPE, metrics_text
from api.problems import RequestProblem
from api.routes.answers import Context, answer
from api.services.control_state import ControlState, control_state
from api.shapes import Shape
from facility.text import Text

router = APIRouter(tags=["service"])
docs = APIRouter(include_in_schema=False)

ASSETS: Final = Path(fastapi_offline.__file__).parent / "static"
FILES: Final = ("swagger-ui-bundle.js", "swagger-ui.css", "favicon.png")


class Health(Shape):
    """That the program answers, and which time it lives in. `pace` is clock seconds per second of life. `control`:
    whether the controller operates the building (acting), is only tried out (shadow), stands by for another one
    (standby), or holds still because nobody is known to act (unled); `epoch` of the lease, None where there is none.
    `store_away`: the store takes no readings now; `spool_percent`: how full their room on disk is, None without one.
    """

    status: str
    time: datetime
    pace: float
    version: str
    control: ControlState
    epoch: int | None
    store_away: bool
    spool_percent: float | None


@router.get("/health", response_model=Health, summary="That the program answers, and its clock")
async def get_health(context: Context) -> Response:
    lease = context.latest.lease
    writer = context.store_writer
    spool = None if writer is None else writer.spool
    return answer(
        Health(
            status="ok",
            time=context.now(),
            pace=context.clock.pace,
            version=context.version,
            control=control_state(context),
            epoch=None if lease is None else lease.epoch,
            store_away=writer is not None and writer.away,
            spool_percent=None if spool is None else round(spool.percent, 1),
        )
    )


@router.get("/metrics", summary="Prometheus metrics", response_class=Response)
async def get_metrics(request: Request, context: Context) -> Response:
    return Response(metrics_text(context, request.app.state.streams), media_type=CONTENT_TYPE)


@docs.get("/docs")
async def get_docs(request: Request) -> Response:
    """The API's documentation; everything it needs comes from this server."""
    return get_swagger_ui_html(
        openapi_url=request.app.openapi_url,
        title=request.app.title,
        swagger_js_url="/docs/assets/swagger-ui-bundle.js",
        swagger_css_url="/docs/assets/swagger-ui.css",
        swagger_favicon_url="/docs/assets/favicon.png",
    )


@docs.get("/docs/assets/{file}")
async def get_asset(file: str) -> Response:
    """One of the documentation's own files."""
    if file not in FILES:
        raise RequestProblem(404, "http_404", Text("没有这个文件", "there is no such file"))
    return FileResponse(ASSETS / file, headers={"Cache-Control": "public, max-age=86400"})
