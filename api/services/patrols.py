"""The lists of the evenings, and who has been where; made by the controller's room, ticked off here."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from pydantic import BaseModel, ConfigDict

from api.context import ApiContext
from api.problems import RequestProblem
from api.shapes import Bilingual, OneLine, OneLineGiven, Shape
from facility.commands import Actor, Role
from facility.observance import Patrol, PatrolItem, Tick
from facility.text import Text

PATROLLERS: Final = frozenset({Role.DUTY_ROOM, Role.ADMIN_SECTION, Role.ADMINISTRATOR})
"""Who may tick off an item (OFF-06: a named person inspects)."""


class TickView(Shape):
    """Somebody was there: what was done about an item."""

    item: str
    at: datetime
    by: str
    note: str


class PatrolItemView(Shape):
    """Something on a list. `over` is when it was no longer so, None while it is; `ticks` who has been there."""

    key: str
    what: str
    equipment: str
    space: str | None
    place: Bilingual | None
    office: str | None
    office_name: Bilingual | None
    responsible: str | None
    text: Bilingual
    clause: str
    found: datetime
    over: datetime | None
    ticks: list[TickView]


class PatrolView(Shape):
    """One evening's list. `left` counts what is still so and nobody has been to."""

    day: date
    made: datetime
    looked: datetime
    before_rest: Bilingual | None
    items: list[PatrolItemView]
    left: int


class Patrols(Shape):
    """Evening lists, newest first."""

    rows: list[PatrolView]


class TickBody(BaseModel):
    """Which item of the list somebody has been to, and what was done."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        json_schema_extra={"example": {"item": "unit:ac-401", "note": "已关闭，提醒科室负责人"}},
    )

    item: OneLineGiven
    note: OneLine = ""


async def patrols(context: ApiContext, start: date, end: date) -> list[PatrolView]:
    """The lists of the evenings in [start, end), newest first."""
    found = await context.remember(context.journal.observance.patrols, start, end)
    return [_patrol(context, patrol) for patrol in found]


async def patrol(context: ApiContext, day: date) -> PatrolView | None:
    """The list of one evening, None when none was made."""
    found = await context.remember(context.journal.observance.patrol, day)
    return None if found is None else _patrol(context, found)


async def tick(context: ApiContext, day: date, item: str, note: str, actor: Actor) -> PatrolView:
    """Enters that `actor` has been to `item` of the list of `day`.

    Raises:
        RequestProblem: there is no such list or item, or the role does not go on patrol.
    """
    if actor.role not in PATROLLERS:
        text = Text("仅值班室和行政科可以登记", "only the duty room and the administration section tick items off")
        raise RequestProblem(403, "not_permitted", text)
    found = await context.remember(context.journal.observance.patrol, day)
    if found is None or item not in {known.key for known in found.items}:
        raise RequestProblem(404, "unknown_item", Text("当日清单没有这一项", "the list of that day has no such item"))
    now = context.clock.now()
    await context.remember(context.journal.observance.put_tick, Tick(day=day, item=item, at=now, by=actor, note=note))
    await context.remember(
        context.journal.audit, actor, "patrol", {"day": day.isoformat(), "item": item, "note": note}, now
    )
    after = await patrol(context, day)
    assert after is not None
    return after


def _patrol(context: ApiContext, found: Patrol) -> PatrolView:
    return PatrolView(
        day=found.day,
        made=context.local(found.made),
        looked=context.local(found.looked),
        before_rest=None if found.before_rest is None else Bilingual.of(found.before_rest),
        items=[_item(context, found, item) for item in found.items],
        left=len(found.open_items),
    )


def _item(context: ApiContext, found: Patrol, item: PatrolItem) -> PatrolItemView:
    space = None if item.space is None else context.site.spaces.get(item.space)
    office = None if item.office is None else context.site.offices.get(item.office)
    return PatrolItemView(
        key=item.key,
        what=item.what.value,
        equipment=item.equipment,
        space=item.space,
        place=None if space is None else Bilingual.of(space.text),
        office=item.office,
        office_name=None if office is None else Bilingual.of(office.name.text),
        responsible=item.responsible,
        text=Bilingual.of(item.text),
        clause=item.clause,
        found=context.local(item.found),
        over=None if item.over is None else context.local(item.over),
        ticks=[
            TickView(item=tick.item, at=context.local(tick.at), by=tick.by.name, note=tick.note)
            for tick in found.ticks
            if tick.item == item.key
        ],
    )
