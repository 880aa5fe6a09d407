"""The filings of a month as people read them: each with what became of it, and what its reader may do about it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from api.pages import texts_filings
from api.pages.acting import ask, may_enter
from api.pages.widgets import Words, box, button, note
from api.services.filing_views import STANDING
from api.services.filings import decide, may_decide, may_revoke, revoke
from facility.filings import FilingPhase

if TYPE_CHECKING:
    from api.pages.reader import Reader
    from api.services.filing_views import FilingView, PersonView
    from facility.commands import Actor
    from facility.text import Text

COLOURS: Final = {
    FilingPhase.SUBMITTED: "warn", FilingPhase.COMING: "good", FilingPhase.IN_FORCE: "cool", FilingPhase.OVER: "",
    FilingPhase.REJECTED: "bad", FilingPhase.REVOKED: "bad", FilingPhase.LAPSED: "",
}  # fmt: skip

_FIRST: Final = (FilingPhase.SUBMITTED, FilingPhase.IN_FORCE, FilingPhase.COMING)


class FilingList:
    """Those of one list; `changed` is called after something was decided or taken back."""

    def __init__(self, reader: Reader, changed: Callable[[], Awaitable[None]]) -> None:
        self._reader = reader
        self._changed = changed

    def draw(self, rows: list[FilingView]) -> None:
        """What waits first, then what is in force and what is to come, in order; then the rest, newest first."""
        if not rows:
            note(self._reader.say(texts_filings.NONE))
        for row in sorted(rows, key=_place):
            with box("filing") as block:
                block.props["data-filing"] = row.id
                block.props["data-phase"] = row.phase.value
                self._block(row)

    def _block(self, row: FilingView) -> None:
        say, words = self._reader.say, self._reader.words
        with box("row"):
            Words(words.name(row.phase_text), tag="span", classes=f"badge {COLOURS[row.phase]}".strip())
            Words(say(texts_filings.NUMBER, id=row.id), tag="strong")
            Words(words.name(row.kind_text), tag="span")
            if row.office_name is not None:
                Words(words.name(row.office_name), tag="span")
            if row.late:
                Words(say(texts_filings.LATE), tag="span", classes="badge warn")
            if row.provisional:
                Words(say(texts_filings.PROVISIONAL), tag="span", classes="badge warn")
        with box("filing-what"):
            Words(words.span(row.start, row.end), tag="span", classes="num")
            Words(words.name(row.scope.places), tag="span")
            Words(words.name(row.relaxes.text), tag="span", classes="clause")
        Words(self._told(texts_filings.REASON, row.reason))
        if row.reference:
            Words(self._told(texts_filings.REFERENCE, row.reference))
        for line in self._history(row):
            Words(line, classes="muted small")
        if row.overlaps:
            numbers = ", ".join(str(number) for number in row.overlaps)
            Words(say(texts_filings.OVERLAPS, numbers=numbers), classes="small")
        self._buttons(row)

    def _told(self, what: Text, said: str) -> str:
        return self._reader.say(texts_filings.SAID, what=self._reader.say(what), note=said)

    def _history(self, row: FilingView) -> list[str]:
        say, words = self._reader.say, self._reader.words
        lines = [say(texts_filings.FILED, by=row.applicant, time=words.stamp(row.filed))]
        for found, text in ((row.decided, texts_filings.DECIDED), (row.revoked, texts_filings.REVOKED)):
            if found is not None:
                lines.append(self._person(text, found))
        if row.lead_minutes:
            lines.append(say(texts_filings.READY, minutes=f"{row.lead_minutes:g}"))
        if row.held_from is not None and row.held_to is not None:
            length = words.length((row.held_to - row.held_from).total_seconds())
            lines.append(say(texts_filings.HELD, length=length))
        return lines

    def _person(self, text: Text, found: PersonView) -> str:
        said = self._reader.say(text, by=found.by, time=self._reader.words.stamp(found.at))
        return said if not found.note else self._reader.say(texts_filings.SAID, what=said, note=found.note)

    def _buttons(self, row: FilingView) -> None:
        actor = self._reader.actor
        with box("row tight no-print"):
            if row.phase is FilingPhase.SUBMITTED and may_decide(actor, row):
                self._button(texts_filings.APPROVE, "approve", partial(self._ask_decide, row, approve=True))
                self._button(texts_filings.REJECT, "reject", partial(self._ask_decide, row, approve=False))
            elif row.phase is FilingPhase.SUBMITTED and may_enter(actor):
                Words(self._reader.say(texts_filings.OWN), tag="span", classes="muted small")
            if row.phase in STANDING and may_revoke(actor, row):
                self._button(texts_filings.REVOKE, "revoke", partial(self._ask_revoke, row))

    def _button(self, name: Text, mark: str, act: Callable[[], None]) -> None:
        button(self._reader.say(name), act).props["data-act"] = mark

    def _ask_decide(self, row: FilingView, *, approve: bool) -> None:
        async def act(said: str, actor: Actor) -> None:
            await decide(self._reader.context, row.id, actor, approve=approve, note=said)
            await self._changed()

        means = texts_filings.APPROVE_MEANS if approve else texts_filings.REJECT_MEANS
        strong = texts_filings.APPROVE if approve else texts_filings.REJECT
        ask(
            self._reader, self._title(row), [self._reader.say(means, what=self._what(row))], act,
            strong=strong, may=lambda actor: may_decide(actor, row), remark=texts_filings.NOTE if approve else None,
        )  # fmt: skip

    def _ask_revoke(self, row: FilingView) -> None:
        async def act(reason: str, actor: Actor) -> None:
            await revoke(self._reader.context, row.id, actor, reason)
            await self._changed()

        means = [self._reader.say(texts_filings.REVOKE_MEANS, what=self._what(row))]
        ask(
            self._reader, self._title(row), means, act, strong=texts_filings.REVOKE,
            may=lambda actor: may_revoke(actor, row),
        )  # fmt: skip

    def _title(self, row: FilingView) -> str:
        return self._reader.say(texts_filings.NUMBER, id=row.id)

    def _what(self, row: FilingView) -> str:
        words = self._reader.words
        parts = (words.name(row.scope.places), words.span(row.start, row.end), words.name(row.relaxes.text))
        return " · ".join(parts)


def _place(row: FilingView) -> tuple[int, int]:
    return (_FIRST.index(row.phase), row.id) if row.phase in _FIRST else (len(_FIRST), -row.id)
