"""Another process that enters into the same journal; its arguments are the address, a meter and how many entries."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

from facility.accounting.entries import ManualReading
from facility.commands import Actor
from facility.journal import Journal


def enter(url: str, name: str, count: int) -> None:
    """Enters `count` readings of the meter `name`, one at a time."""
    at = datetime(2026, 7, 15, tzinfo=UTC)
    journal = Journal(url)
    try:
        for number in range(count):
            reading = ManualReading(meter=name, at_us=number, value=float(number), reason="read")
            journal.accounts.enter(reading, actor=Actor(name=name), at=at)
    finally:
        journal.close()


if __name__ == "__main__":
    enter(sys.argv[1], sys.argv[2], int(sys.argv[3]))
