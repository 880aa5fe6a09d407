"""Under which names it is kept that a running site took over a changed site file, or did not."""

from __future__ import annotations

from typing import Final

ALARM: Final = "site_file"
"""The alarm that stands while the site file has mistakes and the one before it is in effect."""

APPLIED: Final = "site_file_applied"
REFUSED: Final = "site_file_refused"
"""Events of the journal: the site file as changed was put into effect, or was not because it has mistakes."""
