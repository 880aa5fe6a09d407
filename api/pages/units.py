"""One unit in a line: on or off, mode, setpoint, room temperature, and the sentence why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from api.pages import texts
from api.pages.widgets import Words, box, link
from facility.commands import Mode

if TYPE_CHECKING:
    from api.pages.reader import Reader
    from api.services.board import BoardUnit

NAME_WITHIN: Final = 30
"""A sentence names its unit at its beginning, behind the office's name at most."""


def unit_state(reader: Reader, unit: BoardUnit) -> tuple[str, str]:
    """What the unit is doing, in a word, and the colour that goes with it."""
    say = reader.say
    if unit.fault:
        return say(texts.FAULT), "fault"
    if unit.on is None or not unit.reachable:
        return say(texts.STATE_UNKNOWN), "unknown"
    if not unit.on:
        return say(texts.OFF), ""
    if unit.mode is None:
        return say(texts.ON), "on"
    mode = Mode(unit.mode)
    return say(texts.MODES[mode]), "on" if mode is Mode.AUTO else mode.value


class UnitLine:
    """The line of one unit, under the name of its rooms, or under its own. `said` is what the card's title says already
    and the line need not repeat: a room "101 Finance" on the card "Finance" is "101".
    """

    def __init__(self, reader: Reader, unit: BoardUnit, *, by_room: bool = True, said: str = "") -> None:
        self._reader = reader
        rooms = [reader.words.name(space) for space in unit.spaces] if by_room else []
        whole = reader.say(texts.LIST_COMMA).join(rooms) or reader.words.name(unit.name)
        where = name_without(whole, said)
        with box("unit-line") as line:
            line.props["data-unit"] = unit.id
            self._pill = Words("", tag="span", classes="pill")
            link(where, f"/equipment/{unit.id}", "where").hint(reader.words.name(unit.name))
            with box("values"):
                self._setpoint_name = Words("", tag="span")
                self._setpoint = Words("", tag="span")
                self._room_name = Words("", tag="span")
                self._room = Words("", tag="b")
            self._why = Words("", classes="why")
            self._why.props["tabindex"] = 0
        self.show(unit)

    def show(self, unit: BoardUnit) -> None:
        """Brings the line up to date."""
        words, say = self._reader.words, self._reader.say
        text, colour = unit_state(self._reader, unit)
        self._pill.put(text)
        self._pill.dress(f"pill {colour}".strip())
        if unit.kind == "indoor_unit":
            self._setpoint_name.put(f"{say(texts.SETPOINT)} ")
            self._setpoint.put(words.number(unit.setpoint_c))
            self._room_name.put(f" · {say(texts.ROOM)} ")
            self._room.put(words.temperature(unit.room_temperature_c))
        sentence = words.name(unit.sentence) if unit.sentence is not None else say(texts.NO_DECISION_YET)
        self._why.put(sentence_after_name(sentence, words.name(unit.name)))
        self._why.hint(sentence)


def name_without(whole: str, said: str) -> str:
    """`whole` without `said` at its beginning or end, unless what is left would be torn or empty."""
    if not said or (not whole.startswith(said) and not whole.endswith(said)):
        return whole
    rest = whole.removeprefix(said).removesuffix(said).strip()
    return rest if rest[:1].isalnum() and rest[-1:].isalnum() else whole


def sentence_after_name(sentence: str, name: str) -> str:
    """The sentence from behind the unit's name, which its card says already; whole where it names it late or not."""
    start, found, rest = sentence.partition(name)
    rest = rest.lstrip(texts.BEHIND_A_NAME)
    return rest[:1].upper() + rest[1:] if found and rest and len(start) <= NAME_WITHIN else sentence
