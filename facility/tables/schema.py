"""What all tables have in common: strict entries, names in both languages, sources."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from facility.model.entry import Entry, Names

TableId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Price = Annotated[float, Field(ge=0, allow_inf_nan=False)]

SourceGrade = Literal["official", "vendor", "third_party", "own"]
"""official: the text of the document was seen; third_party: a page or program that quotes it; own: the site's."""


class SourceEntry(Entry):
    """Where figures come from, and how far they are to be trusted. `note` says what to verify."""

    document: str = Field(min_length=1)
    grade: SourceGrade
    note: str | None = None


__all__ = ["Entry", "Names", "Positive", "Price", "SourceEntry", "SourceGrade", "TableId"]
