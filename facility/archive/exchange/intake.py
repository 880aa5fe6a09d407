"""Rows of foreign tables become readings, or mistakes that are counted and named."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from facility.archive.exchange.cells import RowProblem, number_of, status_of, time_of
from facility.model.near import did_you_mean
from facility.model.site import Point
from facility.readings import Batch, Quality, from_us
from facility.text import Text

NAMED_MISTAKES: Final = 20
"""So many mistakes are named with their line; the rest is counted."""

_STRANGE_NAME: Final = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_LONGEST_NAME: Final = 200
_FIRST_US: Final = 0
_NAMED_STRANGERS: Final = 1_000

Cells: TypeAlias = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What is taken.

    `known` are the site's points; with `any_point` others are taken, too. `columns` maps columns of a wide table to
    points, an empty name leaves a column out; `time_column` is the column of times. `local` is the zone of times
    without an offset, None refuses them. Times at or after `end_us` lie ahead of now and are refused; None: none are.
    """

    known: Mapping[str, Point]
    any_point: bool = False
    columns: Mapping[str, str] = field(default_factory=dict)
    time_column: str = "time"
    local: ZoneInfo | None = None
    end_us: int | None = None
    encoding: str = "utf-8-sig"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One bad row: in which file, on which line (of a Parquet file: row), and why."""

    file: Path
    line: int
    text: Text


@dataclass(slots=True, kw_only=True)
class Findings:
    """What was found in all files. `strangers`: unknown point -> rows that name it."""

    readings: int = 0
    missing: int = 0
    bad_rows: int = 0
    mistakes: list[Mistake] = field(default_factory=list)
    strangers: dict[str, int] = field(default_factory=dict)
    points: set[str] = field(default_factory=set)
    first_us: int | None = None
    last_us: int | None = None

    def mistaken(self, file: Path, line: int, text: Text) -> None:
        """Counts a bad row, and names it while there are few."""
        self.bad_rows += 1
        if len(self.mistakes) < NAMED_MISTAKES:
            self.mistakes.append(Mistake(file=file, line=line, text=text))

    def met_stranger(self, file: Path, line: int, stranger: Stranger, rules: Rules) -> None:
        """Counts a row of an unknown point; only the first of each point is named."""
        seen = self.strangers.get(stranger.point, 0)
        if seen or len(self.mistakes) >= NAMED_MISTAKES:
            self.bad_rows += 1
        else:
            self.mistaken(file, line, stranger.with_hint(rules.known))
        if seen or len(self.strangers) < _NAMED_STRANGERS:
            self.strangers[stranger.point] = seen + 1

    def took(self, batch: Batch) -> None:
        """Counts good readings."""
        self.readings += len(batch)
        self.missing += sum(value is None for value in batch.values)
        self.points.update(batch.points)
        self.first_us = batch.time_us if self.first_us is None else min(self.first_us, batch.time_us)
        self.last_us = batch.time_us if self.last_us is None else max(self.last_us, batch.time_us)


class Stranger(RowProblem):
    """A point that the site does not have."""

    def __init__(self, point: str) -> None:
        super().__init__(f"站点没有测点 {point!r}", f"the site has no point {point!r}")
        self.point = point

    def with_hint(self, known: Iterable[str]) -> Text:
        """The text, and what was probably meant."""
        hint = did_you_mean(self.point, known)
        return self.text if hint is None else Text(f"{self.text.zh},{hint.zh}", f"{self.text.en}; {hint.en}")


def batch_of_row(row: Cells, rules: Rules) -> Batch | None:
    """One reading of a long table (time, point, value, and what there is of unit, quality, reason).

    Raises:
        RowProblem: the row is wrong.
    """
    time_us = _moment(row.get(rules.time_column), rules)
    point = _text(row.get("point"), "point")
    _check_point(point, rules)
    value = number_of(row.get("value"))
    status = status_of(
        _text(row.get("quality"), "quality"), _text(row.get("reason"), "reason"), missing=value is None
    )  # fmt: skip
    _check_unit(point, _text(row.get("unit"), "unit"), rules)
    if value is not None and status.quality is Quality.GOOD:
        _check_limits(point, value, rules)
    return Batch(time_us=time_us, points=(point,), values=(value,), statuses=(status,))


def batch_of_wide_row(row: Cells, rules: Rules, points: Sequence[tuple[str, str]]) -> Batch | None:
    """The readings of one time, a column per point; an empty cell is no reading. None where all are empty.

    Args:
        points: column and point of each.

    Raises:
        RowProblem: the row is wrong; the column is named.
    """
    time_us = _moment(row.get(rules.time_column), rules)
    names: list[str] = []
    values: list[float] = []
    for column, point in points:
        try:
            value = number_of(row.get(column))
            if value is None:
                continue
            _check_limits(point, value, rules)
        except RowProblem as problem:
            raise RowProblem(f"列 {column}:{problem.text.zh}", f"column {column}: {problem.text.en}") from problem
        names.append(point)
        values.append(value)
    return Batch(time_us=time_us, points=names, values=values) if names else None


def _moment(cell: object, rules: Rules) -> int:
    time_us = time_of(cell, rules.local)
    if time_us < _FIRST_US:
        raise RowProblem(f"时间 {cell} 早于 1970 年", f"the time {cell} lies before 1970")
    if rules.end_us is not None and time_us >= rules.end_us:
        when = f"{from_us(time_us):%Y-%m-%d %H:%M} UTC"
        raise RowProblem(f"时间 {when} 在将来", f"the time {when} lies ahead of now")
    return time_us


def _text(cell: object, column: str) -> str:
    if cell is None:
        return ""
    if not isinstance(cell, str):
        raise RowProblem(f"列 {column} 应为文字", f"column {column} should hold text, not {cell!r}")
    return cell


def _check_point(point: str, rules: Rules) -> None:
    if not point or len(point) > _LONGEST_NAME or _STRANGE_NAME.search(point) is not None:
        raise RowProblem(f"测点名 {point[:40]!r} 不可用", f"{point[:40]!r} cannot be a point's name")
    if point not in rules.known and not rules.any_point:
        raise Stranger(point)


def _check_unit(point: str, unit: str, rules: Rules) -> None:
    known = rules.known.get(point)
    if unit and known is not None and unit != known.unit:
        raise RowProblem(
            f"{point} 的单位是 {known.unit},不是 {unit}", f"{point} is measured in {known.unit}, not in {unit}"
        )


def _check_limits(point: str, value: float, rules: Rules) -> None:
    known = rules.known.get(point)
    if known is None:
        return
    if (known.low is not None and value < known.low) or (known.high is not None and value > known.high):
        raise RowProblem(
            f"{point} 的值 {value:g} 超出 {known.low} 到 {known.high}",
            f"{point} cannot be {value:g}, only {known.low} to {known.high}",
        )


def taken(
    rows: Iterator[tuple[int, Cells | RowProblem]],
    file: Path,
    rules: Rules,
    findings: Findings,
    wide: Sequence[tuple[str, str]] | None,
) -> Iterator[Batch]:
    """The readings of a file's rows; what is wrong goes to `findings`.

    Args:
        rows: line and cells of each row, or what is wrong with it.
        wide: column and point of a wide table, None for a long one.
    """
    for line, row in rows:
        try:
            if isinstance(row, RowProblem):
                raise row
            batch = batch_of_row(row, rules) if wide is None else batch_of_wide_row(row, rules, wide)
        except Stranger as stranger:
            findings.met_stranger(file, line, stranger, rules)
        except (RowProblem, OverflowError) as problem:
            text = problem.text if isinstance(problem, RowProblem) else Text(str(problem), str(problem))
            findings.mistaken(file, line, text)
        else:
            if batch is not None:
                findings.took(batch)
                yield batch
