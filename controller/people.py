"""Whether a person may order what they ask: their role, then the envelope, then what protects the equipment."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from controller.policy.explain import Explainer
from controller.policy.findings import Finding
from controller.policy.units import season_of
from controller.policy.zones import ClassVerdict
from controller.records import Record, Sort
from facility.bus import ProposalMade
from facility.commands import Actor, Mode, Refused, Role, Wish
from facility.decisions import Effect
from facility.envelope import judge
from facility.model import Site
from facility.model.entries import ZoneClass
from facility.text import Text

EVERYWHERE = frozenset({Role.DUTY_ROOM, Role.ADMIN_SECTION, Role.ADMINISTRATOR})
FILE_AN_EXCEPTION = Text(
    "。如确需使用，请提前报行政科备案。",
    ". If it is needed, file an exception with the administration section beforehand.",
)
SHARED_CLASSES = frozenset({ZoneClass.MEETING, ZoneClass.PUBLIC})


def role_refusal(site: Site, record: Record, actor: Actor) -> tuple[str, Text] | None:
    """Clause and words when the actor's role does not reach the equipment, None when it does (AC-10, AC-13, AC-14)."""
    if actor.role is None or actor.role in EVERYWHERE:
        return None
    office = site.office_of(record.id)
    if actor.role is Role.SECTION_OPERATOR and office is not None and actor.office == office:
        return None
    rule = "responsible-office" if record.rules.zone_class in SHARED_CLASSES else "operator"
    clause = record.rules.clause_of.get(rule, record.rules.clause_of.get("operator", ""))
    if actor.role is not Role.SECTION_OPERATOR:
        return clause, Text("该账号只能查看，不能操作设备", "this account may look, not operate equipment")
    return clause, Text("只能操作本科室的设备", "a section's operator may operate the section's own equipment only")


def completed(wish: Wish, record: Record) -> Wish:
    """The wish with what a start needs: the permitted season's mode, a legal setpoint. Nothing is added to a stop."""
    verdict = record.verdict
    if wish.on is not True or verdict is None or record.sort not in (Sort.UNIT, Sort.CLIMATE):
        return wish
    modes = verdict.legal.modes
    mode = wish.mode
    if mode is None:
        seen = record.observed.mode
        seasonal = [known for known in (Mode.COOL, Mode.HEAT) if known in modes]
        mode = seen if seen in modes and seen is not None else seasonal[0] if seasonal else seen
    setpoint_c = wish.setpoint_c
    if setpoint_c is None and mode is not None and mode in modes and mode is not Mode.FAN:
        bounds = modes[mode]
        own = record.observed.setpoint_c
        setpoint_c = (
            bounds.clamp(own) if own is not None else bounds.low_c if bounds.low_c is not None else bounds.high_c
        )
    return replace(wish, mode=mode, setpoint_c=setpoint_c)


def refusal(
    site: Site,
    record: Record,
    proposal: ProposalMade,
    of_class: ClassVerdict | None,
    *,
    explainer: Explainer,
    now: datetime,
) -> Refused | None:
    """The answer to an order that must not be carried out, None when it may.

    `of_class` is the verdict on the unit's zone class, None for what has no seasons.
    """

    def no(why: Text, clause: str | None) -> Refused:
        return Refused(command_id=proposal.id, equipment=record.id, at=now, why=why, clause=clause)

    barred = role_refusal(site, record, proposal.actor)
    if barred is not None:
        return no(barred[1], barred[0] or None)
    if proposal.until <= now:
        return no(Text("有效期已过", "its end has already passed"), None)
    wish = completed(proposal.wish, record)
    if wish.on is False:
        return None
    legal = judge(record.envelope, wish, record.observed, now)
    protection = _protection(record)
    if legal.allowed and (protection is None or wish.on is not True):
        return None
    finding = protection if legal.allowed else _why_not(wish, record, of_class)
    if finding is None:
        return no(_told(legal.why), legal.clause)
    reason = explainer.reason(finding, record.rules.clause_of, now)
    return no(_told(reason.text), reason.clause or legal.clause)


def _why_not(wish: Wish, record: Record, of_class: ClassVerdict | None) -> Finding | None:
    """The finding that forbids what was asked; None where the envelope's own words say it best (a setpoint)."""
    verdict = record.verdict
    if verdict is None or _is_about_setpoint(wish, record):
        return None
    season = season_of(wish.mode)
    if of_class is not None and of_class.open and season is not None and wish.mode is not None:
        stops = (f for f in of_class.season(season).findings if f.effect in (Effect.FORBID, Effect.HOLD))
        return next(stops, verdict.legal.why)
    return verdict.legal.why


def _is_about_setpoint(wish: Wish, record: Record) -> bool:
    """Whether the mode is legal, so that only the setpoint can be what is wrong."""
    verdict = record.verdict
    mode = wish.mode or record.observed.mode
    if verdict is None or mode is None or mode not in verdict.legal.modes or wish.setpoint_c is None:
        return False
    return verdict.legal.modes[mode].clamp(wish.setpoint_c) != wish.setpoint_c


def _protection(record: Record) -> Finding | None:
    """The interlock that keeps the unit off, None when none does."""
    if record.verdict is None or not record.verdict.findings:
        return None
    first = record.verdict.findings[0]
    is_interlock = first.code in ("window-open", "vacant") and record.verdict.slot < 8
    return first if is_interlock and first.effect is Effect.FORBID else None


def _told(why: Text) -> Text:
    return Text(why.zh + FILE_AN_EXCEPTION.zh, why.en + FILE_AN_EXCEPTION.en)
