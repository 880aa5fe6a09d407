"""What was decided for each equipment, and why."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from api.context import ApiContext
from api.problems import EQUIPMENT, RequestProblem, unknown
from api.shapes import Bilingual, Shape
from facility.commands import Wish
from facility.decisions import Decision, Input, Reason, SlotHeld
from facility.text import Text

MAX_DECISIONS: Final = 5_000


class WishView(Shape):
    """A wanted or observed state; None: left as it is, or not known."""

    on: bool | None = None
    mode: str | None = None
    setpoint_c: float | None = None
    fan: str | None = None

    @classmethod
    def of(cls, wish: Wish) -> WishView:
        """From the building's own form."""
        return cls(
            on=wish.on,
            mode=None if wish.mode is None else wish.mode.value,
            setpoint_c=wish.setpoint_c,
            fan=None if wish.fan is None else wish.fan.value,
        )


class InputView(Shape):
    """One input that a rule looked at; value None: it was missing."""

    point: str
    value: float | str | bool | None
    source: str
    time: datetime | None
    age_s: float | None


class ReasonView(Shape):
    """One rule's part. `clause` and `quote` are None for a rule of equipment protection."""

    rule: str
    effect: str
    text: Bilingual
    clause: str | None
    quote: str | None
    document: str | None
    inputs: list[InputView]


class SlotView(Shape):
    """One slot of the priority array (BACnet, 1 highest to 16); `wins` where it is the one that decides."""

    slot: int
    wish: WishView
    who: str
    why: Bilingual
    until: datetime | None
    wins: bool


class DecisionView(Shape):
    """A verdict for one equipment; the decisive reason first."""

    equipment: str
    name: Bilingual
    time: datetime
    wanted: WishView
    effective: WishView
    slot: int
    reasons: list[ReasonView]
    sentence: Bilingual
    until: datetime | None
    next_change: datetime | None
    coming: Bilingual | None
    slots: list[SlotView]


class Decisions(Shape):
    """Verdicts, newest first."""

    rows: list[DecisionView]


def latest_decision(context: ApiContext, equipment: str) -> DecisionView | None:
    """The verdict that holds now, None when nothing was decided yet.

    Raises:
        RequestProblem: no such equipment.
    """
    if equipment not in context.site.equipment:
        raise unknown(EQUIPMENT, equipment)
    decision = context.latest.decisions.get(equipment)
    return None if decision is None else decision_view(context, decision)


def decision_or_problem(context: ApiContext, equipment: str) -> DecisionView:
    """As `latest_decision`; nothing decided yet is a 404 that says so."""
    view = latest_decision(context, equipment)
    if view is None:
        raise RequestProblem(
            404, "not_decided_yet", Text("该设备尚无控制决定", "nothing has been decided for this equipment yet")
        )
    return view


async def decisions(
    context: ApiContext,
    *,
    equipment: str | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    limit: int = 500,
) -> Decisions:
    """Verdicts of the past in [start, end), newest first, at most `limit`."""
    if equipment is not None and equipment not in context.site.equipment:
        raise unknown(EQUIPMENT, equipment)
    found = await context.remember(
        context.journal.decisions, equipment, start=start, end=end, limit=min(limit, MAX_DECISIONS)
    )
    ordered = sorted(found, key=lambda decision: decision.time, reverse=True)
    return Decisions(rows=[decision_view(context, decision) for decision in ordered])


def decision_view(context: ApiContext, decision: Decision) -> DecisionView:
    """A decision as it is told."""
    item = context.site.equipment.get(decision.equipment)
    return DecisionView(
        equipment=decision.equipment,
        name=Bilingual.of(item.text if item is not None else Text(decision.equipment, decision.equipment)),
        time=context.local(decision.time),
        wanted=WishView.of(decision.wanted),
        effective=WishView.of(decision.effective),
        slot=decision.slot,
        reasons=[reason_view(context, reason) for reason in decision.reasons],
        sentence=Bilingual.of(decision.sentence),
        until=None if decision.until is None else context.local(decision.until),
        next_change=None if decision.next_change is None else context.local(decision.next_change),
        coming=None if decision.coming is None else Bilingual.of(decision.coming),
        slots=[slot_view(context, held, wins=held.slot == decision.slot) for held in decision.slots],
    )


def slot_view(context: ApiContext, held: SlotHeld, *, wins: bool) -> SlotView:
    """A slot as it is told."""
    return SlotView(
        slot=held.slot,
        wish=WishView.of(held.wish),
        who=held.who,
        why=Bilingual.of(held.why),
        until=None if held.until is None else context.local(held.until),
        wins=wins,
    )


def reason_view(context: ApiContext, reason: Reason) -> ReasonView:
    """A reason as it is told."""
    return ReasonView(
        rule=reason.rule,
        effect=reason.effect.value,
        text=Bilingual.of(reason.text),
        clause=reason.clause,
        quote=reason.quote,
        document=reason.document,
        inputs=[input_view(context, item) for item in reason.inputs],
    )


def input_view(context: ApiContext, item: Input) -> InputView:
    """An input as it is told."""
    return InputView(
        point=item.point,
        value=item.value,
        source=item.source,
        time=None if item.time is None else context.local(item.time),
        age_s=item.age_s,
    )
