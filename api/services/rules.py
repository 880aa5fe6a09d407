"""The rules in force, where, by which sentence, and what is filed against them just now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from api.context import ApiContext
from api.problems import EQUIPMENT, OFFICE, RequestProblem, unknown
from api.shapes import Bilingual, Shape
from facility.filings import Filing, Scope
from facility.model import Site
from facility.model.entries import ZoneClass
from facility.rule_statement import STATE_KEY, PolicyStatement, StatedRule
from facility.text import Text

_STATEMENT: Final = TypeAdapter(PolicyStatement)

BUILDING: Final = Text("楼", "building")
FLOOR: Final = Text("楼层", "floor")

WHERE: Final = ("kinds", "buildings", "floors", "offices", "spaces", "equipment")


class RuleView(Shape):
    """One rule in force. `zone_class` None: it is not bound to one; `preset` None: the site's own; `clause` with its
    sentence None: it rests on none. `places` are further bounds, by kind of place; empty: wherever the class is.
    """

    zone_class: str | None
    rule: str
    title: Bilingual
    effect: str
    severity: str
    preset: str | None
    clause: str | None
    document: str | None
    quote: str | None
    reading: str | None
    parameters: dict[str, str]
    places: dict[str, list[str]]
    why_not: Bilingual | None


class ExceptionView(Shape):
    """A filing in force now that concerns what was asked for."""

    id: int
    kind: str
    reason: str
    start: datetime
    end: datetime
    stops: bool
    relaxes: list[str]


class RulesView(Shape):
    """What holds. `stated` None: the controller has not stated its policy yet, and `rules` tells nothing."""

    stated: datetime | None
    preset: str | None
    rules: list[RuleView]
    exceptions: list[ExceptionView]


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesAsked:
    """Which rules; what is None is not asked for. `text` is looked for in rules, clauses and their sentences."""

    zone_class: str | None = None
    building: str | None = None
    floor: str | None = None
    office: str | None = None
    equipment: str | None = None
    clause: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Here:
    """The rooms that were asked for: their zone classes, and everything that names them."""

    classes: frozenset[str]
    named: dict[str, frozenset[str]]


async def stated_policy(context: ApiContext) -> PolicyStatement | None:
    """The policy as the controller stated it, None when it has not yet, or in a form that is not ours."""
    held: Any = await context.remember(context.journal.load_state, STATE_KEY)
    try:
        return None if held is None else _STATEMENT.validate_python(held)
    except ValidationError:
        return None


async def rules_in_force(context: ApiContext, asked: RulesAsked) -> RulesView:
    """The rules that hold for what was asked.

    Raises:
        RequestProblem: no building, floor, office, equipment or zone class of that id.
    """
    here = _here(context.site, asked)
    known = await stated_policy(context)
    now = context.clock.now()
    filed = await context.remember(context.journal.filings.standing_from, now)
    held = [filing for filing in filed if filing.holds_at(now) and (here is None or _concerns(filing.scope, here))]
    exceptions = [_exception(context, filing) for filing in held]
    if known is None:
        return RulesView(stated=None, preset=None, rules=[], exceptions=exceptions)
    found = [rule for rule in known.rules if (here is None or _holds(rule, here)) and _is_asked(rule, asked)]
    return RulesView(
        stated=context.local(known.stated),
        preset=known.preset,
        rules=[_rule(rule) for rule in found],
        exceptions=exceptions,
    )


def _here(site: Site, asked: RulesAsked) -> _Here | None:
    """The rooms asked for; None: all."""
    if asked.zone_class is not None and asked.zone_class not in {one.value for one in ZoneClass}:
        hint = "、".join(one.value for one in ZoneClass)
        raise RequestProblem(
            422, "unknown_class", Text(f"区域类别应为 {hint}", f"zone classes are {hint.replace('、', ', ')}")
        )
    for kind, key, known in (
        (BUILDING, asked.building, site.buildings), (FLOOR, asked.floor, site.floors),
        (OFFICE, asked.office, site.offices), (EQUIPMENT, asked.equipment, site.equipment),
    ):  # fmt: skip
        if key is not None and key not in known:
            raise unknown(kind, key)
    if not any((asked.zone_class, asked.building, asked.floor, asked.office, asked.equipment)):
        return None
    serves = None if asked.equipment is None else getattr(site.equipment[asked.equipment], "serves", ())
    floors = None if asked.building is None else {floor.id for floor in site.buildings[asked.building].floors}
    rooms = [
        space for space in site.spaces.values()
        if (asked.zone_class is None or space.zone_class.value == asked.zone_class)
        and (floors is None or space.floor in floors)
        and asked.floor in (None, space.floor)
        and asked.office in (None, space.office, space.responsible_office)
        and (serves is None or space.id in serves[:1])
    ]  # fmt: skip
    return _rooms(site, {space.id for space in rooms}, asked)


def _rooms(site: Site, rooms: set[str], asked: RulesAsked) -> _Here:
    spaces = [site.spaces[room] for room in rooms]
    floors = frozenset(space.floor for space in spaces)
    equipment = {
        item.id for item in site.equipment.values() if rooms.intersection(getattr(item, "serves", ()))
    } if asked.equipment is None else {asked.equipment}  # fmt: skip
    offices = {office for space in spaces for office in (space.office, space.responsible_office) if office is not None}
    classes = {space.zone_class.value for space in spaces}
    return _Here(
        classes=frozenset(classes or ({asked.zone_class} if asked.zone_class is not None else set())),
        named={
            "kinds": frozenset(site.equipment[one].kind for one in equipment),
            "buildings": frozenset(
                building.id for building in site.buildings.values() if floors & {floor.id for floor in building.floors}
            ),
            "floors": floors,
            "offices": frozenset(offices),
            "spaces": frozenset(rooms),
            "equipment": frozenset(equipment),
        },
    )


def _holds(rule: StatedRule, here: _Here) -> bool:
    if rule.zone_class is not None and rule.zone_class not in here.classes:
        return False
    places = {kind: getattr(rule.places, kind) for kind in WHERE}
    return all(here.named[kind].intersection(names) for kind, names in places.items() if names)


def _concerns(scope: Scope, here: _Here) -> bool:
    kinds = ("buildings", "floors", "offices", "spaces", "equipment")
    return scope.is_everything or any(here.named[kind] & getattr(scope, kind) for kind in kinds)


def _is_asked(rule: StatedRule, asked: RulesAsked) -> bool:
    if asked.clause is not None and (rule.clause or "").casefold() != asked.clause.casefold():
        return False
    if not asked.text:
        return True
    said: Iterable[str | None] = (
        rule.rule, rule.title.zh, rule.title.en, rule.clause, rule.document, rule.quote, rule.reading,
    )  # fmt: skip
    return any(asked.text.casefold() in (words or "").casefold() for words in said)


def _rule(rule: StatedRule) -> RuleView:
    return RuleView(
        zone_class=rule.zone_class,
        rule=rule.rule,
        title=Bilingual.of(rule.title),
        effect=rule.effect,
        severity=rule.severity,
        preset=rule.preset,
        clause=rule.clause,
        document=rule.document,
        quote=rule.quote,
        reading=rule.reading,
        parameters={name: value for name, value in rule.parameters.items() if value != ""},
        places={kind: list(getattr(rule.places, kind)) for kind in WHERE if getattr(rule.places, kind)},
        why_not=None if rule.why_not is None else Bilingual.of(rule.why_not),
    )


def _exception(context: ApiContext, filing: Filing) -> ExceptionView:
    relaxes = filing.relaxes
    found = [name for name in relaxes.__slots__ if getattr(relaxes, name) not in (False, None)]
    return ExceptionView(
        id=filing.id,
        kind=filing.kind.value,
        reason=filing.reason,
        start=context.local(filing.begins),
        end=context.local(filing.end),
        stops=filing.stops,
        relaxes=found,
    )
