"""The conditions of rules written as data: a tree of `all`, `any` and `not` over leaves, each with exactly one key.

A leaf looks at the calendar, the time of day, the weather, the rooms that the equipment serves, equipment, meters, or
any point. What a leaf looks at may be unknown: then the leaf is neither true nor false.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Field, StrictBool, model_validator

from controller.policy.rules.times import DateSpan, Moment
from controller.policy.schema import Strict, YearSpan, wrong
from facility.commands import Mode
from facility.model.entry import PointId, Slug

Which = Literal["any", "all"]
Reach = Literal["room", "office", "floor", "building", "site"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def as_list(value: object) -> object:
    """A single word stands for a list of one."""
    return (value,) if isinstance(value, str | date | int) and not isinstance(value, bool) else value


class Times(Strict):
    """A daily span, half-open; one whose end comes before its beginning goes over midnight."""

    model_config = ConfigDict(populate_by_name=True)

    begin: Moment = Field(alias="from")
    end: Moment = Field(alias="until")


class Week(Strict):
    """The n-th week of months; a month's first week is the first that begins in it on a Monday. -1: its last."""

    nth: Literal[1, 2, 3, 4, 5, -1]
    months: tuple[Annotated[int, Field(ge=1, le=12)], ...] = Field(min_length=1)


class Near(Strict):
    """All equipment of a kind in the same room, office, floor or building, or anywhere."""

    model_config = ConfigDict(populate_by_name=True)

    kind: str
    reach: Reach = Field("room", alias="in")


class Compare(Strict):
    """A number against a limit, in `unit` (the point's own where it is left out). `until_below` (`until_above`) keeps
    the condition true down (up) to another value once it is true: hysteresis.
    """

    model_config = ConfigDict(strict=True)

    above: float | None = None
    below: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    until_below: float | None = None
    until_above: float | None = None
    unit: str | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        given = [name for name in OPERATORS if getattr(self, name) is not None]
        if len(given) != 1:
            raise wrong(
                "应写 above、below、at_least、at_most 中的一个",
                "exactly one of above, below, at_least, at_most is needed",
            )
        back = self.until_below if self.rises else self.until_above
        other = self.until_above if self.rises else self.until_below
        if other is not None or (back is not None and (back > self.limit if self.rises else back < self.limit)):
            raise wrong(
                "滞回值应在阈值的另一侧：above、at_least 用 until_below，below、at_most 用 until_above",
                "hysteresis lies beyond the limit: until_below at or under `above`, until_above at or over `below`",
            )
        return self

    @property
    def operator(self) -> str:
        """above, below, at_least or at_most."""
        return next(name for name in OPERATORS if getattr(self, name) is not None)

    @property
    def limit(self) -> float:
        """What the value is compared with."""
        value: float = getattr(self, self.operator)
        return value

    @property
    def rises(self) -> bool:
        """Whether large values make it true."""
        return self.above is not None or self.at_least is not None

    @property
    def back(self) -> float | None:
        """Where it stops being true once it was, None where that is the limit itself."""
        return self.until_below if self.rises else self.until_above


OPERATORS: Final = ("above", "below", "at_least", "at_most")


class Measured(Compare):
    """A number of rooms, or of the rooms of `space`; of several rooms any (or all) may meet it."""

    space: Slug | None = None
    which: Which = "any"


class Held(Strict):
    """A state of the rooms (or of `space`): somebody in, a window open."""

    model_config = ConfigDict(populate_by_name=True)

    is_: StrictBool = Field(alias="is")
    space: Slug | None = None
    which: Which = "any"


Target = Literal["self"] | Slug | Near


class Running(Strict):
    """Whether equipment runs: the rule's own, another by its id, or any (all) of a kind near it."""

    model_config = ConfigDict(populate_by_name=True)

    is_: StrictBool = Field(True, alias="is")
    of: Target = "self"
    which: Which = "any"


class State(Strict):
    """Whether an equipment's mode (or operation) is one of some words."""

    model_config = ConfigDict(populate_by_name=True)

    is_: Annotated[tuple[str, ...], BeforeValidator(as_list)] = Field(alias="is", min_length=1)
    of: Target = "self"
    which: Which = "any"


class Setpoint(Compare):
    """An equipment's setpoint."""

    of: Target = "self"
    which: Which = "any"


