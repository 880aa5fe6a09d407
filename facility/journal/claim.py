"""A claim on a journal that is a file: one process of the machine has it, and loses it however it ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


class FileClaim:
    """An advisory lock beside a file, held by at most one process. The system lets it go when that process ends.

    Args:
        file: what is claimed; None for a database in memory, which nobody else can reach: always to be had.
    """

    def __init__(self, file: Path | None) -> None:
        self._path = None if file is None else file.with_name(f"{file.name}.acting")
        self._handle: int | None = None

    def take(self) -> bool:
        """Whether it is ours, now or already."""
        if self._path is None or self._handle is not None:
            return True
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return False
        self._handle = handle
        return True

    def drop(self) -> None:
        """Lets it go. Safe to call twice."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
