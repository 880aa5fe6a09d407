"""The few calls by which a spool changes files: what a power cut, a full or a failing disk can interrupt."""

from __future__ import annotations

import os
from pathlib import Path

_sync_data = getattr(os, "fdatasync", os.fsync)


class Disk:
    """The real one. Every call may raise OSError; what was written is safe only after `sync`."""

    def begin(self, path: Path) -> int:
        """A new file for appending; its name is safe on return."""
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND, 0o640)
        try:
            self.sync_folder(path.parent)
        except OSError:
            os.close(handle)
            raise
        return handle

    def write(self, handle: int, data: bytes) -> None:
        """Appends all of `data`."""
        left = memoryview(data)
        while left:
            left = left[os.write(handle, left) :]

    def sync(self, handle: int) -> None:
        """What was written to this file is safe on return."""
        _sync_data(handle)

    def cut(self, handle: int, size: int) -> None:
        """Takes back what was written beyond `size` bytes."""
        os.ftruncate(handle, size)

    def close(self, handle: int) -> None:
        """Gives the handle back."""
        os.close(handle)

    def remove(self, path: Path) -> None:
        """Deletes a file, or finds it deleted."""
        path.unlink(missing_ok=True)

    def replace(self, path: Path, data: bytes) -> None:
        """The file holds `data`, whole and safe, on return; before that what it held."""
        aside = path.with_name(f"{path.name}.new")
        handle = os.open(aside, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o640)
        try:
            self.write(handle, data)
            self.sync(handle)
        finally:
            self.close(handle)
        aside.replace(path)
        self.sync_folder(path.parent)

    def sync_folder(self, folder: Path) -> None:
        """The names of the files in it are safe on return."""
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
