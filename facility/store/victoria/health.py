"""What a VictoriaMetrics server says about itself on its page /metrics."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

_SAMPLE: Final = re.compile(r"^(?P<name>\w+)(?:\{(?P<labels>.*)\})? (?P<value>\S+)$")
_DURATION: Final = re.compile(r"^(?P<count>[0-9.]+)(?P<unit>[a-z]*)$")
_UNITS_S: Final = {
    "": 31 * 86_400.0, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0, "w": 7 * 86_400.0,
    "y": 365 * 86_400.0,
}  # fmt: skip
"""Of `-retentionPeriod`; a number without a unit counts months of 31 days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """One look at the server. It makes the page anew every 5 s only.

    Attributes:
        start_s: when it started, Unix seconds.
        now_s: its clock, Unix seconds.
        inserted: rows it took as line protocol since it started.
        rejected: rows it dropped though it said that it took them: not understood, or outside its times.
        retention_s: how far back it keeps readings, None when it does not say.
        fingerprint: the same for the same page.
        dedup_s: within so many seconds it keeps one sample of a series; 0 keeps all, None when it does not say.
    """

    start_s: float
    now_s: float
    inserted: int
    rejected: int
    fingerprint: int
    retention_s: float | None
    dedup_s: float | None


def health_of(page: str) -> Health | None:
    """Reads the page; None when it is not that of a server that stores readings."""
    numbers: dict[str, float] = {}
    flags: dict[str, str] = {}
    for name, labels, value in _samples(page.splitlines()):
        if name == "flag":
            flags[labels.get("name", "")] = labels.get("value", "")
        elif not name.startswith("vm_rows_") or _counts(name, labels):
            numbers[name] = numbers.get(name, 0.0) + value
    start_s = numbers.get("vm_app_start_timestamp")
    if start_s is None or "vm_rows_inserted_total" not in numbers:
        return None
    return Health(
        start_s=start_s,
        now_s=start_s + numbers.get("vm_app_uptime_seconds", 0.0),
        inserted=int(numbers["vm_rows_inserted_total"]),
        rejected=int(numbers.get("vm_rows_invalid_total", 0) + numbers.get("vm_rows_ignored_total", 0)),
        fingerprint=hash(page),
        retention_s=_seconds(flags.get("retentionPeriod")),
        dedup_s=_seconds(flags.get("dedup.minScrapeInterval")),
    )


def _counts(name: str, labels: dict[str, str]) -> bool:
    return labels.get("type") == "influx" if name != "vm_rows_ignored_total" else True


def _samples(lines: Iterable[str]) -> Iterable[tuple[str, dict[str, str], float]]:
    for line in lines:
        if line.startswith(("vm_app_", "vm_rows_i", "flag{")):
            found = _SAMPLE.match(line)
            if found is not None:
                labels = dict(re.findall(r'(\w+)="([^"]*)"', found["labels"] or ""))
                yield found["name"], labels, float(found["value"])


def _seconds(text: str | None) -> float | None:
    found = _DURATION.match(text or "")
    if found is None or found["unit"] not in _UNITS_S:
        return None
    return float(found["count"]) * _UNITS_S[found["unit"]]
