"""The daily window in which equipment may run by rule (AC-05), as far as a default end for wishes needs it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time
from typing import Final

from api.services.edges import local_date
from facility.model import Site

DEFAULT_WINDOW: Final = "08:00-17:00"

_WINDOW = re.compile(r"\s*(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})\s*\Z")


def window_end(site: Site, now: datetime) -> datetime | None:
    """The end of the window of `now`'s local date, UTC; None where the site's window cannot be read as HH:MM-HH:MM."""
    match = _WINDOW.match(str(site.file.policy.parameters.get("window", DEFAULT_WINDOW)))
    if match is None:
        return None
    hour, minute = int(match[3]), int(match[4])
    if hour > 23 or minute > 59:
        return None
    return datetime.combine(local_date(now, site.zone), time(hour, minute), site.zone).astimezone(UTC)
