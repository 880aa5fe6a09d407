"""How an outdoor unit's electricity was shared out over its indoor units."""

from __future__ import annotations

from datetime import date

from api.context import ApiContext
from api.problems import unknown
from api.services.told import SplitView, told
from facility.text import Text

OUTDOOR = Text("分摊的室外机", "outdoor unit that is split")


async def month_split(context: ApiContext, outdoor: str, month: date) -> SplitView:
    """The split of a local month that has begun.

    Raises:
        RequestProblem: no such outdoor unit, or it is not split.
    """

    def work() -> SplitView:
        units = context.books.standing().splits.outdoor_units().values()
        if all(unit.id != outdoor for unit in units):
            raise unknown(OUTDOOR, outdoor)
        return told(SplitView, context.books.month_split(outdoor, month), context.site.zone)

    return await context.reckon(work)
