"""The door of the API: who may pass, decided before the body, the id or anything else is looked at.

Every path has an entry in `ACCESS`. One that has none is open to administrators only: a new route is closed until it is
declared here. Pages bring their own door for their own paths.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.bodies import MAX_BODY_BYTES, too_large
from api.context import ApiContext
from api.errors import STATUS_TEXTS, problem_response
from api.problems import RequestProblem
from facility.commands import Actor, Role
from facility.errors import StoreUnavailable
from facility.text import Text

ACTOR_KEY: Final = "houqin.actor"
"""Where the request's scope holds who asks; None for a stranger who may read."""


class Access(StrEnum):
    """Who may use a path.

    OPEN everybody; READ every role, and strangers where reading is open; OPERATE who may operate equipment (of which
    equipment is decided with its id); ATTEND who attends to alarms: the duty room and those above it; ADMINISTER the
    administration section and administrators; SCRAPE every role, and programs on this machine; NOBODY administrators
    only.
    """

    OPEN = "open"
    READ = "read"
    OPERATE = "operate"
    ATTEND = "attend"
    ADMINISTER = "administer"
    SCRAPE = "scrape"
    NOBODY = "nobody"


ROLES: Final[Mapping[Access, frozenset[Role]]] = {
    Access.OPEN: frozenset(Role),
    Access.READ: frozenset(Role),
    Access.SCRAPE: frozenset(Role),
    Access.OPERATE: frozenset(Role) - {Role.VIEWER},
    Access.ATTEND: frozenset({Role.DUTY_ROOM, Role.ADMIN_SECTION, Role.ADMINISTRATOR}),
    Access.ADMINISTER: frozenset({Role.ADMIN_SECTION, Role.ADMINISTRATOR}),
    Access.NOBODY: frozenset({Role.ADMINISTRATOR}),
}

