"""What is said on every page when this controller does not operate the building."""

from __future__ import annotations

from typing import Final

from facility.text import Text

SHADOW: Final = Text("试运行", "Trial run")
SHADOW_MORE: Final = Text("只作判断、不操作任何设备", "it decides and operates nothing")
STANDBY: Final = Text("备用", "Standby")
STANDBY_MORE: Final = Text(
    "由另一台控制器操作设备，请到那台上操作", "another controller operates the building: give orders there"
)
UNLED: Final = Text("未控制", "Not in control")
UNLED_MORE: Final = Text(
    "记录库无法连接，不能确认由谁控制，设备保持现状",
    "the records cannot be reached and nobody is known to act: everything stays as it is",
)
