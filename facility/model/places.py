"""Entries about the house and who is in it: the site, buildings, floors, offices, rooms."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from pydantic import ConfigDict, Field, field_validator

from facility.model.entry import Entry, Names, Slug
from facility.text import Text


class Location(Entry):
    """Degrees, north and east positive (WGS 84)."""

    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)


class SiteHead(Entry):
    """The site itself. `public_read` opens reading to everybody on the network."""

    id: Slug
    name: Names
    timezone: str
    location: Location
    public_read: bool = False

    @field_validator("timezone")
    @classmethod
    def _is_a_zone(cls, value: str) -> str:
        from zoneinfo import available_timezones

        if value not in available_timezones():
            raise ValueError(f"{value!r} is not a time zone of the IANA database; expected for example 'Asia/Shanghai'")
        return value


class ZoneClass(StrEnum):
    """How the rules treat a space; see docs/control.md for the table."""

    OFFICE = "office"
    MEETING = "meeting"
    PUBLIC = "public"
    DUTY_ROOM = "duty_room"
    ARCHIVE = "archive"
    SERVER_ROOM = "server_room"


ZONE_CLASS_NAMES: Final[Mapping[str, Text]] = {
    ZoneClass.OFFICE: Text("办公室", "offices"),
    ZoneClass.MEETING: Text("会议室", "meeting rooms"),
    ZoneClass.PUBLIC: Text("公共区域", "shared rooms"),
    ZoneClass.DUTY_ROOM: Text("值班室", "duty room"),
    ZoneClass.ARCHIVE: Text("档案库房", "archive"),
    ZoneClass.SERVER_ROOM: Text("信息机房", "server room"),
}
"""What all rooms of a class are called together."""


class Floor(Entry):
    """A storey; `level` counts from 1, negative below ground."""

    id: Slug
    level: int
    name: Names | None = None

    @property
    def text(self) -> Text:
        """Its name, or one made from its level."""
        return self.name.text if self.name else Text(f"{self.level} 楼", f"Floor {self.level}")


class Building(Entry):
    """A building and its floors."""

    id: Slug
    name: Names
    floors: tuple[Floor, ...] = Field(min_length=1)


class Quota(Entry):
    """Yearly and monthly allowances; None where none is set."""

    electricity_kwh_per_head_month: float | None = Field(None, ge=0)


class Office(Entry):
    """A section of the organisation: what consumption is charged to. `responsible` is a role name, not a person."""

    id: Slug
    name: Names
    headcount: int | None = Field(None, ge=0)
    area_m2: float | None = Field(None, gt=0)
    responsible: str | None = None
    quota: Quota = Quota()


class Space(Entry):
    """A room. `office` uses it; `responsible_office` answers for a public one (AC-14)."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    id: Slug
    floor: Slug
    zone_class: ZoneClass = Field(alias="class")
    name: Names | None = None
    office: Slug | None = None
    responsible_office: Slug | None = None
    area_m2: float | None = Field(None, gt=0)

    @property
    def text(self) -> Text:
        """Its name, or its id."""
        return self.name.text if self.name else Text(self.id, self.id)
