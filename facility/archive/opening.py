"""Stores and their files as the tools of this room meet them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from facility.errors import ArchiveRefused
from facility.model.entries import StoreEntry
from facility.store import Store
from facility.store.embedded import EmbeddedStore
from facility.store.embedded.folder import FILE_NAME, holder_of
from facility.store.open import open_store
from facility.text import Text

STORE: Final = "store"
RECORDS_FILE: Final = "journal.db"


def readings_file(data: Path) -> Path:
    """The embedded store's file under a data folder."""
    return data / STORE / FILE_NAME


@contextlib.contextmanager
def store_for_reading(entry: StoreEntry, data: Path) -> Iterator[Store]:
    """The site's store, to read from while another process may write it.

    Raises:
        ArchiveRefused: there is none yet. StoreUnavailable, StoreDamaged: it cannot be opened.
    """
    if entry.engine != "embedded":
        with contextlib.closing(open_store(entry, data)) as store:
            yield store
        return
    if not readings_file(data).is_file():
        raise ArchiveRefused(
            Text(
                f"{data} 里没有时序数据;请用 --data 指定数据目录",
                f"{data} holds no readings; name the data folder with --data",
            )
        )
    with contextlib.closing(EmbeddedStore.reading(data / STORE)) as reader:
        yield reader


def store_for_writing(entry: StoreEntry, data: Path) -> Store:
    """The site's store, to write to.

    Raises:
        ArchiveRefused: it is an embedded one that a running process writes; names the process.
        StoreUnavailable, StoreDamaged: it cannot be opened.
    """
    if entry.engine == "embedded":
        require_free(data)
    return open_store(entry, data)


def require_free(data: Path) -> None:
    """Raises:
    ArchiveRefused: a process holds the embedded store under `data`; names it.
    """
    holder = holder_of(data / STORE)
    if holder is not None:
        raise ArchiveRefused(
            Text(
                f"{data} 正被进程 {holder} 使用(houqin run);请先停止它",
                f"{data} is in use by process {holder} (houqin run); stop it first",
            )
        )
