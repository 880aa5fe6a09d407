"""Moves readings from one store to another, can be interrupted at any moment, and proves that all arrived."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson

from facility.archive.copying import copy_point
from facility.archive.progress import Progress, unseen
from facility.archive.site_files import without_passwords
from facility.archive.tally import PointTally, tally
from facility.errors import ArchiveRefused, StoreDamaged, StoreUnavailable
from facility.model.entries import StoreEntry
from facility.store import Store
from facility.store.embedded import EmbeddedStore
from facility.text import Text

_FORMAT: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """One end of a move: an engine, and the data folder in which an embedded one lives."""

    entry: StoreEntry
    data: Path

    @property
    def name(self) -> str:
        """As a reader knows it, without a password."""
        entry = self.entry
        if entry.engine == "embedded":
            return f"embedded:{self.data.resolve()}"
        shown = without_passwords(f"{entry.engine}:{entry.url}".encode())[0].decode()
        return shown if entry.database is None else f"{shown.rstrip('/')}/{entry.database}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A point on both sides, counted up to the moment up to which it was copied."""

    point: str
    source: PointTally
    target: PointTally

    @property
    def same(self) -> bool:
        """All of it was readable, and all of it arrived."""
        return self.source == self.target and self.source.damage is None


class MoveState:
    """How far each point is, in a file, so that a move that was interrupted goes on where it was, and one that was
    finished goes on with what came since.

    The file is a convenience: losing it means copying again, which changes nothing.

    Args:
        path: the file; one that belongs to other ends, or cannot be read, is begun anew.
    """

    def __init__(self, path: Path, source: End, target: End) -> None:
        self._path = path
        self._head = {"format": _FORMAT, "source": source.name, "target": target.name}
        self.until_us: dict[str, int] = {}
        with contextlib.suppress(OSError, orjson.JSONDecodeError, TypeError, KeyError, ValueError):
            held = orjson.loads(path.read_bytes())
            if {key: held[key] for key in self._head} == self._head:
                self.until_us = {str(point): int(until_us) for point, until_us in held["until_us"].items()}

    def reached(self, point: str, until_us: int) -> None:
        """All readings of `point` before `until_us` are safe in the target."""
        self.until_us[point] = until_us
        self.save()

    def save(self) -> None:
        """Writes the file.

        Raises:
            StoreUnavailable: it cannot be written.
        """
        partial = self._path.with_name(f"{self._path.name}.partial")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            partial.write_bytes(orjson.dumps({**self._head, "until_us": self.until_us}))
            partial.replace(self._path)
        except OSError as error:
            raise StoreUnavailable(
                f"{self._path} cannot be written: {error}; name another file with --state"
            ) from error


def state_path(folder: Path, target: End) -> Path:
    """Where the state of a move is kept."""
    return folder / f"move-{hashlib.sha256(os.fsencode(target.name)).hexdigest()[:12]}.json"


def require_different(source: End, target: End) -> None:
    """Raises:
    ArchiveRefused: both ends are the same store.
    """
    if source.name == target.name:
        raise ArchiveRefused(Text(f"源和目标相同:{source.name}", f"source and target are the same: {source.name}"))


def require_empty(target: Store, state: MoveState, name: str) -> None:
    """Raises:
    ArchiveRefused: the target holds readings, and not from this move.
    """
    if not state.until_us and target.points():
        raise ArchiveRefused(
            Text(
                f"{name} 里已有数据;换一个空的目标,或加 --merge 写在一起(同一测点同一时刻以新写入的为准)",
                f"{name} holds readings already; choose an empty one, or --merge them (of the same point and time the "
                "copied one stays)",
            )
        )


def move(
    source: Store, target: Store, points: Sequence[str], state: MoveState, progress: Progress = unseen
) -> list[str]:
    """Copies every one of `points` from where `state` says it is up to its newest reading; the source is only read.

    Returns: what is said of points that the source cannot read whole; they are copied as far as can be.
    """
    what, damaged = Text("迁移测点", "moving points"), []
    for number, point in enumerate(points):
        progress(what, number, len(points))
        extent = source.extent(point)
        if extent is None:
            continue
        start_us = max(state.until_us.get(point, extent[0]), extent[0])
        try:
            for until_us, count in copy_point(source, target, point, start_us, extent[1] + 1):
                if count:
                    state.reached(point, until_us)
                progress(what, number, len(points))
            state.until_us[point] = extent[1] + 1
        except StoreDamaged as error:
            damaged.append(error.message)
    if isinstance(target, EmbeddedStore):
        target.seal()
    state.save()
    return damaged


def compared(
    source: Store, target: Store, points: Sequence[str], state: MoveState, progress: Progress = unseen
) -> Iterator[Moved]:
    """Every one of `points` counted on both sides. What differs is forgotten in `state`, so that the next run copies it
    whole.
    """
    what = Text("核对测点", "comparing points")
    for number, point in enumerate(points):
        progress(what, number, len(points))
        until_us = state.until_us.get(point)
        moved = Moved(
            point=point,
            source=tally(source, point, until_us=until_us),
            target=tally(target, point, until_us=until_us),
        )
        if not moved.same:
            state.until_us.pop(point, None)
        yield moved


def entry_of(address: str, options: Mapping[str, str | None]) -> tuple[StoreEntry, Path | None]:
    """The engine that `embedded:DIR`, `influxdb:URL/DATABASE` or `victoriametrics:URL` names, and the data folder of an
    embedded one.

    Args:
        options: further keys of a site file's `store`, None where not given.

    Raises:
        ArchiveRefused: it is none of these.
    """
    engine, _, rest = address.partition(":")
    given = {key: value for key, value in options.items() if value is not None}
    if engine == "embedded" and rest:
        return StoreEntry(), Path(rest)
    if rest.startswith(("http://", "https://")):
        if engine == "victoriametrics":
            return StoreEntry.model_validate({"engine": engine, "url": rest, **given}), None
        url, _, database = rest.rpartition("/")
        if engine == "influxdb" and database and url.count("/") >= 2:
            return StoreEntry.model_validate({"engine": engine, "url": url, "database": database, **given}), None
    raise ArchiveRefused(
        Text(
            f"{address!r} 应写作 embedded:目录、influxdb:http://主机:端口/库名 或 victoriametrics:http://主机:端口",
            f"{address!r} should be embedded:DIR, influxdb:http://HOST:PORT/DATABASE or victoriametrics:http://HOST:PORT",
        )
    )
