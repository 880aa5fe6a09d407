"""What the answers of routes and pages are made of: frozen pydantic models, local times, both languages."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict

from facility.text import Language, Text


class Shape(BaseModel):
    """An answer or a part of one. A number that is not known is None, never zero; times carry the site's offset."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Bilingual(Shape):
    """A text in Chinese and English."""

    zh: str
    en: str

    @classmethod
    def of(cls, text: Text) -> Self:
        """From the building's own form."""
        return cls(zh=text.zh, en=text.en)

    def in_language(self, language: Language) -> str:
        """The text for a reader of `language`."""
        return self.zh if language == "zh" else self.en


class Span(Shape):
    """A half-open interval [start, end)."""

    start: datetime
    end: datetime
