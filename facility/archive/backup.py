"""Makes a backup of a running building: everything it remembers, of one moment, in one file."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from facility.archive.copying import copy_point
from facility.archive.manifest import (
    FORMAT,
    READINGS,
    RECORDS_LINES,
    RECORDS_SQLITE,
    Manifest,
    PointFigures,
    backup_name,
    figures_of,
)
from facility.archive.opening import STORE, readings_file
from facility.archive.package import Package, part_of, sync_folder, write_package
from facility.archive.progress import Progress, unseen
from facility.archive.records import REVISION, revision_of_file, write_lines
from facility.archive.site_files import SiteFiles, site_files
from facility.archive.snapshot import faults, snapshot, table_rows
from facility.archive.tally import tallies
from facility.errors import ArchiveRefused, HouqinError, StoreDamaged, StoreUnavailable
from facility.journal.engine import address_of, file_of
from facility.model import SiteFile
from facility.store.embedded import EmbeddedStore
from facility.store.open import open_store
from facility.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What is backed up: a site, its data folder, and the address of its records."""

    site_path: Path
    site: SiteFile
    data: Path
    records_url: str
    product: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A finished backup. `passwords` counts those taken out of addresses in the site file, `outside` names files of
    the site that are not in it, `removed` the older backups that were deleted.
    """

    path: Path
    manifest: Manifest
    size: int
    passwords: int
    outside: tuple[str, ...]
    removed: tuple[Path, ...] = ()

    @property
    def unreadable(self) -> list[str]:
        """What is said of each point that the store itself can no longer read whole."""
        return [figures.damage for figures in self.manifest.points.values() if figures.damage is not None]


def make_backup(
    source: Source, target: Path, *, at: datetime, keep: int | None = None, progress: Progress = unseen
) -> Backup:
    """Writes a backup into the folder `target`. It has its name only once it is whole and on the disk.

    Readings and records are each of one moment, the records' a little later: nothing that the records speak of is
    missing from the readings for more than that.

    Args:
        at: when, aware UTC; becomes part of the name.
        keep: so many backups of this site stay in `target`, older ones are deleted; None deletes none.

    Raises:
        ArchiveRefused: there is nothing to back up, or one of that name already.
        StoreUnavailable, StoreDamaged: store, records or target cannot be used.
    """
    final = target / backup_name(source.site.site.id, at)
    if final.exists():
        raise ArchiveRefused(Text(f"{final} 已存在,稍后再试", f"{final} exists already; try again in a second"))
    try:
        target.mkdir(parents=True, exist_ok=True)
        with _scratch(target, final.name) as scratch:
            made = _packed(source, scratch, final, at, progress)
    except OSError as error:
        raise StoreUnavailable(f"{target} cannot be written: {error}; check free space and rights") from error
    return _kept(made, target, source.site.site.id, keep)


def _packed(source: Source, scratch: Path, final: Path, at: datetime, progress: Progress) -> Backup:
    points = _readings(source, scratch, progress)
    kind, revision, tables = _records(source, scratch, progress)
    files = site_files(source.site_path, source.site)
    for name, content in files.parts.items():
        (scratch / name).parent.mkdir(parents=True, exist_ok=True)
        (scratch / name).write_bytes(content)
    parts = {name: scratch / name for name in sorted(_files(scratch))}
    manifest = Manifest(
        format=FORMAT,
        product=source.product,
        site=source.site.site.id,
        made=at,
        site_file=files.site_file,
        engine=source.site.store.engine,
        records=kind,
        revision=revision,
        parts={name: part_of(path) for name, path in parts.items()},
        points=points,
        tables=tables,
    )
    whole = scratch / "whole"
    write_package(whole, parts, manifest, progress)
    whole.rename(final)
    sync_folder(final.parent)
    return _told(final, manifest, files)


def _told(path: Path, manifest: Manifest, files: SiteFiles) -> Backup:
    return Backup(
        path=path, manifest=manifest, size=path.stat().st_size, passwords=files.passwords, outside=files.outside
    )


def _files(folder: Path) -> Iterator[str]:
    return (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@contextlib.contextmanager
def _scratch(target: Path, name: str) -> Iterator[Path]:
    """A folder to work in, gone at the end; those that a killed backup left are removed first."""
    for left in target.glob(".houqin-*.partial"):
        with contextlib.suppress(OSError), _locked(left):
            shutil.rmtree(left)
    scratch = target / f".{name}.partial"
    scratch.mkdir(mode=0o700)
    with _locked(scratch):
        try:
            yield scratch
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Holds a folder; the kernel frees it when the process ends, however it ends.

    Raises:
        OSError: another process holds it.
    """
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


