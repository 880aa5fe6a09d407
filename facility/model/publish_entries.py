"""Entries about what is published on a broker for other systems."""

from __future__ import annotations

from facility.model.entry import Entry


class PublishEntry(Entry):
    """What other systems may read, and where. Nothing is published unless the site file says so."""
