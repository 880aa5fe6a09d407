"""A building with rooms of every class on two outdoor units; all it does is written down for a reader outside."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from facility.bus import FilingChanged, ForecastReceived, ReadingsTaken
from facility.commands import Command, Wish
from facility.filings import Filing
from facility.journal import Journal
from tests.controller.building import Building

ROOMS = {
    "r401": ("office", "finance"),
    "r402": ("office", "general"),
    "r403": ("meeting", "general"),
    "r404": ("duty_room", "general"),
    "r405": ("public", None),
    "r406": ("office", "finance"),
    "archive": ("archive", None),
}
UNITS = {
    "ac-401": ("r401",), "ac-402": ("r402",), "ac-403": ("r403",), "ac-404": ("r404",), "ac-405": ("r405", "r406"),
    "ac-406": ("r406",), "ac-archive": ("archive",),
}  # fmt: skip
SECOND = ("ac-404", "ac-405", "ac-406")
"""What hangs on the second outdoor unit."""


def _space(name: str, zone_class: str, office: str | None) -> dict[str, Any]:
    whose = {"office": office} if zone_class == "office" else {"responsible_office": office or "general"}
    return {"id": name, "floor": "f4", "class": zone_class, "area_m2": 30.0, **whose}


def _unit(name: str, slot: int) -> dict[str, Any]:
    return {
        "id": name, "kind": "indoor_unit", "device": "vrf-gw", "slot": slot, "capacity_kw": 5.6,
        "outdoor_unit": "vrf-2" if name in SECOND else "vrf-1", "serves": list(UNITS[name]),
    }  # fmt: skip


EXTRA: dict[str, list[dict[str, Any]]] = {
    "spaces": [_space(name, *ROOMS[name]) for name in ("r403", "r404", "r405", "r406")],
    "equipment": [
        {"id": "vrf-2", "kind": "outdoor_unit", "plant": "vrf", "capacity_kw": 28.0},
        *(_unit(name, 3 + number) for number, name in enumerate(("ac-403", "ac-404", "ac-405", "ac-406"))),
    ],
}


@dataclass(slots=True)
class Seen:
    """What the building did, oldest first: (time, ...)."""

    outdoor: list[tuple[datetime, float]] = field(default_factory=list)
    rain: list[tuple[datetime, float]] = field(default_factory=list)
    rooms: dict[str, list[tuple[datetime, float]]] = field(default_factory=dict)
    commands: list[tuple[Command, Wish]] = field(default_factory=list)
    forecasts: list[ForecastReceived] = field(default_factory=list)


class Estate(Building):
    """As `Building`; `deaf` units acknowledge and do nothing, `lost` ones do not answer; `filings` is the register."""

    def __init__(self, start: datetime, **how: Any) -> None:
        self.seen = Seen()
        self.deaf: set[str] = set()
        self.lost: set[str] = set()
        self.filings: dict[int, Filing] = {}
        super().__init__(start, extra=EXTRA, forecast_c=None, **how)
        self.bus.listen(ReadingsTaken, self._note_readings)
        self.bus.listen(ForecastReceived, self.seen.forecasts.append)
        self.report()

    def _obey(self, command: Command) -> None:
        before = self.units[command.equipment]
        self.seen.commands.append((command, before))
        self.obeys = command.equipment not in self.deaf
        self.reachable = command.equipment not in self.lost
        super()._obey(command)

    def _note_readings(self, message: ReadingsTaken) -> None:
        batch, now = message.batch, self.clock.now()
        for point, value in zip(batch.points, batch.values, strict=True):
            if value is None:
                continue
            if point == "weather.temperature":
                self.seen.outdoor.append((now, value))
            elif point == "weather.rain":
                self.seen.rain.append((now, value))
            elif point.endswith("room_temperature") or point == "climate-401.temperature":
                self.seen.rooms.setdefault(point, []).append((now, value))

    def enter(self, filing: Filing) -> None:
        """Enters, decides on or revokes a filing."""
        self.filings[filing.id] = filing
        self.bus.publish(FilingChanged(filing=filing))

    def restart(self, journal: Journal) -> None:
        """The controller goes away and another takes up what it left; the register is told anew."""
        self.controller.save()
        self.controller.close()
        assert self.journal is journal
        self.start_controller()
        for filing in self.filings.values():
            self.bus.publish(FilingChanged(filing=filing))

    def failing(self, unit: str) -> bool:
        """Whether a unit cannot be expected to do or say anything now."""
        return unit in self.deaf or unit in self.lost or unit in self.silent


def minutes(count: float) -> timedelta:
    """`count` minutes."""
    return timedelta(minutes=count)
