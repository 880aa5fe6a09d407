"""A mistake in a profile, in both languages."""

from __future__ import annotations

from pydantic_core import PydanticCustomError


def wrong(zh: str, en: str) -> PydanticCustomError:
    """What a validator raises; `houqin profile check` shows it in the reader's language."""
    return PydanticCustomError("wrong_value", "{en}", {"zh": zh, "en": en})
