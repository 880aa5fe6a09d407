"""The backup's one file: a zip that is there whole or not at all, and that nobody can use to write elsewhere."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from facility.archive.manifest import NAME, Manifest, Part, manifest_of
from facility.archive.progress import Progress, unseen
from facility.errors import ArchiveRefused
from facility.text import Text

_CHUNK: Final = 1 << 20
_MOST_MANIFEST: Final = 256 << 20
_SAFE_PART: Final = re.compile(r"(?!.*(?:^|/)\.{1,2}(?:/|$))(?:[^/\\:\x00-\x1f\x7f]+/)*[^/\\:\x00-\x1f\x7f]+")
"""A relative path of plain names: nothing absolute, no `..`, no drive, no backslash."""

_UNREADABLE: Final = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, struct.error,
                      ValueError, OSError)  # fmt: skip
"""What the zip library raises for bytes that are not what was written."""


def write_package(target: Path, parts: dict[str, Path], manifest: Manifest, progress: Progress = unseen) -> None:
    """Writes all parts and the manifest to the new file `target` and onto the disk.

    The manifest comes last: a file that was cut short has none.
    """
    total = sum(path.stat().st_size for path in parts.values())
    what, done = Text("写入备份", "writing the backup"), 0
    with open(target, "xb", opener=_for_the_owner_alone) as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as package:
            for name, path in parts.items():
                with path.open("rb") as source, package.open(_entry(name, path, manifest), "w", force_zip64=True) as to:
                    for chunk in iter(lambda source=source: source.read(_CHUNK), b""):  # type: ignore[misc]
                        to.write(chunk)
                        done += len(chunk)
                        progress(what, done, total)
            package.writestr(_entry(NAME, None, manifest), manifest.model_dump_json(indent=1))
        file.flush()
        os.fsync(file.fileno())


def _for_the_owner_alone(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _entry(name: str, path: Path | None, manifest: Manifest) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, manifest.made.timetuple()[:6])
    packed_already = path is not None and path.suffix == ".sqlite" and name.startswith("store/")
    entry.compress_type = zipfile.ZIP_STORED if packed_already else zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    return entry


def part_of(path: Path) -> Part:
    """Checksum and size of a file."""
    with path.open("rb") as file:
        return Part(sha256=hashlib.file_digest(file, "sha256").hexdigest(), size=path.stat().st_size)


class Package:
    """An open backup.

    Raises:
        ArchiveRefused: no backup, one of a newer version, or one that names files where it must not.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._zip = zipfile.ZipFile(path)
        except FileNotFoundError as error:
            raise ArchiveRefused(Text(f"没有备份文件 {path}", f"there is no backup {path}")) from error
        except _UNREADABLE as error:
            raise ArchiveRefused(
                Text(
                    f"{path} 不是备份文件,或已损坏:{error}",
                    f"{path} is no backup, or its directory is damaged: {error}",
                )
            ) from error
        try:
            self.manifest = manifest_of(self._manifest_bytes(), str(path))
            self._check_names()
        except BaseException:
            self._zip.close()
            raise

    def __enter__(self) -> Package:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def _manifest_bytes(self) -> bytes:
        try:
            with self._zip.open(NAME) as file:
                return file.read(_MOST_MANIFEST)
        except KeyError as error:
            raise ArchiveRefused(
                Text(
                    f"{self.path} 里没有 {NAME}:不是备份,或没有写完",
                    f"{self.path} has no {NAME}: it is no backup, or was not finished",
                )
            ) from error
        except _UNREADABLE as error:
            raise self._damaged(NAME, str(error)) from error

    def _check_names(self) -> None:
        held = self._zip.namelist()
        listed = {NAME, *self.manifest.parts}
        wrong = [name for name in (*held, *listed) if _SAFE_PART.fullmatch(name) is None]
        if wrong:
            raise ArchiveRefused(
                Text(
                    f"{self.path} 里的文件名 {wrong[0]!r} 会写到别处,拒绝恢复",
                    f"{self.path} holds {wrong[0]!r}, which would be written elsewhere; it is not used",
                )
            )
        if sorted(held) != sorted(listed):
            odd = sorted(set(held) ^ listed) or held
            raise ArchiveRefused(
                Text(
                    f"{self.path} 的内容与清单不符:{', '.join(odd[:5])}",
                    f"{self.path} does not hold what its manifest lists: {', '.join(odd[:5])}",
                )
            )

    def damage(self, progress: Progress = unseen) -> dict[str, str]:
        """Reads every part; what is wrong with each that differs from the manifest."""
        found: dict[str, str] = {}
        total = sum(part.size for part in self.manifest.parts.values())
        what, done = Text("核对校验和", "checking checksums"), 0
        for name, part in self.manifest.parts.items():
            digest, size = hashlib.sha256(), 0
            try:
                for chunk in self._chunks(name, part.size):
                    digest.update(chunk)
                    size += len(chunk)
                    progress(what, done + size, total)
            except _UNREADABLE as error:
                found[name] = str(error)
            else:
                if size != part.size or digest.hexdigest() != part.sha256:
                    read = Part(sha256=digest.hexdigest(), size=size)
                    found[name] = f"{_told(read)}; manifest {_told(part)}"
            done += part.size
        return found

    def _chunks(self, name: str, size: int) -> Iterator[bytes]:
        """The part's bytes, at most one chunk more than it should have."""
        with self._zip.open(name) as file:
            taken = 0
            while taken <= size and (chunk := file.read(_CHUNK)):
                taken += len(chunk)
                yield chunk

    def require_sound(self, progress: Progress = unseen) -> None:
        """Raises:
        ArchiveRefused: a part is not what was written; names it.
        """
        for name, said in self.damage(progress).items():
            raise self._damaged(name, said)

    def _damaged(self, name: str, said: str) -> ArchiveRefused:
        return ArchiveRefused(
            Text(
                f"{self.path}:{name} 已损坏({said});请用另一份备份",
                f"{self.path}: {name} is damaged ({said}); use another backup",
            )
        )

    def extract(self, name: str, target: Path) -> None:
        """Writes one part to the new file `target`.

        Raises:
            ArchiveRefused: it is not what was written.
        """
        target.parent.mkdir(parents=True, exist_ok=True)
        part, digest = self.manifest.parts[name], hashlib.sha256()
        try:
            with self._created(target) as file:
                for chunk in self._chunks(name, part.size):
                    digest.update(chunk)
                    file.write(chunk)
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise self._damaged(name, str(error)) from error
        if digest.hexdigest() != part.sha256:
            raise self._damaged(name, "SHA-256")

    @contextlib.contextmanager
    def _created(self, target: Path) -> Iterator[IO[bytes]]:
        with target.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())


def _told(part: Part) -> str:
    return f"SHA-256 {part.sha256[:12]}…, {part.size} B"


def sync_folder(folder: Path) -> None:
    """Puts the folder's own entries onto the disk, where its file system can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
