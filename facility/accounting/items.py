"""The four items of the national guideline that use is told by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from facility.text import Text

ITEM_NAMES: Final[Mapping[str, Text]] = {
    "lighting_sockets": Text("照明插座", "Lighting and sockets"),
    "air_conditioning": Text("空调", "Air conditioning"),
    "power": Text("动力", "Power"),
    "special": Text("特殊", "Special"),
}
