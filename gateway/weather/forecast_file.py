"""Forecasts laid into a folder, on a site without a way to the internet: CSV or JSON, each with its time of issue.

CSV has a heading: `issued` (发布时间), `date` (日期), `max_c` (最高气温), and where known `min_c` (最低气温); one line
a day. JSON is a document in the form of Open-Meteo with `issued` at its top. A time without offset is the site's.
"""

from __future__ import annotations

import asyncio
import csv
import io
import time
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import orjson

from facility.bus import ForecastReceived
from facility.errors import BadAnswer, HouqinError, LinkDown, Where
from gateway.weather.open_meteo import BELIEVABLE_C, believable, parse_forecast
from gateway.weather.provider import Told

LARGEST_BYTES: Final = 1024 * 1024
MOST_FILES: Final = 200
"""So many of the newest files are looked at; older ones have had their time."""

SETTLES_NS: Final = 2_000_000_000
"""A file that changed a moment ago may still be on its way here."""

_FUTURE_TOLERANCE: Final = timedelta(hours=1)
_HEADINGS: Final[Mapping[str, str]] = {
    "issued": "issued", "发布时间": "issued", "date": "date", "日期": "date", "max_c": "max_c", "最高气温": "max_c",
    "min_c": "min_c", "最低气温": "min_c",
}  # fmt: skip

Stamp = tuple[str, int, int]
"""A file's name, time of change in nanoseconds, and size: what tells that it is another one."""


class ForecastFolder:
    """The newest forecast of a folder. Files are read and left; a bad one is named in `bad` until it goes or changes.

    Args:
        folder: where people lay files with the ending .csv or .json.
        zone: the site's local time.
    """

    name = "file"

    def __init__(self, folder: str, zone: ZoneInfo) -> None:
        self.address = folder
        self._folder = Path(folder)
        self._zone = zone
        self._read: dict[Stamp, Told | HouqinError] = {}
        self.bad: dict[str, str] = {}

    async def told(self, now: datetime) -> Told:
        """See `gateway.weather.provider.Provider`."""
        return await asyncio.to_thread(self._newest, now)

    async def stamps(self) -> frozenset[Stamp]:
        """What lies there now: another answer means that somebody changed something. Empty when it cannot be read."""
        try:
            return frozenset(await asyncio.to_thread(self._stamps))
        except LinkDown:
            return frozenset()

    def _stamps(self) -> list[Stamp]:
        try:
            paths = [path for path in self._folder.iterdir() if path.suffix.lower() in (".csv", ".json")]
            found = [(path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in paths if path.is_file()]
        except OSError as error:
            raise LinkDown(
                f"the folder of forecasts cannot be read: {error}", where=Where(address=self.address)
            ) from error
        settled = (stamp for stamp in found if not 0 <= time.time_ns() - stamp[1] < SETTLES_NS)
        return sorted(settled, key=lambda stamp: stamp[1], reverse=True)[:MOST_FILES]

    def _newest(self, now: datetime) -> Told:
        stamps = self._stamps()
        self._read = {stamp: self._read[stamp] if stamp in self._read else self._told(stamp, now) for stamp in stamps}
        self.bad = {stamp[0]: found.message for stamp, found in self._read.items() if isinstance(found, HouqinError)}
        good = [found for found in self._read.values() if isinstance(found, Told)]
        if not good:
            raise BadAnswer("no usable forecast lies in the folder", where=Where(address=self.address))
        return max(good, key=lambda told: told.forecast.issued)

    def _told(self, stamp: Stamp, now: datetime) -> Told | HouqinError:
        where = Where(address=str(self._folder / stamp[0]))
        try:
            if stamp[2] > LARGEST_BYTES:
                raise BadAnswer(f"the file is larger than {LARGEST_BYTES} bytes", where=where)
            return self._parsed((self._folder / stamp[0]).read_bytes(), stamp[0], now)
        except OSError as error:
            return LinkDown(f"the file cannot be read: {error}", where=where)
        except HouqinError as error:
            return error

    def _parsed(self, content: bytes, name: str, now: datetime) -> Told:
        if name.lower().endswith(".csv"):
            return parse_csv(content, zone=self._zone, fetched=now)
        return parse_forecast(_with_issue(content, self._zone), provider=self.name, zone=self._zone, fetched=now)


def _with_issue(content: bytes, zone: ZoneInfo) -> bytes:
    """The document with its time of issue in the site's zone, which a file must have: nobody knows when it was made.

    Raises:
        BadAnswer: it has none.
    """
    try:
        document = orjson.loads(content.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise BadAnswer(f"the forecast is not JSON: {error}", raw=content[:64]) from error
    if not isinstance(document, dict) or document.get("issued") is None:
        raise BadAnswer("the file does not say when its forecast was issued (issued)")
    return orjson.dumps({**document, "issued": _issued(document["issued"], zone).isoformat()})


def parse_csv(content: bytes, *, zone: ZoneInfo, fetched: datetime) -> Told:
    """The forecast that a table holds.

    Raises:
        BadAnswer: it is no such table, or a line of it cannot be true; names the line.
    """
    rows = list(csv.reader(io.StringIO(_text(content))))
    columns = [_HEADINGS.get(cell.strip().lower(), "") for cell in (rows[0] if rows else [])]
    lacking = [name for name in ("issued", "date", "max_c") if name not in columns]
    if lacking:
        raise BadAnswer(f"the heading lacks {', '.join(lacking)}")
    maxima: dict[date, float] = {}
    minima: dict[date, float] = {}
    issues: set[datetime] = set()
    for number, cells in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        row = {name: cell.strip() for name, cell in zip(columns, cells, strict=False)}
        day = _day(row.get("date", ""), number)
        if day in maxima:
            raise BadAnswer(f"line {number} names {day} again")
        issues.add(_issued(row.get("issued", ""), zone))
        highest = _number(row.get("max_c", ""), number)
        if highest is None:
            raise BadAnswer(f"line {number} has no maximum")
        maxima[day] = highest
        lowest = _number(row.get("min_c", ""), number)
        if lowest is not None:
            minima[day] = lowest
    if not maxima:
        raise BadAnswer("the table has no day")
    if len(issues) > 1:
        raise BadAnswer("the lines of the table have different times of issue")
    (issued,) = issues
    if issued > fetched + _FUTURE_TOLERANCE:
        raise BadAnswer(f"issued is {issued.isoformat()}, but it is only {fetched.isoformat()}")
    forecast = ForecastReceived(provider=ForecastFolder.name, issued=issued, fetched=fetched, daily_max_c=maxima)
    return Told(forecast=forecast, daily_min_c=minima)


def _text(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadAnswer("the file is neither UTF-8 nor GB 18030", raw=content[:32])


def _issued(said: object, zone: ZoneInfo) -> datetime:
    try:
        issued = datetime.fromisoformat(str(said))
    except ValueError as error:
        raise BadAnswer(f"issued is {said!r}, expected a time such as 2026-07-15 06:00") from error
    return (issued if issued.tzinfo is not None else issued.replace(tzinfo=zone)).astimezone(UTC)


def _day(said: str, number: int) -> date:
    try:
        return date.fromisoformat(said.replace("/", "-"))
    except ValueError as error:
        raise BadAnswer(f"line {number} has {said!r} for a date") from error


def _number(said: str, number: int) -> float | None:
    if not said:
        return None
    try:
        value = float(said)
    except ValueError as error:
        raise BadAnswer(f"line {number} has {said!r} for a temperature") from error
    return believable(value, f"the temperature of line {number}", *BELIEVABLE_C)
