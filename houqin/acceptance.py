"""The acceptance sheet: what every device says, to be compared with its own display."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from api.pages.texts import STATES, UNITS
from api.reports.table import table_csv
from api.reports.workbook import Workbook
from facility.quantities import ENUMERATIONS
from facility.readings import STATUS_TEXTS, Status
from facility.text import Language, Text
from gateway.commissioning.inspection import Inspected
from gateway.commissioning.reading import Told

TITLE: Final = Text("设备验收单", "Acceptance sheet")
COLUMNS: Final = (
    Text("线路", "line"),
    Text("站号或表号", "unit or number"),
    Text("模板", "profile"),
    Text("测点", "point"),
    Text("名称", "name"),
    Text("读数", "read"),
    Text("单位", "unit of measure"),
    Text("质量", "quality"),
    Text("表上显示", "on the display"),
    Text("是否一致", "agrees"),
)
WIDTHS: Final = (16, 14, 24, 20, 28, 14, 8, 16)


def sheet_rows(line: str, devices: Iterable[Inspected]) -> Iterator[list[Any]]:
    """One row per value of every device, nameplates first; the last two columns are for the person at the meter."""
    for device in devices:
        place = device.address if device.unit is None else device.unit
        best = device.best
        if best is None:
            unknown = Text("没有匹配的模板", "no profile fits")
            yield [line, place, None, None, unknown, None, None, None, None, None]
            continue
        for plate in device.plate:
            yield [line, place, best.profile.profile, plate.plate.id, plate.plate.name.text, plate.said] + [None] * 4
        for told in best.told:
            spec = told.point.spec
            shown, quality = _shown(told), STATUS_TEXTS[told.status]
            unit = None if spec.enumeration is not None else UNITS.get(told.point.unit, told.point.unit)
            yield [line, place, best.profile.profile, spec.id, spec.name.text, shown, unit, quality, None, None]


def _shown(told: Told) -> float | str | Text | None:
    """The value; a state by its name."""
    if told.value is None:
        return None
    enumeration = told.point.spec.enumeration
    if enumeration is None:
        return round(told.value, 4)
    name = ENUMERATIONS[enumeration][int(told.value)]
    return STATES.get((enumeration, name), name)


def write_sheet(path: Path, rows: Sequence[Sequence[Any]], language: Language) -> None:
    """Writes the sheet as a workbook where the file is called `.xlsx`, else as CSV."""
    if path.suffix.lower() == ".xlsx":
        with path.open("wb") as file:
            book = Workbook(file, language)
            book.sheet(TITLE, COLUMNS).add_all(rows)
            book.close()
        return
    names = [column.in_language(language) for column in COLUMNS]
    path.write_text(table_csv(names, rows, language), encoding="utf-8", newline="")


def text_sheet(rows: Iterable[Sequence[Any]], language: Language) -> Iterator[str]:
    """The sheet for the terminal, without the columns that are filled in by hand."""
    for row in rows:
        _, _, _, point, name, value, unit, quality, *_ = (_plain(cell, language) for cell in row)
        flaw = "" if quality in ("", STATUS_TEXTS[Status.GOOD].in_language(language)) else f"  ! {quality}"
        yield f"    {point:<24} {value:>14} {unit:<6} {name}{flaw}"


def _plain(cell: Any, language: Language) -> str:
    if cell is None:
        return ""
    return cell.in_language(language) if isinstance(cell, Text) else str(cell)
