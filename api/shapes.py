"""What the answers of routes and pages are made of: frozen pydantic models, local times, both languages."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Final, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from facility.text import Language, Text

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def _one_line(text: str) -> str:
    return _CONTROL.sub(" ", text).strip()


OneLine = Annotated[str, Field(max_length=500), AfterValidator(_one_line)]
"""What a person wrote, as one line: it becomes part of a sentence, so line ends and control characters are spaces."""
OneLineGiven = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), AfterValidator(_one_line)
]
"""As `OneLine`, where something must be written."""


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
