"""Words of the priority array of a unit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from facility.text import Text

PRIORITIES: Final = Text("优先级（数字小者优先）", "Priorities (the lowest number wins)")
SLOT: Final = Text("第 {slot} 级", "slot {slot}")
WINS: Final = Text("生效", "decides")
BY: Final = Text("{who}：{why}", "{who}: {why}")
UNTIL: Final = Text("至 {time}", "until {time}")
PARTS: Final[Mapping[str, Text]] = {
    "controller": Text("控制器", "controller"),
    "wall": Text("现场面板", "wall"),
    "found": Text("启动时状态", "found at start"),
    "fire": Text("消防信号", "fire input"),
}
"""Who stands behind a slot where it is no person."""
