"""What offices and meters are called on pages, and the unit a meter counts in."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from api.pages import texts
from facility.accounting.metering import medium_at, unit_of
from facility.tables import ITEM_CODES, item_codes, load_tariffs
from facility.tables.loader import shipped

if TYPE_CHECKING:
    from api.pages.reader import Reader
    from facility.text import Text

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


@cache
def _code_table(name: str) -> Text:
    return item_codes(name).text


def code_table_name(reader: Reader) -> str:
    """The table of item codes that the site has chosen, as people know it; the name of a site's own file."""
    chosen = reader.context.site.file.accounting.item_codes
    return reader.say(_code_table(chosen)) if chosen in shipped(ITEM_CODES) else chosen


def tariff_name(reader: Reader, version: str) -> str:
    """A tariff's name and the day its version holds from; the version as it is where it is none that ships."""
    family, _, since = version.partition("@")
    known = load_tariffs().get(family)
    return version if known is None else f"{reader.say(known.name)} {since}".rstrip()
