"""What a look at the site found abnormal, and who says so on the bus."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from facility.bus.messages import AlarmChanged, AlarmLevel
from facility.bus.protocol import Bus
from facility.text import Text

NORMAL_AGAIN: Final = Text("已恢复正常", "normal again")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something abnormal. `key` names it for as long as it lasts."""

    key: str
    text: Text
    level: AlarmLevel = AlarmLevel.WARNING
    equipment: str | None = None


class Look(Protocol):
    """Looks at one side of the site now and then.

    Attributes:
        owns: how the keys of its findings begin.
        every_s: clock seconds between two looks, `least_wall_s` seconds of life at least.
    """

    @property
    def owns(self) -> tuple[str, ...]: ...

    @property
    def every_s(self) -> float: ...

    @property
    def least_wall_s(self) -> float: ...

    async def look(self, now: datetime) -> list[Finding] | None:
        """All that is abnormal at `now`; None when nobody can tell now, and what was found before stays."""
        ...


@dataclass(slots=True, kw_only=True)
class Crier:
    """Says on the bus what a look found new, and what is over."""

    bus: Bus
    standing: dict[str, Finding] = field(default_factory=dict)

    def say(self, found: Iterable[Finding], now: datetime) -> None:
        """Takes the place of what was found before."""
        fresh = {finding.key: finding for finding in found}
        for key, finding in fresh.items():
            if key not in self.standing:
                self.bus.publish(changed(finding, now, active=True))
        for key, finding in self.standing.items():
            if key not in fresh:
                self.bus.publish(changed(finding, now, active=False))
        self.standing = fresh

    def take_over(self, keys: Iterable[str]) -> None:
        """Minds alarms that an earlier run left standing: they end unless the next look finds them again."""
        for key in keys:
            self.standing.setdefault(key, Finding(key=key, text=NORMAL_AGAIN))


def changed(finding: Finding, at: datetime, *, active: bool) -> AlarmChanged:
    """A finding as the bus carries it."""
    return AlarmChanged(
        key=finding.key, active=active, level=finding.level, at=at, text=finding.text, equipment=finding.equipment
    )
