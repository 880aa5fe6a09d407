"""A trial's result in rows and lines: what a table, a CSV file and the terminal show."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from typing import NamedTuple

from facility.model.places import ZONE_CLASS_NAMES
from facility.text import Language, Text
from facility.trials import Estimate, OfficeOutcome, PolicyOutcome, SeasonHours, TrialResult


class Row(NamedTuple):
    """One figure. `about` is a zone class, an office or a reason, "" for the whole; `value` None: not known."""

    policy: str
    figure: str
    about: str
    name: Text
    unit: str
    value: float | None
    low: float | None = None
    high: float | None = None


COLUMNS = ("policy", "figure", "about", "name_zh", "name_en", "unit", "value", "low", "high")


def rows(result: TrialResult) -> Iterator[Row]:
    """Every figure of a result."""
    for outcome in result.outcomes:
        yield from _of_policy(outcome)


def as_cells(row: Row) -> tuple[str, ...]:
    """A row as text: full stop, no unit in the cell, nothing where nothing is known."""
    numbers = ("" if value is None else f"{value:.6g}" for value in (row.value, row.low, row.high))
    return (row.policy, row.figure, row.about, row.name.zh, row.name.en, row.unit, *numbers)


def as_csv(result: TrialResult) -> str:
    """All figures of a result, one a line."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    table.writerows(as_cells(row) for row in rows(result))
    return text.getvalue()


def _of_policy(outcome: PolicyOutcome) -> Iterator[Row]:
    name = outcome.name
    for zone_class, hours in outcome.supply.items():
        yield from _seasons(name, "supply", zone_class, _SUPPLY, hours, unit="h")
    yield from _seasons(name, "permitted", "", _PERMITTED, outcome.permitted)
    yield from _seasons(name, "used", "", _USED, outcome.used)
    yield from _seasons(name, "used_permitted", "", _USED_PERMITTED, outcome.used_permitted)
    yield Row(name, "forbidden", "", _FORBIDDEN, "unit_h", outcome.forbidden_h)
    yield Row(name, "wanted", "", _WANTED, "unit_h", outcome.wanted_h)
    yield Row(name, "starts", "", _STARTS, "1", float(outcome.starts))
    for stop in outcome.stops:
        yield Row(name, "stops", stop.code, stop.text, "1", float(stop.count))
    for violation in outcome.violations:
        yield Row(name, "violations", violation.code, violation.text, "1", float(violation.count))
        yield Row(name, "violation_hours", violation.code, violation.text, "unit_h", violation.hours)
    for office in outcome.offices:
        yield from _of_office(name, office)
    kwh = outcome.avoided_kwh
    yield Row(name, "avoided", "", _AVOIDED, "kWh", kwh.value, kwh.low, kwh.high)
    yield Row(name, "unpriced", "", _UNPRICED, "unit_h", outcome.unpriced_h)
    shares = outcome.unknown
    for about, share in (
        ("outdoor", shares.outdoor), ("forecast", shares.forecast), ("units", shares.units), ("rooms", shares.rooms),
    ):  # fmt: skip
        yield Row(name, "unknown", about, UNKNOWN_WORDS[about], "1", share)


def _of_office(policy: str, office: OfficeOutcome) -> Iterator[Row]:
    about = office.office or ""
    yield from _seasons(policy, "office_permitted", about, office.name, office.permitted)
    yield Row(policy, "office_used", about, office.name, "unit_h", office.used_h)
    yield Row(policy, "office_forbidden", about, office.name, "unit_h", office.forbidden_h)


def _seasons(
    policy: str, figure: str, about: str, name: Text, hours: SeasonHours, *, unit: str = "unit_h"
) -> Iterator[Row]:
    yield Row(policy, f"{figure}_cooling", about, name, unit, hours.cooling_h)
    yield Row(policy, f"{figure}_heating", about, name, unit, hours.heating_h)


_SUPPLY = Text("允许供应", "supply permitted")
_PERMITTED = Text("设备可运行", "units might run")
_USED = Text("实际运行", "units ran")
_USED_PERMITTED = Text("实际运行且允许", "units ran and might")
_FORBIDDEN = Text("实际运行但不允许", "units ran against the policy")
_WANTED = Text("按制度自动运行", "units would run by rule")
_STARTS = Text("启动次数", "starts")
_AVOIDED = Text("可避免电量(估算)", "electricity avoided (estimate)")
_UNPRICED = Text("无法估算的运行", "running that cannot be priced")
UNKNOWN_WORDS = {
    "outdoor": Text("室外温度", "outdoor temperature"),
    "forecast": Text("天气预报", "forecast"),
    "units": Text("设备状态", "state of units"),
    "rooms": Text("室温", "room temperature"),
}


def kwh_words(estimate: Estimate) -> Text:
    """An amount with its interval, or that it is not known."""
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return Text("未知", "not known")
    digits = 0 if abs(estimate.value) >= 10 else 1
    value, low, high = (f"{one:.{digits}f}" for one in (estimate.value, estimate.low, estimate.high))
    shown = f"{value} kWh ({low}–{high})"
    return Text(shown, shown)


