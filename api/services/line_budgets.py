"""What the polls of each line need by reckoning, to be put beside what was measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from api.shapes import Bilingual, Shape
from facility.model.line_budget import (
    NATIONAL_THINKING_S,
    NEARLY_FULL,
    THINKING_S,
    LineBudget,
    PeriodBudget,
    budget_of,
    polled_line,
)
from facility.model.line_relief import reliefs

if TYPE_CHECKING:
    from facility.model import Site


class PeriodView(Shape):
    """What is read once in `period_s`: the poll classes that have this period, requests and seconds of one round."""

    classes: list[str]
    period_s: float
    requests: int
    round_s: float
    share: float


class ProposalView(Shape):
    """A change that would make the line fit, and the share it (of several lines, the fullest) would then need."""

    text: Bilingual
    share: float


class BudgetView(Shape):
    """What the polls of a line need of every second. `share` is 0 or more, above 1 the line cannot do it; `cycle_s` is
    what reading everything once takes; `probe_share` the probes of one device that does not answer. Devices are assumed
    to think for `thinking_ms` (national meters: `national_thinking_ms`). `proposals` only where it is over `limit`.
    """

    share: float
    limit: float
    cycle_s: float
    requests: int
    points: int
    probe_share: float
    periods: list[PeriodView]
    thinking_ms: float
    national_thinking_ms: float
    proposals: list[ProposalView]


class LineBudgets:
    """The budgets of the site's lines, reckoned once for each site."""

    def __init__(self) -> None:
        self._site: Site | None = None
        self._found: Mapping[str, BudgetView] = {}

    def of(self, site: Site) -> Mapping[str, BudgetView]:
        """By line; lines that are not polled have none."""
        if self._site is not site:
            self._found = {name: _view(site, name, budget) for name, budget in budget_of(site).items()}
            self._site = site
        return self._found


def _view(site: Site, name: str, budget: LineBudget) -> BudgetView:
    is_full = budget.share > NEARLY_FULL
    return BudgetView(
        share=budget.share,
        limit=NEARLY_FULL,
        cycle_s=budget.round_s,
        requests=budget.requests,
        points=budget.points,
        probe_share=budget.probe_share,
        periods=[_period(period) for period in budget.periods],
        thinking_ms=THINKING_S * 1e3,
        national_thinking_ms=NATIONAL_THINKING_S * 1e3,
        proposals=[
            ProposalView(text=Bilingual.of(relief.text), share=relief.share)
            for relief in (reliefs(polled_line(site, name)) if is_full else ())
        ],
    )


def _period(period: PeriodBudget) -> PeriodView:
    return PeriodView(
        classes=[name.value for name in period.classes],
        period_s=period.period_s,
        requests=period.requests,
        round_s=period.round_s,
        share=period.share,
    )
