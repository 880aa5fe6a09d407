"""Orders of people: answered at once when they must not be, otherwise taken into the array until their end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from controller.arbitration import Proposal, Slot
from controller.people import completed, refusal
from controller.policy.explain import Explainer
from controller.policy.zones import ClassVerdict
from controller.records import Record, Sort
from facility.bus import Bus, OutcomeReported, ProposalMade
from facility.commands import Expired, Refused
from facility.model import Site
from facility.text import Text

SUPERSEDED = Text("被新的操作取代", "replaced by a newer order")
NOT_OURS = Text("该设备不由控制器操作", "this equipment is not operated by the controller")


class Orders:
    """Takes orders in and answers them.

    Args:
        bus: where refusals go.
        site: who belongs to which office.
        records: what is controlled.
        verdict_of: what holds for a unit's zone class, or for those with the same filings.
        explainer: words of the refusals.
        refresh: brings a record's verdict and envelope up to now.
        barred: why no order is taken at all now, None when orders are.
    """

    def __init__(
        self,
        bus: Bus,
        site: Site,
        records: Mapping[str, Record],
        *,
        verdict_of: Callable[[Record], ClassVerdict],
        explainer: Explainer,
        refresh: Callable[[Record, datetime], None],
        barred: Callable[[], Text | None] = lambda: None,
    ) -> None:
        self._bus, self._site, self._records = bus, site, records
        self._verdict_of, self._explainer, self._refresh = verdict_of, explainer, refresh
        self._barred = barred
        self._waiting: list[ProposalMade] = []

    def put(self, proposal: ProposalMade) -> None:
        """Keeps an order for the next cycle."""
        self._waiting.append(proposal)

    def answer_all(self, now: datetime) -> None:
        """Answers every waiting order, by what holds now and not by what held at the last look."""
        waiting, self._waiting = self._waiting, []
        for proposal in waiting:
            record = self._records.get(proposal.equipment)
            barred = self._barred() if record is not None else NOT_OURS
            if record is None or barred is not None:
                why = barred or NOT_OURS
                self._say(Refused(command_id=proposal.id, equipment=proposal.equipment, at=now, why=why, clause=None))
                continue
            self._refresh(record, now)
            of_class = self._verdict_of(record) if record.sort is Sort.UNIT else None
            refused = refusal(self._site, record, proposal, of_class, explainer=self._explainer, now=now)
            if refused is not None:
                self._say(refused)
            else:
                self._accept(record, proposal, now)

    def _accept(self, record: Record, proposal: ProposalMade, now: datetime) -> None:
        if record.order is not None:
            self._refuse(record, SUPERSEDED, None, now)
        record.array = record.array.put(
            Proposal(
                slot=Slot.PERSON,
                wish=completed(proposal.wish, record),
                who=proposal.actor.name,
                why=proposal.reason,
                until=proposal.until,
                id=proposal.id,
            )
        )
        record.order, record.order_actor = proposal.id, proposal.actor
        record.dirty = True

    def settle(self, record: Record, now: datetime) -> None:
        """Answers an order that ended, or can no longer win, before it was sent."""
        order, verdict = record.order, record.verdict
        if order is None or verdict is None or (verdict.order == order and not verdict.legal_stop):
            return
        held = record.array.at(Slot.PERSON)
        if held is not None and held.id != order:
            self._refuse(record, SUPERSEDED, None, now)
            return
        if held is None:
            record.order = record.order_actor = None
            self._say(Expired(command_id=order, equipment=record.id, at=now))
            return
        if held.wish.on is False:
            return
        reason = self._explainer.reason(verdict.findings[0], record.rules.clause_of, now)
        record.array = record.array.release(Slot.PERSON)
        self._refuse(record, reason.text, reason.clause, now)

    def _refuse(self, record: Record, why: Text, clause: str | None, now: datetime) -> None:
        order, record.order, record.order_actor = record.order, None, None
        if order is not None:
            self._say(Refused(command_id=order, equipment=record.id, at=now, why=why, clause=clause))

    def _say(self, outcome: Refused | Expired) -> None:
        self._bus.publish(OutcomeReported(outcome=outcome))
