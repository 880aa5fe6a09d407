"""Whether meters can be added up: trees of one medium, one target each, every office with a meter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from facility.model.entries import Meter, Office, VirtualMeter
from facility.model.index import MEDIA, VIRTUAL, Index
from facility.model.located import Node
from facility.model.problems import Severity
from facility.model.validation import Path
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
    for valid in index.draft.entries.get("equipment", ()):
        if isinstance(valid.entry, Meter | VirtualMeter):
            _check_parent(index, valid.path, valid.entry)
            _check_feeds(index, valid.path, valid.entry)
        if isinstance(valid.entry, Meter):
            _check_circuit(index, valid.path, valid.entry)
    _warn_of_offices(index)
    _warn_of_quotas(index)


def _check_parent(index: Index, path: Path, meter: Meter | VirtualMeter) -> None:
    if meter.parent is None:
        return
    above, own = index.medium_of(meter.parent), index.medium_of(meter.id)
    if above is None or own is None or above == own:
        return
    kind = index.kinds[meter.parent]
    what = Text(
        f"`parent` 指向的 `{meter.parent}` 是 {kind}，应为 {meter.kind}",
        f"`parent` refers to `{meter.parent}`, whose kind is {kind}; expected {meter.kind}",
    )
    if VIRTUAL in (kind, meter.kind):
        what = Text(
            f"`parent` 指向的 `{meter.parent}` 计{MEDIA[above].zh}，应计{MEDIA[own].zh}",
            f"`parent` refers to `{meter.parent}`, which meters {above}; expected {own}",
        )
    say(index, (*path, "parent"), "wrong_kind", what)


def _check_feeds(index: Index, path: Path, meter: Meter | VirtualMeter) -> None:
    named = [key for key in _TARGETS if getattr(meter.feeds, key) is not None]
    if len(named) > 1:
        what = Text(
            f"`feeds` 只能写一个去向，现有 {len(named)} 个：{', '.join(named)}",
            f"`feeds` names {len(named)} targets ({', '.join(named)}); expected one",
        )
        say(index, (*path, "feeds"), "feeds", what)


def _check_circuit(index: Index, path: Path, meter: Meter) -> None:
    """What a circuit can carry is told in the unit of its medium."""
    right = "max_flow_m3_h" if meter.kind in ("water_meter", "gas_meter") else "max_power_kw"
    wrong = "max_power_kw" if right == "max_flow_m3_h" else "max_flow_m3_h"
    if getattr(meter, wrong) is not None:
        what = Text(
            f"{meter.kind} 不用 `{wrong}`，应写 `{right}`",
            f"`{wrong}` says nothing of a {meter.kind}; expected `{right}`",
        )
        say(index, (*path, wrong), "no_effect", what, severity=Severity.WARNING)
    if meter.start_limit_kw is not None and meter.kind != "electricity_meter":
        what = Text(
            f"{meter.kind} 不用 `start_limit_kw`，只有电表才限制启动",
            f"`start_limit_kw` says nothing of a {meter.kind}; only electricity meters limit starts",
        )
        say(index, (*path, "start_limit_kw"), "no_effect", what, severity=Severity.WARNING)


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
        feeds = node.child("feeds") if _may_meter_electricity(index, node) else None
        for word in _words(feeds):
            yield word
            office = offices.get(word)
            if office is not None:
                yield office


def _words(feeds: Node | None) -> Iterator[str]:
    for item in feeds.fields.values() if feeds is not None else ():
        if isinstance(item.node.value, str):
            yield item.node.value


def _may_meter_electricity(index: Index, node: Node) -> bool:
    name = node.text("id") or ""
    kind = index.kinds.get(name)
    return kind in (None, "electricity_meter") or (kind == VIRTUAL and index.medium_of(name) in (None, "electricity"))


def _warn_of_quotas(index: Index) -> None:
    for valid, office in index.draft.of(Office):
        if office.quota.electricity_kwh_per_head_month is None or (office.headcount is not None and office.headcount):
            continue
        what = Text(
            f"科室 `{office.id}` 有人均定额而没有人数（`headcount`），定额为零",
            f"office `{office.id}` has a quota per head but no `headcount`; its quota comes to nothing",
        )
        say(index, (*valid.path, "quota"), "quota_without_heads", what, severity=Severity.WARNING)
