"""A serial adapter that is not there: a pseudo-terminal at a stable path that can be pulled out and put back."""

from __future__ import annotations

import asyncio
import os
import tty
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


class Adapter:
    """Plugged in from the start.

    Args:
        path: where programs find it, whatever its number is this time.
        heard: takes what a program sends.
    """

    def __init__(self, path: Path, heard: Callable[[bytes], None]) -> None:
        self.path = path
        self._heard = heard
        self._ends: tuple[int, int] | None = None
        self.plug_in()

    def plug_in(self) -> None:
        """There again, under another number."""
        master, slave = self._ends = os.openpty()
        tty.setraw(slave)
        os.set_blocking(master, False)
        self.path.symlink_to(os.ttyname(slave))
        asyncio.get_running_loop().add_reader(master, self._read)

    def pull_out(self) -> None:
        """Gone, with whatever was under way."""
        if self._ends is not None:
            asyncio.get_running_loop().remove_reader(self._ends[0])
            for end in self._ends:
                os.close(end)
            self.path.unlink()
            self._ends = None

    def say(self, data: bytes) -> None:
        """Bytes from the line, as many as the terminal takes."""
        if self._ends is not None:
            with suppress(BlockingIOError):
                os.write(self._ends[0], data)

    def _read(self) -> None:
        assert self._ends is not None
        self._heard(os.read(self._ends[0], 4096))
