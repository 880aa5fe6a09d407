"""Doing something to the account book: who may, the dialog that asks for a reason, and mistakes in words."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Final

from nicegui import ui
from pydantic import ValidationError

from api.auth import ROLES, Access
from api.pages import texts_meters
from api.pages.widgets import Entry, Words, box, button, field, heading
from api.problems import RequestProblem
from facility.errors import EntryRefused, NotPermitted, TryAgain

if TYPE_CHECKING:
    from api.pages.reader import Reader
    from facility.commands import Actor
    from facility.text import Text

REFUSALS: Final = (RequestProblem, EntryRefused, NotPermitted, TryAgain, ValidationError)
"""What a person can do something about, or try again."""


def may_enter(actor: Actor | None) -> bool:
    """Whether somebody may write into the account book: as the API's addresses that do."""
    return actor is not None and actor.role in ROLES[Access.ADMINISTER]


async def present_actor(reader: Reader, may: Callable[[Actor | None], bool] = may_enter) -> Actor | None:
    """Who acts, as the log-in stands at this moment; None where it has ended or does not permit what `may` asks."""
    actor = await reader.sessions.actor(reader.log_in_key)
    return actor if may(actor) else None


def told(reader: Reader, error: Exception) -> str:
    """A refusal in the reader's language."""
    words = reader.words
    match error:
        case RequestProblem():
            parts = [error.text, *(mistake.what for mistake in error.fields)]
            return " ".join(words.say(part) for part in parts)
        case EntryRefused():
            return words.say(error.text)
        case ValidationError():
            return words.say(texts_meters.NEEDS_REASON)
    return str(error)


def ask(
    reader: Reader,
    title: str,
    means: Sequence[str],
    act: Callable[[str, Actor], Awaitable[None]],
    *,
    strong: Text,
    may: Callable[[Actor | None], bool] = may_enter,
    remark: Text | None = None,
) -> None:
    """Opens a dialog that says what will happen, asks for a reason, and then acts.

    `may`: whether somebody may. `remark`: what is asked for in place of a reason, and may be left out.
    """
    say = reader.say
    with ui.dialog().props("persistent transition-duration=0") as dialog, box("card ask") as card:
        card.props["data-ask"] = True
        heading(title)
        for line in means:
            Words(line, tag="p")
        asked = say(remark or texts_meters.REASON)
        with field(asked):
            reason = Entry(name=asked)
        said = Words("")

        async def confirm() -> None:
            actor = await present_actor(reader, may)
            problem = None
            if remark is None and not reason.value.strip():
                problem = say(texts_meters.NEEDS_REASON)
            elif actor is None:
                problem = say(texts_meters.LOG_IN_AGAIN)
            else:
                try:
                    await act(reason.value.strip(), actor)
                except REFUSALS as error:
                    problem = told(reader, error)
            if dialog.is_deleted:  # acting drew the list anew from which it was opened
                return
            if problem is None:
                dialog.close()
            else:
                said.put(problem)
                said.dress("notice bad")

        with box("row").style("margin-top: 1rem"):
            button(say(strong), confirm, "button strong").props["data-act"] = "confirm"
            button(say(texts_meters.CANCEL), dialog.close)
    dialog.on("hide", dialog.delete)
    dialog.open()
