"""Days of the small building as readings, for going through them again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from controller.policy.facts import SupplyMemory, UnitFacts
from controller.policy.units import UnitVerdict
from controller.policy.zones import ClassVerdict
from controller.records import Record
from controller.replay.recording import Past
from controller.weather import Tap
from facility.bus import DecisionMade, ForecastReceived, ReadingsTaken
from facility.model.entries import ZoneClass
from facility.readings import Batch, Status
from facility.store.embedded import EmbeddedStore
from tests.controller.building import Building


class Lived(Building):
    """The small building, which remembers its readings and forecasts."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self.batches: list[Batch] = []
        self.forecasts: list[ForecastReceived] = []
        super().__init__(*args, **options)

    def start_controller(self) -> Any:
        if not self.batches:
            self.bus.listen(ReadingsTaken, lambda message: self.batches.append(message.batch))
            self.bus.listen(ForecastReceived, self.forecasts.append)
            self.report()
        return super().start_controller()

    def past(self) -> Past:
        """What the records hold beside readings."""
        return Past(forecasts=self.forecasts)

    def keep(self, store: EmbeddedStore) -> None:
        """Stores what was read."""
        store.append(self.batches)

    def decisions(self) -> list[Any]:
        """What the controller decided, oldest first."""
        return [message.decision for message in self.of(DecisionMade)]


class Heard:
    """Hears a track, and remembers what it said of every unit."""

    def __init__(self) -> None:
        self.verdicts: dict[str, list[tuple[int, UnitVerdict, UnitVerdict]]] = {}

    def heard(self, unit: str) -> Tap:
        del unit

        def tap(time_us: int, value: float | None, status: Status) -> None:
            del time_us, value, status

        return tap

    def minute(self, now_us: int, outdoor_c: float | None) -> None:
        del now_us, outdoor_c

    def supply(
        self,
        now_us: int,
        verdicts: Mapping[ZoneClass, ClassVerdict],
        memories: Mapping[ZoneClass, SupplyMemory],
        possible: Collection[Record],
    ) -> None:
        del now_us, verdicts, memories, possible

    def unit(self, record: Record, now_us: int, facts: UnitFacts, verdict: UnitVerdict, own: UnitVerdict) -> None:
        del facts
        self.verdicts.setdefault(record.id, []).append((now_us, verdict, own))

    def kettle(self, record: Record, now_us: int, verdict: UnitVerdict) -> None:
        self.verdicts.setdefault(record.id, []).append((now_us, verdict, verdict))

    def said(self, unit: str, start_us: int, end_us: int) -> list[tuple[bool | None, str]]:
        """Whether a unit was wanted on, and the decisive code, of every verdict that held in [start, end]."""
        found = self.verdicts[unit]
        before = [entry for entry in found if entry[0] < start_us][-1:]
        within = [entry for entry in found if start_us <= entry[0] <= end_us]
        return [(verdict.wanted.on, verdict.findings[0].code) for _, verdict, _ in (*before, *within)]
