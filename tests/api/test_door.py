"""Who may pass: every route, decided before the body or the id is looked at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, WebSocket
from fastapi.routing import iter_route_contexts
from starlette.types import Message

from api.auth import ACCESS, ROLES, Access, access_of
from facility.commands import Role
from tests.api.house import House, house_of
from tests.sites import small_site_data

pytestmark = pytest.mark.asyncio

IDS = {"point_id": "meter-401.power", "equipment": "ac-401", "command_id": "x", "office": "finance", "month": "2026-07",
       "key": "link_down:plant", "meter": "meter-401", "outdoor": "vrf-1", "kind": "readings", "number": "1",
       "file": "swagger-ui.css", "day": "2026-07-10", "year": "2026", "line": "meters"}  # fmt: skip


def routes_of(app: FastAPI) -> Iterator[tuple[str, str]]:
    """(method, path) of every route and socket; a mount stands for all under it."""
    for context in iter_route_contexts(app.router.routes):
        path = getattr(context, "path", None)
        assert path is not None, f"a route without a path: {context!r}"
        for method in getattr(context, "methods", None) or {"GET"}:
            if method != "HEAD":
                yield method, path


def shape(path: str) -> str:
    """The path with its parameters' names taken out."""
    return "/".join("{}" if part.startswith("{") else part for part in path.split("/"))


def filled(path: str) -> str:
    return path.format(**IDS) if "{" in path else path


async def test_every_route_is_declared_and_nothing_is_declared_that_is_not_there(house: House) -> None:
    found = {(method, shape(path)) for method, path in routes_of(house.app)}
    declared = {(method, shape(path)) for method, path in ACCESS}
    assert found == declared


async def test_a_stranger_is_turned_away_from_every_route_but_health(house: House) -> None:
    async with house.client(None) as stranger:
        for method, path in routes_of(house.app):
            response = await stranger.request(method, filled(path), content=b"not even JSON")
            expected = 200 if path == "/api/v1/health" else 401
            assert response.status_code == expected, (method, path)
            if expected == 401:
                assert response.headers["WWW-Authenticate"].startswith("Bearer")
                assert response.json()["code"] == "log_in"


async def test_a_wrong_or_revoked_token_opens_nothing_even_where_reading_is_open(tmp_path: Path) -> None:
    async with house_of(tmp_path, open_reading=True) as house:
        house.journal.revoke_token("the viewer")
        revoked = f"Bearer {house.tokens['viewer']}"
        async with house.client(None) as client:
            for value in (revoked, "Bearer guess", "Bearer ", "Basic dXNlcjpwYXNz", "Bearer " + "x" * 500):
                response = await client.get("/api/v1/site", headers={"Authorization": value})
                assert response.status_code == 401, value


@pytest.mark.parametrize("role", list(Role))
async def test_each_role_passes_where_it_is_declared_and_nowhere_else(house: House, role: Role) -> None:
    async with house.client(role.value) as client:
        for (method, path), access in ACCESS.items():
            if path.endswith("/live/stream"):
                continue
            example = filled(path.replace("{point}", "meter-401.power").replace("{command}", "x"))
            response = await client.request(method, example)
            allowed = role in ROLES[access]
            assert (response.status_code != 403) == allowed, (role, method, path, response.text)
            assert response.status_code != 401, (role, method, path)


async def test_a_new_route_is_closed_until_it_is_declared(house: House) -> None:
    @house.app.get("/api/v1/brand-new")
    async def brand_new() -> str:
        return "open"

    answers = {}
    for role in (None, "viewer", "admin_section", "administrator"):
        async with house.client(role) as client:
            answers[role] = (await client.get("/api/v1/brand-new")).status_code
    assert answers == {None: 401, "viewer": 403, "admin_section": 403, "administrator": 200}


async def test_a_new_socket_is_closed(house: House) -> None:
    @house.app.websocket("/api/v1/socket")
    async def socket(websocket: WebSocket) -> None:
        await websocket.accept()

    assert await open_socket(house.app, "/api/v1/socket") == ["websocket.close"]
    assert await open_socket(house.app, "/somewhere") == ["websocket.close"]


