"""The engines that B7 asks, each in its own tongue: the same days loaded, the same five questions."""

from __future__ import annotations

import http.client
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import urlencode

import numpy as np
import numpy.typing as npt
import orjson

from facility.store import Aggregate
from facility.store.embedded import EmbeddedStore
from tests.bench.readings_year import DAY_US, FIRST_DAY, Day, Plan, batches

Column = npt.NDArray[np.float64]

HOUR_US: Final = 3_600_000_000
QUARTER_US: Final = 900_000_000
MONTH_DAYS: Final = 30


class Asked:
    """What is asked after so many days: 30 of them, or as many as there are, with a day before and one after."""

    def __init__(self, plan: Plan, days: int) -> None:
        self.points = plan.points
        self.one = plan.points[3]
        self.some = plan.points[5::10]
        self.interval_us = plan.interval_s * 1_000_000
        self.newest_us = (FIRST_DAY + days) * DAY_US
        self.end_us = self.newest_us - DAY_US
        self.start_us = self.end_us - min(days - 2, MONTH_DAYS) * DAY_US
        self.day_us = (self.end_us - DAY_US, self.end_us)


class Engine(Protocol):
    """A contestant. Answers are columns, in the order of `Asked.points` or of time."""

    name: str

    def load(self, plan: Plan, day: Day) -> None:
        """Takes one day's readings."""
        ...

    def last_of_all(self, asked: Asked) -> Column:
        """a: the last value of every point."""
        ...

    def day_raw(self, asked: Asked) -> Column:
        """b: all values of one point on one day."""
        ...

    def hourly_means(self, asked: Asked) -> Column:
        """c: of one point, over the month."""
        ...

    def use_of_all(self, asked: Asked) -> Column:
        """d: by how much every counter rose in the month, resets minded."""
        ...

    def quarter_hours(self, asked: Asked) -> Column:
        """e: means of 50 points, over the month, point by point."""
        ...


class Embedded:
    """This house's own."""

    name = "embedded"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.store = EmbeddedStore(folder)

    def close(self) -> None:
        self.store.close()

    def reopen(self) -> None:
        """As after a start of the service."""
        self.store.close()
        self.store = EmbeddedStore(self._folder)

    def load(self, plan: Plan, day: Day) -> None:
        for group in batches(plan, day):
            self.store.append(group)
        self.store.seal()

    def last_of_all(self, asked: Asked) -> Column:
        latest = self.store.latest(asked.points)
        return np.array([latest[point].value for point in asked.points], np.float64)

    def day_raw(self, asked: Asked) -> Column:
        return self.store.raw(asked.one, *asked.day_us).values

    def hourly_means(self, asked: Asked) -> Column:
        return self._means(asked, asked.one, HOUR_US)

    def use_of_all(self, asked: Asked) -> Column:
        risen = self.store.plain_increases(asked.points, asked.start_us, asked.end_us, pause_us=HOUR_US, rate_per_s=1.0)
        return np.array([risen.get(point, np.nan) for point in asked.points])

    def quarter_hours(self, asked: Asked) -> Column:
        return np.concatenate([self._means(asked, point, QUARTER_US) for point in asked.some])

    def _means(self, asked: Asked, point: str, step_us: int) -> Column:
        edges = np.arange(asked.start_us, asked.end_us + 1, step_us)
        means, _ = self.store.aggregate_columns(point, edges, Aggregate.MEAN, hold_us=2 * asked.interval_us)
        return means


