"""Puts NiceGUI on the API's application: routes, cookies, the guard, and NiceGUI's own state out of harm's way."""

from __future__ import annotations

import os
import tempfile
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs

os.environ.setdefault("NICEGUI_STORAGE_PATH", os.path.join(tempfile.gettempdir(), f"houqin-pages-{os.getpid()}"))

import nicegui
from nicegui import core, ui
from nicegui.client import Client
from nicegui.page import page as page_type
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.pages import almanac, filings, lines, observance, rules, texts, trials
from api.pages.alarms import alarms_page
from api.pages.balance import balance_page
from api.pages.board import board_page
from api.pages.entrance import entrance_page, missing_page
from api.pages.equipment import equipment_page
from api.pages.frame import ASSETS, style_link
from api.pages.guard import PATHS, PageGuard
from api.pages.meter import meter_page
from api.pages.meters import meters_page
from api.pages.months import months_page
from api.pages.office import office_page
from api.pages.reader import reader_of
from api.pages.sessions import (
    LANGUAGE_COOKIE,
    LOG_IN_COOKIE,
    MAX_AGE_S,
    Sessions,
    key_of,
    local_target,
    storage_secret,
)
from api.pages.statement import statement_page
from api.pages.usage import usage_page

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import FastAPI

    from api.context import ApiContext

MAX_FORM_BYTES: Final = 4096
BUILD_S: Final = 15.0
"""Wall seconds a page may take to be built, on a machine that is busy making history."""
LANGUAGE_AGE_S: Final = 400 * 86_400


def mount(app: FastAPI, context: ApiContext) -> None:
    """Serves all pages of `context` on `app`."""
    _forget_earlier()
    sessions = Sessions(context)
    context.actor_of_browser = sessions.actor_of_browser
    Client.shared_head_html = style_link() + "\n"
    nicegui.app.add_static_files("/assets", ASSETS)
    nicegui.app.user_middleware.append(Middleware(PageGuard, context=context, sessions=sessions))
    _register_pages(context, sessions)
    _register_accounts(context, sessions)
    for part in (filings, observance, rules, almanac, trials, lines):
        part.register(context, sessions)
    _register_entrance(context, sessions)
    _register_errors(context, sessions)
    ui.run_with(
        app,
        title=texts.PRODUCT.zh,
        language="zh-CN",
        favicon=ASSETS / "houqin.svg",
        tailwind=False,
        binding_refresh_interval=None,
        reconnect_timeout=10.0,
        storage_secret=storage_secret(context),
        session_middleware_kwargs={"session_cookie": "houqin_page", "same_site": "lax"},
        show_welcome_message=False,
    )
    nicegui.app.on_shutdown(_end_sockets)
    context.on_adopted = _fetch_anew


def _fetch_anew() -> None:
    """Every open page is fetched anew: the building it shows is another."""
    for client in tuple(Client.instances.values()):
        client.run_javascript("location.reload()")


def _forget_earlier() -> None:
    """Takes the pages of an earlier mount out of NiceGUI's one application."""
    for path in (*PATHS, "/assets/{path:path}", "/language/{language}"):
        nicegui.app.remove_route(path)
    nicegui.app.middleware_stack = None
    nicegui.app.user_middleware.clear()


async def _end_sockets() -> None:
    """Ends the task that watches the browsers' connections, and lets a later start begin anew."""
    if core.sio.eio.service_task_handle is not None:
        await core.sio.shutdown()
    core.sio.eio.start_service_task = True


def _register_pages(context: ApiContext, sessions: Sessions) -> None:
    @ui.page("/", response_timeout=BUILD_S)
    async def board(request: Request) -> None:
        await board_page(await reader_of(request, context, sessions))

    @ui.page("/office/{office}", response_timeout=BUILD_S)
    async def office(request: Request, office: str) -> None:
        reader = await reader_of(request, context, sessions)
        if office not in context.site.offices:
            missing_page(reader)
            return
        await office_page(reader, office, request.query_params)

    @ui.page("/equipment/{equipment}", response_timeout=BUILD_S)
    async def equipment(request: Request, equipment: str) -> None:
        reader = await reader_of(request, context, sessions)
        if equipment not in context.site.equipment:
            missing_page(reader)
            return
        await equipment_page(reader, equipment)

    @ui.page("/alarms", response_timeout=BUILD_S)
    async def alarms(request: Request) -> None:
        await alarms_page(await reader_of(request, context, sessions), request.query_params)

    @ui.page("/usage", response_timeout=BUILD_S)
    async def usage(request: Request) -> None:
        await usage_page(await reader_of(request, context, sessions), request.query_params)


