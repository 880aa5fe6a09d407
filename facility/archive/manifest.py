"""What a backup says of itself: its parts with their checksums, and the figures a restored copy must show."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from facility.archive.tally import PointTally
from facility.errors import ArchiveRefused
from facility.text import Text

FORMAT: Final = 1
"""Moves when what is in a backup changes; older ones are still read."""

NAME: Final = "manifest.json"
READINGS: Final = "store/readings.sqlite"
RECORDS_SQLITE: Final = "journal/journal.sqlite"
RECORDS_LINES: Final = "journal/tables/"
SITE: Final = "site/"


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class Part(_Shape):
    """One file in the backup: its SHA-256 in hex and its size."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    size: int = Field(ge=0)


class PointFigures(_Shape):
    """As `facility.archive.tally.PointTally`."""

    count: int
    missing: int
    first_us: int | None
    last_us: int | None
    total: float | None
    damage: str | None = None

    def tally(self, point: str) -> PointTally:
        """The same, to compare with."""
        return PointTally(point=point, **self.model_dump())


class Manifest(_Shape):
    """The first thing to read of a backup.

    `site_file` names the part that is the site file. `engine` and `records` say what was backed up (not what it is in
    the backup: readings are always an embedded store's file). `revision` is the migration of the records' tables.
    """

    format: int = Field(ge=1)
    product: str
    site: str
    made: AwareDatetime
    site_file: str
    engine: str
    records: Literal["sqlite", "postgresql"]
    revision: str | None
    parts: dict[str, Part]
    points: dict[str, PointFigures]
    tables: dict[str, int]

    @property
    def readings(self) -> int:
        """All readings of all points."""
        return sum(figures.count for figures in self.points.values())


class _Format(_Shape):
    format: int = Field(ge=1)
    product: str = "?"


def figures_of(tally: PointTally) -> PointFigures:
    """A tally as the manifest holds it."""
    return PointFigures(
        count=tally.count,
        missing=tally.missing,
        first_us=tally.first_us,
        last_us=tally.last_us,
        total=tally.total,
        damage=tally.damage,
    )


def manifest_of(raw: bytes, source: str) -> Manifest:
    """The manifest of the backup `source`.

    Raises:
        ArchiveRefused: it was written by a newer version, or is none.
    """
    try:
        head = _Format.model_validate_json(raw)
        if head.format > FORMAT:
            raise ArchiveRefused(
                Text(
                    f"{source} 是较新版本({head.product})的备份,格式 {head.format},本版本只认识到 {FORMAT};"
                    "请用该版本恢复",
                    f"{source} was made by a newer version ({head.product}, format {head.format}; this one knows "
                    f"{FORMAT}); restore it with that version",
                )
            )
        return Manifest.model_validate_json(raw)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ArchiveRefused(
            Text(
                f"{source}:{NAME} 无法读取({place}:{first['msg']});备份已损坏",
                f"{source}: {NAME} cannot be read ({place}: {first['msg']}); the backup is damaged",
            )
        ) from error


def backup_name(site: str, made: datetime) -> str:
    """File name of a backup."""
    return f"houqin-{site}-{made:%Y%m%dT%H%M%SZ}.houqin-backup"
