"""A year's table of holidays and make-up workdays as people upload it: read, checked, and given its hash. Pure.

Read are JSON and CSV. JSON is an object with `days`, or the list of days itself; a day has `day` (or `date`), `kind`
(`rest` or `workday`; or `isOffDay`, true or false, as public collections of the notices write it) and `name`. CSV has
the columns date, kind, name in this order or under a heading in Chinese or English; UTF-8, or GB 18030 as spreadsheets
here save it. Days that are what their weekday says may be listed or left out.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

import orjson

from facility.almanac import TableDay, YearTable
from facility.errors import EntryRefused
from facility.festivals import FESTIVALS, DayKind, festivals_missing, statutory_days
from facility.text import Text

LARGEST_BYTES: Final = 256 * 1024
MOST_TOLD: Final = 8
"""Mistakes told at once; a file with more is of another kind."""

_KINDS: Final[Mapping[str, DayKind]] = {
    "rest": "rest", "off": "rest", "holiday": "rest", "休": "rest", "休息": "rest", "放假": "rest", "节假日": "rest",
    "休息日": "rest", "法定节假日": "rest", "周末": "rest",
    "workday": "workday", "work": "workday", "班": "workday", "上班": "workday", "工作日": "workday",
    "调休上班": "workday", "补班": "workday", "调休": "workday",
}  # fmt: skip
_HEADINGS: Final[Mapping[str, str]] = {
    "date": "day", "day": "day", "日期": "day", "kind": "kind", "type": "kind", "类型": "kind", "类别": "kind",
    "name": "name", "节日": "name", "名称": "name", "说明": "name", "备注": "name",
}  # fmt: skip
_DATE: Final = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")


def read_days(content: bytes) -> list[TableDay]:
    """The days that a file lists, in its order.

    Raises:
        EntryRefused: it is too large, neither JSON nor CSV, or a line is no day; says which.
    """
    if len(content) > LARGEST_BYTES:
        raise _refused(f"文件超过 {LARGEST_BYTES // 1024} KB", f"the file is larger than {LARGEST_BYTES // 1024} KB")
    text = _text_of(content)
    rows = _json_rows(text) if text.lstrip()[:1] in ("{", "[") else _csv_rows(text)
    days = [_day(number, row) for number, row in rows]
    if not days:
        raise _refused("文件中没有任何日期", "there is no day in the file")
    return days


def checked_table(year: int, *, notice: str, issued: date, days: Iterable[TableDay]) -> YearTable:
    """The table of `year`, if the days make one: only those that are not what their weekday says, in order.

    Raises:
        EntryRefused: a day of another year or written twice, a festival without a day off, a statutory day worked,
            a make-up workday that is no weekend, or a notice that is blank or later than the year; says all of it.
    """
    found = list(days)
    mistakes = [*_about_the_notice(year, notice, issued), *_about_the_days(year, found)]
    if mistakes:
        told = mistakes[:MOST_TOLD]
        more = len(mistakes) - len(told)
        zh = "；".join(each.zh for each in told) + (f"；另有 {more} 处" if more else "")
        en = "; ".join(each.en for each in told) + (f"; and {more} more" if more else "")
        raise EntryRefused(Text(f"{year} 年放假安排有误：{zh}", f"the table of {year} is wrong: {en}"), field="days")
    kept = tuple(sorted((day for day in found if not _is_ordinary(day)), key=lambda day: day.day))
    return YearTable(year=year, notice=notice.strip(), issued=issued, days=kept, sha256=digest(year, kept))


def digest(year: int, days: Sequence[TableDay]) -> str:
    """SHA-256 over the canonical form: the year, then a line `2027-01-01 rest` for each day in order, UTF-8."""
    lines = [str(year), *(f"{day.day.isoformat()} {day.kind}" for day in sorted(days, key=lambda day: day.day))]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _about_the_notice(year: int, notice: str, issued: date) -> Iterator[Text]:
    if not notice.strip():
        yield Text("没有写明通知文号", "the notice and its number are not given")
    if not year - 1 <= issued.year <= year:
        yield Text(f"通知日期 {issued} 与年份不符", f"the notice is dated {issued}, which does not fit the year")


def _about_the_days(year: int, days: Sequence[TableDay]) -> Iterator[Text]:
    strange = [day.day.isoformat() for day in days if day.day.year != year]
    if strange:
        yield Text(f"不是 {year} 年的日期：{_few(strange)}", f"days of another year: {_few(strange)}")
    counted = Counter(day.day.isoformat() for day in days)
    twice = [day for day, times in counted.items() if times > 1]
    if twice:
        yield Text(f"日期重复：{_few(twice)}", f"days written twice: {_few(twice)}")
    kinds = {day.day: day.kind for day in days}
    rest = [day for day, kind in kinds.items() if kind == "rest"]
    missing = [FESTIVALS[name] for name in festivals_missing(year, rest)]
    if missing:
        yield Text(
            f"缺少节日：{'、'.join(each.zh for each in missing)}",
            f"festivals without a day off: {', '.join(each.en for each in missing)}",
        )
    yield from _about_statutory_days(year, kinds)
    midweek = [day.day.isoformat() for day in days if day.kind == "workday" and day.name and day.day.weekday() < 5]
    if midweek:
        yield Text(f"调休上班日不是周末：{_few(midweek)}", f"make-up workdays that are no weekend: {_few(midweek)}")


def _about_statutory_days(year: int, kinds: Mapping[date, DayKind]) -> Iterator[Text]:
    statutory = statutory_days(year)
    worked = [
        f"{day.isoformat()} {FESTIVALS[name].zh}"
        for day, name in statutory.items()
        if kinds.get(day, "rest" if day.weekday() >= 5 else "workday") == "workday"
    ]
    if worked and any(day in kinds for day in statutory):
        yield Text(f"法定假日未列为放假：{_few(worked)}", f"statutory days that are not off: {_few(worked)}")


def _is_ordinary(day: TableDay) -> bool:
    """Whether a day is what its weekday says and no festival's."""
    by_weekday = "rest" if day.day.weekday() >= 5 else "workday"
    return day.kind == by_weekday and not (day.kind == "rest" and _is_named(day.name))


