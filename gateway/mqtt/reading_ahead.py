"""Reads what has come in one go: asking for a header, a length and a body costs four system calls for every message."""

from __future__ import annotations

import socket
import ssl
from typing import Any, Final

_AHEAD_BYTES: Final = 64 * 1024


class ReadAhead:
    """A connected socket whose bytes are fetched in large pieces and handed out in small ones.

    Args:
        sock: plain or encrypted; everything but receiving is its own.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._held = memoryview(b"")

    def recv(self, most_bytes: int) -> bytes:
        """As `socket.recv`; b"" when the other side has closed."""
        if not self._held:
            if most_bytes >= _AHEAD_BYTES:
                return self._sock.recv(most_bytes)
            self._held = memoryview(self._sock.recv(_AHEAD_BYTES))
        piece = bytes(self._held[:most_bytes])
        self._held = self._held[most_bytes:]
        return piece

    @property
    def has_more(self) -> bool:
        """Whether bytes wait here that the event loop will not wake up for."""
        return bool(self._held) or (isinstance(self._sock, ssl.SSLSocket) and self._sock.pending() > 0)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)
