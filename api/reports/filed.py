"""The filings of a month as lines of cells, for the statement's files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from api.services.filed import FiledView
from facility.text import Text

FILINGS: Final = Text("备案", "Filings")

DEFINITION: Final = Text(
    "用电量:备案生效期间,规定时间段以外及休息日由其放宽的时间内,本科室有关室内机的用电(室外机按该时段内各室内机的运行分摊,"
    "不含待机;室内机自有电表按读数)。时间重叠的备案各自列出。",
    "Electricity: of the office's indoor units concerned, while the filing was in force, in the hours outside the "
    "window and on days of rest that it opened (the outdoor unit split by the running in those hours, without standby; "
    "own meters as read). Filings that overlap each tell the same hours.",
)

HEAD: Final = (
    Text("编号", "Number"), Text("类别", "Kind"), Text("状态", "State"), Text("申请人", "Filed by"),
    Text("房间", "Rooms"), Text("开始", "From"), Text("结束", "To"), Text("放宽内容", "Relaxed"),
    Text("事由", "Reason"), Text("依据", "Reference"), Text("是否逾时", "Late"), Text("生效 (h)", "In force (h)"),
    Text("时间段外 (h)", "Beyond the window (h)"), Text("用电量 (kWh)", "Electricity (kWh)"), Text("说明", "Note"),
)  # fmt: skip

INCOMPLETE: Final = Text("部分时间无读数", "part of it is not known")
_LATE: Final = Text("逾时", "late")


def filed_lines(rows: Sequence[FiledView]) -> Iterator[list[Any]]:
    """A line for each, then how the electricity is meant."""
    for row in rows:
        yield [
            row.id, row.kind_text, row.phase_text, row.applicant, row.places, row.begins, row.end, row.relaxed,
            row.reason, row.reference or None, _LATE if row.late else None, round(row.held_h, 3),
            round(row.beyond_h, 3), None if row.energy_kwh is None else round(row.energy_kwh, 3), note_of(row),
        ]  # fmt: skip
    if rows:
        yield [DEFINITION]


def filed_summary(rows: Sequence[FiledView]) -> Iterator[list[Any]]:
    """What, how much, unit, note: a line for each, as in the summary of a statement."""
    for row in rows:
        places = Text(f"备案 {row.id} 号 {row.places.zh}", f"Filing {row.id}: {row.places.en}")
        hours = (f"{row.held_h:.2f} h", f"{row.beyond_h:.2f} h")
        held = Text(
            f"{row.kind_text.zh};{row.relaxed.zh};生效 {hours[0]},时间段外 {hours[1]}",
            f"{row.kind_text.en}; {row.relaxed.en}; in force {hours[0]}, beyond the window {hours[1]}",
        )
        yield [places, None if row.energy_kwh is None else round(row.energy_kwh, 3), "kWh", held]


def note_of(row: FiledView) -> Any:
    """Why the electricity is not told, or not all of it."""
    if row.why is not None:
        return row.why
    return None if row.complete else INCOMPLETE
