"""Days lived under control: real weather, the simulated building, gateway and controller, into a store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final

from facility.calendar import Calendar
from facility.local_days import midnight
from facility.model import Site
from facility.store import Store
from houqin.past import DayOrder, MadeDay, PastDay
from simulators.physics.people import Deed, draw_day
from tests.year.comfort import Watching
from tests.year.site import may_supply

MINUTE: Final = timedelta(minutes=1)
COARSE: Final = timedelta(minutes=5)
FORECAST_EVERY: Final = timedelta(minutes=30)
AT_THE_WALL: Final = (Deed.TURN_DOWN, Deed.SWITCH_ON, Deed.SWITCH_OFF)


class LivedDays(PastDay):
    """Neighbouring days, read every minute where supply is possible and every five elsewhere; each goes to the store as
    it ends.

    Args:
        site: the building.
        first: the first local day.
        days: how many.
        seed: of people, sensors and forecasts.
        store: takes what was read.
        fine: how far apart readings are where supply is possible.
    """

    def __init__(
        self, site: Site, first: date, days: int, *, seed: int, store: Store, fine: timedelta = MINUTE
    ) -> None:
        until = midnight(first + timedelta(days=days), site.zone)
        profiles = {key: site.profiles[key] for key in site.profiles}
        order = DayOrder(file=site.file, profiles=profiles, day=first, until=until, seed=seed)
        super().__init__(site, order, cadence=fine)
        self._store = store
        self._fine = {first + timedelta(days=ahead) for ahead in range(days)}
        self._fine = {day for day in self._fine if may_supply(site, day)}
        self.watching = Watching(self.world)

    def cadence_on(self, day: date) -> timedelta:
        """How far apart readings are on a local day."""
        return self.cadence if day in self._fine else COARSE

    async def live_through(self) -> MadeDay:
        """Moves the clock from reading to reading and from edge to edge until the last day's end."""
        self._record()
        poll_at = cycle_at = forecast_at = self.clock.now()
        day = self.order.day
        while (now := min(poll_at, cycle_at)) < self.order.until:
            before = self.clock.now()
            if before >= self.begin and now > before:
                self.watching.look(before, now)
            self.clock.move_to(now)
            self.world.advance(now)
            today = now.astimezone(self.site.zone).date()
            if today > day:
                self._keep_day()
                day = today
            if now >= forecast_at:
                await self.gateway.fetch_forecast()
                forecast_at += FORECAST_EVERY
            if now >= poll_at:
                await self._read_everything()
                poll_at += self.cadence_on(today)
            cycle_at = self.controller.cycle(now)
            await self.gateway.settle()
        self.watching.look(self.clock.now(), self.order.until)
        self._keep_day()
        await self.gateway.close()
        return MadeDay(day=day, batches=(), messages=self.messages, first_counters={}, last_counters={})

    def _keep_day(self) -> None:
        self._store.append(self.batches)
        self.batches.clear()


def done_by_hand(site: Site, seed: int, days: Iterator[date]) -> dict[str, list[datetime]]:
    """Unit -> when somebody did something at its wall controller, local times in order, as the building draws its
    people: what they did is not the controller's doing.
    """
    from simulators.physics.layout import Layout

    layout, calendar = Layout(site), Calendar.of(site.file)
    found: dict[str, list[datetime]] = {unit.id: [] for unit in layout.units}
    for day in days:
        drawn = draw_day(layout, seed, day, workday=calendar.is_workday(day))
        start = midnight(day, site.zone).astimezone(site.zone)
        for act in drawn.acts:
            if act.deed in AT_THE_WALL:
                found[layout.units[act.row].id].append(start + timedelta(minutes=act.minute))
    return {unit: sorted(times) for unit, times in found.items()}
