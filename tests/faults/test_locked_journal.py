"""Records that another process writes to, or holds locked (FT-49)."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from sqlalchemy import func, insert, select

from facility.journal import Journal
from facility.journal.tables import states

HOLDER = """
import sqlite3, sys, time
with sqlite3.connect(sys.argv[1], isolation_level=None) as connection:
    connection.execute("BEGIN IMMEDIATE")
    print("held", flush=True)
    time.sleep(0.4)
    connection.execute("COMMIT")
"""
"""A backup, or whoever else, that holds the file for a while."""


@contextmanager
def held(file: Path) -> Iterator[None]:
    """Another process holds `file` locked as the block begins, and lets go a moment later."""
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(file)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield
        assert process.wait(timeout=20) == 0


def test_who_reads_first_and_writes_later_is_not_refused(tmp_path: Path) -> None:
    file = tmp_path / "journal.db"
    journal = Journal(f"sqlite:///{file}")
    journal.save_state("timers", 0)
    with journal._database.transaction() as connection:
        count = connection.execute(select(func.count()).select_from(states)).scalar_one()
        with (
            closing(sqlite3.connect(file, timeout=0, isolation_level=None)) as other,
            suppress(sqlite3.OperationalError),
        ):
            other.execute("UPDATE states SET key = 'stolen'")
        connection.execute(insert(states).values(key="count", document=count))
    assert (journal.load_state("timers"), journal.load_state("count")) == (0, 1)
    journal.close()


def test_who_writes_waits_for_a_lock_and_who_reads_does_not(tmp_path: Path) -> None:
    file = tmp_path / "journal.db"
    journal = Journal(f"sqlite:///{file}")
    journal.save_state("timers", 0)
    with held(file):
        assert journal.load_state("timers") == 0
        journal.save_state("timers", 1)
    assert journal.load_state("timers") == 1
    journal.close()
