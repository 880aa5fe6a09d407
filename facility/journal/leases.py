"""The lease that says which controller of a site acts: one row a site, every change of it one atomic statement.

Ages are measured on one clock, that of the database server; on SQLite, which one machine has for itself, on the
machine's clock since its boot.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Connection, Table, and_, literal, or_, select, update
from sqlalchemy import Column as SqlColumn
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.expression import literal_column

from facility.boottime import boottime_s
from facility.journal.claim import FileClaim
from facility.journal.database import Database
from facility.journal.tables import metadata
from facility.journal.words import Words

SECOND_US: Final = 1_000_000

leases: Final = Table(
    "leases",
    metadata,
    SqlColumn("site", Words(), primary_key=True),
    SqlColumn("holder", Words()),
    SqlColumn("epoch", BigInteger, nullable=False),
    SqlColumn("renewed_us", BigInteger, nullable=False),
    SqlColumn("lease_us", BigInteger, nullable=False),
)
"""`holder` is NULL once it was given back; `renewed_us` is on the database's clock."""

_SERVER_NOW_US: Final = literal_column(
    "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)", type_=BigInteger
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseRow:
    """A site's lease as it stands in the journal.

    Attributes:
        holder: who has it, None when it was given back.
        epoch: how often it changed hands.
        renewed_us: when it was last renewed, on the database's clock; for comparing, not for telling the time.
        age_s: how long ago that was on the same clock, negative where that clock was set back since.
        lease_s: for how long it holds from there.
    """

    holder: str | None
    epoch: int
    renewed_us: int
    age_s: float
    lease_s: float

    @property
    def is_over(self) -> bool:
        """Nobody has it any more: given back, not renewed in time, or of a time that has not come yet."""
        return self.holder is None or not 0 <= self.age_s < self.lease_s


class Leases:
    """The lease that says which controller of a site acts.

    Raises (all calls):
        StoreUnavailable, StoreDamaged: as the journal's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self) -> FileClaim | None:
        """What decides between the processes of one machine where the journal is a file; None on a server, where the
        row does.
        """
        return None if self._is_server else FileClaim(self._database.file)

    def find(self, site: str) -> LeaseRow | None:
        """The lease of `site`, None when nobody ever had it."""
        now = self._now_us()
        query = select(leases, now.label("now_us")).where(leases.c.site == site)
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        return LeaseRow(
            holder=row.holder,
            epoch=row.epoch,
            renewed_us=row.renewed_us,
            age_s=(row.now_us - row.renewed_us) / SECOND_US,
            lease_s=row.lease_us / SECOND_US,
        )

    def take(
        self, site: str, holder: str, lease_s: float, *, seen: LeaseRow | None, by_force: bool = False
    ) -> int | None:
        """Takes the lease over and gives its new epoch; None when it was not to be had.

        It is to be had when it is exactly as `seen` (None: there was none) and over. `by_force`: also from a
        holder of whom the caller knows otherwise that it is gone.
        """
        with self._database.at_once() as connection:
            if seen is None:
                return self._insert(connection, site, holder, lease_s)
            now = self._now_us()
            over = or_(now - leases.c.renewed_us >= leases.c.lease_us, leases.c.renewed_us > now)
            free = or_(leases.c.holder.is_(None), and_(leases.c.renewed_us == seen.renewed_us, over))
            changed = (
                update(leases)
                .where(leases.c.site == site, leases.c.epoch == seen.epoch, *([] if by_force else [free]))
                .values(
                    holder=holder, epoch=leases.c.epoch + 1, renewed_us=now, lease_us=round(lease_s * SECOND_US)
                )
                .returning(leases.c.epoch)
            )  # fmt: skip
            epoch: int | None = connection.execute(changed).scalar()
            return epoch

    def _insert(self, connection: Connection, site: str, holder: str, lease_s: float) -> int | None:
        insert: Any = postgresql.insert if self._is_server else sqlite.insert
        row = {"site": site, "holder": holder, "epoch": 1, "lease_us": round(lease_s * SECOND_US)}
        new = insert(leases).values(**row, renewed_us=self._now_us()).on_conflict_do_nothing()
        epoch: int | None = connection.execute(new.returning(leases.c.epoch)).scalar()
        return epoch

    def renew(self, site: str, holder: str, epoch: int, lease_s: float) -> bool:
        """Whether `holder` still has the lease of that epoch; it then holds for `lease_s` from now."""
        fresh = {"renewed_us": self._now_us(), "lease_us": round(lease_s * SECOND_US)}
        return self._change(site, holder, epoch, fresh)

    def release(self, site: str, holder: str, epoch: int) -> bool:
        """Gives the lease back, so that another may have it at once; whether it was still held."""
        return self._change(site, holder, epoch, {"holder": None})

    def _change(self, site: str, holder: str, epoch: int, values: dict[str, Any]) -> bool:
        mine = and_(leases.c.site == site, leases.c.holder == holder, leases.c.epoch == epoch)
        with self._database.at_once() as connection:
            return connection.execute(update(leases).where(mine).values(values)).rowcount > 0

    @property
    def _is_server(self) -> bool:
        return self._database.is_server

    def _now_us(self) -> ColumnElement[int]:
        if self._is_server:
            return _SERVER_NOW_US
        return literal(round(boottime_s() * SECOND_US), BigInteger)
