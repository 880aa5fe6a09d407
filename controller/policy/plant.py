"""A plant of chilled water: what each part is told, in which order, and what has to be proved before the next.

Start: valves open, pumps run, their flow is proved for a while, then the host. Stop: the host, the pumps run on, then
they stop and the valves close. What is told follows from what the parts prove now and from a few clocks, not from a
remembered stage, so that the order is right from whatever a restart finds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from controller.policy.plant_facts import (
    STOPPING,
    UNKNOWN_PART,
    PartFacts,
    PlantFinding,
    PlantMemory,
    PlantStep,
    Stage,
    Trouble,
)
from facility.model import PlantOrder


def step(
    order: PlantOrder, wanted: bool, observed: Mapping[str, PartFacts], memory: PlantMemory, now: datetime
) -> PlantStep:
    """What the parts are told now.

    Args:
        order: the parts, their order and their times.
        wanted: whether somebody calls for water.
        observed: what is known of each part; one that is missing is not known.
        memory: of the last look.
        now: aware time, not before the last look's.
    """
    look = _Look(order, observed, now)
    memory = _timed(look, memory)
    is_called = wanted and memory.fault is None
    wishes = _wishes(look, memory, called=is_called)
    memory = _compared(look, memory, wishes)
    findings = tuple(look.overdue(memory))
    stopping = next((item for item in findings if item.trouble in STOPPING), None)
    if memory.fault is None and stopping is not None:
        return step(order, wanted, observed, replace(memory, fault=stopping), now)
    fault = memory.fault
    if fault is not None and not wanted and look.stands_still():
        memory = memory.cleared()
    elif fault is not None:
        findings = (fault, *(item for item in findings if item.part != fault.part))
    return PlantStep(
        wishes=wishes,
        memory=memory,
        stage=_stage(look, memory, wishes, called=is_called),
        findings=findings,
        wake=min((when for when in look.clocks(memory) if when > now), default=None),
    )


class _Look:
    """What is known at one moment."""

    def __init__(self, order: PlantOrder, observed: Mapping[str, PartFacts], now: datetime) -> None:
        self.order = order
        self.now = now
        self._observed = observed

    def of(self, part: str) -> PartFacts:
        return self._observed.get(part, UNKNOWN_PART)

    def proved(self, *parts: str) -> bool:
        """Whether all of them prove to be on; what is not known proves nothing."""
        return all(self.of(part).proved is True for part in parts)

    def refuted(self, *parts: str) -> bool:
        """Whether any of them proves to be off."""
        return any(self.of(part).proved is False for part in parts)

    def is_off(self, part: str) -> bool:
        """Whether it is known to be off, by its switch as well as by its proof."""
        facts = self.of(part)
        return facts.proved is False and facts.on is not True

    def may_run(self, part: str, memory: PlantMemory) -> bool:
        """Whether a pump or the host may be running. One that says nothing does what it did when it was last heard of;
        when the controller has only begun, the host may run where a pump does.
        """
        facts = self.of(part)
        if self.is_off(part):
            return False
        if facts.proved is True or facts.on is True:
            return True
        return part in memory.ran if memory.told else any(self.of(pump).on is True for pump in self.order.pumps)

    def is_as_told(self, part: str, *, told: bool) -> bool:
        """Whether a part does what it was told; on has to be proved, off must not be refuted."""
        facts = self.of(part)
        return (
            facts.proved is True if told else facts.proved is False or (facts.proved is None and facts.on is not True)
        )

    def has_flow(self) -> bool:
        return self.proved(*self.order.valves, *self.order.pumps)

    def flows(self, memory: PlantMemory) -> bool:
        """Whether flow has been proved for long enough."""
        since = memory.flow_since
        return since is not None and self.now - since >= timedelta(seconds=self.order.flow_s)

    def stands_still(self) -> bool:
        return all(self.is_off(part) for part in self.order.parts)

    def limit(self, part: str) -> timedelta:
        """How long a part may take."""
        order = self.order
        if part == order.host:
            return timedelta(seconds=order.host_s)
        return timedelta(seconds=order.pump_s if part in order.pumps else order.valve_s)

    def overdue(self, memory: PlantMemory) -> Iterator[PlantFinding]:
        """The parts that have taken too long over what they were told."""
        for part, since in memory.differs.items():
            if self.now - since >= self.limit(part):
                yield PlantFinding(part=part, trouble=self._trouble(part, told=memory.told[part]), since=since)

    def _trouble(self, part: str, *, told: bool) -> Trouble:
        if part == self.order.host:
            return Trouble.NOT_STARTED if told else Trouble.NOT_STOPPED
        if part in self.order.pumps:
            return Trouble.NO_FLOW if told else Trouble.NOT_STILL
        return Trouble.NOT_OPEN if told else Trouble.NOT_CLOSED

    def clocks(self, memory: PlantMemory) -> Iterator[datetime]:
        """When something may change though no part moves."""
        order = self.order
        if memory.flow_since is not None:
            yield memory.flow_since + timedelta(seconds=order.flow_s)
        if memory.host_off_at is not None:
            yield memory.host_off_at + timedelta(seconds=order.host_min_off_s)
            yield memory.host_off_at + timedelta(seconds=order.overrun_s)
        for part, since in memory.differs.items():
            yield since + self.limit(part)


def _timed(look: _Look, memory: PlantMemory) -> PlantMemory:
    """The clocks after what is observed now. A plant that is found running with its flow proved goes on."""
    host = look.order.host
    flow_since = None
    if look.has_flow():
        flow_since = memory.flow_since or look.now
        if not memory.told and look.of(host).on is True:
            flow_since = look.now - timedelta(seconds=look.order.flow_s)
    host_off_at = (memory.host_off_at or look.now) if look.is_off(host) else None
    ran = frozenset(part for part in (*look.order.pumps, host) if look.may_run(part, memory))
    return replace(memory, flow_since=flow_since, host_off_at=host_off_at, ran=ran)


def _wishes(look: _Look, memory: PlantMemory, *, called: bool) -> dict[str, bool]:
    order = look.order
    opened, refuted = look.proved(*order.valves), look.refuted(*order.valves)
    needs_flow = called or order.host in memory.ran or _runs_on(look, memory)
    pumps = {
        name: needs_flow and (opened or (look.of(name).on is True and not refuted)) for name in order.pumps
    }  # fmt: skip
    valve = needs_flow or not memory.ran.isdisjoint(order.pumps)
    host = called and _host(look, memory)
    return {**dict.fromkeys(order.valves, valve), **pumps, order.host: host}


def _runs_on(look: _Look, memory: PlantMemory) -> bool:
    """Whether pumps that run have to run on after the host."""
    order, off_at = look.order, memory.host_off_at
    if off_at is None or look.now - off_at >= timedelta(seconds=order.overrun_s):
        return False
    return any(memory.told.get(name) or name in memory.ran for name in order.pumps)


def _host(look: _Look, memory: PlantMemory) -> bool:
    """Whether a plant that is called for may have its host on: flow proved for long enough, and after a stop its rest.
    A stop that was begun is finished first.
    """
    order, off_at = look.order, memory.host_off_at
    if not look.flows(memory):
        return False
    if off_at is None:
        return memory.told.get(order.host, look.of(order.host).on is True and not memory.told)
    return look.now - off_at >= timedelta(seconds=order.host_min_off_s)


def _compared(look: _Look, memory: PlantMemory, wishes: Mapping[str, bool]) -> PlantMemory:
    """Since when each part has not been what it is told."""
    differs: dict[str, datetime] = {}
    for part, wish in wishes.items():
        if look.is_as_told(part, told=wish):
            continue
        is_same = memory.told.get(part) is wish
        differs[part] = memory.differs.get(part, look.now) if is_same else look.now
    return replace(memory, told=dict(wishes), differs=differs)


def _stage(look: _Look, memory: PlantMemory, wishes: Mapping[str, bool], *, called: bool) -> Stage:
    order = look.order
    if not called:
        return _stopping_stage(look, memory, wishes)
    if wishes[order.host]:
        return Stage.RUNNING if look.proved(order.host) else Stage.STARTING_HOST
    if order.host in memory.ran:
        return Stage.STOPPING_HOST
    if not look.proved(*order.valves):
        return Stage.OPENING_VALVES
    if not look.has_flow():
        return Stage.STARTING_PUMPS
    return Stage.RESTING if look.flows(memory) else Stage.PROVING_FLOW


def _stopping_stage(look: _Look, memory: PlantMemory, wishes: Mapping[str, bool]) -> Stage:
    order = look.order
    if order.host in memory.ran:
        return Stage.STOPPING_HOST
    if any(wishes[pump] for pump in order.pumps):
        return Stage.OVERRUN
    if not memory.ran.isdisjoint(order.pumps):
        return Stage.STOPPING_PUMPS
    is_closed = all(look.is_as_told(valve, told=False) for valve in order.valves)
    return Stage.OFF if is_closed else Stage.CLOSING_VALVES
