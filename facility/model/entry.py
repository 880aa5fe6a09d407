"""What entries of a site file share: strictness, ids, names, and what every equipment has."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from facility.text import Text

EnvironmentName = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]
"""The name of an environment variable. A key that somebody writes in its place is seldom one, and then refused."""

Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=64)]
PointId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*\.[a-z][a-z0-9_]*$")]


class Entry(BaseModel):
    """Strict and frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Names(Entry):
    """A name in Chinese and English; English falls back to Chinese."""

    zh: str = Field(min_length=1)
    en: str | None = None

    @property
    def text(self) -> Text:
        """As a Text."""
        return Text(self.zh, self.en if self.en is not None else self.zh)


class EquipmentBase(Entry):
    """What all equipment has. `slot` is the unit's number at a gateway that hosts many."""

    id: Slug
    name: Names | None = None
    device: Slug | None = None
    slot: int | None = Field(None, ge=0)

    @property
    def text(self) -> Text:
        """Its name, or its id."""
        return self.name.text if self.name else Text(self.id, self.id)
