"""What `houqin migrate-store` does and prints."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from facility.archive.migration import (
    End,
    Moved,
    MoveState,
    compared,
    entry_of,
    move,
    require_different,
    require_empty,
    state_path,
)
from facility.archive.opening import store_for_reading, store_for_writing
from facility.errors import ArchiveRefused
from facility.text import Language, Text
from houqin.archive import print_table, told
from houqin.check import loaded_site
from houqin.progress import TerminalProgress
from houqin.terminal import say


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveOrder:
    """Where to: `to` as `facility.archive.migration.entry_of` reads it, or the store of another site file, whose
    embedded store lives in `to_data`. With `merge` the target may hold readings already.
    """

    to: str | None
    to_site: Path | None
    to_data: Path | None
    database: str | None
    organisation: str | None
    token_env: str | None
    state: Path | None
    merge: bool
    points: bool


def migrate(site: Path, order: MoveOrder, *, data: Path, language: Language) -> int:
    """Copies all readings of a site to another store and compares both.

    Returns: 0 when both tell the same, else 1.
    """
    file = loaded_site(site, language)
    source, target = End(entry=file.store, data=data), _target(order, language)
    require_different(source, target)
    state = MoveState(order.state or state_path(data, target), source, target)
    with (
        store_for_reading(source.entry, source.data) as held,
        closing(store_for_writing(target.entry, target.data)) as filled,
        TerminalProgress(language) as progress,
    ):
        if not order.merge:
            require_empty(filled, state, target.name)
        if not filled.points():
            state.until_us.clear()  # a target that was emptied since has nothing of what an earlier run copied
        state.save()
        points = held.points()
        damaged = move(held, filled, points, state, progress)
        found = list(compared(held, filled, points, state, progress))
    for said in damaged:
        say(Text(f"源数据有损坏:{said}", f"the source is damaged: {said}"), language, error=True)
    return _concluded(found, state, source, target, language, every=order.points)


def _target(order: MoveOrder, language: Language) -> End:
    if (order.to is None) == (order.to_site is None):
        raise ArchiveRefused(Text("--to 与 --to-site 必须且只能给一个", "say either --to or --to-site"))
    if order.to is not None:
        more = {"database": order.database, "organisation": order.organisation, "token_env": order.token_env}
        entry, folder = entry_of(order.to, more)
        return End(entry=entry, data=folder or Path())
    assert order.to_site is not None
    file = loaded_site(order.to_site, language)
    if file.store.engine == "embedded" and order.to_data is None:
        raise ArchiveRefused(
            Text(
                "目标站点使用内置时序库,请用 --to-data 指定其数据目录",
                "that site's store is embedded: name its folder with --to-data",
            )
        )
    return End(entry=file.store, data=order.to_data or Path())


def _concluded(
    found: Sequence[Moved], state: MoveState, source: End, target: End, language: Language, *, every: bool
) -> int:
    shown = [moved for moved in found if every or not moved.same]
    if shown:
        head = [Text("测点", "point"), Text("源", "source"), Text("目标", "target"), Text("核对", "check")]
        same, differs = Text("一致", "ok").in_language(language), Text("不一致", "DIFFERS").in_language(language)
        rows = [
            [moved.point, told(moved.source), told(moved.target), same if moved.same else differs] for moved in shown
        ]
        print_table([text.in_language(language) for text in head], rows)
    wrong = sum(not moved.same for moved in found)
    counts = sum(moved.source.count for moved in found), sum(moved.target.count for moved in found)
    say(
        Text(
            f"{source.name} → {target.name}:{len(found)} 个测点,不一致 {wrong} 个;读数 {counts[0]} → {counts[1]} 条",
            f"{source.name} -> {target.name}: {len(found)} points, {wrong} differ; {counts[0]} -> {counts[1]} readings",
        ),
        language,
    )
    if wrong:
        state.save()
        say(Text("再次运行将重新复制不一致的测点", "run it again to copy the points that differ anew"), language)
        return 1
    say(
        Text(
            "切换前停止后勤,用同一条命令再运行一次,只复制此后的新读数",
            "before you change over, stop Houqin and run it once more: it copies only what came since",
        ),
        language,
    )
    return 0
