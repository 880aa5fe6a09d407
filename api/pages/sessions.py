"""Who looks at a page, and in which language: a browser's cookies carry the language and the key of a log-in.

The key is random and means something to this process only: after a restart people log in again, and no token is ever
written to disk. A token that is revoked ends its pages within `RECHECK_S`.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from starlette.requests import HTTPConnection

from facility.commands import Actor
from facility.text import Language

if TYPE_CHECKING:
    from api.context import ApiContext

RECHECK_S: Final = 30.0
"""Wall seconds for which a token once found good is not asked for again."""
MAX_AGE_S: Final = 12 * 3600.0
"""Wall seconds after which a log-in ends by itself."""
MAX_SESSIONS: Final = 2000

LANGUAGE_COOKIE: Final = "houqin_language"
LOG_IN_COOKIE: Final = "houqin_log_in"
SECRET_KEY: Final = "pages.storage_secret"


@dataclass(slots=True, kw_only=True)
class _Session:
    token: str
    actor: Actor
    since_s: float
    checked_s: float


class Sessions:
    """The log-ins of this process, the oldest forgotten first when there are too many."""

    def __init__(self, context: ApiContext, *, recheck_s: float = RECHECK_S, max_age_s: float = MAX_AGE_S) -> None:
        self._context = context
        self._recheck_s = recheck_s
        self._max_age_s = max_age_s
        self._sessions: dict[str, _Session] = {}

    async def open(self, token: str) -> str | None:
        """The key of a new log-in, None when the token is not valid."""
        actor = await self._context.remember(self._context.journal.actor_of, token)
        if actor is None:
            return None
        while len(self._sessions) >= MAX_SESSIONS:
            del self._sessions[next(iter(self._sessions))]
        key = secrets.token_urlsafe(32)
        now_s = time.monotonic()
        self._sessions[key] = _Session(token=token, actor=actor, since_s=now_s, checked_s=now_s)
        return key

    async def actor(self, key: str | None) -> Actor | None:
        """Who logged in under `key`, None when nobody is logged in (any more)."""
        session = self._sessions.get(key) if key is not None else None
        if key is None or session is None:
            return None
        now_s = time.monotonic()
        if now_s - session.since_s > self._max_age_s:
            self.close(key)
            return None
        if now_s - session.checked_s > self._recheck_s:
            actor = await self._context.remember(self._context.journal.actor_of, session.token)
            if actor is None:
                self.close(key)
                return None
            session.actor, session.checked_s = actor, now_s
        return session.actor

    async def actor_of_browser(self, connection: HTTPConnection) -> Actor | None:
        """Who is logged in with a browser's cookie; the API asks this for links from pages to its tables."""
        return await self.actor(key_of(connection))

    def close(self, key: str | None) -> None:
        """Ends a log-in."""
        if key is not None:
            self._sessions.pop(key, None)


def language_of(connection: HTTPConnection) -> Language:
    """The language this browser has chosen; Chinese until it has."""
    return "en" if connection.cookies.get(LANGUAGE_COOKIE) == "en" else "zh"


def key_of(connection: HTTPConnection) -> str | None:
    """The key of the log-in this browser carries, None without one."""
    return connection.cookies.get(LOG_IN_COOKIE)


def storage_secret(context: ApiContext) -> str:
    """The secret that signs this site's cookies, made once and kept in the journal."""
    held = context.journal.load_state(SECRET_KEY)
    if isinstance(held, str) and len(held) >= 32:
        return held
    made = secrets.token_urlsafe(48)
    context.journal.save_state(SECRET_KEY, made)
    return made


def local_target(target: str | None) -> str:
    """Where to go after a log-in or a change of language: a path of this site, the board for anything else."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")) or "\\" in target:
        return "/"
    return target if all(" " < letter < "\x7f" for letter in target) else "/"
