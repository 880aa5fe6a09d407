"""A bureau of two offices with meters, an outdoor unit and its indoor units, its readings in a real store."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from facility.books.books import Books
from facility.calendar import Calendar
from facility.clock import ManualClock
from facility.commands import Actor, Role
from facility.journal import Journal
from facility.model import Site, SiteFile, build_site
from facility.profiles import ProfileLibrary
from facility.readings import Batch, Status, to_us
from facility.store.embedded import EmbeddedStore
from tests.sites import small_site_data

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 8, 3, 10, 0, tzinfo=ZONE)
"""A Monday; July is over."""

ADMIN = Actor(name="行政科", role=Role.ADMIN_SECTION)

Counter = Callable[[float], float | None]
"""Hours since the first reading -> what the counter shows; None: no answer."""


def local(month: int, day: int, hour: float = 0.0) -> datetime:
    """A local time of 2026."""
    return datetime(2026, month, day, tzinfo=ZONE) + timedelta(hours=hour)


def us(month: int, day: int, hour: float = 0.0) -> int:
    """The same in microseconds."""
    return to_us(local(month, day, hour))


def bureau_data(**accounting: Any) -> dict[str, Any]:
    """The small site with the outdoor unit's meter behind the main meter, as a site file would load it."""
    data = small_site_data()
    data["devices"].append({"id": "m-vrf", "profile": "chint_dtsu666", "link": "meters", "unit": 21})
    meter = {
        "id": "meter-vrf", "kind": "electricity_meter", "device": "m-vrf", "feeds": {"equipment": "vrf-1"},
        "item": "air_conditioning", "parent": "main-meter", "max_power_kw": 20,
    }  # fmt: skip
    data["equipment"].append(meter)
    for item in data["equipment"]:
        if item["id"] == "vrf-1":
            item["meter"] = "meter-vrf"
    data["accounting"] = accounting
    return data


def site_of(data: dict[str, Any]) -> Site:
    """The site that a site file of this content describes."""
    return build_site(SiteFile.model_validate(data), ProfileLibrary())


@dataclass(slots=True, kw_only=True)
class Bureau:
    """Books, and what they are made from."""

    site: Site
    store: EmbeddedStore
    journal: Journal
    clock: ManualClock
    books: Books

    def fill(self, start: datetime, end: datetime, points: Mapping[str, Counter], *, step_s: int = 600) -> None:
        """Stores what points showed from `start` to `end`, both included."""
        batches, time = [], start
        while time <= end:
            hours = (time - start).total_seconds() / 3600
            values = [read(hours) for read in points.values()]
            statuses = [Status.TIMEOUT if value is None else Status.GOOD for value in values]
            batches.append(Batch(time_us=to_us(time), points=tuple(points), values=values, statuses=statuses))
            time += timedelta(seconds=step_s)
        self.store.append(batches)

    def enter(self, entry: Any, at: datetime | None = None) -> Any:
        """Enters as the administration section does; the correcting lines."""
        return self.books.enter(entry, actor=ADMIN, at=at or self.clock.now())[1]


@contextmanager
def bureau(
    folder: Path, data: dict[str, Any] | None = None, now: datetime = NOW, *, tables: Path | None = None
) -> Iterator[Bureau]:
    """A bureau on the morning of NOW or at another time, without readings; its own tariffs are in `tables`."""
    site = site_of(bureau_data() if data is None else data)
    store, journal = EmbeddedStore(folder / "store"), Journal(f"sqlite:///{folder / 'journal.db'}")
    clock = ManualClock(now)
    try:
        books = Books(site, store, journal, Calendar(site.file.calendar), clock, folder=tables)
        yield Bureau(site=site, store=store, journal=journal, clock=clock, books=books)
    finally:
        store.close()
        journal.close()


def steady(power_kw: float, begins: float = 1000.0) -> Counter:
    """A counter under a constant load."""
    return lambda hours: begins + power_kw * hours


def running(first_hour: float, last_hour: float) -> Counter:
    """1 from the first to the last hour of each day, else 0."""
    return lambda hours: 1.0 if first_hour <= hours % 24 < last_hour else 0.0


def constant(value: float) -> Counter:
    """Always the same."""
    return lambda _: value
