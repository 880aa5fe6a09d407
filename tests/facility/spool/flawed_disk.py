"""Disks that fail, fill up or lose power, as a test wants it."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

from facility.spool.disk import Disk


class HastyDisk(Disk):
    """Does not wait until anything is safe: for tests in which nothing is cut off."""

    def sync(self, handle: int) -> None:
        """Does nothing."""

    def sync_folder(self, folder: Path) -> None:
        """Does nothing."""


class FailingDisk(HastyDisk):
    """Works until told otherwise: `failing` names the calls that fail from now on, `room` how many bytes still fit."""

    def __init__(self) -> None:
        self.failing: set[str] = set()
        self.code = errno.EIO
        self.room: int | None = None

    def _check(self, call: str) -> None:
        if call in self.failing:
            raise OSError(self.code, os.strerror(self.code))

    def begin(self, path: Path) -> int:
        self._check("begin")
        return super().begin(path)

    def write(self, handle: int, data: bytes) -> None:
        if "write" in self.failing:
            super().write(handle, data[: len(data) // 2])
        self._check("write")
        if self.room is not None and len(data) > self.room:
            super().write(handle, data[: self.room])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        super().write(handle, data)
        if self.room is not None:
            self.room -= len(data)

    def sync(self, handle: int) -> None:
        self._check("sync")
        super().sync(handle)

    def cut(self, handle: int, size: int) -> None:
        self._check("cut")
        super().cut(handle, size)

    def remove(self, path: Path) -> None:
        self._check("remove")
        super().remove(path)

    def replace(self, path: Path, data: bytes) -> None:
        self._check("replace")
        super().replace(path, data)


class PoweredDisk(HastyDisk):
    """Remembers of every file what was synced and what was only written, so that a power cut can be made at any moment.

    A file's name counts once its folder was synced; a deletion or a renaming may have reached the disk or not.
    """

    def __init__(self) -> None:
        self._paths: dict[int, Path] = {}
        self._written: dict[Path, bytes] = {}
        self._synced: dict[Path, bytes] = {}
        self._deleted: dict[Path, bytes] = {}

    def begin(self, path: Path) -> int:
        handle = super().begin(path)
        self._paths[handle] = path
        self._written[path] = self._synced[path] = b""
        return handle

    def write(self, handle: int, data: bytes) -> None:
        super().write(handle, data)
        if handle in self._paths:
            self._written[self._paths[handle]] += data

    def sync(self, handle: int) -> None:
        super().sync(handle)
        if handle in self._paths:
            path = self._paths[handle]
            self._synced[path] = self._written[path]

    def close(self, handle: int) -> None:
        super().close(handle)
        self._paths.pop(handle, None)

    def remove(self, path: Path) -> None:
        super().remove(path)
        if path in self._synced:
            self._deleted[path] = self._synced.pop(path)
            del self._written[path]

    def replace(self, path: Path, data: bytes) -> None:
        super().replace(path, data)
        self._synced[path] = self._written[path] = data

    def after_power_cut(self, folder: Path, chance: Callable[[int], int]) -> None:
        """Lays into `folder` what a machine that lost its power now may find. `chance(n)` draws from 0 to n."""
        folder.mkdir(parents=True)
        for path, synced in self._synced.items():
            unsynced = self._written[path][len(synced) :]
            (folder / path.name).write_bytes(synced + _torn(unsynced, chance))
        for path, content in self._deleted.items():
            if chance(1):
                (folder / path.name).write_bytes(content)


def _torn(unsynced: bytes, chance: Callable[[int], int]) -> bytes:
    """Any part of what was not synced: a beginning of it, with sectors that hold zeros."""
    kept = bytearray(unsynced[: chance(len(unsynced))])
    for start in range(0, len(kept), 512):
        if not chance(3):
            kept[start : start + 512] = bytes(len(kept[start : start + 512]))
    return bytes(kept)
