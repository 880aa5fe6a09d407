"""Conditions on points: each reading is held against the limits of those it is about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from controller.alarming.findings import Finding
from controller.alarming.hours import Counts
from controller.alarming.limits import Rate, is_beyond
from controller.alarming.selecting import places_of, select
from facility.bus.messages import AlarmLevel
from facility.live import LiveImage
from facility.model import Point, Site
from facility.model.alarm_entries import ConditionEntry, Limits
from facility.quantities import ENUMERATIONS, state_value
from facility.readings import Batch, Quality, Status, from_us
from facility.text import Text

LOOK_S: Final = 10.0


@dataclass(slots=True, kw_only=True)
class Watched:
    """One point under the limits of one condition. `value` is what is judged: a reading, or a rate per hour; None
    while nothing is known. `beyond` is what was judged last.
    """

    point: Point
    limits: Limits
    state_value: float | None
    rate: Rate | None
    value: float | None = None
    heard_us: int | None = None
    beyond: bool = False

    def take(self, time_us: int, value: float) -> None:
        """Judges a good reading."""
        if self.heard_us is not None and time_us < self.heard_us:
            return
        self.heard_us = time_us
        judged = value if self.rate is None else self.rate.take(time_us, value)
        if judged is None:
            return
        self.value = judged
        verdict = is_beyond(self.limits, judged, self.state_value, was=self.beyond)
        if verdict is not None:
            self.beyond = verdict

    def is_abnormal(self, now: datetime, born: datetime, counts: Counts) -> bool:
        """Whether its condition is abnormal at `now`. Where nothing was ever heard silence begins with `born`."""
        if not counts(self.limits.hours, now):
            return False
        if self.limits.silent_minutes is None:
            return self.beyond
        since = born if self.heard_us is None else max(born, from_us(self.heard_us))
        return self.beyond or (now - since).total_seconds() > self.limits.silent_minutes * 60.0


@dataclass(slots=True, kw_only=True)
class PointCondition:
    """A condition with the points it is about, and those that must be abnormal besides, by room or office."""

    entry: ConditionEntry
    points: list[Watched]
    besides: dict[str, list[Watched]] = field(default_factory=dict)


class PointLook:
    """Holds the conditions on points against what is read.

    Args:
        site: the points.
        conditions: those that are about points, as `Catalogue.watched`.
        counts: whether hours hold at a time.
        live: what was last known when the watch begins.
        born: when it begins (aware).
    """

    every_s = LOOK_S
    least_wall_s = 1.0

    def __init__(
        self, site: Site, conditions: Sequence[ConditionEntry], counts: Counts, live: LiveImage, born: datetime
    ) -> None:
        self._site = site
        self._counts = counts
        self._born = born
        self._taps: dict[str, list[Watched]] = {}
        self._conditions = [self._condition(entry) for entry in conditions]
        self.owns = tuple(f"{entry.id}:" for entry in conditions)
        self._recall(live)

    def _condition(self, entry: ConditionEntry) -> PointCondition:
        made = PointCondition(
            entry=entry, points=[self._watched(point, entry.limits) for point in select(self._site, entry.select)]
        )
        for point in select(self._site, entry.besides):
            watched = self._watched(point, entry.besides_limits)
            for place in places_of(self._site, point.equipment):
                made.besides.setdefault(place, []).append(watched)
        return made

    def _watched(self, point: Point, limits: Limits) -> Watched:
        made = Watched(
            point=point,
            limits=limits,
            state_value=state_of(point, limits),
            rate=Rate(over_us=round(limits.rate_minutes * 6e7)) if limits.rate else None,
        )
        self._taps.setdefault(point.id, []).append(made)
        return made

    def _recall(self, live: LiveImage) -> None:
        for point, taps in self._taps.items():
            reading = live.last_good(point)
            if reading is not None and reading.value is not None and reading.time <= self._born:
                time_us = round(reading.time.timestamp() * 1e6)
                for tap in taps:
                    tap.take(time_us, reading.value)

    def take(self, batch: Batch) -> None:
        """A device answered."""
        taps, statuses = self._taps, batch.statuses
        for index, point in enumerate(batch.points):
            found = taps.get(point)
            value = batch.values[index] if found is not None else None
            if found is None or value is None:
                continue
            if statuses is None or statuses[index].quality is Quality.GOOD or statuses[index] is Status.MANUAL:
                for tap in found:
                    tap.take(batch.time_us, value)

    async def look(self, now: datetime) -> list[Finding]:
        """What is abnormal at `now`."""
        return list(self.findings(now))

    def findings(self, now: datetime) -> Iterator[Finding]:
        """The same, without waiting."""
        for condition in self._conditions:
            for watched in condition.points:
                if watched.is_abnormal(now, self._born, self._counts) and self._is_beside(condition, watched, now):
                    yield self._finding(condition.entry, watched, self._only_one(condition, watched))

    def _is_beside(self, condition: PointCondition, watched: Watched, now: datetime) -> bool:
        """Whether what must be abnormal too is so somewhere in the same room or office."""
        if condition.entry.besides.is_empty:
            return True
        places = places_of(self._site, watched.point.equipment)
        others = (other for place in places for other in condition.besides.get(place, ()))
        return any(other.is_abnormal(now, self._born, self._counts) for other in others)

    def _only_one(self, condition: PointCondition, watched: Watched) -> bool:
        same = watched.point.equipment
        return sum(1 for other in condition.points if other.point.equipment == same) == 1

    def _finding(self, entry: ConditionEntry, watched: Watched, is_only: bool) -> Finding:
        point = watched.point
        name = self._site.equipment[point.equipment].text
        return Finding(
            key=f"{entry.id}:{point.equipment if is_only else point.id}",
            text=_text(entry, name, watched),
            level=AlarmLevel.WARNING if entry.level is None else AlarmLevel(entry.level),
            equipment=point.equipment,
        )


def state_of(point: Point, limits: Limits) -> float | None:
    """The number of the abnormal state, None for limits about something else.

    Raises:
        KeyError, ValueError: the point has no such state; `houqin check` tells it first.
    """
    if limits.state is None:
        return None
    return state_value(str(point.spec.enumeration), limits.state)


def states_of(point: Point) -> tuple[str, ...]:
    """The states that a point may be in, none where it is no state."""
    found: Mapping[str, tuple[str, ...]] = ENUMERATIONS
    return found.get(point.spec.enumeration or "", ())


def _text(entry: ConditionEntry, name: Text, watched: Watched) -> Text:
    limits, point = watched.limits, watched.point
    title = entry.name.text
    if watched.state_value is not None or watched.value is None or not watched.beyond:
        return Text(f"{name.zh}：{title.zh}", f"{name.en}: {title.en}")
    unit = f"{point.unit}/h" if limits.rate else point.unit
    allowed = limits.above if limits.above is not None and watched.value > _middle(limits) else limits.below
    bound = "" if allowed is None else f"{allowed:g} {unit}"
    shown = f"{watched.value:.4g} {unit}"
    return Text(
        f"{name.zh}：{title.zh}，{point.text.zh} {shown}（限值 {bound}）",
        f"{name.en}: {title.en}, {point.text.en} {shown} (limit {bound})",
    )


def _middle(limits: Limits) -> float:
    """Tells which of two limits was passed."""
    if limits.above is None or limits.below is None:
        return float("-inf") if limits.below is None else float("inf")
    return (limits.above + limits.below) / 2.0
