"""A consistent copy of a SQLite file that another process goes on writing."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import Final

from facility.archive.progress import Progress, unseen
from facility.errors import ArchiveRefused, StoreDamaged, StoreUnavailable
from facility.text import Text

STEP_PAGES: Final = 256
"""Pages (of 4 KiB) copied in one step."""

_DAMAGED: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def snapshot(source: Path, target: Path, progress: Progress = unseen) -> None:
    """Copies `source` as it is now to the new file `target`, which is complete in itself.

    All steps read one state of the file: what its writer commits meanwhile goes to the write-ahead log beside it, so
    the writer never waits for the copy and the copy never begins anew. (The log can only be folded back into the file
    once the copy is done.)

    Raises:
        ArchiveRefused: it is not there.
        StoreUnavailable: it cannot be read, or there is no room for the copy.
        StoreDamaged: it is no SQLite file, or a page of it cannot be read.
    """
    if not source.is_file():
        raise ArchiveRefused(
            Text(
                f"没有文件 {source};请用 --data 指定数据目录",
                f"there is no file {source}; name the data folder with --data",
            )
        )
    what = Text(f"复制 {source.name}", f"copying {source.name}")
    try:
        with contextlib.closing(_reading(source)) as read, contextlib.closing(sqlite3.connect(target)) as write:
            read.execute("BEGIN")
            read.execute("SELECT count(*) FROM sqlite_master").fetchone()  # from here on the state is fixed
            read.backup(
                write, pages=STEP_PAGES, sleep=0.001,
                progress=lambda _, left, total: progress(what, total - left, total),
            )  # fmt: skip
            read.execute("ROLLBACK")
            write.execute("PRAGMA journal_mode=DELETE")  # no second file beside it
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", None)
        if code is not None and code & 0xFF in _DAMAGED:
            raise StoreDamaged(f"{source} is damaged ({error}); restore the last backup") from error
        raise StoreUnavailable(
            f"{source} cannot be copied to {target}: {error}; check rights and free space"
        ) from error


def _reading(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=30.0)


def table_rows(path: Path) -> dict[str, int]:
    """The number of rows of every table of a SQLite file that nobody writes.

    Raises:
        StoreDamaged: it cannot be read.
    """
    try:
        with contextlib.closing(_reading(path)) as read:
            found = read.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
            names = [name for (name,) in found if not name.startswith("sqlite_")]
            return {name: read.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}
    except sqlite3.Error as error:
        raise StoreDamaged(f"{path} cannot be read: {error}") from error


def faults(path: Path) -> list[str]:
    """What SQLite's own check finds wrong in a file, at most ten; empty when all is well."""
    try:
        with contextlib.closing(_reading(path)) as read:
            return [said for (said,) in read.execute("PRAGMA integrity_check(10)") if said != "ok"]
    except sqlite3.Error as error:
        return [str(error)]


def in_use(path: Path) -> bool:
    """Whether another connection, of whatever process, has the SQLite file open. One that is not there is free."""
    if not path.is_file():
        return False
    with contextlib.closing(sqlite3.connect(path, isolation_level=None, timeout=0.0)) as asking:
        try:
            asking.execute("PRAGMA locking_mode=EXCLUSIVE")
            asking.execute("BEGIN EXCLUSIVE")
            asking.execute("ROLLBACK")
        except sqlite3.OperationalError:
            return True
        except sqlite3.DatabaseError:
            return False  # damaged: whoever has it open can do nothing with it
    return False
