"""Entries about the clock that everything is dated by."""

from __future__ import annotations

from pydantic import Field

from facility.model.entry import Entry


class ClockEntry(Entry):
    """What the machine's clock is compared with: `server`, a time server of the office's network (SNTP, UDP `port`);
    None: with nothing. It is asked every `every_s` seconds. An alarm says that the clock is more than `limit_s` seconds
    off, another that the server has not answered for `silent_s` seconds. The clock is not touched: that is for the
    operating system.
    """

    server: str | None = Field(None, min_length=1, max_length=253, pattern=r"^[A-Za-z0-9.:_-]+$")
    port: int = Field(123, ge=1, le=65535)
    limit_s: float = Field(2.0, ge=0.05, le=3600)
    every_s: float = Field(600, ge=10, le=86_400)
    silent_s: float = Field(21_600, ge=60, le=30 * 86_400)
