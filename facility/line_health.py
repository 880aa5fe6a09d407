"""How the lines do: what the gateway measures of them and tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitHealth:
    """One device on its line, since the gateway's start. `up` is None until it was first asked; latencies are wall
    milliseconds, None before the first answer; `errors` counts by kind (the names of `facility.errors`); `dead_since`
    and `probe_at` (aware UTC) are None while it answers.
    """

    device: str
    up: bool | None
    requests: int
    errors: Mapping[str, int]
    latency_p50_ms: float | None
    latency_p95_ms: float | None
    dead_since: datetime | None
    probe_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineHealth:
    """One line, since the gateway's start. `load`: share (0 to 1) of the last minute of wall time in which the line
    was busy, None before the first. `missed`: poll cycles that were skipped because the line was too slow.
    `dropped_answers`: answers that came too late or from somebody else and were thrown away.
    """

    link: str
    up: bool | None
    at: datetime
    requests: int
    errors: Mapping[str, int]
    missed: int
    dropped_answers: int
    load: float | None
    latency_p50_ms: float | None
    latency_p95_ms: float | None
    units: tuple[UnitHealth, ...]
