"""Whether meters can be added up, and whether forecast, store and calendar entries are whole."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from facility.model.entries import CalendarDay, Meter, StoreEntry
from facility.model.index import Index
from facility.model.located import Node
from facility.model.near import near_or_same
from facility.model.problems import Severity
from facility.model.references import METERS
from facility.model.wires import say
from facility.text import Text

_TARGETS: Final = ("office", "space", "building", "equipment")


def check_metering(index: Index) -> None:
    """Tells meter trees that go round or mix media, meters with two targets, and offices without a meter."""
    parents = dict(_parents(index))
    for name in _cycles(parents):
        chain = " -> ".join(_chain(name, parents))
        path = (*index.ids["equipment"][name], "parent")
        what = Text(f"电表上下级成环：{chain}", f"meters are their own parents: {chain}; expected a tree")
        say(index, path, "parent_cycle", what)
    for valid, meter in index.draft.of(Meter):
        above = index.kinds.get(meter.parent or "")
        if above in METERS and above != meter.kind:
            what = Text(
                f"`parent` 指向的 `{meter.parent}` 是 {above}，应为 {meter.kind}",
                f"`parent` refers to `{meter.parent}`, whose kind is {above}; expected {meter.kind}",
            )
            say(index, (*valid.path, "parent"), "wrong_kind", what)
        named = [key for key in _TARGETS if getattr(meter.feeds, key) is not None]
        if len(named) > 1:
            what = Text(
                f"`feeds` 只能写一个去向，现有 {len(named)} 个：{', '.join(named)}",
                f"`feeds` names {len(named)} targets ({', '.join(named)}); expected one",
            )
            say(index, (*valid.path, "feeds"), "feeds", what)
    _warn_of_offices(index)


def _parents(index: Index) -> Iterator[tuple[str, str]]:
    for _, node in index.draft.raw("equipment"):
        name, parent = node.text("id"), node.text("parent")
        if name is not None and parent is not None:
            yield name, parent


def _cycles(parents: dict[str, str]) -> Iterator[str]:
    """The first meter, in the file's order, of every cycle."""
    told: set[str] = set()
    for name in parents:
        chain = _chain(name, parents)
        if chain[-1] == name and len(chain) > 1 and name not in told:
            told.update(chain)
            yield name


def _chain(name: str, parents: dict[str, str]) -> list[str]:
    """From a meter upwards until there is none, or one comes again."""
    chain = [name]
    while (above := parents.get(chain[-1])) is not None:
        is_again = above in chain
        chain.append(above)
        if is_again:
            break
    return chain


def _warn_of_offices(index: Index) -> None:
    if "equipment" in index.blind:
        return
    metered = set(_metered(index)) | index.nearly["office"]
    for name, path in index.ids["office"].items():
        if name not in metered and (*path, "id") not in index.draft.doubtful:
            what = Text(
                f"科室 `{name}` 没有电表，用电只能计入未分摊",
                f"office `{name}` has no electricity meter; its use stays unallocated",
            )
            say(index, (*path, "id"), "unmetered_office", what, severity=Severity.WARNING)


def _metered(index: Index) -> Iterator[str]:
    """Offices that a meter feeds, directly or through a room they use; a meter with other mistakes counts."""
    offices = {node.text("id"): node.text("office") for _, node in index.draft.raw("spaces")}
    for _, node in index.draft.raw("equipment"):
        feeds = node.child("feeds") if index.kinds.get(node.text("id") or "") in (None, "electricity_meter") else None
        for word in _words(feeds):
            yield word
            office = offices.get(word)
            if office is not None:
                yield office


def _words(feeds: Node | None) -> Iterator[str]:
    for item in feeds.fields.values() if feeds is not None else ():
        if isinstance(item.node.value, str):
            yield item.node.value


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
        for key in ("url", "database"):
            if store.engine == "influxdb" and getattr(store, key) is None:
                what = Text(f"influxdb 缺少 `{key}`", f"influxdb has no `{key}`; expected one")
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
