"""The folder of an embedded store: who may write in it, and what becomes of a file that is damaged."""

from __future__ import annotations

import fcntl
import logging
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from facility.errors import StoreUnavailable

FILE_NAME: Final = "readings.sqlite"
_MAGIC: Final = b"SQLite format 3\x00"

_log = logging.getLogger(__name__)


def holder_of(folder: Path) -> str | None:
    """The process that holds the store under `folder`, None when it is free or there is none yet."""
    try:
        handle = os.open(folder / "lock", os.O_RDWR)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return os.read(handle, 32).decode("ascii", "replace").strip() or "unknown"
    finally:
        os.close(handle)
    return None


class Hold:
    """The folder, held for one writer; the kernel frees it when the process ends, however it ends.

    Raises:
        StoreUnavailable: another writer holds it, or it cannot be used.
    """

    def __init__(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise StoreUnavailable(f"the store folder {folder} cannot be used: {error}") from error
        self._open = True
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            owner = os.read(self._handle, 32).decode("ascii", "replace").strip() or "unknown"
            self.release()
            raise StoreUnavailable(
                f"the store folder {folder} is open for writing in process {owner}; "
                "stop that one, or choose another folder"
            ) from error
        os.ftruncate(self._handle, 0)
        os.pwrite(self._handle, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Lets others in. Safe to call twice."""
        if self._open:
            self._open = False
            os.close(self._handle)


def is_foreign(path: Path) -> bool:
    """Whether a file is there that does not even begin like SQLite's. SQLite must not be asked: it would remove the
    write-ahead log beside a file that it does not know.
    """
    if not path.exists() or not path.stat().st_size:
        return False
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) != _MAGIC


def moved_aside(path: Path, why: object) -> Path:
    """Renames a damaged store file, with its write-ahead log, so that a new one can begin; the new name.

    Raises:
        StoreUnavailable: it cannot be renamed.
    """
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    aside = path.with_name(f"{path.name}.corrupt.{stamp}")
    try:
        for suffix in ("-wal", "-shm", ""):
            part = path.with_name(path.name + suffix)
            if part.exists():
                part.rename(aside.with_name(aside.name + suffix))
    except OSError as error:
        raise StoreUnavailable(f"the damaged store {path} cannot be moved aside: {error}") from error
    _log.error(
        "%s is damaged (%s): moved to %s, a new store begins; restore the last backup to have the past again",
        path, why, aside,
    )  # fmt: skip
    return aside
