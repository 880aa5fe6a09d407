"""Text in columns: what SQLite and PostgreSQL can both hold."""

from __future__ import annotations

import re
from typing import Any, Final

from sqlalchemy import Dialect, String, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

STRANGE: Final = re.compile("[\0\ud800-\udfff]")
"""NUL, which PostgreSQL refuses, and halves of surrogate pairs, which UTF-8 cannot hold."""


def holdable(text: str) -> str:
    """`text` with U+FFFD in place of what no database takes."""
    return STRANGE.sub("\N{REPLACEMENT CHARACTER}", text)


class Words(TypeDecorator[str]):
    """Text of any length. What the database cannot hold is replaced, in rows and in what they are looked up by, so that
    one strange character in a message never keeps the messages behind it from their entry.

    Args:
        length: how long the column was declared in the first tables; SQLite never enforced it and keeps saying so.
    """

    impl = Text
    cache_ok = True

    def __init__(self, length: int | None = None) -> None:
        super().__init__()
        self.length = length

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """TEXT, or what an older SQLite file says."""
        if dialect.name == "sqlite" and self.length is not None:
            return String(self.length)
        return Text()

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """The text as it is kept."""
        return None if value is None else holdable(value)
