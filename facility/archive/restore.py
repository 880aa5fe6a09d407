"""Puts a backup back: into a data folder, and into the servers that the site file names."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from facility.archive.copying import copy_point
from facility.archive.manifest import READINGS, RECORDS_LINES, RECORDS_SQLITE, SITE, Manifest
from facility.archive.opening import RECORDS_FILE, STORE, require_free
from facility.archive.package import Package, sync_folder
from facility.archive.progress import Progress, unseen
from facility.archive.records import copy_records, file_of_lines, is_empty, opened_by_journal
from facility.archive.snapshot import in_use
from facility.errors import ArchiveRefused, StoreUnavailable
from facility.model.entries import StoreEntry
from facility.store.embedded import EmbeddedStore
from facility.store.open import open_store
from facility.text import Text

_SCRATCH = ".restoring"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where to restore. `store` is the site's engine; `records_url` the address of a PostgreSQL database, None for a
    SQLite file under `data`. With `replace` what is in `data` is moved aside, and a server's database that holds
    readings already is written over.
    """

    data: Path
    store: StoreEntry
    records_url: str | None
    replace: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was put back. `aside` is where the folder's earlier content is now, None where there was none."""

    manifest: Manifest
    site_file: Path
    aside: Path | None


def restore(package: Package, target: Target, *, at: datetime, progress: Progress = unseen) -> Restored:
    """Restores a backup. Checks first, everything that can be; what was in the data folder is never deleted.

    Args:
        at: now, aware UTC; names what is moved aside.

    Raises:
        ArchiveRefused: the backup is damaged or of a newer version; the folder is in use, or not empty; a server's
            database is not empty. Nothing was changed.
        StoreUnavailable: folder or server cannot be written. The folder is as it was.
    """
    package.require_sound(progress)
    require_unused(target.data)
    if not target.replace:
        _require_empty(target.data)
    _require_room(package.manifest, target.data)
    _require_empty_servers(target)
    existed, aside = target.data.exists(), _moved_aside(target.data, at)
    try:
        target.data.mkdir(parents=True, exist_ok=True)
        scratch = target.data / _SCRATCH
        lay_out(package, scratch, progress)
        _fill_servers(scratch, target, progress)
        for child in sorted(scratch.iterdir()):
            child.rename(target.data / child.name)
        scratch.rmdir()
        sync_folder(target.data)
    except BaseException as error:
        _put_back(target.data, aside, existed=existed)
        if isinstance(error, OSError):
            raise StoreUnavailable(f"{target.data} cannot be written: {error}; nothing was restored") from error
        raise
    site_file = target.data / package.manifest.site_file
    return Restored(manifest=package.manifest, site_file=site_file, aside=aside)


def lay_out(package: Package, folder: Path, progress: Progress = unseen) -> None:
    """Makes a data folder of a backup: store, records as a SQLite file, site file. The records are brought up to this
    version's tables.

    Raises:
        ArchiveRefused: a part is damaged.
    """
    folder.mkdir()
    what, names = Text("取出备份内容", "unpacking"), list(package.manifest.parts)
    for number, name in enumerate(names):
        progress(what, number, len(names))
        place = folder / _place_of(name)
        package.extract(name, place)
    progress(what, len(names), len(names))
    lines = folder / RECORDS_LINES
    if package.manifest.records == "postgresql":
        file_of_lines(lines, package.manifest.revision, folder / RECORDS_FILE)
        shutil.rmtree(lines.parent)


def _place_of(name: str) -> str:
    return RECORDS_FILE if name == RECORDS_SQLITE else name


def require_unused(data: Path) -> None:
    """Raises:
    ArchiveRefused: a process has the data folder open.
    """
    require_free(data)
    if in_use(data / RECORDS_FILE):
        raise ArchiveRefused(
            Text(
                f"{data / RECORDS_FILE} 正被另一个进程使用;请先停止 houqin run",
                f"{data / RECORDS_FILE} is open in another process; stop houqin run first",
            )
        )


