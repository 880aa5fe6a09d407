"""Which forecast is in use, how old it is, and what is wrong with the others."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from api.context import ApiContext
from api.services.edges import local_date
from api.shapes import Bilingual, Shape
from facility.bus import ForecastReceived

TROUBLES: Final = (
    "forecast_missing", "forecast_provider:", "forecast_implausible:", "forecast_disagree:", "forecast_file:",
)  # fmt: skip
"""What the keys of alarms about forecasts begin with."""


class TroubleView(Shape):
    """Something wrong with a forecast or its provider, since when."""

    key: str
    since: datetime
    text: Bilingual


class WeatherStatus(Shape):
    """The forecast in use: of the newest that say something about today, none that has ended. All None where there is
    none; `age_s` counts from its issue, `listed` are the providers of the site in their order.
    """

    provider: str | None
    entered_by: str | None
    issued: datetime | None
    valid_until: datetime | None
    age_s: float | None
    today_max_c: float | None
    listed: list[str]
    troubles: list[TroubleView]


def weather_status(context: ApiContext, forecasts: Iterable[ForecastReceived]) -> WeatherStatus:
    """The status now, of `forecasts` as the journal has them."""
    now = context.clock.now()
    today = local_date(now, context.site.zone)
    usable = [
        each
        for each in forecasts
        if today in each.daily_max_c and each.fetched <= now and (each.valid_until is None or now < each.valid_until)
    ]
    used = max(usable, key=lambda each: (each.issued, each.fetched), default=None)
    troubles = [
        TroubleView(key=alarm.key, since=context.local(alarm.at), text=Bilingual.of(alarm.text))
        for alarm in context.latest.active_alarms()
        if alarm.key.startswith(TROUBLES)
    ]
    return WeatherStatus(
        provider=None if used is None else used.provider,
        entered_by=None if used is None else used.entered_by,
        issued=None if used is None else context.local(used.issued),
        valid_until=None if used is None or used.valid_until is None else context.local(used.valid_until),
        age_s=None if used is None else max(0.0, (now - used.issued).total_seconds()),
        today_max_c=None if used is None else used.daily_max_c[today],
        listed=[entry.provider for entry in context.site.file.weather.forecast],
        troubles=troubles,
    )
