"""Leaves that look at the weather and at today's permits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from controller.policy.facts import SupplyMemory, Weather
from controller.policy.findings import Seen
from controller.policy.rules.conditions import When
from controller.policy.rules.logic import Truth
from controller.policy.rules.probes import Probe, compared
from controller.policy.schema import Parameters
from controller.policy.timetable import DayPlan
from facility.model.entries import ZoneClass

Supplies = Mapping[ZoneClass, SupplyMemory]


def weather_truth(
    probe: Probe, was: Truth, now: datetime, *, weather: Weather, supply: Supplies, plan: DayPlan, p: Parameters
) -> Truth:
    """Whether a weather leaf holds; None where what it looks at is not known. Rain, cloud and sunshine are those of
    this moment: how long they have to last is the rule's `for_s`.
    """
    leaf = probe.leaf
    if leaf.permitted is not None:
        return permitted(leaf, probe, supply)
    if leaf.rain is not None:
        rain = weather.sky.rain
        return None if rain is None else rain is leaf.rain
    if leaf.sunshine is not None:
        sunny = is_sunny(weather, plan, p, now)
        return None if sunny is None else sunny is leaf.sunshine
    if leaf.rain_ahead_h is not None:
        return rains_within(weather, now, timedelta(hours=leaf.rain_ahead_h))
    value = value_of(leaf, weather, plan, now)
    if value is None or probe.test is None:
        return None
    return compared(probe.test, value, was)


def permitted(leaf: When, probe: Probe, supply: Supplies) -> Truth:
    """Whether today's forecast permits a season for the class, None while no permit is taken or none can be."""
    memory = supply.get(probe.zone_class) if probe.zone_class is not None else None
    if memory is None:
        memory = next(iter(supply.values()), None)
    if memory is None:
        return None
    return memory.permit.cooling if leaf.permitted == "cooling" else memory.permit.heating


def is_sunny(weather: Weather, plan: DayPlan, p: Parameters, now: datetime) -> Truth:
    """Little cloud by day; by night it is not sunny, whatever the sky."""
    if not plan.sunrise <= now < plan.sunset:
        return False
    cloud = weather.sky.cloud_percent
    return None if cloud is None else cloud <= p.sunny_cloud_percent


def rains_within(weather: Weather, now: datetime, reach: timedelta) -> Truth:
    """Whether the forecast sees rain between now and then; None where no forecast reaches there."""
    hours = weather.rain_ahead
    if hours is None:
        return None
    return any(when < now + reach and when + timedelta(hours=1) > now for when in hours)


def value_of(leaf: When, weather: Weather, plan: DayPlan, now: datetime) -> float | None:
    """What a weather leaf with a number looks at: degrees Celsius, or percent of cloud."""
    if leaf.outdoor is not None:
        return weather.outdoor.value_c
    if leaf.cloud is not None:
        return weather.sky.cloud_percent
    usable = [issue for issue in weather.forecasts if plan.date in issue.daily_max_c and issue.fetched <= now]
    if not usable:
        return None
    newest = max(usable, key=lambda issue: (issue.issued, issue.fetched))
    return newest.daily_max_c[plan.date]


def weather_seen(leaf: When, weather: Weather, plan: DayPlan, now: datetime) -> Seen:
    """What the leaf looked at, for the reasons."""
    signal = weather.outdoor
    if leaf.outdoor is not None:
        return Seen(signal.point, signal.value_c, "sensor", signal.time)
    if leaf.rain is not None:
        return Seen("weather.rain", weather.sky.rain, "forecast")
    if leaf.key in ("cloud", "sunshine"):
        return Seen("weather.cloud", weather.sky.cloud_percent, "forecast")
    if leaf.key == "forecast_max":
        return Seen("forecast.daily_max", value_of(leaf, weather, plan, now), "forecast")
    return Seen(f"forecast.{leaf.key}", None, "forecast")
