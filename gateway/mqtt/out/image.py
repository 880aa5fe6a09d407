"""What the broker is to keep: the newest of every topic. Pure.

Readings that waited while the broker was away never come here: only what is newest is handed in, so that nothing old
can take the place of what is new.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

GONE: Final = b""
"""What clears a topic at the broker."""

Payload = bytes | Callable[[], bytes]
"""What stands on a topic, or how it is made when it is told: most readings are followed by newer ones before that."""


class Image:
    """Topics and what stands on them, and which of them the broker has not been told yet.

    Args:
        every_s: a topic is told at most so often, but for what is urgent.
        heartbeat_s: from so long after it was told on, it is told again.
    """

    def __init__(self, *, every_s: float, heartbeat_s: float) -> None:
        self._every_s = every_s
        self._heartbeat_s = heartbeat_s
        self._content: dict[str, Payload] = {}
        self._said: dict[str, tuple[object, float]] = {}
        self._dirty: dict[str, None] = {}
        self._urgent: set[str] = set()

    def __len__(self) -> int:
        return len(self._content)

    @property
    def kept(self) -> Iterable[str]:
        """Topics on which the broker is to keep something."""
        return (topic for topic, payload in self._content.items() if payload != GONE)

    def content(self, topic: str) -> bytes | None:
        """What stands on a topic, None when nothing does."""
        payload = self._content.get(topic)
        return payload() if callable(payload) else payload

    def put(self, topic: str, payload: Payload, *, meaning: object, now_s: float, urgent: bool = True) -> None:
        """Puts `payload` on a topic. `meaning` is what has to change for it to be told before its heartbeat (a payload
        without its time); `urgent`: then at once.
        """
        self._content[topic] = payload
        said = self._said.get(topic)
        if said is None or said[0] != meaning:
            self._said[topic] = (meaning, -1e18 if said is None else said[1])
            self._dirty[topic] = None
            if urgent:
                self._urgent.add(topic)
        elif now_s - said[1] >= self._heartbeat_s:
            self._dirty[topic] = None

    def clear(self, topic: str) -> None:
        """Nothing stands on a topic any more, and the broker is to forget it."""
        self._said.pop(topic, None)
        self._content[topic] = GONE
        self._dirty[topic] = None
        self._urgent.add(topic)

    def forget_said(self) -> None:
        """The broker may have forgotten everything: all of it is told anew."""
        self._dirty = dict.fromkeys(self._content)
        self._urgent = set(self._content)

    def due(self, now_s: float, most: int) -> Mapping[str, bytes]:
        """Up to `most` topics that are to be told now, and what; they count as told. See `again` if they were not."""
        found: dict[str, bytes] = {}
        for topic in self._dirty:
            if len(found) >= most:
                break
            said = self._said.get(topic)
            if said is None or topic in self._urgent or now_s - said[1] >= self._every_s:
                found[topic] = self.content(topic) or GONE
        for topic in found:
            del self._dirty[topic]
            self._urgent.discard(topic)
            if (said := self._said.get(topic)) is not None:
                self._said[topic] = (said[0], now_s)
            if self._content[topic] == GONE:
                del self._content[topic]
        return found

    def again(self, told: Mapping[str, bytes]) -> None:
        """The broker did not take these: they are due again, unless something newer has come."""
        for topic, payload in told.items():
            self._content.setdefault(topic, payload)
            self._dirty[topic] = None
            self._urgent.add(topic)

    @property
    def waits_for(self) -> bool:
        """Whether the broker has not been told something."""
        return bool(self._dirty)
