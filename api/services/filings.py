"""Filings: submitted, decided on, taken back, and told of. The controller hears of each change on the bus."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from api.context import ApiContext
from api.problems import RequestProblem, unknown
from api.services.filing_bodies import FilingBody, SpanBody
from api.services.filing_checks import BOOKED, NOTICES, check_body, is_late, late_refusal
from api.services.filing_views import KINDS, Filings, FilingView, told
from api.services.filing_views import PHASES as PHASE_TEXTS
from api.shapes import Shape
from facility.bus import FilingChanged
from facility.commands import Actor, Role
from facility.filing_scope import offices_in, spaces_in
from facility.filings import Filing, FilingKind, FilingPhase, FilingState, Relaxation
from facility.journal.filings import Repeated
from facility.text import Text

FILING: Final = Text("备案", "filing")

DECIDERS: Final = (Role.ADMIN_SECTION, Role.ADMINISTRATOR)
"""Who gives notices, and decides what others file (AC-13)."""

FILERS: Final = (Role.SECTION_OPERATOR, Role.DUTY_ROOM, *DECIDERS)

LONGEST_LIST: Final = 5000

MOST_WAITING: Final = 310
"""So many filings of one person or office may wait for a decision: five months of two a day."""


class FilingsMade(Shape):
    """What was entered: one filing for each time that was named."""

    filings: list[FilingView]


async def submit(context: ApiContext, body: FilingBody, actor: Actor) -> FilingsMade:
    """Enters what `actor` files; a notice is in force at once, anything else waits for a decision.

    Raises:
        RequestProblem: not for the actor to file, mistaken, late (AC-04), filed before by somebody, or too many wait.
    """
    _check_may_file(context, body, actor)
    now = context.clock.now()
    check_body(context.site, body, now)
    entry = context.site.file.filings
    late = [place for place, span in enumerate(body.spans) if is_late(entry, body.kind, span, now)]
    if late and entry.late == "refuse":
        raise late_refusal(entry, late)
    await _check_waiting(context, len(body.spans), actor, now)
    asked = [_filing(context, body, span, actor, now) for span in body.spans]
    entered = await context.remember(context.journal.filings.enter, asked, actor=actor, at=now)
    if isinstance(entered, Repeated):
        raise _repeats(entered.standing)
    for filing in entered:
        context.bus.publish(FilingChanged(filing=filing))
    return FilingsMade(filings=await _told(context, list(entered)))


def may_file(actor: Actor | None, kind: FilingKind = FilingKind.EXCEPTION) -> bool:
    """Whether somebody of that role may file that kind anywhere."""
    if actor is None or actor.role not in FILERS:
        return False
    return actor.role in DECIDERS or (
        kind not in NOTICES and (actor.role is not Role.SECTION_OPERATOR or actor.office is not None)
    )


def own_rooms(context: ApiContext, office: str) -> frozenset[str]:
    """The rooms that an office uses, and the shared ones that it answers for (AC-14)."""
    spaces = context.site.spaces.values()
    return frozenset(space.id for space in spaces if office in (space.office, space.responsible_office))


def _check_may_file(context: ApiContext, body: FilingBody, actor: Actor) -> None:
    if not may_file(actor, body.kind):
        raise _forbidden(
            Text(f"您的角色不能提交{KINDS[body.kind].zh}", f"your role may not give a {KINDS[body.kind].en}"),
            Text("通知由行政科发出(AC-05、AC-13)", "notices are the administration section's (AC-05, AC-13)"),
        )
    if actor.role is Role.SECTION_OPERATOR and not _is_own(context, body, actor.office):
        raise _forbidden(
            Text("只能为本科室的房间备案", "you may file for the rooms of your own office only"),
            Text(
                "本科室使用的房间,以及由本科室负责管理的公共区域(AC-14)",
                "rooms that your office uses, and shared ones that it answers for (AC-14)",
            ),
        )


async def _check_waiting(context: ApiContext, count: int, actor: Actor, now: datetime) -> None:
    """Nobody decides on thousands; they would hide the others, and every list holds each against each."""
    if actor.role in DECIDERS:
        return
    standing = await context.remember(context.journal.filings.register, now)
    waiting = sum(
        one.state is FilingState.SUBMITTED
        and (one.applicant.name == actor.name or (actor.office is not None and one.office == actor.office))
        for one in standing
    )
    if waiting + count > MOST_WAITING:
        raise RequestProblem(
            409,
            "too_many_waiting",
            Text(f"已有 {waiting} 项备案待审批", f"{waiting} filings wait for a decision already"),
            hint=Text(
                f"最多 {MOST_WAITING} 项;请行政科先审批",
                f"{MOST_WAITING} at most; the administration section decides first",
            ),
        )


def _is_own(context: ApiContext, body: FilingBody, office: str | None) -> bool:
    """The same answer whether something belongs to somebody else or does not exist."""
    scope, site = body.scope.scope(), context.site
    if office is None or body.office not in (None, office):
        return False
    if scope.is_everything:
        return True  # refused for want of a place, whoever asks
    named = (scope.spaces - set(site.spaces)) | (scope.equipment - set(site.equipment))
    served = {space for key in scope.equipment & set(site.equipment) for space in _serves(context, key)}
    others = scope.offices - {office}
    return not named and not others and spaces_in(site, scope) | served <= own_rooms(context, office)


def _serves(context: ApiContext, equipment: str) -> tuple[str, ...]:
    """The rooms; what serves none belongs to nobody's own."""
    return tuple(getattr(context.site.equipment[equipment], "serves", ())) or ("",)


