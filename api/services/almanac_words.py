"""Entries of the almanac in one line each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from api.context import ApiContext
from facility.almanac import (
    AlmanacItem,
    Closure,
    DutyTurn,
    ExtraWorkday,
    HalfDay,
    Shift,
    Timetable,
    YearTable,
)
from facility.filings import Scope
from facility.text import Text


def told_of(context: ApiContext, item: AlmanacItem) -> Text:
    """An entry in one line."""
    match item:
        case YearTable():
            return Text(
                f"{item.year} 年放假安排（{item.notice}，{item.issued}）", f"{item.year}: {item.notice}, {item.issued}"
            )
        case Closure():
            where, days = _where(context, item.scope), _days(item.first, item.last)
            return Text(
                f"{days} {where.zh}停止办公：{item.reason}（{item.notice}）",
                f"{days} {where.en} closed: {item.reason} ({item.notice})",
            )
        case HalfDay():
            where = _where(context, item.scope)
            return Text(
                f"{item.day} {where.zh}半天：{item.hours.zh}（{item.notice}）",
                f"{item.day} {where.en} half day: {item.hours.en} ({item.notice})",
            )
        case ExtraWorkday():
            return Text(f"{item.day} 上班（{item.notice}）", f"{item.day} working day ({item.notice})")
        case Timetable():
            hours = "、".join(f"{each.start:%H:%M}-{each.end:%H:%M}" for each in item.sessions)
            notice = f"（{item.notice}）" if item.notice is not None else ""
            return Text(
                f"{item.name.zh}：{item.first} 至 {item.last} {hours}{notice}",
                f"{item.name.en}: {item.first} to {item.last} {hours.replace('、', ', ')} {notice}".rstrip(),
            )
        case DutyTurn():
            names = "、".join(person.name for person in item.people)
            shift = shift_name(context.calendar.almanac.shifts, item.shift)
            return Text(f"{item.day} {shift.zh}：{names}", f"{item.day} {shift.en}: {names.replace('、', ', ')}")


def shift_name(shifts: Iterable[Shift], shift: str) -> Text:
    """A shift's name; its id where there is none of that id any more."""
    return next((each.name for each in shifts if each.id == shift), Text(shift, shift))


def _days(first: date, last: date) -> str:
    return f"{first}" if first == last else f"{first} ~ {last}"


def _where(context: ApiContext, scope: Scope) -> Text:
    if scope.is_everything:
        return Text("全单位", "the whole site")
    site = context.site
    names = [
        *(site.buildings[key].name.text for key in sorted(scope.buildings) if key in site.buildings),
        *(site.floors[key].text for key in sorted(scope.floors) if key in site.floors),
        *(site.offices[key].name.text for key in sorted(scope.offices) if key in site.offices),
        *(site.spaces[key].text for key in sorted(scope.spaces) if key in site.spaces),
    ]
    return Text("、".join(name.zh for name in names), ", ".join(name.en for name in names))
