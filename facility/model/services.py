"""Whether forecast, store and calendar entries are whole."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from facility.model.entries import CalendarDay, StoreEntry
from facility.model.index import Index
from facility.model.located import Node
from facility.model.near import near_or_same
from facility.model.wires import say
from facility.text import Text

STORE_NEEDS: Final[Mapping[str, tuple[str, ...]]] = {"influxdb": ("url", "database"), "victoriametrics": ("url",)}
"""Engine -> keys without which it cannot be reached."""


FORECAST_NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "open_meteo": ("url",),
    "qweather": ("url",),
    "file": ("folder",),
}
"""Provider -> keys without which it cannot be asked."""

_EXPECTED: Final[Mapping[str, Text]] = {
    "url": Text("应为 http:// 或 https:// 开头的地址", "expected an address that begins with http:// or https://"),
    "folder": Text("应为放置预报文件的目录", "expected the folder into which forecasts are laid"),
}
_SIGNING: Final = ("private_key_env", "key_id", "project_id")


def check_services(index: Index) -> None:
    """Tells forecast providers and stores that lack what they need, and days that are written twice."""
    weather = index.draft.root.child("weather")
    forecast = weather.child("forecast") if weather is not None else None
    for number, entry in enumerate(forecast.items if forecast is not None else ()):
        _check_provider(index, number, entry)
    for valid, store in index.draft.of(StoreEntry):
        for key in STORE_NEEDS.get(store.engine, ()):
            if getattr(store, key) is None:
                what = Text(f"{store.engine} 缺少 `{key}`", f"{store.engine} has no `{key}`; expected one")
                say(index, valid.path, "missing_key", what)
    _check_days(index)


def _check_provider(index: Index, number: int, entry: Node) -> None:
    """A provider has what it is asked with: its address or folder, and QWeather a key or what signs a token."""
    provider = entry.text("provider") or ""
    for key in FORECAST_NEEDS.get(provider, ()):
        if near_or_same(key, entry.fields) is None:
            expected = _EXPECTED[key]
            what = Text(f"{provider} 缺少 `{key}`，{expected.zh}", f"{provider} has no `{key}`; {expected.en}")
            say(index, ("weather", "forecast", number), "missing_key", what)
    if provider != "qweather" or near_or_same("api_key_env", entry.fields) is not None:
        return
    lacking = [key for key in _SIGNING if near_or_same(key, entry.fields) is None]
    if lacking:
        what = Text(
            f"qweather 缺少 `api_key_env`，或 {'、'.join(f'`{key}`' for key in lacking)}",
            f"qweather has no `api_key_env`, nor {', '.join(f'`{key}`' for key in lacking)}; expected one or the other",
        )
        say(index, ("weather", "forecast", number), "missing_key", what)


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
