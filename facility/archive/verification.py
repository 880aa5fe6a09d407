"""The restore drill: a backup is laid out, opened by the real engine and journal, and counted again."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from facility.archive.manifest import Manifest
from facility.archive.opening import RECORDS_FILE, STORE
from facility.archive.package import Package
from facility.archive.progress import Progress, unseen
from facility.archive.records import REVISION, opened_by_journal
from facility.archive.restore import lay_out
from facility.archive.snapshot import faults, table_rows
from facility.archive.tally import PointTally, tallies
from facility.errors import HouqinError
from facility.store.embedded import EmbeddedStore
from facility.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class PointCheck:
    """What the manifest says of a point and what the restored store says; None where it does not know the point."""

    point: str
    listed: PointTally | None
    found: PointTally | None

    @property
    def same(self) -> bool:
        """Both tell the same, and all of it could be read."""
        return self.listed == self.found and self.listed is not None and self.listed.damage is None


@dataclass(frozen=True, slots=True, kw_only=True)
class TableCheck:
    """Rows of one table of the records: what the manifest lists and what is there, None where the table is not."""

    table: str
    listed: int | None
    found: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What the drill found. `damaged_parts`: part -> what is wrong with it; when there are any, nothing was restored
    and the rest is empty. `failures` are what engine, journal and SQLite said of the restored files.
    """

    manifest: Manifest
    damaged_parts: dict[str, str]
    points: tuple[PointCheck, ...] = ()
    tables: tuple[TableCheck, ...] = ()
    failures: tuple[Text, ...] = ()

    @property
    def sound(self) -> bool:
        """Nothing differs."""
        return not (
            self.damaged_parts
            or self.failures
            or any(not check.same for check in self.points)
            or any(check.listed != check.found for check in self.tables)
        )


def verify(package: Package, *, scratch: Path | None = None, progress: Progress = unseen) -> Verification:
    """Restores a backup into a folder of its own, which is removed at the end, and compares it with its manifest.

    Args:
        scratch: where that folder is made; None: the system's folder for temporary files.

    Raises:
        OSError: it cannot be made, or is too small.
    """
    damaged = package.damage(progress)
    if damaged:
        return Verification(manifest=package.manifest, damaged_parts=damaged)
    with tempfile.TemporaryDirectory(prefix="houqin-verify-", dir=scratch) as made:
        folder = Path(made) / "data"
        lay_out(package, folder, progress)
        failures: list[Text] = []
        tables = tuple(_tables(package.manifest, folder / RECORDS_FILE, failures))
        points = tuple(_points(package.manifest, folder / STORE, failures, progress))
    return Verification(
        manifest=package.manifest, damaged_parts={}, points=points, tables=tables, failures=tuple(failures)
    )


def _tables(manifest: Manifest, path: Path, failures: list[Text]) -> Iterator[TableCheck]:
    with _told("记录", "records", failures):
        failures.extend(Text(f"记录:{said}", f"records: {said}") for said in faults(path))
        found = table_rows(path)
        found.pop(REVISION, None)
        for table in sorted({*found, *manifest.tables}):
            yield TableCheck(table=table, listed=manifest.tables.get(table), found=found.get(table))
        opened_by_journal(path)


def _points(manifest: Manifest, folder: Path, failures: list[Text], progress: Progress) -> Iterator[PointCheck]:
    with _told("时序数据", "readings", failures):
        failures.extend(
            Text(f"时序数据:{said}", f"readings: {said}") for file in folder.glob("*.sqlite") for said in faults(file)
        )
        with contextlib.closing(EmbeddedStore(folder)) as store:
            if store.set_aside is not None:
                failures.append(Text("时序数据无法打开", "the engine cannot open the readings"))
            found = {tally.point: tally for tally in tallies(store, store.points(), progress)}
        for point in sorted({*found, *manifest.points}):
            figures = manifest.points.get(point)
            yield PointCheck(
                point=point, listed=None if figures is None else figures.tally(point), found=found.get(point)
            )


@contextlib.contextmanager
def _told(zh: str, en: str, failures: list[Text]) -> Iterator[None]:
    """A part that cannot be opened at all is a finding, not the end of the drill."""
    try:
        yield
    except HouqinError as error:
        failures.append(Text(f"{zh}:{error}", f"{en}: {error}"))
