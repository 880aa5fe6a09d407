"""Entries about alarms: which conditions are watched, who is told, and how."""

from __future__ import annotations

from facility.model.entry import Entry


class AlarmsEntry(Entry):
    """Which conditions are watched, beyond those that ship."""


class NotifyEntry(Entry):
    """Who is told of alarms, and how."""
