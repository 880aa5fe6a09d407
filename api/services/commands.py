"""Wishes of persons: taken in, handed to the controller, and followed to their end."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Annotated, Final, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from api.context import ApiContext
from api.problems import COMMAND, EQUIPMENT, RequestProblem, unknown
from api.services.decisions import WishView
from api.services.edges import local_date, midnight
from api.services.windows import window_end
from api.shapes import Bilingual, OneLine, Shape
from facility.bus import ProposalMade
from facility.commands import Actor, Fan, Mode, Role, Wish
from facility.journal import CommandRecord
from facility.model import Equipment, IndoorUnit, Site
from facility.text import Text

LONGEST: Final = timedelta(days=7)
"""A person's wish always ends; for longer there are exceptions that the administration section approves."""

COMMANDERS: Final = (Role.SECTION_OPERATOR, Role.DUTY_ROOM, Role.ADMIN_SECTION, Role.ADMINISTRATOR)


class CommandBody(BaseModel):
    """What a person wants of one unit. Fields left out stay as they are; at least one of them must be given.

    `setpoint_c` is in degrees Celsius. `until` (with a UTC offset) is when the wish ends by itself; left out, at
    the end of today's window, or of the day when the window is over.
    """

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={
            "example": {
                "on": True,
                "mode": "cool",
                "setpoint_c": 28.0,
                "until": "2026-07-15T17:00:00+08:00",
                "reason": "会议提前开始",
            }
        },
    )

    on: bool | None = None
    mode: Mode | None = None
    setpoint_c: Annotated[float, Field(ge=5, le=40, allow_inf_nan=False)] | None = None
    fan: Fan | None = None
    until: AwareDatetime | None = None
    reason: OneLine = ""

    @model_validator(mode="after")
    def _wants_something(self) -> Self:
        if self.wish().is_empty():
            raise ValueError("give at least one of on, mode, setpoint_c, fan / 至少填写 on、mode、setpoint_c、fan 之一")
        return self

    def wish(self) -> Wish:
        """As the building says it."""
        return Wish(on=self.on, mode=self.mode, setpoint_c=self.setpoint_c, fan=self.fan)


class CommandAccepted(Shape):
    """The wish was taken in; whether it comes true is asked with GET /commands/{command_id}."""

    command_id: str
    until: datetime


class CommandView(Shape):
    """How far a wish has come: proposed, sent, confirmed, not_effective, refused, unreachable or expired.

    `deadline` is the wish's end, or once it is sent the time after which the order is not executed. `read` is what
    the unit read afterwards, None while unknown; `why` and `clause` say why it was refused or failed; `at` is when the
    state was reached.
    """

    id: str
    equipment: str
    actor: str
    wish: WishView
    made: datetime
    deadline: datetime | None
    reason: Bilingual
    state: str
    why: Bilingual | None
    clause: str | None
    read: WishView | None
    at: datetime


class Commands(Shape):
    """Wishes and orders, newest first."""

    rows: list[CommandView]


def may_command(context: ApiContext, actor: Actor | None, equipment: str) -> bool:
    """Whether `actor` may want something of `equipment`: section operators of their own office's equipment only."""
    if actor is None or actor.role not in COMMANDERS:
        return False
    if actor.role is not Role.SECTION_OPERATOR:
        return True
    return (
        equipment in context.site.equipment
        and actor.office is not None
        and context.site.office_of(equipment) == actor.office
    )


def check_may_command(context: ApiContext, actor: Actor | None, equipment: str) -> None:
    """As `may_command`.

    Raises:
        RequestProblem: 403; the same whether the equipment belongs to somebody else or does not exist.
    """
    if not may_command(context, actor, equipment):
        raise RequestProblem(
            403,
            "not_permitted",
            Text("您的角色不能操作该设备", "your role may not operate this equipment"),
            hint=Text(
                "科室操作员只能操作本科室的设备", "a section operator may operate the own office's equipment only"
            ),
        )


