"""Entries about how often readings are taken, and where readings and records are kept."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from facility.model.entry import Entry


class PollsEntry(Entry):
    """Poll periods in seconds for the poll classes of the profiles."""

    fast_s: float = Field(2.0, ge=0.2, le=3600)
    normal_s: float = Field(10.0, ge=0.2, le=3600)
    slow_s: float = Field(60.0, ge=0.2, le=3600)


class RetentionEntry(Entry):
    """How many days readings are kept as they were taken, per class of point; None: for ever. Quarter-hour figures made
    of them (mean, extremes, last, coverage) are kept for ever.
    """

    counters_days: int | None = Field(None, ge=31)
    states_days: int | None = Field(None, ge=31)
    measurements_days: int | None = Field(None, ge=31)


Kept = Literal["newest", "oldest"]


class SpoolEntry(Entry):
    """Where readings wait on this machine's disk for a store on another one. It grows to `limit_mb` (millions of
    bytes), and holds nothing for longer than `days`. `counters`, `states`, `measurements`: what stays of each when it
    is full; measurements give way first, then states, then counters.
    """

    limit_mb: int = Field(2000, ge=10, le=1_000_000)
    days: float = Field(30, gt=0, le=3660)
    counters: Kept = "newest"
    states: Kept = "newest"
    measurements: Kept = "newest"


class StoreEntry(Entry):
    """Which time-series engine. `embedded` needs nothing, and alone knows `retention`: servers have their own, and
    readings wait for them in the `spool`.
    `influxdb`: `url`, `database` (bucket), `token_env` names the environment variable that holds the token.
    `victoriametrics`: `url` (of a cluster: the base address of the tenant), `token_env` where a proxy asks for one.
    """

    engine: Literal["embedded", "influxdb", "victoriametrics"] = "embedded"
    url: str | None = Field(None, pattern=r"^https?://")
    database: str | None = None
    organisation: str | None = None
    token_env: str | None = None
    retention: RetentionEntry = RetentionEntry()
    spool: SpoolEntry = SpoolEntry()


class JournalEntry(Entry):
    """Where records are kept: a SQLite file under the data folder, or the PostgreSQL database whose address
    (`postgresql+psycopg://user:password@host/name`) the environment variable `url_env` holds.

    `basis_days`: how many days what each decision rested on is kept (for `houqin case` and for asking why); it is most
    of the journal. `records_days`: how many days decisions, past alarms, notifications, forecasts and trials are kept.
    None: for ever, as all that people entered and did.
    """

    url_env: str | None = None
    basis_days: int | None = Field(92, ge=7)
    records_days: int | None = Field(1100, ge=400)
