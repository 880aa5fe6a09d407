"""The entry about how the controller acts: in earnest or in shadow, and what it does about changes at the wall."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from facility.model.entry import Entry, Names, PointId, Slug
from facility.model.switching import SwitchKind
from facility.text import Text


class MinTimesEntry(Entry):
    """For how long a kind of equipment stays on, and off, once it was switched; seconds."""

    on_s: float = Field(ge=0, le=7200)
    off_s: float = Field(ge=0, le=7200)


class FireEntry(Entry):
    """A contact of the fire panel: `point` tells fire while it is `alarm_when`. It stops the air-conditioning and the
    kettles of `scope` (buildings, floors, rooms; all where none is named) until it has gone and a person lets them go.
    """

    point: PointId
    name: Names | None = None
    scope: tuple[Slug, ...] = ()
    alarm_when: Literal["on", "off"] = "on"

    @property
    def text(self) -> Text:
        """Its name, or its point's."""
        return self.name.text if self.name else Text(f"消防信号 {self.point}", f"fire input {self.point}")


class ControlEntry(Entry):
    """How the controller acts. `mode` shadow: it decides and keeps records and commands nothing. `drift`: what was
    changed at the wall against the rules is put back, or only reported. `lock_walls`: wall controllers are locked where
    the device can do that. `lease_s`: seconds after which a standby takes over from a controller that went silent.
    `mode_change_s`, `setpoint_write_s`: a unit gets another mode, another setpoint, once in so many seconds at most.
    `fire`: what the fire panel tells. `min_times` by kind of equipment, where the defaults do not fit; for indoor units
    the rules have parameters.
    """

    mode: Literal["act", "shadow"] = "act"
    drift: Literal["put_back", "report"] = "put_back"
    lock_walls: bool = False
    lease_s: float = Field(15.0, ge=2, le=600)
    mode_change_s: float = Field(600.0, ge=0, le=7200)
    setpoint_write_s: float = Field(60.0, ge=0, le=3600)
    fire: tuple[FireEntry, ...] = ()
    min_times: dict[SwitchKind, MinTimesEntry] = Field(default_factory=dict)
