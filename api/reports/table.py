"""Rows as CSV that Excel opens with Chinese intact and never takes for formulas."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from pydantic import BaseModel

from api.shapes import Bilingual
from facility.text import Language, Text

BOM: Final = "\ufeff"
"""Tells Excel that the file is UTF-8."""

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def table_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]], language: Language) -> str:
    """A table with its head line. Missing values are empty cells, times ISO 8601 with offset."""
    output = io.StringIO()
    output.write(BOM)
    writer = csv.writer(output, lineterminator="\r\n")
    writer.writerow([cell(column, language) for column in columns])
    for row in rows:
        writer.writerow([cell(value, language) for value in row])
    return output.getvalue()


def models_csv(model: type[BaseModel], rows: Iterable[BaseModel], language: Language) -> str:
    """One line per model, its fields as columns; texts in the reader's language, fields of fields as `a.b`."""
    columns, lines = model_lines(model, rows)
    return table_csv(columns, lines, language)


def model_lines(model: type[BaseModel], rows: Iterable[BaseModel]) -> tuple[list[str], Iterator[list[Any]]]:
    """The columns of a model, and a line for each."""
    columns = list(_columns(model))
    return [".".join(path) for path in columns], ([_value(row, path) for path in columns] for row in rows)


def cell(value: Any, language: Language) -> Any:
    """A value as a cell of CSV. Text that a spreadsheet would take for a formula gets a leading apostrophe."""
    shown = plain(value, language)
    if shown is None or isinstance(shown, bool):
        return "" if shown is None else str(shown).lower()
    return guarded(shown) if isinstance(shown, str) else shown


def plain(value: Any, language: Language) -> str | int | float | bool | None:
    """A value as a number, a truth or a text in the reader's language; None where it is missing."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Bilingual | Text):
        return value.in_language(language)
    if isinstance(value, list | tuple):
        return "; ".join(_inside(item, language) for item in value)
    if isinstance(value, BaseModel):
        return _told(value, language)
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {_inside(item, language)}" for key, item in value.items())
    return str(value)


def _inside(value: Any, language: Language) -> str:
    shown = plain(value, language)
    return "" if shown is None else str(shown).lower() if isinstance(shown, bool) else str(shown)


def _told(value: BaseModel, language: Language) -> str:
    """A model in one cell: what it says to people, with its clause; as JSON where it says nothing."""
    text, clause = getattr(value, "text", None), getattr(value, "clause", None)
    if not isinstance(text, Bilingual):
        return value.model_dump_json()
    said = text.in_language(language)
    return said if clause is None else f"{said} ({clause})"


def guarded(text: str) -> str:
    """`text` without control characters, and never a formula."""
    clean = _CONTROL.sub("", text)
    return f"'{clean}" if clean.startswith(_FORMULA) else clean


def _columns(model: type[BaseModel]) -> Iterable[tuple[str, ...]]:
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel) and not issubclass(kind, Bilingual):
            yield from ((name, *rest) for rest in _columns(kind))
        else:
            yield (name,)


def _value(row: BaseModel, path: tuple[str, ...]) -> Any:
    value: Any = row
    for name in path:
        value = getattr(value, name)
    return value
