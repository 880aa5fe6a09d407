"""The rules of a site made ready: every rule bound to every equipment, room or office that it holds for. Pure.

What a rule remembers goes in and comes out; time is an argument. The running controller evaluates only what changed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from controller.policy.facts import UNKNOWN
from controller.policy.findings import Finding, Seen
from controller.policy.hold import Held
from controller.policy.rules.conditions import When
from controller.policy.rules.effects import NO_EFFECTS, Effects, Limit, Want
from controller.policy.rules.logic import ALWAYS, All, Any, Leaf, Not, Term, Truth, numbers_of
from controller.policy.rules.places import Places, Subject
from controller.policy.rules.probes import Probe, probe_of
from controller.policy.rules.schema import Rule
from controller.policy.rules.wording import Saying
from facility.decisions import Effect
from facility.model import Site
from facility.model.entries import ZoneClass

EFFECTS: Final = {
    "permit": Effect.PERMIT, "forbid": Effect.FORBID, "hold": Effect.HOLD, "limit": Effect.LIMIT, "want": Effect.WANT,
    "remind": Effect.ADVISE,
}  # fmt: skip


class RuleInForce(NamedTuple):
    """A rule, the preset that brings it (None: the site's own), and the zone classes for which that preset holds."""

    rule: Rule
    preset: str | None
    classes: frozenset[ZoneClass]


@dataclass(frozen=True, slots=True)
class RuleMemory:
    """What a rule remembers of one subject: how long its condition held, whether the rule acts (None: not known yet),
    and since when it has.
    """

    held: Held = UNKNOWN
    acts: bool | None = None
    since: datetime | None = None


class Instance(NamedTuple):
    """One rule for one subject. `term` refers to the probes of the book by number."""

    number: int
    rule: Rule
    subject: Subject
    term: Term
    probes: tuple[int, ...]


@dataclass(slots=True)
class RuleBook:
    """All rules of a site, bound.

    Attributes:
        probes: what conditions look at, each once.
        instances: every rule for every subject.
        users: probe number -> instances that look at it.
        of_equipment: equipment -> its instances, in the order of the rules.
    """

    probes: list[Probe] = field(default_factory=list)
    instances: list[Instance] = field(default_factory=list)
    users: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    of_equipment: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    _numbers: dict[object, int] = field(default_factory=dict)
    _leaves: dict[When, int] = field(default_factory=dict)
    _leaf_of: dict[int, tuple[When, int]] = field(default_factory=dict)

    def enter(self, rule: Rule, subject: Subject, places: Places) -> Instance:
        """Binds a rule to a subject."""
        term = ALWAYS if rule.when is None else self._term(rule.when, subject, places)
        found = Instance(len(self.instances), rule, subject, term, numbers_of(term))
        self.instances.append(found)
        for number in found.probes:
            self.users[number].append(found.number)
        if subject.per == "equipment" and rule.effect != "remind":
            self.of_equipment[subject.id].append(found.number)
        return found

    def _term(self, when: When, subject: Subject, places: Places) -> Term:
        if when.all is not None:
            return All(tuple(self._term(part, subject, places) for part in when.all))
        if when.any is not None:
            return Any(tuple(self._term(part, subject, places) for part in when.any))
        if when.not_ is not None:
            return Not(self._term(when.not_, subject, places))
        probe = probe_of(when, subject, places)
        key = (self._leaf_number(when), probe.zone_class, probe.sources)
        number = self._numbers.setdefault(key, len(self.probes))
        if number == len(self.probes):
            self.probes.append(probe)
        return Leaf(number)

    def _leaf_number(self, leaf: When) -> int:
        """Equal leaves have one number. A rule's own leaf is known again by identity: comparing it whole for every
        equipment would take long in a large house.
        """
        known = self._leaf_of.get(id(leaf))
        if known is None:
            known = self._leaf_of[id(leaf)] = (leaf, self._leaves.setdefault(leaf, len(self._leaves)))
        return known[1]


def compile_rules(site: Site, rules: Iterable[RuleInForce], places: Places | None = None) -> RuleBook:
    """The book of a site's rules. Rules that are `off` are left out.

    Raises:
        ValueError: a unit or a state in a condition does not fit; `check_policy` tells where.
    """
    book, found = RuleBook(), places or Places(site)
    for rule, _, classes in rules:
        if rule.severity == "off":
            continue
        for subject in found.subjects(rule.per, rule.scope):
            if subject.per in ("site", "office") or subject.zone_class in classes:
                book.enter(rule, subject, found)
    return book


def step_rule(rule: Rule, seen: Truth, memory: RuleMemory, now: datetime) -> RuleMemory:
    """What is remembered after the condition was `seen` at `now`; itself when nothing changed.

    A condition that is no longer known lets go of the rule as one that is no longer true: after `release_s`. It never
    makes a rule act. Nothing changes the rule's state within `dwell_s` of its last change.
    """
    known = False if seen is None and memory.held.state is True else seen
    held = memory.held.step(known, now, rise_s=rule.for_s, fall_s=rule.release_s)
    acts, since = memory.acts, memory.since
    if held.state is not acts and (since is None or (now - since).total_seconds() >= rule.dwell_s):
        acts, since = held.state, now if acts is not None or held.state else since
    if held is memory.held and acts is memory.acts:
        return memory
    return RuleMemory(held, acts, since)


def wakes_at(rule: Rule, memory: RuleMemory, now: datetime) -> datetime | None:
    """When the rule's state changes by itself if nothing else is seen."""
    flips = memory.held.flips_at(rise_s=rule.for_s, fall_s=rule.release_s)
    dwells = None
    if memory.held.state is not memory.acts and memory.since is not None:
        dwells = memory.since + timedelta(seconds=rule.dwell_s)
    return min((when for when in (flips, dwells) if when is not None and when > now), default=None)


class Spoken(NamedTuple):
    """What one instance says now: its state, its truth, and what it looked at."""

    instance: Instance
    memory: RuleMemory
    seen: Truth
    inputs: tuple[Seen, ...]


def effects_of(spoken: Sequence[Spoken], day: date) -> Effects:
    """What all rules together say of one equipment on a local date.

    A rule that permits forbids while its condition is known not to hold, and holds back starts while that is not known.
    """
    parts = _Parts()
    for said in spoken:
        if said.instance.rule.is_valid_on(day):
            parts.take(said)
    return parts.effects()


class _Parts:
    """Effects in the making."""

    def __init__(self) -> None:
        self.by_effect: dict[Effect, list[Finding]] = defaultdict(list)
        self.limits: list[Limit] = []
        self.wants: list[Want] = []
        self.defaults: set[str] = set()

    def take(self, said: Spoken) -> None:
        rule = said.instance.rule
        effect = self._effect(rule, said)
        if effect is None:
            return
        if rule.severity == "advise" and effect is not Effect.PERMIT:
            effect_shown = Effect.ADVISE
            self.by_effect[effect_shown].append(_finding(rule, effect_shown, effect, said.inputs))
            return
        found = _finding(rule, effect, effect, said.inputs)
        if rule.severity == "default":
            self.defaults.add(rule.id)
        if rule.limit is not None:
            p = rule.limit
            self.limits.append(Limit(p.cool_low_c, p.cool_high_c, p.heat_low_c, p.heat_high_c, found))
        elif rule.want is not None:
            self.wants.append(Want(rule.want.wish, rule.want.slot, found))
        else:
            self.by_effect[effect].append(found)

    @staticmethod
    def _effect(rule: Rule, said: Spoken) -> Effect | None:
        if rule.effect != "permit":
            return EFFECTS[rule.effect] if said.memory.acts else None
        if said.memory.acts is None or (said.seen is None and said.instance.probes):
            return Effect.HOLD
        return Effect.PERMIT if said.memory.acts else Effect.FORBID

    def effects(self) -> Effects:
        of, wants = self.by_effect, sorted(self.wants, key=lambda want: (want.slot, want.wish.on is not False))
        found = Effects(
            forbids=tuple(of[Effect.FORBID]),
            holds=tuple(of[Effect.HOLD]),
            permits=tuple(of[Effect.PERMIT]),
            limits=tuple(self.limits),
            wants=tuple(wants),
            advises=tuple(of[Effect.ADVISE]),
            defaults=frozenset(self.defaults),
        )
        return NO_EFFECTS if found == NO_EFFECTS else found


def _finding(rule: Rule, shown: Effect, meant: Effect, inputs: tuple[Seen, ...]) -> Finding:
    want = None if rule.want is None else rule.want.wish
    limit = None if rule.limit is None else rule.limit.model_dump()
    saying = Saying(rule.name.text, meant, want, None if limit is None else tuple(limit.values()), shown)
    return Finding(rule.id, shown, rule.id, (saying,), inputs)


def same_effects(one: Effects, other: Effects) -> bool:
    """Whether two say the same, whatever the numbers in their findings are."""
    return effects_key(one) == effects_key(other)


def effects_key(effects: Effects) -> object:
    """What has to differ for an equipment to be decided on again."""
    return (
        *(tuple(finding.key for finding in group) for group in effects[:3]),
        tuple(limit.finding.key for limit in effects.limits),
        tuple(want.finding.key for want in effects.wants),
        tuple(finding.key for finding in effects.advises),
    )
