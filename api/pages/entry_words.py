"""What people entered about a meter, as a sentence."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from api.pages import texts_meters
from api.pages.names import office_name
from api.services.entered import EntryKind
from facility.accounting.tree import UNALLOCATED

if TYPE_CHECKING:
    from api.pages.reader import Reader
    from api.services.entered import EnteredView


def entry_words(reader: Reader, entry: EnteredView, unit: str) -> str:
    """An entry about a meter of that unit, without its reason."""
    said, words = entry.entry, reader.words
    match entry.kind:
        case EntryKind.REPLACEMENTS:
            return words.say(
                texts_meters.SAID_REPLACEMENT,
                at=_time(reader, said["at"]),
                closing=_value(reader, said["closing"], unit),
                opening=_value(reader, said["opening"], unit),
                factor=f"{said['factor']:g}",
                serial=said["serial"] or words.number(None),
            )
        case EntryKind.READINGS:
            value = _value(reader, said["value"], unit)
            return words.say(texts_meters.SAID_READING, at=_time(reader, said["at"]), value=value)
        case EntryKind.CORRECTIONS:
            amount = _value(reader, said["amount"], unit)
            return words.say(texts_meters.SAID_CORRECTION, span=_span(reader, said), amount=amount)
        case EntryKind.JUMPS:
            verdict = texts_meters.SAID_ACCEPTED if said["accepted"] else texts_meters.SAID_REJECTED
            return words.say(verdict, span=_span(reader, said))
    office = said["office"]
    return words.say(
        texts_meters.SAID_ASSIGNMENT,
        since=said["since"],
        office=office_name(reader, UNALLOCATED if office is None else str(office)),
        share=words.share(_number(said["share"]), 1),
    )


def _time(reader: Reader, value: object) -> str:
    return reader.words.stamp(value) if isinstance(value, datetime) else str(value)


def _span(reader: Reader, said: dict[str, Any]) -> str:
    return reader.words.span(said["start"], said["end"])


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _value(reader: Reader, value: object, unit: str) -> str:
    number = _number(value)
    return reader.say(texts_meters.BY_READINGS) if number is None else reader.words.amount(number, unit, 2)
