"""The form that asks for a trial: two days, and one policy to hold against the one in force."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from api.pages import texts_trials
from api.pages.acting import REFUSALS, present_actor, told
from api.pages.widgets import Choice, Entry, Words, box, button, field, heading, note
from api.problems import RequestProblem
from api.services.rules import stated_policy
from api.services.trials import PolicyBody, TrialBody, ask_for_trial
from facility.model.entries import ZoneClass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.pages.reader import Reader
    from facility.rule_statement import StatedPreset


async def draw_form(reader: Reader) -> None:
    """Builds the form."""
    stated = await stated_policy(reader.context)
    offered = () if stated is None else [one for one in stated.presets if ZoneClass.OFFICE in one.classes]
    TrialForm(reader, offered)


class TrialForm:
    """What is asked for: days, a preset, and the numbers that differ from it."""

    def __init__(self, reader: Reader, presets: Sequence[StatedPreset]) -> None:
        self._reader, say = reader, reader.say
        today = f"{reader.context.now():%Y-%m-%d}"
        with box("row").style("align-items: end"):
            self._first = self._entry(say(texts_trials.FIRST), kind="date", value=f"{today[:8]}01")
            self._last = self._entry(say(texts_trials.LAST), kind="date", value=today)
        heading(say(texts_trials.AGAINST), 3)
        with box("row").style("align-items: end"):
            self._name = self._entry(say(texts_trials.NAME), limit=60, value=say(texts_trials.PROPOSED))
            with field(say(texts_trials.PRESET)):
                options = [("", say(texts_trials.IN_FORCE))]
                options += [(one.preset, reader.words.name(one.name)) for one in presets]
                self._preset = Choice(options, name=say(texts_trials.PRESET))
            self._window = self._entry(say(texts_trials.WINDOW), limit=11)
        with box("row").style("align-items: end; flex-wrap: wrap"):
            self._numbers = {
                key: self._entry(say(title), kind="number", limit=8) for key, title in texts_trials.NUMBERS.items()
            }
        note(say(texts_trials.AS_IS))
        self._said = Words("")
        button(say(texts_trials.RUN), self._run, "button strong").props["data-act"] = "run"

    def _entry(self, title: str, *, kind: str = "text", limit: int = 40, value: str = "") -> Entry:
        with field(title):
            return Entry(name=title, kind=kind, limit=limit, value=value)

    async def _run(self) -> None:
        try:
            actor = await present_actor(self._reader)
            if actor is None:
                raise RequestProblem(401, "log_in", texts_trials.MAY_NOT)
            accepted = await ask_for_trial(self._reader.context, self._body(), actor)
        except REFUSALS as error:
            self._said.put(told(self._reader, error))
            self._said.dress("notice bad")
            return
        ui.navigate.to(f"/trials/{accepted.id}")

    def _body(self) -> TrialBody:
        """What was entered.

        Raises:
            RequestProblem: a day is missing, or a number is none.
        """
        if not self._first.value or not self._last.value:
            raise RequestProblem(422, "wrong_range", texts_trials.NEEDS_DATES)
        say = self._reader.say
        policies = [
            PolicyBody(name=say(texts_trials.IN_FORCE)),
            PolicyBody(name=self._name.value or say(texts_trials.PROPOSED), policy=self._proposed()),
        ]
        return TrialBody.model_validate({"first": self._first.value, "last": self._last.value, "policies": policies})

    def _proposed(self) -> dict[str, Any]:
        """The policy to try: the site's own, or a preset as it is shipped, with the numbers that were entered."""
        own: dict[str, Any] = self._reader.context.site.file.policy.model_dump(mode="json", exclude_defaults=True)
        base: dict[str, Any] = {"preset": self._preset.chosen} if self._preset.chosen else own
        return {**base, "parameters": {**base.get("parameters", {}), **self._changes()}}

    def _changes(self) -> dict[str, Any]:
        changes: dict[str, Any] = {}
        for key, entry in self._numbers.items():
            if not entry.value.strip():
                continue
            try:
                changes[key] = float(entry.value)
            except ValueError:
                said = texts_trials.WRONG_NUMBER
                name = texts_trials.NUMBERS[key]
                text = type(said)(said.zh.format(name=name.zh), said.en.format(name=name.en))
                raise RequestProblem(422, "wrong_body", text) from None
        if self._window.value.strip():
            changes["window"] = self._window.value.strip()
        return changes
