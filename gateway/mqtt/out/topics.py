"""The topic tree under which a site is published."""

from __future__ import annotations

from typing import Final

_ESCAPED: Final = {"%": "%25", "/": "%2F", "+": "%2B", "#": "%23", "\0": "%00"}
"""What cannot stand in a level of a topic, and what stands for it."""


class Topics:
    """Topics below a prefix; `docs/mqtt-out.md` shows the whole tree.

    Args:
        prefix: what all of them begin with.
    """

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.availability = f"{prefix}/availability"
        self.supply = f"{prefix}/supply"
        self.commands = f"{prefix}/equipment/+/set"
        self._command_head = f"{prefix}/equipment/"

    def point(self, point: str) -> str:
        """The newest value of the point `<equipment>.<point>`."""
        return f"{self.prefix}/point/{point.replace('.', '/', 1)}"

    def readings(self, equipment: str) -> str:
        """Every reading of one equipment, with its own time."""
        return f"{self.prefix}/readings/{equipment}"

    def equipment(self, equipment: str, what: str) -> str:
        """One thing about an equipment: `state`, `decision`, `envelope`, `set` or `result`."""
        return f"{self._command_head}{equipment}/{what}"

    def alarm(self, key: str) -> str:
        """How one alarm stands."""
        return f"{self.prefix}/alarm/{level(key)}"

    def commanded(self, topic: str) -> str | None:
        """The equipment of which something is asked by a message on `topic`, None when it is no such topic."""
        name = topic.removeprefix(self._command_head).removesuffix("/set")
        return name if "/" not in name and topic == self.equipment(name, "set") else None


def level(word: str) -> str:
    """A word as one level of a topic; what has a meaning in topics is written as in addresses of the web."""
    return "".join(_ESCAPED.get(letter, letter) for letter in word)
