"""Entries about the clock that everything is dated by."""

from __future__ import annotations

from facility.model.entry import Entry


class ClockEntry(Entry):
    """What the system's clock is compared with."""
