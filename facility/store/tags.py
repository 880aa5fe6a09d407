"""Point ids as tag values of time-series servers, and back."""

from __future__ import annotations

from functools import lru_cache
from typing import Final
from urllib.parse import quote, unquote

LONGEST_TAG_BYTES: Final = 8_192
"""Servers cut longer ones (VictoriaMetrics at 16,384 bytes) or refuse them (InfluxDB at 65,535)."""

_SAFE: Final = "".join(map(chr, range(0x21, 0x7F))).translate(str.maketrans("", "", "%\\,='\""))
_NAMELESS: Final = "%"
"""Stands for the empty id: a percent sign inside an id is always encoded, so it is free."""


@lru_cache(maxsize=65_536)
def tag_of(point: str) -> str:
    """A point's id as a tag value that means nothing to line protocol, InfluxQL or MetricsQL strings: what might is
    percent-encoded.

    Ids as site files have them stay as they are, and so do letters of every script.
    """
    if not point:
        return _NAMELESS
    return "".join(char if char in _SAFE or (char > "\x7f" and char.isalnum()) else _encoded(char) for char in point)


def _encoded(char: str) -> str:
    return quote(char, safe="", errors="surrogatepass")


def point_of(tag: str) -> str:
    """The point's id again."""
    return "" if tag == _NAMELESS else unquote(tag, errors="surrogatepass")
