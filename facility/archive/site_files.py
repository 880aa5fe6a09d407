"""The site file and the files of the site's own that it rests on, as they go into a backup: without passwords."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from facility.archive.manifest import SITE
from facility.errors import ArchiveRefused
from facility.model import SiteFile
from facility.text import Text

_PASSWORD: Final = re.compile(r"(?P<before>\b[a-zA-Z][a-zA-Z0-9+.-]*://[^\s/:@'\"]*):(?P<secret>[^\s/@'\"]+)@")
REMOVED: Final = "REMOVED"
"""Stands where a password was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteFiles:
    """`parts`: name in the backup -> content. `passwords` counts those taken out of addresses; `outside` are files the
    site names that lie elsewhere and are not in the backup.
    """

    site_file: str
    parts: dict[str, bytes]
    passwords: int
    outside: tuple[str, ...]


def site_files(path: Path, file: SiteFile) -> SiteFiles:
    """The site file, `profiles/` beside it, and every file it names beside it (`./own.yaml`).

    Raises:
        ArchiveRefused: one of them cannot be read.
    """
    folder = path.parent
    found = [path, *sorted((folder / "profiles").glob("*.yaml"))]
    outside: list[str] = []
    for named in sorted({os.path.normpath(named) for named in _named(file.model_dump())}):
        if not (folder / named).is_file():
            continue
        if named.startswith(".."):
            outside.append(named)
        else:
            found.append(folder / named)
    parts: dict[str, bytes] = {}
    passwords = 0
    for item in dict.fromkeys(found):
        content, removed = without_passwords(_read(item))
        parts[f"{SITE}{item.relative_to(folder).as_posix()}"] = content
        passwords += removed
    return SiteFiles(site_file=f"{SITE}{path.name}", parts=parts, passwords=passwords, outside=tuple(outside))


def _named(value: Any) -> Iterable[str]:
    """Every string of the file that names a file relative to it."""
    if isinstance(value, str):
        if value.startswith(("./", "../")):
            yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _named(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _named(item)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ArchiveRefused(
            Text(
                f"打不开站点的文件 {path}:{error.strerror}",
                f"the site's file {path} cannot be opened: {error.strerror}",
            )
        ) from error


def without_passwords(content: bytes) -> tuple[bytes, int]:
    """The file with the password of every address (`https://user:password@host`) replaced, and how many there were."""
    text = content.decode("utf-8", "surrogateescape")
    cleaned, removed = _PASSWORD.subn(rf"\g<before>:{REMOVED}@", text)
    return cleaned.encode("utf-8", "surrogateescape"), removed
