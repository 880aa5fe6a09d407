"""Workbooks (XLSX): text is always text, never a formula; numbers are numbers; what is missing is an empty cell."""

from __future__ import annotations

import contextlib
import re
import tempfile
from collections.abc import Iterable, Sequence
from typing import IO, Any, Final

import xlsxwriter

from api.reports.table import plain
from facility.text import Language, Text

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAX_ROWS: Final = 1_048_576
"""Of a sheet, its head among them (Excel specifications and limits)."""

_STRANGE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_LONGEST: Final = 32_767
_SHEET_WORDS: Final = re.compile(r"[\[\]:*?/\\']")
_OPTIONS: Final = {
    "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
}  # fmt: skip


class Workbook:
    """A workbook written row by row, in memory that does not grow with it. Sheets are written one after the other;
    `close` completes the file.

    Args:
        file: where it is written to.
        language: of all texts that have two.
    """

    def __init__(self, file: IO[bytes], language: Language) -> None:
        self._book = xlsxwriter.Workbook(file, _OPTIONS)
        self._language = language
        self.bold: Any = self._book.add_format({"bold": True})

    def close(self) -> None:
        """Completes the file."""
        self._book.close()

    def sheet(self, name: Text, columns: Sequence[str | Text]) -> Sheet:
        """A new sheet with its head line; `columns` () for one without."""
        title = _SHEET_WORDS.sub(" ", name.in_language(self._language))[:31]
        made = Sheet(self._book.add_worksheet(title), self._language)
        if columns:
            made.add(columns, self.bold)
        return made


class Sheet:
    """One sheet, written from top to bottom."""

    def __init__(self, sheet: Any, language: Language) -> None:
        self._sheet = sheet
        self._language = language
        self._row = 0
        sheet.set_column(0, 40, 16)

    def add(self, cells: Iterable[Any], style: Any = None) -> None:
        """One row."""
        for place, cell in enumerate(cells):
            self._write(place, cell, style)
        self._row += 1

    def add_all(self, rows: Iterable[Iterable[Any]]) -> None:
        """Several rows."""
        for row in rows:
            self.add(row)

    def _write(self, place: int, cell: Any, style: Any) -> None:
        value = plain(cell, self._language)
        if value is None:
            return
        if isinstance(value, bool):
            self._sheet.write_boolean(self._row, place, value, style)
        elif isinstance(value, str):
            self._sheet.write_string(self._row, place, _STRANGE.sub("", value)[:_LONGEST], style)
        else:
            self._sheet.write_number(self._row, place, value, style)


def workbook_of(
    title: Text, columns: Sequence[str | Text], rows: Iterable[Iterable[Any]], language: Language
) -> IO[bytes]:
    """One table as a workbook in an unnamed file, at its start, which the caller closes."""
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(tempfile.TemporaryFile(prefix="houqin-table-"))
        book = Workbook(file, language)
        try:
            book.sheet(title, columns).add_all(rows)
        finally:
            book.close()
        file.seek(0)
        stack.pop_all()
    return file
