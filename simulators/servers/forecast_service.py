"""A forecast service on loopback that answers as Open-Meteo does: GET /v1/forecast."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from simulators.forecast import DEFAULT_DAYS

REQUEST_BYTES: Final = 8192
REQUEST_S: Final = 10.0
PATH: Final = "/v1/forecast"

Issue = Callable[[int], dict[str, Any]]
"""Days wanted -> the document of now."""


class ForecastService:
    """Serves the newest forecast.

    Args:
        host, port: where it listens.
        issue: makes the document for a number of days.
    """

    def __init__(self, host: str, port: int, issue: Issue) -> None:
        self._host = host
        self._port = port
        self._issue = issue
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listens from now on."""
        self._server = await asyncio.start_server(self._serve, self._host, self._port, limit=REQUEST_BYTES)

    async def stop(self) -> None:
        """Closes the port."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(REQUEST_S):
                head = await reader.readuntil(b"\r\n\r\n")
                status, document = self._answer(head)
                writer.write(_response(status, document))
                await writer.drain()
        except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            pass
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    def _answer(self, head: bytes) -> tuple[str, dict[str, Any]]:
        words = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
        if len(words) != 3 or words[0] != "GET":
            return "405 Method Not Allowed", {"error": True, "reason": "only GET"}
        url = urlsplit(words[1])
        if url.path != PATH:
            return "404 Not Found", {"error": True, "reason": "Not Found"}
        days = parse_qs(url.query).get("forecast_days", [str(DEFAULT_DAYS)])[0]
        if not days.isdigit() or not 1 <= int(days) <= 16:
            return "400 Bad Request", {"error": True, "reason": "forecast_days must be between 1 and 16"}
        return "200 OK", self._issue(int(days))


def _response(status: str, document: dict[str, Any]) -> bytes:
    body = json.dumps(document, ensure_ascii=False).encode()
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: application/json; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body
