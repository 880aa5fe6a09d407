"""What a forecast provider is, and the forecast as one tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from facility.bus import ForecastReceived


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A forecast, and the daily minima in degrees Celsius by local date where the provider tells them."""

    forecast: ForecastReceived
    daily_min_c: Mapping[date, float] = field(default_factory=dict)


class Provider(Protocol):
    """Somebody who tells the weather to come.

    Attributes:
        name: as the site file has it.
        address: where it is asked: a URL or a folder.
    """

    name: str
    address: str

    async def told(self, now: datetime) -> Told:
        """The newest forecast; `now` is aware.

        Raises:
            LinkDown, NoAnswer: it cannot be reached. BadAnswer: it says nothing that anybody should act on.
            SecretMissing: what it is asked with is not there.
        """
        ...
