"""Which rules are in force where, and by which sentence of which document: as the controller states it for readers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from facility.text import Text

STATE_KEY: Final = "policy"
"""Under this key the journal holds the statement of the policy in force."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where a rule holds beside its zone class: all that are named; all empty: wherever the class is."""

    kinds: tuple[str, ...] = ()
    buildings: tuple[str, ...] = ()
    floors: tuple[str, ...] = ()
    offices: tuple[str, ...] = ()
    spaces: tuple[str, ...] = ()
    equipment: tuple[str, ...] = ()

    @property
    def is_everywhere(self) -> bool:
        """Whether nothing is named."""
        return self == EVERYWHERE


EVERYWHERE: Final = Places()


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedRule:
    """One rule for one zone class.

    Attributes:
        zone_class: the class; None: not bound to a class (the kettle, rules for equipment).
        rule: its id; `title` what it is called.
        effect: permit, forbid, limit, want, hold or advise; "elsewhere" for a clause that no rule serves.
        severity: enforce, advise, default or off; "" where no rule serves it.
        preset: where it comes from; None: the site's own.
        clause: id of the sentence, with `document` and article, the sentence itself (`quote`, Chinese) and what it
            says in English (`reading`); all None where it rests on none.
        parameters: its numbers as they hold here, as text with their units in the names.
        places: where it holds within the class.
        why_not: why the controller does not carry it out, or where it is served; None where it does.
    """

    zone_class: str | None
    rule: str
    title: Text
    effect: str
    severity: str
    preset: str | None
    clause: str | None
    document: str | None = None
    quote: str | None = None
    reading: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    places: Places = EVERYWHERE
    why_not: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedPreset:
    """A preset that ships with the product: its name, its numbers as they are without a site's own, and the zone
    classes it has rules for.
    """

    preset: str
    name: Text
    parameters: Mapping[str, str | float | bool | None]
    classes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyStatement:
    """The policy in force since `stated` (aware UTC), and the presets there are to choose from."""

    stated: datetime
    preset: str
    rules: tuple[StatedRule, ...]
    presets: tuple[StatedPreset, ...]