def share_words(share: float | None) -> str:
    """A share in per cent; a dash where the site has no such input, or nothing was asked of it."""
    return "–" if share is None else f"{100 * share:.1f} %"


def figures(result: TrialResult) -> Iterator[tuple[Text, list[Text]]]:
    """The figures of the whole site, a cell for each policy."""
    outcomes = result.outcomes
    yield Text("制度预设", "preset"), [_same(one.preset) for one in outcomes]
    yield from _supply_lines(result)
    hours = (
        (Text("允许制冷(设备小时)", "cooling permitted (unit-h)"), [one.permitted.cooling_h for one in outcomes]),
        (Text("允许制热(设备小时)", "heating permitted (unit-h)"), [one.permitted.heating_h for one in outcomes]),
        (Text("实际运行(设备小时)", "used (unit-h)"), [one.used.both_h for one in outcomes]),
        (Text("其中不允许(设备小时)", "of these not permitted (unit-h)"), [one.forbidden_h for one in outcomes]),
        (Text("按制度自动运行(设备小时)", "would run by rule (unit-h)"), [one.wanted_h for one in outcomes]),
    )
    for name, values in hours:
        yield name, [_same(f"{value:.1f}") for value in values]
    yield Text("按制度启动(次)", "starts by rule"), [_same(str(one.starts)) for one in outcomes]
    yield Text("可避免电量", "electricity avoided"), [kwh_words(one.avoided_kwh) for one in outcomes]
    yield Text("无法估算(设备小时)", "not priced (unit-h)"), [_same(f"{one.unpriced_h:.1f}") for one in outcomes]
    for about, word in UNKNOWN_WORDS.items():
        shares = [share_words(getattr(one.unknown, about)) for one in outcomes]
        yield Text(f"{word.zh}未知的时间", f"time with unknown {word.en}"), [_same(share) for share in shares]


def _same(shown: str) -> Text:
    return Text(shown, shown)


def lines(result: TrialResult, language: Language) -> Iterator[str]:
    """The result as text for a terminal: policies side by side, then reasons, offices and limits."""

    def say(text: Text) -> str:
        return text.in_language(language)

    outcomes = result.outcomes
    yield _line(Text("指标", "figure"), [one.name for one in outcomes], say)
    for name, cells in figures(result):
        yield _line(name, [say(cell) for cell in cells], say)
    for outcome in outcomes:
        yield ""
        yield say(Text(f"[{outcome.name}] 停止的原因", f"[{outcome.name}] stops by reason"))
        yield from (f"  {say(stop.text)}  {stop.count}" for stop in outcome.stops)
        yield say(Text(f"[{outcome.name}] 记录中的违反", f"[{outcome.name}] violations in the record"))
        for one in outcome.violations:
            clause = "" if one.clause is None else f" ({one.clause})"
            hours = "" if one.hours is None else f"  {one.hours:.1f} h"
            yield f"  {say(one.text)}{clause}  {one.count}{hours}"
    yield ""
    yield from _office_lines(result, say)
    yield ""
    yield from (say(limit) for limit in result.limits)


def _supply_lines(result: TrialResult) -> Iterator[tuple[Text, list[Text]]]:
    classes = sorted({zone_class for one in result.outcomes for zone_class in one.supply})
    nothing = SeasonHours()
    for zone_class in classes:
        found = [one.supply.get(zone_class, nothing) for one in result.outcomes]
        cells = [_same(f"{hours.cooling_h:.1f} / {hours.heating_h:.1f}") for hours in found]
        name = ZONE_CLASS_NAMES.get(zone_class, Text(zone_class, zone_class))
        yield Text(f"{name.zh}供冷/供暖小时", f"{name.en}: cooling / heating h"), cells


def _office_lines(result: TrialResult, say: Callable[[Text], str]) -> Iterator[str]:
    first, *others = result.outcomes
    heads = [first.name, *(one.name for one in others)]
    yield _line(Text("科室:允许的设备小时(其中使用被禁)", "office: permitted unit-h (used against)"), heads, say)
    for place, office in enumerate(first.offices):
        cells = [_office_cell(office)]
        cells += [f"{_office_cell(o.offices[place])} {_less(office, o.offices[place])}" for o in others]
        yield _line(office.name, cells, say)


def _office_cell(office: OfficeOutcome) -> str:
    return f"{office.permitted.both_h:.1f} ({office.forbidden_h:.1f})"


def _less(first: OfficeOutcome, other: OfficeOutcome) -> str:
    return f"{other.permitted.both_h - first.permitted.both_h:+.1f}"


def _line(name: Text, cells: list[str], say: Callable[[Text], str]) -> str:
    shown = say(name)
    wide = sum(2 if ord(letter) > 0x2E80 else 1 for letter in shown)
    return shown + " " * max(1, 46 - wide) + "".join(f"{cell:>24}" for cell in cells)
