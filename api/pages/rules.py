"""The rules in force: for every zone class, building, floor, office or equipment, each with its sentence."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from nicegui import ui
from starlette.requests import Request

from api.pages import texts_rules
from api.pages.frame import framed, page_head, stamped
from api.pages.parameter_words import parameter_words
from api.pages.reader import reader_of
from api.pages.widgets import Choice, Entry, Words, box, button, field, link, note, part, table
from api.problems import RequestProblem
from api.services.rules import RulesAsked, rules_in_force, stated_policy
from facility.model.entries import ZoneClass
from facility.text import Text

if TYPE_CHECKING:
    from api.context import ApiContext
    from api.pages.reader import Reader
    from api.pages.sessions import Sessions
    from api.services.rules import ExceptionView, RulesView, RuleView

BUILD_S: Final = 15.0
LONGEST: Final = 80


def register(context: ApiContext, sessions: Sessions) -> None:
    """Puts the pages of this part on NiceGUI."""

    @ui.page("/rules", response_timeout=BUILD_S)
    async def rules(request: Request) -> None:
        rules_page(await reader_of(request, context, sessions), request.query_params)


def rules_page(reader: Reader, query: Mapping[str, str]) -> None:
    """What holds where the address asks for it."""
    say, asked = reader.say, _asked(query)
    with framed(reader, say(texts_rules.TITLE), here="/rules"):
        page_head(reader, say(texts_rules.TITLE), [(say(texts_rules.TITLE), "")], [])
        note(say(texts_rules.HINT))
        _question(reader, asked)
        body = box("stack")

        async def show() -> None:
            try:
                found = await rules_in_force(reader.context, asked)
                stated = await stated_policy(reader.context)
            except RequestProblem as problem:
                with body:
                    Words(say(problem.text), classes="notice warn")
                return
            names = {} if stated is None else {one.preset: reader.words.name(one.name) for one in stated.presets}
            with body:
                _answer(reader, found, names)

        with body:
            stamped(reader, texts_rules.TITLE, show)


def _asked(query: Mapping[str, str]) -> RulesAsked:
    words = {name: query.get(name, "").strip()[:LONGEST] or None for name in _NAMES}
    return RulesAsked(text=query.get("q", "").strip()[:LONGEST] or None, **words)


_NAMES: Final = ("zone_class", "building", "floor", "office", "equipment", "clause")


def _question(reader: Reader, asked: RulesAsked) -> None:
    """One choice a kind of place, and a search; asking again is another address, so that it can be kept and sent."""
    say, site = reader.say, reader.context.site
    anywhere = ("", say(texts_rules.EVERYWHERE))
    name = reader.words.name
    choices: dict[str, tuple[Text, list[tuple[str, str]]]] = {
        "zone_class": (texts_rules.CLASS, [(one.value, say(texts_rules.CLASSES[one.value])) for one in ZoneClass]),
        "building": (texts_rules.BUILDING, [(key, name(one.name.text)) for key, one in site.buildings.items()]),
        "floor": (texts_rules.FLOOR, [(key, name(one.text)) for key, one in site.floors.items()]),
        "office": (texts_rules.OFFICE, [(key, name(one.name.text)) for key, one in site.offices.items()]),
        "equipment": (
            texts_rules.EQUIPMENT,
            [(key, name(one.text)) for key, one in site.equipment.items() if getattr(one, "serves", ())
             and one.kind in ("indoor_unit", "kettle")],
        ),
    }  # fmt: skip
    boxes: dict[str, Choice] = {}
    with box("row no-print").style("margin-bottom: 1rem; align-items: end"):
        for key, (title, options) in choices.items():
            with field(say(title)):
                boxes[key] = Choice([anywhere, *options], name=say(title), chosen=getattr(asked, key) or "")
        with field(say(texts_rules.SEARCH)):
            words = Entry(name=say(texts_rules.SEARCH), limit=LONGEST, value=asked.text or "")

        def ask() -> None:
            chosen = {key: one.chosen for key, one in boxes.items() if one.chosen}
            if words.value.strip():
                chosen["q"] = words.value.strip()
            ui.navigate.to(f"/rules?{urlencode(chosen)}")

        button(say(texts_rules.SHOW), ask, "button strong").props["data-act"] = "show"
        button(say(texts_rules.PRINT), lambda: ui.run_javascript("window.print()"))


def _answer(reader: Reader, found: RulesView, names: Mapping[str, str]) -> None:
    """`names` are those of the presets, by their ids."""
    say, preset = reader.say, found.preset or ""
    if found.stated is None:
        Words(say(texts_rules.NOT_STATED), classes="notice warn")
        _exceptions(reader, found.exceptions)
        return
    note(say(texts_rules.STATED, preset=names.get(preset, preset), when=reader.words.full(found.stated)))
    _exceptions(reader, found.exceptions)
    if not found.rules:
        Words(say(texts_rules.NOTHING), classes="notice")
    served = [rule for rule in found.rules if rule.effect != "elsewhere"]
    order = [*texts_rules.CLASSES, None]
    for zone_class, rules in groupby(sorted(served, key=lambda rule: order.index(rule.zone_class)), key=_class_of):
        title = texts_rules.SITE_WIDE if zone_class is None else texts_rules.CLASSES[zone_class]
        with part(say(title), mark=f"class-{zone_class or 'any'}"):
            _table(reader, list(rules), names)
    others = [rule for rule in found.rules if rule.effect == "elsewhere"]
    if others:
        with part(say(texts_rules.ELSEWHERE), mark="elsewhere"):
            _table(reader, others, names)


def _class_of(rule: RuleView) -> str | None:
    return rule.zone_class


def _exceptions(reader: Reader, exceptions: list[ExceptionView]) -> None:
    say, words = reader.say, reader.words
    with part(say(texts_rules.FILED), mark="exceptions"):
        for one in exceptions:
            line = say(
                texts_rules.FILED_LINE, id=one.id, reason=one.reason, start=words.full(one.start),
                end=words.full(one.end),
            )  # fmt: skip
            Words(line, tag="p")
        if not exceptions:
            note(say(texts_rules.NO_FILED))


def _table(reader: Reader, rules: list[RuleView], names: Mapping[str, str]) -> None:
    say = reader.say
    titles = (texts_rules.RULE, texts_rules.EFFECT, texts_rules.SENTENCE, texts_rules.NUMBERS, texts_rules.FROM)
    with table([(say(title), "") for title in titles]):
        for rule in rules:
            _line(reader, rule, names)


def _line(reader: Reader, rule: RuleView, names: Mapping[str, str]) -> None:
    say, language = reader.say, reader.words.language
    with box(tag="tr") as row:
        row.props["data-rule"] = rule.rule
        with box(tag="td"):
            Words(rule.title.in_language(language), tag="strong")
            Words(rule.rule, classes="muted small")
            if rule.why_not is not None and rule.effect != "elsewhere":
                Words(say(texts_rules.WHY_NOT, why=rule.why_not.in_language(language)), classes="muted small")
            for kind, only in rule.places.items():
                Words(f"{say(texts_rules.ONLY)} {kind}: {', '.join(only)}", classes="muted small")
        effect, severity = texts_rules.EFFECTS.get(rule.effect), texts_rules.SEVERITIES.get(rule.severity)
        with box(tag="td"):
            Words(say(effect) if effect is not None else rule.effect)
            Words(say(severity) if severity is not None else rule.severity, classes="muted small")
        with box(tag="td").style("max-width: 34rem"):
            _sentence(reader, rule)
        with box(tag="td"):
            for name, value in rule.parameters.items():
                Words(parameter_words(name, value, language), classes="small").hint(name)
        origin = say(texts_rules.OWN) if not rule.preset else names.get(rule.preset, rule.preset)
        Words(origin, tag="td", classes="small")


def _sentence(reader: Reader, rule: RuleView) -> None:
    if rule.clause is None:
        Words(reader.say(texts_rules.NO_CLAUSE), classes="muted")
        return
    with box():
        link(rule.clause, f"/rules?{urlencode({'clause': rule.clause})}")
        Words(f" {rule.document or ''}", tag="span", classes="muted")
    if rule.quote is not None:
        Words(f"“{rule.quote}”")
    if rule.reading is not None and reader.words.language == "en":
        Words(rule.reading, classes="muted small")
