"""How the rules were kept, as lines of cells, for the statement's files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from api.services.observance import ObservanceRow
from facility.text import Text

OBSERVANCE: Final = Text("制度执行", "Keeping to the rules")

HEAD: Final = (
    Text("规定", "Rule"), Text("条款", "Clause"), Text("违规 (min)", "Broken (min)"), Text("次数", "Times"),
    Text("恢复次数", "Put back"), Text("备案 (min)", "Filed (min)"), Text("不明 (min)", "Not known (min)"),
    Text("判断 (min)", "Judged (min)"), Text("遵守率", "Kept"),
)  # fmt: skip


def observed_lines(rows: Sequence[ObservanceRow]) -> Iterator[list[Any]]:
    """A line for each rule."""
    for row in rows:
        yield [
            row.rule_name, " ".join(row.clauses), row.broken_minutes, row.times, row.put_back, row.filed_minutes,
            row.unknown_minutes, row.judged_minutes, _kept(row.kept_share),
        ]  # fmt: skip


def _kept(share: float | None) -> float | None:
    """To four digits; what was broken once is never 1."""
    return None if share is None else round(share, 4) if share == 1.0 else min(round(share, 4), 0.9999)


def observed_summary(rows: Sequence[ObservanceRow]) -> Iterator[list[Any]]:
    """What, how much, unit, note: a line for each rule, as in the summary of a statement."""
    for row in rows:
        told = Text(
            f"{' '.join(row.clauses)};{row.times} 次;备案 {row.filed_minutes} min;不明 {row.unknown_minutes} min",
            f"{' '.join(row.clauses)}; {row.times} times; filed {row.filed_minutes} min; "
            f"not known {row.unknown_minutes} min",
        )
        yield [row.rule_name, row.broken_minutes, "min", told]
