"""The verdict for one indoor unit of a class that has seasons: what is legal, who wins inside it, and why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final, NamedTuple

from controller.arbitration import EMPTY, PriorityArray, Proposal, Slot
from controller.policy.facts import UnitFacts, UnitMemory
from controller.policy.findings import Finding
from controller.policy.rooms import interlock_finding, room_finding, step_rooms
from controller.policy.rules.effects import NO_EFFECTS, Effects
from controller.policy.rules.wording import Saying
from controller.policy.schema import Parameters
from controller.policy.site_policy import ClassRules
from controller.policy.zones import ClassVerdict
from facility.commands import Mode, Wish
from facility.decisions import Effect
from facility.envelope import Bound, Range

OFF: Final = Wish(on=False)
NO_LIMIT: Final = Range()
NO_MODES: Final[Mapping[Mode, Range]] = {}
FAN_ONLY: Final[Mapping[Mode, Range]] = {Mode.FAN: NO_LIMIT}
COOLING_MODES: Final = (Mode.COOL, Mode.DRY, Mode.AUTO)
WALL: Final = "wall"
FOUND: Final = "found"
"""Who stands behind a wish in slot 8 that was seen at the unit: set at the wall, or found running at start."""
DEFAULT_OFF: Final = Proposal(slot=Slot.DEFAULT, wish=OFF, who="controller", why="default-off")

Chain = tuple[Finding, ...]


class Legal(NamedTuple):
    """The envelope's substance: allowed modes, whether a start is allowed, until when it may run, and the finding
    that narrows it most (None when nothing does).
    """

    modes: Mapping[Mode, Range]
    start: bool
    run_until: datetime | None
    must_be_off: bool
    why: Finding | None


class UnitVerdict(NamedTuple):
    """What is wanted of a unit. `findings` has the decisive one first. `legal_stop`: running as it does is illegal or
    unsafe, so a minimum on time does not hold it back. `until` ends the winning wish, `wake` is when to look again.
    `array` is everything that was wanted, empty where only people's wishes were asked.
    """

    wanted: Wish
    slot: int
    findings: Chain
    legal: Legal
    legal_stop: bool
    until: datetime | None
    wake: datetime | None
    order: str | None
    array: PriorityArray = EMPTY


def season_of(mode: Mode | None) -> Mode | None:
    """The season whose permit a mode needs, None for fan only. A mode that is not known counts as cooling."""
    if mode is Mode.FAN:
        return None
    return Mode.HEAT if mode is Mode.HEAT else Mode.COOL


def decide_unit(
    rules: ClassRules,
    verdict: ClassVerdict,
    facts: UnitFacts,
    memory: UnitMemory,
    now: datetime,
    *,
    effects: Effects = NO_EFFECTS,
) -> tuple[UnitVerdict, UnitMemory]:
    """The verdict for one unit at `now`, and what is remembered of it. `effects` are of the rules written as data."""
    memory = step_rooms(memory, facts, rules.parameters, now)
    season, chain = _season(rules, verdict, facts, memory)
    interlock = interlock_finding(rules, memory, facts)
    legal = _legal(rules, verdict, facts, season, chain)
    array = facts.array.put(*_rule_proposals(rules, verdict, season))
    if effects is not NO_EFFECTS:
        chain = _sorted(effects.blocks + chain) + effects.tells
        legal, array = ruled(legal, facts, effects), effects.proposed(array)
    wish, winner = array.merged()
    own = effects.finding_of(winner)
    wanted, findings, legal_stop = _settle(rules, facts, wish, winner, legal=legal, chain=chain, own=own)
    by_law = legal_stop or winner is None
    if interlock is not None and wanted.on:
        protection = _interlock_proposal(rules, interlock)
        array = array.put(protection)
        if array.merged()[1] is protection:
            wanted, findings, legal_stop = OFF, (interlock, *chain), True
            winner, by_law = protection, False
    verdict_of_unit = UnitVerdict(
        wanted=wanted,
        slot=Slot.RULE_ENGINE if by_law or winner is None else winner.slot,
        findings=findings,
        legal=legal,
        legal_stop=legal_stop,
        until=winner.until if winner is not None and not by_law else None,
        wake=_wake(memory, array, rules.parameters, now),
        order=None if winner is None else winner.id,
        array=array,
    )
    return verdict_of_unit, memory


def _season(
    rules: ClassRules, verdict: ClassVerdict, facts: UnitFacts, memory: UnitMemory
) -> tuple[Mode | None, Chain]:
    """The season this unit may be in now (None: none), and the findings that led there."""
    running = season_of(facts.observed.mode) if facts.observed.on and facts.fresh else None
    asked = verdict.startable or running or verdict.asked
    of_class = verdict.season(asked)
    room = room_finding(asked, rules, memory, facts)
    chain = of_class.findings if room is None else (room, *of_class.findings)
    if not verdict.open:
        return None, verdict.gate + chain
    permitted = of_class.start and room is None and not verdict.late
    goes_on = running is asked and of_class.run and (room is None or room.effect is Effect.HOLD)
    chain = _sorted(chain + verdict.gate)
    if verdict.late and not goes_on and of_class.start:
        chain = (_late(rules), *chain)
    return (asked if permitted or goes_on else None), chain


def _late(rules: ClassRules) -> Finding:
    return Finding("late", Effect.HOLD, "window", (rules.parameters.no_start_before_end_s / 60,))


def _sorted(chain: Chain) -> Chain:
    return tuple(sorted(chain, key=_rank))


def _rank(finding: Finding) -> int:
    return {Effect.FORBID: 0, Effect.HOLD: 1}.get(finding.effect, 2)


def _legal(rules: ClassRules, verdict: ClassVerdict, facts: UnitFacts, season: Mode | None, chain: Chain) -> Legal:
    why = next((finding for finding in chain if finding.effect in (Effect.FORBID, Effect.HOLD)), None)
    if not verdict.open:
        return Legal(NO_MODES, False, None, True, why)
    modes = FAN_ONLY
    if season is not None:
        modes = rules.cooling_modes if season is Mode.COOL else rules.heating_modes
        if not rules.has_seasons:
            modes = {**rules.heating_modes, **rules.cooling_modes}
    return Legal(modes, not verdict.late or facts.observed.on is True, verdict.run_until, False, why)


def ruled(legal: Legal, facts: UnitFacts, effects: Effects) -> Legal:
    """`legal` as rules written as data narrow it; they never widen."""
    if effects.forbids:
        return Legal(NO_MODES, False, None, True, effects.forbids[0])
    if effects.holds and facts.observed.on is not True:
        return Legal(NO_MODES, False, legal.run_until, legal.must_be_off, legal.why or effects.holds[0])
    return legal if not effects.limits else legal._replace(modes=effects.narrowed(legal.modes))


def _rule_proposals(rules: ClassRules, verdict: ClassVerdict, season: Mode | None) -> list[Proposal]:
    """What the rules want. Where people start units themselves, nothing within the envelope."""
    p = rules.parameters
    found: list[Proposal] = []
    if p.start == "auto" or not verdict.open:
        found.append(DEFAULT_OFF)
    if season is not None and p.start == "auto":
        wish = rules.cooling_wish if season is Mode.COOL else rules.heating_wish
        slot, until = Slot.RULE_ENGINE, verdict.run_until
        found.append(Proposal(slot=slot, wish=wish, who="controller", why="supply-on", until=until))
    return found


def _interlock_proposal(rules: ClassRules, interlock: Finding) -> Proposal:
    is_protection = rules.parameters.interlock_priority == "protection"
    slot = Slot.PROTECTION if is_protection else Slot.INTERLOCK
    return Proposal(slot=slot, wish=OFF, who="controller", why=interlock.code)


def _settle(
    rules: ClassRules,
    facts: UnitFacts,
    wish: Wish,
    winner: Proposal | None,
    *,
    legal: Legal,
    chain: Chain,
    own: Finding | None = None,
) -> tuple[Wish, Chain, bool]:
    """The wish brought inside the envelope, with its findings, and whether it is a legal (or safety) stop. `own` is the
    finding of the rule written as data that won, if one did.
    """
    observed = facts.observed
    running = observed.on is True
    mode = wish.mode or observed.mode
    would_run = running if wish.on is None else wish.on
    if would_run and (mode or Mode.COOL) not in legal.modes:
        return OFF, _off_chain(chain), True
    if would_run and not running and not legal.start:
        return OFF, (_late(rules), *chain), True
    if would_run:
        wanted = _clamped(wish, observed, mode, legal)
        return wanted, (own or _proposal_finding(winner, wanted), *_limits(rules, wanted, chain)), False
    illegal = running and (observed.mode or Mode.COOL) not in legal.modes
    if illegal or (winner is not None and winner.slot == Slot.DEFAULT):
        return OFF, _off_chain(chain), illegal
    if winner is None and legal.why is not None:
        return OFF, _off_chain(chain), False
    return OFF, (own or _proposal_finding(winner, OFF), *chain), False


def _off_chain(chain: Chain) -> Chain:
    return chain or (Finding("default-off", Effect.HOLD),)


def _limits(rules: ClassRules, wanted: Wish, chain: Chain) -> Chain:
    season, p = season_of(wanted.mode), rules.parameters
    if season is Mode.COOL and "setpoint-ceiling" in rules.enforced and p.setpoint_ceiling_c is not None:
        chain = (*chain, Finding("setpoint-ceiling", Effect.LIMIT, "setpoint-ceiling", (p.setpoint_ceiling_c,)))
    if season is None or "setpoint" not in rules.enforced:
        return chain
    if season is Mode.COOL:
        return (*chain, Finding("setpoint-cool", Effect.LIMIT, "setpoint-cool", (p.setpoint_min_cool_c,)))
    return (*chain, Finding("setpoint-heat", Effect.LIMIT, "setpoint-heat", (p.setpoint_max_heat_c,)))


def _proposal_finding(winner: Proposal | None, wanted: Wish) -> Finding:
    if winner is None:
        return Finding("people-start", Effect.PERMIT, "", (wanted,))
    code = winner.why
    if winner.slot == Slot.PERSON:
        code = winner.who if winner.who in (WALL, FOUND) else "person"
    return Finding(code, Effect.WANT, "", (wanted, winner.who, winner.why, winner.until))


def _clamped(wish: Wish, observed: Wish, mode: Mode | None, legal: Legal) -> Wish:
    """With a legal setpoint: the wished one, else the unit's own, else the limit."""
    allowed = legal.modes[mode or Mode.COOL]
    setpoint_c = wish.setpoint_c if wish.setpoint_c is not None else observed.setpoint_c
    if setpoint_c is None:
        setpoint_c = allowed.low_c if allowed.low_c is not None else allowed.high_c
    if setpoint_c is not None:
        setpoint_c = allowed.clamp(setpoint_c)
    if wish.setpoint_c == setpoint_c and wish.mode is mode and wish.on:
        return wish
    return Wish(on=True, mode=mode, setpoint_c=setpoint_c, fan=wish.fan)


