"""The rules in force, where, and by which sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from api.context import ApiContext
    from api.pages.sessions import Sessions


def register(context: ApiContext, sessions: Sessions) -> None:
    """Puts the pages of this part on NiceGUI."""
    del context, sessions
