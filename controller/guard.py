"""What holds a command back though it is wanted: minimum times on and off, limits on changes. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from controller.policy.findings import Finding
from controller.policy.schema import Parameters
from facility.commands import Wish
from facility.decisions import Effect
from facility.model.control_entries import ControlEntry


@dataclass(slots=True, kw_only=True)
class Timers:
    """When a unit last started and stopped (whoever did it), and when we last wrote a mode or a setpoint to it; None:
    not known or never.
    """

    started: datetime | None = None
    stopped: datetime | None = None
    mode_changed: datetime | None = None
    setpoint_written: datetime | None = None


class MinTimes(NamedTuple):
    """For how long a kind of equipment stays on, and off, once it was switched; seconds."""

    on_s: float
    off_s: float


KIND_TIMES: Final[Mapping[str, MinTimes]] = {
    "lighting": MinTimes(0.0, 0.0),
    "landscape_lighting": MinTimes(300.0, 600.0),
    "lift": MinTimes(300.0, 60.0),
    "dehumidifier": MinTimes(300.0, 300.0),
    "socket_circuit": MinTimes(60.0, 60.0),
    "pump": MinTimes(180.0, 180.0),
    "valve": MinTimes(120.0, 120.0),
    "chiller": MinTimes(900.0, 600.0),
}
"""Defaults by kind of equipment; a site changes them in `control.min_times`, indoor units have parameters of the rules.
Lamps of offices bear any switching, and somebody stands under them. Discharge lamps outdoors strike again only when
cold: about ten minutes. A lift that changes its mind strands people at the landing. A dehumidifier has a compressor,
as small air conditioners have whose thermostats wait three to five minutes. Motors of pumps bear some ten starts an
hour; a motorised valve travels for one to two minutes. Chillers forbid quick restarts themselves: their timers run from
ten minutes up.
"""


def min_times_of(entry: ControlEntry) -> dict[str, MinTimes]:
    """What the site file says."""
    return {kind: MinTimes(times.on_s, times.off_s) for kind, times in entry.min_times.items()}


def min_times(kind: str, p: Parameters, site_s: Mapping[str, MinTimes]) -> MinTimes:
    """The times of a kind: the site's, else the default, else those of an indoor unit."""
    found = site_s.get(kind) or KIND_TIMES.get(kind)
    return MinTimes(p.min_on_s, p.min_off_s) if found is None else found


def held_back(
    timers: Timers,
    change: Wish,
    *,
    running: bool,
    at_once: bool,
    p: Parameters,
    now: datetime,
    times: MinTimes | None = None,
) -> tuple[datetime, Finding | None] | None:
    """Until when `change` must wait, and the finding that says so (None for waits nobody needs to read about).

    None: it may be sent now. `running`: the unit runs. `at_once`: an off that law, safety or a person
    asks for. A mode that the unit has already is no change and must not be in `change`. `times` None: those of an
    indoor unit.
    """
    times = times or MinTimes(p.min_on_s, p.min_off_s)
    if change.on is False:
        until = None if at_once else _after(timers.started, times.on_s, now)
        return None if until is None else (until, Finding("min-on", Effect.HOLD, "", (until,)))
    if change.on and not running:
        until = _after(timers.stopped, times.off_s, now)
        if until is not None:
            return until, Finding("min-off", Effect.HOLD, "", (until,))
    if change.mode is not None:
        until = _after(timers.mode_changed, p.mode_change_s, now)
        if until is not None:
            return until, Finding("mode-change", Effect.HOLD, "", (until,))
    if change.setpoint_c is not None and running:
        until = _after(timers.setpoint_written, p.setpoint_write_s, now)
        if until is not None:
            return until, None
    return None


def _after(since: datetime | None, wait_s: float, now: datetime) -> datetime | None:
    if since is None:
        return None
    until = since + timedelta(seconds=wait_s)
    return until if until > now else None