def bounds_of(finding: Finding, legal: Legal) -> tuple[Bound, ...]:
    """The bounds of setpoints that a limit of a rule written as data sets; none where another is stricter."""
    saying = finding.values[0] if finding.values else None
    if not isinstance(saying, Saying) or saying.limits is None:
        return ()
    cool, heat = legal.modes.get(Mode.COOL, NO_LIMIT), legal.modes.get(Mode.HEAT, NO_LIMIT)
    held = (
        (cool.low_c, Bound.SETPOINT_LOW), (cool.high_c, Bound.SETPOINT_HIGH),
        (heat.low_c, Bound.SETPOINT_LOW), (heat.high_c, Bound.SETPOINT_HIGH),
    )  # fmt: skip
    pairs = zip(held, saying.limits, strict=True)
    return tuple(bound for (limit_c, bound), own_c in pairs if own_c is not None and own_c == limit_c)


def _wake(memory: UnitMemory, array: PriorityArray, p: Parameters, now: datetime) -> datetime | None:
    times = (
        memory.window.flips_at(rise_s=p.window_open_s, fall_s=p.window_closed_s),
        memory.vacant.flips_at(rise_s=p.vacancy_s, fall_s=0.0),
        array.ends_at(),
    )
    return min((when for when in times if when is not None and when > now), default=None)
