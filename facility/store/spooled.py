"""Readings on their way to a store on another machine: safe in a spool first, classed so that what matters most stays
longest.
"""

from __future__ import annotations

import logging
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import orjson

from facility.clock import Clock
from facility.model import Site
from facility.model.keeping import SpoolEntry
from facility.readings import Batch, Status, to_us
from facility.spool import KEPT_S, Bounds, ClassRule, Figures, Group, Keep, Record, Spool
from facility.store.columns import columns_of
from facility.store.embedded.frames import Unreadable, check_version, packed, unpacked
from facility.store.retention import PointClass, class_of

GIVEN_UP_FIRST: Final = (PointClass.MEASUREMENT, PointClass.STATE, PointClass.COUNTER)
"""A counter's newest reading tells all that was used; a measured value of last night tells least."""

_VERSION: Final = 1
_HEAD: Final = struct.Struct("<BIII")
_READINGS_IN_RECORD: Final = 2_000
_PLANS: Final = 4_096

_log = logging.getLogger(__name__)

Plan = Sequence[tuple[str, Sequence[int] | None]]
"""Which places of a device answer go to which class; None: all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What became of one device answer: readings that are safe, that nobody will ever take, that found no room."""

    kept: int = 0
    lost: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Taken:
    """Device answers from the spool, in order, and the group to acknowledge them by. It has more readings than they
    where some could not be understood.
    """

    group: Group
    batches: Sequence[Batch]


class ReadingsSpool:
    """A spool of device answers. Any thread may call.

    Args:
        spool: with the classes of GIVEN_UP_FIRST.
        classes: point -> class; a point that is not in it is a measurement.
        clock: what is handed in is dated by it.
    """

    def __init__(self, spool: Spool, classes: Mapping[str, PointClass], clock: Clock) -> None:
        self.spool = spool
        self._clock = clock
        self._sorting: tuple[Mapping[str, PointClass], dict[tuple[str, ...], Plan]] = (classes, {})

    @property
    def figures(self) -> Figures:
        """How it stands."""
        return self.spool.figures

    def sort_by(self, site: Site) -> None:
        """From now on points have the classes that this site gives them."""
        self._sorting = (_classes(site), {})

    def append(self, batches: Sequence[Batch]) -> list[Fate]:
        """Takes device answers in; what is `kept` is safe on return.

        Raises:
            StoreUnavailable: the disk is full or fails; nothing was taken.
        """
        sound = [index for index, batch in enumerate(batches) if _is_sound(batch)]
        parts = {name: list[tuple[int, Batch]]() for name in GIVEN_UP_FIRST}
        for index in sound:
            for name, part in self._parted(batches[index]):
                parts[PointClass(name)].append((index, part))
        chunks = [(name, chunk) for name, part in parts.items() for chunk in _chunked(part)]
        time_us = to_us(self._clock.now())
        records = [
            Record(
                name=name,
                body=pack([batch for _, batch in chunk]),
                time_us=time_us,
                items=sum(len(batch) for _, batch in chunk),
            )
            for name, chunk in chunks
        ]
        taken = self.spool.append(records) if records else []
        return _fates(batches, set(sound), chunks, taken)

    def _parted(self, batch: Batch) -> Iterator[tuple[str, Batch]]:
        for name, places in self._plan(tuple(batch.points)):
            yield name, batch if places is None else _chosen(batch, places)

    def _plan(self, points: tuple[str, ...]) -> Plan:
        classes, plans = self._sorting
        plan = plans.get(points)
        if plan is None:
            places: dict[str, list[int]] = {}
            for place, point in enumerate(points):
                places.setdefault(classes.get(point, PointClass.MEASUREMENT), []).append(place)
            plan = [(name, None if len(places) == 1 else chosen) for name, chosen in places.items()]
            if len(plans) >= _PLANS:
                plans.clear()
            plans[points] = plan
        return plan

    def take(self, most_readings: int) -> Taken | None:
        """The next device answers, at least one and up to some `most_readings`; None when nothing waits.

        Raises:
            StoreUnavailable: they cannot be read now.
        """
        group = self.spool.take(most_readings)
        if group is None:
            return None
        batches: list[Batch] = []
        for record in group.records:
            try:
                batches += unpack(record.body)
            except (Unreadable, ValueError) as error:  # of a newer version: damage is found by the spool itself
                _log.error("%d readings of class %s are lost: %s", record.items, record.name, error)
        return Taken(group=group, batches=batches)


def opened_spool(folder: Path, site: Site, clock: Clock, *, kept_s: float = KEPT_S) -> ReadingsSpool:
    """The spool of a site, in `folder`, as its site file wants it. `kept_s`: see `Spool`.

    Raises:
        StoreUnavailable: another process has it open, or it cannot be read.
    """
    spool = Spool(folder, bounds_of(site.file.store.spool), now_us=lambda: to_us(clock.now()), kept_s=kept_s)
    return ReadingsSpool(spool, _classes(site), clock)


