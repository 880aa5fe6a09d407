"""Decodes a whole device answer in one go: one unpacking for all its points, then one rule each."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter
from typing import Final

from facility.profiles.schema import ModbusPoint
from facility.readings import Status
from gateway.codec import BIT_TABLES, Decoded, Rule, apply, rule_for, word_reader
from gateway.compound import Source, compound_reader
from gateway.raw import STRUCT_CODES, fill_of, own_places

Numbers = Sequence[int | float]
Unpack = Callable[[bytes], Numbers]
Scale = Callable[[Numbers], list[float]]
Columns = tuple[Sequence[float | None], Sequence[Status] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A point's place in an answer: `offset` in registers (or bits) from its first one; `low` and `high` bound what is
    believed in the canonical unit, None for the quantity's own; `ratio` is the transformer ratio; `sources` are the
    other points that its value hangs on.
    """

    spec: ModbusPoint
    offset: int
    ratio: float = 1.0
    low: float | None = None
    high: float | None = None
    sources: tuple[Source, ...] = ()


class BlockDecoder:
    """Compiled once for a planned request, then called for every answer to it.

    Values are decoded column by column; only those that are not believable, or need more than scaling, are looked at on
    their own.

    Args:
        fields: the points in the answer, in the order their values are wanted.
        count: registers (or bits) that the request asks for.
    """

    def __init__(self, fields: Sequence[Field], count: int) -> None:
        self._readers = [
            (index, reader) for index, field in enumerate(fields) if (reader := _reader(field)) is not None
        ]
        self._rules: Final[list[Rule]] = [
            _UNTOUCHED
            if _stands_apart(field)
            else rule_for(field.spec, ratio=field.ratio, low=field.low, high=field.high)
            for field in fields
        ]
        self._unpack: Final[Unpack] = _bits(fields) if fields[0].spec.table in BIT_TABLES else _words(fields, count)
        straight = [rule if rule.plain else _UNTOUCHED for rule in self._rules]
        self._scale: Final[Scale] = _scaling(straight)
        self._indices = range(len(straight))
        self._lows = [rule.low for rule in straight]
        self._highs = [rule.high for rule in straight]
        self._states = [(index, rule.states.get) for index, rule in enumerate(self._rules) if rule.states is not None]
        self._detours = [
            index
            for index, rule in enumerate(self._rules)
            if rule.states is None and not rule.plain and rule is not _UNTOUCHED
        ]

    def decode(self, raw: bytes) -> Columns:
        """Values in field order, and their statuses; None for the statuses when all are good.

        `raw` is as the transport hands it out: two bytes a register, or bits packed lowest first.
        """
        numbers = self._unpack(raw)
        scaled = self._scale(numbers)
        values: list[float | None] = [*scaled]
        flaws: list[tuple[int, Status]] = []
        if beyond := self._beyond_bounds(scaled):
            self._judge(beyond, numbers, values, flaws)
        for index, state_of in self._states:
            values[index] = state = state_of(numbers[index])
            if state is None:
                flaws.append((index, Status.UNKNOWN_CODE))
        if self._detours:
            self._judge(self._detours, numbers, values, flaws)
        for index, read in self._readers:
            values[index], status = read(raw)
            if status is not Status.GOOD:
                flaws.append((index, status))
        return values, _column(len(values), flaws) if flaws else None

    def _beyond_bounds(self, scaled: Sequence[float]) -> list[int]:
        return [
            index
            for index, low, value, high in zip(self._indices, self._lows, scaled, self._highs, strict=True)
            if not low <= value <= high
        ]

    def _judge(
        self, indices: Sequence[int], numbers: Numbers, values: list[float | None], flaws: list[tuple[int, Status]]
    ) -> None:
        """Looks at some points on their own."""
        for index in indices:
            values[index], status = apply(self._rules[index], numbers[index])
            if status is not Status.GOOD:
                flaws.append((index, status))


def _column(length: int, flaws: Sequence[tuple[int, Status]]) -> list[Status]:
    statuses = [Status.GOOD] * length
    for index, status in flaws:
        statuses[index] = status
    return statuses


