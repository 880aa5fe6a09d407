"""Local days of a site."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from facility.model import Site


def local_midnight(site: Site, day: date) -> datetime:
    """The start of the local `day`, aware UTC."""
    return datetime.combine(day, time(0), tzinfo=site.zone).astimezone(UTC)
