"""Tells the site what was decided: decisions with their sentence, envelopes, the state of supply. Only what changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from controller.authority import ALWAYS, Authority
from controller.policy.coming import coming
from controller.policy.explain import Explainer, citation, sentence, state_words
from controller.policy.facts import SupplyMemory, Weather
from controller.policy.findings import Finding, keys
from controller.policy.site_policy import SitePolicy
from controller.policy.units import bounds_of
from controller.policy.zones import ClassVerdict
from controller.records import Record
from controller.slots import slots_of
from facility.bus import Bus, DecisionMade, EnvelopeIssued, SupplyStated
from facility.bus.messages import SupplyState
from facility.commands import Mode
from facility.decisions import Decision, Effect, Input, Reason
from facility.envelope import Bound, Envelope
from facility.model.entries import ZoneClass
from facility.text import Text

VALID_S: Final = 600.0
VALID_WALL_S: Final = 5.0
"""How long an envelope holds without renewal: ten minutes of the clock, never under five seconds of wall time."""
OUTDOOR_STEP_C: Final = 0.1
SUPPLY_CLASSES: Final = (ZoneClass.OFFICE, ZoneClass.MEETING, ZoneClass.PUBLIC, ZoneClass.DUTY_ROOM)


class Teller:
    """Publishes what changed and stays silent about what did not.

    Args:
        bus: where it is told.
        policy: clauses.
        explainer: words.
        pace: of the clock, for how long envelopes hold.
        authority: only the controller that acts tells its decisions.
    """

    def __init__(
        self, bus: Bus, policy: SitePolicy, explainer: Explainer, pace: float, authority: Authority = ALWAYS
    ) -> None:
        self._authority = authority
        self._bus = bus
        self._policy = policy
        self._explainer = explainer
        self._valid = timedelta(seconds=max(VALID_S, VALID_WALL_S * pace))
        self._half_valid = self._valid / 2
        self._supply_told: object = None

    def tell(self, record: Record, hold: Finding | None, again_at: datetime | None, now: datetime) -> None:
        """Publishes the decision where it differs from the last in wish, reasons or effect. `hold` holds it back until
        `again_at`.
        """
        verdict = record.verdict
        assert verdict is not None
        if not self._authority.acting:
            record.told = None
            return
        told = (
            verdict.wanted,
            record.observed,
            verdict.slot,
            verdict.until,
            keys(verdict.findings),
            None if hold is None else hold.code,
        )
        if told == record.told:
            return
        record.told = told
        reasons = self._reasons(record, hold, now)
        next_one = coming(
            verdict, calendar=record.next_change, again_at=again_at, now=now, local=self._explainer.local
        )  # fmt: skip
        decision = Decision(
            equipment=record.id,
            time=now,
            wanted=verdict.wanted,
            effective=record.observed,
            slot=verdict.slot,
            reasons=reasons,
            sentence=self._sentence(record, reasons, waits=hold is not None),
            until=verdict.until,
            next_change=None if next_one is None else next_one.at,
            coming=None if next_one is None else next_one.words,
            slots=slots_of(verdict, record.array, reasons[0 if hold is None else 1].text),
        )
        self._bus.publish(DecisionMade(decision=decision))

    def _reasons(self, record: Record, hold: Finding | None, now: datetime) -> tuple[Reason, ...]:
        assert record.verdict is not None
        findings = record.verdict.findings
        chain = findings if hold is None else (hold, *findings)
        return self._explainer.reasons(chain, record.rules.clause_of, now)

    def _sentence(self, record: Record, reasons: tuple[Reason, ...], *, waits: bool = False) -> Text:
        assert record.verdict is not None
        state = state_words(record.verdict.wanted, record.observed, ran=record.ran_since is not None, waits=waits)
        told = sentence(record.name, state, reasons, runs=record.verdict.wanted.on is not False)
        return Text(f"试运行：{told.zh}", f"trial run: {told.en}") if self._authority.shadow else told

    def sentence(self, record: Record, now: datetime) -> Text:
        """The sentence of a record's present verdict."""
        return self._sentence(record, self._reasons(record, None, now))

    def issue_envelope(self, record: Record, now: datetime) -> None:
        """Publishes the legal envelope where it changed, or before it runs out."""
        verdict = record.verdict
        assert verdict is not None
        legal = verdict.legal
        key = (
            tuple(legal.modes.items()), legal.start, legal.run_until, legal.must_be_off,
            None if legal.why is None else legal.why.code,
        )  # fmt: skip
        held = record.envelope
        is_same = held is not None and key == record.envelope_key
        if held is not None and not self._authority.vouches:
            return
        if is_same and held is not None and not self.is_due(held, now):
            return
        if legal.run_until is not None:
            record.closing = legal.run_until
        elif record.closing is not None and not record.observed.on and now >= record.closing:
            record.closing = None
        record.envelope_key = key
        record.envelope = Envelope(
            equipment=record.id,
            modes=legal.modes,
            start_allowed=legal.start,
            may_run_until=record.closing,
            must_be_off=legal.must_be_off,
            on_loss=record.on_loss,
            valid_until=now + self._valid,
            clauses=self._clauses(record),
        )
        self._bus.publish(EnvelopeIssued(envelope=record.envelope))

    def is_due(self, envelope: Envelope, now: datetime) -> bool:
        """Whether an envelope is so old that it is renewed."""
        return envelope.valid_until - now <= self._half_valid

    def _clauses(self, record: Record) -> dict[Bound, str]:
        """Bound -> clause id of the rule that sets it."""
        assert record.verdict is not None
        clause_of, legal, enforced = record.rules.clause_of, record.verdict.legal, record.rules.enforced
        found: dict[Bound, str] = {}
        if legal.why is not None and legal.why.rule in clause_of:
            found[Bound.START] = found[Bound.MODE] = clause_of[legal.why.rule]
            if legal.must_be_off:
                found[Bound.RUN_UNTIL] = clause_of[legal.why.rule]
        if legal.run_until is not None and "window" in enforced:
            found[Bound.RUN_UNTIL] = clause_of["window"]
        limit = "setpoint" if "setpoint" in enforced else "climate" if "climate" in enforced else None
        if limit is not None:
            found[Bound.SETPOINT_LOW] = clause_of.get(f"{limit}-cool", clause_of[limit])
            found[Bound.SETPOINT_HIGH] = clause_of.get(f"{limit}-heat", clause_of[limit])
        for finding in record.verdict.findings:
            if finding.effect is Effect.LIMIT and finding.rule in clause_of:
                found |= dict.fromkeys(bounds_of(finding, legal), clause_of[finding.rule])
        return found

    def state_supply(
        self,
        verdicts: Mapping[ZoneClass, ClassVerdict],
        memories: Mapping[ZoneClass, SupplyMemory],
        weather: Weather,
        now: datetime,
    ) -> None:
        """Publishes whether cooling and heating are permitted for offices, where it changed."""
        zone_class = next((known for known in SUPPLY_CLASSES if known in verdicts), None)
        if zone_class is None:
            return
        verdict, memory, outdoor = verdicts[zone_class], memories[zone_class], weather.outdoor
        shown = None if outdoor.value_c is None else round(outdoor.value_c / OUTDOOR_STEP_C)
        told = (verdict.key(), shown)
        if told == self._supply_told:
            return
        self._supply_told = told
        age_s = None if outdoor.time is None else max(0.0, (now - outdoor.time).total_seconds())
        source = Input(point=outdoor.point, value=outdoor.value_c, source="sensor", time=outdoor.time, age_s=age_s)
        self._bus.publish(
            SupplyStated(
                at=now,
                cooling=self._state(Mode.COOL, zone_class, verdict, memory, now),
                heating=self._state(Mode.HEAT, zone_class, verdict, memory, now),
                outdoor=None if outdoor.value_c is None else source,
            )
        )

    def _state(
        self, season: Mode, zone_class: ZoneClass, verdict: ClassVerdict, memory: SupplyMemory, now: datetime
    ) -> SupplyState:
        of_season = verdict.season(season)
        permitted = verdict.open and is_permitted(season, verdict, memory)
        findings = of_season.findings + verdict.gate if verdict.open else verdict.gate + of_season.findings
        reasons = self._explainer.reasons(findings, self._policy.of_class(zone_class).clause_of, now)
        word = Text("供冷", "cooling") if season is Mode.COOL else Text("供暖", "heating")
        state = Text(f"现在允许{word.zh}：", f"{word.en} is permitted:")
        if not permitted:
            state = Text(f"现在不{word.zh}：", f"no {word.en}:")
            shown = reasons[:1]
        else:
            shown = tuple(reason for reason in reasons if reason.effect is Effect.PERMIT)[:2]
        zh = "；".join(reason.text.zh + citation(reason).zh for reason in shown)
        en = "; ".join(reason.text.en + citation(reason).en for reason in shown)
        return SupplyState(permitted=permitted, sentence=Text(state.zh + zh, f"{state.en} {en}"), reasons=reasons)


def is_permitted(season: Mode, verdict: ClassVerdict, memory: SupplyMemory) -> bool:
    """Whether a season is supplied: units may start, or go on after a start that was permitted."""
    of_season = verdict.season(season)
    granted = memory.permit.cooling if season is Mode.COOL else memory.permit.heating
    held = memory.hot if season is Mode.COOL else memory.cold
    return of_season.start or (of_season.run and bool(granted) and held.state is True)