def _forbidden(text: Text, hint: Text) -> RequestProblem:
    return RequestProblem(403, "not_permitted", text, hint=hint)


def _filing(context: ApiContext, body: FilingBody, span: SpanBody, actor: Actor, now: datetime) -> Filing:
    entry = context.site.file.filings
    is_notice, is_booking = body.kind in NOTICES, body.kind is FilingKind.BOOKING
    return Filing(
        id=0,
        kind=body.kind,
        state=FilingState.APPROVED if is_notice else FilingState.SUBMITTED,
        applicant=actor,
        filed_at=now,
        start=span.start,
        end=span.end,
        scope=body.scope.scope(),
        relaxes=_relaxes(body),
        stops=body.stops,
        office=body.office or (actor.office if actor.role is Role.SECTION_OPERATOR else None),
        reason=body.reason,
        reference=body.reference,
        lead=timedelta(minutes=entry.ready_minutes) if is_booking else timedelta(),
        late=is_late(entry, body.kind, span, now),
        decided_by=actor if is_notice else None,
        decided_at=now if is_notice else None,
    )


def _relaxes(body: FilingBody) -> Relaxation:
    return BOOKED if body.kind is FilingKind.BOOKING else body.relaxes.relaxation()


def _repeats(standing: Filing) -> RequestProblem:
    return RequestProblem(
        409,
        "filed_before",
        Text(
            f"同样的备案已有,编号 {standing.id}({standing.applicant.name})",
            f"the same is filed already, as number {standing.id} by {standing.applicant.name}",
        ),
        hint=Text(f"见 GET /api/v1/filings/{standing.id}", f"see GET /api/v1/filings/{standing.id}"),
    )


def may_decide(actor: Actor | None, filing: FilingView | Filing) -> bool:
    """Whether somebody may approve or reject a filing: nobody their own, but for an administrator."""
    if actor is None or actor.role not in DECIDERS:
        return False
    applicant = filing.applicant if isinstance(filing, FilingView) else filing.applicant.name
    return actor.role is Role.ADMINISTRATOR or applicant != actor.name


async def decide(context: ApiContext, number: int, actor: Actor, *, approve: bool, note: str) -> FilingView:
    """Approves or rejects a filing.

    Raises:
        RequestProblem: there is none of that number, it is not for the actor to decide, or somebody was faster.
    """
    found = await _one(context, number)
    if not may_decide(actor, found):
        raise _forbidden(
            Text("不能审批本人提交的备案", "nobody decides what they filed themselves"),
            Text("请由行政科另一人或管理员审批", "another of the administration section, or an administrator, decides"),
        )
    now = context.clock.now()
    call = context.journal.filings.decide
    decided = await context.remember(call, number, approve=approve, actor=actor, note=note, at=now)
    return await _changed(context, number, decided)


