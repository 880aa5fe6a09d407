"""A small HTTP server on loopback that answers as it is told, for tests."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import orjson


def document(first_day: date, maxima: Sequence[float | None], **changes: Any) -> dict[str, Any]:
    """A document as Open-Meteo answers for Changsha: days from `first_day`, their hours, all units."""
    days = [first_day + timedelta(days=index) for index in range(len(maxima))]
    hours = [datetime(day.year, day.month, day.day, hour) for day in days for hour in range(24)]  # noqa: DTZ001 - local
    return {
        "latitude": 28.23,
        "longitude": 112.9375,
        "generationtime_ms": 0.06,
        "utc_offset_seconds": 28800,
        "timezone": "Asia/Shanghai",
        "timezone_abbreviation": "GMT+8",
        "elevation": 63.0,
        "hourly_units": {"time": "iso8601", "temperature_2m": "°C", "weather_code": "wmo code", "cloud_cover": "%"},
        "hourly": {
            "time": [hour.isoformat(timespec="minutes") for hour in hours],
            "temperature_2m": [25.0 + hour.hour / 4 for hour in hours],
            "weather_code": [3 for _ in hours],
            "cloud_cover": [80 for _ in hours],
        },
        "daily_units": {"time": "iso8601", "temperature_2m_max": "°C"},
        "daily": {"time": [day.isoformat() for day in days], "temperature_2m_max": list(maxima)},
        **changes,
    }


@dataclass
class ForecastServer:
    """Answers every request with `status` and `body` (a path in `bodies` with its own), and remembers what was asked.

    `packed`: the answers are gzip; `silent` never answers.
    """

    status: int = 200
    body: bytes = b""
    port: int = 0
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: dict[str, bytes] = field(default_factory=dict)
    packed: bool = False
    silent: bool = False

    @property
    def url(self) -> str:
        """Base address."""
        return f"http://127.0.0.1:{self.port}"

    def say(self, answer: dict[str, Any] | bytes, status: int = 200) -> None:
        """What to answer from now on."""
        self.body = answer if isinstance(answer, bytes) else orjson.dumps(answer)
        self.status = status

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:  # who came asked nothing
            writer.close()
            return
        path = head.split(b" ", 2)[1].decode()
        self.asked.append(path)
        lines = head.decode().split("\r\n")[1:]
        self.headers.append({name.lower(): value for name, _, value in (line.partition(": ") for line in lines)})
        if self.silent:
            await reader.read()
            writer.close()
            return
        body = self.bodies.get(path.partition("?")[0], self.body)
        body = gzip.compress(body) if self.packed else body
        packing = "Content-Encoding: gzip\r\n" if self.packed else ""
        writer.write(
            f"HTTP/1.1 {self.status} Said\r\n{packing}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
        )
        writer.write(body)
        with contextlib.suppress(ConnectionError):
            await writer.drain()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator[ForecastServer]:
        """The server, on a free port."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            yield self
