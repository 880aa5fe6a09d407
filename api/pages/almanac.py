"""The office's year: holidays, closures, half days, the duty roster."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from api.context import ApiContext
    from api.pages.sessions import Sessions


def register(context: ApiContext, sessions: Sessions) -> None:
    """Puts the pages of this part on NiceGUI."""
    del context, sessions
