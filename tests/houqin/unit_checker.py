"""The independent check of units and their rooms: room limits, interlocks, timers, staggering, rooms kept all day."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Final

from facility.model import OutdoorUnit, Site, ZoneClass
from tests.houqin.rule_checker import (
    CONTACT_STALE,
    HEAT,
    MINUTE,
    RULED,
    STALE,
    Breach,
    Case,
    calendar_and_window,
    minutes,
    ruled_units,
    setpoint,
)
from tests.houqin.supply_checker import HALF_HOUR, TEN, Outdoors, outdoors, season_of, supply_breaches

MIN_OFF: Final = timedelta(minutes=5)
MIN_ON: Final = timedelta(minutes=10)
LAST_START: Final = timedelta(minutes=15)
STAGGER: Final = timedelta(seconds=15)
WINDOW_OPEN: Final = timedelta(minutes=2)
VACANT: Final = timedelta(minutes=20)
CLIMATE: Final = {ZoneClass.ARCHIVE: (14.0, 24.0), ZoneClass.SERVER_ROOM: (18.0, 27.0)}
CLOSE_K: Final = 0.1
"""Means of other moments than the controller's differ by so much."""

Span = tuple[datetime, datetime]


def all_breaches(case: Case, days: Sequence[date]) -> list[Breach]:
    """Every enforced clause of the default preset, of every unit, over the local `days`."""
    site = case.seen.site
    states = {day: {season: outdoors(case, season, day) for season in (0.0, HEAT)} for day in days}
    found: list[Breach] = []
    for unit in ruled_units(site, (*RULED, ZoneClass.DUTY_ROOM)):
        is_ruled = site.spaces[site.indoor_units[unit].serves[0]].zone_class in RULED
        spans = case.seen.running(unit)
        for began, ended in spans:
            for day in (day for day in days if began.date() <= day <= ended.date()):
                midnight = datetime(day.year, day.month, day.day, tzinfo=began.tzinfo)
                part = max(began, midnight), min(ended, midnight + timedelta(days=1))
                found += supply_breaches(case, unit, *part, states[day], forecast=is_ruled)
            if is_ruled:
                found += calendar_and_window(case, unit, began, ended, _patience(case, unit, began))
                found += late_starts(case, unit, began, ended)
            found += room_breaches(case, unit, began, ended)
            found += interlock_breaches(case, unit, began, ended)
        found += setpoint(case, unit, case.wall)
        found += timer_breaches(case, unit, spans, states)
        found += write_breaches(case, unit)
    found += stagger_breaches(case)
    found += climate_breaches(case)
    return sorted(found, key=lambda breach: (breach.at, breach.equipment))


def _patience(case: Case, unit: str, began: datetime) -> timedelta:
    """What is switched on at the wall is put back after a minute; the rest goes off at once."""
    return case.wall if case.is_by_hand(unit, began) else case.tolerance


def late_starts(case: Case, unit: str, began: datetime, ended: datetime) -> Iterator[Breach]:
    """A start in the last quarter of an hour of the window; at the wall it is put back."""
    closes = case.edges(began.date())[1]
    is_late = closes - LAST_START <= began < closes and not case.allows(unit, began, "hours")
    if (
        is_late
        and case.seen.is_start(unit, began)
        and not (case.is_by_hand(unit, began) and ended - began <= case.wall)
    ):
        yield Breach(clause="late-start", equipment=unit, at=began, what=f"started at {began:%H:%M:%S}")


def room_mean(case: Case, unit: str, at: datetime) -> float | None:
    """The 10-minute mean of the room sensor, else of the return air."""
    for track in (
        *case.seen.sensors(unit, "climate_sensor", "temperature"),
        case.seen.track(f"{unit}.room_temperature"),
    ):
        mean_c = track.mean(at, TEN)
        if mean_c is not None:
            return mean_c
    return None


