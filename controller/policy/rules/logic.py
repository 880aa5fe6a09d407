"""Conditions over truths that may be unknown (Kleene's strong logic), and their normal form for checking."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

Truth = bool | None

MOST_TERMS: Final = 256
"""A condition whose normal form grows beyond this is not analysed; no office writes one."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """The probe with this number."""

    number: int


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite; of the unknown, the unknown."""

    part: Term


@dataclass(frozen=True, slots=True)
class All:
    """True when every part is, false when any is false."""

    parts: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """True when any part is, false when every part is false."""

    parts: tuple[Term, ...]


Term = Leaf | Not | All | Any
ALWAYS: Final = All(())
Literally = tuple[int, bool]
"""A probe's number and whether it has to be true."""


def truth_of(term: Term, truths: Sequence[Truth]) -> Truth:
    """What `term` is when the probes are `truths`."""
    if isinstance(term, Leaf):
        return truths[term.number]
    if isinstance(term, Not):
        part = truth_of(term.part, truths)
        return None if part is None else not part
    if isinstance(term, All):
        return every(truth_of(part, truths) for part in term.parts)
    return some(truth_of(part, truths) for part in term.parts)


def every(truths: Iterable[Truth]) -> Truth:
    """False when any is, else unknown when any is, else true."""
    found: Truth = True
    for truth in truths:
        if truth is False:
            return False
        if truth is None:
            found = None
    return found


def some(truths: Iterable[Truth]) -> Truth:
    """True when any is, else unknown when any is, else false."""
    found: Truth = False
    for truth in truths:
        if truth:
            return True
        if truth is None:
            found = None
    return found


def numbers_of(term: Term) -> tuple[int, ...]:
    """The probes in it, each once, in order."""
    return tuple(dict.fromkeys(_numbers(term)))


def _numbers(term: Term) -> Iterable[int]:
    if isinstance(term, Leaf):
        yield term.number
    elif isinstance(term, Not):
        yield from _numbers(term.part)
    else:
        for part in term.parts:
            yield from _numbers(part)


def normal_form(term: Term, *, positive: bool = True) -> list[frozenset[Literally]] | None:
    """The ways in which `term` can be true (or, not `positive`, false): each a set of literals that must hold together.

    None when there are too many.
    """
    if isinstance(term, Leaf):
        return [frozenset({(term.number, positive)})]
    if isinstance(term, Not):
        return normal_form(term.part, positive=not positive)
    parts = [normal_form(part, positive=positive) for part in term.parts]
    if any(part is None for part in parts):
        return None
    known = [part for part in parts if part is not None]
    if isinstance(term, All) is positive:
        return _together(known)
    found = list(dict.fromkeys(one for part in known for one in part))
    return found if len(found) <= MOST_TERMS else None


def _together(parts: list[list[frozenset[Literally]]]) -> list[frozenset[Literally]] | None:
    count = 1
    for part in parts:
        count *= len(part)
    if count > MOST_TERMS:
        return None
    joined = (frozenset().union(*chosen) for chosen in product(*parts))
    return list(dict.fromkeys(one for one in joined if not _contradicts(one)))


def _contradicts(literals: frozenset[Literally]) -> bool:
    return any((number, not wanted) in literals for number, wanted in literals)
