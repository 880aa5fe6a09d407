"""What the rooms said last: supply, decisions, envelopes, alarms and lines, kept as they pass on the bus."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable

from facility.bus import (
    AlarmChanged,
    AlarmStanding,
    AlarmStood,
    Bus,
    DecisionMade,
    EnvelopeIssued,
    LeaseChanged,
    LinkStatus,
    SupplyStated,
)
from facility.decisions import Decision
from facility.envelope import Envelope


class Latest:
    """The newest statement of each kind. `supply` is None until the controller has spoken since this process began,
    `lease` where there are no leases.
    """

    def __init__(self, bus: Bus) -> None:
        self.supply: SupplyStated | None = None
        self.decisions: dict[str, Decision] = {}
        self.envelopes: dict[str, Envelope] = {}
        self.alarms: dict[str, AlarmChanged] = {}
        self.standing: dict[str, AlarmStood] = {}
        self.lease: LeaseChanged | None = None
        self.links: dict[tuple[str, str | None], LinkStatus] = {}
        self._leave: list[Callable[[], None]] = [
            bus.listen(SupplyStated, self._take_supply),
            bus.listen(DecisionMade, self._take_decision),
            bus.listen(EnvelopeIssued, self._take_envelope),
            bus.listen(AlarmChanged, self._take_alarm),
            bus.listen(AlarmStood, self._take_standing),
            bus.listen(LinkStatus, self._take_link),
            bus.listen(LeaseChanged, self._take_lease),
        ]

    def seed(
        self, decisions: Iterable[Decision], alarms: Iterable[AlarmChanged], standing: Iterable[AlarmStood] = ()
    ) -> None:
        """Fills in what the journal remembers; never overwrites what was heard since."""
        for decision in decisions:
            self.decisions.setdefault(decision.equipment, decision)
        for alarm in alarms:
            self.alarms.setdefault(alarm.key, alarm)
        for state in standing:
            self.standing.setdefault(state.key, state)

    def active_alarms(self) -> list[AlarmChanged]:
        """Alarms that stand now, the newest first. What is abnormal and counts as normal all the same (it has to last a
        while yet, or is not watched at this site) is none.
        """
        active = (alarm for alarm in self.alarms.values() if alarm.active and not self._counts_as_normal(alarm))
        return sorted(active, key=lambda alarm: alarm.at, reverse=True)

    def _counts_as_normal(self, alarm: AlarmChanged) -> bool:
        state = self.standing.get(alarm.key)
        return state is not None and state.standing is AlarmStanding.NORMAL and state.at >= alarm.at

    def _take_supply(self, message: SupplyStated) -> None:
        self.supply = message

    def _take_lease(self, message: LeaseChanged) -> None:
        self.lease = message

    def _take_decision(self, message: DecisionMade) -> None:
        self.decisions[message.decision.equipment] = message.decision

    def _take_envelope(self, message: EnvelopeIssued) -> None:
        self.envelopes[message.envelope.equipment] = message.envelope

    def _take_alarm(self, message: AlarmChanged) -> None:
        held = self.alarms.get(message.key)
        if message.active and held is not None and held.active:
            # The same condition said again began when it was first said.
            message = AlarmChanged(
                key=message.key, active=True, level=message.level, at=held.at, text=message.text,
                equipment=message.equipment,
            )  # fmt: skip
        self.alarms[message.key] = message

    def _take_standing(self, message: AlarmStood) -> None:
        self.standing[message.key] = message

    def _take_link(self, message: LinkStatus) -> None:
        self.links[(message.link, message.device)] = message

    def forget_lines(self, links: Container[str], devices: Container[str]) -> None:
        """Forgets the state of every line and device that is not among these."""
        self.links = {
            (link, device): status
            for (link, device), status in self.links.items()
            if link in links and (device is None or device in devices)
        }

    def close(self) -> None:
        """Stops listening."""
        for leave in self._leave:
            leave()
