"""Filings as they are answered: with what they mean now, in words and in local times."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final, Self

from api.context import ApiContext
from api.services.filing_bodies import SORTS
from api.shapes import Bilingual, Shape
from facility.commands import Actor
from facility.filing_scope import spaces_in
from facility.filings import Filing, FilingKind, FilingPhase, Relaxation, Scope
from facility.model import Site
from facility.text import Text

KINDS: Final = {
    FilingKind.EXCEPTION: Text("例外备案", "exception"),
    FilingKind.BOOKING: Text("会议室预订", "meeting room booking"),
    FilingKind.NOTICE: Text("行政科通知", "notice"),
    FilingKind.EMERGENCY: Text("应急通知", "emergency notice"),
}
PHASES: Final = {
    FilingPhase.SUBMITTED: Text("待审批", "to be decided"),
    FilingPhase.REJECTED: Text("未批准", "rejected"),
    FilingPhase.REVOKED: Text("已撤销", "revoked"),
    FilingPhase.COMING: Text("已批准,未开始", "approved, to come"),
    FilingPhase.IN_FORCE: Text("执行中", "in force"),
    FilingPhase.OVER: Text("已结束", "over"),
    FilingPhase.LAPSED: Text("逾期未批", "lapsed"),
}
EVERYWHERE: Final = Text("全部区域", "the whole site")
STOPPED: Final = Text("停止供应冷、暖气", "no supply")
NOTHING: Final = Text("无", "nothing")

STANDING: Final = (FilingPhase.SUBMITTED, FilingPhase.COMING, FilingPhase.IN_FORCE)

_SWITCHED: Final = {
    "hours": Text("时间段外供应", "outside the window"),
    "holiday": Text("休息日供应", "on days of rest"),
    "forecast": Text("不限天气预报", "whatever the forecast"),
    "weather": Text("不限阴雨晴", "whatever the sky"),
}
_LIMITS: Final = {
    "cooling_outdoor_c": Text("室外 {0:g} ℃ 起可供冷", "cooling from {0:g} °C outdoors"),
    "heating_outdoor_c": Text("室外 {0:g} ℃ 以下可供暖", "heating up to {0:g} °C outdoors"),
    "setpoint_min_cool_c": Text("供冷可低至 {0:g} ℃", "cooling as low as {0:g} °C"),
    "setpoint_max_heat_c": Text("供暖可高至 {0:g} ℃", "heating as high as {0:g} °C"),
}


class ScopeView(Shape):
    """Where, by id; `everything` when nothing is named. `places` says it for people."""

    everything: bool
    buildings: list[str]
    floors: list[str]
    offices: list[str]
    spaces: list[str]
    equipment: list[str]
    places: Bilingual

    @classmethod
    def of(cls, site: Site, scope: Scope) -> Self:
        """The names of what the site still has; the id of what it has no more."""
        ids = {name: sorted(getattr(scope, name)) for name in SORTS}
        return cls(everything=scope.is_everything, places=Bilingual.of(_places(site, scope, ids)), **ids)


class RelaxationView(Shape):
    """What is relaxed, as it was filed; `text` says it for people."""

    hours: bool
    holiday: bool
    forecast: bool
    weather: bool
    cooling_outdoor_c: float | None
    heating_outdoor_c: float | None
    setpoint_min_cool_c: float | None
    setpoint_max_heat_c: float | None
    text: Bilingual

    @classmethod
    def of(cls, filing: Filing) -> Self:
        """With its sentence."""
        relaxes = filing.relaxes
        values = {name: getattr(relaxes, name) for name in (*_SWITCHED, *_LIMITS)}
        return cls(**values, text=Bilingual.of(STOPPED if filing.stops else relaxed(relaxes)))


class PersonView(Shape):
    """Who did something, when (local), and what they said."""

    by: str
    role: str | None
    at: datetime
    note: str


class FilingView(Shape):
    """One filing. `state` is how far it came, `phase` how it stands now. `provisional`: whether some of its days are
    workdays or holidays by a guess only, because their year is not announced. It holds in [`begins`, `end`), which is
    `lead_minutes` earlier than `start` for a booked room. `held_from`, `held_to`: over which time it was in force so
    far, None when never. `overlaps`: numbers of others that stand and share rooms and time with it.
    """

    id: int
    kind: FilingKind
    kind_text: Bilingual
    state: str
    phase: FilingPhase
    phase_text: Bilingual
    office: str | None
    office_name: Bilingual | None
    applicant: str
    role: str | None
    filed: datetime
    late: bool
    provisional: bool
    begins: datetime
    start: datetime
    end: datetime
    lead_minutes: float
    scope: ScopeView
    relaxes: RelaxationView
    stops: bool
    reason: str
    reference: str
    decided: PersonView | None
    revoked: PersonView | None
    held_from: datetime | None
    held_to: datetime | None
    overlaps: list[int]


class Filings(Shape):
    """Filings by number, oldest first."""

    rows: list[FilingView]


def told(context: ApiContext, filings: Sequence[Filing], others: Iterable[Filing]) -> list[FilingView]:
    """Each of `filings`, with those of `others` that overlap it."""
    now = context.clock.now()
    standing = [(one, spaces_in(context.site, one.scope)) for one in others if one.phase(now) in STANDING]
    return [_view(context, filing, _overlaps(context.site, filing, standing, now), now) for filing in filings]


def _overlaps(
    site: Site, filing: Filing, standing: Iterable[tuple[Filing, frozenset[str]]], now: datetime
) -> list[int]:  # fmt: skip
    if filing.phase(now) not in STANDING:
        return []
    spaces = spaces_in(site, filing.scope)
    return [
        other.id
        for other, rooms in standing
        if other.id != filing.id
        and other.begins < filing.end
        and filing.begins < other.end
        and (not rooms.isdisjoint(spaces) or not other.scope.equipment.isdisjoint(filing.scope.equipment))
    ]


def _view(context: ApiContext, filing: Filing, overlaps: list[int], now: datetime) -> FilingView:
    phase, held = filing.phase(now), filing.held_until(now)
    office = None if filing.office is None else context.site.offices.get(filing.office)
    return FilingView(
        id=filing.id,
        kind=filing.kind,
        kind_text=Bilingual.of(KINDS[filing.kind]),
        state=filing.state.value,
        phase=phase,
        phase_text=Bilingual.of(PHASES[phase]),
        office=filing.office,
        office_name=None if office is None else Bilingual.of(office.name.text),
        applicant=filing.applicant.name,
        role=None if filing.applicant.role is None else filing.applicant.role.value,
        filed=context.local(filing.filed_at),
        late=filing.late,
        provisional=_is_provisional(context, filing),
        begins=context.local(filing.begins),
        start=context.local(filing.start),
        end=context.local(filing.end),
        lead_minutes=filing.lead.total_seconds() / 60,
        scope=ScopeView.of(context.site, filing.scope),
        relaxes=RelaxationView.of(filing),
        stops=filing.stops,
        reason=filing.reason,
        reference=filing.reference,
        decided=_person(context, filing.decided_by, filing.decided_at, filing.decision_note),
        revoked=_person(context, filing.revoked_by, filing.revoked_at, filing.revoke_reason),
        held_from=None if held is None else context.local(held[0]),
        held_to=None if held is None else context.local(held[1]),
        overlaps=overlaps,
    )


def _is_provisional(context: ApiContext, filing: Filing) -> bool:
    """Whether the calendar only guesses at its first or last day; a filing is much shorter than a year."""
    last = filing.end - timedelta(microseconds=1)
    return any(not context.calendar.day(context.local(moment).date()).official for moment in (filing.begins, last))


def _person(context: ApiContext, by: Actor | None, at: datetime | None, note: str) -> PersonView | None:
    if by is None or at is None:
        return None
    return PersonView(by=by.name, role=None if by.role is None else by.role.value, at=context.local(at), note=note)


def relaxed(relaxes: Relaxation) -> Text:
    """What is relaxed, in one line."""
    parts = [text for name, text in _SWITCHED.items() if getattr(relaxes, name)]
    for name, text in _LIMITS.items():
        value = getattr(relaxes, name)
        if value is not None:
            parts.append(Text(text.zh.format(value + 0.0), text.en.format(value + 0.0)))
    return Text("、".join(part.zh for part in parts), ", ".join(part.en for part in parts)) if parts else NOTHING


def _places(site: Site, scope: Scope, ids: dict[str, list[str]]) -> Text:
    if scope.is_everything:
        return EVERYWHERE
    names = [_name(site, sort, key) for sort, keys in ids.items() for key in keys]
    return Text("、".join(name.zh for name in names), ", ".join(name.en for name in names))


def _name(site: Site, sort: str, key: str) -> Text:
    found = getattr(site, sort).get(key)
    if found is None:
        return Text(key, key)
    text: Text = found.name.text if sort in ("buildings", "offices") else found.text
    return text