def _register_accounts(context: ApiContext, sessions: Sessions) -> None:
    @ui.page("/statements/{office}", response_timeout=BUILD_S)
    async def statements(request: Request, office: str) -> None:
        reader = await reader_of(request, context, sessions)
        if office not in context.site.offices:
            missing_page(reader)
            return
        await statement_page(reader, office, request.query_params)

    @ui.page("/months", response_timeout=BUILD_S)
    async def months(request: Request) -> None:
        await months_page(await reader_of(request, context, sessions))

    @ui.page("/meters", response_timeout=BUILD_S)
    async def meters(request: Request) -> None:
        await meters_page(await reader_of(request, context, sessions))

    @ui.page("/meters/{meter}", response_timeout=BUILD_S)
    async def meter(request: Request, meter: str) -> None:
        reader = await reader_of(request, context, sessions)
        if meter not in context.site.all_meters:
            missing_page(reader)
            return
        await meter_page(reader, meter)

    @ui.page("/balance", response_timeout=BUILD_S)
    async def balance(request: Request) -> None:
        await balance_page(await reader_of(request, context, sessions), request.query_params)


def _register_entrance(context: ApiContext, sessions: Sessions) -> None:
    @ui.page("/login", response_timeout=BUILD_S)
    async def login(request: Request) -> None:
        entrance_page(await reader_of(request, context, sessions), request.query_params)

    async def log_in(request: Request) -> Response:
        fields = await _small_form(request)
        target = local_target(fields.get("next"))
        key = await sessions.open(fields.get("token", "").strip())
        if key is None:
            return RedirectResponse(f"/login?wrong=1&next={target}", status_code=303)
        response = RedirectResponse(target, status_code=303)
        _put_cookie(request, response, LOG_IN_COOKIE, key, int(MAX_AGE_S))
        return response

    async def log_out(request: Request) -> Response:
        sessions.close(key_of(request))
        response = RedirectResponse("/", status_code=303)
        response.delete_cookie(LOG_IN_COOKIE)
        return response

    async def speak(request: Request) -> Response:
        response = RedirectResponse(local_target(request.query_params.get("next")), status_code=303)
        language = "en" if request.path_params["language"] == "en" else "zh"
        _put_cookie(request, response, LANGUAGE_COOKIE, language, LANGUAGE_AGE_S)
        return response

    nicegui.app.add_route("/login", log_in, methods=["POST"], include_in_schema=False)
    nicegui.app.add_route("/logout", log_out, methods=["POST"], include_in_schema=False)
    nicegui.app.add_route("/language/{language}", speak, methods=["GET"], include_in_schema=False)


def _put_cookie(request: Request, response: Response, name: str, value: str, max_age_s: int) -> None:
    response.set_cookie(
        name, value, max_age=max_age_s, httponly=True, samesite="lax", secure=request.url.scheme == "https"
    )


async def _small_form(request: Request) -> dict[str, str]:
    """The fields of an urlencoded form of at most `MAX_FORM_BYTES`; an empty one when it is larger."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM_BYTES:
            return {}
    return {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}


def _register_errors(context: ApiContext, sessions: Sessions) -> None:
    async def not_found(request: Request, _: Exception) -> Response:
        return await _error_page(request, 404, texts.NOT_FOUND, texts.NOT_FOUND_HINT)

    async def failed(request: Request, error: Exception) -> Response:
        nicegui.app.handle_exception(error)
        return await _error_page(request, 500, texts.PAGE_FAILED, texts.PAGE_FAILED_HINT)

    async def _error_page(request: Request, status: int, what: Any, hint: Any) -> Response:
        reader = await reader_of(request, context, sessions)
        with Client(page_type(""), request=request) as client:
            missing_page(reader, what, hint, status=status)
        return client.build_response(request, status)

    handlers: dict[Any, Callable[..., Any]] = nicegui.app.exception_handlers
    handlers[404] = not_found
    handlers[Exception] = failed
