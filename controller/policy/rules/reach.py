"""Whether conditions can hold at all, hold together, or follow from each other; told from what is written alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from controller.policy.rules.conditions import CLOCK_LEAVES, Compare, Measured, Metered, Running, When
from controller.policy.rules.logic import ALWAYS, All, Any, Leaf, Literally, Not, Term, normal_form
from controller.policy.rules.moments import holds, is_date
from controller.policy.rules.probes import QUANTITY_OF, canonical_test
from controller.policy.schema import Hours, Parameters
from controller.policy.timetable import DayPlan, plan_day
from facility.calendar import Calendar
from facility.quantities import CANONICAL

Way = frozenset[Literally]
DATE_LEAVES: Final = frozenset({"dates", "season", "week", "weekday"})
OF_THE_DAY: Final = frozenset({"time", "supply_hours"})
YEARS: Final = (2025, 2026, 2027)
SAMPLE_DAYS: Final = tuple(date(2026, month, 15) for month in (1, 4, 7, 10))
STEP: Final = timedelta(minutes=10)
PLACE: Final = (28.2, 112.9)
"""Where sunrise is asked for when it does not matter to the minute."""


@dataclass(slots=True)
class Leaves:
    """Leaves by number, each once, and the terms made of them."""

    zone: ZoneInfo
    hours: Hours = Parameters().window
    leaves: list[When] = field(default_factory=list)
    _numbers: dict[When, int] = field(default_factory=dict)
    _plans: dict[date, DayPlan] = field(default_factory=dict)

    def term(self, when: When | None) -> Term:
        """A condition as a term over the leaves."""
        if when is None:
            return ALWAYS
        if when.all is not None:
            return All(tuple(self.term(part) for part in when.all))
        if when.any is not None:
            return Any(tuple(self.term(part) for part in when.any))
        if when.not_ is not None:
            return Not(self.term(when.not_))
        number = self._numbers.setdefault(when, len(self.leaves))
        if number == len(self.leaves):
            self.leaves.append(when)
        return Leaf(number)

    def ways(self, when: When | None) -> list[Way] | None:
        """The ways in which a condition can hold that are not impossible by themselves; None: too many to tell."""
        found = normal_form(self.term(when))
        return None if found is None else [way for way in found if self.is_possible(way)]

    def is_possible(self, way: Way) -> bool:
        """Whether all literals of a way can hold at one moment, as far as what is written tells."""
        if any((number, not wanted) in way for number, wanted in way):
            return False
        literals = [(self.leaves[number], wanted) for number, wanted in sorted(way)]
        return self._fits_numbers(literals) and self._fits_flags(literals) and self._fits_calendar(literals)

    def meet(self, one: Iterable[Way], other: Iterable[Way]) -> bool:
        """Whether two conditions can hold at one moment."""
        others = list(other)
        return any(self.is_possible(way | more) for way in one for more in others)

    def follows(self, one: list[Way], other: list[Way]) -> bool:
        """Whether `other` holds whenever `one` does."""
        return all(any(self._implies(way, wider) for wider in other) for way in one)

    def _implies(self, way: Way, wider: Way) -> bool:
        return all(literal in way or any(self._is_within(known, literal) for known in way) for literal in wider)

    def _is_within(self, known: Literally, wanted: Literally) -> bool:
        """Whether a comparison is met by a stricter one of the same thing."""
        one, other = self.leaves[known[0]], self.leaves[wanted[0]]
        if not (known[1] and wanted[1] and is_single(one) and looks_at(one) == looks_at(other)):
            return False
        spans = [span_of(leaf, True) for leaf in (one, other)]
        (low, high), (wide_low, wide_high) = spans
        return wide_low <= low and high <= wide_high

    # What can be

    def _fits_numbers(self, literals: list[tuple[When, bool]]) -> bool:
        spans: dict[object, tuple[float, float]] = {}
        for leaf, wanted in literals:
            if not isinstance(_test(leaf), Compare):
                continue
            low, high = span_of(leaf, wanted)
            quantity = QUANTITY_OF.get(leaf.key)
            bounds = CANONICAL[quantity] if quantity is not None else None
            if bounds is not None and _is_outside(low, high, bounds.low, bounds.high):
                return False
            if not is_single(leaf):
                continue
            held = spans.get(looks_at(leaf), (float("-inf"), float("inf")))
            low, high = max(low, held[0]), min(high, held[1])
            if low > high:
                return False
            spans[looks_at(leaf)] = low, high
        return True

    @staticmethod
    def _fits_flags(literals: list[tuple[When, bool]]) -> bool:
        known: dict[object, object] = {}
        for leaf, wanted in literals:
            flag = _flag(leaf)
            if flag is None:
                continue
            thing, value = flag
            if known.setdefault(thing, value is wanted) is not (value is wanted):
                return False
        return True

    def _fits_calendar(self, literals: list[tuple[When, bool]]) -> bool:
        clock = [(leaf, wanted) for leaf, wanted in literals if leaf.key in CLOCK_LEAVES]
        if len(clock) == 0:
            return True
        dated = [(leaf, wanted) for leaf, wanted in clock if leaf.key in DATE_LEAVES]
        days: Iterable[date] = SAMPLE_DAYS
        if dated:
            days = [day for day in _days(dated) if all(is_date(leaf, day) is wanted for leaf, wanted in dated)]
            if not days:
                return False
        kinds = {leaf.day if wanted else _other(leaf.day) for leaf, wanted in clock if leaf.day is not None}
        rests = any(leaf.holiday is not None and wanted for leaf, wanted in clock)
        works = any(leaf.rest_ahead is not None and wanted for leaf, wanted in clock)
        if len(kinds) > 1 or (rests and (works or "workday" in kinds)) or (works and "rest" in kinds):
            return False
        times = [(leaf, wanted) for leaf, wanted in clock if leaf.key in OF_THE_DAY]
        return not times or any(self._has_moment(day, times) for day in list(days)[:: max(1, len(list(days)) // 4)])

    def _has_moment(self, day: date, times: list[tuple[When, bool]]) -> bool:
        plan = self._plans.get(day)
        if plan is None:
            plan = self._plans[day] = plan_day(
                Calendar(), day, self.zone, self.hours, permit_at=self.hours.start, place=PLACE
            )
        moment = plan.midnight
        while moment < plan.next_midnight:
            if all(holds(leaf, plan, moment, self.zone) is wanted for leaf, wanted in times):
                return True
            moment += STEP
        return False


def _other(kind: str | None) -> str:
    return "rest" if kind == "workday" else "workday"


def _days(dated: list[tuple[When, bool]]) -> Iterator[date]:
    """Every day of some years, and the listed dates wherever they are."""
    listed = [span for leaf, _ in dated for span in leaf.dates or ()]
    for span in listed:
        yield from (span.first + timedelta(days=n) for n in range(min((span.last - span.first).days, 400) + 1))
    for year in YEARS:
        yield from (date(year, 1, 1) + timedelta(days=n) for n in range(365))


def _is_outside(low: float, high: float, lowest: float | None, highest: float | None) -> bool:
    return (highest is not None and low > highest) or (lowest is not None and high < lowest)


def _test(leaf: When) -> object:
    return leaf.point.value if leaf.point is not None else leaf.leaf


def span_of(leaf: When, wanted: bool) -> tuple[float, float]:
    """The values, from and to, at which a comparison begins to be true (or, not `wanted`, false)."""
    test = _test(leaf)
    assert isinstance(test, Compare)
    quantity = QUANTITY_OF.get(leaf.key)
    if quantity is not None:
        try:
            test = canonical_test(test, quantity)
        except ValueError:
            return float("-inf"), float("inf")
    limit, tiny = test.limit, 1e-9
    rises = test.rises if wanted else not test.rises
    is_strict = (test.above is not None or test.below is not None) is wanted
    if rises:
        return (limit + tiny if is_strict else limit), float("inf")
    return float("-inf"), (limit - tiny if is_strict else limit)


def is_single(leaf: When) -> bool:
    """Whether there is one value only, so that two comparisons of it can contradict each other."""
    value = leaf.leaf
    if isinstance(value, Metered):
        return value.which == "all" or value.of not in ("room", "office", "self")
    if isinstance(value, Measured):
        return leaf.key != "illuminance" or value.which == "all"
    return not hasattr(value, "of") or isinstance(value.of, str)


def looks_at(leaf: When) -> object:
    """What two leaves have to share to look at the same."""
    value = leaf.leaf
    if leaf.point is not None:
        return "point", leaf.point.id
    parts = (getattr(value, name, None) for name in ("space", "of", "item", "minutes"))
    return (leaf.key, *parts)


def _flag(leaf: When) -> tuple[object, bool] | None:
    """A leaf that is one of two: what it looks at and which."""
    value = leaf.leaf
    if leaf.key in ("rain", "sunshine"):
        return leaf.key, value
    if leaf.key == "permitted":
        return ("permitted", True) if value == "cooling" else None
    if leaf.key in ("occupied", "window"):
        return (leaf.key, value.space), value.is_
    if isinstance(value, Running) and isinstance(value.of, str):
        return ("running", value.of), value.is_
    return None
