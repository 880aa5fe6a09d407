"""The entry about how the controller acts: in earnest or in shadow, and what it does about changes at the wall."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from facility.model.entry import Entry


class ControlEntry(Entry):
    """How the controller acts. `mode` shadow: it decides and keeps records and commands nothing. `drift`: what was
    changed at the wall against the rules is put back, or only reported. `lock_walls`: wall controllers are locked where
    the device can do that. `lease_s`: seconds after which a standby takes over from a controller that went silent.
    """

    mode: Literal["act", "shadow"] = "act"
    drift: Literal["put_back", "report"] = "put_back"
    lock_walls: bool = False
    lease_s: float = Field(15.0, ge=2, le=600)
