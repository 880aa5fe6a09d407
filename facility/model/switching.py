"""Entries about equipment that is switched on and off: lighting, lifts, dehumidifiers, plants of chilled water."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

from pydantic import Field

from facility.model.entry import Entry, EquipmentBase, PointId, Slug

SwitchKind = Literal[
    "lighting", "landscape_lighting", "lift", "dehumidifier", "socket_circuit", "pump", "valve", "chiller"
]
"""What a switch switches. Of a valve "on" means open, of a lift in service."""

SWITCH_KINDS: Final[tuple[SwitchKind, ...]] = (
    "lighting", "landscape_lighting", "lift", "dehumidifier", "socket_circuit", "pump", "valve", "chiller",
)  # fmt: skip

PLANT_KINDS: Final[tuple[SwitchKind, ...]] = ("pump", "valve", "chiller")
"""Kinds that can be parts of a plant of chilled water."""

Operation = Literal["normal", "fire", "inspection", "unknown"]
"""How a lift is operated. It is never acted on in fire mode, in inspection, or where its mode is not known (EL-01)."""


class Switch(EquipmentBase):
    """Equipment that is on or off behind a relay, or behind any device whose point `on` can be written.

    `meter` measures its circuit. `serves` are the rooms it is for. `inverted`: the device is energised while the
    equipment is off (a contact that holds a lift, a valve that is open without current); its point `on` tells of the
    equipment all the same. `operation` are the points that tell how a lift is operated, one or several contacts; a lift
    needs one. `proof` is a state that proves that it does what it was told: a flow switch for a pump, an end switch for
    a valve, the running contact of a chiller; without it the point `on`, as read back, has to do.
    """

    kind: SwitchKind
    device: Slug
    meter: Slug | None = None
    serves: tuple[Slug, ...] = ()
    inverted: bool = False
    operation: tuple[PointId, ...] = ()
    proof: PointId | None = None


class PlantOrder(Entry):
    """In which order a plant of chilled water starts and stops.

    Start: the valves open, then the pumps run, and once their flow has been proved for `flow_s` the host starts. Stop:
    the host first, the pumps run on for `overrun_s`, then they stop and the valves close. What has not proved itself
    after `valve_s`, `pump_s` or `host_s` is a fault, and the plant is stopped in order. A host that stopped stays off
    for `host_min_off_s`.
    """

    host: Slug
    pumps: tuple[Slug, ...] = Field(min_length=1)
    valves: tuple[Slug, ...] = ()
    valve_s: float = Field(180.0, gt=0)
    pump_s: float = Field(60.0, gt=0)
    flow_s: float = Field(30.0, ge=0)
    host_s: float = Field(300.0, gt=0)
    overrun_s: float = Field(180.0, ge=0)
    host_min_off_s: float = Field(600.0, ge=0)

    @property
    def parts(self) -> tuple[str, ...]:
        """All parts, in the order in which they start."""
        return (*self.valves, *self.pumps, self.host)


def operation_of(states: Iterable[str | None]) -> Operation:
    """How a lift is operated, from what its contacts say.

    Args:
        states: state of each contact, None where it is not known.

    Returns:
        Fire before inspection before unknown: "normal" only when every contact says so, and there is one.
    """
    found = set(states)
    if "fire" in found:
        return "fire"
    if "inspection" in found:
        return "inspection"
    return "normal" if found == {"normal"} else "unknown"