class _Http:
    """One kept connection."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def post(self, path: str, body: bytes, headers: Mapping[str, str] | None = None) -> bytes:
        self._connection.request("POST", path, body, dict(headers or {}))
        answer = self._connection.getresponse()
        data = answer.read()
        assert answer.status < 300, (path, answer.status, data[:300])
        return data

    def form(self, path: str, fields: Sequence[tuple[str, str]]) -> Any:
        return orjson.loads(
            self.post(path, urlencode(fields).encode(), {"Content-Type": "application/x-www-form-urlencoded"})
        )


class VictoriaMetrics:
    """Plain samples and MetricsQL, as its own users have it; the cache of answers is off."""

    name = "VictoriaMetrics"

    def __init__(self, port: int) -> None:
        self._port = port
        self._http = _Http(port)

    def reconnect(self) -> None:
        """To the server after its start."""
        self._http = _Http(self._port)

    def load(self, plan: Plan, day: Day) -> None:
        each = len(plan.points) // len(day.times_us)
        lines = [
            orjson.dumps(
                {
                    "metric": {"__name__": "value", "point": point},
                    "values": np.ascontiguousarray(day.values[number]),
                    "timestamps": day.times_us[number // each] // 1000,
                },
                option=orjson.OPT_SERIALIZE_NUMPY,
            )
            for number, point in enumerate(plan.points)
        ]
        self._http.post("/api/v1/import", b"\n".join(lines))

    def settle(self) -> None:
        """Everything loaded can be asked for."""
        self._http.post("/internal/force_flush", b"")

    def _instant(self, query: str, time_us: int) -> dict[str, float]:
        fields = [("query", query), ("time", f"{time_us / 1e6:.3f}"), ("nocache", "1")]
        rows = self._http.form("/api/v1/query", fields)["data"]["result"]
        return {row["metric"]["point"]: float(row["value"][1]) for row in rows}

    def _means(self, asked: Asked, selector: str, step_us: int) -> dict[str, list[float]]:
        fields = [
            ("query", f"avg_over_time({selector}[{step_us // 1000}ms])"),
            ("start", str((asked.start_us + step_us) // 1_000_000)), ("end", str(asked.end_us // 1_000_000)),
            ("step", f"{step_us // 1000}ms"), ("nocache", "1"),
        ]  # fmt: skip
        rows = self._http.form("/api/v1/query_range", fields)["data"]["result"]
        return {row["metric"]["point"]: [float(value) for _, value in row["values"]] for row in rows}

    def last_of_all(self, asked: Asked) -> Column:
        found = self._instant("last_over_time(value[1h])", asked.newest_us)
        return np.array([found[point] for point in asked.points])

    def day_raw(self, asked: Asked) -> Column:
        start_us, end_us = asked.day_us
        fields = [
            ("match[]", f'value{{point="{asked.one}"}}'),
            ("start", f"{start_us / 1e6:.3f}"), ("end", f"{end_us / 1e6 - 0.001:.3f}"),
        ]  # fmt: skip
        return np.array(self._http.form("/api/v1/export", fields)["values"])

    def hourly_means(self, asked: Asked) -> Column:
        return np.array(self._means(asked, f'value{{point="{asked.one}"}}', HOUR_US)[asked.one])

    def use_of_all(self, asked: Asked) -> Column:
        found = self._instant(f"increase(value[{(asked.end_us - asked.start_us) // 1000}ms])", asked.end_us)
        return np.array([found[point] for point in asked.points])

    def quarter_hours(self, asked: Asked) -> Column:
        found = self._means(asked, f'value{{point=~"{"|".join(asked.some)}"}}', QUARTER_US)
        return np.concatenate([found[point] for point in asked.some])


class InfluxDb:
    """InfluxQL on one measurement."""

    name = "InfluxDB 1.6.7"

    def __init__(self, port: int) -> None:
        self._http = _Http(port)
        self._http.form("/query", [("q", "CREATE DATABASE b")])

    def load(self, plan: Plan, day: Day) -> None:
        each = len(plan.points) // len(day.times_us)
        for number, point in enumerate(plan.points):
            times_us, values = day.times_us[number // each].tolist(), day.values[number].tolist()
            lines = [
                f"r,point={point} value={value} {time_us}" for time_us, value in zip(times_us, values, strict=True)
            ]
            self._http.post("/write?db=b&precision=u", "\n".join(lines).encode())

    def _rows(self, query: str) -> dict[str, list[list[float]]]:
        answer = self._http.form("/query", [("db", "b"), ("epoch", "u"), ("q", query)])["results"][0]
        return {series.get("tags", {}).get("point", ""): series["values"] for series in answer["series"]}

    def _means(self, asked: Asked, condition: str, step: str) -> dict[str, list[list[float]]]:
        return self._rows(
            f"SELECT mean(value) FROM r WHERE ({condition}) AND time >= {asked.start_us}u AND time < {asked.end_us}u"
            f" GROUP BY time({step}), point"
        )

    def last_of_all(self, asked: Asked) -> Column:
        found = self._rows(f"SELECT last(value) FROM r WHERE time >= {asked.newest_us - HOUR_US}u GROUP BY point")
        return np.array([found[point][0][1] for point in asked.points])

    def day_raw(self, asked: Asked) -> Column:
        start_us, end_us = asked.day_us
        found = self._rows(
            f"SELECT value FROM r WHERE point='{asked.one}' AND time >= {start_us}u AND time < {end_us}u"
        )
        return np.array([value for _, value in found[""]])

    def hourly_means(self, asked: Asked) -> Column:
        return np.array([value for _, value in self._means(asked, f"point='{asked.one}'", "1h")[asked.one]])

    def use_of_all(self, asked: Asked) -> Column:
        found = self._rows(
            f"SELECT sum(risen) FROM (SELECT non_negative_difference(value) AS risen FROM r WHERE time >="
            f" {asked.start_us}u AND time < {asked.end_us}u GROUP BY point) GROUP BY point"
        )
        return np.array([found[point][0][1] for point in asked.points])

    def quarter_hours(self, asked: Asked) -> Column:
        found = self._means(asked, " OR ".join(f"point='{point}'" for point in asked.some), "15m")
        return np.concatenate([[value for _, value in found[point]] for point in asked.some])


class Rows:
    """A SQLite row per reading, keyed by point and time."""

    name = "SQLite rows"

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute(
            "CREATE TABLE reading(point INTEGER, time INTEGER, value REAL, PRIMARY KEY(point, time)) WITHOUT ROWID"
        )

    def close(self) -> None:
        self._database.close()

    def load(self, plan: Plan, day: Day) -> None:
        each = len(plan.points) // len(day.times_us)
        self._database.execute("BEGIN")
        for number in range(len(plan.points)):
            times_us, values = day.times_us[number // each].tolist(), day.values[number].tolist()
            self._database.executemany(
                "INSERT INTO reading VALUES (?, ?, ?)", zip([number] * len(values), times_us, values, strict=True)
            )
        self._database.execute("COMMIT")

    def _column(self, query: str, *values: object) -> Column:
        return np.array(self._database.execute(query, values).fetchall(), np.float64)[:, -1]

    def _means(self, asked: Asked, point: str, step_us: int) -> Column:
        return self._column(
            "SELECT time / ? AS bucket, avg(value) FROM reading WHERE point = ? AND time >= ? AND time < ?"
            " GROUP BY bucket ORDER BY bucket",
            step_us, asked.points.index(point), asked.start_us, asked.end_us,
        )  # fmt: skip

    def last_of_all(self, asked: Asked) -> Column:
        query = "SELECT value FROM reading WHERE point = ? ORDER BY time DESC LIMIT 1"
        return np.concatenate([self._column(query, number) for number in range(len(asked.points))])

    def day_raw(self, asked: Asked) -> Column:
        query = "SELECT value FROM reading WHERE point = ? AND time >= ? AND time < ? ORDER BY time"
        return self._column(query, asked.points.index(asked.one), *asked.day_us)

    def hourly_means(self, asked: Asked) -> Column:
        return self._means(asked, asked.one, HOUR_US)

    def use_of_all(self, asked: Asked) -> Column:
        return self._column(
            "SELECT point, sum(CASE WHEN value >= earlier THEN value - earlier ELSE value END) FROM"
            " (SELECT point, value, lag(value) OVER (PARTITION BY point ORDER BY time) AS earlier FROM reading"
            " WHERE time >= ? AND time < ?) WHERE earlier IS NOT NULL GROUP BY point ORDER BY point",
            asked.start_us, asked.end_us,
        )  # fmt: skip

    def quarter_hours(self, asked: Asked) -> Column:
        return np.concatenate([self._means(asked, point, QUARTER_US) for point in asked.some])
