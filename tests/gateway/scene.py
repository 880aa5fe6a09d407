"""The small site with its devices in memory, a clock moved by hand, and a record of what the gateway said."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from facility.bus import CommandIssued, EnvelopeIssued, Message, OutcomeReported, ReadingsTaken
from facility.bus.in_process import InProcessBus
from facility.bus.messages import AlarmChanged, LinkStatus
from facility.clock import ManualClock
from facility.commands import RULE_ENGINE, Actor, Command, Mode, Outcome, Wish
from facility.envelope import Bound, Envelope, OnLoss, Range
from facility.model import Site, SiteFile, build_site
from facility.profiles import ProfileLibrary
from facility.readings import Reading
from gateway.gateway import Gateway
from tests.gateway.bank import Bank
from tests.sites import small_site_data

NOON = datetime(2026, 7, 15, 4, 0, tzinfo=UTC)
CLAUSES = {Bound.SETPOINT_LOW: "AC-03", Bound.START: "AC-06", Bound.MODE: "AC-02", Bound.RUN_UNTIL: "AC-05"}
M = TypeVar("M", bound=Message)


def site_with(change: Callable[[dict[str, Any]], None] | None = None) -> Site:
    """The small site, changed."""
    data = small_site_data()
    if change is not None:
        change(data)
    return build_site(SiteFile.model_validate(data), ProfileLibrary())


def only_modbus(data: dict[str, Any]) -> None:
    """Leaves out what would need a broker."""
    del data["links"]["sensors"]
    data["devices"] = [device for device in data["devices"] if device["link"] != "sensors"]
    kept = {device["id"] for device in data["devices"]}
    data["equipment"] = [item for item in data["equipment"] if item.get("device") in {None, *kept}]
    data["weather"] = {"forecast": [{"provider": "manual"}]}


@dataclass
class Scene:
    """A gateway on banks instead of wires."""

    site: Site
    clock: ManualClock
    bus: InProcessBus
    banks: Mapping[str, Bank]
    gateway: Gateway
    said: list[Message] = field(default_factory=list)

    def heard(self, kind: type[M]) -> list[M]:
        """All messages of one kind so far."""
        return [message for message in self.said if isinstance(message, kind)]

    def readings(self, point: str) -> list[Reading]:
        """All readings of one point so far."""
        batches = [message.batch for message in self.heard(ReadingsTaken)]
        return [reading for batch in batches for reading in batch.readings() if reading.point == point]

    def links(self) -> list[tuple[str | None, bool]]:
        """Changes of lines and devices: (device or None, up)."""
        return [(status.device, status.up) for status in self.heard(LinkStatus)]

    def alarms(self) -> list[tuple[str, bool]]:
        """Changes of alarms: (key, active). That all is well at first is no change."""
        raised: set[str] = set()
        changes = []
        for alarm in self.heard(AlarmChanged):
            if alarm.active or alarm.key in raised:
                changes.append((alarm.key, alarm.active))
            if alarm.active:
                raised.add(alarm.key)
        return changes

    def permit(self, equipment: str, **changes: Any) -> None:
        """Issues an envelope: cooling from 28 C, until five o'clock, renewed for five minutes."""
        facts: dict[str, Any] = {
            "equipment": equipment,
            "modes": {Mode.COOL: Range(low_c=28.0), Mode.FAN: Range()},
            "start_allowed": True,
            "may_run_until": NOON + timedelta(hours=5),
            "must_be_off": False,
            "on_loss": OnLoss.STOP,
            "valid_until": self.clock.now() + timedelta(minutes=5),
            "clauses": CLAUSES,
        }
        self.bus.publish(EnvelopeIssued(envelope=Envelope(**(facts | changes))))

    def issue(
        self, equipment: str, wish: Wish, *, actor: Actor = RULE_ENGINE, deadline_s: float = 60.0, **facts: Any
    ) -> Command:  # fmt: skip
        """Puts an order on the bus."""
        now = self.clock.now()
        deadline = now + timedelta(seconds=deadline_s)
        command = Command(equipment=equipment, wish=wish, actor=actor, made=now, deadline=deadline, **facts)
        self.bus.publish(CommandIssued(command=command))
        return command

    async def order(self, equipment: str, wish: Wish, **facts: Any) -> Outcome:
        """Issues an order and lets the gateway carry it out."""
        command = self.issue(equipment, wish, **facts)
        await self.gateway.settle()
        outcomes = [m.outcome for m in self.heard(OutcomeReported) if m.outcome.command_id == command.id]
        assert len(outcomes) == 1
        return outcomes[0]


def scene(site: Site | None = None) -> Scene:
    """A gateway on banks; the AC gateway's three units are off, at 26 C, in cooling mode."""
    site = site or site_with()
    clock, bus = ManualClock(NOON), InProcessBus()
    banks = {name: Bank() for name, link in site.links.items() if link.type != "mqtt"}
    gateway = Gateway(site, bus, clock, connect=lambda name, _: banks[name], fetch=_no_forecast)
    made = Scene(site=site, clock=clock, bus=bus, banks=banks, gateway=gateway)
    for kind in (ReadingsTaken, OutcomeReported, LinkStatus, AlarmChanged, CommandIssued):
        bus.listen(kind, made.said.append)
    for slot in range(3 if "plant" in banks else 0):
        banks["plant"].set(1, 16 + 16 * slot, 0, 3, 260, 0, 0, 0, 291)
    return made


async def _no_forecast(url: str, headers: Mapping[str, str]) -> bytes:
    await asyncio.sleep(0)
    return b"{}"


async def turns(count: int = 50) -> None:
    """Lets every task go on until it waits."""
    for _ in range(count):
        await asyncio.sleep(0)
