"""B8: monthly statements of 200 offices with shared air-conditioning, time-of-use tariff and quotas, from cold; and a
year of their hourly use.
"""

from __future__ import annotations

import math
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np

from facility.accounting.metering import Medium
from facility.books.books import Books
from facility.books.metering import edges
from facility.calendar import Calendar
from facility.clock import ManualClock
from facility.journal import Journal
from facility.local_days import hour_edges, month_span_us
from facility.model import Site, SiteFile, build_site
from facility.profiles import ProfileLibrary
from facility.quantities import ENUMERATIONS
from facility.readings import Batch
from facility.store.embedded import EmbeddedStore
from tests.bench.report import Line

OFFICES: Final = 200
SYSTEMS: Final = 10
STEP_S: Final = 60
JULY: Final = date(2026, 7, 1)
NOW: Final = datetime(2026, 8, 3, 2, 0, tzinfo=UTC)
REACH_S: Final = 1.0
_HIGH: Final = float(ENUMERATIONS["fan_speed"].index("high"))
_THERMO_ON: Final = float(ENUMERATIONS["thermo"].index("thermo_on"))


def bureau() -> Site:
    """200 offices of one room, one meter and one indoor unit each, behind ten outdoor units and a main meter."""
    data: dict[str, Any] = {
        "site": {"id": "large", "name": {"zh": "大机关", "en": "Large"}, "timezone": "Asia/Shanghai",
                 "location": {"latitude": 28.2, "longitude": 112.9}},
        "polls": {"fast_s": STEP_S, "normal_s": STEP_S, "slow_s": STEP_S},
        "accounting": {"tariffs": {"electricity": "hunan_2025"}, "region": "湖南"},
        "buildings": [{"id": "main", "name": {"zh": "楼"}, "floors": [{"id": "f1", "level": 1}]}],
        "offices": [], "spaces": [],
        "links": {f"line-{system}": {"type": "modbus_tcp", "host": "127.0.0.1", "port": 1502 + system}
                  for system in range(SYSTEMS)},
        "devices": [{"id": "em-main", "profile": "chint_dtsu666", "link": "line-0", "unit": 200}],
        "equipment": [{"id": "main-meter", "kind": "electricity_meter", "device": "em-main",
                       "feeds": {"building": "main"}}],
    }  # fmt: skip
    for system in range(SYSTEMS):
        _add_system(data, system)
    for number in range(OFFICES):
        _add_office(data, number)
    return build_site(SiteFile.model_validate(data), ProfileLibrary())


def _add_system(data: dict[str, Any], system: int) -> None:
    line = f"line-{system}"
    data["devices"] += [
        {"id": f"gw-{system}", "profile": "coolmasternet", "link": line, "unit": 100},
        {"id": f"em-vrf-{system}", "profile": "chint_dtsu666", "link": line, "unit": 101},
    ]
    data["equipment"] += [
        {"id": f"vrf-{system}", "kind": "outdoor_unit", "meter": f"meter-vrf-{system}", "standby_kw": 0.2},
        {"id": f"meter-vrf-{system}", "kind": "electricity_meter", "device": f"em-vrf-{system}",
         "feeds": {"equipment": f"vrf-{system}"}, "item": "air_conditioning", "parent": "main-meter"},
    ]  # fmt: skip


def _add_office(data: dict[str, Any], number: int) -> None:
    system, slot = number % SYSTEMS, number // SYSTEMS
    office, room = f"office-{number:03d}", f"room-{number:03d}"
    data["offices"].append(
        {"id": office, "name": {"zh": f"第 {number} 科"}, "headcount": 5, "area_m2": 40.0,
         "quota": {"electricity_kwh_per_head_month": 60}}
    )  # fmt: skip
    data["spaces"].append({"id": room, "floor": "f1", "class": "office", "office": office, "area_m2": 40.0})
    data["devices"].append(
        {"id": f"em-{number:03d}", "profile": "chint_dtsu666", "link": f"line-{system}", "unit": slot + 1}
    )
    data["equipment"] += [
        {"id": f"meter-{number:03d}", "kind": "electricity_meter", "device": f"em-{number:03d}",
         "feeds": {"office": office}, "item": "lighting_sockets", "parent": "main-meter"},
        {"id": f"ac-{number:03d}", "kind": "indoor_unit", "device": f"gw-{system}", "slot": slot,
         "outdoor_unit": f"vrf-{system}", "capacity_kw": 5.6, "serves": [room]},
    ]  # fmt: skip


