"""The page to log in at, and the one that says that there is nothing here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

from api.pages import texts
from api.pages.frame import bare
from api.pages.sessions import local_target
from api.pages.widgets import Words, box, heading, link

if TYPE_CHECKING:
    from collections.abc import Mapping

    from api.pages.reader import Reader
    from facility.text import Text


def entrance_page(reader: Reader, query: Mapping[str, str]) -> None:
    """A plain form: works with password stores, and without a socket."""
    with bare(reader, reader.say(texts.LOG_IN_TITLE)), box("login"), box("card"):
        heading(reader.say(texts.LOG_IN_TITLE), 1)
        if "wrong" in query:
            Words(reader.say(texts.TOKEN_WRONG), classes="notice bad").props["role"] = "alert"
        Words(reader.say(texts.LOG_IN_HINT), tag="p", classes="muted small")
        _form(reader, local_target(query.get("next")))


def _form(reader: Reader, target: str) -> None:
    with box(tag="form") as form:
        form.props.update({"method": "post", "action": "/login"})
        with box("field"):
            label = Words(reader.say(texts.TOKEN), tag="label")
            label.props["for"] = "token"
            token = box(tag="input")
            token.props.update(
                {"type": "password", "name": "token", "id": "token", "required": True, "maxlength": 400,
                 "autocomplete": "current-password", "autofocus": True}
            )  # fmt: skip
        following = box(tag="input")
        following.props.update({"type": "hidden", "name": "next", "value": target})
        send = Words(reader.say(texts.LOG_IN), tag="button", classes="button strong")
        send.props["type"] = "submit"


def missing_page(
    reader: Reader, what: Text = texts.NOT_FOUND, hint: Text = texts.NOT_FOUND_HINT, *, status: int = 404
) -> None:
    """Says that this cannot be shown, why that may be, and where to go."""
    ui.context.client.status_code = status
    with bare(reader, reader.say(what)), box("login"), box("card stack"):
        heading(reader.say(what), 1)
        Words(reader.say(hint), tag="p", classes="muted")
        link(reader.say(texts.BACK_TO_BOARD), "/", "button")
