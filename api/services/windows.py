"""The daily window in which equipment may run by rule (AC-05), as far as a default end for wishes needs it."""

from __future__ import annotations

from datetime import UTC, datetime

from api.services.edges import local_date
from facility.books.supply_hours import window_of
from facility.model import Site


def window_end(site: Site, now: datetime) -> datetime | None:
    """The end of the window of `now`'s local date, UTC; None where the site's window cannot be read as HH:MM-HH:MM."""
    window = window_of(site)
    if window is None:
        return None
    return datetime.combine(local_date(now, site.zone), window[1], site.zone).astimezone(UTC)
