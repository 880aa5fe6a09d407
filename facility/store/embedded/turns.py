"""Who may write next: one at a time, and nobody twice while another waits."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator


class Turns:
    """A fair lock: whoever waits comes before one who has just had a turn, however fast that one asks again."""

    def __init__(self) -> None:
        self._next = threading.Lock()
        self._writing = threading.Lock()

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Holds the lock while the block runs."""
        with self._next:
            self._writing.acquire()
        try:
            yield
        finally:
            self._writing.release()
