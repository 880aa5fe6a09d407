"""The rules in force, where, and by which sentence."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from fastapi import Query as InQuery
from pydantic import Field
from starlette.responses import Response

from api.routes.answers import Context, Query, answer
from api.services.rules import RulesAsked, RulesView, rules_in_force

router = APIRouter(tags=["control"])

Key = Annotated[str | None, Field(max_length=80)]


class RulesQuery(Query):
    """Where, and by which sentence; nothing: all."""

    zone_class: Key = None
    building: Key = None
    floor: Key = None
    office: Key = None
    equipment: Key = None
    clause: Annotated[str | None, Field(max_length=80, description="Id of a clause, as AC-05")] = None
    q: Annotated[str | None, Field(max_length=80, description="Looked for in rules and sentences")] = None


@router.get("/rules", response_model=RulesView, summary="Which rules hold where, and the sentence each rests on")
async def get_rules(context: Context, query: Annotated[RulesQuery, InQuery()]) -> Response:
    asked = RulesAsked(
        zone_class=query.zone_class,
        building=query.building,
        floor=query.floor,
        office=query.office,
        equipment=query.equipment,
        clause=query.clause,
        text=None if query.q is None else query.q.strip(),
    )
    return answer(await rules_in_force(context, asked))