ACCESS: Final[Mapping[tuple[str, str], Access]] = {
    ("GET", "/api/v1/health"): Access.OPEN,
    ("GET", "/api/v1/site"): Access.READ,
    ("GET", "/api/v1/lines"): Access.READ,
    ("GET", "/api/v1/lines/{line}/frames"): Access.ATTEND,
    ("GET", "/api/v1/points"): Access.READ,
    ("GET", "/api/v1/points/{point}"): Access.READ,
    ("GET", "/api/v1/points/{point}/history"): Access.READ,
    ("GET", "/api/v1/history"): Access.READ,
    ("GET", "/api/v1/live"): Access.READ,
    ("GET", "/api/v1/live/stream"): Access.READ,
    ("GET", "/api/v1/board"): Access.READ,
    ("GET", "/api/v1/usage"): Access.READ,
    ("GET", "/api/v1/statements/{office}/{month}"): Access.READ,
    ("GET", "/api/v1/meters"): Access.READ,
    ("GET", "/api/v1/meters/{meter}"): Access.READ,
    ("GET", "/api/v1/meters/{meter}/readings"): Access.READ,
    ("POST", "/api/v1/meters/{meter}/replacements"): Access.ADMINISTER,
    ("POST", "/api/v1/meters/{meter}/readings"): Access.ADMINISTER,
    ("POST", "/api/v1/meters/{meter}/corrections"): Access.ADMINISTER,
    ("POST", "/api/v1/meters/{meter}/assignments"): Access.ADMINISTER,
    ("POST", "/api/v1/meters/{meter}/jumps"): Access.ADMINISTER,
    ("GET", "/api/v1/held-jumps"): Access.READ,
    ("GET", "/api/v1/balance"): Access.READ,
    ("GET", "/api/v1/air-conditioning/{outdoor}/{month}"): Access.READ,
    ("GET", "/api/v1/offices/{office}/headcounts"): Access.READ,
    ("POST", "/api/v1/offices/{office}/headcounts"): Access.ADMINISTER,
    ("GET", "/api/v1/offices/{office}/areas"): Access.READ,
    ("POST", "/api/v1/offices/{office}/areas"): Access.ADMINISTER,
    ("GET", "/api/v1/offices/{office}/quotas"): Access.READ,
    ("POST", "/api/v1/offices/{office}/quotas"): Access.ADMINISTER,
    ("GET", "/api/v1/quotas"): Access.READ,
    ("POST", "/api/v1/quotas"): Access.ADMINISTER,
    ("GET", "/api/v1/tariffs"): Access.READ,
    ("POST", "/api/v1/tariffs"): Access.ADMINISTER,
    ("GET", "/api/v1/tariffs/prices"): Access.READ,
    ("POST", "/api/v1/tariffs/prices"): Access.ADMINISTER,
    ("GET", "/api/v1/factors"): Access.READ,
    ("POST", "/api/v1/factors"): Access.ADMINISTER,
    ("GET", "/api/v1/bills"): Access.READ,
    ("POST", "/api/v1/bills"): Access.ADMINISTER,
    ("POST", "/api/v1/entries/{kind}/{number}/revoke"): Access.ADMINISTER,
    ("GET", "/api/v1/months"): Access.READ,
    ("POST", "/api/v1/months/{month}/close"): Access.ADMINISTER,
    ("POST", "/api/v1/months/{month}/restate"): Access.ADMINISTER,
    ("GET", "/api/v1/decisions"): Access.READ,
    ("GET", "/api/v1/equipment/{equipment}/decision"): Access.READ,
    ("POST", "/api/v1/equipment/{equipment}/commands"): Access.OPERATE,
    ("GET", "/api/v1/commands"): Access.READ,
    ("GET", "/api/v1/commands/{command}"): Access.READ,
    ("GET", "/api/v1/observance"): Access.READ,
    ("GET", "/api/v1/observance/details"): Access.READ,
    ("GET", "/api/v1/patrols"): Access.READ,
    ("GET", "/api/v1/patrols/{day}"): Access.READ,
    ("POST", "/api/v1/patrols/{day}/ticks"): Access.ATTEND,
    ("GET", "/api/v1/filings"): Access.READ,
    ("POST", "/api/v1/filings"): Access.OPERATE,
    ("GET", "/api/v1/filings/{number}"): Access.READ,
    ("POST", "/api/v1/filings/{number}/approve"): Access.ADMINISTER,
    ("POST", "/api/v1/filings/{number}/reject"): Access.ADMINISTER,
    ("POST", "/api/v1/filings/{number}/revoke"): Access.OPERATE,
    ("GET", "/api/v1/alarms"): Access.READ,
    ("GET", "/api/v1/alarms/{key}/history"): Access.READ,
    ("POST", "/api/v1/alarms/{key}/acknowledge"): Access.ATTEND,
    ("POST", "/api/v1/alarms/{key}/shelve"): Access.ATTEND,
    ("POST", "/api/v1/alarms/{key}/unshelve"): Access.ATTEND,
    ("POST", "/api/v1/alarms/{key}/out-of-service"): Access.ATTEND,
    ("POST", "/api/v1/alarms/{key}/in-service"): Access.ATTEND,
    ("GET", "/api/v1/notifications"): Access.ATTEND,
    ("POST", "/api/v1/notifications/test"): Access.ADMINISTER,
    ("GET", "/api/v1/weather/forecast"): Access.READ,
    ("POST", "/api/v1/weather/forecast"): Access.ADMINISTER,
    ("GET", "/api/v1/rules"): Access.READ,
    ("GET", "/api/v1/trials"): Access.ADMINISTER,
    ("POST", "/api/v1/trials"): Access.ADMINISTER,
    ("GET", "/api/v1/trials/{number}"): Access.ADMINISTER,
    ("POST", "/api/v1/trials/{number}/cancel"): Access.ADMINISTER,
    ("GET", "/api/v1/almanac/years/{year}"): Access.READ,
    ("GET", "/api/v1/almanac/duty"): Access.READ,
    ("GET", "/api/v1/almanac/entries"): Access.READ,
    ("POST", "/api/v1/almanac/tables"): Access.ADMINISTER,
    ("POST", "/api/v1/almanac/closures"): Access.ADMINISTER,
    ("POST", "/api/v1/almanac/half-days"): Access.ADMINISTER,
    ("POST", "/api/v1/almanac/workdays"): Access.ADMINISTER,
    ("POST", "/api/v1/almanac/timetables"): Access.ADMINISTER,
    ("POST", "/api/v1/almanac/duty"): Access.ADMINISTER,
    ("POST", "/api/v1/almanac/entries/{number}/revoke"): Access.ADMINISTER,
    ("GET", "/api/v1/metrics"): Access.SCRAPE,
    ("GET", "/api/v1/openapi.json"): Access.READ,
    ("GET", "/docs"): Access.READ,
    ("GET", "/docs/assets/{file}"): Access.READ,
}

OWN_PREFIXES: Final = ("/api", "/docs", "/metrics", "/openapi", "/redoc")
"""Paths that are never a page: whatever lies under them and is not in `ACCESS` is closed."""

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile("".join("[^/]+" if part.startswith("{") else re.escape(part)
                              for part in re.split(r"(\{\w+\})", template)) + r"\Z")  # fmt: skip


_PATTERNS: Final = [(method, _pattern(path), access) for (method, path), access in ACCESS.items()]


def access_of(method: str, path: str) -> Access:
    """Who may use `path`; NOBODY when it is not declared."""
    wanted = "GET" if method == "HEAD" else method
    for declared, pattern, access in _PATTERNS:
        if declared == wanted and pattern.match(path):
            return access
    return Access.NOBODY