_UNTOUCHED: Final = Rule(
    factor=1, term=0, divisor=1, low=-math.inf, high=math.inf, special=None, states=None, plain=False
)


def _scaling(rules: Sequence[Rule]) -> Scale:
    """What scales all numbers of an answer, with no more steps than they need. A zero never comes out negative."""
    factors, terms = [rule.factor for rule in rules], [rule.term for rule in rules]
    divisors = [rule.divisor for rule in rules]
    if any(factor != 1 for factor in factors) or any(term != 0 for term in terms):
        return lambda numbers: [
            (number * factor + term) / divisor
            for number, factor, term, divisor in zip(numbers, factors, terms, divisors, strict=True)
        ]
    if any(divisor != 1 for divisor in divisors):
        return lambda numbers: [
            number / divisor + 0.0 for number, divisor in zip(numbers, divisors, strict=True)
        ]  # fmt: skip
    return lambda numbers: [number + 0.0 for number in numbers]


def _stands_apart(field: Field) -> bool:
    """Whether it is not one number that is scaled: words, and values with sources."""
    return field.spec.type == "string" or bool(field.sources)


def _reader(field: Field) -> Callable[[bytes], Decoded] | None:
    """What reads such a field from the whole answer, None for all others."""
    if field.spec.type == "string":
        begin, end = 2 * field.offset, 2 * (field.offset + field.spec.registers)
        read_word = word_reader(field.spec)
        return lambda answer: read_word(answer[begin:end])
    if not field.sources:
        return None
    return compound_reader(
        field.spec, field.offset, field.sources, ratio=field.ratio, low=field.low, high=field.high
    )  # fmt: skip


def _bits(fields: Sequence[Field]) -> Unpack:
    places = [(field.offset >> 3, field.offset & 7) for field in fields]

    def unpack_bits(raw: bytes) -> Numbers:
        return [raw[byte] >> shift & 1 for byte, shift in places]

    return unpack_bits


def _words(fields: Sequence[Field], count: int) -> Unpack:
    """One precompiled struct over the answer; where points overlap, go backwards, have another byte order or do not
    fill their registers, their bytes are gathered first.
    """
    if _plain(fields):
        return struct.Struct(_padded(fields, count)).unpack
    places = list(chain.from_iterable(_places(field) for field in fields))
    codes = "".join("B" if _stands_apart(field) else STRUCT_CODES[field.spec.type] for field in fields)
    unpack = struct.Struct(">" + codes).unpack
    if len(places) == 1:
        only = places[0]
        return lambda raw: unpack(raw[only : only + 1])
    gather = itemgetter(*places)
    if _FILLER not in places:
        return lambda raw: unpack(bytes(gather(raw)))
    return lambda raw: unpack(bytes(gather(raw + b"\0")))


_FILLER: Final = -1
"""The place of the zero that is put behind an answer, to fill up numbers of 24 and 48 bits."""


def _plain(fields: Sequence[Field]) -> bool:
    end = 0
    for field in fields:
        if field.offset < end or _stands_apart(field) or _own_places(field) != [*range(2 * field.spec.registers)]:
            return False
        end = field.offset + field.spec.registers
    return True


def _own_places(field: Field) -> list[int]:
    """For each byte to unpack, its place among the field's own."""
    return [*[_FILLER] * fill_of(field.spec), *own_places(field.spec)]


def _places(field: Field) -> list[int]:
    """For each byte to unpack, its place in the answer. Of what stands apart one byte is taken, for its seat."""
    if _stands_apart(field):
        return [2 * field.offset]
    return [place if place == _FILLER else 2 * field.offset + place for place in _own_places(field)]


def _padded(fields: Sequence[Field], count: int) -> str:
    parts, end = [">"], 0
    for field in fields:
        parts.append(f"{2 * (field.offset - end)}x{STRUCT_CODES[field.spec.type]}")
        end = field.offset + field.spec.registers
    return "".join([*parts, f"{2 * (count - end)}x"])
