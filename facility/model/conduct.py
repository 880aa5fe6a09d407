"""Entries about which rules hold, on which days, and by which weather."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import Field

from facility.model.entry import Entry, EnvironmentName, PointId
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
    """A forecast provider, in fail-over order.

    `open_meteo`: `url`, its base address. `qweather`: `url`, the project's own host, and the names of environment
    variables that hold its secret: `api_key_env`, or `private_key_env` (an Ed25519 key in PEM, or the file with it)
    with `key_id` and `project_id`. `file`: `folder`, into which forecasts are laid. `manual`: nothing. `compare` asks
    it also when one before it answered, to find out where they disagree.
    """

    provider: Literal["open_meteo", "qweather", "file", "manual"]
    url: str | None = Field(None, pattern=r"^https?://")
    api_key_env: EnvironmentName | None = None
    private_key_env: EnvironmentName | None = None
    key_id: str | None = Field(None, min_length=1)
    project_id: str | None = Field(None, min_length=1)
    folder: str | None = Field(None, min_length=1)
    compare: bool = False


class WeatherEntry(Entry):
    """Where weather comes from: forecast providers in order of trust, outdoor sensors (points), rain sensors.

    A daily maximum that jumps by more than `forecast_jump_k` against the provider's issue before waits for the next one
    to confirm it. Providers whose maxima of today differ by more than `forecast_disagreement_k` are alarmed.
    """

    forecast: tuple[ForecastEntry, ...] = (ForecastEntry(provider="manual"),)
    outdoor: tuple[PointId, ...] = ()
    rain: tuple[PointId, ...] = ()
    forecast_jump_k: float = Field(10.0, gt=0, le=40)
    forecast_disagreement_k: float = Field(5.0, gt=0, le=40)


class CalendarDay(Entry):
    """A day that differs from the announced calendar, with the notice that says so."""

    day: date
    kind: Literal["workday", "rest"]
    notice: str = Field(min_length=1)
