"""A damaged SQLite journal is found at opening and moved aside, so that the building's records go on."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from facility.errors import StoreDamaged

DAMAGED: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
"""SQLite's result codes that mean: this file is not what it was."""

READ_THROUGH_BYTES: Final = 256 * 1024 * 1024
"""Up to this size a journal is read through at every opening, a larger one only after it was not closed properly."""

_COMPANIONS: Final = ("-wal", "-shm")

_log = logging.getLogger(__name__)


def is_damaged(file: Path, *, read_through_bytes: int = READ_THROUGH_BYTES) -> bool:
    """Whether the file fails SQLite's own check. One that is not there, is empty, or cannot be read now is not."""
    if not file.is_file() or file.stat().st_size == 0:
        return False
    through = file.stat().st_size <= read_through_bytes or _was_left_open(file)
    try:
        # Read-only: an ordinary connection would write the log into the damaged file when it closes.
        with contextlib.closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            (said,) = connection.execute(
                "PRAGMA quick_check(1)" if through else "SELECT iif(count(*) >= 0, 'ok', '') FROM sqlite_schema"
            ).fetchone()
    except sqlite3.Error as error:
        return getattr(error, "sqlite_errorcode", 0) & 0xFF in DAMAGED
    return bool(said != "ok")


def move_aside(file: Path) -> Path:
    """Renames the file and its log to `<name>.corrupt.<UTC time>`; returns the new name.

    Raises:
        StoreDamaged: it cannot be renamed.
    """
    aside = _unused(file)
    try:
        for companion in _COMPANIONS:
            with contextlib.suppress(FileNotFoundError):
                _with_companion(file, companion).rename(_with_companion(aside, companion))
        file.rename(aside)
    except OSError as error:
        raise StoreDamaged(f"{file} is damaged and cannot be moved aside ({error}); move it and start again") from error
    _log.critical("the journal %s is damaged: it was moved to %s and an empty one begun; restore a backup", file, aside)
    return aside


def _unused(file: Path) -> Path:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    return file.with_name(f"{file.name}.corrupt.{stamp}")


def _was_left_open(file: Path) -> bool:
    """A journal that was closed has no log, and one that was only looked at has an empty one."""
    log = _with_companion(file, "-wal")
    return log.exists() and log.stat().st_size > 0


def _with_companion(file: Path, companion: str) -> Path:
    return file.with_name(file.name + companion)
