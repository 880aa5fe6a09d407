"""What a rule found: small values that a sentence is made of only when somebody will read it."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from facility.decisions import Effect


class Seen(NamedTuple):
    """An input as a rule saw it; `time` is when it was measured or issued."""

    point: str
    value: float | str | bool | None
    source: str
    time: datetime | None = None


class Finding(NamedTuple):
    """One rule's part in a verdict. `code` is its id in reasons and selects its words, `rule` the policy rule whose
    clause it rests on ("" for equipment protection), `values` what the words are filled with.
    """

    code: str
    effect: Effect
    rule: str = ""
    values: tuple[object, ...] = ()
    inputs: tuple[Seen, ...] = ()

    @property
    def key(self) -> tuple[str, Effect]:
        """What makes it another finding, whatever the numbers are."""
        return (self.code, self.effect)


def keys(findings: tuple[Finding, ...]) -> tuple[tuple[str, Effect], ...]:
    """The keys of a chain."""
    return tuple((finding.code, finding.effect) for finding in findings)
