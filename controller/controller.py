"""Decides for the whole site, cycle by cycle: freezes what is known, lets the rules speak, acts, tells.

Between cycles nothing is computed for equipment whose inputs did not change and whose times did not come, so a cycle
costs what changed, not what there is.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from controller.actuator import Actuator
from controller.alarms import AlarmBoard
from controller.arbitration import Proposal, Slot
from controller.guard import Stagger
from controller.memory import load, save
from controller.people import completed, refusal
from controller.policy.climate import decide_climate
from controller.policy.explain import Explainer
from controller.policy.facts import SupplyMemory, Weather
from controller.policy.findings import Finding, keys
from controller.policy.kettle import decide_kettle
from controller.policy.site_policy import SitePolicy
from controller.policy.supply import step_supply, supply_wake
from controller.policy.timetable import DayPlan, plan_day
from controller.policy.units import FOUND, decide_unit
from controller.policy.zones import ClassVerdict, class_verdict
from controller.records import Record, Sort
from controller.roster import build_records
from controller.sensing import Sensing
from controller.telling import Teller
from controller.watches import Watches
from controller.weather import WeatherDesk
from facility.bus import Bus, ForecastReceived, OutcomeReported, ProposalMade, ReadingsTaken
from facility.calendar import Calendar
from facility.clock import Clock, stretched_s
from facility.commands import Expired, Refused, Wish
from facility.journal import Journal
from facility.live import LiveImage
from facility.model import Site
from facility.model.entries import ZoneClass
from facility.readings import Status, to_us
from facility.text import Text

LOOK_AGAIN_S: Final = 30.0
"""Everything is looked at again at least so often, in clock seconds: means move without a new reading."""
DEADLINE_S: Final = 120.0
DEADLINE_WALL_S: Final = 3.0
SAVE_EVERY_WALL_S: Final = 2.0


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
    ) -> None:
        self._site, self._bus, self._clock, self._policy = site, bus, clock, policy
        self._calendar, self._journal = calendar, journal
        self._period = timedelta(seconds=stretched_s(period_s, clock.pace))
        self._look_again = max(timedelta(seconds=LOOK_AGAIN_S), self._period)
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
            room_stale_s=self._stale_s(p.room_stale_s),
            unit_stale_s=self._stale_s(p.unit_stale_s),
            contact_stale_s=self._stale_s(p.contact_stale_s),
        )
        self._taps = self._sensing.taps
        for point, tap in self.weather.taps().items():
            self._taps.setdefault(point, []).append(tap)
        self.alarms = AlarmBoard(bus)
        explainer = Explainer(clauses=policy.clauses, zone=site.zone)
        self._explainer = explainer
        self._teller = Teller(bus, site, policy, explainer, clock.pace)
        self.events: list[tuple[str, str, datetime, dict[str, Any]]] = []
        self._actuator = Actuator(
            bus,
            self.alarms,
            Stagger(p.stagger_s),
            deadline_s=max(DEADLINE_S, DEADLINE_WALL_S * clock.pace),
            describe=self._describe,
            event=lambda kind, equipment, at, data: self.events.append((kind, equipment, at, data)),
        )
        self._watches = Watches(site, self.alarms, self.weather)
        self.supply: dict[ZoneClass, SupplyMemory] = {}
        self._classes = sorted({record.rules.zone_class for record in self._order if record.sort is Sort.UNIT})
        self.verdicts: dict[ZoneClass, ClassVerdict] = {}
        self._class_keys: dict[ZoneClass, object] = {}
        self._plans: dict[ZoneClass | str, DayPlan] = {}
        self._holds: dict[str, Finding | None] = {}
        self._soft: list[tuple[datetime, int]] = []
        self._exact: list[tuple[datetime, int]] = []
        self._proposals: list[ProposalMade] = []
        self._outcomes: list[OutcomeReported] = []
        self._born: datetime | None = None
        self._wake = asyncio.Event()
        self._leave: list[Callable[[], None]] = []
        self._listen(live)

    def _stale_s(self, limit_s: float) -> float:
        """A staleness limit on this clock: never shorter than two and a half cycles."""
        return max(stretched_s(limit_s, self._clock.pace), 2.5 * self._period.total_seconds())

    # Inputs

    def _listen(self, live: LiveImage) -> None:
        for point, taps in self._taps.items():
            reading = live.last_good(point)
            if reading is not None:
                for tap in taps:
                    tap(to_us(reading.time), reading.value, Status.GOOD)
        if self._journal is not None:
            for forecast in reversed(self._journal.forecasts(limit=72)):
                self.weather.receive(forecast)
            load(self, self._journal.load_state("controller"))
        self._leave = [
            self._bus.listen(ReadingsTaken, self._take_readings),
            self._bus.listen(ForecastReceived, self._take_forecast),
            self._bus.listen(ProposalMade, self._take_proposal),
            self._bus.listen(OutcomeReported, self._take_outcome),
        ]

    def _take_readings(self, message: ReadingsTaken) -> None:
        batch, taps = message.batch, self._taps
        statuses, values, time_us = batch.statuses, batch.values, batch.time_us
        for index, point in enumerate(batch.points):
            found = taps.get(point)
            if found is None:
                continue
            status = Status.GOOD if statuses is None else statuses[index]
            for tap in found:
                tap(time_us, values[index], status)

    def _take_forecast(self, message: ForecastReceived) -> None:
        self.weather.receive(message)
        self._wake.set()

    def _take_proposal(self, message: ProposalMade) -> None:
        self._proposals.append(message)
        self._wake.set()

    def _take_outcome(self, message: OutcomeReported) -> None:
        if message.outcome.equipment in self.records:
            self._outcomes.append(message)
            self._wake.set()

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
        weather = self.weather.freeze(now, now_us)
        self._judge_classes(weather, now)
        self._digest_outcomes(now)
        self._answer_people(now)
        for record in self._due(now):
            self._visit(record, now, now_us)
        self._teller.state_supply(self.verdicts, self.supply, weather, now)
        self._watches.look(weather, self.supply, now, now_us)
        return self._next(now)

    def _plan(self, key: ZoneClass | str, now: datetime) -> DayPlan:
        plan = self._plans.get(key)
        if plan is None or not plan.midnight <= now < plan.next_midnight:
            p = self._policy.parameters
            hours = p.kettle_window
            if isinstance(key, ZoneClass):
                hours = self._policy.of_class(key).parameters.window
            place = self._site.file.site.location
            local = now.astimezone(self._site.zone)
            plan = self._plans[key] = plan_day(
                self._calendar,
                local.date(),
                self._site.zone,
                hours,
                permit_at=p.permit_at,
                place=(place.latitude, place.longitude),
            )
        return plan

    def _judge_classes(self, weather: Weather, now: datetime) -> None:
        """Steps the supply rules of every zone class; units of a class whose verdict changed are looked at."""
        changed = set()
        for zone_class in self._classes:
            rules, plan = self._policy.of_class(zone_class), self._plan(zone_class, now)
            memory = self.supply.get(zone_class, SupplyMemory())
            memory = step_supply(memory, weather, plan, rules.parameters, now)
            self.supply[zone_class] = memory
            verdict = class_verdict(rules, memory, weather, plan, now)
            self.verdicts[zone_class] = verdict
            key = verdict.key()
            if key != self._class_keys.get(zone_class):
                self._class_keys[zone_class] = key
                changed.add(zone_class)
        if changed:
            for record in self._order:
                if record.rules.zone_class in changed and record.sort is Sort.UNIT:
                    record.dirty = True

    def _due(self, now: datetime) -> list[Record]:
        for heap in (self._soft, self._exact):
            while heap and heap[0][0] <= now:
                self._order[heapq.heappop(heap)[1]].dirty = True
        return [record for record in self._order if record.dirty]

    def _visit(self, record: Record, now: datetime, now_us: int) -> None:
        record.dirty = False
        plan = self._plan("kettle" if record.sort is Sort.KETTLE else record.rules.zone_class, now)
        first = record.expect is None
        self._actuator.watch(record, now, plan.next_edge(now))
        record.array = record.array.without_expired(now)
        self._decide(record, plan, now, now_us)
        if first and record.sort is Sort.UNIT:
            self._accept_as_found(record, plan, now, now_us)
        self._teller.issue_envelope(record, now)
        self._refuse_overruled(record, now)
        assert self._born is not None
        grown_up = (now_us - to_us(self._born)) > self._sensing.unit_stale_us
        fresh = self._sensing.is_fresh(record, now_us)
        again_at, hold = self._actuator.act(record, now, fresh=fresh, grown_up=grown_up)
        self._holds[record.id] = hold
        self._teller.tell(record, hold, self._next_change(record, plan, again_at, now), now)
        self._schedule(record, again_at, now)

    def _decide(self, record: Record, plan: DayPlan, now: datetime, now_us: int) -> None:
        """The rules' verdict; the kinds of equipment differ only here."""
        sensing, rules = self._sensing, record.rules
        if record.sort is Sort.KETTLE:
            facts = sensing.kettle_facts(record, now_us)
            (verdict, self._teller.kettle_changes[record.id]), record.kettle = decide_kettle(
                self._policy, plan, facts, record.kettle, now
            )
        elif record.sort is Sort.CLIMATE:
            verdict, record.memory = decide_climate(rules, sensing.unit_facts(record, now_us), record.memory, now)
        else:
            of_class = self.verdicts[rules.zone_class]
            verdict, record.memory = decide_unit(
                rules, of_class, sensing.unit_facts(record, now_us), record.memory, now
            )
        record.verdict = verdict
        if record.observed.on:
            record.ran_since = record.ran_since or now
        elif record.ran_since is not None and record.ran_since < plan.midnight:
            record.ran_since = None

    def _accept_as_found(self, record: Record, plan: DayPlan, now: datetime, now_us: int) -> None:
        """What is found running legally at the start goes on as it is, until the next edge of the window."""
        verdict, seen = record.verdict, record.observed
        if verdict is None or not seen.on or not verdict.wanted.on or verdict.slot != Slot.RULE_ENGINE:
            return
        allowed = verdict.legal.modes.get(seen.mode) if seen.mode is not None else None
        if allowed is None or seen.setpoint_c is None or allowed.clamp(seen.setpoint_c) != seen.setpoint_c:
            return
        if (seen.mode, seen.setpoint_c) == (verdict.wanted.mode, verdict.wanted.setpoint_c):
            return
        edge = plan.next_edge(now)
        record.array = record.array.put(Proposal(slot=Slot.PERSON, wish=seen, who=FOUND, until=edge))
        self._decide(record, plan, now, now_us)

    def _next_change(self, record: Record, plan: DayPlan, again_at: datetime | None, now: datetime) -> datetime | None:
        verdict = record.verdict
        assert verdict is not None
        times = [verdict.until, again_at]
        if record.sort is Sort.KETTLE:
            times.append(self._teller.kettle_changes.get(record.id))
        elif record.sort is Sort.UNIT:
            of_class = self.verdicts[record.rules.zone_class]
            times.append(of_class.next_change)
            first = verdict.findings[0]
            if first.code.endswith("-locked"):
                times.append(first.values[4])  # type: ignore[arg-type]
        return min((when for when in times if when is not None and when > now), default=None)

    def _schedule(self, record: Record, again_at: datetime | None, now: datetime) -> None:
        assert record.verdict is not None
        times = [when for when in (again_at, record.verdict.wake) if when is not None and when > now]
        if record.sort is Sort.KETTLE:
            times += [edge for edge in (self._plan("kettle", now).next_edge(now),) if edge > now]
        exact_at = min(times, default=None)
        if exact_at is not None and exact_at != record.exact_at:
            heapq.heappush(self._exact, (exact_at, record.number))
        record.exact_at = exact_at
        if record.soft_at is None or record.soft_at <= now:
            record.soft_at = now + self._look_again
            heapq.heappush(self._soft, (record.soft_at, record.number))

    def _next(self, now: datetime) -> datetime:
        """When the next cycle is wanted."""
        times = [now + self._period]
        if self._exact:
            times.append(self._exact[0][0])
        for zone_class in self._classes:
            plan = self._plan(zone_class, now)
            p = self._policy.of_class(zone_class).parameters
            late_at = plan.closes - timedelta(seconds=p.no_start_before_end_s)
            times += [when for when in (plan.next_edge(now), plan.permit_at, late_at, plan.next_midnight) if when > now]
            wake = supply_wake(self.supply[zone_class], p, now)
            if wake is not None:
                times.append(wake)
        return min(times)

    # People and outcomes

    def _digest_outcomes(self, now: datetime) -> None:
        outcomes, self._outcomes = self._outcomes, []
        for message in outcomes:
            self._actuator.digest(self.records[message.outcome.equipment], message.outcome, now)

    def _answer_people(self, now: datetime) -> None:
        proposals, self._proposals = self._proposals, []
        for proposal in proposals:
            record = self.records.get(proposal.equipment)
            if record is None:
                why = Text("该设备不由控制器操作", "this equipment is not operated by the controller")
                refused: Refused | None = Refused(command_id=proposal.id, equipment=proposal.equipment, at=now, why=why)
            else:
                self._refresh(record, now)
                refused = refusal(self._site, record, proposal, self._explainer, now)
            if refused is not None:
                self._bus.publish(OutcomeReported(outcome=refused))
            elif record is not None:
                self._accept(record, proposal, completed(proposal.wish, record), now)

    def _refresh(self, record: Record, now: datetime) -> None:
        """A person is answered by what holds now, not by what held at the last look."""
        plan = self._plan("kettle" if record.sort is Sort.KETTLE else record.rules.zone_class, now)
        self._decide(record, plan, now, to_us(now))
        self._teller.issue_envelope(record, now)

    def _accept(self, record: Record, proposal: ProposalMade, wish: Wish, now: datetime) -> None:
        if record.order is not None:
            why = Text("被新的操作取代", "replaced by a newer order")
            self._refuse(record, record.order, why, None, now)
        self._actuator.actors[proposal.id] = proposal.actor
        record.array = record.array.put(
            Proposal(
                slot=Slot.PERSON,
                wish=wish,
                who=proposal.actor.name,
                why=proposal.reason,
                until=proposal.until,
                id=proposal.id,
            )
        )
        record.order = proposal.id
        record.dirty = True

    def _refuse_overruled(self, record: Record, now: datetime) -> None:
        """An order that can no longer win before it was sent is answered instead of waiting for ever."""
        order, verdict = record.order, record.verdict
        if order is None or verdict is None or verdict.order == order:
            return
        held = record.array.at(Slot.PERSON)
        if held is None or held.id != order:
            record.order = None
            self._actuator.actors.pop(order, None)
            outcome = Expired(command_id=order, equipment=record.id, at=now)
            self._bus.publish(OutcomeReported(outcome=outcome))
            return
        reason = self._explainer.reason(verdict.findings[0], record.rules.clause_of, now)
        record.array = record.array.release(Slot.PERSON)
        self._refuse(record, order, reason.text, reason.clause, now)

    def _refuse(self, record: Record, order: str, why: Text, clause: str | None, now: datetime) -> None:
        record.order = None
        self._actuator.actors.pop(order, None)
        refused = Refused(command_id=order, equipment=record.id, at=now, why=why, clause=clause)
        self._bus.publish(OutcomeReported(outcome=refused))

    def _describe(self, record: Record, now: datetime) -> Text:
        return self._teller.sentence(record, None, now)

    # Running

    def save(self) -> None:
        """Keeps what a restart needs, and what happened at the walls, in the journal. Blocks."""
        if self._journal is None:
            return
        events, self.events = self.events, []
        for kind, equipment, at, data in events:
            self._journal.record_event(kind, equipment, at, data)
        self._journal.save_state("controller", save(self))

    async def run(self) -> None:
        """Cycles for ever on the clock; the state is saved off the loop, at most every two seconds of wall time."""
        loop = asyncio.get_running_loop()
        saved_at = loop.time()
        try:
            while True:
                self._wake.clear()
                wanted = self.cycle(self._clock.now())
                if loop.time() - saved_at >= SAVE_EVERY_WALL_S:
                    await asyncio.to_thread(self.save)
                    saved_at = loop.time()
                await self._wait(wanted)
        finally:
            for leave in self._leave:
                leave()
            self.save()

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
        """Stops listening; for a controller that is stepped and not run."""
        for leave in self._leave:
            leave()
        self._leave = []


__all__ = ["Controller", "keys"]
