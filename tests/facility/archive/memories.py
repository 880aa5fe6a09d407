"""Buildings with something to remember, for the tools that keep it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from facility.bus.messages import AlarmChanged, AlarmLevel
from facility.commands import Actor, Role
from facility.journal import Journal
from facility.readings import Batch, Status, to_us
from facility.store import Store
from facility.store.embedded import EmbeddedStore
from facility.text import Text
from tests.sites import small_site_data

START = datetime(2026, 3, 1, tzinfo=UTC)
START_US = to_us(START)
MINUTE_US = 60_000_000
DAY_US = 86_400_000_000
NOON = datetime(2026, 7, 15, 4, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A site file and a data folder; `token` was made in it."""

    site: Path
    data: Path
    token: str

    def store(self) -> EmbeddedStore:
        return EmbeddedStore(self.data / "store")


def write_site(path: Path, data: dict[str, Any] | None = None) -> Path:
    """A site file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        YAML(typ="safe").dump(small_site_data() if data is None else data, file)
    return path


def batches(minutes: range) -> list[Batch]:
    """A meter that counts, a room that is sometimes not read, a contact, and a point with a Chinese name."""
    made = []
    for minute in minutes:
        silent = minute % 7 == 3
        made.append(
            Batch(
                time_us=START_US + minute * MINUTE_US + (123_457 if minute % 5 == 0 else 0),
                points=("main-meter.energy_import", "climate-401.temperature", "window-401.open", "旧系统.用电"),
                values=(100.0 + minute * 0.1, None if silent else 20.0 + (minute % 100) / 3, float(minute % 2), 0.0),
                statuses=(
                    Status.MANUAL if minute == 0 else Status.GOOD,
                    Status.TIMEOUT if silent else Status.GOOD,
                    Status.GOOD,
                    Status.SUBSTITUTED,
                ),
            )
        )
    return made


def fill(store: Store, minutes: int = 3000) -> None:
    """Two days of readings, some sealed, some not, a few of them late."""
    half = minutes // 2
    store.append(batches(range(half, minutes)))
    if isinstance(store, EmbeddedStore):
        store.seal()
    store.append(batches(range(half)))


def fill_records(journal: Journal) -> str:
    """A token, an alarm that ended and one that lasts, states, an event, an entry of the audit; the token."""
    actor = Actor(name="管理员", role=Role.ADMINISTRATOR)
    token = journal.create_token("值班室", Role.DUTY_ROOM)
    for key, active in (("a", True), ("a", False), ("b", True)):
        journal.record_alarm(
            AlarmChanged(key=key, level=AlarmLevel.WARNING, active=active, text=Text("告警", "alarm"), at=NOON)
        )
    for state, number in (("none", None), ("number", 7), ("half", 0.5), ("word", "7")):
        journal.save_state(state, number)
    journal.save_state("nested", {"值": [1, 2.5, None, "文"]})
    journal.record_event("test", None, NOON, {"zero": 0.0})
    journal.audit(actor, "tested", {"at": "desk"}, NOON)
    return token


def house(folder: Path, data: dict[str, Any] | None = None, *, minutes: int = 3000) -> House:
    """A small site that has been running for two days."""
    store = EmbeddedStore(folder / "data" / "store")
    fill(store, minutes)
    store.close()
    journal = Journal(f"sqlite:///{folder / 'data' / 'journal.db'}")
    token = fill_records(journal)
    journal.close()
    return House(site=write_site(folder / "site" / "site.yaml", data), data=folder / "data", token=token)


def everything(store: Store) -> dict[str, list[tuple[int, float | None, int]]]:
    """Every reading of every point."""
    found = {}
    for point in store.points():
        series = store.raw(point, -(2**52), 2**52)  # some 140 years around 1970
        values = [None if value != value else value for value in series.values.tolist()]  # noqa: PLR0124
        found[point] = list(zip(series.times_us.tolist(), values, series.statuses.tolist(), strict=True))
    return found