def may_revoke(actor: Actor | None, filing: FilingView | Filing) -> bool:
    """Whether somebody may take a filing back: the administration section any; the duty room what is no notice; an
    operator what the own office filed.
    """
    if actor is None or actor.role not in FILERS:
        return False
    if actor.role in DECIDERS:
        return True
    if filing.kind in NOTICES:
        return False
    return actor.role is Role.DUTY_ROOM or (actor.office is not None and filing.office == actor.office)


async def revoke(context: ApiContext, number: int, actor: Actor, reason: str) -> FilingView:
    """Takes a filing back, with a reason; from now on it does not hold.

    Raises:
        RequestProblem: there is none of that number, it is not the actor's to take back, or it is over.
    """
    if not may_revoke(actor, await _one(context, number)):
        raise _forbidden(
            Text("您不能撤销该备案", "you may not take this filing back"),
            Text("科室操作员只能撤销本科室的备案", "a section operator takes back what the own office filed"),
        )
    now = context.clock.now()
    taken = await context.remember(context.journal.filings.revoke, number, actor=actor, reason=reason, at=now)
    return await _changed(context, number, taken)


async def _changed(context: ApiContext, number: int, changed: Filing | None) -> FilingView:
    """What was changed, told to everybody; None: nothing was, and why is told to whoever asked."""
    if changed is None:
        raise _too_late(await _one(context, number), context.clock.now())
    context.bus.publish(FilingChanged(filing=changed))
    return (await _told(context, [changed]))[0]


def _too_late(filing: Filing, now: datetime) -> RequestProblem:
    phase = filing.phase(now)
    by = filing.revoked_by if phase is FilingPhase.REVOKED else filing.decided_by
    who = Text("", "") if by is None else Text(f"(经办:{by.name})", f" (by {by.name})")
    state = PHASE_TEXTS[phase]
    return RequestProblem(
        409,
        "not_open",
        Text(f"备案 {filing.id} 现为“{state.zh}”{who.zh}", f"filing {filing.id} is {state.en} by now{who.en}"),
        hint=Text("未作任何更改", "nothing was changed"),
    )


async def filing(context: ApiContext, number: int) -> FilingView:
    """One filing.

    Raises:
        RequestProblem: there is none of that number.
    """
    return (await _told(context, [await _one(context, number)]))[0]


async def filings(
    context: ApiContext,
    *,
    start: datetime | None,
    end: datetime | None,
    office: str | None = None,
    kind: FilingKind | None = None,
    phase: FilingPhase | None = None,
) -> Filings:
    """Those that touch [start, end), by number; of one office: filed by it, or for rooms it uses or answers for."""
    found = await context.remember(context.journal.filings.register, start, end, limit=LONGEST_LIST)
    now = context.clock.now()
    rows = [
        one for one in found
        if (kind is None or one.kind is kind)
        and (phase is None or one.phase(now) is phase)
        and (office is None or concerns(context, one, office))
    ]  # fmt: skip
    return Filings(rows=await _told(context, rows))


def concerns(context: ApiContext, filing: Filing, office: str) -> bool:
    """Whether a filing is one of an office: filed on its behalf, or for rooms that it uses or answers for."""
    return filing.office == office or office in offices_in(context.site, filing.scope)


async def _one(context: ApiContext, number: int) -> Filing:
    found = await context.remember(context.journal.filings.filing, number)
    if found is None:
        raise unknown(FILING, str(number))
    return found


async def _told(context: ApiContext, found: list[Filing]) -> list[FilingView]:
    """With what they overlap. Off the event loop: every one is held against every other that stands."""

    def work() -> list[FilingView]:
        return told(context, found, context.journal.filings.register(context.clock.now()))

    return await context.remember(work)
