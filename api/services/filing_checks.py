"""What a filing must be before it is entered: times, place and relaxations within what the site allows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from api.problems import FieldProblem, RequestProblem
from api.services.filing_bodies import SORTS, FilingBody, SpanBody
from facility.filings import FilingKind, Relaxation
from facility.model import Site
from facility.model.entries import FilingsEntry
from facility.model.near import did_you_mean
from facility.model.places import ZoneClass
from facility.text import Text

NOTICES: Final = (FilingKind.NOTICE, FilingKind.EMERGENCY)

AT_ONCE: Final = timedelta(minutes=10)
"""How far the beginning of what is in force at once may be from now."""

FARTHEST: Final = timedelta(days=366)
"""How far ahead anything may be filed, and how long a notice may hold."""

BOOKED: Final = Relaxation(hours=True, holiday=True)
"""What the booking of a meeting room relaxes."""

QUOTE: Final = "有特殊情况需开启的,必须提前报行政科备案"
"""AC-04, 第三篇 中央空调使用管理办法 (二)4."""

_SORT_NAMES: Final = {
    "buildings": Text("楼栋", "building"),
    "floors": Text("楼层", "floor"),
    "offices": Text("科室", "office"),
    "spaces": Text("房间", "room"),
    "equipment": Text("设备", "equipment"),
}


def check_body(site: Site, body: FilingBody, now: datetime) -> None:
    """Whether `body` can be entered, but for being late.

    Raises:
        RequestProblem: with every mistake and its field.
    """
    entry = site.file.filings
    fields = [*_place_mistakes(site, body), *_relaxation_mistakes(entry, body)]
    for number, span in enumerate(body.spans):
        text = _span_mistake(entry, body.kind, span, now)
        if text is not None:
            fields.append(FieldProblem(where=f"body.spans.{number}", what=text))
    fields += _meeting_mistakes(body, now)
    fields += _repeated(body)
    if fields:
        raise RequestProblem(422, "wrong_body", Text("请求内容有误", "the request has mistakes"), fields=fields)


UNBOUND: Final = frozenset({ZoneClass.ARCHIVE, ZoneClass.SERVER_ROOM})
"""Rooms that no filing touches (X-04)."""


def is_late(entry: FilingsEntry, kind: FilingKind, span: SpanBody, now: datetime) -> bool:
    """Whether it is filed after the time by which it had to be; a notice has none."""
    return kind not in NOTICES and now > span.start - timedelta(minutes=entry.lead_minutes)


def late_refusal(entry: FilingsEntry, late: Iterable[int]) -> RequestProblem:
    """A late filing is not entered (AC-04); `late` are the places of such times in the body."""
    near = Text("开始时间太近或已过", "the start is too near, or over")
    lead = entry.lead_minutes
    ahead = Text(f"至少提前 {lead} 分钟", f"at least {lead} minutes ahead") if lead else Text("提前", "beforehand")
    return RequestProblem(
        422,
        "late_filing",
        Text(f"备案已逾时:须{ahead.zh}备案(AC-04)", f"filed too late: it must be filed {ahead.en} (AC-04)"),
        hint=Text(
            f"依据 AC-04“{QUOTE}”;确有急需请由行政科发出通知",
            f'AC-04: "{QUOTE}"; where it is urgent the administration section gives a notice',
        ),
        fields=[FieldProblem(where=f"body.spans.{place}.start", what=near) for place in late],
    )


def _place_mistakes(site: Site, body: FilingBody) -> Iterator[FieldProblem]:
    for sort in SORTS:
        known = getattr(site, sort)
        for key in getattr(body.scope, sort):
            if key not in known:
                yield FieldProblem(where=f"body.scope.{sort}", what=_unknown(_SORT_NAMES[sort], key, known))
    if body.office is not None and body.office not in site.offices:
        yield FieldProblem(where="body.office", what=_unknown(_SORT_NAMES["offices"], body.office, site.offices))
    for key in body.scope.spaces:
        if key in site.spaces and site.spaces[key].zone_class in UNBOUND:
            yield FieldProblem(
                where="body.scope.spaces",
                what=Text(
                    f"“{key}”全天候运行,不受办公时间和温度规定约束,无须备案",
                    f"{key!r} runs round the clock and is not bound by the office rules: nothing is to be filed",
                ),
            )
    if body.kind is FilingKind.BOOKING:
        yield from _room_mistakes(site, body)
    elif body.kind is FilingKind.EXCEPTION and body.scope.scope().is_everything:
        yield FieldProblem(
            where="body.scope", what=Text("必须指明房间、科室或设备", "name the rooms, offices or equipment")
        )


def _unknown(sort: Text, key: str, known: Mapping[str, object]) -> Text:
    shown = key[:80]
    meant = did_you_mean(key, known)
    text = Text(f"没有编号为“{shown}”的{sort.zh}", f"there is no {sort.en} with the id {shown!r}")
    return text if meant is None else Text(f"{text.zh};{meant.zh}", f"{text.en}; {meant.en}")


def _room_mistakes(site: Site, body: FilingBody) -> Iterator[FieldProblem]:
    named = body.scope.scope()
    if not named.spaces or named != type(named)(spaces=named.spaces):
        yield FieldProblem(where="body.scope", what=Text("预订只能指明会议室", "a booking names meeting rooms only"))
    for key in sorted(named.spaces & set(site.spaces)):
        if site.spaces[key].zone_class is not ZoneClass.MEETING:
            yield FieldProblem(
                where="body.scope.spaces", what=Text(f"“{key}”不是会议室", f"{key!r} is no meeting room")
            )  # fmt: skip


def _relaxation_mistakes(entry: FilingsEntry, body: FilingBody) -> Iterator[FieldProblem]:
    relaxes = body.relaxes.relaxation()
    if body.kind is FilingKind.BOOKING and relaxes not in (Relaxation(), BOOKED):
        yield FieldProblem(
            where="body.relaxes",
            what=Text(
                "预订只放宽时间段和休息日;其他请另行备案",
                "a booking relaxes hours and days of rest only; file an exception for more",
            ),
        )
    if body.kind is not FilingKind.BOOKING and relaxes.is_empty and not body.stops:
        yield FieldProblem(where="body.relaxes", what=Text("没有放宽任何规定", "nothing is relaxed"))
    if body.stops and (body.kind not in NOTICES or not relaxes.is_empty):
        yield FieldProblem(
            where="body.stops",
            what=Text("只有通知可以停供,且不能同时放宽", "only a notice stops supply, and then relaxes nothing"),
        )
    if relaxes.setpoint_min_cool_c is not None and relaxes.setpoint_min_cool_c < entry.lowest_cool_c:
        yield FieldProblem(where="body.relaxes.setpoint_min_cool_c", what=_least(entry.lowest_cool_c))
    if relaxes.setpoint_max_heat_c is not None and relaxes.setpoint_max_heat_c > entry.highest_heat_c:
        yield FieldProblem(where="body.relaxes.setpoint_max_heat_c", what=_most(entry.highest_heat_c))


def _least(value_c: float) -> Text:
    return Text(f"最低可备案至 {value_c:g} ℃", f"no lower than {value_c:g} C can be filed")


def _most(value_c: float) -> Text:
    return Text(f"最高可备案至 {value_c:g} ℃", f"no higher than {value_c:g} C can be filed")


def _span_mistake(entry: FilingsEntry, kind: FilingKind, span: SpanBody, now: datetime) -> Text | None:
    length = span.end - span.start
    if length <= timedelta():
        return Text("结束时间必须晚于开始时间", "the end must be later than the start")
    if span.end <= now:
        return Text("结束时间已过", "its time is over")
    if span.start - now > FARTHEST:
        return Text(f"最多提前 {FARTHEST.days} 天", f"at most {FARTHEST.days} days ahead")
    if kind in NOTICES and now - span.start > AT_ONCE:
        return Text("通知不能早于发出之时生效", "a notice does not hold before it is given")
    return _too_long(entry, kind, length)


def _too_long(entry: FilingsEntry, kind: FilingKind, length: timedelta) -> Text | None:
    match kind:
        case FilingKind.EMERGENCY:
            longest, hours = timedelta(hours=entry.emergency_hours), entry.emergency_hours
            text = Text(f"应急通知最长 {hours:g} 小时", f"an emergency notice holds {hours:g} hours at most")
        case FilingKind.NOTICE:
            longest = FARTHEST
            text = Text(f"最长 {FARTHEST.days} 天", f"{FARTHEST.days} days at most")
        case _:
            longest = timedelta(days=entry.longest_days)
            text = Text(f"最长 {entry.longest_days} 天", f"{entry.longest_days} days at most")
    return text if length > longest else None


def _meeting_mistakes(body: FilingBody, now: datetime) -> Iterator[FieldProblem]:
    if body.kind is FilingKind.BOOKING and not body.reference:
        yield FieldProblem(where="body.reference", what=Text("请写明会议", "name the meeting"))
    if body.kind is FilingKind.EMERGENCY and any(span.start - now > AT_ONCE for span in body.spans):
        yield FieldProblem(
            where="body.spans",
            what=Text("应急通知立即生效;以后的请发通知", "an emergency notice holds at once; give a notice for later"),
        )


def _repeated(body: FilingBody) -> Iterator[FieldProblem]:
    """Times of one submission may touch, but not overlap."""
    if any(earlier.end > later.start for earlier, later in pairwise(sorted(body.spans, key=lambda span: span.start))):
        yield FieldProblem(where="body.spans", what=Text("各时间段不能重叠", "its times must not overlap"))
