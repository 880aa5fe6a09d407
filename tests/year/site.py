"""The example site of the year: everything that decides about air-conditioning, without the offices' own circuits."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final

from facility.calendar import Calendar
from facility.model import Site, build_site
from facility.model.loader import load_site
from simulators.weather import Weather

EXAMPLE: Final = Path(__file__).parents[2] / "deploy" / "sites" / "office.yaml"
METERS_READ: Final = frozenset({"main-meter", "meter-vrf-1", "meter-vrf-2", "meter-public-ac", "meter-kettle"})
"""The others measure lights and sockets: nothing decides by them, and reading them is most of the work."""

NEAR_COOLING_C: Final = 28.5
NEAR_HEATING_C: Final = 16.5
"""A forecast errs by a degree or so: days nearer to a threshold than that may see supply."""


def year_site() -> Site:
    """The example site, with the electricity and water meters that no decision needs left out."""
    whole = load_site(EXAMPLE).site
    assert whole is not None
    kept = [item for item in whole.file.equipment if not item.kind.endswith("_meter") or item.id in METERS_READ]
    used = {item.device for item in kept}
    devices = tuple(device for device in whole.file.devices if device.id in used)
    file = whole.file.model_copy(update={"equipment": tuple(kept), "devices": devices})
    return build_site(file, dict(whole.profiles))


def hottest_c(site: Site, day: date) -> float:
    """The highest hour of the local day in the weather record, in degrees Celsius."""
    weather = Weather(site.zone)
    midnight = datetime.combine(day, time(0), tzinfo=site.zone)
    return max(weather.at(midnight + timedelta(hours=hour)).temperature_c for hour in range(24))


def may_supply(site: Site, day: date) -> bool:
    """Whether anything may be supplied on the day at all: a workday that is hot or cold enough."""
    highest_c = hottest_c(site, day)
    is_near = highest_c >= NEAR_COOLING_C or highest_c <= NEAR_HEATING_C
    return is_near and Calendar.of(site.file).is_workday(day)
