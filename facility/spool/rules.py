"""How large a spool may grow, and what becomes of which class of records when it is full."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

SMALLEST_BYTES: Final = 1 << 20
"""A spool has room for so much at least."""

_FILES: Final = 64
_LARGEST_FILE_BYTES: Final = 4 << 20
_SMALLEST_FILE_BYTES: Final = 1 << 14


class Keep(StrEnum):
    """What stays of a class when there is no room for all of it."""

    NEWEST = "newest"
    OLDEST = "oldest"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassRule:
    """A class of records and what stays of it. Where room is needed, classes named first give way first."""

    name: str
    keep: Keep = Keep.NEWEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """A spool's limits.

    `limit_bytes`: all its files together. `oldest_s`: records older than that go, None: none for its age.
    `classes`: from what is given up first to what is given up last; names are of letters, digits and underscores.

    Raises:
        ValueError: no class, two of one name, or a limit below SMALLEST_BYTES.
    """

    limit_bytes: int
    classes: Sequence[ClassRule]
    oldest_s: float | None = None

    def __post_init__(self) -> None:
        names = [rule.name for rule in self.classes]
        if not names or len(names) != len(set(names)) or not all(name.isidentifier() for name in names):
            raise ValueError(f"a spool's classes have a name each and at least one is needed, not {names}")
        if self.limit_bytes < SMALLEST_BYTES:
            raise ValueError(f"a spool has {SMALLEST_BYTES} bytes at least, not {self.limit_bytes}")

    @property
    def file_bytes(self) -> int:
        """From this size on a file is closed and another begun: room is made file by file."""
        return min(max(self.limit_bytes // _FILES, _SMALLEST_FILE_BYTES), _LARGEST_FILE_BYTES)
