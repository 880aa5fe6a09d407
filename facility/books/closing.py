"""Closing a month: its statements are kept as they were told, and corrected only by lines in the month that is open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from pydantic import TypeAdapter

from facility.accounting.entries import ClosedMonth, Posting
from facility.accounting.metering import Medium
from facility.accounting.tree import UNALLOCATED
from facility.books.figures import StatementFigures
from facility.books.filed import FiledLine
from facility.books.month_book import MonthBook
from facility.journal.closing import sha256_of
from facility.local_days import month_text

FORMAT: Final = 2
"""Of documents that are closed from now on: 2 has `filings` beside 1's statements. What was closed stays as it is."""
LEAST: Final = 0.005
"""A figure that differs by less is the same: statements are told to the hundredth."""

_STATEMENT: Final = TypeAdapter(StatementFigures)
_FILED: Final = TypeAdapter(FiledLine)

Filed = tuple[FiledLine, ...]


def closed_of(
    book: MonthBook, statements: Mapping[str, StatementFigures], filed: Mapping[str, Filed], closed_us: int, by: str
) -> ClosedMonth:  # fmt: skip
    """The month as it stands now, for good."""
    document: dict[str, Any] = {
        "format": FORMAT,
        "month": month_text(book.month),
        "statements": {office: _STATEMENT.dump_python(found, mode="json") for office, found in statements.items()},
        "unallocated": {medium.value: book.unallocated(medium).value for medium in Medium},
        "filings": {office: [_filed_document(line) for line in lines] for office, lines in filed.items()},
    }
    return ClosedMonth(
        month=month_text(book.month), closed_us=closed_us, by=by, document=document, sha256=sha256_of(document)
    )  # fmt: skip


def closed_statement(closed: ClosedMonth, office: str) -> StatementFigures | None:
    """An office's statement as it was closed, None where it had none."""
    statements: Any = closed.document["statements"]
    if office not in statements:
        return None
    told: dict[str, Any] = statements[office] | {"closed_us": closed.closed_us, "sha256": closed.sha256}
    return _STATEMENT.validate_python(_plain(told), strict=False)


def closed_filings(closed: ClosedMonth, office: str) -> Filed | None:
    """The filings of an office as they were closed, None in a month that was closed without any (format 1)."""
    filed: Any = closed.document.get("filings", {})
    if office not in filed:
        return None
    return tuple(_FILED.validate_json(orjson.dumps(line)) for line in filed[office])


def _filed_document(line: FiledLine) -> Any:
    """A scope's ids in order: the same line is always the same document."""
    document = _FILED.dump_python(line, mode="json")
    scope = document["filing"]["scope"]
    document["filing"]["scope"] = {sort: sorted(ids) for sort, ids in scope.items()}
    return document


def _plain(document: dict[str, Any]) -> Any:
    return orjson.loads(orjson.dumps(document))


@dataclass(frozen=True, slots=True, kw_only=True)
class Restated:
    """What an office used of a medium as it is booked and as it is reckoned now; None: not known. `main_known`: whether
    the main meters tell anything now.
    """

    office: str
    medium: Medium
    booked: float | None
    now: float | None
    main_known: bool

    @property
    def differs(self) -> bool:
        """Whether a correction is due. What is not known now cannot be booked, but what was booked is taken off: others
        have it now. Where the main meters are not known either, readings are gone, and the books stand.
        """
        if self.now is None:
            return self.main_known and self.booked is not None and abs(self.booked) >= LEAST
        return self.booked is None or abs(self.now - self.booked) >= LEAST


def restated(book: MonthBook, closed: ClosedMonth) -> list[Restated]:
    """Every figure of a closed month beside what it would be now, corrections already booked among what is booked."""
    booked = _booked(closed)
    for posting in book.standing.facts.postings:
        if posting.of_month == closed.month:
            key = (posting.office, posting.medium)
            booked[key] = (booked.get(key) or 0.0) + posting.amount
    found = []
    for office in (*book.standing.site.offices, UNALLOCATED):
        for medium in Medium:
            left = book.unallocated(medium)
            now = left if office == UNALLOCATED else book.total(office, medium)
            found.append(
                Restated(
                    office=office,
                    medium=medium,
                    booked=booked.get((office, medium.value)),
                    now=now.value,
                    main_known=left.value is not None,
                )
            )
    return found


def _booked(closed: ClosedMonth) -> dict[tuple[str, str], float | None]:
    statements: Any = closed.document["statements"]
    unallocated: Any = closed.document["unallocated"]
    booked = {
        (office, part["medium"]): part["total"]["value"]
        for office, statement in statements.items()
        for part in statement["media"]
    }
    return booked | {(UNALLOCATED, medium): value for medium, value in unallocated.items()}


def postings(found: Iterable[Restated], *, of_month: str, month: str, reason: str) -> list[Posting]:
    """The lines that correct a closed month in the open one: the old figure taken off, the new one booked."""
    lines = []
    for line in found:
        if not line.differs:
            continue
        if line.booked is not None and line.booked != 0.0:
            lines.append(_posting(line, of_month, month, "reversal", -line.booked, reason))
        if line.now is not None:
            lines.append(_posting(line, of_month, month, "booking", line.now, reason))
    return lines


def _posting(line: Restated, of_month: str, month: str, kind: Any, amount: float, reason: str) -> Posting:  # noqa: PLR0917
    return Posting(
        month=month,
        of_month=of_month,
        office=line.office,
        medium=line.medium.value,
        kind=kind,
        amount=amount,
        reason=reason,
    )
