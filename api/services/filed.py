"""The filings on a monthly statement: what was in force for the office, for how long, and what it cost."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from api.context import ApiContext
from api.services.filing_views import KINDS, PHASES, RelaxationView, ScopeView
from api.shapes import Bilingual, Shape
from facility.books.filed import FiledLine
from facility.filings import FilingKind


class FiledView(Shape):
    """A filing that concerned the office in the month.

    `held_h`: hours of the month over which it was in force; `beyond_h`: of these, hours outside the window and on days
    of rest that it opened. `energy_kwh`: electricity of the office's air-conditioning in those hours, None where it is
    not known or not told apart (`why`); `complete` says whether all of it is known. Hours of filings that overlap
    stand with each of them.
    """

    id: int
    kind: FilingKind
    kind_text: Bilingual
    phase_text: Bilingual
    applicant: str
    places: Bilingual
    begins: datetime
    end: datetime
    relaxed: Bilingual
    reason: str
    reference: str
    late: bool
    held_h: float
    beyond_h: float
    energy_kwh: float | None
    complete: bool
    why: Bilingual | None


def filed_views(context: ApiContext, lines: Iterable[FiledLine]) -> list[FiledView]:
    """By number."""
    return [_view(context, line) for line in lines]


def _view(context: ApiContext, line: FiledLine) -> FiledView:
    filing, use = line.filing, line.use
    return FiledView(
        id=filing.id,
        kind=filing.kind,
        kind_text=Bilingual.of(KINDS[filing.kind]),
        phase_text=Bilingual.of(PHASES[filing.phase(context.clock.now())]),
        applicant=filing.applicant.name,
        places=ScopeView.of(context.site, filing.scope).places,
        begins=context.local(filing.begins),
        end=context.local(filing.end),
        relaxed=RelaxationView.of(filing).text,
        reason=filing.reason,
        reference=filing.reference,
        late=filing.late,
        held_h=use.held_h,
        beyond_h=use.beyond_h,
        energy_kwh=use.energy_kwh,
        complete=use.complete,
        why=None if use.why is None else Bilingual.of(use.why),
    )
