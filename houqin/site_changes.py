"""What a changed site file changes, as it is entered in the journal."""

from __future__ import annotations

from typing import Any, Final

from facility.model import Site, SiteFile

WEIGHTY: Final = ("site", "control", "publish")
"""Sections that say who may read, what is operated, and whose rights other systems have: entered word by word."""


def changes(before: Site, after: Site) -> dict[str, Any]:
    """`sections` of the site file that differ, and of the weighty ones every key: what it said and what it says."""
    old, new = before.file, after.file
    sections = [name for name in SiteFile.model_fields if getattr(old, name) != getattr(new, name)]
    differing = {
        f"{section}.{key}": {"before": was, "after": now}
        for section in WEIGHTY
        if section in sections
        for key, was, now in _pairs(getattr(old, section), getattr(new, section))
        if was != now
    }
    return {"sections": sections, "changes": differing}


def _pairs(old: Any, new: Any) -> list[tuple[str, Any, Any]]:
    was, now = old.model_dump(mode="json"), new.model_dump(mode="json")
    return [(key, was[key], now[key]) for key in was]
