"""How states, counts and times of lines are written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from api.pages import texts
from api.pages import texts_lines as own
from facility.model.line_budget import FULL, NEARLY_FULL

if TYPE_CHECKING:
    from api.pages.reader import Reader
    from facility.text import Text


def state_of(reader: Reader, up: bool | None, names: tuple[Text, Text, Text]) -> tuple[str, str]:
    """A state's word and its colour; `names` are for up, down and nothing known."""
    if up is None:
        return reader.say(names[2]), ""
    return (reader.say(names[0]), "good") if up else (reader.say(names[1]), "bad")


def counts(reader: Reader, found: Mapping[str, int], names: Mapping[str, Text], nothing: Text) -> str:
    """What was counted, the most first, in words; `nothing` where nothing was. What has no word goes by its own."""
    told = [
        reader.say(own.COUNTED, what=reader.say(names[kind]) if kind in names else kind, n=whole(reader, number))
        for kind, number in sorted(found.items(), key=lambda each: -each[1])
        if number
    ]
    return reader.say(texts.LIST_COMMA).join(told) or reader.say(nothing)


def whole(reader: Reader, number: int | None) -> str:
    """A count, a dash where there is none."""
    return reader.words.number(number, 0)


def milliseconds(reader: Reader, value_ms: float | None) -> str:
    """A latency; a dash before the first answer."""
    if value_ms is None:
        return reader.say(texts.MISSING)
    return reader.say(own.MILLISECONDS, n=number_of_ms(reader, value_ms))


def number_of_ms(reader: Reader, value_ms: float | None) -> str:
    """Its number; tenths below ten."""
    return reader.words.number(value_ms, 1 if value_ms is not None and value_ms < 10 else 0)


def second(reader: Reader, time: datetime | None) -> str:
    """Local time to the second, with the day where it is another one."""
    if time is None:
        return reader.say(texts.MISSING)
    local = time.astimezone(reader.words.zone)
    today = reader.context.now().date()
    return f"{local:%H:%M:%S}" if local.date() == today else f"{local:%m-%d %H:%M:%S}"


def fullness(share: float | None) -> str:
    """The colour of a share of a line's time."""
    if share is None or share <= NEARLY_FULL:
        return ""
    return "bad" if share > FULL else "warn"