class Metered(Compare):
    """The power (or the mean of the last `minutes`) of a meter: the equipment's own, those of its room or office, or
    one by its id; `item` picks circuits of one item.
    """

    of: Literal["self", "room", "office"] | Slug = "self"
    item: str | None = None
    which: Which = "any"
    minutes: float = Field(15.0, gt=0, le=120)


class AnyPoint(Strict):
    """Any point by its id: a number against a limit, or a state that is one of some words."""

    model_config = ConfigDict(populate_by_name=True)

    id: PointId
    is_: Annotated[tuple[str, ...], BeforeValidator(as_list)] | StrictBool | None = Field(None, alias="is")
    value: Compare | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.is_ is None) == (self.value is None):
            raise wrong("`is` 与 `value` 应写其中之一", "exactly one of `is` and `value` is needed")
        return self


def _flag(value: object) -> object:
    return {"is": value} if isinstance(value, bool) else value


def _window(value: object) -> object:
    return {"is": value == "open"} if value in ("open", "closed") else _flag(value)


def _state(value: object) -> object:
    return {"is": value} if isinstance(value, str | list | tuple) else value


class When(Strict):
    """A condition: exactly one of these."""

    model_config = ConfigDict(populate_by_name=True)

    all: tuple[When, ...] | None = Field(None, min_length=1)
    any: tuple[When, ...] | None = Field(None, min_length=1)
    not_: When | None = Field(None, alias="not")

    day: Literal["workday", "rest"] | None = None
    holiday: Annotated[tuple[str, ...], BeforeValidator(as_list)] | None = None
    rest_ahead: Annotated[int, Field(ge=1, le=20)] | None = None
    dates: Annotated[tuple[DateSpan, ...], BeforeValidator(as_list)] | None = None
    season: Annotated[tuple[YearSpan, ...], BeforeValidator(as_list)] | None = None
    week: Week | None = None
    weekday: Annotated[tuple[Weekday, ...], BeforeValidator(as_list)] | None = None
    time: Times | None = None
    supply_hours: StrictBool | None = None

    permitted: Literal["cooling", "heating"] | None = None
    forecast_max: Compare | None = None
    outdoor: Compare | None = None
    cloud: Compare | None = None
    rain: StrictBool | None = None
    rain_ahead_h: Annotated[float, Field(gt=0, le=48)] | None = None
    sunshine: StrictBool | None = None

    temperature: Measured | None = None
    humidity: Measured | None = None
    illuminance: Measured | None = None
    occupied: Annotated[Held, BeforeValidator(_flag)] | None = None
    window: Annotated[Held, BeforeValidator(_window)] | None = None

    running: Annotated[Running, BeforeValidator(_flag)] | None = None
    mode: Annotated[State, BeforeValidator(_state)] | None = None
    operation: Annotated[State, BeforeValidator(_state)] | None = None
    setpoint: Setpoint | None = None
    power: Metered | None = None
    demand: Metered | None = None
    point: AnyPoint | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if len(self.model_fields_set) != 1 or self.leaf is None:
            raise wrong(
                f"一个条件只写一项，现有 {len(self.model_fields_set)} 项；多项请放进 all 或 any",
                f"a condition has exactly one key, this one {len(self.model_fields_set)}; join them by `all` or `any`",
            )
        if self.mode is not None and (odd := set(self.mode.is_) - set(Mode)):
            raise wrong(f"没有模式 {sorted(odd)}", f"there is no mode {sorted(odd)}")
        return self

    @property
    def key(self) -> str:
        """The one key, as it is written."""
        name = next(iter(self.model_fields_set))
        return "not" if name == "not_" else name

    @property
    def leaf(self) -> Any:
        """The value of the one key."""
        return getattr(self, next(iter(self.model_fields_set)))


CLOCK_LEAVES: Final = frozenset({
    "day", "holiday", "rest_ahead", "dates", "season", "week", "weekday", "time", "supply_hours",
})  # fmt: skip
WEATHER_LEAVES: Final = frozenset({
    "permitted", "forecast_max", "outdoor", "cloud", "rain", "rain_ahead_h", "sunshine",
})  # fmt: skip
ROOM_LEAVES: Final = frozenset({"temperature", "humidity", "illuminance", "occupied", "window"})
JOINTS: Final = frozenset({"all", "any", "not"})
