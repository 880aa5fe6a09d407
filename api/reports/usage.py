"""Tables of use as JSON, CSV or a workbook, written while they are reckoned."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncGenerator, Iterator
from typing import IO, Any, Final

import orjson

from api.context import ApiContext
from api.problems import too_much
from api.reports.columns import HEAD, csv_head, csv_rows, json_rows, rows
from api.reports.workbook import MAX_ROWS, Sheet, Workbook
from api.services.usage import Asked, Extras, Silences, stretch_of, told_tables, turn
from api.services.use_extras import Terms, With
from facility.accounting.metering import unit_of
from facility.books.usage import UsageTable
from facility.text import Language, Text

SHEET: Final = Text("用量", "Use")
TERMS: Final = Text("依据", "Terms")
BLOCKS: Final = Text("跨行中断期间的用量", "Counted in silences across rows")


async def usage_json(context: ApiContext, found: Asked) -> AsyncGenerator[bytes]:
    """The table as one JSON object, piece by piece.

    Raises:
        RequestProblem: too many large tables are being written.
    """
    with turn(context, found):
        head = {"unit": unit_of(found.medium), "by": found.by, "medium": found.medium, "every": found.every}
        yield orjson.dumps(head)[:-1] + b',"rows":['
        silences, terms, started = Silences(context), Terms(), False
        async for table, extras in told_tables(context, found, terms):
            silences.add(table)
            piece = await asyncio.to_thread(_json_piece, context, table, extras)
            if piece:
                yield b"," + piece if started else piece
                started = True
        yield b"]," + orjson.dumps(_tail(found, silences, terms))[1:]


def _tail(found: Asked, silences: Silences, terms: Terms) -> dict[str, Any]:
    tail: dict[str, Any] = {"blocks": [block.model_dump(mode="json") for block in silences.views()]}
    if With.COST in found.extras:
        tail["costs"] = terms.cost().model_dump(mode="json")
    if With.COAL in found.extras or With.CO2 in found.extras:
        factors: dict[str, dict[str, Any]] = {}
        for (name, year), reckoned in terms.factors.items():
            factors.setdefault(name, {})[str(year)] = reckoned.model_dump(mode="json")
        tail["factors"] = factors
    return tail


def _json_piece(context: ApiContext, table: UsageTable, extras: Extras) -> bytes:
    return json_rows(stretch_of(context, table, extras))


async def usage_csv(context: ApiContext, found: Asked, language: Language) -> AsyncGenerator[bytes]:
    """The rows as CSV, piece by piece.

    Raises:
        RequestProblem: too many large tables are being written.
    """
    with turn(context, found):
        yield csv_head(found.fields)
        async for table, extras in told_tables(context, found, Terms()):
            yield await asyncio.to_thread(_csv_piece, context, table, extras, language)


def _csv_piece(context: ApiContext, table: UsageTable, extras: Extras, language: Language) -> bytes:
    return csv_rows(stretch_of(context, table, extras), language)


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
    """The table as a workbook in an unnamed file, at its start, which the caller closes.

    Raises:
        RequestProblem: too many large tables are being written.
    """
    with turn(context, found), contextlib.ExitStack() as stack:
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
    sheet = book.sheet(SHEET, [*HEAD, *found.fields])
    silences, terms = Silences(context), Terms()
    async for table, extras in told_tables(context, found, terms):
        silences.add(table)
        await asyncio.to_thread(_sheet_piece, context, table, extras, sheet, language)
    blocks = book.sheet(BLOCKS, ["meter", "name", "start", "end", "value"])
    blocks.add_all([item.meter, item.name, item.start, item.end, item.value] for item in silences.views())
    if found.extras:
        book.sheet(TERMS, ["field", "year", "factor", "unit", "region", "source"]).add_all(_term_lines(terms))


def _sheet_piece(context: ApiContext, table: UsageTable, extras: Extras, sheet: Sheet, language: Language) -> None:
    sheet.add_all(rows(stretch_of(context, table, extras), language))


def _term_lines(terms: Terms) -> Iterator[list[Any]]:
    """What costs and factors rest on."""
    for version in terms.tariffs:
        yield ["cost_yuan", None, None, None, None, version]
    for note in terms.notes:
        yield ["cost_yuan", None, None, None, None, note]
    for (name, year), reckoned in terms.factors.items():
        factor = reckoned.factor
        if factor is None:
            yield [name, year, None, None, None, reckoned.why]
        else:
            yield [name, year, factor.value, factor.unit, factor.region, factor.source]
