"""The entry about filings: how early they must be filed, and how far they may go."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from facility.model.entry import Entry


class FilingsEntry(Entry):
    """What a filing may be. `late`: one that is filed less than `lead_minutes` before its start is refused, or entered
    with a flag. `longest_days` and `emergency_hours` bound an exception and an emergency notice. Temperatures below
    `lowest_cool_c` or above `highest_heat_c` cannot be filed (degrees Celsius). `ready_minutes`: how long before a
    meeting its room is made ready.
    """

    late: Literal["refuse", "flag"] = "refuse"
    lead_minutes: int = Field(0, ge=0, le=7 * 24 * 60)
    longest_days: int = Field(31, ge=1, le=366)
    emergency_hours: float = Field(4.0, gt=0, le=48)
    lowest_cool_c: float = Field(26.0, ge=16, le=30)
    highest_heat_c: float = Field(24.0, ge=16, le=30)
    ready_minutes: int = Field(15, ge=0, le=120)
