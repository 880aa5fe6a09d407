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