def fill(store: EmbeddedStore, start_us: int, end_us: int) -> int:
    """A reading of every counter and every unit's state each minute; how many in all."""
    rng = np.random.default_rng(7)
    load_kw = rng.uniform(0.2, 2.0, OFFICES)
    begins_h = rng.integers(8, 12, OFFICES)
    counters = np.zeros(OFFICES + SYSTEMS + 1)
    points = tuple(_points())
    count = 0
    for group in _grouped(range(start_us, end_us + 1, STEP_S * 1_000_000), 120):
        batches = []
        for time_us in group:
            hour = (time_us / 3.6e9 + 8.0) % 24.0
            on = (hour >= begins_h) & (hour < 17.0)
            outdoor_kw = 0.2 + 1.5 * np.bincount(np.arange(OFFICES) % SYSTEMS, weights=on, minlength=SYSTEMS)
            now_kw = load_kw * (1.0 if 8.0 <= hour < 18.0 else 0.1)
            batches.append(Batch(time_us=time_us, points=points, values=_values(counters, on)))
            counters += np.concatenate([now_kw, outdoor_kw, [now_kw.sum() + outdoor_kw.sum()]]) * STEP_S / 3600
        store.append(batches)
        count += len(points) * len(batches)
    store.seal()
    return count


def _points() -> Iterator[str]:
    yield from (f"meter-{number:03d}.energy_import" for number in range(OFFICES))
    yield from (f"meter-vrf-{system}.energy_import" for system in range(SYSTEMS))
    yield "main-meter.energy_import"
    for state in ("on", "fan", "thermo"):
        yield from (f"ac-{number:03d}.{state}" for number in range(OFFICES))


def _values(counters: np.ndarray[Any, Any], on: np.ndarray[Any, Any]) -> list[float]:
    states = [on.astype(float), np.full(OFFICES, _HIGH), np.where(on, _THERMO_ON, 1.0)]
    return [*np.round(counters, 2).tolist(), *(value for column in states for value in column.tolist())]


def _grouped(times: range, size: int) -> Iterator[range]:
    for first in range(0, len(times), size):
        yield times[first : first + size]


def run() -> list[Line]:
    """Wall time, in a process that has not looked at these readings before. The sums are checked."""
    site = bureau()
    start_us, end_us = month_span_us(JULY, site.zone)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store = EmbeddedStore(folder / "store")
        count = fill(store, start_us, end_us)
        store.close()
        store, journal = EmbeddedStore(folder / "store"), Journal(f"sqlite:///{folder / 'journal.db'}")
        books = Books(site, store, journal, Calendar(()), ManualClock(NOW))
        began = time.perf_counter()
        statements = [books.statement(office, JULY) for office in site.offices]
        cold_s = time.perf_counter() - began
        _check(books, statements, start_us, end_us)
        began = time.perf_counter()
        again = books.statement("office-000", JULY)
        warm_s = time.perf_counter() - began
        assert again == statements[0], "the same question, another answer"
        hours_s = _hours_s(books, site, start_us, end_us)
        store.close()
        journal.close()
    return [
        Line(
            bench="B8",
            what=f"monthly statements of {OFFICES} offices (split of {SYSTEMS} outdoor units, time-of-use tariff, "
            f"quotas) from {count / 1e6:.1f} million readings, from cold",
            figure=f"{cold_s:.2f} s",
            reference="",
            reach=f"under {REACH_S:.0f} s",
            reached=cold_s < REACH_S,
        ),
        Line(bench="B8", what="one of them again", figure=f"{warm_s * 1e3:.1f} ms", reference=""),
        Line(
            bench="B8",
            what=f"a month of hourly use of {OFFICES} offices ({744 * (OFFICES + 1):,} figures)",
            figure=f"{hours_s:.2f} s",
            reference="",
        ),
    ]


def _check(books: Books, statements: list[Any], start_us: int, end_us: int) -> None:
    """Offices and what nobody owns are the main meter."""
    (main,) = books.usage("meter", Medium.ELECTRICITY, edges([start_us, end_us])).columns["main-meter"].values.tolist()
    nobody = books.month(JULY).unallocated(Medium.ELECTRICITY).value or 0.0
    total = math.fsum(statement.media[0].total.value for statement in statements) + nobody
    assert abs(total - main) < 0.01, f"{total} of {main} kWh told"
    assert all(statement.media[0].cost.complete for statement in statements), "a cost is not complete"


def _hours_s(books: Books, site: Site, start_us: int, end_us: int) -> float:
    books.forget()
    began = time.perf_counter()
    table = books.usage("office", Medium.ELECTRICITY, edges(hour_edges(start_us, end_us, site.zone)))
    assert len(table.columns) == OFFICES + 1, "an office is missing"
    return time.perf_counter() - began


if __name__ == "__main__":
    print(*(line.cells() for line in run()), sep="\n")
