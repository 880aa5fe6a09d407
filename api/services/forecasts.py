"""Forecasts: those that came in, and the one a named person enters by hand, with an end."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.context import ApiContext
from api.problems import RequestProblem
from api.services.edges import local_date
from api.services.weather_status import WeatherStatus, weather_status
from api.shapes import OneLineGiven, Shape
from facility.bus import ForecastReceived
from facility.commands import Actor
from facility.text import Text

LONGEST: Final = timedelta(days=7)
MANUAL: Final = "manual"


class ForecastBody(BaseModel):
    """What the administration section expects, where no provider tells.

    `daily_max_c` maps local dates to the daily maximum in degrees Celsius; `valid_until` (with a UTC offset) is when
    the entry ends; `reason` names the source, for example the morning's weather report.
    """

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={
            "example": {
                "daily_max_c": {"2026-07-15": 34.0},
                "valid_until": "2026-07-15T20:00:00+08:00",
                "reason": "市气象台早间预报",
            }
        },
    )

    daily_max_c: Annotated[
        dict[date, Annotated[float, Field(ge=-40, le=60, allow_inf_nan=False)]], Field(min_length=1, max_length=16)
    ]
    valid_until: AwareDatetime
    reason: OneLineGiven


class ForecastView(Shape):
    """A forecast. `entered_by` and `valid_until` are None for one that a provider sent."""

    provider: str
    issued: datetime
    fetched: datetime
    daily_max_c: dict[date, float]
    entered_by: str | None
    valid_until: datetime | None


class Forecasts(Shape):
    """Forecasts, newest first, and how the providers stand now."""

    status: WeatherStatus
    rows: list[ForecastView]


async def enter_forecast(context: ApiContext, body: ForecastBody, actor: Actor) -> ForecastView:
    """Takes a person's forecast in: audited, journalled, and told to the controller.

    Raises:
        RequestProblem: the end is past or too far, or a date lies in the past.
    """
    now = context.clock.now()
    if not now < body.valid_until <= now + LONGEST:
        raise RequestProblem(
            422,
            "wrong_until",
            Text(f"有效期必须在未来 {LONGEST.days} 天内", f"valid_until must lie within the next {LONGEST.days} days"),
        )
    if min(body.daily_max_c) < local_date(now, context.site.zone):
        raise RequestProblem(422, "wrong_day", Text("日期已过", "a date lies in the past"))
    forecast = ForecastReceived(
        provider=MANUAL,
        issued=now,
        fetched=now,
        daily_max_c=dict(body.daily_max_c),
        entered_by=actor.name,
        valid_until=body.valid_until,
    )
    detail = body.model_dump(mode="json")
    await context.remember(context.journal.audit, actor, "forecast", detail, now)
    context.bus.publish(forecast)
    return _view(context, forecast)


async def forecasts(context: ApiContext, *, limit: int = 50) -> Forecasts:
    """Forecasts as the journal has them, newest first."""
    found = await context.remember(context.journal.forecasts, limit=limit)
    rows = [_view(context, forecast) for forecast in found]
    rows.sort(key=lambda row: row.fetched, reverse=True)
    return Forecasts(status=weather_status(context, found), rows=rows)


def _view(context: ApiContext, forecast: ForecastReceived) -> ForecastView:
    return ForecastView(
        provider=forecast.provider,
        issued=context.local(forecast.issued),
        fetched=context.local(forecast.fetched),
        daily_max_c=dict(forecast.daily_max_c),
        entered_by=forecast.entered_by,
        valid_until=None if forecast.valid_until is None else context.local(forecast.valid_until),
    )
