"""The pages: a live board, offices, equipment, alarms and use, for phones, desks and the wall.

NiceGUI is met in this package only, and is imported when pages are attached, not before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import FastAPI

    from api.context import ApiContext


def attach(app: FastAPI, context: ApiContext) -> None:
    """Serves the pages of `context`'s site on `app`, beside its API routes. Add all routes before.

    NiceGUI knows one application per process: attached again, the pages show the later site.
    """
    from api.pages.mounting import mount

    mount(app, context)
