"""Lets a refusal reach a sender who is still sending: closing a connection with unread data makes the sender's machine
throw the answer away.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_DRAINED_BYTES: Final = 64 << 20
MAX_DRAINING_S: Final = 5.0
"""Wall seconds; who sends longer finds the connection closed."""


class Draining:
    """After an answer that left part of the request unread, reads and throws away the rest, within bounds."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _has_body(scope):
            await self._app(scope, receive, send)
            return
        unread = True

        async def watched() -> Message:
            nonlocal unread
            message = await receive()
            unread = unread and bool(message.get("more_body"))
            return message

        async def answer(message: Message) -> None:
            is_last = message["type"] == "http.response.body" and not message.get("more_body")
            if not (is_last and unread):
                await send(message)
                return
            await send({**message, "more_body": True})
            await _drain(watched, lambda: unread)
            await send({"type": "http.response.body", "body": b"", "more_body": False})

        await self._app(scope, watched, answer)


def _has_body(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    return "transfer-encoding" in headers or headers.get("content-length", "0") != "0"


async def _drain(receive: Receive, unread: Callable[[], bool]) -> None:
    drained = 0
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(MAX_DRAINING_S):
            while unread() and drained < MAX_DRAINED_BYTES:
                drained += len((await receive()).get("body", b""))
