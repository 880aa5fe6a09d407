"""Tables of use as JSON, CSV or a workbook, written while they are reckoned."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncGenerator
from typing import IO, Final

import orjson

from api.context import ApiContext
from api.problems import too_much
from api.reports.columns import HEAD, csv_head, csv_rows, json_rows, rows
from api.reports.workbook import MAX_ROWS, Sheet, Workbook
from api.services.usage import FIELDS, Asked, Silences, stretch_of, tables
from facility.accounting.metering import unit_of
from facility.books.usage import UsageTable
from facility.text import Language, Text

SHEET: Final = Text("用量", "Use")
BLOCKS: Final = Text("跨行中断期间的用量", "Counted in silences across rows")


async def usage_json(context: ApiContext, found: Asked) -> AsyncGenerator[bytes]:
    """The table as one JSON object, piece by piece."""
    head = {"unit": unit_of(found.medium), "by": found.by, "medium": found.medium, "every": found.every}
    yield orjson.dumps(head)[:-1] + b',"rows":['
    silences, started = Silences(context), False
    async for table in tables(context, found):
        silences.add(table)
        piece = await asyncio.to_thread(_json_piece, context, table)
        if piece:
            yield b"," + piece if started else piece
            started = True
    blocks = [block.model_dump(mode="json") for block in silences.views()]
    yield b'],"blocks":' + orjson.dumps(blocks) + b"}"


def _json_piece(context: ApiContext, table: UsageTable) -> bytes:
    return json_rows(stretch_of(context, table))


async def usage_csv(context: ApiContext, found: Asked, language: Language) -> AsyncGenerator[bytes]:
    """The rows as CSV, piece by piece."""
    yield csv_head(FIELDS)
    async for table in tables(context, found):
        yield await asyncio.to_thread(_csv_piece, context, table, language)


def _csv_piece(context: ApiContext, table: UsageTable, language: Language) -> bytes:
    return csv_rows(stretch_of(context, table), language)


def check_fits_sheet(found: Asked) -> None:
    """Whether the rows fit a sheet.

    Raises:
        RequestProblem: they do not.
    """
    if found.rows >= MAX_ROWS:
        raise too_much(
            Text(f"共 {found.rows} 行,一张工作表最多 {MAX_ROWS - 1} 行",
                 f"that is {found.rows} rows; a sheet holds {MAX_ROWS - 1}"),
            Text("请用 format=csv,或缩短时间范围、加大 every", "take format=csv, a shorter time or a larger `every`"),
        )  # fmt: skip


async def usage_workbook(context: ApiContext, found: Asked, language: Language) -> IO[bytes]:
    """The table as a workbook in an unnamed file, at its start, which the caller closes."""
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(tempfile.TemporaryFile(prefix="houqin-usage-"))
        book = Workbook(file, language)
        try:
            await _fill(context, found, book, language)
        finally:
            await asyncio.to_thread(book.close)
        file.seek(0)
        stack.pop_all()
    return file


async def _fill(context: ApiContext, found: Asked, book: Workbook, language: Language) -> None:
    sheet = book.sheet(SHEET, [*HEAD, *FIELDS])
    silences = Silences(context)
    async for table in tables(context, found):
        silences.add(table)
        await asyncio.to_thread(_sheet_piece, context, table, sheet, language)
    blocks = book.sheet(BLOCKS, ["meter", "name", "start", "end", "value"])
    blocks.add_all([item.meter, item.name, item.start, item.end, item.value] for item in silences.views())


def _sheet_piece(context: ApiContext, table: UsageTable, sheet: Sheet, language: Language) -> None:
    sheet.add_all(rows(stretch_of(context, table), language))
