"""What a restart needs, as plain JSON under one key of the journal, taken back leniently.

A state that is from the future (the clock was set back), or does not fit, is not used: the controller then starts from
what the devices say. Of one from the future people's wishes and fire signals hold on, for they have ends of their own.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from controller.alarms import AlarmBoard
from controller.arbitration import PriorityArray, Proposal, Slot
from controller.guard import Timers
from controller.plants import Plants
from controller.policy.facts import UNKNOWN, KettleMemory, SupplyMemory, UnitMemory
from controller.policy.relaxing import SupplyKey
from controller.policy.switches import SwitchMemory
from controller.records import Deviation, Record
from controller.rule_desk import RuleDesk
from controller.sensing import Sensing
from controller.weather import WeatherDesk
from controller.zones import Zones
from facility.commands import Actor, Command, Wish
from facility.model.entries import ZoneClass
from facility.readings import to_us

log = logging.getLogger(__name__)

HOLDS_LAST: Final = timedelta(minutes=30)
"""After so long without us, what held how long is no longer known."""


@dataclass(frozen=True, kw_only=True)
class SavedRecord:
    """One equipment's part."""

    memory: UnitMemory
    kettle: KettleMemory
    proposals: tuple[Proposal, ...]
    timers: Timers
    expect: Wish | None
    put_backs: tuple[datetime, ...]
    ran_since: datetime | None
    closing: datetime | None
    deviation: Deviation | None
    order: str | None
    order_actor: Actor | None
    last: Command | None = None
    switch: SwitchMemory = field(default_factory=SwitchMemory)


@dataclass(frozen=True, kw_only=True)
class SavedState:
    """The whole."""

    at: datetime
    records: dict[str, SavedRecord]
    supply: dict[ZoneClass, SupplyMemory]
    relaxed: list[tuple[SupplyKey, SupplyMemory]] = field(default_factory=list)
    rooms: list[tuple[str, int, float]] = field(default_factory=list)
    outdoors: list[tuple[int, int]] = field(default_factory=list)
    alarms: list[tuple[str, str, str, str, str | None]] = field(default_factory=list)
    rules: dict[str, Any] = field(default_factory=dict)
    plants: dict[str, Any] = field(default_factory=dict)


_ADAPTER: Final = TypeAdapter(SavedState)


@dataclass(frozen=True, kw_only=True)
class Carried:
    """The parts of the controller that carry something across a restart."""

    records: Mapping[str, Record]
    zones: Zones
    sensing: Sensing
    weather: WeatherDesk
    alarms: AlarmBoard
    rules: RuleDesk
    plants: Plants


def saved(now: datetime, parts: Carried) -> dict[str, Any]:
    """The state as JSON-able values."""
    state = SavedState(
        at=now,
        records={name: _saved_record(record) for name, record in parts.records.items()},
        supply=dict(parts.zones.supply),
        relaxed=list(parts.zones.relaxed.items()),
        rooms=parts.sensing.saved(to_us(now)),
        outdoors=parts.weather.outdoors.mean.samples(),
        alarms=parts.alarms.standing(),
        rules=parts.rules.saved(),
        plants=parts.plants.saved(),
    )
    dumped: dict[str, Any] = _ADAPTER.dump_python(state, mode="json")
    return dumped


def _saved_record(record: Record) -> SavedRecord:
    return SavedRecord(
        memory=record.memory,
        kettle=record.kettle,
        switch=record.switch,
        proposals=record.array.proposals,
        timers=replace(record.timers),
        expect=record.expect,
        put_backs=tuple(record.put_backs),
        ran_since=record.ran_since,
        closing=record.closing,
        deviation=None if record.deviation is None else replace(record.deviation),
        order=record.order,
        order_actor=record.order_actor,
        last=record.last,
    )


def restored(state: Any, now: datetime, parts: Carried) -> None:
    """Puts a saved state back where it was. Equipment that is no longer there is passed over."""
    if state is None:
        return
    try:
        found = _ADAPTER.validate_python(state)
    except ValidationError as error:
        log.warning("the controller's saved state does not fit and is not used: %s", error.errors()[0]["msg"])
        return
    if found.at > now:
        log.warning("the controller's saved state is of %s, later than now, and is not used", found.at.isoformat())
        for name, part in found.records.items():
            if name in parts.records:
                kept = (proposal for proposal in part.proposals if _outlives_the_clock(proposal))
                parts.records[name].array = PriorityArray(tuple(kept))
        return
    is_recent = now - found.at <= HOLDS_LAST
    for name, part in found.records.items():
        if name in parts.records:
            _restore_record(parts.records[name], part, is_recent=is_recent)
    for zone_class, memory in found.supply.items():
        parts.zones.supply[zone_class] = memory if is_recent else _without_holds(memory)
    if is_recent:
        parts.zones.relaxed.update(found.relaxed)
        parts.sensing.restore(found.rooms)
        parts.weather.outdoors.restore(found.outdoors)
        parts.rules.restore(found.rules)
    parts.plants.restore(found.plants)
    parts.alarms.restore(found.alarms)


def _outlives_the_clock(proposal: Proposal) -> bool:
    """A fire signal, or what a person ordered; not what was seen at the wall."""
    return proposal.slot <= Slot.AUTOMATIC_LIFE_SAFETY or proposal.id is not None


def _restore_record(record: Record, part: SavedRecord, *, is_recent: bool) -> None:
    record.memory = part.memory if is_recent else UnitMemory(climate_mode=part.memory.climate_mode)
    record.kettle = part.kettle if is_recent else replace(part.kettle, idle=UNKNOWN)
    record.switch = part.switch if is_recent else SwitchMemory()
    record.array = PriorityArray(part.proposals)
    record.timers = part.timers
    record.expect = part.expect
    record.put_backs = deque(part.put_backs, maxlen=record.put_backs.maxlen)
    record.ran_since = part.ran_since
    record.closing = part.closing
    record.deviation = part.deviation
    record.order, record.order_actor = part.order, part.order_actor
    record.last = part.last


def _without_holds(memory: SupplyMemory) -> SupplyMemory:
    return SupplyMemory(
        permit=memory.permit,
        cooling_locked_until=memory.cooling_locked_until,
        heating_locked_until=memory.heating_locked_until,
    )
