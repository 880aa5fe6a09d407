"""Which alarms stand; says every change once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from facility.bus import AlarmChanged, Bus
from facility.bus.messages import AlarmLevel
from facility.text import Text


class AlarmBoard:
    """Alarms by key. Publishes only when one comes or goes."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._standing: dict[str, tuple[AlarmLevel, Text, str | None]] = {}

    def state(
        self, key: str, active: bool, at: datetime, *, level: AlarmLevel, text: Text, equipment: str | None = None
    ) -> None:
        """Says that the condition `key` is (not) abnormal at `at`."""
        if active == (key in self._standing):
            return
        if active:
            self._standing[key] = (level, text, equipment)
        else:
            level, text, equipment = self._standing.pop(key)
        self._bus.publish(AlarmChanged(key=key, active=active, level=level, at=at, text=text, equipment=equipment))

    def clear(self, key: str, at: datetime) -> None:
        """The condition is normal again; nothing when it was."""
        if key in self._standing:
            self.state(key, False, at, level=AlarmLevel.INFO, text=Text("", ""))

    def restate(self, at: datetime) -> None:
        """Says again all that stands: after a start nobody else can tell what was restored from what is over."""
        for key, (level, text, equipment) in self._standing.items():
            self._bus.publish(AlarmChanged(key=key, active=True, level=level, at=at, text=text, equipment=equipment))

    def standing(self) -> list[tuple[str, str, str, str, str | None]]:
        """What stands, for the next start."""
        rows = self._standing.items()
        return [(key, level.value, text.zh, text.en, equipment) for key, (level, text, equipment) in rows]

    def restore(self, rows: Iterable[tuple[str, str, str, str, str | None]]) -> None:
        """Takes back what `standing` gave, so that a restart neither repeats nor forgets an alarm."""
        for key, level, zh, en, equipment in rows:
            self._standing[key] = (AlarmLevel(level), Text(zh, en), equipment)
