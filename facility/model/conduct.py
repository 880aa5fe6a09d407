"""Entries about which rules hold, on which days, and by which weather."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import Field

from facility.model.entry import Entry, PointId
from facility.model.places import ZoneClass


class ClassPolicy(Entry):
    """Another preset, or other parameters, for one zone class; the presets of `also` are intersected with it."""

    preset: str | None = None
    also: tuple[str, ...] = ()
    parameters: dict[str, Any] = Field(default_factory=dict)
    start: Literal["auto", "permit_only"] | None = None


class PolicyEntry(Entry):
    """Which rules hold: a preset, intersected with those of `also`, and the site's own `rules`. Parameters and rules
    are checked by the controller's policy, which knows what they mean.
    """

    preset: str = "hunan_bureau_2022"
    also: tuple[str, ...] = ()
    rules: tuple[dict[str, Any], ...] = ()
    parameters: dict[str, Any] = Field(default_factory=dict)
    zone_classes: dict[ZoneClass, ClassPolicy] = Field(default_factory=dict)


class ForecastEntry(Entry):
    """A forecast provider, in fail-over order. `url` is the base address of `open_meteo`; `manual` has none."""

    provider: Literal["open_meteo", "manual"]
    url: str | None = Field(None, pattern=r"^https?://")


class WeatherEntry(Entry):
    """Where weather comes from: forecast providers in order of trust, outdoor sensors (points), rain sensors."""

    forecast: tuple[ForecastEntry, ...] = (ForecastEntry(provider="manual"),)
    outdoor: tuple[PointId, ...] = ()
    rain: tuple[PointId, ...] = ()


class CalendarDay(Entry):
    """A day that differs from the announced calendar, with the notice that says so."""

    day: date
    kind: Literal["workday", "rest"]
    notice: str = Field(min_length=1)
