"""The words for equipment that is only on or off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from facility.model.entries import SwitchKind
from facility.text import Text

OTHER_EQUIPMENT: Final = Text("照明、电梯及其他设备", "Lighting, lifts and other equipment")

KINDS: Final[Mapping[SwitchKind, Text]] = {
    "lighting": Text("照明", "Lighting"),
    "landscape_lighting": Text("景观照明", "Landscape lighting"),
    "lift": Text("电梯", "Lifts"),
    "dehumidifier": Text("除湿机", "Dehumidifiers"),
    "socket_circuit": Text("插座回路", "Socket circuits"),
    "chiller": Text("冷水主机", "Chillers"),
    "pump": Text("水泵", "Pumps"),
    "valve": Text("阀门", "Valves"),
}
"""Kind -> its name; their order is the board's."""
