"""Says on every page when this Houqin does not operate the building: it is tried out, or another one acts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from api.pages import texts_control
from api.pages.widgets import Words, box
from api.services.control_state import ControlState, control_state

if TYPE_CHECKING:
    from collections.abc import Mapping

    from api.pages.reader import Reader
    from facility.text import Text

_SAID: Final[Mapping[ControlState, tuple[Text, Text]]] = {
    ControlState.SHADOW: (texts_control.SHADOW, texts_control.SHADOW_MORE),
    ControlState.STANDBY: (texts_control.STANDBY, texts_control.STANDBY_MORE),
    ControlState.UNLED: (texts_control.UNLED, texts_control.UNLED_MORE),
}


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
