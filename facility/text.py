"""Text that exists in Chinese and in English, because everything a user reads does."""

from __future__ import annotations

from typing import Literal, NamedTuple

Language = Literal["zh", "en"]


class Text(NamedTuple):
    """One thing said in both languages."""

    zh: str
    en: str

    def in_language(self, language: Language) -> str:
        """The text for a reader of `language`."""
        return self.zh if language == "zh" else self.en
