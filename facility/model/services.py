"""Whether forecast, store and calendar entries are whole."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from facility.model.entries import CalendarDay, StoreEntry
from facility.model.index import Index
from facility.model.near import near_or_same
from facility.model.wires import say
from facility.text import Text

STORE_NEEDS: Final[Mapping[str, tuple[str, ...]]] = {"influxdb": ("url", "database"), "victoriametrics": ("url",)}
"""Engine -> keys without which it cannot be reached."""


def check_services(index: Index) -> None:
    """Tells forecast providers and stores that lack what they need, and days that are written twice."""
    weather = index.draft.root.child("weather")
    forecast = weather.child("forecast") if weather is not None else None
    for number, entry in enumerate(forecast.items if forecast is not None else ()):
        if entry.text("provider") == "open_meteo" and near_or_same("url", entry.fields) is None:
            what = Text(
                "open_meteo 缺少 `url`，应为 http:// 或 https:// 开头的地址",
                "open_meteo has no `url`; expected an address that begins with http:// or https://",
            )
            say(index, ("weather", "forecast", number), "missing_key", what)
    for valid, store in index.draft.of(StoreEntry):
        for key in STORE_NEEDS.get(store.engine, ()):
            if getattr(store, key) is None:
                what = Text(f"{store.engine} 缺少 `{key}`", f"{store.engine} has no `{key}`; expected one")
                say(index, valid.path, "missing_key", what)
    _check_days(index)


def _check_days(index: Index) -> None:
    seen: dict[date, int] = {}
    for valid, entry in index.draft.of(CalendarDay):
        path = (*valid.path, "day")
        line = index.draft.place(path).line
        first = seen.setdefault(entry.day, line)
        if first != line:
            what = Text(
                f"日期 {entry.day} 重复，第 {first} 行已有", f"day {entry.day} is written twice, first at line {first}"
            )
            say(index, path, "duplicate_day", what)
