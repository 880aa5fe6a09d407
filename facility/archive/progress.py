"""How far a long piece of work is: told by the work, shown by whoever started it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from facility.text import Text

Progress: TypeAlias = Callable[[Text, int, int], None]
"""Takes what is being done, how many parts of it are finished, and of how many (0: not known). Called again and again,
as often as the work likes."""


def unseen(_what: Text, _done: int, _total: int) -> None:
    """Shows nothing."""
