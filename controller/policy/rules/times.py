"""Times of day and dates as rules write them: `08:00`, `sunset-00:30`, `2026-10-01..2026-10-07`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, WithJsonSchema

from controller.policy.schema import wrong

Anchor = Literal["midnight", "opens", "closes", "sunrise", "sunset"]
_ANCHORS: Final = ("opens", "closes", "sunrise", "sunset")
_AS_TEXT: Final = WithJsonSchema({"type": "string"})


@dataclass(frozen=True, slots=True)
class DayTime:
    """A time of day: so long after (or before) midnight, the opening or closing hour, sunrise or sunset."""

    anchor: Anchor
    after: timedelta


@dataclass(frozen=True, slots=True)
class Dates:
    """Dates from `first` to `last`, both included."""

    first: date
    last: date


def _moment(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = value.replace(" ", "")
    clock = re.fullmatch(r"([01]?\d|2[0-4]):([0-5]\d)", text)
    if clock is not None and (hours := timedelta(hours=int(clock[1]), minutes=int(clock[2]))) <= timedelta(days=1):
        return DayTime("midnight", hours)
    found = re.fullmatch(rf"({'|'.join(_ANCHORS)})(?:([+-])(\d?\d):([0-5]\d))?", text)
    if found is None:
        raise wrong(
            f"`{value}` 不是时刻，应为 08:00，或 opens、closes、sunrise、sunset 加减时间，例如 sunset-00:30",
            f"`{value}` is no time; expected 08:00, or opens, closes, sunrise, sunset with an offset: sunset-00:30",
        )
    after = timedelta(hours=int(found[3] or 0), minutes=int(found[4] or 0))
    return DayTime(found[1], -after if found[2] == "-" else after)  # type: ignore[arg-type]


def _dates(value: object) -> object:
    if isinstance(value, date):
        return Dates(value, value)
    if not isinstance(value, str):
        return value
    first, _, last = value.partition("..")
    try:
        found = Dates(date.fromisoformat(first.strip()), date.fromisoformat((last or first).strip()))
    except ValueError:
        raise wrong(
            f"`{value}` 不是日期，应为 2026-10-01 或 2026-10-01..2026-10-07",
            f"`{value}` is no date; expected 2026-10-01 or 2026-10-01..2026-10-07",
        ) from None
    if found.first > found.last:
        raise wrong(f"`{value}` 的结束早于开始", f"`{value}` ends before it begins")
    return found


Moment = Annotated[DayTime, BeforeValidator(_moment), _AS_TEXT]
DateSpan = Annotated[Dates, BeforeValidator(_dates), _AS_TEXT]
