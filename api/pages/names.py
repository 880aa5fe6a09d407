"""What offices and meters are called on pages, and the unit a meter counts in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from api.pages import texts
from facility.accounting.metering import medium_at, unit_of
from facility.tables import load_tariffs

if TYPE_CHECKING:
    from api.pages.reader import Reader

UNITS: Final = {"electricity": "kWh", "water": "m3", "gas": "m3", "heat": "GJ", "oil": "L"}
"""Medium -> the unit it is told in."""


def office_name(reader: Reader, office: str) -> str:
    """An office's name; what nobody owns by its own."""
    known = reader.context.site.offices.get(office)
    return reader.say(texts.UNALLOCATED) if known is None else reader.words.name(known.name.text)


def meter_name(reader: Reader, meter: str) -> str:
    """A meter's name; its id where the site has it no more."""
    known = reader.context.site.equipment.get(meter)
    return meter if known is None else reader.words.name(known.text)


def meter_unit(reader: Reader, meter: str) -> str:
    """The unit of the meter's medium, "" where the site has it no more."""
    site = reader.context.site
    return unit_of(medium_at(site, meter)) if meter in site.all_meters else ""


def tariff_name(reader: Reader, version: str) -> str:
    """A tariff's name and the day its version holds from; the version as it is where it is none that ships."""
    family, _, since = version.partition("@")
    known = load_tariffs().get(family)
    return version if known is None else f"{reader.say(known.name)} {since}".rstrip()
