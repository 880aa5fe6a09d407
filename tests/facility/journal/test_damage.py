"""A damaged SQLite journal is moved aside with all that belongs to it, and the records go on in a new one."""

from __future__ import annotations

import logging
import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from facility.errors import StoreUnavailable
from facility.journal import Journal
from facility.journal.damage import is_damaged
from facility.journal.journal import SET_ASIDE
from tests.facility.journal.test_journal import decision

PAGE = 4096


def address(file: Path) -> str:
    return f"sqlite:///{file}"


def spoil(file: Path) -> None:
    """Flips the bytes of the page in the middle, as a failing disk does."""
    content = bytearray(file.read_bytes())
    middle = len(content) // PAGE // 2 * PAGE
    content[middle : middle + PAGE] = bytes(byte ^ 0xFF for byte in content[middle : middle + PAGE])
    file.write_bytes(content)


def filled(file: Path) -> None:
    journal = Journal(address(file))
    for minutes in range(60):
        journal.record_decision(decision(minutes=minutes))
    journal.close()


@pytest.fixture
def left_open(tmp_path: Path) -> Path:
    """A journal as a power cut leaves it: the last entry only in the log beside it."""
    running, found = tmp_path / "running.db", tmp_path / "journal.db"
    filled(running)
    journal = Journal(address(running))
    journal.record_event("last", None, datetime(2026, 7, 15, tzinfo=UTC), {"number": 0})
    for companion in ("", "-wal", "-shm"):
        shutil.copyfile(f"{running}{companion}", f"{found}{companion}")
    journal.close()
    return found


def test_a_damaged_journal_is_moved_aside_and_a_new_one_begun(
    left_open: Path, caplog: pytest.LogCaptureFixture
) -> None:
    spoil(left_open)
    spoiled, log = left_open.read_bytes(), Path(f"{left_open}-wal").read_bytes()
    with caplog.at_level(logging.CRITICAL):
        journal = Journal(address(left_open))
    aside = journal.set_aside
    assert aside is not None
    assert aside.name.startswith("journal.db.corrupt.20")
    assert (aside.read_bytes(), Path(f"{aside}-wal").read_bytes()) == (spoiled, log)
    assert journal.decisions() == []
    assert [found.data for found in journal.events(SET_ASIDE)] == [{"file": str(aside)}]
    assert str(aside) in caplog.text
    journal.record_decision(decision())
    journal.close()
    again = Journal(address(left_open))
    assert (again.set_aside, len(again.decisions()), len(again.events(SET_ASIDE))) == (None, 1, 1)
    again.close()


def test_a_journal_that_was_not_closed_keeps_its_last_entry(left_open: Path) -> None:
    journal = Journal(address(left_open))
    assert journal.set_aside is None
    assert (len(journal.decisions()), len(journal.events("last"))) == (60, 1)
    journal.close()


def test_a_file_that_is_no_database_is_moved_aside(tmp_path: Path) -> None:
    file = tmp_path / "journal.db"
    file.write_bytes(b"not a database at all, whatever its name says" * 100)
    journal = Journal(address(file))
    assert journal.set_aside is not None
    assert journal.set_aside.read_bytes().startswith(b"not a database")
    journal.close()


def test_a_cut_off_file_is_moved_aside(tmp_path: Path) -> None:
    file = tmp_path / "journal.db"
    filled(file)
    file.write_bytes(file.read_bytes()[: 10 * PAGE])
    journal = Journal(address(file))
    assert journal.set_aside is not None
    journal.close()


def test_what_is_empty_or_not_there_is_no_damage(tmp_path: Path) -> None:
    file = tmp_path / "journal.db"
    assert not is_damaged(file)
    file.touch()
    assert not is_damaged(file)
    journal = Journal(address(file))
    assert journal.set_aside is None
    journal.close()


def test_a_large_journal_is_read_through_only_after_it_was_not_closed(left_open: Path) -> None:
    assert not is_damaged(left_open, read_through_bytes=0)
    spoil(left_open)
    assert is_damaged(left_open, read_through_bytes=0)
    for companion in ("-wal", "-shm"):
        Path(f"{left_open}{companion}").unlink()
    for _ in range(2):
        assert not is_damaged(left_open, read_through_bytes=0)
    assert is_damaged(left_open)


def test_a_file_another_process_writes_to_is_no_damage(tmp_path: Path) -> None:
    file = tmp_path / "journal.db"
    filled(file)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert not is_damaged(file)
    other.close()


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="unable to open"):
        Journal(address(tmp_path / "missing" / "journal.db"))
