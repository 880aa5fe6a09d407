"""Points of national meters: DL/T 645-2007 electricity meters, and CJ/T 188 water, gas and heat meters.

Facts only, as the rest of a profile. Both protocols are question and answer over RS-485, 2400 baud with even parity as
delivered, every number packed decimal (BCD) with its lowest byte first.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Final, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from facility.profiles.point import Exact, PointBase, Strict
from facility.quantities import Quantity, factor_to_canonical

ADDRESS_DIGITS: Final[Mapping[str, int]] = {"dlt645": 12, "cjt188": 14}
"""Protocol -> digits of a meter's number on the wire; a shorter one is filled with zeros in front."""

UNIT_CODES: Final[Mapping[int, tuple[int, str]]] = {
    0x01: (1, "J"),
    0x02: (1, "Wh"),
    0x05: (1, "kWh"),
    0x08: (1, "MWh"),
    0x0A: (100, "MWh"),
    0x0B: (1, "kJ"),
    0x0E: (1, "MJ"),
    0x11: (1, "GJ"),
    0x13: (100, "GJ"),
    0x14: (1, "W"),
    0x17: (1, "kW"),
    0x1A: (1, "MW"),
    0x29: (1, "L"),
    0x2C: (1, "m3"),
    0x32: (1, "L/h"),
    0x35: (1, "m3/h"),
}
"""Unit byte of CJ/T 188 (table of units, 2004 and 2018 editions) -> (multiplier, unit)."""


class MeterFrame(Strict):
    """How a national meter wants to be spoken to.

    `preamble`: FEH bytes sent before a question to wake the meter. For CJ/T 188 also `meter_type` (10H cold water, 11H
    hot water, 12H drinking water, 13H reclaimed water, 20H heat, 21H cooling, 30H gas, 40H other) and
    `identifier_order`, how the data identifier 901FH goes over the wire: `low_first` as 1F 90 (2018 edition),
    `high_first` as 90 1F (2004 edition).
    """

    preamble: int = Field(4, ge=0, le=4)
    meter_type: int | None = Field(None, ge=0x10, le=0x49)
    identifier_order: Literal["low_first", "high_first"] | None = None


class Dlt645Point(PointBase):
    """A value of a DL/T 645-2007 meter. `di` is its own data identifier as the standard prints it (DI3 DI2 DI1 DI0).
    Where `block` names the identifier of a data block that holds it, the block is asked for, and the value is number
    `index` (from 0) in it; a meter that does not know the block is asked for the value alone.

    `digits_bytes`: BCD bytes of the value. Value = number * `scale` in `unit`. `signed`: the highest bit is the sign,
    as of currents, powers and power factors. `ratio`: which transformer ratio of the device entry multiplies it.
    """

    di: str = Field(pattern=r"^[0-9A-F]{8}$")
    digits_bytes: int = Field(ge=1, le=8)
    block: str | None = Field(None, pattern=r"^[0-9A-F]{8}$")
    index: int = Field(0, ge=0, le=62)
    scale: Exact = Decimal(1)
    signed: bool = False
    ratio: Literal["ct", "pt", "ct_pt"] | None = None

    @property
    def asked(self) -> str:
        """The identifier that is asked for."""
        return self.di if self.block is None else self.block

    @model_validator(mode="after")
    def _is_a_number(self) -> Self:
        if self.quantity is Quantity.STATE:
            raise ValueError(f"point {self.id}: DL/T 645 points are numbers, not states")
        if self.block is None and self.index:
            raise ValueError(f"point {self.id}: an index belongs to a block")
        return self


def _numbered(units: object) -> object:
    """Unit bytes as numbers, however they are written: 43, 0x2B or "0x2B"."""
    if not isinstance(units, Mapping):
        return units
    return {int(str(code), 0): unit for code, unit in units.items()}


class MeterUnit(Strict):
    """What a unit byte means: so many of `unit`."""

    multiplier: Exact = Decimal(1)
    unit: str


class Cjt188Point(PointBase):
    """A value in the answer of a CJ/T 188 meter. `di` is the data identifier as the standard prints it (901F: current
    measurement); `offset` is where it begins behind identifier and serial number.

    A number is `digits_bytes` BCD bytes, value = number * `scale` in the unit that the byte at `unit_at` says; `unit`
    is then only the usual one, and `units` names unit bytes that are the maker's own. Without `unit_at` the value is in
    `unit`. `bits` (low, high inclusive) takes a state from the byte at `offset` instead. `signed`: the highest bit is
    the sign.
    """

    di: str = Field("901F", pattern=r"^[0-9A-F]{4}$")
    offset: int = Field(ge=0, le=200)
    digits_bytes: int = Field(1, ge=1, le=8)
    scale: Exact = Decimal(1)
    signed: bool = False
    unit_at: int | None = Field(None, ge=0, le=200)
    units: Annotated[Mapping[int, MeterUnit], BeforeValidator(_numbered)] = {}
    bits: tuple[int, int] | None = None

    @property
    def asked(self) -> str:
        """The identifier that is asked for."""
        return self.di

    @property
    def end(self) -> int:
        """How many bytes of the answer its value and unit need."""
        return max(self.offset + self.digits_bytes, 0 if self.unit_at is None else self.unit_at + 1)

    @cached_property
    def factors(self) -> Mapping[int, Fraction]:
        """Unit byte -> exact factor to the canonical unit, of the units that measure this quantity."""
        known = {code: (Fraction(multiplier), unit) for code, (multiplier, unit) in UNIT_CODES.items()}
        known |= {code: (Fraction(own.multiplier), own.unit) for code, own in self.units.items()}
        found = {}
        for code, (multiplier, unit) in known.items():
            try:
                found[code] = multiplier * factor_to_canonical(self.quantity, unit)
            except ValueError:
                continue
        return found

    @model_validator(mode="after")
    def _is_a_number_or_a_state(self) -> Self:
        if (self.quantity is Quantity.STATE) != (self.bits is not None):
            raise ValueError(f"point {self.id}: a state takes bits of the answer, a number does not")
        for own in self.units.values():
            factor_to_canonical(self.quantity, own.unit)
        return self


NationalPoint = Dlt645Point | Cjt188Point
"""A point of a national meter."""


def meter_number(protocol: str, address: str) -> str:
    """A meter's number as it goes over the wire, filled with zeros in front.

    Raises:
        ValueError: not of this protocol: too long, or letters in a DL/T 645 number.
    """
    digits = ADDRESS_DIGITS[protocol]
    if not 0 < len(address) <= digits or (protocol == "dlt645" and not address.isdecimal()):
        raise ValueError(f"{address!r} is no meter number; expected up to {digits} digits as printed on the meter")
    return address.rjust(digits, "0")
