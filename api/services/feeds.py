"""Which meters tell of the whole house, and which of an office."""

from __future__ import annotations

from facility.accounting.metering import Medium, medium_of
from facility.model import Site
from facility.model.entries import Meter


def main_meters(site: Site, medium: Medium) -> list[Meter]:
    """Meters of a medium that nothing lies upstream of."""
    return [meter for meter in site.meters.values() if meter.parent is None and medium_of(meter) is medium]


def office_meters(site: Site, office: str, medium: Medium) -> list[Meter]:
    """The outermost meters of an office: what they measure, added up, is the office's own."""
    own = [meter for meter in site.meters.values() if medium_of(meter) is medium and _feeds_office(site, meter, office)]
    ids = {meter.id for meter in own}
    return [meter for meter in own if meter.parent not in ids]


def _feeds_office(site: Site, meter: Meter, office: str) -> bool:
    """A public room that an office only answers for is not its own."""
    feeds = meter.feeds
    return feeds.office == office or (feeds.space is not None and site.spaces[feeds.space].office == office)
