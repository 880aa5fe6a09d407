"""A mistake in a site's policy, or something worth knowing about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from facility.text import Text

Weight = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyProblem:
    """A mistake in a site's policy. `path` are the keys and list numbers into the site file; `hint` is the near miss,
    None without. A `warning` keeps nothing from running.
    """

    path: tuple[str | int, ...]
    what: Text
    hint: Text | None = None
    severity: Weight = "error"

    def __str__(self) -> str:
        return f"{'.'.join(str(part) for part in self.path)}: {self.what.en}"
