"""The register of filings as lines of a table, as it is filed away: one line each, every column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from api.services.filing_views import FilingView, PersonView
from facility.text import Text

REGISTER: Final = Text("空调使用备案登记表", "Register of filings")

COLUMNS: Final = (
    Text("编号", "Number"),
    Text("类别", "Kind"),
    Text("状态", "State"),
    Text("申请人", "Filed by"),
    Text("科室", "Office"),
    Text("房间", "Rooms"),
    Text("开始", "From"),
    Text("结束", "To"),
    Text("放宽内容", "Relaxed"),
    Text("事由", "Reason"),
    Text("依据", "Reference"),
    Text("备案时间", "Filed at"),
    Text("是否逾时", "Late"),
    Text("审批人", "Decided by"),
    Text("审批时间", "Decided at"),
    Text("审批意见", "Note"),
    Text("撤销人", "Revoked by"),
    Text("撤销时间", "Revoked at"),
    Text("撤销原因", "Reason for revoking"),
)
_YES: Final = Text("是", "yes")
_NO: Final = Text("否", "no")


def register_lines(rows: Iterable[FilingView]) -> Iterator[list[Any]]:
    """A line for each."""
    for row in rows:
        yield [
            row.id, row.kind_text, row.phase_text, row.applicant, row.office_name or row.office, row.scope.places,
            row.begins, row.end, row.relaxes.text, row.reason, row.reference or None, row.filed,
            _YES if row.late else _NO, *_person(row.decided), *_person(row.revoked),
        ]  # fmt: skip


def _person(found: PersonView | None) -> list[Any]:
    return [None, None, None] if found is None else [found.by, found.at, found.note or None]
