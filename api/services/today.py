"""What the main meters counted today. Every open board asks for it, so it is worked out once a minute at most."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from facility.accounting.amounts import added
from facility.accounting.metering import Medium
from facility.books.figures import Figure, figure, no_figure
from facility.books.metering import edges
from facility.local_days import local_date, midnight
from facility.readings import to_us

if TYPE_CHECKING:
    from api.context import ApiContext
    from facility.books.books import Books

FRESH: Final = timedelta(minutes=1)
"""Clock time for which a figure is shown again."""

FRESH_WALL_S: Final = 2.0
"""The same in wall time, where the clock runs fast."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """A figure, of which local day and from when it is."""

    start: datetime
    made: datetime
    use: Figure


class Today:
    """Today's use by medium. Touched from the event loop's thread only."""

    def __init__(self) -> None:
        self._kept: dict[Medium, _Kept] = {}

    def forget(self) -> None:
        """Works everything out anew when asked next."""
        self._kept.clear()

    async def use(self, context: ApiContext, medium: Medium) -> Figure:
        """What the main meters of a medium counted since local midnight; `value` None when nothing is known."""
        now = context.clock.now()
        start = midnight(local_date(now, context.site.zone), context.site.zone)
        kept = self._kept.get(medium)
        longest = max(FRESH, timedelta(seconds=FRESH_WALL_S * context.clock.pace))
        if kept is not None and kept.start == start and timedelta(0) <= now - kept.made < longest:
            return kept.use
        if now <= start:
            return no_figure()
        use = await context.reckon(_mains, context.books, medium, to_us(start), to_us(now))
        self._kept[medium] = _Kept(start=start, made=now, use=use)
        return use


def _mains(books: Books, medium: Medium, start_us: int, end_us: int) -> Figure:
    nodes = books.standing().usage().nodes(medium)
    span = edges([start_us, end_us])
    mains = [books.account(node.id, span).amounts for node in nodes if node.parent is None]
    return figure(added(mains)) if mains else no_figure()
