"""A rule written as data: when it holds, for what equipment, what it does, by which clause."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, StrictBool, model_validator

from controller.policy.rules.conditions import When
from controller.policy.schema import Clause, Setpoint, Strict, wrong
from facility.commands import Fan, Mode, Wish
from facility.model.entries import Names, ZoneClass
from facility.model.entry import Slug

EffectName = Literal["permit", "forbid", "hold", "limit", "want", "remind"]
RuleSeverity = Literal["enforce", "default", "advise", "off"]
Per = Literal["site", "office", "space", "equipment"]
Wait = Annotated[float, Field(ge=0, le=7 * 86_400)]
PART_OF: Final = {"want": "want", "limit": "limit", "remind": "remind"}
"""Effects that need to be told more, and the key that tells it."""


class Scope(Strict):
    """What a rule holds for: what meets all that is named, and any word of each. Nothing named: every equipment."""

    classes: tuple[ZoneClass, ...] = ()
    kinds: tuple[str, ...] = ()
    buildings: tuple[Slug, ...] = ()
    floors: tuple[Slug, ...] = ()
    offices: tuple[Slug, ...] = ()
    spaces: tuple[Slug, ...] = ()
    equipment: tuple[Slug, ...] = ()


class WantPart(Strict):
    """What is wanted, in degrees Celsius, and in which slot of the BACnet array: 5 protection, 10 interlock, 12 rules,
    15 schedule. Slots 1 to 4 and 8 belong to fire inputs and to people.
    """

    on: StrictBool | None = None
    mode: Mode | None = None
    setpoint_c: Setpoint | None = None
    fan: Fan | None = None
    slot: Literal[5, 6, 7, 9, 10, 11, 12, 13, 14, 15] = 12

    @model_validator(mode="after")
    def _wants_something(self) -> Self:
        if self.wish.is_empty():
            raise wrong("没有写要什么（on、mode、setpoint_c、fan）", "nothing is wanted: on, mode, setpoint_c or fan")
        return self

    @property
    def wish(self) -> Wish:
        """As a wish."""
        return Wish(on=self.on, mode=self.mode, setpoint_c=self.setpoint_c, fan=self.fan)


class LimitPart(Strict):
    """Setpoints in degrees Celsius that cooling and heating must stay within."""

    cool_low_c: Setpoint | None = None
    cool_high_c: Setpoint | None = None
    heat_low_c: Setpoint | None = None
    heat_high_c: Setpoint | None = None

    @model_validator(mode="after")
    def _leaves_something(self) -> Self:
        for low_c, high_c in ((self.cool_low_c, self.cool_high_c), (self.heat_low_c, self.heat_high_c)):
            if low_c is not None and high_c is not None and low_c > high_c:
                raise wrong(f"{low_c:g} 至 {high_c:g} ℃ 为空", f"{low_c:g} to {high_c:g} C is empty")
        return self


class RemindPart(Strict):
    """What is said to whom when the condition comes true: once for the site, or for every office, room or equipment of
    the scope. `again_s`: said again after so long while it stays true.
    """

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)
    who: Literal["administration", "duty_room", "office"] = "administration"
    per: Per = "site"
    again_s: Wait | None = None


class Rule(Strict):
    """One rule. Times in seconds.

    Attributes:
        clause: id of the clause it rests on; `quote` is the clause's own words where no preset quotes it.
        when: its condition; None: always.
        for_s, release_s: how long the condition must be true (no longer true) before it is believed.
        dwell_s: the least time between two changes of the rule's state, whatever the inputs do.
        severity: `default` yields to an approved filing or a notice; `advise` only tells; `off` is not in force.
        valid_from, valid_until: the first date it holds, and the first on which it no longer does.
    """

    id: Slug
    name: Names
    clause: str = Field(min_length=1)
    quote: Clause | None = None
    when: When | None = None
    for_s: Wait = 0.0
    release_s: Wait = 0.0
    dwell_s: Wait = 0.0
    effect: EffectName
    want: WantPart | None = None
    limit: LimitPart | None = None
    remind: RemindPart | None = None
    scope: Scope = Scope()
    severity: RuleSeverity = "enforce"
    valid_from: date | None = None
    valid_until: date | None = None

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        for effect, key in PART_OF.items():
            if (self.effect == effect) != (getattr(self, key) is not None):
                raise wrong(
                    f"`effect: {effect}` 与 `{key}` 必须同时写", f"`effect: {effect}` and `{key}` belong together"
                )
        if self.valid_from is not None and self.valid_until is not None and self.valid_from >= self.valid_until:
            raise wrong("有效期为空", "it is never valid: `valid_until` is not after `valid_from`")
        return self

    @property
    def per(self) -> Per:
        """What it holds for, each by itself."""
        return self.remind.per if self.remind is not None else "equipment"

    def is_valid_on(self, day: date) -> bool:
        """Whether `day` lies in [valid_from, valid_until)."""
        if self.valid_from is not None and day < self.valid_from:
            return False
        return self.valid_until is None or day < self.valid_until


class Change(Strict):
    """How a site changes a rule that one of its presets brings: its severity, or its times."""

    id: Slug
    severity: RuleSeverity | None = None
    for_s: Wait | None = None
    release_s: Wait | None = None
    dwell_s: Wait | None = None

    def applied(self, rule: Rule) -> Rule:
        """The rule as changed."""
        given: dict[str, Any] = {name: value for name, value in self if value is not None and name != "id"}
        return rule.model_copy(update=given)


def is_change(entry: dict[str, Any]) -> bool:
    """Whether a site's entry changes a preset's rule, and is none of its own."""
    return "effect" not in entry and set(entry) <= set(Change.model_fields)