def _is_named(name: str) -> bool:
    return any(name in (words.zh, words.en, key) for key, words in FESTIVALS.items())


def _few(words: Sequence[str]) -> str:
    return ", ".join(words[:5]) + (f" (+{len(words) - 5})" if len(words) > 5 else "")


def _refused(zh: str, en: str) -> EntryRefused:
    return EntryRefused(Text(zh, en), field="file")


def _text_of(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _refused("文件编码既不是 UTF-8 也不是 GB 18030", "the file is neither UTF-8 nor GB 18030")


Row = Mapping[str, Any]


def _json_rows(text: str) -> Iterator[tuple[int, Row]]:
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise _refused(f"不是 JSON：{error}", f"the file is not JSON: {error}") from error
    rows = document.get("days") if isinstance(document, dict) else document
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise _refused("JSON 中没有 `days` 列表", "the JSON has no list `days` of objects")
    for number, row in enumerate(rows, start=1):
        kind = row.get("kind")
        if kind is None and isinstance(row.get("isOffDay"), bool):
            kind = "rest" if row["isOffDay"] else "workday"
        yield number, {"day": row.get("day", row.get("date")), "kind": kind, "name": row.get("name")}


def _csv_rows(text: str) -> Iterator[tuple[int, Row]]:
    columns = ["day", "kind", "name"]
    for number, cells in enumerate(csv.reader(io.StringIO(text)), start=1):
        words = [cell.strip() for cell in cells]
        if not any(words):
            continue
        headings = [_HEADINGS.get(word.lower()) for word in words]
        if number == 1 and "day" in headings:
            columns = [heading or "" for heading in headings]
            continue
        yield number, dict(zip(columns, words, strict=False))


def _day(number: int, row: Row) -> TableDay:
    said = str(row.get("day") or "").strip()
    match = _DATE.fullmatch(said)
    try:
        day = date(*(int(part) for part in match.groups())) if match is not None else None
    except ValueError:
        day = None
    if day is None:
        raise _refused(f"第 {number} 行：`{said[:40]}` 不是日期", f"line {number}: `{said[:40]}` is not a date")
    word = str(row.get("kind") or "").strip()
    kind = _KINDS.get(word.lower())
    if kind is None:
        raise _refused(
            f"第 {number} 行：`{word[:40]}` 不是放假或上班", f"line {number}: `{word[:40]}` is neither rest nor workday"
        )
    return TableDay(day=day, kind=kind, name=str(row.get("name") or "").strip()[:40])
