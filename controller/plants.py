"""The plants of chilled water of a site: what calls for them, what their parts say, what each part is told."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from controller.arbitration import Slot
from controller.outdoor import SECOND_US
from controller.policy.findings import Finding
from controller.policy.plant import step
from controller.policy.plant_facts import STAGES, PartFacts, PlantFinding, PlantMemory, PlantStep, Trouble
from controller.policy.units import Legal, UnitVerdict
from controller.weather import Tap
from facility.commands import Wish
from facility.decisions import Effect
from facility.envelope import OnLoss
from facility.model import OutdoorUnit, PlantOrder, Site
from facility.readings import Quality, Status, to_us
from facility.text import Text

FAULT: Final = "plant-fault"
UNSEEN: Final = "plant-unseen"
"""Codes of the finding that tells why a part is on or off, beside one for each stage; its value is a Text."""


class _Held:
    """The newest value of one point, and when it came."""

    def __init__(self) -> None:
        self._held: tuple[int, bool] | None = None

    def take(self, time_us: int, value: float | None, status: Status) -> None:
        if value is None or status.quality is not Quality.GOOD:
            return
        if self._held is None or time_us > self._held[0]:
            self._held = (time_us, value > 0)

    def at(self, now_us: int, stale_us: int) -> bool | None:
        if self._held is None or now_us - self._held[0] > stale_us:
            return None
        return self._held[1]


class Plants:
    """Steps every plant of chilled water, and says what is wanted of its parts.

    Args:
        site: names the plants, their parts and the fan coils behind them.
        stale_s: clock seconds after which what a part says is too old to prove anything.
        slack_s: clock seconds that parts have beyond the times of their plant, because what is heard is that old.

    Attributes:
        parts: part -> its plant, for all parts of all plants. No other rule decides about them.
    """

    def __init__(self, site: Site, *, stale_s: float, slack_s: float = 0.0) -> None:
        self._site = site
        self._stale_us = round(stale_s * SECOND_US)
        self._orders = {plant.id: _order(plant, slack_s) for plant in site.plants.values()}
        self.parts: Mapping[str, str] = {
            part: plant for plant, order in self._orders.items() for part in order.parts
        }  # fmt: skip
        self._on = {part: f"{part}.on" for part in self.parts}
        self._proof = {part: site.switches[part].proof or self._on[part] for part in self.parts}
        self._held = {point: _Held() for point in (*self._on.values(), *self._proof.values())}
        self._memories = {plant: PlantMemory() for plant in self._orders}
        self._steps: dict[str, PlantStep] = {}

    def taps(self) -> dict[str, Tap]:
        """Point -> what takes its readings: the switches of all parts, and their proofs."""
        return {point: held.take for point, held in self._held.items()}

    def coils(self, plant: str) -> tuple[str, ...]:
        """The indoor units behind a plant: it is called for while one of them is permitted and wanted on."""
        return tuple(unit.id for unit in self._site.indoor_units.values() if unit.outdoor_unit == plant)

    def step(self, now: datetime, *, wanted: Collection[str]) -> set[str]:
        """Looks at every plant.

        Args:
            now: aware time.
            wanted: the indoor units that are permitted and wanted on now.

        Returns:
            the parts for which something else is wanted, or for another reason, than at the last look.
        """
        changed: set[str] = set()
        now_us = to_us(now)
        for plant, order in self._orders.items():
            called = any(unit in wanted for unit in self.coils(plant))
            observed = {part: self._facts(part, now_us) for part in order.parts}
            before = self._steps.get(plant)
            after = self._steps[plant] = step(order, called, observed, self._memories[plant], now)
            self._memories[plant] = after.memory
            if before is None or _told(before) != _told(after):
                changed.update(order.parts)
        return changed

    def _facts(self, part: str, now_us: int) -> PartFacts:
        on = self._held[self._on[part]].at(now_us, self._stale_us)
        return PartFacts(on=on, proved=self._held[self._proof[part]].at(now_us, self._stale_us))

    def state(self, plant: str) -> PlantStep | None:
        """What the last look came to, None before the first."""
        return self._steps.get(plant)

    def wish(self, part: str) -> bool:
        """Whether a part is to be on; off before the first look."""
        found = self._steps.get(self.parts[part])
        return found is not None and found.wishes[part]

    def verdict(self, part: str) -> UnitVerdict:
        """The same as a verdict like any other equipment's. The plant's order holds before what a person wants."""
        found = self._steps.get(self.parts[part])
        on = self.wish(part)
        finding = Finding(_code(found), Effect.WANT if on else Effect.FORBID, "", (self.why(part),))
        legal = Legal({}, on, None, not on and self._is_host(part), None if on else finding)
        wake = None if found is None else found.wake
        return UnitVerdict(Wish(on=on), int(Slot.PROTECTION), (finding,), legal, not on, None, wake, None)

    def why(self, part: str) -> Text:
        """Why a part is on or off: how far its plant is, and the fault that stopped it."""
        plant = self.parts[part]
        name, found = self._site.equipment[plant].text, self._steps.get(plant)
        if found is None:
            return Text(f"{name.zh}尚未判断", f"{name.en} has not been looked at yet")
        stage, fault = STAGES[found.stage], found.memory.fault
        if fault is None:
            return Text(f"{name.zh}：{stage.zh}", f"{name.en}: {stage.en}")
        told = self.told(fault)
        return Text(f"{name.zh}：{told.zh}，{stage.zh}", f"{name.en}: {told.en}; {stage.en}")

    def told(self, finding: PlantFinding) -> Text:
        """A finding with the part's name."""
        name, text = self._site.equipment[finding.part].text, finding.text
        return Text(f"{name.zh}{text.zh}", f"{name.en} {text.en}")

    def on_loss(self, part: str) -> OnLoss:
        """What the gateway does without a controller: it stops the host; pumps and valves go on as they are, because
        stopping them together with the host would leave it without water.
        """
        return OnLoss.STOP if self._is_host(part) else OnLoss.KEEP

    def findings(self) -> Iterator[tuple[str, PlantFinding]]:
        """Every plant with what has taken too long there; alarms for as long as they are given."""
        for plant, found in self._steps.items():
            yield from ((plant, finding) for finding in found.findings)

    def wakes(self, now: datetime) -> Iterator[datetime]:
        """When a plant has to be looked at again though nothing is heard of it."""
        for found in self._steps.values():
            if found.wake is not None and found.wake > now:
                yield found.wake

    def clear(self, plant: str) -> None:
        """A person has seen to the plant's fault: it may start again."""
        self._memories[plant] = self._memories[plant].cleared()

    def saved(self) -> dict[str, Any]:
        """What a restart needs: the faults. The clocks begin anew with what is found then."""
        faults = {plant: memory.fault for plant, memory in self._memories.items() if memory.fault is not None}
        return {
            plant: {"part": fault.part, "trouble": fault.trouble.value, "since": fault.since.isoformat()}
            for plant, fault in faults.items()
        }

    def restore(self, document: Mapping[str, Any]) -> None:
        """Takes back what `saved` gave; what does not fit the site any more is passed over."""
        for plant, entry in document.items():
            fault = _fault(entry)
            if plant in self._orders and fault is not None and fault.part in self._orders[plant].parts:
                self._memories[plant] = PlantMemory(fault=fault)

    def _is_host(self, part: str) -> bool:
        return self._orders[self.parts[part]].host == part


def _order(plant: OutdoorUnit, slack_s: float) -> PlantOrder:
    order = plant.order
    assert order is not None
    limits = {name: getattr(order, name) + slack_s for name in ("valve_s", "pump_s", "host_s")}
    return order.model_copy(update=limits)


def _code(found: PlantStep | None) -> str:
    """A code for each stage: a finding with another code is told anew."""
    if found is None:
        return UNSEEN
    return FAULT if found.memory.fault is not None else f"plant-{found.stage.value}"


def _told(found: PlantStep) -> object:
    return found.wishes, found.stage, found.memory.fault


def _fault(entry: Any) -> PlantFinding | None:
    try:
        since = datetime.fromisoformat(entry["since"])
        return PlantFinding(part=entry["part"], trouble=Trouble(entry["trouble"]), since=since)
    except (KeyError, TypeError, ValueError):
        return None
