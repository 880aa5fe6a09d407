"""Entries about the office's year: working hours, closures, half days, who is on duty."""

from __future__ import annotations

from facility.model.entry import Entry


class AlmanacEntry(Entry):
    """The office's own year, beside the announced calendar."""