def methods_of(path: str) -> list[str]:
    """The methods that `path` is declared for, none where nothing lies."""
    return [method for method, pattern, _ in _PATTERNS if pattern.match(path)]


def actor_of_request(connection: HTTPConnection) -> Actor | None:
    """Who asks, None for a stranger who may read."""
    actor: Actor | None = connection.scope.get(ACTOR_KEY)
    return actor


class Gate:
    """Lets pass whom `ACCESS` lets pass; answers everybody else itself.

    Args:
        pages: whether paths that are not the API's belong to pages, which have a door of their own.
    """

    def __init__(self, app: ASGIApp, context: ApiContext, *, pages: bool) -> None:
        self._app = app
        self._context = context
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            request = Request(scope)
            refusal = await self._refusal(request)
            await (self._app if refusal is None else refusal)(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _refusal(self, request: Request) -> Response | None:
        try:
            await self._admit(request)
            _check_origin(request)
            _check_length(request)
        except RequestProblem as problem:
            headers = {"WWW-Authenticate": 'Bearer realm="houqin"'} if problem.status == 401 else {}
            if problem.status == 413:
                headers["Connection"] = "close"
            return problem_response(
                request, problem.status, problem.code, problem.text, hint=problem.hint, headers=headers
            )
        except StoreUnavailable:
            return problem_response(request, 503, "store_unavailable", STATUS_TEXTS[503], headers={"Retry-After": "5"})
        return None

    async def _admit(self, request: Request) -> None:
        path: str = request.scope["path"]
        if self._pages and not is_own(path):
            return
        access = access_of(request.method, path)
        if access is Access.OPEN:
            return
        actor = await self._actor(request)
        request.scope[ACTOR_KEY] = actor
        if actor is None:
            if not self._strangers_may(access, request):
                raise RequestProblem(401, "log_in", STATUS_TEXTS[401])
        elif actor.role not in ROLES[access]:
            raise RequestProblem(
                403, "not_permitted", Text("您的角色没有这个权限", "your role is not permitted to do this")
            )

    def _strangers_may(self, access: Access, request: Request) -> bool:
        if access is Access.READ:
            return self._context.open_reading
        return access is Access.SCRAPE and (self._context.open_reading or is_loopback(request))

    async def _actor(self, connection: HTTPConnection) -> Actor | None:
        """Who stands behind the token, or behind the browser's log-in; None without either.

        Raises:
            RequestProblem: a token that is not (or no longer) valid.
        """
        header = connection.headers.get("authorization")
        if header is None:
            browser = self._context.actor_of_browser
            return None if browser is None else await browser(connection)
        scheme, _, token = header.partition(" ")
        token = token.strip()
        actor = None
        if scheme.lower() == "bearer" and 0 < len(token) <= 400:
            actor = await self._context.remember(self._context.journal.actor_of, token)
        if actor is None:
            raise RequestProblem(401, "wrong_token", Text("访问令牌无效", "the access token is not valid"))
        return actor

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The API has no sockets; those of pages are theirs, from our own pages only."""
        connection = HTTPConnection(scope)
        if self._pages and not is_own(scope["path"]) and _origin_is_ours(connection):
            await self._app(scope, receive, send)
            return
        await receive()
        await send({"type": "websocket.close", "code": 1008, "reason": "not permitted"})


def is_own(path: str) -> bool:
    """Whether `path` is the API's, where no page ever is."""
    return path.startswith(OWN_PREFIXES)


def _check_origin(request: Request) -> None:
    """A browser tells where a request comes from: another site's page may not change anything here."""
    if request.method not in _SAFE and not _origin_is_ours(request):
        raise RequestProblem(403, "foreign_origin", Text("请求来自其他网站", "this request comes from another site"))


def _origin_is_ours(connection: HTTPConnection) -> bool:
    if connection.headers.get("sec-fetch-site") == "cross-site":
        return False
    origin = connection.headers.get("origin")
    return origin is None or origin.partition("://")[2].lower() == connection.headers.get("host", "").lower()


def _check_length(request: Request) -> None:
    length = request.headers.get("content-length", "0")
    if not length.isascii() or not length.isdigit():
        raise RequestProblem(400, "wrong_length", STATUS_TEXTS[400])
    if len(length) > 12 or int(length) > MAX_BODY_BYTES:
        raise too_large()


def is_loopback(connection: HTTPConnection) -> bool:
    """Whether the request comes from a program on this machine, without a proxy in between."""
    if connection.client is None or "x-forwarded-for" in connection.headers or "forwarded" in connection.headers:
        return False
    try:
        return ipaddress.ip_address(connection.client.host).is_loopback
    except ValueError:
        return False
