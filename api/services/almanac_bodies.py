"""What people send about the office's year: the site file's entries, with texts that become part of sentences."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from api.shapes import OneLineGiven
from facility.almanac import ExtraWorkday, TableDay, YearTable
from facility.model.almanac_entries import ClosureEntry, DutyTurnEntry, HalfDayEntry, TimetableEntry
from facility.year_table import LARGEST_BYTES, checked_table, read_days


def _config(**example: Any) -> ConfigDict:
    return ConfigDict(extra="forbid", frozen=True, json_schema_extra={"example": example})


class ClosureBody(ClosureEntry):
    """The site, or the parts named, does not work from `first` to `last`, both included."""

    model_config = _config(
        first="2026-08-03", last="2026-08-05", reason="集中休假", notice="行政科通知〔2026〕8号", offices=["office-b"]
    )

    reason: OneLineGiven
    notice: OneLineGiven


class HalfDayBody(HalfDayEntry):
    """A workday of which a part is worked: from `opens`, until `closes` (local, 12:00); one of them is needed."""

    model_config = _config(day="2026-09-30", closes="12:00", notice="行政科通知〔2026〕10号")

    notice: OneLineGiven


class WorkdayBody(BaseModel):
    """A day of rest on which the site works after all."""

    model_config = _config(day="2026-08-15", notice="行政科通知〔2026〕9号")

    day: date
    notice: OneLineGiven

    @property
    def workday(self) -> ExtraWorkday:
        """As the calendar takes it."""
        return ExtraWorkday(day=self.day, notice=self.notice)


class TimetableBody(TimetableEntry):
    """Other hours for a part of the year. By a `notice` supply follows them; else only within the rules' hours."""

    model_config = _config(
        name={"zh": "夏季作息", "en": "summer hours"}, first="06-01", last="09-30",
        sessions=["08:00-12:00", "15:00-18:00"], notice="行政科通知〔2026〕6号",
    )  # fmt: skip


class DutyBody(BaseModel):
    """Who is on duty, for any number of shifts; each takes the place of what stood for its day and shift."""

    model_config = _config(
        turns=[{"day": "2026-10-01", "shift": "day", "people": [{"name": "值班员", "phone": "0731-0000000"}]}]
    )

    turns: tuple[DutyTurnEntry, ...] = Field(min_length=1, max_length=800)


class TableBody(BaseModel):
    """A whole year's holidays and make-up workdays. `content` is the file's text, CSV or JSON; see the manual."""

    model_config = _config(
        year=2026,
        notice="国办发明电〔2025〕7号",
        issued="2025-11-04",
        content="日期,类型,节日\n2026-01-01,放假,元旦\n2026-01-04,上班,元旦\n",
    )

    year: int = Field(ge=2004, le=2100)
    notice: OneLineGiven
    issued: date
    content: Annotated[str, Field(min_length=1, max_length=LARGEST_BYTES)]

    def table(self) -> YearTable:
        """The table, checked.

        Raises:
            EntryRefused: it cannot be read, or cannot be true.
        """
        return table_of(self.year, self.notice, self.issued, self.content.encode())


def table_of(year: int, notice: str, issued: date, content: bytes) -> YearTable:
    """The table in a file, checked.

    Raises:
        EntryRefused: it cannot be read, or cannot be true.
    """
    days: list[TableDay] = read_days(content)
    return checked_table(year, notice=notice, issued=issued, days=days)
