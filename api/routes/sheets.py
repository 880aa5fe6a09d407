"""Tables that may also be had as CSV files and workbooks, and answers written while they are reckoned."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from contextlib import aclosing
from typing import IO, Any, Final, Literal

from fastapi import Request
from pydantic import BaseModel
from starlette.responses import Response, StreamingResponse

from api.errors import language_of
from api.reports.table import model_lines, plain, table_csv
from api.reports.workbook import XLSX, workbook_of
from api.routes.answers import CSV, Query, answer, csv_file
from facility.text import Text

TABLES: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The table / 表格",
        "content": {
            CSV.partition(";")[0]: {"schema": {"type": "string"}},
            XLSX: {"schema": {"type": "string", "format": "binary"}},
        },
    }
}
"""What a table is answered as, beside JSON."""


PIECE_BYTES: Final = 1 << 16


class SheetQuery(Query):
    """A query whose answer may also be a CSV file or a workbook."""

    format: Literal["json", "csv", "xlsx"] = "json"


async def sheet(  # noqa: PLR0917 - what a table is
    request: Request,
    query: SheetQuery,
    whole: BaseModel,
    title: Text,
    columns: Sequence[str | Text],
    lines: Iterable[Sequence[Any]],
    name: str,
) -> Response:
    """`whole` as JSON, or the `lines` of its table as CSV or workbook called `name`, which is made by us."""
    language = language_of(request)
    match query.format:
        case "json":
            return answer(whole)
        case "csv":
            return csv_file(table_csv([str(plain(column, language)) for column in columns], lines, language), name)
        case "xlsx":
            book = await asyncio.to_thread(workbook_of, title, columns, lines, language)
            return workbook_to_keep(book, f"{name}.xlsx")


async def model_sheet(  # noqa: PLR0917 - what a table is
    request: Request,
    query: SheetQuery,
    whole: BaseModel,
    title: Text,
    row: type[BaseModel],
    rows: Iterable[BaseModel],
    name: str,
) -> Response:
    """The same for a table of models: their fields are its columns."""
    columns, lines = model_lines(row, rows)
    return await sheet(request, query, whole, title, columns, lines, name)


async def streamed(pieces: AsyncGenerator[bytes], media_type: str, *, name: str | None = None) -> Response:
    """An answer in pieces, the first two of which are at hand before anything is sent: what cannot be reckoned at all
    is still told as a problem. With `name`, made by us, it is a file to keep.
    """
    first = [piece for _ in range(2) if (piece := await anext(pieces, None)) is not None]

    async def all_pieces() -> AsyncIterator[bytes]:
        async with aclosing(pieces):
            for piece in first:
                yield piece
            async for piece in pieces:
                yield piece

    return StreamingResponse(all_pieces(), media_type=media_type, headers=_kept_as(name))


def workbook_to_keep(file: IO[bytes], name: str) -> Response:
    """A workbook to keep, read from the start of `file`, which is closed in the end; `name` is made by us."""

    async def pieces() -> AsyncIterator[bytes]:
        with file:
            while piece := await asyncio.to_thread(file.read, PIECE_BYTES):
                yield piece

    return StreamingResponse(pieces(), media_type=XLSX, headers=_kept_as(name))


def _kept_as(name: str | None) -> dict[str, str]:
    return {} if name is None else {"Content-Disposition": f'attachment; filename="{name}"'}
