"""Over a real server on loopback: the stream, the large body, the documentation."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
import uvicorn

from tests.api.house import NOW, House
from tests.servers import free_port

pytestmark = pytest.mark.asyncio


class LoopbackServer(uvicorn.Server):
    """uvicorn that leaves the test's signals alone."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def served(house: House) -> AsyncIterator[tuple[httpx.AsyncClient, LoopbackServer]]:
    """The house's application on a free port, and a client with a viewer's token."""
    port = free_port()
    config = uvicorn.Config(
        house.app, port=port, lifespan="off", log_level="warning", access_log=False, timeout_graceful_shutdown=20
    )
    server = LoopbackServer(config)
    serving = asyncio.create_task(server.serve())
    try:
        async with asyncio.timeout(20):
            while not server.started:
                await asyncio.sleep(0.01)
        headers = {"Authorization": f"Bearer {house.tokens['duty_room']}"}
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=20) as client:
            yield client, server
    finally:
        house.context.stop_streams()
        server.should_exit = True
        await serving


async def next_event(lines: AsyncIterator[str]) -> dict[str, Any]:
    """The next event's data."""
    async for line in lines:
        if line.startswith("data: "):
            found: dict[str, Any] = json.loads(line.removeprefix("data: "))
            return found
    raise AssertionError("the stream ended")


async def test_a_browser_sees_changes_as_they_come_and_the_server_ends_with_the_stream_open(house: House) -> None:
    house.tell(NOW, {"ac-401.setpoint": 28.0})
    async with (
        asyncio.timeout(30),
        served(house) as (client, server),
        client.stream("GET", "/api/v1/live/stream?equipment=ac-401") as response,
    ):
        assert response.headers["content-type"].startswith("text/event-stream")
        lines = response.aiter_lines()
        first = await next_event(lines)
        assert [(point["id"], point["value"]) for point in first["points"]] == [("ac-401.setpoint", 28.0)]
        house.tell(NOW, {"ac-401.setpoint": 26.0, "meter-401.power": 1.0})
        second = await next_event(lines)
        assert [(point["id"], point["value"]) for point in second["points"]] == [("ac-401.setpoint", 26.0)]
        assert house.app.state.streams == 1
        house.context.stop_streams()
        server.should_exit = True
        assert [line async for line in lines if line.startswith("data")] == []
    assert house.app.state.streams == 0


async def test_a_stream_that_the_reader_leaves_is_cleared_away(house: House) -> None:
    async with asyncio.timeout(30), served(house) as (client, _):
        async with client.stream("GET", "/api/v1/live/stream") as response:
            await next_event(response.aiter_lines())
        while house.app.state.streams:
            await asyncio.sleep(0.01)


async def test_fifty_megabytes_are_refused_and_the_server_goes_on(house: House) -> None:
    async with asyncio.timeout(30), served(house) as (client, _):
        path, headers = "/api/v1/equipment/ac-401/commands", {"Content-Type": "application/json"}
        for body in (b" " * (50 << 20), Chunks()):
            response = await client.post(path, content=body, headers=headers)
            assert (response.status_code, response.json()["code"]) == (413, "too_large")
        stranger = await client.post(path, content=b" " * (50 << 20), headers={"Authorization": "Bearer guess"})
        assert stranger.status_code == 401
        assert (await client.get("/api/v1/health")).status_code == 200


class Chunks:
    """Fifty megabytes whose length is not told before."""

    def __init__(self) -> None:
        self.left = 50

    def __aiter__(self) -> Chunks:
        return self

    async def __anext__(self) -> bytes:
        if not self.left:
            raise StopAsyncIteration
        self.left -= 1
        return b" " * (1 << 20)


async def test_the_documentation_needs_no_other_host(house: House) -> None:
    async with asyncio.timeout(30), served(house) as (client, _):
        page = await client.get("/docs")
        addresses = re.findall(r"(?:src|href|url)\s*[=:]\s*[\"']([^\"']+)", page.text)
        assert len(addresses) >= 4
        for address in addresses:
            assert address.startswith("/"), address
            assert (await client.get(address)).status_code == 200, address
        described = (await client.get("/api/v1/openapi.json")).json()
    body = described["paths"]["/api/v1/equipment/{equipment}/commands"]["post"]["requestBody"]
    assert body["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/CommandBody"}
    live = described["paths"]["/api/v1/live"]["get"]["responses"]["200"]["content"]["application/json"]
    assert live["example"]["points"][0]["unit"] == "Cel"
    assert not re.search(r"https?://(?!houqin)", json.dumps(described))
    for reference in re.findall(r"#/components/schemas/(\w+)", json.dumps(described)):
        assert reference in described["components"]["schemas"], reference


ODD = (
    "%00",
    "%ff",
    "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "a" * 3000,
    "%F0%9F%98%80",
    "'%20OR%201=1--",
    "%0d%0aX:%20y",
    "%ED%A0%80",
    "-1",
    "nan",
    "",
)
PLACES = (
    *("points/{}", "points/{}/history", "live?equipment={}", "usage?by={}", "usage?start={}", "usage?every={}"),
    *("statements/{}/2026-07", "statements/finance/{}", "decisions?equipment={}", "decisions?limit={}"),
    *("equipment/{}/decision", "commands/{}", "commands?start={}&end={}", "alarms?active={}", "history?point={}"),
    *("meters/{}", "meters/{}/readings", "meters/meter-401?start={}", "meters/meter-401/readings?every={}"),
    *("balance?medium={}", "held-jumps?start={}", "air-conditioning/{}/2026-07", "air-conditioning/vrf-1/{}"),
    *("offices/{}/areas", "usage?with={}", "usage?format={}", "quotas?revoked={}"),
    *("points/meter-401.power/history?every={}", "points/meter-401.power/history?aggregate={}", "{}", "../{}"),
)
ODD_HEADERS = (
    b"Content-Length: -5",
    b"Content-Length: 99999999999999999999",
    b"Accept-Language: \xff\xfe",
    b"Origin: http://[::1",
    b"Authorization: Bearer \xff",
    b"Authorization:",
    b"Content-Type: \xff",
)


async def raw_status(port: int, head: bytes) -> int:
    """The status of a request written byte by byte."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head + b"\r\nHost: houqin.test\r\nConnection: close\r\n\r\n")
    answer = await reader.read()
    writer.close()
    return int(answer.split(b" ", 2)[1])


async def test_odd_ids_words_and_headers_are_never_a_server_error(house: House) -> None:
    token = f"Authorization: Bearer {house.tokens['administrator']}".encode()
    async with asyncio.timeout(60), served(house) as (client, _):
        port = client.base_url.port
        assert port is not None
        for place in PLACES:
            for odd in ODD:
                line = f"GET /api/v1/{place.replace('{}', odd)} HTTP/1.1\r\n".encode() + token
                assert await raw_status(port, line) < 500, (place, odd)
        for header in ODD_HEADERS:
            line = b"POST /api/v1/equipment/ac-401/commands HTTP/1.1\r\n" + token + b"\r\n" + header
            assert 400 <= await raw_status(port, line) < 500, header
