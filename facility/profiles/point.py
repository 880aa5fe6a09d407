"""What every point of a profile has, whatever the wire."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from facility.profiles.wrong import wrong
from facility.quantities import CANONICAL, ENUMERATIONS, Quantity, factor_to_canonical
from facility.text import Text


def _decimal(value: object) -> object:
    return Decimal(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else value


Exact = Annotated[Decimal, BeforeValidator(_decimal)]
"""A decimal that YAML wrote as a number: 0.1 means one tenth, exactly."""


class Strict(BaseModel):
    """Unknown keys are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Names(Strict):
    """A name in both languages; English falls back to Chinese."""

    zh: str
    en: str | None = None

    @property
    def text(self) -> Text:
        """As a Text."""
        return Text(self.zh, self.en if self.en is not None else self.zh)


class PollClass(StrEnum):
    """How often a point is read; the site file may set the periods (defaults 2 s, 10 s, 60 s)."""

    FAST = "fast"
    NORMAL = "normal"
    SLOW = "slow"


class PointBase(Strict):
    """What every point has, whatever the wire.

    `unit` is the device's; the canonical one follows from `quantity`. For states `enumeration` names the list in
    `facility.quantities` and `codes` maps the device's codes to its states; an unlisted code is a bad reading. Several
    codes may mean one state: the first one listed is the one written.
    `low` and `high` bound what is believed, in the canonical unit. `counter_max` is the largest value a counter shows
    before it starts again at zero, in the canonical unit before transformer ratios; a point with `counter_max` or
    `counter: true` only counts up.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    name: Names
    quantity: Quantity
    unit: str | None = None
    enumeration: str | None = None
    codes: dict[int | str, str] | None = None
    low: float | None = None
    high: float | None = None
    counter: bool = False
    counter_max: float | None = Field(None, gt=0)
    poll: PollClass = PollClass.NORMAL

    @model_validator(mode="after")
    def _fits_its_quantity(self) -> Self:
        if self.unit is not None:
            try:
                factor_to_canonical(self.quantity, self.unit)
            except ValueError as error:
                raise wrong(
                    f"测点 {self.id}：{self.unit!r} 不是 {self.quantity.value} 的单位，应为 "
                    f"{CANONICAL[self.quantity].unit!r} 或可换算的单位",
                    f"point {self.id}: {error}",
                ) from error
        if self.quantity is not Quantity.STATE:
            if self.enumeration is not None or self.codes is not None:
                raise wrong(
                    f"测点 {self.id}：只有状态才有 enumeration 或 codes",
                    f"point {self.id}: only a state has an enumeration or codes",
                )
            return self
        if self.enumeration is None:
            raise wrong(f"测点 {self.id}：状态须写明 enumeration", f"point {self.id}: a state names its enumeration")
        states = ENUMERATIONS.get(self.enumeration)
        if states is None:
            raise wrong(
                f"测点 {self.id}：没有名为 {self.enumeration!r} 的状态表，应为 {'、'.join(ENUMERATIONS)} 之一",
                f"point {self.id}: unknown enumeration {self.enumeration!r}, expected one of {', '.join(ENUMERATIONS)}",
            )
        for name in (self.codes or {}).values():
            if name not in states:
                raise wrong(
                    f"测点 {self.id}：{self.enumeration} 没有状态 {name!r}，应为 {'、'.join(states)} 之一",
                    f"point {self.id}: {name!r} is no state of {self.enumeration} {states}",
                )
        return self
