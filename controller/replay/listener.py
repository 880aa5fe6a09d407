"""Who hears what the rules say on their way through recorded time."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

from controller.policy.facts import SupplyMemory, UnitFacts
from controller.policy.units import UnitVerdict
from controller.policy.zones import ClassVerdict
from controller.records import Record
from controller.weather import Tap
from facility.model.entries import ZoneClass


class Listener(Protocol):
    """Hears every step. Times are microseconds since 1970 UTC."""

    def heard(self, unit: str) -> Tap:
        """What takes the readings of a unit's on and off."""
        ...

    def minute(self, now_us: int, outdoor_c: float | None) -> None:
        """One step: what the outdoor temperature was; None: not known."""
        ...

    def supply(
        self,
        now_us: int,
        verdicts: Mapping[ZoneClass, ClassVerdict],
        memories: Mapping[ZoneClass, SupplyMemory],
        possible: Collection[Record],
    ) -> None:
        """What holds for the zone classes from now on, and for which units supply is possible."""
        ...

    def unit(self, record: Record, now_us: int, facts: UnitFacts, verdict: UnitVerdict, own: UnitVerdict) -> None:
        """What holds for a unit from now on: by the record (`facts`, `verdict`), and had it followed the rules."""
        ...

    def kettle(self, record: Record, now_us: int, verdict: UnitVerdict) -> None:
        """What holds for a kettle from now on."""
        ...