def _require_empty(data: Path) -> None:
    if data.exists() and (not data.is_dir() or any(data.iterdir())):
        raise ArchiveRefused(
            Text(
                f"{data} 不是空目录;另选一个目录,或用 --replace 把原有内容移到一旁",
                f"{data} is not empty; choose another folder, or --replace to move what is there aside",
            )
        )


def _require_room(manifest: Manifest, data: Path) -> None:
    needed = sum(part.size for part in manifest.parts.values())
    nearest = next(folder for folder in (data, *data.absolute().parents) if folder.is_dir())
    free = shutil.disk_usage(nearest).free
    if free < needed:
        raise ArchiveRefused(
            Text(
                f"{nearest} 剩余空间 {free >> 20} MiB,恢复需要 {needed >> 20} MiB",
                f"{nearest} has {free >> 20} MiB free, the backup needs {needed >> 20} MiB",
            )
        )


def _require_empty_servers(target: Target) -> None:
    if target.store.engine != "embedded" and not target.replace:
        with contextlib.closing(open_store(target.store, target.data)) as server:
            if server.points():
                raise _not_empty(f"{target.store.engine} {target.store.database or ''}".strip())
    if target.records_url is not None and not is_empty(target.records_url):
        raise _not_empty("postgresql")


def _not_empty(name: str) -> ArchiveRefused:
    return ArchiveRefused(
        Text(
            f"站点文件指定的 {name} 里已有数据;请指定一个空的数据库",
            f"the {name} database that the site file names holds data already; name an empty one",
        )
    )


def _moved_aside(data: Path, at: datetime) -> Path | None:
    if not data.exists() or not any(data.iterdir()):
        return None
    data = data.resolve()
    aside = data.with_name(f"{data.name}.before-restore.{at:%Y%m%dT%H%M%SZ}")
    try:
        if aside.exists():
            raise FileExistsError(f"{aside} exists already")
        return data.rename(aside)
    except OSError as error:
        raise StoreUnavailable(f"{data} cannot be moved aside: {error}; move its content by hand") from error


def _put_back(data: Path, aside: Path | None, *, existed: bool) -> None:
    """Leaves the folder as it was before: away, empty, or with what was moved aside."""
    with contextlib.suppress(OSError):
        for child in _laid_out(data):
            shutil.rmtree(child, ignore_errors=True) if child.is_dir() else child.unlink()
        if aside is not None or not existed:
            data.rmdir()
        if aside is not None:
            aside.rename(data)


def _laid_out(data: Path) -> Iterator[Path]:
    names = (_SCRATCH, STORE, RECORDS_FILE, SITE.strip("/"))
    return (data / name for name in names if (data / name).exists())


def _fill_servers(scratch: Path, target: Target, progress: Progress) -> None:
    """Carries readings and records on to the servers that the site file names; what went there leaves the folder."""
    if target.records_url is not None:
        from facility.journal import Journal

        Journal(target.records_url).close()  # makes its tables
        opened_by_journal(scratch / RECORDS_FILE)
        copy_records(scratch / RECORDS_FILE, target.records_url, progress)
        for left in scratch.glob(f"{RECORDS_FILE}*"):
            left.unlink()
    if target.store.engine != "embedded":
        _fill_store(scratch, target, progress)
        shutil.rmtree(scratch / STORE)


def _fill_store(scratch: Path, target: Target, progress: Progress) -> None:
    what = Text("写入时序库", "filling the store")
    with (
        contextlib.closing(EmbeddedStore(scratch / READINGS.split("/", 1)[0])) as held,
        contextlib.closing(open_store(target.store, target.data)) as server,
    ):
        points = held.points()
        for number, point in enumerate(points):
            progress(what, number, len(points))
            extent = held.extent(point)
            if extent is not None:
                for _ in copy_point(held, server, point, extent[0], extent[1] + 1):
                    progress(what, number, len(points))
