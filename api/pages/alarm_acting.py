"""Doing something about an alarm: the dialog that asks how long and why, and the one that tells what happened."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from nicegui import ui

from api.pages import texts_alarms
from api.pages.acting import REFUSALS, present_actor, told
from api.pages.widgets import Choice, Entry, Words, box, button, field, heading, table, table_row
from api.services.alarm_acts import act_on_alarm, may_attend
from api.services.alarms import alarm_history
from facility.bus import AlarmAct

if TYPE_CHECKING:
    from api.pages.reader import Reader
    from api.services.alarms import AlarmStep, AlarmView

Done = Callable[[], Awaitable[None]]

TIMED = (AlarmAct.SHELVE, AlarmAct.OUT_OF_SERVICE)
"""Acts that last for a time, and need a reason."""


async def acknowledge(reader: Reader, alarm: AlarmView, done: Done) -> None:
    """Takes note of an alarm at once: no dialog stands between a duty room and its alarms."""
    actor = await present_actor(reader, may_attend)
    if actor is None:
        ui.notify(reader.say(texts_alarms.LOG_IN_AGAIN), type="warning")
        return
    try:
        await act_on_alarm(reader.context, alarm.key, AlarmAct.ACKNOWLEDGE, actor)
    except REFUSALS as error:
        ui.notify(told(reader, error), type="warning")
    await done()


class ActDialog:
    """Asks how long and why, then acts.

    Args:
        done: called after it was done.
    """

    def __init__(self, reader: Reader, alarm: AlarmView, act: AlarmAct, done: Done) -> None:
        self._reader, self._alarm, self._act, self._done = reader, alarm, act, done
        say = reader.say
        with ui.dialog().props("persistent transition-duration=0") as self._dialog, box("card ask") as card:
            card.props["data-ask"] = True
            heading(say(texts_alarms.ACTS[act]))
            Words(reader.words.name(alarm.text), tag="p")
            self._length = self._lengths() if act in TIMED else None
            with field(say(texts_alarms.NOTE)):
                self._note = Entry(name=say(texts_alarms.NOTE))
            self._said = Words("")
            with box("row").style("margin-top: 1rem"):
                button(say(texts_alarms.ACTS[act]), self._confirm, "button strong").props["data-act"] = "confirm"
                button(say(texts_alarms.CANCEL), self._dialog.close)
        self._dialog.on("hide", self._dialog.delete)
        self._dialog.open()

    def _lengths(self) -> Choice:
        say = self._reader.say
        most = self._reader.context.site.file.alarms.longest_shelf_hours
        options = [(f"{hours:g}", say(text)) for hours, text in texts_alarms.LENGTHS if hours <= most]
        if self._act is AlarmAct.OUT_OF_SERVICE:
            options.append(("", say(texts_alarms.UNTIL_BACK)))
        with field(say(texts_alarms.FOR_HOW_LONG)):
            choice = Choice(options, name=say(texts_alarms.FOR_HOW_LONG))
        choice.props["data-field"] = "length"
        return choice

    async def _confirm(self) -> None:
        problem = await self._try()
        if self._dialog.is_deleted:  # the list from which it was opened was drawn anew meanwhile
            await self._done()
        elif problem is None:
            self._dialog.close()
            await self._done()
        else:
            self._said.put(problem)
            self._said.dress("notice bad")

    async def _try(self) -> str | None:
        """Acts; gives what is in the way, None when it was done."""
        reader, note = self._reader, self._note.value.strip()
        if self._act in TIMED and not note:
            return reader.say(texts_alarms.NEEDS_NOTE)
        actor = await present_actor(reader, may_attend)
        if actor is None:
            return reader.say(texts_alarms.LOG_IN_AGAIN)
        hours = self._length.chosen if self._length is not None else ""
        until = reader.context.clock.now() + timedelta(hours=float(hours)) if hours else None
        try:
            await act_on_alarm(reader.context, self._alarm.key, self._act, actor, note=note, until=until)
        except REFUSALS as error:
            return told(reader, error)
        return None


async def show_history(reader: Reader, alarm: AlarmView) -> None:
    """Tells what happened to an alarm."""
    say = reader.say
    try:
        steps = (await alarm_history(reader.context, alarm.key, limit=100)).rows
    except REFUSALS as error:
        ui.notify(told(reader, error), type="warning")
        return
    with ui.dialog().props("transition-duration=0") as dialog, box("card ask") as card:
        card.props["data-history"] = alarm.key
        heading(say(texts_alarms.HISTORY))
        Words(reader.words.name(alarm.text), tag="p")
        if not steps:
            Words(say(texts_alarms.NO_HISTORY), classes="notice")
        else:
            _steps(reader, steps)
        with box("row").style("margin-top: 1rem"):
            button(say(texts_alarms.CLOSE), dialog.close)
    dialog.on("hide", dialog.delete)
    dialog.open()


def _steps(reader: Reader, steps: list[AlarmStep]) -> None:
    say, words = reader.say, reader.words
    with table([(say(texts_alarms.TIME), "num"), (say(texts_alarms.STATE), ""), (say(texts_alarms.NOTE), "")]):
        for step in steps:
            change = say(
                texts_alarms.STEP,
                before=say(texts_alarms.STATES[step.before]),
                state=say(texts_alarms.STATES[step.state]),
            )
            table_row([(words.stamp(step.at), "num"), (change, ""), (_why(reader, step), "")])


def _why(reader: Reader, step: AlarmStep) -> str:
    if step.by is not None:
        return step.by if not step.note else reader.say(texts_alarms.HIDDEN_BY, name=step.by, note=step.note)
    return "" if step.cause is None else reader.say(texts_alarms.BECAUSE, cause=step.cause)
