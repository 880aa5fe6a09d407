"""Puts foreign readings into a store: all files are read through first, then written, or nothing is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from facility.archive.exchange.intake import Findings, Rules
from facility.archive.exchange.reading import readings_of
from facility.archive.progress import Progress, unseen
from facility.errors import ArchiveRefused
from facility.readings import Batch
from facility.store import Store
from facility.text import Text

_GROUP_READINGS: Final = 20_000


def examined(files: Sequence[Path], rules: Rules, progress: Progress = unseen) -> Findings:
    """What is in the files, good and bad; nothing is written.

    Raises:
        ArchiveRefused: a file as a whole is no table of readings.
    """
    findings = Findings()
    for batch in _all(files, rules, findings):
        progress(Text("检查读数", "checking readings"), findings.readings, 0)
        del batch
    return findings


def imported(
    files: Sequence[Path], rules: Rules, store: Store, examined_before: Findings, progress: Progress = unseen
) -> Findings:
    """Writes all good readings. Written again they change nothing: of the same point and time the later write stays.

    Raises:
        ArchiveRefused: a file is not what it was when it was examined; some of it may have been written.
        StoreUnavailable, StoreRefused: as the store's `append`; what was written before stays.
    """
    findings = Findings()
    waiting: list[Batch] = []
    count = 0
    for batch in _all(files, rules, findings):
        waiting.append(batch)
        count += len(batch)
        if count >= _GROUP_READINGS:
            store.append(waiting)
            waiting, count = [], 0
            progress(Text("写入读数", "writing readings"), findings.readings, examined_before.readings)
    store.append(waiting)
    if findings != examined_before:
        raise ArchiveRefused(
            Text("导入期间文件发生变化;请重新导入", "a file changed while it was imported; import it again")
        )
    return findings


def _all(files: Sequence[Path], rules: Rules, findings: Findings) -> Iterator[Batch]:
    for file in files:
        yield from readings_of(file, rules, findings)
