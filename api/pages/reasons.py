"""Why a unit is as it is: the verdict that holds, each rule's part and the clause's own words; and earlier verdicts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from api.pages import texts
from api.pages.priorities import draw_priorities
from api.pages.widgets import Words, box, heading
from api.services.decisions import decisions, latest_decision
from api.services.filing_views import KINDS
from facility.commands import Mode
from facility.filings import FilingKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from api.pages.reader import Reader
    from api.services.decisions import DecisionView, InputView, ReasonView, WishView
    from facility.text import Text

EARLIER_SHOWN: Final = 20


class ReasonCard:
    """The verdicts of one unit, drawn again whenever a new one comes."""

    def __init__(self, reader: Reader, equipment: str) -> None:
        self._reader = reader
        self._equipment = equipment
        self._shown: object = object()
        with box("card"):
            heading(reader.say(texts.WHY))
            self._now = box()
            with box(tag="details") as self._earlier_box:
                Words(reader.say(texts.EARLIER_DECISIONS), tag="summary")
                self._earlier = box("stack")

    async def show(self) -> None:
        """Draws the verdict that holds, when it is not the one drawn."""
        decision = latest_decision(self._reader.context, self._equipment)
        if decision == self._shown:
            return
        self._shown = decision
        self._now.clear()
        with self._now:
            if decision is None:
                Words(self._reader.say(texts.NO_DECISION_YET), classes="muted")
            else:
                self._verdict(decision, now=True)
        await self._show_earlier(decision)

    async def _show_earlier(self, current: DecisionView | None) -> None:
        found = await decisions(self._reader.context, equipment=self._equipment, limit=EARLIER_SHOWN)
        rows = [row for row in found.rows if current is None or row.time < current.time]
        self._earlier_box.set_visibility(bool(rows))
        self._earlier.clear()
        with self._earlier:
            for row in rows:
                self._verdict(row, now=False)

    def _verdict(self, decision: DecisionView, *, now: bool) -> None:
        words = self._reader.words
        with box("decision now" if now else "decision"):
            Words(words.name(decision.sentence), classes="sentence" if now else "")
            with box("facts muted small"):
                Words(words.say(texts.DECIDED_AT, time=words.moment(decision.time)), tag="span")
                Words(f"{words.say(texts.WANTED)} {wish_text(self._reader, decision.wanted)}", tag="span")
                Words(f"{words.say(texts.EFFECTIVE)} {wish_text(self._reader, decision.effective)}", tag="span")
                if decision.coming is not None:
                    Words(words.say(texts.NEXT_CHANGE, what=words.name(decision.coming)), tag="span")
            if now:
                for reason in decision.reasons:
                    self._reason(reason)
                draw_priorities(self._reader, decision, wish_text)

    def _reason(self, reason: ReasonView) -> None:
        words = self._reader.words
        with box("reason"):
            with box("row"):
                effect = texts.EFFECTS.get(reason.effect)
                Words(words.say(effect) if effect is not None else reason.effect, tag="span", classes="badge")
                Words(words.name(reason.text), tag="span")
                if reason.clause is not None:
                    clause = Words(words.say(texts.CLAUSE, clause=reason.clause), tag="span", classes="clause")
                    clause.hint(reason.document or "")
            if reason.quote is not None:
                Words(reason.quote, tag="blockquote", classes="quote").props["lang"] = "zh"
            if reason.inputs:
                shown = words.say(texts.SEMICOLON).join(input_text(self._reader, item) for item in reason.inputs)
                Words(words.say(texts.INPUTS, inputs=shown), classes="inputs")


def wish_text(reader: Reader, wish: WishView) -> str:
    """A wanted or observed state in a few words; a dash when nothing of it is known."""
    words = reader.words
    parts = []
    if wish.on is not None:
        parts.append(words.say(texts.ON if wish.on else texts.OFF))
    if wish.mode is not None and wish.on is not False:
        parts.append(words.say(texts.MODES[Mode(wish.mode)]))
    if wish.setpoint_c is not None and wish.on is not False:
        parts.append(words.temperature(wish.setpoint_c))
    return " ".join(parts) or words.say(texts.MISSING)


def input_text(reader: Reader, item: InputView) -> str:
    """One input: what it is, its value, its source and its age."""
    words = reader.words
    point = reader.context.site.points.get(item.point)
    name = words.name(point.text) if point is not None else _named(reader, item.point)
    value = _input_value(reader, item)
    source = _known(reader, texts.SOURCES, item.source)
    if item.age_s is None:
        return words.say(texts.INPUT, name=name, value=value, source=source)
    return words.say(texts.INPUT_AGED, name=name, value=value, source=source, age=words.age(item.age_s))


def _named(reader: Reader, name: str) -> str:
    """What an input that is no point is called; a filing goes by its number."""
    kind, _, number = name.partition(".")
    if kind == "filing":
        return reader.say(texts.FILED_INPUT, id=number)
    return _known(reader, texts.NAMED_INPUTS, name)


def _known(reader: Reader, names: Mapping[str, Text], name: str) -> str:
    """The word for `name`, itself when there is none."""
    known = names.get(name)
    return reader.say(known) if known is not None else name


def _input_value(reader: Reader, item: InputView) -> str:
    words = reader.words
    if item.value is None:
        return words.say(texts.MISSING)
    if isinstance(item.value, bool):
        return words.say(texts.YES if item.value else texts.NO)
    if isinstance(item.value, str):
        if item.point.startswith("filing.") and item.value in set(FilingKind):
            return words.say(KINDS[FilingKind(item.value)])
        return _known(reader, texts.NAMED_INPUTS, item.value)
    point = reader.context.site.points.get(item.point)
    if point is not None and point.spec.enumeration is not None:
        return words.state(point.spec.enumeration, item.value)
    return words.amount(item.value, point.unit) if point is not None else f"{item.value:g}"
