"""Makes `data/weather.csv.gz` from a TMY3 file of the US National Solar Radiation Data Base.

    python -m simulators.derive_weather 723170TYA.CSV[.gz]

The source is named in `data/README.md`. Hours stay as TMY3 has them: 1 to 24, each ending its interval.
"""

from __future__ import annotations

import csv
import gzip
import io
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, TextIO

from simulators.weather import RECORD

COLUMNS: Final[tuple[tuple[str, str], ...]] = (
    ("dry_bulb_c", "Dry-bulb (C)"),
    ("humidity_pct", "RHum (%)"),
    ("irradiance_w_m2", "GHI (W/m^2)"),
    ("wind_m_s", "Wspd (m/s)"),
    ("cloud_tenths", "TotCld (tenths)"),
    ("present_weather", "PresWth (METAR code)"),
)


def derived_rows(source: TextIO) -> Iterator[list[str]]:
    """Header and one row an hour: month, day, hour (1-24) and the columns the building needs."""
    next(source)
    yield ["month", "day", "hour", *(name for name, _ in COLUMNS)]
    for row in csv.DictReader(source):
        month, day, _ = row["Date (MM/DD/YYYY)"].split("/")
        hour = row["Time (HH:MM)"].split(":")[0]
        yield [str(int(month)), str(int(day)), str(int(hour)), *(row[column] for _, column in COLUMNS)]


def main(arguments: Sequence[str]) -> int:
    """Reads the TMY3 file named, writes the shipped record."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m simulators.derive_weather TMY3-FILE\n")
        return 2
    path = Path(arguments[0])
    text = gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text(encoding="utf-8")
    table = io.StringIO()
    csv.writer(table, lineterminator="\n").writerows(derived_rows(io.StringIO(text)))
    RECORD.write_bytes(gzip.compress(table.getvalue().encode(), mtime=0))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