def room_breaches(case: Case, unit: str, began: datetime, ended: datetime) -> list[Breach]:
    """Cooling a room below 27.5 C or heating it above 24.5 C (AC-03)."""

    def wrong(at: datetime) -> str | None:
        season, mean_c = season_of(case, unit, at), room_mean(case, unit, at)
        if season is None or mean_c is None:
            return None
        if season == HEAT:
            relaxed = case.allows(unit, at, "setpoint_max_heat_c")
            return f"heated to {mean_c:.2f} C" if mean_c > 24.5 + CLOSE_K and not relaxed else None
        relaxed = case.allows(unit, at, "setpoint_min_cool_c")
        return f"cooled to {mean_c:.2f} C" if mean_c < 27.5 - CLOSE_K and not relaxed else None

    return _too_long(case, unit, began, ended, "AC-03 room", wrong)


def interlock_breaches(case: Case, unit: str, began: datetime, ended: datetime) -> list[Breach]:
    """Air supplied with a window open for two minutes (AC-08), or with nobody in for twenty (AC-09)."""
    zone_class = case.seen.site.spaces[case.seen.site.indoor_units[unit].serves[0]].zone_class
    windows = case.seen.sensors(unit, "window_contact", "open")
    presence = case.seen.sensors(unit, "occupancy_sensor", "present")

    def open_long(at: datetime) -> str | None:
        held = [lasted for track in windows if (lasted := track.held(1.0, at, CONTACT_STALE)) is not None]
        return "a window is open" if held and max(held) >= WINDOW_OPEN else None

    def empty_long(at: datetime) -> str | None:
        held = [track.held(0.0, at, CONTACT_STALE) for track in presence]
        known = [lasted for lasted in held if lasted is not None]
        return "nobody is in" if known and len(known) == len(held) and min(known) >= VACANT else None

    found = _too_long(case, unit, began, ended, "AC-08", open_long)
    if zone_class is not ZoneClass.DUTY_ROOM:
        found += _too_long(case, unit, began, ended, "AC-09", empty_long)
    return found


def _too_long(  # noqa: PLR0917 - what a check is
    case: Case, unit: str, began: datetime, ended: datetime, clause: str, wrong: Callable[[datetime], str | None]
) -> list[Breach]:
    """One breach where something was wrong for longer than putting it right may take."""
    patience = _patience(case, unit, began)
    since: datetime | None = None
    for at in minutes(began, ended):
        what = wrong(at)
        since = (since or at) if what is not None else None
        if since is not None and what is not None and at - since > patience:
            return [Breach(clause=clause, equipment=unit, at=at, what=f"{what}, on since {began:%H:%M}")]
    return []


def timer_breaches(
    case: Case, unit: str, spans: Sequence[Span], states: dict[date, dict[float, Outdoors]]
) -> Iterator[Breach]:  # fmt: skip
    """On again within five minutes; off within ten minutes of a start for no reason that the rules know."""
    for before, after in pairwise(spans):
        pause = after[0] - before[1]
        if pause < MIN_OFF - case.cadence and not case.is_by_hand(unit, after[0]):
            yield Breach(clause="min-off", equipment=unit, at=after[0], what=f"on again after {pause}")
    for began, ended in spans[:-1] if spans and _is_open(case, unit) else spans:
        if not case.seen.is_start(unit, began):
            continue
        if ended - began < MIN_ON - case.cadence and not _is_explained(case, unit, began, ended, states):
            yield Breach(clause="min-on", equipment=unit, at=ended, what=f"off after {ended - began}")


def _is_open(case: Case, unit: str) -> bool:
    """Whether the last thing the unit said is that it is on."""
    rows = case.seen.rows(f"{unit}.on")
    return bool(rows) and rows[-1][1] > 0


def _is_explained(
    case: Case, unit: str, began: datetime, ended: datetime, states: dict[date, dict[float, Outdoors]]
) -> bool:
    """Whether a short running ended as the rules or a person would have it."""
    if case.is_by_hand(unit, began) or case.is_by_hand(unit, ended):
        return True
    at = ended.replace(second=0, microsecond=0)
    opens, closes = case.edges(at.date())
    if not opens <= at - MINUTE < closes - MINUTE or not case.calendar.is_workday(at.date()):
        return True
    season = season_of(case, unit, at - MINUTE)
    mean_c = room_mean(case, unit, at)
    if mean_c is not None and (mean_c > 24.5 - CLOSE_K if season == HEAT else mean_c < 27.5 + CLOSE_K):
        return True
    contacts = (track for kind in ("window_contact", "door_contact") for track in case.seen.sensors(unit, kind, "open"))
    windows = (track.held(1.0, at, CONTACT_STALE) for track in contacts)
    if any(lasted is not None for lasted in windows):
        return True
    presence = (track.held(0.0, at, CONTACT_STALE) for track in case.seen.sensors(unit, "occupancy_sensor", "present"))
    if any(lasted is not None and lasted >= VACANT - case.cadence for lasted in presence):
        return True
    state = states.get(at.date(), {}).get(HEAT if season == HEAT else 0.0)
    return state is not None and _supply_ends(state, at)


