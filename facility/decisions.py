"""A verdict with the chain of reasons it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from facility.commands import Wish
from facility.text import Text


class Effect(StrEnum):
    """What a rule does to the verdict."""

    PERMIT = "permit"
    FORBID = "forbid"
    LIMIT = "limit"
    WANT = "want"
    HOLD = "hold"
    ADVISE = "advise"


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One input a rule looked at: a point or a named source such as `forecast` or `calendar`.

    `value` is None when it was missing; numbers are in the point's canonical unit. `source` says what it came from
    (`sensor`, `forecast`, `calendar`, `person`, `unit`), `time` when it was measured or issued, `age_s` how old that
    was when the decision was made; None where it has no age.
    """

    point: str
    value: float | str | bool | None
    source: str
    time: datetime | None = None
    age_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One rule's part in a verdict. `clause` is the RULES id and `quote` the clause's own words, Chinese, None for a
    rule of equipment protection that rests on no clause. `document` names the governing document and article.
    """

    rule: str
    effect: Effect
    text: Text
    clause: str | None = None
    quote: str | None = None
    document: str | None = None
    inputs: tuple[Input, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotHeld:
    """What stands in one slot of the priority array: what is wanted, by whom, why, and until when (None: no end)."""

    slot: int
    wish: Wish
    who: str
    why: Text
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What is wanted of one equipment at `time`, what it is doing, and why.

    `slot` is the BACnet priority (1 to 16) that won, `until` when that wish ends by itself (None: no end known).
    `next_change` is when the verdict is next expected to change by the calendar, None when unknown; `coming` says in
    words what happens then, or what it waits for, None when nothing is known to come. `reasons` come with the decisive
    one first; `sentence` says it all in one sentence. `slots` is the whole array, lowest number first, the slot that
    wins as `slot`; empty where it was not told.
    """

    equipment: str
    time: datetime
    wanted: Wish
    effective: Wish
    slot: int
    reasons: tuple[Reason, ...]
    sentence: Text
    until: datetime | None = None
    next_change: datetime | None = None
    coming: Text | None = None
    slots: tuple[SlotHeld, ...] = ()
