"""Servers that readings and records are carried to."""

from __future__ import annotations

from tests.facility.journal.conftest import server
from tests.facility.store.conftest import influx_url, victoria_url

__all__ = ["influx_url", "server", "victoria_url"]
