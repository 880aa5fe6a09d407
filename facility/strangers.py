"""Devices that speak and that nobody has entered: what is needed to enter them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranger:
    """One sender on a broker that the site file does not know. `id` is what stands at the place of the device in the
    pattern its topic fits. `sample` is the beginning of what it said last, as text. Times are aware UTC.
    """

    link: str
    id: str
    topic: str
    first: datetime
    last: datetime
    messages: int
    sample: str
