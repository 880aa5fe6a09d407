"""What a value in registers looks like: table, type, order of its bytes."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final, Literal, Self

from pydantic import Field, model_validator

from facility.profiles.point import Strict
from facility.profiles.wrong import wrong


class Table(StrEnum):
    """The four Modbus tables (Modbus Application Protocol V1.1b3, section 4.3)."""

    COIL = "coil"
    DISCRETE = "discrete"
    INPUT = "input"
    HOLDING = "holding"


BIT_TABLES: Final = (Table.COIL, Table.DISCRETE)

RegisterType = Literal[
    "bit",
    "int8", "uint8", "int16", "uint16", "int24", "uint24", "int32", "uint32", "int48", "uint48", "int64", "uint64",
    "float16", "float32", "float64",
    "bcd8", "bcd16", "bcd24", "bcd32", "bcd48", "bcd64",
    "string",
]  # fmt: skip

WIDTHS: Final[dict[str, int]] = {
    "bit": 1,
    **{f"{kind}{bits}": bits for kind in ("int", "uint", "bcd") for bits in (8, 16, 24, 32, 48, 64)},
    **{f"float{bits}": bits for bits in (16, 32, 64)},
}
"""Register type -> bits of its number. A string has none."""

REGISTERS: Final[dict[str, int]] = {kind: (bits + 15) // 16 for kind, bits in WIDTHS.items()}
"""Register type -> number of registers (coils and discrete inputs: of bits); a string says its own `length`."""

Order = Literal["ABCD", "CDAB", "BADC", "DCBA"]
"""Byte order of a value on the wire, A the most significant byte.

| bits | ABCD | CDAB | BADC | DCBA |
|---|---|---|---|---|
| 16 | A B | A B | B A | B A |
| 32 | A B C D | C D A B | B A D C | D C B A |
| 48 | A B C D E F | E F C D A B | B A D C F E | F E D C B A |
| 64 | A B C D E F G H | G H E F C D A B | B A D C F E H G | H G F E D C B A |

CDAB sends the least significant word first, BADC swaps the bytes within each word, DCBA does both. A 24-bit value
stands in the lower three bytes of two registers: as 32 bits, of which A is filler and not looked at. An 8-bit value
takes one byte of a register, which `byte` names; so its order does not matter. The characters of a string come in the
order of its bytes: ABCD has the first in the high byte of the first register, BADC in its low byte.
"""

Charset = Literal["ascii", "gbk"]
LONGEST_STRING: Final = 62


class RegisterValue(Strict):
    """A value in a register map.

    `address` is the protocol address (0-based); in a profile with slots it is relative to the slot's own base. `byte`
    says which half of the register an 8-bit value takes. `length` is the number of registers of a string; its padding
    (blanks and zero bytes at either end) is not part of it.
    """

    table: Table
    address: int = Field(ge=0, le=65535)
    type: RegisterType = "uint16"
    order: Order = "ABCD"
    byte: Literal["high", "low"] = "low"
    length: int | None = Field(None, ge=1, le=LONGEST_STRING)
    charset: Charset = "ascii"

    @property
    def registers(self) -> int:
        """Registers (or bits, for coils and discrete inputs) the value takes."""
        return REGISTERS[self.type] if self.length is None else self.length

    @property
    def is_float(self) -> bool:
        """Whether its number is a binary fraction."""
        return self.type.startswith("float")

    @property
    def is_bcd(self) -> bool:
        """Whether each half byte is a decimal digit."""
        return self.type.startswith("bcd")

    @model_validator(mode="after")
    def _fits_its_table(self) -> Self:
        name = getattr(self, "id", self.address)
        if (self.table in BIT_TABLES) != (self.type == "bit"):
            raise wrong(
                f"测点 {name}：线圈和离散输入的类型为 bit，寄存器则不是",
                f"point {name}: coils and discrete inputs are of type bit, registers are not",
            )
        if (self.type == "string") != (self.length is not None):
            raise wrong(
                f"测点 {name}：string 须以 length 写明占几个寄存器，其他类型不写",
                f"point {name}: a string names its length in registers, other types have none",
            )
        if self.byte == "high" and WIDTHS.get(self.type) != 8:
            raise wrong(
                f"测点 {name}：只有 8 位类型占寄存器的一个字节",
                f"point {name}: only an 8-bit type takes one byte of a register",
            )
        if self.charset != "ascii" and self.type != "string":
            raise wrong(f"测点 {name}：只有 string 有 charset", f"point {name}: only a string has a charset")
        if self.type == "string" and self.order not in ("ABCD", "BADC"):
            raise wrong(
                f"测点 {name}：string 的字节顺序只有 ABCD 与 BADC", f"point {name}: a string is in order ABCD or BADC"
            )
        return self


def is_number(word: str) -> bool:
    """Whether a code is written as a number: decimal, 0x or 0b."""
    return re.fullmatch(r"\s*[-+]?(0[xX][0-9a-fA-F]+|0[bB][01]+|[0-9]+)\s*", word) is not None
