"""Entries about what is published on a broker for other systems, and what they may ask for."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field

from facility.model.entry import Entry, Slug
from facility.model.keeping import SpoolEntry

TOPIC_PREFIX: Final = r"^[^+#/$\s][^+#/\s]*(/[^+#/\s]+)*$"
"""Levels of a topic, without wildcards and not the broker's own."""

PublishKind = Literal[
    "indoor_unit", "outdoor_unit", "electricity_meter", "water_meter", "gas_meter", "heat_meter", "climate_sensor",
    "window_contact", "door_contact", "occupancy_sensor", "illuminance_sensor", "water_leak", "weather_station",
    "kettle", "lighting", "landscape_lighting", "lift", "dehumidifier", "socket_circuit", "pump", "valve", "chiller",
]  # fmt: skip
"""Kinds of equipment that say something of their own."""


class HomeAssistantEntry(Entry):
    """Equipment is announced to Home Assistant below the topic `prefix`, with names in `language`."""

    prefix: str = Field("homeassistant", pattern=TOPIC_PREFIX, max_length=128)
    language: Literal["zh", "en"] = "zh"


class RemoteCommandsEntry(Entry):
    """Other systems may ask for things over the broker, with the rights of `role` (a section operator's for the
    equipment of `office` alone). What is asked for without an end holds for `minutes`; none holds for longer than
    `longest_minutes`. A message that says when it was made is not heeded `stale_s` later.
    """

    role: Literal["section_operator", "duty_room", "admin_section"] = "section_operator"
    office: Slug | None = None
    minutes: int = Field(120, ge=1, le=10_080)
    longest_minutes: int = Field(720, ge=1, le=10_080)
    stale_s: float = Field(60.0, ge=1, le=3600)


class PublishSpoolEntry(SpoolEntry):
    """How much waits on disk while the broker is away, see `SpoolEntry`."""

    limit_mb: int = Field(500, ge=10, le=1_000_000)


class PublishEntry(Entry):
    """What other systems may read, and where. Nothing is published unless `link` names an MQTT link.

    `prefix` begins every topic, None: `houqin/<site>`. `kinds`: equipment of these kinds alone, empty for all. The
    newest value of every point and state is kept by the broker (`retain`), said again when it has changed, at most
    every `every_s` seconds (states at once), and after `heartbeat_s` in any case. `stream`: every reading goes out as
    well, with its own time; what the broker has not taken waits in the `spool`.
    """

    link: Slug | None = None
    prefix: str | None = Field(None, pattern=TOPIC_PREFIX, max_length=128)
    kinds: tuple[PublishKind, ...] = ()
    retain: bool = True
    every_s: float = Field(1.0, ge=0, le=3600)
    heartbeat_s: float = Field(600.0, ge=1, le=86_400)
    stream: bool = True
    spool: PublishSpoolEntry = PublishSpoolEntry()
    home_assistant: HomeAssistantEntry | None = None
    commands: RemoteCommandsEntry | None = None

    def topic_prefix(self, site: str) -> str:
        """What every topic begins with at a site."""
        return self.prefix if self.prefix is not None else f"houqin/{site}"
