"""One open page: whose eyes are on it, in which language, of which site."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.requests import Request

from api.pages.sessions import Sessions, key_of, language_of
from api.pages.wording import Wording

if TYPE_CHECKING:
    from api.context import ApiContext
    from facility.commands import Actor
    from facility.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """What a page needs to be written for one reader. `actor` is None where nobody is logged in."""

    context: ApiContext
    sessions: Sessions
    words: Wording
    actor: Actor | None
    log_in_key: str | None
    path: str

    def say(self, text: Text, **values: object) -> str:
        """`text` in the reader's language."""
        return self.words.say(text, **values)

    async def may_still_read(self) -> bool:
        """Whether this reader may go on looking: the log-in still holds, or reading is open."""
        if self.actor is not None and await self.sessions.actor(self.log_in_key) is not None:
            return True
        return self.actor is None and self.context.open_reading


async def reader_of(request: Request, context: ApiContext, sessions: Sessions) -> Reader:
    """The reader behind a request."""
    key = key_of(request)
    query = request.url.query
    return Reader(
        context=context,
        sessions=sessions,
        words=Wording(language=language_of(request), zone=context.site.zone),
        actor=await sessions.actor(key),
        log_in_key=key,
        path=request.url.path + (f"?{query}" if query else ""),
    )
