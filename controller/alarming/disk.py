"""Looks at the room left on the disks that the site's memory lies on."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from controller.alarming.findings import Finding
from facility.bus.messages import AlarmLevel
from facility.text import Text


def free_percent(folder: Path) -> float:
    """Share of the folder's file system that is free for this user, in percent.

    Raises:
        OSError: it cannot be asked.
    """
    usage = shutil.disk_usage(folder)
    return 100.0 * usage.free / usage.total


class DiskLook:
    """Finds folders on file systems that are nearly full.

    Args:
        folders: where the site keeps what it must not lose.
        percent: below so much free room there is an alarm; None: not looked for.
        free: how much is free in a folder.
    """

    every_s = 60.0
    least_wall_s = 10.0
    owns = ("disk_low:",)

    def __init__(
        self, folders: Sequence[Path], *, percent: float | None, free: Callable[[Path], float] = free_percent
    ) -> None:
        self._folders = folders
        self._percent = percent
        self._free = free

    async def look(self, now: datetime) -> list[Finding] | None:  # noqa: ARG002 - the present state
        """All folders with little room; None when one could not be asked."""
        if self._percent is None:
            return []
        try:
            free = [(folder, await asyncio.to_thread(self._free, folder)) for folder in self._folders]
        except OSError:
            return None
        return [_low(folder, percent) for folder, percent in free if percent < self._percent]


def _low(folder: Path, percent: float) -> Finding:
    return Finding(
        key=f"disk_low:{folder.name}",
        level=AlarmLevel.SERIOUS,
        text=Text(
            f"目录 {folder.name} 所在磁盘只剩 {percent:.1f}% 可用，写满后新读数和记录只能在内存中等待",
            f"the disk of the folder {folder.name} has {percent:.1f} % left; once it is full, readings and records "
            "wait in memory",
        ),
    )
