"""A thread for calls that may hang for longer than anybody wants to wait at the end."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

T = TypeVar("T")

_Work = tuple[Callable[[], Any], "asyncio.Future[Any]", asyncio.AbstractEventLoop]


class OwnThread:
    """Runs one call after the other. Unlike the threads of an executor it never keeps the process from ending."""

    def __init__(self, name: str) -> None:
        self._queue: SimpleQueue[_Work | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    async def call(self, function: Callable[[], T], *, last_wall_s: float) -> T:
        """The result of `function`. When the caller is cancelled the call is waited for, but no longer than
        `last_wall_s`; it goes on then, and nobody hears of its end.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._queue.put((function, future, loop))
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            await asyncio.wait([future], timeout=last_wall_s)
            if not future.cancel():
                future.exception()
            raise

    def end(self, *, last_wall_s: float = 0.0) -> None:
        """Ends the thread after the call it is in, which is waited for no longer than `last_wall_s`. Calls that wait
        for their turn are cancelled.
        """
        with contextlib.suppress(Empty):
            while (work := self._queue.get_nowait()) is not None:
                _, future, loop = work
                with contextlib.suppress(RuntimeError):
                    loop.call_soon_threadsafe(future.cancel)
        self._queue.put(None)
        if last_wall_s:
            self._thread.join(last_wall_s)

    def _work(self) -> None:
        while (work := self._queue.get()) is not None:
            function, future, loop = work
            try:
                tell = partial(_succeed, future, function())
            except Exception as error:  # noqa: BLE001 - it is the caller's
                tell = partial(_fail, future, error)
            with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(tell)


def _succeed(future: asyncio.Future[Any], result: Any) -> None:
    if not future.done():
        future.set_result(result)


def _fail(future: asyncio.Future[Any], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
