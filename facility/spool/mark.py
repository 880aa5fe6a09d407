"""Up to which record a spool has let go, kept in a small file beside its records."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Final

from facility.spool.disk import Disk

NAME: Final = "mark"


def read_mark(folder: Path) -> int:
    """The number up to which records were let go; 0 where no file says so: then more is read again, and nothing lost.

    Raises:
        OSError: the file is there and cannot be read.
    """
    try:
        whole = (folder / NAME).read_bytes()
    except FileNotFoundError:
        return 0
    try:
        number, checksum = json.loads(whole)
    except (ValueError, TypeError, RecursionError):
        return 0
    known = isinstance(number, int) and checksum == _checksum(number)
    return number if known else 0


def write_mark(folder: Path, number: int, disk: Disk) -> None:
    """Notes that records up to `number` were let go.

    Raises:
        OSError: it could not be noted; the earlier note stands.
    """
    disk.replace(folder / NAME, json.dumps([number, _checksum(number)]).encode())


def _checksum(number: int) -> int:
    return zlib.crc32(str(number).encode())
