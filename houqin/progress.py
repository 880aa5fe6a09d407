"""How far a command is, on the terminal: one line that changes, or now and then a line where nobody looks on."""

from __future__ import annotations

import shutil
import sys
import time
from typing import Final

import click

from facility.text import Language, Text

_SCREEN_S: Final = 0.1
_LOG_S: Final = 10.0


class TerminalProgress:
    """Call it as often as you like; it writes to standard error, as seldom as is enough. Use as a context manager, so
    that the line is gone at the end.
    """

    def __init__(self, language: Language) -> None:
        self._language = language
        self._screen = sys.stderr.isatty()
        self._next_s = time.monotonic() + (_SCREEN_S if self._screen else _LOG_S)
        self._width = 0

    def __enter__(self) -> TerminalProgress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._width:
            click.echo(f"\r{' ' * self._width}\r", err=True, nl=False)

    def __call__(self, what: Text, done: int, total: int) -> None:
        """Shows that `done` of `total` parts of `what` are finished; a `total` of 0 is not known."""
        now_s = time.monotonic()
        if now_s < self._next_s:
            return
        self._next_s = now_s + (_SCREEN_S if self._screen else _LOG_S)
        share = f"{100 * done / total:.0f} %" if total else f"{done}"
        line = f"{what.in_language(self._language)} {share}"
        if not self._screen:
            click.echo(line, err=True)
            return
        room = shutil.get_terminal_size().columns // 2  # a Chinese character takes two columns
        shown = line[:room]
        click.echo(f"\r{shown}{' ' * max(self._width - len(shown), 0)}", err=True, nl=False)
        self._width = 2 * len(shown)
