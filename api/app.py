"""The web application: routes, the gate in front of them, problems in words, documentation without internet, pages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import errors
from api.auth import Gate, methods_of
from api.context import ApiContext
from api.draining import Draining
from api.openapi import document
from api.routes import (
    alarming,
    almanac,
    building,
    control,
    filings,
    lines,
    meters,
    money,
    observance,
    offices,
    readings,
    rules,
    service,
    trials,
    use,
)
from api.routes.answers import PROBLEMS

PREFIX: Final = "/api/v1"

_QUIET: Final = {"tracing": False, "metrics": False, "logs": False, "operation_spans": False}
"""The framework's own telemetry stays off: nothing of a site leaves it."""

_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
)


def create_app(context: ApiContext, *, pages: bool = True) -> FastAPI:
    """The application of one site. Run it with its lifespan: that takes over what the journal remembers.

    Call `context.stop_streams()` before the server is told to exit: open live streams then end at once.
    """
    app = FastAPI(
        title="Houqin 后勤",
        version=context.version,
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
        redirect_slashes=False,
        lifespan=_lifespan,
        telemetry=_QUIET,  # type: ignore[arg-type]
    )
    app.state.context = context
    app.state.streams = 0
    errors.install(app)
    for routes in (
        service, building, lines, readings, use, meters, offices, money, control,
        filings, alarming, almanac, rules, observance, trials,
    ):  # fmt: skip
        app.include_router(routes.router, prefix=PREFIX, responses=PROBLEMS)
    app.include_router(service.docs)
    document(app)
    app.add_middleware(Gate, context=context, pages=pages)
    app.add_middleware(Heads)
    app.add_middleware(Headers)
    app.add_middleware(Draining)
    if pages:
        from api.pages import attach

        attach(app, context)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    context: ApiContext = app.state.context
    await context.seed()
    yield
    context.stop_streams()


class Heads:
    """Answers HEAD as GET without the body, for whoever only watches that we live. A stream has no end and no HEAD."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD" or not _has_head(scope["path"]):
            await self._app(scope, receive, send)
            return

        async def send_without_body(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        await self._app({**scope, "method": "GET"}, receive, send_without_body)


def _has_head(path: str) -> bool:
    return "GET" in methods_of(path) and not path.endswith("/stream")


class Headers:
    """What every answer tells a browser: do not guess types, do not show it in a frame, do not pass addresses on."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message.get("headers", ())}
                added = [header for header in _HEADERS if header[0] not in present]
                message = {**message, "headers": [*message.get("headers", ()), *added]}
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)
