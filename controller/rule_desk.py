"""The rules written as data at work: gathers their inputs, evaluates what changed, and says what holds for whom."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from controller.policy.facts import SupplyMemory, Weather
from controller.policy.rules.effects import NO_EFFECTS, Effects
from controller.policy.site_policy import SitePolicy
from controller.policy.timetable import DayPlan
from controller.weather import Tap
from facility.bus.messages import ReminderGiven
from facility.model import Site
from facility.model.entries import ZoneClass


def _as_is(limit_s: float) -> float:
    return limit_s


class RuleDesk:
    """Keeps what the rules written as data remember, and the effects that follow.

    Args:
        site: rooms, sensors, equipment.
        policy: the rules.
        stale_s: a staleness limit on this clock, in clock seconds.
    """

    def __init__(self, site: Site, policy: SitePolicy, *, stale_s: Callable[[float], float] = _as_is) -> None:
        self._site, self._policy, self._stale_s = site, policy, stale_s
        self._effects: dict[str, Effects] = {}
        self._reminders: list[ReminderGiven] = []

    def taps(self) -> dict[str, Tap]:
        """Point -> what takes its readings."""
        return {}

    def step(
        self,
        now: datetime,
        *,
        plans: Mapping[ZoneClass, DayPlan],
        weather: Weather,
        supply: Mapping[ZoneClass, SupplyMemory],
    ) -> set[str]:
        """Evaluates what changed since the last step; gives the equipment whose effects are others now.

        `plans` and `supply` are of every zone class in use; a class that is missing goes by the first there is.
        """
        return set()

    def effects(self, equipment: str, *, filed: bool = False) -> Effects:
        """What holds for an equipment now. `filed`: an approved filing or a notice that relaxes something is in force
        for it, so that rules that hold in principle only are set aside.
        """
        found = self._effects.get(equipment, NO_EFFECTS)
        return found.set_aside() if filed else found

    def wakes(self, now: datetime) -> Iterator[datetime]:
        """When something changes by itself: a time of day, a delay that is over, a value grown stale."""
        return iter(())

    def reminders(self, now: datetime) -> list[ReminderGiven]:
        """The reminders that fell due since they were last asked for."""
        found, self._reminders = self._reminders, []
        return found

    def saved(self) -> dict[str, Any]:
        """What a restart needs, as JSON."""
        return {}

    def restore(self, doc: Any) -> None:
        """Takes back what was saved; what does not fit is passed over."""
