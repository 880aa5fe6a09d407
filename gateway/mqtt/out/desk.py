"""Wishes of other systems on their way: proposed in the name of the broker, and their outcomes told."""

from __future__ import annotations

import logging
import uuid
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from facility.bus import Bus, OutcomeReported, ProposalMade
from facility.clock import Clock
from facility.commands import Actor, Role
from facility.model import Site
from facility.model.publish_entries import RemoteCommandsEntry
from gateway.mqtt.out.asking import SLIPS, Asked, NotTaken, Slip, asked
from gateway.mqtt.out.payloads import both, encoded, outcome, stamp, wish

MOST_WAITING: Final = 200
"""Wishes without an answer; more are not taken."""

MOST_A_MINUTE: Final = 300
"""Wishes taken in one minute: every unit of a large site at once, and no more than the journal can bear for ever."""

_MINUTE: Final = timedelta(minutes=1)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waiting:
    equipment: str
    reference: str | None
    until: datetime


class CommandDesk:
    """Turns messages into proposals of one actor, `mqtt:<link>`. The controller decides; nothing is written here.

    Args:
        site: the site.
        entry: whose rights other systems have, and how long what they want may hold.
        link: the broker's link.
        bus: takes proposals, brings outcomes.
        clock: dates them.
        tell: says something on the `result` topic of an equipment.

    Attributes:
        taken: messages that became proposals.
        slips: messages that did not, by why.
    """

    def __init__(
        self,
        site: Site,
        entry: RemoteCommandsEntry,
        *,
        link: str,
        bus: Bus,
        clock: Clock,
        tell: Callable[[str, bytes], None],
    ) -> None:
        self._site = site
        self._entry = entry
        self._actor = Actor(name=f"mqtt:{link}", role=Role(entry.role), office=entry.office)
        self._bus = bus
        self._clock = clock
        self._tell = tell
        self._waiting: dict[str, _Waiting] = {}
        self._lately: deque[datetime] = deque(maxlen=MOST_A_MINUTE)
        self._leave = bus.listen(OutcomeReported, self._take_outcome)
        self.taken = 0
        self.slips: Counter[Slip] = Counter()

    def close(self) -> None:
        """Stops listening."""
        self._leave()

    def take(self, equipment: str, payload: bytes, *, retained: bool) -> None:
        """A message asks something of `equipment`."""
        now = self._clock.now()
        if equipment not in self._site.equipment:
            self.slips[Slip.NOT_OPERABLE] += 1  # and nothing is said below a topic that is nobody's
            return
        try:
            if retained:
                raise NotTaken(Slip.RETAINED)
            self._propose(asked(self._site, self._entry, equipment, payload, now), now)
        except NotTaken as why:
            self._refuse(equipment, why, now)

    def _propose(self, wanted: Asked, now: datetime) -> None:
        self._waiting = {key: one for key, one in self._waiting.items() if one.until > now}
        is_flood = len(self._lately) == MOST_A_MINUTE and now - self._lately[0] < _MINUTE
        if is_flood or len(self._waiting) >= MOST_WAITING:
            raise NotTaken(Slip.TOO_MANY, "", wanted.reference)
        self._lately.append(now)
        proposal = ProposalMade(
            id=uuid.uuid4().hex,
            equipment=wanted.equipment,
            wish=wanted.wish,
            actor=self._actor,
            made=now,
            until=wanted.until,
            reason=wanted.reason,
        )
        self.taken += 1
        self._waiting[proposal.id] = _Waiting(
            equipment=wanted.equipment, reference=wanted.reference, until=wanted.until
        )  # fmt: skip
        self._say(
            wanted.equipment, now, proposal.id, wanted.reference, "proposed",
            wanted=wish(wanted.wish), until=stamp(wanted.until),
        )  # fmt: skip
        self._bus.publish(proposal)

    def _refuse(self, equipment: str, why: NotTaken, now: datetime) -> None:
        self.slips[why.slip] += 1
        if self.slips[why.slip] == 1:
            log.warning("a message that asks something of %s is not taken: %s %s", equipment, why.slip, why.detail)
        self._say(
            equipment, now, None, why.reference, "ignored",
            cause=why.slip.value, why=both(SLIPS[why.slip]), detail=why.detail,
        )  # fmt: skip

    def _say(
        self, equipment: str, now: datetime, command: str | None, reference: str | None, state: str, **more: Any
    ) -> None:
        content = {"time": stamp(now), "command": command, "id": reference, "state": state, **more}
        self._tell(equipment, encoded(content))

    def _take_outcome(self, message: OutcomeReported) -> None:
        ended = message.outcome
        waiting = self._waiting.pop(ended.command_id, None)
        if waiting is not None:
            self._tell(waiting.equipment, outcome(ended, waiting.reference))
