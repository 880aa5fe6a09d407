"""A trial's result on the page: policies side by side, reasons, offices, the model, and what it does not tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.pages import texts_trials
from api.pages.widgets import Words, box, note, part, table, table_row
from facility.trial_rows import figures
from facility.trials import ReasonTally

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.pages.reader import Reader
    from facility.text import Text
    from facility.trials import EnergyRate, TrialResult


def result_sheet(reader: Reader, result: TrialResult) -> None:
    """The whole result."""
    say = reader.say
    names = [one.name for one in result.outcomes]
    with part(say(texts_trials.POLICIES), mark="figures"), table(_head(say(texts_trials.FIGURE), names)):
        for title, cells in figures(result):
            table_row([(say(title), ""), *((say(cell), "num") for cell in cells)])
    _reasons(reader, texts_trials.STOPS, names, [one.stops for one in result.outcomes])
    _reasons(reader, texts_trials.VIOLATIONS, names, [one.violations for one in result.outcomes])
    _offices(reader, result, names)
    _rates(reader, result.rates)
    with part(say(texts_trials.LIMITS), mark="limits"):
        for limit in result.limits:
            Words(say(limit), tag="p")


def _head(title: str, names: Sequence[str]) -> list[tuple[str, str]]:
    return [(title, ""), *((name, "num") for name in names)]


def _reasons(reader: Reader, title: Text, names: list[str], tallies: list[tuple[ReasonTally, ...]]) -> None:
    say = reader.say
    by_code = [{one.code: one for one in found} for found in tallies]
    first: dict[str, ReasonTally] = {}
    for found in by_code:
        for code, one in found.items():
            first.setdefault(code, one)
    with part(say(title)):
        if not first:
            note("–")
            return
        with table(_head(say(texts_trials.REASON), names)):
            for code, named in first.items():
                clause = "" if named.clause is None else f" ({named.clause})"
                cells = [(_cell(found.get(code)), "num") for found in by_code]
                table_row([(say(named.text) + clause, ""), *cells])


def _cell(one: ReasonTally | None) -> str:
    if one is None:
        return "0"
    return str(one.count) if one.hours is None else f"{one.count} · {one.hours:.1f} h"


def _offices(reader: Reader, result: TrialResult, names: list[str]) -> None:
    say = reader.say
    first = result.outcomes[0]
    with part(say(texts_trials.OFFICES), mark="offices"), table(_head(say(texts_trials.OFFICE), names)):
        for place, office in enumerate(first.offices):
            cells = []
            for number, outcome in enumerate(result.outcomes):
                here = outcome.offices[place]
                shown = f"{here.permitted.both_h:.1f} ({here.forbidden_h:.1f})"
                if number:
                    shown += f"  {here.permitted.both_h - office.permitted.both_h:+.1f}"
                cells.append((shown, "num"))
            table_row([(say(office.name), ""), *cells])


def _rates(reader: Reader, rates: Sequence[EnergyRate]) -> None:
    say = reader.say
    seasons = {"cooling": texts_trials.COOLING, "heating": texts_trials.HEATING}
    with part(say(texts_trials.RATES), mark="rates"):
        note(say(texts_trials.RATES_HINT))
        titles = (
            (texts_trials.OUTDOOR_UNIT, ""), (texts_trials.SEASON, ""), (texts_trials.TEMPERATURE, "num"),
            (texts_trials.HOURS, "num"), (texts_trials.RATE, "num"),
        )  # fmt: skip
        with box(tag="details"):
            Words(say(texts_trials.RATES), tag="summary")
            with table([(say(title), classes) for title, classes in titles]):
                for one in rates:
                    kwh = one.per_kw_kwh
                    shown = say(texts_trials.NOT_KNOWN)
                    if kwh.value is not None:
                        shown = f"{kwh.value:.3f} ({kwh.low:.3f}–{kwh.high:.3f})"
                    span = f"{one.low_c:g} – {one.high_c:g}"
                    table_row([
                        (one.outdoor_unit, ""), (say(seasons[one.season]), ""), (span, "num"), (str(one.hours), "num"),
                        (shown, "num"),
                    ])  # fmt: skip
