"""Decides for the whole site, cycle by cycle: freezes what is known, lets the rules speak, acts, tells.

Between cycles nothing is computed for equipment whose inputs did not change and whose times did not come, so a cycle
costs what changed, not what there is.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from controller.actuator import Actuator
from controller.alarms import AlarmBoard
from controller.attention import Attention
from controller.authority import Authority
from controller.deciding import Decider
from controller.filing_desk import FilingDesk
from controller.fire import FireInputs
from controller.guard import min_times_of
from controller.intake import Intake
from controller.keeping import Keeper
from controller.lease import NO_LEASE, Lease
from controller.memory import Carried, restored, saved
from controller.orders import Orders
from controller.plants import Plants
from controller.policy.explain import Explainer
from controller.policy.facts import Weather
from controller.policy.site_policy import SitePolicy
from controller.records import Record, Sort
from controller.replay.cases import KIND as BASIS
from controller.replay.cases import Bases
from controller.roster import build_records
from controller.rule_desk import RuleDesk
from controller.sensing import Sensing
from controller.starts import starts_of
from controller.telling import Teller
from controller.wall import WallWatch
from controller.watches import Watches, plant_alarms, room_alarms
from controller.weather import WeatherDesk
from controller.zones import Zones
from facility.bus import Bus
from facility.calendar import Calendar
from facility.clock import Clock, stale_after_s, stretched_s
from facility.errors import StoreUnavailable
from facility.journal import Journal
from facility.live import LiveImage
from facility.model import Site
from facility.readings import to_us

log = logging.getLogger(__name__)

LOOK_AGAIN_S: Final = 30.0
DEADLINE_S: Final = 120.0
DEADLINE_WALL_S: Final = 3.0
SAVE_EVERY_WALL_S: Final = 2.0
READ_EVERY_WALL_S: Final = 10.0
"""How often it is looked whether another process entered something into the register of filings."""
FORECASTS_KEPT: Final = 72


class Controller:
    """The controller of one site.

    Args:
        site: what there is.
        bus: readings, forecasts, orders and outcomes come from it; decisions, envelopes, commands go to it.
        clock: the time that everything dated is meant in.
        live: what was last known when the controller starts.
        policy: the rules.
        calendar: workdays.
        journal: where forecasts are found again and the state is kept; None keeps nothing.
        period_s: clock seconds between cycles when nothing asks for an earlier one.
        lease: which of several controllers acts; by default nobody stands beside.
    """

    def __init__(
        self,
        site: Site,
        bus: Bus,
        clock: Clock,
        live: LiveImage,
        *,
        policy: SitePolicy,
        calendar: Calendar,
        journal: Journal | None,
        period_s: float = 5.0,
        lease: Lease = NO_LEASE,
    ) -> None:
        self._bus, self._clock, self._policy, self._journal = bus, clock, policy, journal
        self._period = timedelta(seconds=stretched_s(period_s, clock.pace))
        p = policy.parameters
        self.records = build_records(site, policy)
        self._order = list(self.records.values())
        self.weather = WeatherDesk(
            site, p, outdoor_stale_s=self._stale_s(p.outdoor_stale_s), weather_stale_s=self._stale_s(p.weather_stale_s)
        )
        self._sensing = Sensing(
            site,
            self.records,
            mean_s=p.room_mean_s,
            rate_k_per_min=p.sensor_rate_k_per_min,
            frozen_s=p.sensor_frozen_s,
            room_stale_s=self._stale_s(p.room_stale_s),
            unit_stale_s=self._stale_s(p.unit_stale_s),
            contact_stale_s=self._stale_s(p.contact_stale_s),
        )
        self._taps = self._sensing.taps
        for point, tap in self.weather.taps().items():
            self._taps.setdefault(point, []).append(tap)
        self.plants = Plants(site, stale_s=self._stale_s(p.unit_stale_s), slack_s=2.5 * self._period.total_seconds())
        self.rules = RuleDesk(site, policy, stale_s=self._stale_s)
        for source in (self.plants.taps(), self.rules.taps()):
            for point, tap in source.items():
                self._taps.setdefault(point, []).append(tap)
        self.alarms = AlarmBoard(bus)
        self.filings = FilingDesk(site, self.records)
        self.zones = Zones(site, policy, calendar, self._order, self.filings)
        explainer = Explainer(clauses=policy.clauses, zone=site.zone)
        self._authority = Authority(lease, shadow=site.file.control.mode == "shadow")
        self._acted = self._authority.acting
        self._teller = Teller(bus, policy, explainer, clock.pace, self._authority)
        self._keeper = Keeper(journal, self.filings)
        self._wall = WallWatch(
            self.alarms,
            self._happened,
            office_of=site.office_of,
            puts_back=site.file.control.drift == "put_back",
        )
        self._starts = starts_of(site, self.records, p.stagger_s)
        self._fire = FireInputs(site, self.records, self.alarms)
        for point, tap in (*self._starts.taps().items(), *self._fire.taps()):
            self._taps.setdefault(point, []).append(tap)
        self._actuator = Actuator(
            bus,
            self.alarms,
            self._starts,
            deadline_s=max(DEADLINE_S, DEADLINE_WALL_S * clock.pace),
            wall=self._wall,
            describe=self._teller.sentence,
            authority=self._authority,
            min_times_s=min_times_of(site.file.control),
        )
        self._orders = Orders(
            bus,
            site,
            self.records,
            verdict_of=self.zones.verdict_of,
            explainer=explainer,
            refresh=self._refresh,
            barred=self._authority.refusal,
        )
        self._decider = Decider(
            policy, self.records, self._sensing, self.zones, rules=self.rules, plants=self.plants
        )  # fmt: skip
        self._carried = Carried(
            records=self.records,
            zones=self.zones,
            sensing=self._sensing,
            weather=self.weather,
            alarms=self.alarms,
            rules=self.rules,
            plants=self.plants,
        )
        self._watches = Watches(site, self.alarms, self.weather)
        look_again = max(timedelta(seconds=LOOK_AGAIN_S), self._period)
        self._attention = Attention(self._order, look_again, clock.now())
        self._born: datetime | None = None
        self._bases = Bases(site.file.policy, self.zones, self._sensing, rules=self.rules, filings=self.filings)
        self._seen = Weather()
        self._wake = asyncio.Event()
        self._intake = Intake(
            bus,
            self._taps,
            self.records,
            weather=self.weather,
            filings=self.filings,
            orders=self._orders,
            fire=self._fire,
            wake=self.wake,
        )
        self._recall(live)

    def _stale_s(self, limit_s: float) -> float:
        """A staleness limit on this clock: never shorter than two and a half cycles."""
        return max(stale_after_s(limit_s, self._clock.pace), 2.5 * self._period.total_seconds())

    def _recall(self, live: LiveImage) -> None:
        """What is known before the first message: the latest readings, forecasts, filings, and what was saved."""
        now = self._clock.now()
        self._intake.recall(live, to_us(now))
        if self._journal is None:
            return
        for forecast in sorted(self._journal.forecasts(limit=FORECASTS_KEPT), key=lambda known: known.fetched):
            if forecast.fetched <= now:
                self.weather.receive(forecast)
        restored(self._keeper.recall(now), now, self._carried)

    def wake(self) -> None:
        """Asks for a cycle soon."""
        self._wake.set()

    # The cycle

    def cycle(self, now: datetime) -> datetime:
        """One control cycle at `now` (aware). Gives the time at which the next is wanted: the period, or an earlier
        edge, hold, timer or staggered start.
        """
        now = now.astimezone(UTC)
        now_us = to_us(now)
        self._born = self._born or now
        weather = self._seen = self.weather.freeze(now, now_us)
        self.zones.file(now)
        changed = self.zones.judge(weather, now)
        if changed:
            for record in self._order:
                if record.sort is Sort.UNIT and (record.regime or record.rules.zone_class) in changed:
                    record.dirty = True
        for name in self._fire.step(now):
            self.records[name].dirty = True
        self._apply_rules(weather, now)
        self._digest_outcomes(now)
        self._orders.answer_all(now)
        for record in self._attention.due(now, lambda record: self._looks_different(record, now, now_us)):
            self._visit(record, now, now_us)
        self._run_plants(now, now_us)
        self._teller.state_supply(self.zones.verdicts, self.zones.supply, weather, now)
        self._watches.look(weather, self.zones.supply, now)
        return self._next(now)

    def _apply_rules(self, weather: Weather, now: datetime) -> None:
        """Looks at the rules written as data; gives out the reminders that fell due."""
        for name in self.rules.step(now, plans=self.zones.plans(now), weather=weather, supply=self.zones.supply):
            if name in self.records:
                self.records[name].dirty = True
        for reminder in self.rules.reminders(now):
            self._bus.publish(reminder)

    def _run_plants(self, now: datetime, now_us: int) -> None:
        """Plants of chilled water follow what their fan coils came to in this cycle."""
        if not self.plants.parts:
            return
        wanted = {record.id for record in self._order if record.verdict is not None and record.verdict.wanted.on}
        for part in self.plants.step(now, wanted=wanted):
            self._visit(self.records[part], now, now_us)
        plant_alarms(self.alarms, self.plants, now)

    def _digest_outcomes(self, now: datetime) -> None:
        for message in self._intake.outcomes():
            self._actuator.digest(self.records[message.outcome.equipment], message.outcome, now)

    def _looks_different(self, record: Record, now: datetime, now_us: int) -> bool:
        """Whether anything changed that no message announces: a mean, a value grown stale, an old envelope."""
        if record.sort is not Sort.UNIT or record.envelope is None:
            return True
        is_old = self._teller.is_due(record.envelope, now)
        return is_old or record.outlook != self._sensing.outlook(record, now_us)

    def _visit(self, record: Record, now: datetime, now_us: int) -> None:
        record.dirty = False
        record.outlook = self._sensing.outlook(record, now_us)
        plan = self.zones.plan_of(record, now)
        is_first = record.expect is None
        if record.verdict is None:
            self._refresh(record, now)
        self._wall.watch(record, now, plan.next_edge(now))
        record.array = record.array.without_expired(now)
        self._decider.decide(record, plan, now, now_us)
        if is_first and record.sort is Sort.UNIT:
            self._decider.accept_as_found(record, plan, now, now_us)
        self._teller.issue_envelope(record, now)
        self._orders.settle(record, now)
        assert self._born is not None
        grown_up = now_us - to_us(self._born) > self._sensing.unit_stale_us
        fresh = self._sensing.is_fresh(record, now_us)
        again_at, hold = self._actuator.act(record, now, fresh=fresh, grown_up=grown_up)
        told = record.told
        self._teller.tell(record, hold, again_at, now)
        if record.told is not told and self._keeps:
            self._keep_basis(record, now)
        room_alarms(self.alarms, record, now, now_us)
        assert record.verdict is not None
        edge = plan.next_edge(now) if record.sort is Sort.KETTLE else None
        self._attention.want(record, (again_at, record.verdict.wake, edge), now)

    def _keep_basis(self, record: Record, now: datetime) -> None:
        basis = self._bases.of(record, self._seen, now)
        if basis is not None:
            self._keeper.event(BASIS, record.id, now, basis)

    def _refresh(self, record: Record, now: datetime) -> None:
        self._decider.decide(record, self.zones.plan_of(record, now), now, to_us(now))
        self._teller.issue_envelope(record, now)

    def _next(self, now: datetime) -> datetime:
        first = self._attention.first_at
        wakes = (*self.zones.wakes(now), *self.rules.wakes(now), *self.plants.wakes(now))
        return min(now + self._period, *wakes, *(() if first is None else (first,)))

    # Running

    def save(self) -> None:
        """Keeps what a restart needs, and what happened at the walls, in the journal. Blocks."""
        if self._keeper.keeps:
            self._keeper.write(saved(self._clock.now(), self._carried))

    def _happened(self, kind: str, equipment: str, at: datetime, data: dict[str, Any]) -> None:
        """Keeps an event for the journal; one that stands by leaves that to the controller that acts."""
        if self._authority.acting:
            self._keeper.event(kind, equipment, at, data)

    @property
    def _keeps(self) -> bool:
        return self._keeper.keeps and self._authority.acting

    async def _step_up(self) -> None:
        """Who comes to act takes up where the one before left off, as after a restart."""
        came, self._acted = self._authority.acting and not self._acted, self._authority.acting
        if not came or self._journal is None:
            return
        try:
            state = await asyncio.to_thread(self._keeper.recall, self._clock.now())
        except StoreUnavailable as error:
            log.warning("the controller acts from what the devices say, its saved state is away: %s", error)
            return
        restored(state, self._clock.now(), self._carried)
        for record in self._order:
            record.dirty, record.told = True, None

    async def run(self) -> None:
        """Cycles for ever on the clock; the state is written off the loop, at most every two seconds of wall time."""
        loop = asyncio.get_running_loop()
        saved_at = read_at = loop.time()
        try:
            while True:
                self._wake.clear()
                await self._step_up()
                wanted = self.cycle(self._clock.now())
                if self._keeps and loop.time() - saved_at >= SAVE_EVERY_WALL_S:
                    state = saved(self._clock.now(), self._carried)
                    await asyncio.to_thread(self._keeper.write_if_possible, state)
                    saved_at = loop.time()
                if loop.time() - read_at >= READ_EVERY_WALL_S:
                    await self._read_filings()
                    read_at = loop.time()
                await self._wait(wanted)
        finally:
            if self._keeps:
                self._keeper.write_if_possible(saved(self._clock.now(), self._carried))

    async def _read_filings(self) -> None:
        """Takes in what another process entered into the register."""
        found = await asyncio.to_thread(self._keeper.filed_since, self._clock.now())
        if found is not None:
            self.filings.replace_all(found)
            self._wake.set()

    async def _wait(self, wanted: datetime) -> None:
        """Until `wanted` on the clock, or until something asks for a cycle."""
        sleeper = asyncio.ensure_future(self._clock.sleep_until(wanted))
        waker = asyncio.ensure_future(self._wake.wait())
        try:
            await asyncio.wait((sleeper, waker), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (sleeper, waker):
                task.cancel()
            await asyncio.gather(sleeper, waker, return_exceptions=True)

    def close(self) -> None:
        """Stops listening."""
        self._intake.close()
