"""How often a unit may be given another mode or setpoint. Compressors and their valves bear only so many changes.

A gateway in front of variable refrigerant flow units commonly asks for no more than one mode change in ten minutes and
one setpoint in a minute; the site says otherwise under `control`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from facility.commands import Command
from facility.model.control_entries import ControlEntry
from facility.text import Text
from gateway.unit import Part

_NAMES: Final[dict[Part, Text]] = {
    "mode": Text("改变运行模式", "change the mode"),
    "setpoint_c": Text("改变设定温度", "change the setpoint"),
}


class TooSoon(NamedTuple):
    """Why an order comes too soon, and from when on it would not."""

    why: Text
    again_at: datetime


class _Change(NamedTuple):
    """The last order that changed something: its id, and when it was given."""

    command: str
    made: datetime


class Rates:
    """Remembers the last change of every unit. Times are those at which orders were given, so that one that waits for
    the line or is tried again is not counted from then.

    Args:
        control: the site's limits.
        zone: in which people read the clock.
    """

    def __init__(self, control: ControlEntry, zone: ZoneInfo) -> None:
        self._changes: dict[tuple[str, Part], _Change] = {}
        self.set_limits(control, zone)

    def set_limits(self, control: ControlEntry, zone: ZoneInfo) -> None:
        """From now on these hold; what was changed before is still known."""
        self._zone = zone
        self._limits: dict[Part, timedelta] = {
            "mode": timedelta(seconds=control.mode_change_s),
            "setpoint_c": timedelta(seconds=control.setpoint_write_s),
        }

    def refusal(self, command: Command, changing: Sequence[Part]) -> TooSoon | None:
        """Why `command` must not change these parts of its unit yet; None when it may. Switching off always passes, and
        so does another try of an order that changed something already.
        """
        if command.wish.on is False:
            return None
        waits = [found for part in changing if (found := self._too_soon(command, part)) is not None]
        return max(waits, key=lambda wait: wait.again_at, default=None)

    def _too_soon(self, command: Command, part: Part) -> TooSoon | None:
        last = self._changes.get((command.equipment, part))
        if last is None or part not in self._limits or last.command == command.id:
            return None
        again_at = last.made + self._limits[part]
        if command.made >= again_at:
            return None
        limit_s = self._limits[part].total_seconds()
        until = again_at.astimezone(self._zone).strftime("%H:%M:%S")
        name = _NAMES[part]
        why = Text(
            f"{limit_s:g} 秒内只能{name.zh}一次，{until} 起可再次操作",
            f"an order may {name.en} once in {limit_s:g} s; the next one may from {until} on",
        )
        return TooSoon(why, again_at)

    def changed(self, command: Command, parts: Sequence[Part]) -> None:
        """These parts of the unit were written for `command`."""
        for part in parts:
            if part in self._limits:
                last = self._changes.get((command.equipment, part))
                if last is None or last.command != command.id:
                    self._changes[command.equipment, part] = _Change(command.id, command.made)
