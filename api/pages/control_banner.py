"""Says on every page when this Houqin does not operate the building: it is tried out, or another one acts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from api.pages.widgets import Words, box
from api.services.control_state import ControlState, control_state
from facility.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from api.pages.reader import Reader

_SAID: Final[Mapping[ControlState, tuple[Text, Text]]] = {
    ControlState.SHADOW: (
        Text("试运行", "Trial run"),
        Text("只作判断、不操作任何设备", "it decides and operates nothing"),
    ),
    ControlState.STANDBY: (
        Text("备用", "Standby"),
        Text("由另一台控制器操作设备，请到那台上操作", "another controller operates the building: give orders there"),
    ),
    ControlState.UNLED: (
        Text("未控制", "Not in control"),
        Text(
            "记录库无法连接，不能确认由谁控制，设备保持现状",
            "the records cannot be reached and nobody is known to act: everything stays as it is",
        ),
    ),
}  # fmt: skip


class ControlBanner:
    """A line under the navigation, shown while there is something to say."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._shown: ControlState | None = None
        with box("demo") as self._line, box("demo-in"):
            self._what = Words("", tag="strong")
            self._more = Words("", tag="span")
        self._line.set_visibility(False)
        self.show()

    def show(self) -> None:
        """Says what holds now."""
        state = control_state(self._reader.context)
        if state is self._shown:
            return
        self._shown = state
        said = _SAID.get(state)
        self._line.set_visibility(said is not None)
        if said is not None:
            self._what.put(self._reader.say(said[0]))
            self._more.put(self._reader.say(said[1]))
