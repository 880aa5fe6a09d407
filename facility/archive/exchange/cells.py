"""Single cells of a table of readings: what they look like in a file, and what may stand in one."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from facility.readings import Quality, Status, to_us
from facility.text import Text

READING_COLUMNS: Final = ("time", "point", "value", "unit", "quality", "reason")
BUCKET_COLUMNS: Final = ("time", "point", "value", "unit", "completeness")

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "'")
_NUMBER: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_SLASHED: Final = ("%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M")
"""How a spreadsheet in China saves a date and a time."""

STATUS_BY_REASON: Final = {status.reason: status for status in Status}
QUALITIES: Final = {quality.value: quality for quality in Quality}


class RowProblem(Exception):
    """What is wrong with one row; `text` says so in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.text = Text(zh, en)


def guarded(text: str) -> str:
    """Free text that no spreadsheet takes for a formula: what might be one gets an apostrophe before it."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def unguarded(text: str) -> str:
    """The text again."""
    return text.removeprefix("'")


def quality_and_reason(status: int) -> tuple[str, str | None]:
    """The words of a stored status; one that this version has no name for is told by its number."""
    try:
        known = Status(status)
    except ValueError:
        quality = Quality.GOOD if status < 64 else Quality.UNCERTAIN if status < 128 else Quality.BAD
        return quality.value, f"status_{status}"
    return known.quality.value, known.reason


def status_of(quality: str | None, reason: str | None, *, missing: bool) -> Status:
    """The status that the words mean, None or empty where there are none.

    Raises:
        RowProblem: a word is not known, the two contradict each other, or they contradict the value.
    """
    status = STATUS_BY_REASON.get(reason or None)
    if status is None:
        raise RowProblem(f"原因 {reason!r} 未知", f"the reason {reason!r} is not known")
    if quality and quality not in QUALITIES:
        raise RowProblem(f"质量 {quality!r} 未知", f"the quality {quality!r} is none of good, uncertain, bad")
    if quality and status.quality is not QUALITIES[quality]:
        raise RowProblem(
            f"质量 {quality} 与原因 {reason or '(空)'} 矛盾",
            f"quality {quality} and reason {reason or '(none)'} differ",
        )
    if missing and status.quality is not Quality.BAD:
        raise RowProblem("没有数值,也没有说明原因", "there is no value, and no bad quality with its reason")
    if not missing and status.quality is Quality.BAD:
        raise RowProblem(f"有数值但质量为 bad({reason})", f"there is a value, but its quality is bad ({reason})")
    return status


def number_of(cell: object) -> float | None:
    """The value of a cell, None where it is empty.

    Raises:
        RowProblem: it is not a finite number written with ASCII digits and a point.
    """
    if cell is None or cell == "" or (isinstance(cell, float) and math.isnan(cell)):
        return None
    if isinstance(cell, str):
        if _NUMBER.fullmatch(cell.strip()) is None:
            raise RowProblem(f"{cell!r} 不是数值", f"{cell!r} is not a number")
        value = float(cell)
    elif isinstance(cell, int | float) and not isinstance(cell, bool):
        value = float(cell)
    else:
        raise RowProblem(f"{cell!r} 不是数值", f"{cell!r} is not a number")
    if not math.isfinite(value):
        raise RowProblem(f"{cell!r} 超出数值范围", f"{cell!r} is not a finite number")
    return value


def time_of(cell: object, local: ZoneInfo | None) -> int:
    """The moment of a cell, microseconds since 1970 UTC.

    Args:
        cell: ISO 8601 text, a datetime, or microseconds.
        local: the zone of times without an offset; None: such times are refused.

    Raises:
        RowProblem: it is no time; it has no offset and there is no zone; the zone has that time twice, or never.
    """
    if isinstance(cell, int) and not isinstance(cell, bool):
        return cell
    when = cell if isinstance(cell, datetime) else _parsed(str(cell).strip() if cell is not None else "", local)
    if when.tzinfo is None:
        if local is None:
            raise RowProblem(
                f"时间 {cell} 没有时区;若为当地时间请加 --local-times",
                f"the time {cell} has no offset; if it is local time, say --local-times",
            )
        when = _placed(when, local)
    return to_us(when)


def _parsed(text: str, local: ZoneInfo | None) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    for shape in _SLASHED if local is not None else ():
        try:
            return datetime.strptime(text, shape)  # noqa: DTZ007 - placed in its zone by the caller
        except ValueError:
            continue
    raise RowProblem(f"{text!r} 不是时间(ISO 8601)", f"{text!r} is not a time (ISO 8601)")


def _placed(when: datetime, zone: ZoneInfo) -> datetime:
    first, second = when.replace(tzinfo=zone, fold=0), when.replace(tzinfo=zone, fold=1)
    if first.utcoffset() == second.utcoffset():
        return first
    if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != when:
        raise RowProblem(f"当地没有 {when} 这个时刻(夏令时)", f"local time skips {when} (daylight saving)")
    raise RowProblem(f"当地 {when} 出现两次(夏令时)", f"local time has {when} twice (daylight saving); give the offset")
