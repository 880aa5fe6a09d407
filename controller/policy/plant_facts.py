"""What is known, remembered and told of a plant of chilled water, with the words for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from facility.text import Text


class Stage(StrEnum):
    """Where the plant is on its way."""

    OFF = "off"
    OPENING_VALVES = "opening_valves"
    STARTING_PUMPS = "starting_pumps"
    PROVING_FLOW = "proving_flow"
    RESTING = "resting"
    STARTING_HOST = "starting_host"
    RUNNING = "running"
    STOPPING_HOST = "stopping_host"
    OVERRUN = "overrun"
    STOPPING_PUMPS = "stopping_pumps"
    CLOSING_VALVES = "closing_valves"


class Trouble(StrEnum):
    """What a part did not do in its time. The first three stop the plant, the others are told."""

    NOT_OPEN = "not_open"
    NO_FLOW = "no_flow"
    NOT_STARTED = "not_started"
    NOT_CLOSED = "not_closed"
    NOT_STILL = "not_still"
    NOT_STOPPED = "not_stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartFacts:
    """What is known of one part: whether it is switched on (a valve: open), and whether it proves to be. None: not
    known. Where a part has no proof of its own, `proved` is `on` as read back.
    """

    on: bool | None = None
    proved: bool | None = None


UNKNOWN_PART: Final = PartFacts()
STOPPING: Final = frozenset({Trouble.NOT_OPEN, Trouble.NO_FLOW, Trouble.NOT_STARTED})
"""What stops the plant: a part that does not come on."""

TROUBLES: Final[Mapping[Trouble, Text]] = {
    Trouble.NOT_OPEN: Text("没有在规定时间内打开", "did not open in time"),
    Trouble.NO_FLOW: Text("启动后没有水流证明", "runs without proof of flow"),
    Trouble.NOT_STARTED: Text("没有在规定时间内投入运行", "did not start in time"),
    Trouble.NOT_CLOSED: Text("没有在规定时间内关闭", "did not close in time"),
    Trouble.NOT_STILL: Text("停止后仍有水流", "is told to stop and goes on"),
    Trouble.NOT_STOPPED: Text("没有在规定时间内停机", "did not stop in time"),
}

STAGES: Final[Mapping[Stage, Text]] = {
    Stage.OFF: Text("停机", "off"),
    Stage.OPENING_VALVES: Text("正在开阀", "opening its valves"),
    Stage.STARTING_PUMPS: Text("正在启动水泵", "starting its pumps"),
    Stage.PROVING_FLOW: Text("正在确认水流", "proving its flow"),
    Stage.RESTING: Text("主机停机时间未满，等待再启动", "waiting for the host's minimum off time"),
    Stage.STARTING_HOST: Text("正在启动主机", "starting its host"),
    Stage.RUNNING: Text("运行", "running"),
    Stage.STOPPING_HOST: Text("正在停主机", "stopping its host"),
    Stage.OVERRUN: Text("主机已停，水泵延时运行", "host off, pumps running on"),
    Stage.STOPPING_PUMPS: Text("正在停水泵", "stopping its pumps"),
    Stage.CLOSING_VALVES: Text("正在关阀", "closing its valves"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantFinding:
    """A part that is not what it was told to be, and for how long it has not been."""

    part: str
    trouble: Trouble
    since: datetime

    @property
    def text(self) -> Text:
        """In words, without the part's name."""
        return TROUBLES[self.trouble]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantMemory:
    """What the plant remembers. The default is that of a controller that has just begun.

    `told` is what each part was told last, `differs` since when it has not been that. `flow_since` is since when all
    valves and pumps have proved themselves together, `host_off_at` since when the host is known to be off: each None
    while it is not so. `ran` are pumps and host that were not off when they were last heard of. `fault` stopped the
    plant and holds until nobody wants it any more and it stands still, or until a person clears it.
    """

    told: Mapping[str, bool] = field(default_factory=dict)
    differs: Mapping[str, datetime] = field(default_factory=dict)
    flow_since: datetime | None = None
    host_off_at: datetime | None = None
    ran: frozenset[str] = frozenset()
    fault: PlantFinding | None = None

    def cleared(self) -> PlantMemory:
        """The same without its fault: a person has seen to it."""
        return replace(self, fault=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantStep:
    """What one look comes to. `wishes` says of every part whether it is to be on, `findings` what has taken too long
    (the fault that stopped the plant first), `wake` when a clock runs out, None when none does.
    """

    wishes: Mapping[str, bool]
    memory: PlantMemory
    stage: Stage
    findings: tuple[PlantFinding, ...] = ()
    wake: datetime | None = None
