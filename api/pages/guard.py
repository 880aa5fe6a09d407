"""The door of the pages: who may pass, and what a browser may do with what it gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from api.auth import is_own, methods_of
from api.errors import nothing_here
from api.pages import texts
from api.pages.sessions import Sessions, key_of

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from api.context import ApiContext

PATHS: Final = (
    "/", "/office/{office}", "/equipment/{equipment}", "/alarms", "/usage", "/statements/{office}", "/months",
    "/meters", "/meters/{meter}", "/balance", "/filings", "/filings/register", "/observance", "/patrol",
    "/rules", "/trials", "/trials/{number}", "/login", "/logout", "/almanac", "/lines", "/lines/{line}",
)  # fmt: skip
"""Every page there is."""

OPEN_PATHS: Final = frozenset({"/login", "/language/zh", "/language/en", "/favicon.ico"})
"""What a stranger may ask for. A logged-out browser can read nothing else than the log-in page and its assets."""

OPEN_PREFIXES: Final = ("/_nicegui/", "/_nicegui_ws/", "/assets/")
"""NiceGUI's own files; its socket answers only to the unguessable id of a page that was served before."""

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'self'; "
        "frame-ancestors 'none'; object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


class PageGuard:
    """Lets strangers see the log-in page only, unless reading is open. What lies under the API's paths is no page."""

    def __init__(self, app: ASGIApp, context: ApiContext, sessions: Sessions) -> None:
        self._app = app
        self._context = context
        self._sessions = sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        refusal = await self._refusal(Request(scope))
        await (self._app if refusal is None else refusal)(scope, receive, send_guarded)

    async def _refusal(self, request: Request) -> Response | None:
        path = request.scope["path"]
        if is_own(path):
            return nothing_here(request, methods_of(path))
        if path in OPEN_PATHS or path.startswith(OPEN_PREFIXES) or self._context.open_reading:
            return None
        if await self._sessions.actor(key_of(request)) is not None:
            return None
        if request.method != "GET":
            return PlainTextResponse(" / ".join(texts.LOG_IN_FIRST), status_code=401)
        query = request.url.query
        target = quote(path + (f"?{query}" if query else ""), safe="/")
        return RedirectResponse(f"/login?next={target}", status_code=303)
