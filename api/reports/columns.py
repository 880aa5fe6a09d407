"""Tables of many rows, written from columns: one piece of text per stretch, never an object per row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt
import orjson

from api.reports.table import BOM, guarded
from facility.series import Values
from facility.text import Language, Text


class Column(Protocol):
    """One column of one key's rows."""

    def tokens(self) -> Iterable[bytes]:
        """Each value as JSON."""
        ...

    def cells(self) -> Iterable[Any]:
        """Each value as a cell: number, text, truth, or None where it is missing."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """Numbers; NaN is missing."""

    values: Values

    def tokens(self) -> Iterable[bytes]:
        """`null` where it is missing."""
        if not len(self.values):
            return ()
        written = orjson.dumps(np.ascontiguousarray(self.values), option=orjson.OPT_SERIALIZE_NUMPY)
        return written[1:-1].split(b",")

    def cells(self) -> Iterable[Any]:
        """None where it is missing."""
        return [None if value != value else value for value in self.values.tolist()]  # noqa: PLR0124 - NaN


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Places in a list of words; a word may be any value that JSON has."""

    places: npt.NDArray[np.integer[Any]]
    words: Sequence[Any]

    def tokens(self) -> Iterable[bytes]:
        """As JSON."""
        written = [orjson.dumps(word) for word in self.words]
        return [written[place] for place in self.places.tolist()]

    def cells(self) -> Iterable[Any]:
        """As they are."""
        return [self.words[place] for place in self.places.tolist()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Rows of several keys over the same intervals.

    Attributes:
        starts, ends: ISO 8601 with offset, one of each an interval.
        names: every key with its name, in the order of the rows.
        columns: key -> field -> its column; all keys have the same fields in the same order.
    """

    starts: Sequence[str]
    ends: Sequence[str]
    names: Mapping[str, Text]
    columns: Mapping[str, Mapping[str, Column]]

    def __len__(self) -> int:
        return len(self.names) * len(self.starts)


HEAD: Final = ("key", "name", "start", "end")
"""What every row begins with."""


def json_rows(stretch: Stretch) -> bytes:
    """The rows as JSON objects with commas between them; nothing where there are none."""
    spans = [
        b'"start":"%b","end":"%b"' % (start.encode(), end.encode())
        for start, end in zip(stretch.starts, stretch.ends, strict=True)
    ]
    return b",".join(line for key in stretch.names for line in _json_of(stretch, key, spans))


def _json_of(stretch: Stretch, key: str, spans: Sequence[bytes]) -> Iterator[bytes]:
    columns = stretch.columns[key]
    head = b'{"key":%b,"name":%b,' % (orjson.dumps(key), orjson.dumps(stretch.names[key]._asdict()))
    fields = b"".join(b",%b:%%b" % orjson.dumps(field) for field in columns)
    template = head.replace(b"%", b"%%") + b"%b" + fields + b"}"
    rows = zip(spans, *(column.tokens() for column in columns.values()), strict=True)
    return (template % row for row in rows)


def rows(stretch: Stretch, language: Language) -> Iterator[list[Any]]:
    """The rows as cells, not guarded: for a workbook, whose text is never a formula."""
    for key, name in stretch.names.items():
        head = (key, name.in_language(language))
        cells = (column.cells() for column in stretch.columns[key].values())
        for row in zip(stretch.starts, stretch.ends, *cells, strict=True):
            yield [*head, *row]


def csv_head(fields: Sequence[str]) -> bytes:
    """The head line, with what tells Excel that the file is UTF-8."""
    return (BOM + ",".join([*HEAD, *fields]) + "\r\n").encode()


def csv_rows(stretch: Stretch, language: Language) -> bytes:
    """The rows as lines of CSV; text that looks like a formula gets a leading apostrophe, what is missing is empty."""
    output = io.StringIO()
    writer = csv.writer(output, lineterminator="\r\n")
    writer.writerows([_plain(value) for value in row] for row in rows(stretch, language))
    return output.getvalue().encode()


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return guarded(value)
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else value
