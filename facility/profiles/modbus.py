"""A point in a register map."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from facility.profiles.point import Exact, PointBase, Strict
from facility.profiles.registers import WIDTHS, RegisterValue, Table, is_number
from facility.profiles.writing import WriteSpec
from facility.profiles.wrong import wrong
from facility.quantities import Quantity


class ScaleFrom(Strict):
    """Another point of the device that scales this one: by ten to the power of its raw number (`exponent`, as SunSpec
    does), or by its value (`factor`) or one over it (`divisor`).
    """

    point: str
    use: Literal["exponent", "factor", "divisor"] = "exponent"


def _listed(value: object) -> object:
    """One source or several: `scale_from: x_sf` is short for `[{point: x_sf, use: exponent}]`."""
    if isinstance(value, str):
        return [{"point": value}]
    return [value] if isinstance(value, dict) else value


class ModbusPoint(PointBase, RegisterValue):
    """A point in a register map. Value = (raw * `scale` + `offset`) in `unit`; `ratio` says which transformer ratio of
    the device entry multiplies it. `bit` or `bits` (low, high inclusive, 0 the least significant) take part of an
    unsigned number. `invalid` lists raw patterns that mean "not available" (floats: NaN always does; a decimal digit
    above nine is always bad).

    `scale_from` multiplies the raw number (before `offset`) by what other points tell; while one of them is not known
    the value is bad. `plus` names an internal point whose value is added: a value split over two places, the other of
    them in the unit of this one unless it names its own. `group`:
    points of one group are read in one request, so that their values belong together; a point and its `plus` always
    are. `internal`: read for other points' sake and not published. `stride` replaces the slot's own for this point.
    A string's `codes` map words to states.
    """

    scale: Exact = Decimal(1)
    offset: Exact = Decimal(0)
    ratio: Literal["ct", "pt", "ct_pt"] | None = None
    bit: int | None = Field(None, ge=0, le=63)
    bits: tuple[int, int] | None = None
    invalid: tuple[int, ...] = ()
    scale_from: Annotated[tuple[ScaleFrom, ...], BeforeValidator(_listed)] = ()
    plus: str | None = None
    group: str | None = Field(None, pattern=r"^[a-z][a-z0-9_]*$")
    internal: bool = False
    stride: int | None = Field(None, gt=0)
    write: WriteSpec | None = None

    @property
    def field(self) -> tuple[int, int] | None:
        """The first and the last bit that are taken, None for all of the number."""
        return (self.bit, self.bit) if self.bit is not None else self.bits

    @model_validator(mode="before")
    @classmethod
    def _an_internal_point_needs_no_name(cls, data: Any) -> Any:
        if isinstance(data, dict) and data.get("internal") is True and "id" in data:
            defaults = {"name": {"zh": data["id"], "en": data["id"]}, "quantity": Quantity.COUNT.value}
            return {**defaults, **data}
        return data

    @model_validator(mode="after")
    def _can_be_written(self) -> Self:
        if self.write is None or self.write.table is not None or self.write.group is not None:
            return self
        if self.table in (Table.DISCRETE, Table.INPUT):
            raise wrong(
                f"测点 {self.id}：{self.table.value} 不可写，请写明 write.table",
                f"point {self.id}: {self.table.value} registers cannot be written; name write.table",
            )
        return self

    @model_validator(mode="after")
    def _part_fits(self) -> Self:
        field = self.field
        if self.bit is not None and self.bits is not None:
            raise wrong(f"测点 {self.id}：bit 与 bits 只能写一个", f"point {self.id}: bit or bits, not both")
        if field is None:
            return self
        if self.is_float or self.is_bcd or self.type in ("string", "bit"):
            raise wrong(
                f"测点 {self.id}：位只能取自整数，不能取自 {self.type}",
                f"point {self.id}: bits are taken from whole numbers, not from {self.type}",
            )
        if not 0 <= field[0] <= field[1] < WIDTHS[self.type]:
            raise wrong(
                f"测点 {self.id}：{self.type} 没有第 {field[0]} 至 {field[1]} 位；先写低位",
                f"point {self.id}: bits {field[0]} to {field[1]} are not in {self.type}; low bit first",
            )
        return self

    @model_validator(mode="after")
    def _codes_are_readable(self) -> Self:
        if self.type == "string":
            if self.quantity is not Quantity.STATE or self.codes is None:
                raise wrong(
                    f"测点 {self.id}：string 只能是状态，codes 为其文字；铭牌文字请写在 nameplate",
                    f"point {self.id}: a string is a state, its codes the words; or a line of `nameplate`",
                )
            return self
        words = [code for code in self.codes or {} if isinstance(code, str) and not is_number(code)]
        if words:
            raise wrong(
                f"测点 {self.id}：{words[0]!r} 不是数字，只有 string 以文字为代码",
                f"point {self.id}: {words[0]!r} is no number, and only a string has words for codes",
            )
        return self

    @model_validator(mode="after")
    def _is_reckoned_from_numbers(self) -> Self:
        if (self.scale_from or self.plus is not None) and self.quantity is Quantity.STATE:
            raise wrong(
                f"测点 {self.id}：状态没有比例，也不与其他值相加",
                f"point {self.id}: a state is not scaled and nothing is added to it",
            )
        return self
