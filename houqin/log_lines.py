"""Lines of the log in which what devices, brokers and people say cannot pass for something else."""

from __future__ import annotations

import logging
import re
from typing import Any, Final

FORMAT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_UNSEEN: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
"""Control characters but for tab and line feed: those that move a cursor, colour a terminal or turn text around."""


class LogLines(logging.Formatter):
    """Control characters are written out, and a line feed in a message never begins a line of its own."""

    def __init__(self) -> None:
        super().__init__(FORMAT)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - as logging calls it
        """The line without a traceback."""
        return visible(super().formatMessage(record)).replace("\n", "\n    ")

    def formatException(self, ei: Any) -> str:  # noqa: N802 - as logging calls it
        """The traceback."""
        return "    " + visible(super().formatException(ei)).replace("\n", "\n    ")


def visible(text: str) -> str:
    """The text with its control characters as Python writes them."""
    return _UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)
