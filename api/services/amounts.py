"""Amounts that know how well they are known, added up over meters and joined over time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from facility.accounting import Grade


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What was used in [start_us, end_us), microseconds since 1970 UTC.

    `value` None: nothing known. `completeness` 0..1 share of the time that good readings cover, `estimated_share` 0..1
    share of the value that was interpolated.
    """

    start_us: int
    end_us: int
    value: float | None
    completeness: float
    estimated_share: float
    grade: Grade


GRADES: Final = tuple(Grade)
"""From best to worst; an amount made of several has the worst of those that it is made of."""


def worst(uses: Iterable[Used]) -> Grade:
    """The worst grade of what is known."""
    return max((use.grade for use in uses if use.value is not None), key=GRADES.index, default=Grade.UNKNOWN)


def add_up(uses: Sequence[Used]) -> Used:
    """Several meters over the same interval as one. What is known is added; a meter of which nothing is known lowers
    the completeness. None only when nothing is known of any.
    """
    assert uses, "nothing to add up"
    known = [use for use in uses if use.value is not None]
    return Used(
        start_us=uses[0].start_us,
        end_us=uses[0].end_us,
        value=sum(use.value for use in known if use.value is not None) if known else None,
        completeness=sum(use.completeness for use in uses) / len(uses),
        estimated_share=_estimated(known),
        grade=worst(uses),
    )


def join(uses: Sequence[Used]) -> Used:
    """Neighbouring intervals of one meter as one. What is known is added, the completeness says how much of the time
    that is; None only when nothing is known of any.
    """
    assert uses, "nothing to join"
    length_us = sum(use.end_us - use.start_us for use in uses)
    values = [use.value for use in uses if use.value is not None]
    covered_us = sum(use.completeness * (use.end_us - use.start_us) for use in uses)
    return Used(
        start_us=uses[0].start_us,
        end_us=uses[-1].end_us,
        value=sum(values) if values else None,
        completeness=covered_us / length_us,
        estimated_share=_estimated(uses),
        grade=worst(uses),
    )


def less(whole: Used, parts: Sequence[Used]) -> Used:
    """What a meter counted beyond its sub-meters; None when it or any of them is not known."""
    if not parts:
        return whole
    values = [part.value for part in parts if part.value is not None]
    is_known = whole.value is not None and len(values) == len(parts)
    return Used(
        start_us=whole.start_us,
        end_us=whole.end_us,
        value=whole.value - sum(values) if is_known and whole.value is not None else None,
        completeness=min(use.completeness for use in (whole, *parts)),
        estimated_share=max(use.estimated_share for use in (whole, *parts)),
        grade=worst((whole, *parts)) if is_known else Grade.UNKNOWN,
    )


def nothing(start_us: int, end_us: int) -> Used:
    """Nothing known of [start_us, end_us)."""
    return Used(
        start_us=start_us, end_us=end_us, value=None, completeness=0.0, estimated_share=0.0, grade=Grade.UNKNOWN
    )


def _estimated(uses: Iterable[Used]) -> float:
    pairs = [(abs(use.value), use.estimated_share) for use in uses if use.value is not None]
    total = sum(value for value, _ in pairs)
    if total == 0:
        return max((share for _, share in pairs), default=0.0)
    return sum(value * share for value, share in pairs) / total
