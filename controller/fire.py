"""Fire inputs: what a site's fire panel tells, and what Houqin does about it, which is no more than to switch off.

A signal switches everything off that its scope has in air-conditioning and kettles, in slot 2 of the array, and it
stays off until the signal has gone and a person says so. This is a convenience beside the hard-wired interlocks, never
in their place: Houqin is no life-safety system.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from controller.alarms import AlarmBoard
from controller.arbitration import PriorityArray, Proposal, Slot
from controller.policy.findings import Finding
from controller.policy.units import NO_MODES, OFF, Legal, UnitVerdict
from controller.records import Record
from facility.bus.messages import AlarmAct, AlarmActed, AlarmLevel
from facility.commands import Role
from facility.decisions import Effect
from facility.model import Site
from facility.model.control_entries import FireEntry
from facility.readings import Quality, Status
from facility.text import Text

Tap = Callable[[int, float | None, Status], None]

STOPPED_KINDS: Final = frozenset({"indoor_unit", "kettle", "dehumidifier"})
"""Lifts have their own fire mode, lights and doors help people out, and plants follow their fan coils."""
RESETTING: Final = frozenset({Role.DUTY_ROOM, Role.ADMIN_SECTION, Role.ADMINISTRATOR})


@dataclass(slots=True, kw_only=True)
class _Input:
    """One contact of the panel. `signal` is None until it speaks; `reset_by` is who released it since the last look."""

    entry: FireEntry
    records: tuple[Record, ...]
    signal: bool | None = None
    latched: bool = False
    reset_by: str | None = None
    who: str = field(init=False)

    def __post_init__(self) -> None:
        self.who = f"fire:{self.entry.point}"

    def take(self, time_us: int, value: float | None, status: Status) -> None:
        """A reading of the contact."""
        del time_us
        if value is not None and status.quality is Quality.GOOD:
            self.signal = (value > 0) is (self.entry.alarm_when == "on")


class FireInputs:
    """Latches the fire signals of a site.

    Args:
        site: names the inputs and what their scopes have.
        records: what is controlled.
        alarms: where a signal is told, and that it waits for a person.
    """

    def __init__(self, site: Site, records: Mapping[str, Record], alarms: AlarmBoard) -> None:
        self._alarms = alarms
        self._inputs = [
            _Input(entry=entry, records=tuple(_in_scope(site, entry, records.values())))
            for entry in site.file.control.fire
        ]

    def taps(self) -> Iterable[tuple[str, Tap]]:
        """Point and what takes its readings."""
        return [(known.entry.point, known.take) for known in self._inputs]

    def acted(self, message: AlarmActed) -> None:
        """A person did something with an alarm; acknowledging that a signal has gone lets its scope go again."""
        if message.act is not AlarmAct.ACKNOWLEDGE or message.actor.role not in RESETTING:
            return
        for known in self._inputs:
            if message.key == _reset_key(known) and known.signal is False:
                known.reset_by = message.actor.name

    def step(self, now: datetime) -> set[str]:
        """Takes up what the panel and people said; gives the equipment for which that changes something."""
        changed: set[str] = set()
        for known in self._inputs:
            known.latched = known.latched or any(_holds(known, record) for record in known.records)
            if known.latched and known.reset_by is not None and known.signal is False:
                changed |= self._release(known)
            elif known.latched or known.signal:
                changed |= self._latch(known)
            self._tell(known, now)
        return changed

    def _latch(self, known: _Input) -> set[str]:
        """What is stopped already, by this input or another one with some of the same rooms, stays as it is."""
        known.latched, known.reset_by = True, None
        stop = Proposal(slot=Slot.AUTOMATIC_LIFE_SAFETY, wish=OFF, who=known.who, why="fire")
        free = [record for record in known.records if record.array.at(Slot.AUTOMATIC_LIFE_SAFETY) is None]
        for record in free:
            record.array = record.array.put(stop)
        return {record.id for record in free}

    def _release(self, known: _Input) -> set[str]:
        known.latched, known.reset_by = False, None
        freed = [record for record in known.records if _holds(known, record)]
        for record in freed:
            record.array = record.array.release(Slot.AUTOMATIC_LIFE_SAFETY)
        return {record.id for record in freed}

    def _tell(self, known: _Input, now: datetime) -> None:
        name = known.entry.text
        waits = known.latched and known.signal is False
        self._alarms.state(
            known.who,
            known.signal is True,
            now,
            level=AlarmLevel.CRITICAL,
            text=Text(
                f"{name.zh}有火警信号，范围内的空调和开水壶已令停机；以消防系统为准",
                f"{name.en} signals fire: air-conditioning and kettles in its scope are switched off;"
                " the fire system has the say",
            ),
        )
        self._alarms.state(
            _reset_key(known),
            waits,
            now,
            level=AlarmLevel.SERIOUS,
            text=Text(
                f"{name.zh}火警信号已消除，确认本报警后设备才恢复运行",
                f"{name.en} no longer signals fire; nothing starts again until this alarm is acknowledged",
            ),
        )


def life_safety(array: PriorityArray, verdict: UnitVerdict) -> UnitVerdict:
    """The verdict as it stands against a fire signal: off, and no start by anybody."""
    first = next(iter(array), None)
    if first is None or first.slot > Slot.AUTOMATIC_LIFE_SAFETY:
        return verdict
    finding = Finding("fire", Effect.FORBID, "", (first.who.partition(":")[2],))
    return verdict._replace(
        wanted=OFF,
        slot=first.slot,
        findings=(finding, *verdict.findings),
        legal=Legal(NO_MODES, False, None, True, finding),
        legal_stop=True,
        until=None,
        order=None,
        array=verdict.array.put(first) if verdict.array.proposals else array,
    )


def _holds(known: _Input, record: Record) -> bool:
    held = record.array.at(Slot.AUTOMATIC_LIFE_SAFETY)
    return held is not None and held.who == known.who


def _reset_key(known: _Input) -> str:
    return f"fire_reset:{known.entry.point}"


def _in_scope(site: Site, entry: FireEntry, records: Iterable[Record]) -> Iterable[Record]:
    for record in records:
        if record.kind not in STOPPED_KINDS:
            continue
        if not entry.scope or any(_lies_in(site, space, entry.scope) for space in _rooms_of(site, record.id)):
            yield record


def _rooms_of(site: Site, equipment: str) -> tuple[str, ...]:
    return tuple(getattr(site.equipment[equipment], "serves", ()))


def _lies_in(site: Site, space: str, scope: tuple[str, ...]) -> bool:
    floor = site.spaces[space].floor
    building = next((known.id for known in site.buildings.values() if any(f.id == floor for f in known.floors)), None)
    return not {space, floor, building}.isdisjoint(scope)
