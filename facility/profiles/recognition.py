"""How a device is told from others, and what its nameplate says."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Self

from pydantic import Field, field_validator, model_validator

from facility.profiles.point import Exact, Names, Strict
from facility.profiles.registers import RegisterValue
from facility.profiles.wrong import wrong


class Mark(RegisterValue):
    """A register that tells the model: one of `equals` (numbers as they stand in the register, or the text of a
    string), or a number from `low` to `high`, both included. `address` is absolute.
    """

    equals: tuple[int | str, ...] = ()
    low: int | None = None
    high: int | None = None

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if not self.equals and self.low is None and self.high is None:
            raise wrong(
                f"识别标志 {self.address}：须写 `equals`、`low` 或 `high`",
                f"mark at {self.address}: names what it `equals`, or a `low` or `high`",
            )
        return self


class Plausible(Strict):
    """A point whose value is expected from `low` to `high` (canonical unit) on every such device that is in use."""

    point: str
    low: float
    high: float


class Identify(Strict):
    """How a device of this model is recognised on a line.

    `registers`: all must be as said. `device_id`: regular expressions, all of which must be found in the objects that
    Read Device Identification (function 43/14) gives, by name: vendor, product_code, revision, vendor_url, product,
    model, application. `plausible`: where nothing tells the model, the more of these hold, the likelier it is.
    """

    registers: tuple[Mark, ...] = ()
    device_id: dict[str, str] = Field(default_factory=dict)
    plausible: tuple[Plausible, ...] = ()

    @field_validator("device_id")
    @classmethod
    def _objects_are_known(cls, rules: dict[str, str]) -> dict[str, str]:
        for name, pattern in rules.items():
            if name not in DEVICE_ID_OBJECTS:
                known = ", ".join(DEVICE_ID_OBJECTS)
                raise wrong(
                    f"device_id 没有对象 {name}，应为 {known} 之一",
                    f"device_id has no object {name!r}; expected one of {known}",
                )
            try:
                re.compile(pattern)
            except re.error as error:
                raise wrong(
                    f"device_id {name}：{pattern!r} 不是正则表达式",
                    f"device_id {name}: {pattern!r} is no regular expression: {error}",
                ) from error
        return rules


DEVICE_ID_OBJECTS = ("vendor", "product_code", "revision", "vendor_url", "product", "model", "application")
"""Objects 0 to 6 of Read Device Identification, in order (Modbus Application Protocol V1.1b3, section 6.21)."""


class Plate(RegisterValue):
    """One line of the nameplate, for the acceptance sheet: a serial number, a firmware version, a transformer ratio as
    it is set. `address` is absolute; numbers are shown as raw * `scale` with `unit` behind it.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    name: Names
    scale: Exact = Decimal(1)
    unit: str | None = None