def _supply_ends(state: Outdoors, at: datetime) -> bool:
    wrong, rain, overcast = state.wrong_since.get(at), state.rain_since.get(at), state.overcast_since.get(at)
    if wrong is not None and at - wrong >= TEN - 2 * MINUTE:
        return True
    return any(since is not None and at - since >= HALF_HOUR - 2 * MINUTE for since in (rain, overcast))


def write_breaches(case: Case, unit: str) -> Iterator[Breach]:
    """Two changes of mode within ten minutes while it runs, or of the setpoint within one, that are not people's."""
    on = case.seen.track(f"{unit}.on")
    modes, setpoints = TEN - case.cadence, MINUTE - timedelta(seconds=5)
    for name, least, clause in (("mode", modes, "mode-change"), ("setpoint", setpoints, "setpoint-write")):
        changed: datetime | None = None
        rows = case.seen.rows(f"{unit}.{name}")
        for (_, old), (at, new) in pairwise(rows):
            if old == new or case.is_by_hand(unit, at) or on.at(at - timedelta(microseconds=1), STALE) != 1.0:
                continue
            if changed is not None and at - changed < least:
                yield Breach(clause=clause, equipment=unit, at=at, what=f"changed twice within {at - changed}")
            changed = at


def stagger_breaches(case: Case) -> Iterator[Breach]:
    """Two starts within fifteen seconds behind one outdoor unit, or behind one meter next to the main meter. Starts
    that were only read in the same round, and those at the wall, tell nothing.
    """
    site = case.seen.site
    groups: dict[str, list[tuple[datetime, str]]] = {}
    for unit in ruled_units(site, tuple(ZoneClass)):
        for began, _ in case.seen.running(unit):
            if case.seen.is_start(unit, began) and not case.is_by_hand(unit, began):
                for group in {site.indoor_units[unit].outdoor_unit, feeder(site, unit)}:
                    groups.setdefault(group, []).append((began, unit))
    for found in groups.values():
        found.sort()
        for (first, _), (second, unit) in pairwise(found):
            if timedelta(0) <= second - first < STAGGER - timedelta(seconds=1):
                yield Breach(clause="stagger", equipment=unit, at=second, what=f"{second - first} after another")


def feeder(site: Site, unit: str) -> str:
    """The line below the main meter that a unit's outdoor unit hangs on."""
    outdoor = site.equipment[site.indoor_units[unit].outdoor_unit]
    meter = site.meters.get(outdoor.meter or "") if isinstance(outdoor, OutdoorUnit) else None
    while meter is not None and meter.parent is not None and site.meters[meter.parent].parent is not None:
        meter = site.meters[meter.parent]
    return meter.id if meter is not None else site.indoor_units[unit].outdoor_unit


def climate_breaches(case: Case) -> Iterator[Breach]:
    """Archives and server rooms: never set outside their limits, and not left off while it is too warm in them."""
    site = case.seen.site
    for zone_class, (low_c, high_c) in CLIMATE.items():
        for unit in ruled_units(site, (zone_class,)):
            for at, value in case.seen.rows(f"{unit}.setpoint"):
                if not low_c <= value <= high_c:
                    yield Breach(clause="ARC-01", equipment=unit, at=at, what=f"set to {value:g} C")
                    break
            since: datetime | None = None
            for at, value in case.seen.rows(f"{unit}.on"):
                mean_c = room_mean(case, unit, at)
                left = value == 0.0 and mean_c is not None and mean_c > high_c + 1.0
                since = (since or at) if left else None
                if since is not None and at - since > HALF_HOUR:
                    yield Breach(clause="ARC-01", equipment=unit, at=at, what=f"off at {mean_c:.1f} C")
                    break
