"""The monthly statement as a CSV file and as a workbook."""

from __future__ import annotations

import contextlib
import tempfile
from typing import IO, Final

from api.reports.filed import FILINGS, HEAD, filed_lines, filed_summary
from api.reports.observed import HEAD as OBSERVED_HEAD
from api.reports.observed import OBSERVANCE, observed_lines, observed_summary
from api.reports.statement_lines import (
    SOURCES_HEAD,
    SUMMARY_HEAD,
    day_head,
    day_lines,
    source_lines,
    split_lines,
    summary_lines,
)
from api.reports.table import table_csv
from api.reports.workbook import Workbook
from api.services.statement import Statement
from facility.text import Language, Text

SUMMARY: Final = Text("汇总", "Summary")
DAYS: Final = Text("每日", "Days")
SPLITS: Final = Text("空调分摊", "Air-conditioning split")
SOURCES: Final = Text("来源", "Sources")


def statement_csv(found: Statement, language: Language) -> str:
    """One line per day, then the month's total, per head, per square metre, allowance, cost, coal, comparisons,
    filings and how the rules were kept. Energy in kWh; an empty cell means that nothing is known, never zero.
    """
    first, *others = (name if isinstance(name, str) else name.in_language(language) for name in day_head(found))
    title = f"{found.name.in_language(language)} {found.month}"
    rows = [
        *day_lines(found),
        *summary_lines(found),
        *filed_summary(found.filings),
        *observed_summary(found.observance),
    ]
    return table_csv([f"{title} {first}", *others], rows, language)


def statement_workbook(found: Statement, language: Language) -> IO[bytes]:
    """The statement as a workbook of several sheets in an unnamed file, at its start, which the caller closes."""
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(tempfile.TemporaryFile(prefix="houqin-statement-"))
        book = Workbook(file, language)
        try:
            _fill(book, found)
        finally:
            book.close()
        file.seek(0)
        stack.pop_all()
    return file


def _fill(book: Workbook, found: Statement) -> None:
    summary = book.sheet(SUMMARY, SUMMARY_HEAD)
    summary.add([found.name, found.total, found.unit, f"{found.month}"], book.bold)
    summary.add_all(summary_lines(found))
    days = book.sheet(DAYS, day_head(found))
    days.add_all(day_lines(found))
    splits = book.sheet(SPLITS, ())
    for split in found.splits:
        splits.add_all(split_lines(split))
        splits.add([])
    filings = book.sheet(FILINGS, HEAD)
    filings.add_all(filed_lines(found.filings))
    rules = book.sheet(OBSERVANCE, OBSERVED_HEAD)
    rules.add_all(observed_lines(found.observance))
    sources = book.sheet(SOURCES, SOURCES_HEAD)
    sources.add_all(source_lines(found))
