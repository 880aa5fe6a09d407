"""Policies tried out over recorded time: the list with the form, and one trial with its result."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from nicegui import ui
from starlette.requests import Request

from api.pages import texts_trials
from api.pages.acting import may_enter, present_actor
from api.pages.entrance import missing_page
from api.pages.frame import framed, page_head, stamped
from api.pages.reader import reader_of
from api.pages.trial_form import draw_form
from api.pages.trial_result import result_sheet
from api.pages.widgets import Words, box, button, link, note, part, table
from api.problems import RequestProblem
from api.services.trials import cancel_trial, trial, trial_result, trials
from facility.trials import ENDED, TrialState

if TYPE_CHECKING:
    from api.context import ApiContext
    from api.pages.reader import Reader
    from api.pages.sessions import Sessions
    from api.services.trials import TrialView

BUILD_S: Final = 15.0
LONGEST_NUMBER: Final = 15
LOOK_S: Final = 1.0
"""How often an open page looks how far a trial is."""


def register(context: ApiContext, sessions: Sessions) -> None:
    """Puts the pages of this part on NiceGUI."""

    @ui.page("/trials", response_timeout=BUILD_S)
    async def listed(request: Request) -> None:
        await trials_page(await reader_of(request, context, sessions))

    @ui.page("/trials/{number}", response_timeout=BUILD_S)
    async def one(request: Request, number: str) -> None:
        reader = await reader_of(request, context, sessions)
        if not (number.isdecimal() and len(number) <= LONGEST_NUMBER):
            missing_page(reader)
            return
        trial_page(reader, int(number))


async def trials_page(reader: Reader) -> None:
    """The latest trials, and the form to ask for one."""
    say = reader.say
    with framed(reader, say(texts_trials.TITLE), here="/trials"):
        page_head(reader, say(texts_trials.TITLE), [(say(texts_trials.TITLE), "")], [])
        note(say(texts_trials.HINT))
        if not may_enter(reader.actor):
            Words(say(texts_trials.MAY_NOT), classes="notice warn")
            return
        with part(say(texts_trials.NEW), mark="new"):
            await draw_form(reader)
        with part(say(texts_trials.LIST), mark="trials"):
            body = box()

            async def fill() -> None:
                found = await trials(reader.context)
                body.clear()
                with body:
                    _list(reader, found.rows)

            with body:
                stamped(reader, texts_trials.LIST, fill)
            ui.timer(2 * LOOK_S, fill)


def _list(reader: Reader, rows: list[TrialView]) -> None:
    say = reader.say
    if not rows:
        note(say(texts_trials.NONE))
        return
    titles = (
        texts_trials.NUMBER, texts_trials.SPAN, texts_trials.POLICIES, texts_trials.STATE, texts_trials.BY,
    )  # fmt: skip
    with table([(say(title), "") for title in titles]):
        for row in rows:
            with box(tag="tr"):
                with box(tag="td"):
                    link(str(row.id), f"/trials/{row.id}")
                Words(f"{row.start:%Y-%m-%d} – {_last_day(row):%Y-%m-%d}", tag="td", classes="num")
                Words(" · ".join(one.name for one in row.policies), tag="td")
                Words(_state(reader, row), tag="td")
                Words(row.author, tag="td")


def _last_day(row: TrialView) -> date:
    """The last local day that a trial goes over; its end is no part of it."""
    return (row.end - timedelta(microseconds=1)).date()


def _state(reader: Reader, row: TrialView) -> str:
    if row.state == TrialState.RUNNING and row.progress is not None:
        return reader.say(texts_trials.RUNS, share=reader.words.share(row.progress))
    return reader.say(texts_trials.STATES[TrialState(row.state)])


def trial_page(reader: Reader, number: int) -> None:
    """One trial: how far it is, then its result."""
    say, title = reader.say, reader.say(texts_trials.ONE, id=number)
    with framed(reader, title, here="/trials"):
        page_head(reader, title, [(say(texts_trials.TITLE), "/trials"), (title, "")], [])
        if not may_enter(reader.actor):
            Words(say(texts_trials.MAY_NOT), classes="notice warn")
            return
        state = Words("", classes="notice")
        acts = box("row no-print")
        body = box("stack")
        shown = False

        async def look() -> None:
            nonlocal shown
            if shown:
                return
            try:
                found = await trial(reader.context, number)
            except RequestProblem as problem:
                state.put(say(problem.text))
                shown = True
                return
            state.put(_told(reader, found))
            shown = TrialState(found.state) in ENDED
            if shown:
                timer.deactivate()
                acts.clear()
                with acts:
                    _links(reader, found)
                result = await trial_result(reader.context, number)
                if result is not None:
                    with body:
                        result_sheet(reader, result)

        with acts:
            _canceller(reader, number)
        timer = ui.timer(LOOK_S, look)
        ui.timer(0.01, look, once=True)


def _told(reader: Reader, found: TrialView) -> str:
    names = " · ".join(one.name for one in found.policies)
    line = reader.say(
        texts_trials.LINE, first=f"{found.start:%Y-%m-%d}", last=f"{_last_day(found):%Y-%m-%d}",
        names=names, state=_state(reader, found),
    )  # fmt: skip
    if found.error is None:
        return line
    return reader.say(texts_trials.FAILED_LINE, line=line, why=found.error.in_language(reader.words.language))


def _links(reader: Reader, found: TrialView) -> None:
    if found.result is not None:
        link(reader.say(texts_trials.CSV), f"/api/v1/trials/{found.id}?format=csv", "button")


def _canceller(reader: Reader, number: int) -> None:
    async def cancel() -> None:
        actor = await present_actor(reader)
        if actor is not None:
            await cancel_trial(reader.context, number, actor)

    button(reader.say(texts_trials.CANCEL), cancel).props["data-act"] = "cancel"