async def propose(context: ApiContext, equipment: str, body: CommandBody, actor: Actor) -> CommandAccepted:
    """Takes a person's wish in: audited, journalled as proposed, and handed to the controller.

    Raises:
        RequestProblem: not the actor's to operate, unknown equipment, nothing that can be operated, or a wrong end.
    """
    check_may_command(context, actor, equipment)
    item = context.site.equipment.get(equipment)
    if item is None:
        raise unknown(EQUIPMENT, equipment)
    _check_fits(context.site, item, body)
    now = context.clock.now()
    proposal = ProposalMade(
        id=uuid.uuid4().hex,
        equipment=equipment,
        wish=body.wish(),
        actor=actor,
        made=now,
        until=_end(context, body, now),
        reason=body.reason,
    )
    await context.remember(_write_down, context, proposal)
    context.bus.publish(proposal)
    return CommandAccepted(command_id=proposal.id, until=context.local(proposal.until))


def _write_down(context: ApiContext, proposal: ProposalMade) -> None:
    """Before anything acts on it: a wish that cannot be audited is not taken in."""
    detail = {
        "equipment": proposal.equipment,
        "command": proposal.id,
        "wish": WishView.of(proposal.wish).model_dump(exclude_none=True),
        "until": proposal.until.isoformat(),
        "reason": proposal.reason,
    }
    context.journal.audit(proposal.actor, "command", detail, proposal.made)
    context.journal.record_proposal(proposal)


def _check_fits(site: Site, item: Equipment, body: CommandBody) -> None:
    if not site.is_operable(item.id):
        raise RequestProblem(422, "not_operable", Text("该设备不能远程操作", "this equipment cannot be operated"))
    if not isinstance(item, IndoorUnit) and (body.mode or body.fan or body.setpoint_c is not None):
        raise RequestProblem(
            422, "not_operable", Text("该设备只能开或关", "this equipment can only be switched on or off")
        )


def _end(context: ApiContext, body: CommandBody, now: datetime) -> datetime:
    if body.until is None:
        return default_end(context, now)
    if body.until <= now:
        raise RequestProblem(422, "wrong_until", Text("截止时间已过", "`until` lies in the past"))
    if body.until - now > LONGEST:
        raise RequestProblem(
            422,
            "wrong_until",
            Text(f"截止时间最多 {LONGEST.days} 天后", f"`until` may be at most {LONGEST.days} days ahead"),
        )
    return body.until


def default_end(context: ApiContext, now: datetime) -> datetime:
    """The end of today's window, or of the local day when the window is over or there is none."""
    end = window_end(context.site, now)
    if end is not None and now < end:
        return end
    return midnight(local_date(now, context.site.zone) + timedelta(days=1), context.site.zone)


async def command(context: ApiContext, command_id: str) -> CommandView:
    """How far a wish has come.

    Raises:
        RequestProblem: no such command.
    """
    record = await context.remember(context.journal.command, command_id)
    if record is None:
        raise unknown(COMMAND, command_id)
    return _view(context, record)


async def commands(
    context: ApiContext,
    *,
    equipment: str | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    limit: int = 100,
) -> Commands:
    """Wishes and orders of the past, newest first."""
    if equipment is not None and equipment not in context.site.equipment:
        raise unknown(EQUIPMENT, equipment)
    records = await context.remember(context.journal.commands, equipment, start=start, end=end, limit=limit)
    rows = [_view(context, record) for record in records]
    return Commands(rows=sorted(rows, key=lambda row: row.made, reverse=True))


def _view(context: ApiContext, record: CommandRecord) -> CommandView:
    return CommandView(
        id=record.id,
        equipment=record.equipment,
        actor=record.actor.name,
        wish=WishView.of(record.wish),
        made=context.local(record.made),
        deadline=None if record.deadline is None else context.local(record.deadline),
        reason=Bilingual.of(record.reason),
        state=record.state,
        why=None if record.why is None else Bilingual.of(record.why),
        clause=record.clause,
        read=None if record.read is None else WishView.of(record.read),
        at=context.local(record.at),
    )
