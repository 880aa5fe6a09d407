"""Whether the entry about how the controller acts names things that there are."""

from __future__ import annotations

from typing import Final

from facility.model.index import Index
from facility.model.near import did_you_mean
from facility.model.references import check_point
from facility.model.validation import Path
from facility.quantities import Quantity
from facility.text import Text

_SCOPES: Final = ("building", "floor", "space")


def check_acting(index: Index) -> None:
    """Tells fire inputs whose point is none, or has no two states, and scopes that are no place."""
    control = index.draft.root.child("control")
    fire = control.child("fire") if control is not None else None
    for number, node in enumerate(fire.items if fire is not None else ()):
        path: Path = ("control", "fire", number)
        word = node.text("point")
        if word is not None and (*path, "point") not in index.draft.doubtful:
            check_point((*path, "point"), word, (Quantity.STATE,), index)
        scope = node.child("scope")
        for place, item in enumerate(scope.items if scope is not None else ()):
            if isinstance(item.value, str):
                _check_place((*path, "scope", place), item.value, index)


def _check_place(path: Path, word: str, index: Index) -> None:
    if path in index.draft.doubtful or any(index.knows(sort, word) for sort in _SCOPES):
        return
    hint = did_you_mean(word, [known for sort in _SCOPES for known in index.ids[sort]])
    what = Text(f"没有名为 `{word}` 的楼栋、楼层或房间", f"`{word}` is no building, floor or space")
    index.draft.parsed.report(index.draft.place(path), "dangling", what, hint)
