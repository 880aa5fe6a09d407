"""Whether the tariffs, factors and item codes that a site names exist, and hold what it asks of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from facility.errors import TableError
from facility.model.entries import AccountingEntry, Meter, VirtualMeter
from facility.model.index import MEDIA, Index
from facility.model.near import did_you_mean, listing
from facility.model.validation import Path as Keys
from facility.model.wires import say
from facility.tables import FACTORS, ITEM_CODES, TARIFFS, ItemCodes, factor_set, item_codes, tariff
from facility.tables.loader import Format, is_own, shipped
from facility.text import Text

T = TypeVar("T")


def check_figures(index: Index, folder: Path) -> None:
    """Tells tables that do not exist or have mistakes, tariffs of another medium, and sub-items that the site's code
    table does not have.

    Args:
        index: what the site file declares.
        folder: where it stands; the site's own tables are beside it.
    """
    found = index.draft.root.child("accounting")
    tariffs = found.child("tariffs") if found is not None else None
    for medium, field in (tariffs.fields if tariffs is not None else {}).items():
        if isinstance(field.node.value, str):
            _check_tariff(index, medium, field.node.value, folder)
    name = found.text("factors") if found is not None else None
    if name is not None and _exists(index, ("accounting", "factors"), FACTORS, name, folder):
        _sound(index, factor_set, name, folder)
    name = found.text("item_codes") if found is not None else None
    if name is None or _exists(index, ("accounting", "item_codes"), ITEM_CODES, name, folder):
        _check_sub_items(index, name, folder)


def _check_tariff(index: Index, medium: str, name: str, folder: Path) -> None:
    path = ("accounting", "tariffs", medium)
    if path in index.draft.doubtful or not _exists(index, path, TARIFFS, name, folder):
        return
    found = _sound(index, tariff, name, folder)
    if found is not None and found.medium != medium:
        what = Text(
            f"`{name}` 是{MEDIA[found.medium].zh}价，应为{MEDIA[medium].zh}价",
            f"`{name}` is a tariff of {found.medium}; expected one of {medium}",
        )
        say(index, path, "wrong_medium", what)


def _exists(index: Index, path: Keys, table: Format[Any], name: str, folder: Path) -> bool:
    if is_own(name):
        if (folder / name).is_file():
            return True
        what = Text(
            f"没有{table.word.zh}文件 `{name}`；路径从站点文件所在目录算起",
            f"there is no {table.word.en} file `{name}`; expected a path from the site file's folder",
        )
        index.draft.parsed.report(index.draft.place(path), "unknown_table", what)
        return False
    known = shipped(table)
    if name not in known:
        what = Text(
            f"没有名为 `{name}` 的{table.word.zh}，可用：{listing(known)}；自带文件请写路径，例如 `./own.yaml`",
            f"there is no {table.word.en} `{name}`; expected one of {listing(known)}, "
            "or the path of your own, such as `./own.yaml`",
        )
        index.draft.parsed.report(index.draft.place(path), "unknown_table", what, did_you_mean(name, known))
    return name in known


def _sound(index: Index, load: Callable[[str, Path], T], name: str, folder: Path) -> T | None:
    """The table; None when it has mistakes, which are told in its own file."""
    try:
        return load(name, folder)
    except TableError as error:
        index.draft.parsed.problems.extend(error.problems)
        return None


def _check_sub_items(index: Index, name: str | None, folder: Path) -> None:
    divided = [(path, meter, meter.sub_item) for path, meter in _meters(index) if meter.sub_item is not None]
    if name is None and not divided:
        return
    codes = _sound(index, item_codes, name or AccountingEntry().item_codes, folder)
    for path, meter, sub_item in divided if codes is not None else ():
        assert codes is not None
        _check_sub_item(index, (*path, "sub_item"), meter, sub_item, codes)


def _check_sub_item(index: Index, path: Keys, meter: Meter | VirtualMeter, sub_item: str, codes: ItemCodes) -> None:
    if meter.item is None:
        what = Text("`sub_item` 要与 `item` 一起写", "`sub_item` says more about an `item`; expected that too")
        say(index, path, "missing_key", what)
        return
    known = [item.id for item in codes.sub_items(meter.item)]
    if sub_item not in known:
        what = Text(
            f"编码表 `{codes.name}` 的 `{meter.item}` 没有 `{sub_item}`，可用：{listing(known)}",
            f"`{meter.item}` has no `{sub_item}` in code table `{codes.name}`; expected {listing(known)}",
        )
        index.draft.parsed.report(index.draft.place(path), "unknown_word", what, did_you_mean(sub_item, known))


def _meters(index: Index) -> Iterator[tuple[Keys, Meter | VirtualMeter]]:
    for valid in index.draft.entries.get("equipment", ()):
        if isinstance(valid.entry, Meter | VirtualMeter):
            yield valid.path, valid.entry