def _readings(source: Source, scratch: Path, progress: Progress) -> dict[str, PointFigures]:
    """The readings as an embedded store's file in `scratch`, and the figures of every point in it."""
    folder = scratch / STORE
    folder.mkdir()
    if source.site.store.engine == "embedded":
        _sound_snapshot(readings_file(source.data), scratch / READINGS, progress)
    else:
        _copy_from_server(source, folder, progress)
    with contextlib.closing(EmbeddedStore(folder)) as copy:
        if copy.set_aside is not None:
            raise StoreDamaged(
                f"the copy of the store cannot be opened; it was of {source.data}, nothing was backed up"
            )
        figures = {tally.point: figures_of(tally) for tally in tallies(copy, copy.points(), progress)}
    (folder / "lock").unlink(missing_ok=True)
    return figures


def _sound_snapshot(path: Path, copy: Path, progress: Progress) -> None:
    """A snapshot that SQLite itself can read through: a file that it cannot would pass for an empty one once opened.

    Raises:
        StoreDamaged: it cannot.
    """
    snapshot(path, copy, progress)
    wrong = faults(copy)
    if wrong:
        raise StoreDamaged(f"{path} is damaged ({wrong[0]}); nothing was backed up, restore the last good backup")


def _copy_from_server(source: Source, folder: Path, progress: Progress) -> None:
    what = Text("复制测点", "copying points")
    with (
        contextlib.closing(open_store(source.site.store, source.data)) as server,
        contextlib.closing(EmbeddedStore(folder)) as copy,
    ):
        points = server.points()
        for number, point in enumerate(points):
            progress(what, number, len(points))
            extent = server.extent(point)
            if extent is not None:
                for _ in copy_point(server, copy, point, extent[0], extent[1] + 1):
                    progress(what, number, len(points))
        copy.seal()


def _records(
    source: Source, scratch: Path, progress: Progress
) -> tuple[Literal["sqlite", "postgresql"], str | None, dict[str, int]]:
    """The records in `scratch`: the engine they came from, the migration of their tables, the rows of each."""
    file = file_of(address_of(source.records_url))
    if file is not None:
        (scratch / RECORDS_SQLITE).parent.mkdir()
        _sound_snapshot(file, scratch / RECORDS_SQLITE, progress)
        rows = table_rows(scratch / RECORDS_SQLITE)
        rows.pop(REVISION, None)
        return "sqlite", revision_of_file(scratch / RECORDS_SQLITE), rows
    (scratch / RECORDS_LINES).parent.mkdir()
    revision, counts = write_lines(source.records_url, scratch / RECORDS_LINES, progress)
    return "postgresql", revision, counts


def _kept(made: Backup, target: Path, site: str, keep: int | None) -> Backup:
    if keep is None:
        return made
    removed = tuple(old for old in own_backups(target, site)[:-keep] if old != made.path)
    for old in removed:
        old.unlink(missing_ok=True)
    return Backup(
        path=made.path, manifest=made.manifest, size=made.size, passwords=made.passwords, outside=made.outside,
        removed=removed,
    )  # fmt: skip


def own_backups(folder: Path, site: str) -> list[Path]:
    """The backups of a site in a folder, oldest first: files of the right name whose manifest says so, too."""
    named = re.compile(rf"houqin-{re.escape(site)}-\d{{8}}T\d{{6}}Z\.houqin-backup")
    found = []
    for path in sorted(folder.glob(f"houqin-{site}-*.houqin-backup")):
        if named.fullmatch(path.name) is None or path.is_symlink() or not path.is_file():
            continue
        with contextlib.suppress(HouqinError), Package(path) as package:
            if package.manifest.site == site:
                found.append(path)
    return found
