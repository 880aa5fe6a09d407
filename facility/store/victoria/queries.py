"""Questions to VictoriaMetrics: raw samples, first and last times. Caches and the offset for fresh data are off."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import orjson

from facility.readings import from_us
from facility.store.connection import Connection
from facility.store.tags import point_of, tag_of
from facility.store.victoria.encoding import FIELDS, Samples, Stored

ASKED_AT_ONCE: Final = 200
"""Points named in one question; beyond, all points of the database are asked for."""

DAY_MS: Final = 86_400_000
FIRST_MS: Final = 365 * DAY_MS
"""1971-01-01 UTC: questions that reach back to 1970-01-01 are answered with nothing (1.79.5)."""

LAST_MS: Final = 253_402_300_799_999
"""The end of the year 9999."""

_WINDOWS_MS: Final = (DAY_MS, 31 * DAY_MS, 366 * DAY_MS)


class Queries:
    """Reads one database (label `db`) of a server."""

    def __init__(self, connection: Connection, database: str) -> None:
        self._connection = connection
        self._database = tag_of(database)

    def samples(self, points: Sequence[str], start_ms: int, end_ms: int) -> dict[str, Stored]:
        """All samples of these points from `start_ms` to `end_ms`, both included."""
        start_ms, end_ms = max(start_ms, FIRST_MS), min(end_ms, LAST_MS)
        if end_ms < start_ms or not points:
            return {}
        body = self._connection.ask(
            "/api/v1/export",
            [("match[]", self._selector(FIELDS, points)), ("start", _moment(start_ms)), ("end", _moment(end_ms))],
            method="POST",
        )
        found: dict[str, dict[int, dict[str, list[Any]]]] = {}
        for text in body.splitlines():
            series = orjson.loads(text)
            point, revision, field = _named(series["metric"])
            found.setdefault(point, {}).setdefault(revision, {}).setdefault(field, []).append(series)
        return {
            point: Stored(
                point=point,
                revisions={
                    revision: {field: _columns(parts) for field, parts in fields.items()}
                    for revision, fields in revisions.items()
                },
            )
            for point, revisions in found.items()
        }

    def newest(self, points: Sequence[str], now_ms: int) -> tuple[dict[str, Stored], dict[str, int]]:
        """The newest sample of each series of these points, and for each point the millisecond of its last sample.

        Looks back from `now_ms` in growing steps, so that what is asked for does not grow with a point's history.
        """
        missing, stored, last_ms = list(points), dict[str, Stored](), dict[str, int]()
        for window_ms in (*_WINDOWS_MS, now_ms - FIRST_MS + 1):
            if not missing:
                break
            named = missing if len(missing) <= ASKED_AT_ONCE else ()
            selector = f"{self._selector(FIELDS, named)}[{window_ms}ms]"
            rows = self._instant(
                f'union(label_set(last_over_time({selector}), "as", "value"),'
                f' label_set(tlast_over_time({selector}) keep_metric_names, "as", "time"))',
                now_ms,
            )
            fresh = _paired(rows)
            for point in missing:
                if point in fresh:
                    stored[point] = fresh[point]
                    last_ms[point] = max(
                        int(times_ms[0])
                        for fields in fresh[point].revisions.values()
                        for times_ms, _ in fields.values()
                    )
            missing = [point for point in missing if point not in last_ms]
        return stored, last_ms

    def last_ms(self, point: str, fields: Sequence[str], until_ms: int) -> int | None:
        """Millisecond of the last sample of these fields up to `until_ms`, it included; None when there is none."""
        until_ms = min(until_ms, LAST_MS)
        whole_ms = until_ms - FIRST_MS + 1
        windows = (*(window for window in _WINDOWS_MS if window < whole_ms), whole_ms)
        for window_ms in windows if whole_ms > 0 else ():
            rows = self._instant(self._of_times("tlast", fields, point, window_ms), until_ms)
            if rows:
                return max(_ms(value) for _, value in rows)
        return None

    def first_ms(self, point: str, fields: Sequence[str], from_ms: int, until_ms: int) -> int | None:
        """Millisecond of the first sample of these fields from `from_ms` to `until_ms`, both included."""
        from_ms = max(from_ms, FIRST_MS)
        whole_ms = until_ms - from_ms + 1
        windows = (*(window for window in _WINDOWS_MS if window < whole_ms), whole_ms)
        for window_ms in windows if whole_ms > 0 else ():
            rows = self._instant(self._of_times("tfirst", fields, point, window_ms), from_ms + window_ms - 1)
            if rows:
                return min(_ms(value) for _, value in rows)
        return None

    def points(self) -> list[str]:
        """Every point of the database."""
        fields = [("match[]", self._selector(["mark"], ())), ("start", "0"), ("end", _moment(LAST_MS))]
        answer = orjson.loads(self._connection.ask("/api/v1/label/point/values", fields, method="POST"))
        return [point_of(tag) for tag in answer["data"]]

    def _of_times(self, which: str, fields: Sequence[str], point: str, window_ms: int) -> str:
        return f"{which}_over_time({self._selector(fields, [point])}[{window_ms}ms]) keep_metric_names"

    def _instant(self, query: str, time_ms: int) -> list[tuple[Mapping[str, str], str]]:
        fields = [("query", query), ("time", _moment(time_ms)), ("nocache", "1")]
        answer = orjson.loads(self._connection.ask("/api/v1/query", fields, method="POST"))
        return [(row["metric"], row["value"][1]) for row in answer["data"]["result"]]

    def _selector(self, fields: Sequence[str], points: Sequence[str]) -> str:
        names = "|".join(f"reading_{field}" for field in fields)
        return f'{{__name__=~"{names}",db={_quoted(self._database)}{_point_filter(points)}}}'


def _point_filter(points: Sequence[str]) -> str:
    """Names the points; empty when none is named, which means all."""
    if not points:
        return ""
    tags = [tag_of(point) for point in points]
    if len(tags) == 1:
        return f",point={_quoted(tags[0])}"
    return f",point=~{_quoted('|'.join(re.escape(tag) for tag in tags))}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _moment(time_ms: int) -> str:
    return from_us(time_ms * 1000).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _ms(seconds: str) -> int:
    return round(float(seconds) * 1000)


def _named(labels: Mapping[str, str]) -> tuple[str, int, str]:
    return point_of(labels["point"]), int(labels.get("revision", "0")), labels["__name__"].removeprefix("reading_")


def _columns(parts: Sequence[Mapping[str, Any]]) -> Samples:
    times_ms = np.concatenate([np.array(part["timestamps"], np.int64) for part in parts])
    values = np.concatenate([np.array(part["values"], np.float64) for part in parts])
    unique_ms, index = np.unique(times_ms, return_index=True)
    return unique_ms, values[index]


def _paired(rows: Sequence[tuple[Mapping[str, str], str]]) -> dict[str, Stored]:
    """Puts together what one answer says of a sample's time and of its value."""
    times_ms = {_named(labels): _ms(value) for labels, value in rows if labels["as"] == "time"}
    values = {_named(labels): float(value) for labels, value in rows if labels["as"] == "value"}
    found: dict[str, dict[int, dict[str, Samples]]] = {}
    for (point, revision, field), time_ms in times_ms.items():
        sample = (np.array([time_ms], np.int64), np.array([values[point, revision, field]], np.float64))
        found.setdefault(point, {}).setdefault(revision, {})[field] = sample
    return {point: Stored(point=point, revisions=revisions) for point, revisions in found.items()}