async def open_socket(app: Any, path: str) -> list[str]:
    """The kinds of message that a stranger's socket gets."""
    sent: list[str] = []
    incoming: list[Message] = [{"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1000}]

    async def receive() -> Message:
        return incoming.pop(0)

    async def send(message: Message) -> None:
        sent.append(message["type"])

    scope = {"type": "websocket", "path": path, "raw_path": path.encode(), "headers": [], "query_string": b"",
             "scheme": "ws", "server": ("houqin.test", 80), "client": ("192.0.2.7", 1), "subprotocols": [],
             "app": app, "state": {}}  # fmt: skip
    await app(scope, receive, send)
    return sent


async def test_open_reading_opens_reading_and_nothing_else(tmp_path: Path) -> None:
    async with house_of(tmp_path, open_reading=True) as house, house.client(None) as stranger:
        for (method, path), access in ACCESS.items():
            if access in (Access.READ, Access.OPEN) and not path.endswith("/live/stream"):
                example = filled(path.replace("{point}", "meter-401.power").replace("{command}", "x"))
                assert (await stranger.request(method, example)).status_code not in (401, 403), path
        assert (await stranger.post("/api/v1/equipment/ac-401/commands", json={"on": False})).status_code == 401
        assert (await stranger.post("/api/v1/weather/forecast", json={})).status_code == 401


async def test_a_site_that_is_public_is_read_by_everybody(tmp_path: Path) -> None:
    async with (
        house_of(tmp_path, site={**small_site_data()["site"], "public_read": True}) as house,
        house.client(None) as stranger,
    ):
        assert (await stranger.get("/api/v1/board")).status_code == 200
        assert (await stranger.post("/api/v1/equipment/ac-401/commands", json={"on": False})).status_code == 401


async def test_existence_of_an_id_is_not_told_to_those_who_may_not_operate_it(house: House) -> None:
    async with house.client("section_operator") as operator:
        others = await operator.post("/api/v1/equipment/ac-402/commands", content=b"{")
        nobodys = await operator.post("/api/v1/equipment/no-such/commands", content=b"{")
    assert (others.status_code, nobodys.status_code) == (403, 403)
    assert others.json()["detail"] == nobodys.json()["detail"]


FOREIGN = (
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://[::1"},
    {"Origin": ""},
    {"Sec-Fetch-Site": "cross-site"},
)


@pytest.mark.parametrize("headers", FOREIGN)
async def test_another_sites_page_changes_nothing(house: House, headers: dict[str, str]) -> None:
    async with house.client("administrator") as client:
        response = await client.post("/api/v1/equipment/ac-401/commands", json={"on": False}, headers=headers)
    assert (response.status_code, response.json()["code"]) == (403, "foreign_origin")
    assert house.journal.commands() == []


async def test_our_own_page_may(house: House) -> None:
    async with house.client("administrator") as client:
        response = await client.post(
            "/api/v1/equipment/ac-401/commands", json={"on": False}, headers={"Origin": "http://houqin.test"}
        )
    assert response.status_code == 202


async def test_metrics_are_for_this_machine_and_for_tokens(house: House) -> None:
    transport = httpx.ASGITransport(app=house.app, client=("127.0.0.1", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://houqin.test") as local:
        assert (await local.get("/api/v1/metrics")).status_code == 200
        proxied = await local.get("/api/v1/metrics", headers={"X-Forwarded-For": "192.0.2.7"})
        assert proxied.status_code == 401
        assert (await local.get("/api/v1/site")).status_code == 401


@pytest.mark.parametrize(("method", "path"), [("DELETE", "/api/v1/site"), ("GET", "/api/v1/%2e%2e/site"),
                                              ("GET", "/api/v1/site/"), ("GET", "/docs/assets/../app.py"),
                                              ("GET", "/nothing"), ("OPTIONS", "/api/v1/site")])  # fmt: skip
async def test_what_is_not_declared_is_nobodys(house: House, method: str, path: str) -> None:
    assert access_of(method, path) is Access.NOBODY
    async with house.client("viewer") as client:
        assert (await client.request(method, path)).status_code in (403, 200 if path.endswith("site") else 403)
