"""Whether virtual meters can be reckoned: members of one medium, each once, none made of itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from facility.model.entries import Meter, OutdoorUnit, VirtualMeter
from facility.model.index import MEDIA, VIRTUAL, Index
from facility.model.problems import Severity
from facility.model.validation import Path
from facility.model.wires import say
from facility.text import Text


def check_composition(index: Index) -> None:
    """Tells virtual meters that are made of themselves or of different media, and use that would be charged twice or
    not at all.
    """
    members = {name: index.members_of(name) for name, kind in index.kinds.items() if kind == VIRTUAL}
    for chain in _cycles(members):
        shown = " -> ".join(chain)
        what = Text(
            f"虚拟表由自身构成：{shown}", f"virtual meters are made of themselves: {shown}; expected real meters"
        )
        say(index, (*index.ids["equipment"][chain[0]], "members"), "member_cycle", what)
    for valid, meter in index.draft.of(VirtualMeter):
        _check_members(index, valid.path, meter)
        _warn_of_place(index, valid.path, meter)


def _cycles(members: Mapping[str, Sequence[str]]) -> Iterator[list[str]]:
    """Every cycle once, from its first meter in the file's order back to it."""
    told: set[str] = set()
    for name in members:
        chain = _way(name, name, members) if name not in told else None
        if chain is not None:
            told.update(chain)
            yield chain


def _way(start: str, end: str, members: Mapping[str, Sequence[str]]) -> list[str] | None:
    """The shortest way from `start` through members to `end`, None when there is none."""
    ways, seen = [[start]], {start}
    for way in ways:
        for member in members.get(way[-1], ()):
            if member == end:
                return [*way, member]
            if member not in seen:
                seen.add(member)
                ways.append([*way, member])
    return None


def _check_members(index: Index, path: Path, meter: VirtualMeter) -> None:
    seen: set[str] = set()
    own = index.medium_of(meter.id)
    for number, member in enumerate(meter.members):
        place = (*path, "members", number, "meter")
        if member.meter in seen:
            what = Text(
                f"成员 `{member.meter}` 重复；每个成员只写一次，用 `percent` 表示份额",
                f"member `{member.meter}` is written twice; expected each once, with its `percent`",
            )
            say(index, place, "duplicate_member", what)
        seen.add(member.meter)
        medium = index.medium_of(member.meter)
        if own is not None and medium is not None and medium != own:
            what = Text(
                f"成员 `{member.meter}` 计{MEDIA[medium].zh}，应与 `{meter.members[0].meter}` 一样计{MEDIA[own].zh}",
                f"member `{member.meter}` meters {medium}; expected {own}, as `{meter.members[0].meter}` does",
            )
            say(index, place, "wrong_medium", what)


def _warn_of_place(index: Index, path: Path, meter: VirtualMeter) -> None:
    """What feeds an office, or is shared out, is charged inside the tree only; a member that is charged elsewhere in
    the tree is charged twice.
    """
    parents = {name: node.text("parent") for _, node in index.draft.raw("equipment") if (name := node.text("id"))}
    shared = {outdoor.meter for _, outdoor in index.draft.of(OutdoorUnit)}
    if meter.feeds.office is None and meter.feeds.space is None and meter.id not in shared:
        return
    if meter.parent is None and meter.id not in parents.values():
        what = Text(
            f"虚拟表 `{meter.id}` 没有 `parent`，不在电表树中，所计用量不会分给任何科室",
            f"virtual meter `{meter.id}` has no `parent` and stands beside the tree; nobody is charged with it",
        )
        say(index, path, "outside_tree", what, severity=Severity.WARNING)
        return
    fed = {entry.id for _, entry in index.draft.of(Meter) if entry.feeds.office or entry.feeds.space}
    for number, member in enumerate(meter.members):
        related = member.meter in _upstream(meter.id, parents) or meter.id in _upstream(member.meter, parents)
        if member.percent > 0 and member.meter in fed and not related:
            what = Text(
                f"成员 `{member.meter}` 自己也计入科室，用量会计两次；应让它在 `{meter.id}` 的上级或下级",
                f"member `{member.meter}` feeds an office itself, so its use is charged twice; "
                f"expected it upstream or downstream of `{meter.id}`",
            )
            say(index, (*path, "members", number, "meter"), "charged_twice", what, severity=Severity.WARNING)


def _upstream(meter: str, parents: Mapping[str, str | None]) -> set[str]:
    found: set[str] = set()
    above = parents.get(meter)
    while above is not None and above not in found:
        found.add(above)
        above = parents.get(above)
    return found
