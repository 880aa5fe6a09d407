"""How points are written: alone, together with their neighbours, and once when a device is met."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from facility.profiles.point import Exact, Names, Strict
from facility.profiles.registers import Order, RegisterType, Table
from facility.profiles.wrong import wrong

Word = int
"""A 16-bit register as a number, 0 to 65535."""


class WriteSpec(Strict):
    """How a point is written.

    `function` is the Modbus function code the device needs. `table` and `address` name the register where it differs
    from the one that is read (`address` relative like the point's). `minimum` and `maximum` are in the canonical unit,
    `step` the finest change the device takes.

    Where the register that is written is laid out otherwise than the one that is read, `type`, `order`, `bit`, `bits`,
    `codes`, `scale` and `offset` say how; None takes the point's own. `half` is added to the written number for half a
    unit (26.5 with 128: 26 + 128), for registers of whole degrees with a flag. `settles_s` is how long it may take, in
    wall seconds, until the device reads as it was told; five are always given. `group` names the write group whose
    registers are written together.
    """

    function: Literal[5, 6, 15, 16]
    table: Literal["coil", "holding"] | None = None
    address: int | None = Field(None, ge=0, le=65535)
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = Field(None, gt=0)
    group: str | None = None
    type: RegisterType | None = None
    order: Order | None = None
    bit: int | None = Field(None, ge=0, le=15)
    bits: tuple[int, int] | None = None
    codes: dict[int | str, str] | None = None
    scale: Exact | None = None
    offset: Exact | None = None
    half: int | None = Field(None, gt=0, le=0xFFFF)
    settles_s: float = Field(0.0, ge=0, le=60)


class Copied(Strict):
    """Where the register that tells the truth stands, and which of its bits are taken over."""

    table: Literal[Table.INPUT, Table.HOLDING]
    address: int = Field(ge=0, le=65535)
    mask: Word = Field(0xFFFF, ge=0, le=0xFFFF)


class GroupRegister(Strict):
    """What one register of a write group holds before the wanted values are put into it.

    `value`: this number, such as a device's code for "leave it as it is". `copy`: what another register reads now.
    Neither: what the register itself reads now. The bits of `set` are set in any case.
    """

    value: Word | None = Field(None, ge=0, le=0xFFFF)
    copied: Copied | None = Field(None, alias="copy")
    set: Word = Field(0, ge=0, le=0xFFFF)

    @model_validator(mode="after")
    def _has_one_origin(self) -> Self:
        if self.value is not None and self.copied is not None:
            raise wrong(
                "写入组的寄存器要么有 value，要么有 copy，不能两者都有",
                "a register of a write group has a value or is copied, not both",
            )
        return self


class WriteGroup(Strict):
    """Holding registers that are only written together, from `address` (relative like a point's), in one request.

    For devices that take several registers at once, and for those whose holding registers do not follow reality: what
    is not wanted to change is put back as `registers` say, one entry for each.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    address: int = Field(ge=0, le=65535)
    registers: tuple[GroupRegister, ...] = Field(min_length=1, max_length=123)
    function: Literal[6, 16] = 16

    @model_validator(mode="after")
    def _function_fits(self) -> Self:
        if self.function == 6 and len(self.registers) != 1:
            raise wrong(
                f"写入组 {self.id}：功能码 6 只写一个寄存器", f"write group {self.id}: function 6 writes one register"
            )
        return self

    @property
    def count(self) -> int:
        """Registers written."""
        return len(self.registers)


class SetupWrite(Strict):
    """A register or coil that must hold `values` before the device works as it should; looked at when the device is
    first met and when it returns, and written where it reads otherwise. `address` is absolute. `name` says what for.
    """

    name: Names
    table: Literal[Table.COIL, Table.HOLDING] = Table.HOLDING
    address: int = Field(ge=0, le=65535)
    function: Literal[5, 6, 15, 16] = 6
    values: tuple[Word, ...] = Field(min_length=1, max_length=123)

    @model_validator(mode="after")
    def _function_fits(self) -> Self:
        if (self.table is Table.COIL) != (self.function in (5, 15)):
            raise wrong(
                f"初始设置 {self.address}：线圈用功能码 5 或 15，寄存器用 6 或 16",
                f"setup {self.address}: coils are written with 5 or 15, registers with 6 or 16",
            )
        if self.function in (5, 6) and len(self.values) != 1:
            raise wrong(
                f"初始设置 {self.address}：功能码 {self.function} 只写一个值",
                f"setup {self.address}: function {self.function} writes one value",
            )
        if any(not 0 <= value <= (1 if self.table is Table.COIL else 0xFFFF) for value in self.values):
            raise wrong(
                f"初始设置 {self.address}：寄存器的值为 0 至 65535，线圈为 0 或 1",
                f"setup {self.address}: a register holds 0 to 65535, a coil 0 or 1",
            )
        return self