def _classes(site: Site) -> dict[str, PointClass]:
    return {point.id: class_of(point) for point in site.points.values()}


def bounds_of(entry: SpoolEntry) -> Bounds:
    """The limits that a site file sets."""
    keep = {
        PointClass.COUNTER: entry.counters,
        PointClass.STATE: entry.states,
        PointClass.MEASUREMENT: entry.measurements,
    }
    return Bounds(
        limit_bytes=entry.limit_mb * 1_000_000,
        classes=[ClassRule(name=name, keep=Keep(keep[name])) for name in GIVEN_UP_FIRST],
        oldest_s=entry.days * 86_400.0,
    )


def pack(batches: Sequence[Batch]) -> bytes:
    """Device answers as bytes: every name once, then columns."""
    columns = columns_of(batches)
    names = {name: place for place, name in enumerate(dict.fromkeys(columns.points))}
    named = orjson.dumps(list(names))
    body = (
        _HEAD.pack(_VERSION, len(batches), len(columns), len(named)),
        named,
        np.array([batch.time_us for batch in batches], np.int64).tobytes(),
        np.array([len(batch) for batch in batches], np.uint32).tobytes(),
        np.fromiter((names[point] for point in columns.points), np.uint32, len(columns)).tobytes(),
        columns.values.tobytes(),
        columns.statuses.tobytes(),
    )
    return packed(b"".join(body), 1)


def unpack(data: bytes) -> list[Batch]:
    """The device answers again.

    Raises:
        Unreadable: the bytes are not what was written.
        ValueError: they hold a status that this version does not know.
    """
    body = unpacked(data)
    check_version(body, _VERSION)
    _, batches, readings, named = _HEAD.unpack_from(body)
    at = _HEAD.size + named
    names: list[str] = orjson.loads(body[_HEAD.size : at])
    times_us = np.frombuffer(body, np.int64, batches, at).tolist()
    at += 8 * batches
    counts = np.frombuffer(body, np.uint32, batches, at).tolist()
    at += 4 * batches
    points = [names[place] for place in np.frombuffer(body, np.uint32, readings, at).tolist()]
    at += 4 * readings
    values = np.frombuffer(body, np.float64, readings, at)
    statuses = np.frombuffer(body, np.uint8, readings, at + 8 * readings)
    return list(_batches(times_us, counts, points, values, statuses))


def _batches(
    times_us: list[int],
    counts: list[int],
    points: list[str],
    values: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    statuses: np.ndarray[tuple[int, ...], np.dtype[np.uint8]],
) -> Iterator[Batch]:
    numbers: list[float | None] = values.tolist()
    for place in np.flatnonzero(np.isnan(values)).tolist():
        numbers[place] = None
    start = 0
    for time_us, count in zip(times_us, counts, strict=True):
        end = start + count
        marks = statuses[start:end]
        yield Batch(
            time_us=time_us,
            points=points[start:end],
            values=numbers[start:end],
            statuses=[Status(mark) for mark in marks.tolist()] if marks.any() else None,
        )
        start = end


def _is_sound(batch: Batch) -> bool:
    """Whether it has a value for each point; what has not can never be stored."""
    count = len(batch.points)
    return len(batch.values) == count and (batch.statuses is None or len(batch.statuses) == count)


def _chosen(batch: Batch, places: Sequence[int]) -> Batch:
    statuses = batch.statuses
    return Batch(
        time_us=batch.time_us,
        points=[batch.points[place] for place in places],
        values=[batch.values[place] for place in places],
        statuses=None if statuses is None else [statuses[place] for place in places],
    )


def _chunked(parts: Sequence[tuple[int, Batch]]) -> Iterator[list[tuple[int, Batch]]]:
    chunk: list[tuple[int, Batch]] = []
    readings = 0
    for one in parts:
        chunk.append(one)
        readings += len(one[1])
        if readings >= _READINGS_IN_RECORD:
            yield chunk
            chunk, readings = [], 0
    if readings:
        yield chunk


def _fates(
    batches: Sequence[Batch],
    sound: set[int],
    chunks: Sequence[tuple[str, Sequence[tuple[int, Batch]]]],
    taken: Sequence[bool],
) -> list[Fate]:
    kept = [0] * len(batches)
    refused = [0] * len(batches)
    for (_, chunk), is_taken in zip(chunks, taken, strict=True):
        for index, part in chunk:
            (kept if is_taken else refused)[index] += len(part)
    return [
        Fate(kept=kept[index], refused=refused[index], lost=0 if index in sound else len(batch))
        for index, batch in enumerate(batches)
    ]
