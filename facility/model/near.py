"""Near misses: what somebody probably meant to write."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

from facility.text import Text

CUTOFF: Final = 0.62
"""Similarity (difflib ratio) from which a known word is offered."""


def near_miss(word: str, known: Iterable[str]) -> str | None:
    """The known word most like `word`, None when none is near."""
    by_lower = {item.lower(): item for item in known}
    found = get_close_matches(word.lower().replace("-", "_"), by_lower, n=1, cutoff=CUTOFF)
    found = get_close_matches(word.lower(), by_lower, n=1, cutoff=CUTOFF) or found
    return by_lower[found[0]] if found and by_lower[found[0]] != word else None


def near_or_same(word: str, known: Iterable[str]) -> str | None:
    """`word` where it is known, else its near miss."""
    words = list(known)
    return word if word in words else near_miss(word, words)


def did_you_mean(word: str, known: Iterable[str]) -> Text | None:
    """The question to ask about `word`, None when nothing known is near."""
    found = near_miss(word, known)
    return None if found is None else Text(f"是否想写 `{found}`？", f"did you mean `{found}`?")


def listing(words: Iterable[str], limit: int = 12) -> str:
    """Words as a reader takes them in; the rest of a long list is counted."""
    all_words = list(words)
    shown = ", ".join(f"`{word}`" for word in all_words[:limit])
    return shown if len(all_words) <= limit else f"{shown} … (+{len(all_words) - limit})"
