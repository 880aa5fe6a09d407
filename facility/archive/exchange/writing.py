"""Readings and aggregated intervals into a file, a piece at a time."""

from __future__ import annotations

import contextlib
import csv
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Final, Protocol
from zoneinfo import ZoneInfo

import numpy as np

from facility.archive.exchange.cells import BUCKET_COLUMNS, READING_COLUMNS, guarded, quality_and_reason
from facility.readings import from_us
from facility.series import Series
from facility.store import Bucket

_GROUP_ROWS: Final = 200_000
"""Rows in one row group of a Parquet file."""

_WORDS: Final = [quality_and_reason(status) for status in range(256)]


class TableWriter(Protocol):
    """Takes either readings or buckets, never both."""

    def readings(self, series: Series, unit: str) -> None:
        """Adds rows of readings."""
        ...

    def buckets(self, point: str, unit: str, buckets: Sequence[Bucket]) -> None:
        """Adds rows of aggregated intervals."""
        ...


class CsvWriter:
    """CSV (RFC 4180): times in the site's zone with their offset, a missing value as an empty cell."""

    def __init__(self, file: IO[str], zone: ZoneInfo, *, aggregated: bool) -> None:
        self._writer = csv.writer(file, lineterminator="\r\n")
        self._zone = zone
        self._writer.writerow(BUCKET_COLUMNS if aggregated else READING_COLUMNS)

    def readings(self, series: Series, unit: str) -> None:
        point, zone = guarded(series.point), self._zone
        rows = zip(series.times_us.tolist(), series.values.tolist(), series.statuses.tolist(), strict=True)
        self._writer.writerows(
            (from_us(time_us).astimezone(zone).isoformat(), point, _text(value), unit, *_WORDS[mark])
            for time_us, value, mark in rows
        )

    def buckets(self, point: str, unit: str, buckets: Sequence[Bucket]) -> None:
        point, zone = guarded(point), self._zone
        self._writer.writerows(
            (
                from_us(bucket.start_us).astimezone(zone).isoformat(),
                point,
                "" if bucket.value is None else repr(bucket.value),
                unit,
                f"{bucket.completeness:.4g}",
            )
            for bucket in buckets
        )


def _text(value: float) -> str:
    return "" if value != value else repr(value)  # noqa: PLR0124 - NaN: missing


class ParquetWriter:
    """Parquet (zstd): typed columns, `time` as microseconds UTC shown in the site's zone, a missing value as null."""

    def __init__(self, path: Path, zone: ZoneInfo, *, aggregated: bool) -> None:
        import pyarrow as pa
        from pyarrow import parquet

        self._pa = pa
        kinds = {
            "time": pa.timestamp("us", tz=str(zone)),
            "value": pa.float64(),
            "completeness": pa.float64(),
        }
        columns = BUCKET_COLUMNS if aggregated else READING_COLUMNS
        self._schema = pa.schema([(name, kinds.get(name, pa.string())) for name in columns])
        self._writer = parquet.ParquetWriter(path, self._schema, compression="zstd")
        self._qualities = pa.array([quality for quality, _ in _WORDS], pa.string())
        self._reasons = pa.array([reason for _, reason in _WORDS], pa.string())
        self._waiting: list[Any] = []
        self._rows = 0

    def readings(self, series: Series, unit: str) -> None:
        pa, marks = self._pa, self._pa.array(series.statuses)
        self._add(
            pa.array(series.times_us),
            pa.repeat(pa.scalar(series.point, pa.string()), len(series)),
            pa.array(series.values, mask=np.isnan(series.values)),
            pa.repeat(pa.scalar(unit, pa.string()), len(series)),
            self._qualities.take(marks),
            self._reasons.take(marks),
        )

    def buckets(self, point: str, unit: str, buckets: Sequence[Bucket]) -> None:
        pa = self._pa
        self._add(
            pa.array([bucket.start_us for bucket in buckets], pa.int64()),
            pa.repeat(pa.scalar(point, pa.string()), len(buckets)),
            pa.array([bucket.value for bucket in buckets], pa.float64()),
            pa.repeat(pa.scalar(unit, pa.string()), len(buckets)),
            pa.array([bucket.completeness for bucket in buckets], pa.float64()),
        )

    def _add(self, times_us: Any, *columns: Any) -> None:
        times = times_us.cast(self._schema.field("time").type)
        self._waiting.append(self._pa.record_batch([times, *columns], schema=self._schema))
        self._rows += len(times)
        if self._rows >= _GROUP_ROWS:
            self._flush()

    def _flush(self) -> None:
        if self._waiting:
            self._writer.write_table(self._pa.Table.from_batches(self._waiting, self._schema))
        self._waiting.clear()
        self._rows = 0

    def finish(self) -> None:
        """Writes what waits, and the end of the file."""
        self._flush()
        self._writer.close()

    def abandon(self) -> None:
        """Closes the file as it is."""
        self._waiting.clear()
        self._writer.close()


@contextlib.contextmanager
def table_file(
    path: Path, kind: str, zone: ZoneInfo, *, aggregated: bool, byte_order_mark: bool = False
) -> Iterator[TableWriter]:
    """A writer of a new file that has its name only once it is whole and on the disk.

    Args:
        kind: `csv` or `parquet`.
        byte_order_mark: CSV begins with what tells Excel that it is UTF-8.
    """
    partial = path.with_name(f".{path.name}.partial")
    try:
        if kind == "parquet":
            with _parquet(partial, zone, aggregated=aggregated) as parquet:
                yield parquet
        else:
            encoding = "utf-8-sig" if byte_order_mark else "utf-8"
            with partial.open("w", encoding=encoding, errors="surrogatepass", newline="") as file:
                yield CsvWriter(file, zone, aggregated=aggregated)
        with partial.open("rb") as file_again:
            os.fsync(file_again.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


@contextlib.contextmanager
def _parquet(path: Path, zone: ZoneInfo, *, aggregated: bool) -> Iterator[ParquetWriter]:
    writer = ParquetWriter(path, zone, aggregated=aggregated)
    try:
        yield writer
    except BaseException:
        writer.abandon()
        raise
    writer.finish()
