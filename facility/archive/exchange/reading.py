"""Opens foreign tables: CSV, long or wide, and Parquet."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Final

from facility.archive.exchange.cells import RowProblem, unguarded
from facility.archive.exchange.intake import Cells, Findings, Rules, taken
from facility.errors import ArchiveRefused
from facility.readings import Batch
from facility.text import Text

_LONG: Final = {"point", "value"}
_DELIMITERS: Final = ",;\t"
_ROWS_AT_ONCE: Final = 20_000
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")


def readings_of(path: Path, rules: Rules, findings: Findings) -> Iterator[Batch]:
    """The good readings of a file, in its order; what is wrong with others goes to `findings`.

    Raises:
        ArchiveRefused: the file as a whole is no table of readings.
    """
    if _starts_with(path, 4) == b"PAR1":
        yield from _parquet(path, rules, findings)
    else:
        yield from _csv(path, rules, findings)


def _starts_with(path: Path, size: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(size)
    except OSError as error:
        raise ArchiveRefused(
            Text(f"打不开 {path}:{error.strerror}", f"{path} cannot be opened: {error.strerror}")
        ) from error


def _csv(path: Path, rules: Rules, findings: Findings) -> Iterator[Batch]:
    if _starts_with(path, 2) in _UTF16 and not rules.encoding.lower().startswith("utf-16"):
        raise _not_decoded(path, rules, 1)
    try:
        with path.open(encoding=rules.encoding, newline="") as file:
            yield from _rows_of(file, path, rules, findings)
    except LookupError as error:
        raise ArchiveRefused(
            Text(f"编码 {rules.encoding} 未知", f"the encoding {rules.encoding} is not known")
        ) from error


def _rows_of(file: IO[str], path: Path, rules: Rules, findings: Findings) -> Iterator[Batch]:
    reader: Any = None
    try:
        head_line = file.readline()
        delimiter = max(_DELIMITERS, key=head_line.count)
        columns = _checked_columns(next(csv.reader([head_line], delimiter=delimiter, strict=True), []), path, rules)
        wide = _wide(columns, path, rules)
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        yield from taken(_cells(reader, columns, long=wide is None), path, rules, findings, wide)
    except UnicodeDecodeError as error:
        raise _not_decoded(path, rules, 1 if reader is None else reader.line_num + 2) from error
    except csv.Error as error:
        line = 1 if reader is None else reader.line_num + 1
        raise ArchiveRefused(
            Text(
                f"{path} 第 {line} 行起不是 CSV({error});未导入任何数据",
                f"{path} is no CSV from line {line} on ({error}); nothing was imported",
            )
        ) from error


def _not_decoded(path: Path, rules: Rules, line: int) -> ArchiveRefused:
    other = "gb18030" if rules.encoding.startswith("utf") else "utf-8-sig"
    return ArchiveRefused(
        Text(
            f"{path} 第 {line} 行附近不是 {rules.encoding} 编码;试试 --encoding {other}(或 utf-16);未导入任何数据",
            f"{path} is not {rules.encoding} around line {line}; try --encoding {other} (or utf-16); "
            "nothing was imported",
        )
    )


def _checked_columns(columns: list[str], path: Path, rules: Rules) -> list[str]:
    names = [name.strip() for name in columns]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if rules.time_column not in names or doubled:
        raise ArchiveRefused(
            Text(
                f"{path} 的表头应有一列 {rules.time_column}(可用 --time-column 指定)且各列不重名;"
                f"实际为 {', '.join(names)[:200]}",
                f"the head line of {path} should have a column {rules.time_column} (or --time-column), and none twice; "
                f"it is {', '.join(names)[:200]}",
            )
        )
    if "completeness" in names:
        raise ArchiveRefused(
            Text(
                f"{path} 是按时段汇总的表,不是读数;请用 raw 导出",
                f"{path} holds aggregated intervals, not readings; export raw",
            )
        )
    return names


def _wide(columns: Sequence[str], path: Path, rules: Rules) -> list[tuple[str, str]] | None:
    """Column and point of each column of a wide table, None for a long one."""
    if set(columns) >= _LONG and not rules.columns:
        return None
    points = {column: rules.columns.get(column, unguarded(column)) for column in columns if column != rules.time_column}
    strange = [
        column for column, point in points.items() if point and point not in rules.known
        and not (rules.any_point and column in rules.columns)
    ]  # fmt: skip
    unused = [column for column in rules.columns if column not in columns]
    if strange or unused:
        raise ArchiveRefused(
            Text(
                f"{path}:列 {', '.join((*strange, *unused))[:300]} 没有对应的测点;用 --map 列=测点 指定,"
                "--map 列= 表示不用",
                f"{path}: no point for the columns {', '.join((*strange, *unused))[:300]}; say --map COLUMN=POINT, or "
                "--map COLUMN= to leave one out",
            )
        )
    return [(column, point) for column, point in points.items() if point]


def _cells(reader: Any, columns: Sequence[str], *, long: bool) -> Iterator[tuple[int, Cells | RowProblem]]:
    count = len(columns)
    for row in reader:
        line = reader.line_num + 1
        if not row:
            continue
        if len(row) != count:
            yield line, RowProblem(f"有 {len(row)} 格,应为 {count} 格", f"has {len(row)} cells instead of {count}")
            continue
        cells = dict(zip(columns, row, strict=True))
        if long:
            cells["point"] = unguarded(cells["point"])
        yield line, cells


def _parquet(path: Path, rules: Rules, findings: Findings) -> Iterator[Batch]:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(path) as file:
            columns = _checked_columns(list(file.schema_arrow.names), path, rules)
            if not set(columns) >= _LONG:
                raise ArchiveRefused(
                    Text(f"{path} 应有列 time、point、value", f"{path} should have the columns time, point and value")
                )
            if pa.types.is_integer(file.schema_arrow.field(rules.time_column).type):
                raise ArchiveRefused(
                    Text(f"{path} 的时间列是整数,应为时间戳", f"the times in {path} are bare numbers, not time stamps")
                )
            yield from taken(_parquet_cells(file, rules), path, rules, findings, None)
    except (pa.ArrowException, OSError) as error:
        raise ArchiveRefused(
            Text(f"{path} 无法读取:{error};未导入任何数据", f"{path} cannot be read: {error}; nothing was imported")
        ) from error


def _parquet_cells(file: Any, rules: Rules) -> Iterator[tuple[int, Cells]]:
    import pyarrow as pa

    wanted = [
        name for name in (rules.time_column, "point", "value", "unit", "quality", "reason")
        if name in file.schema_arrow.names
    ]  # fmt: skip
    row = 0
    for batch in file.iter_batches(_ROWS_AT_ONCE, columns=wanted):
        columns = {
            name: _values(column, pa) for name, column in zip(batch.schema.names, batch.columns, strict=True)
        }  # fmt: skip
        for cells in zip(*columns.values(), strict=True):
            row += 1
            yield row, dict(zip(columns, cells, strict=True))


def _values(column: Any, pa: Any) -> list[Any]:
    """A column's cells; moments as microseconds, local times as datetimes."""
    if not pa.types.is_timestamp(column.type):
        values: list[Any] = column.to_pylist()
        return values
    if column.type.tz is None:
        local: list[Any] = column.cast(pa.timestamp("us"), safe=False).to_pylist()
        return local
    moments: list[Any] = column.cast(pa.timestamp("us", tz="UTC"), safe=False).cast(pa.int64()).to_pylist()
    return moments
