"""The providers that a site file names, ready to be asked."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from facility.model import Site
from facility.model.entries import ForecastEntry
from gateway.weather.fetch import Fetch
from gateway.weather.forecast_file import ForecastFolder
from gateway.weather.open_meteo import PUBLIC_SERVICE, OpenMeteo
from gateway.weather.provider import Provider
from gateway.weather.qweather import QWeather


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A provider in its place. `key` tells two of one kind apart; `compare`: it is asked also when it need not be."""

    key: str
    provider: Provider
    compare: bool


def listed_providers(site: Site, fetch: Fetch) -> list[Listed]:
    """The providers of the site in their order; entry by hand is nobody who can be asked."""
    found = []
    counted: Counter[str] = Counter()
    for entry in site.file.weather.forecast:
        provider = _provider(entry, site, fetch)
        if provider is None:
            continue
        counted[provider.name] += 1
        number = counted[provider.name]
        key = provider.name if number == 1 else f"{provider.name}-{number}"
        found.append(Listed(key=key, provider=provider, compare=entry.compare))
    return found


def _provider(entry: ForecastEntry, site: Site, fetch: Fetch) -> Provider | None:
    location = site.file.site.location
    match entry.provider:
        case "open_meteo":
            return OpenMeteo(entry.url or PUBLIC_SERVICE, location, site.zone, fetch)
        case "qweather":
            return QWeather(entry, location, site.zone, fetch)
        case "file":
            return ForecastFolder(entry.folder or "", site.zone)
        case "manual":
            return None
