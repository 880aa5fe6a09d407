"""Says what there is to say over one connection: first what the broker keeps, then answers, then the stream."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from facility.errors import LinkDown, StoreDamaged, StoreUnavailable
from gateway.mqtt.connection import Connection
from gateway.mqtt.out.image import GONE, Image
from gateway.mqtt.out.stream import Stream

WINDOW: Final = 200
"""Messages that are under way at once."""

MOST_ANSWERS: Final = 1000
PATIENCE_WALL_S: Final = 0.25
"""So often what is not due yet is looked at."""

_AGAIN: Final = ("Unspecified error", "Implementation specific error", "Quota exceeded")
"""Reasons of MQTT 5 (OASIS, table 3.4.2.1) for which the same message may be taken later."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Outbox:
    """Short-lived messages, which nobody keeps: answers to what was asked. The oldest go when there are too many."""

    messages: deque[tuple[str, bytes]] = field(default_factory=lambda: deque(maxlen=MOST_ANSWERS))


@dataclass(slots=True)
class Tally:
    """Messages that the broker took, and those it will never take."""

    published: int = 0
    refused: int = 0


class Speaker:
    """One connection's worth of saying.

    Args:
        connection: open.
        image: what the broker keeps.
        outbox: answers.
        stream: readings, None where they are not streamed.
        retains: whether the broker is to keep a topic.
        tally: counts.
        woken: set when there is something new.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        image: Image,
        outbox: Outbox,
        stream: Stream | None,
        retains: Callable[[str], bool],
        tally: Tally,
        woken: asyncio.Event,
    ) -> None:
        self._connection = connection
        self._image = image
        self._outbox = outbox
        self._stream = stream
        self._retains = retains
        self._tally = tally
        self._woken = woken

    async def run(self) -> None:
        """Says everything, for ever.

        Raises:
            LinkDown: the connection has ended, or the broker takes nothing for now.
        """
        self._image.forget_said()
        if self._stream is not None:
            await self._stream.connected(time.monotonic())
        while True:
            self._woken.clear()
            said = await self._say_image()
            said = await self._say_answers() or said
            said = await self._say_stream() or said
            if not said:
                await self._rest()

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE_WALL_S if self._image.waits_for else None):
                await self._woken.wait()
        except TimeoutError:
            pass

    async def _say_image(self) -> bool:
        due = self._image.due(time.monotonic(), WINDOW)
        try:
            await self._deliver((topic, payload, self._keeps(topic, payload)) for topic, payload in due.items())
        except (LinkDown, asyncio.CancelledError):
            self._image.again(due)
            raise
        return bool(due)

    def _keeps(self, topic: str, payload: bytes) -> bool:
        return payload == GONE or self._retains(topic)

    async def _say_answers(self) -> bool:
        count = len(self._outbox.messages)
        if count:
            await self._deliver((topic, payload, False) for topic, payload in tuple(self._outbox.messages))
            for _ in range(min(count, len(self._outbox.messages))):
                self._outbox.messages.popleft()
        return count > 0

    async def _say_stream(self) -> bool:
        if self._stream is None:
            return False
        try:
            messages = await self._stream.take()
            if not self._stream.is_held:
                return False
            for first in range(0, len(messages), WINDOW):
                part = messages[first : first + WINDOW]
                await self._deliver((topic, payload, False) for topic, payload in part)
                await self._say_image()  # what is new is not kept waiting by what is old
            await self._stream.settled()
        except (StoreUnavailable, StoreDamaged) as error:
            log.warning("what waits to be published cannot be read now: %s", error)
            await asyncio.sleep(1.0)
            return False
        return True

    async def _deliver(self, messages: Iterable[tuple[str, bytes, bool]]) -> None:
        """Publishes and waits until the broker has taken all of it."""
        answers = [
            (topic, self._connection.publish(topic, payload, qos=1, retain=retain))
            for topic, payload, retain in messages
        ]
        for topic, answer in answers:
            refusal = await answer
            if refusal is None:
                self._tally.published += 1
            elif refusal in _AGAIN:
                raise LinkDown(f"the broker takes nothing for now: {refusal}")
            else:
                self._refused(topic, refusal)

    def _refused(self, topic: str, refusal: str) -> None:
        if self._tally.refused == 0:
            log.error("the broker refuses %s: %s; give the gateway's user the right to write it", topic, refusal)
        self._tally.refused += 1
