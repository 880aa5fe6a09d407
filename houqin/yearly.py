"""`houqin calendar`: a year as the building knows it, and entering the table of one from a file."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import click

from facility.text import Language, Text
from houqin.options import DATA_OPTION, DEFAULT_DATA, SITE_ARGUMENT, ended
from houqin.terminal import say

YEAR: Final = click.IntRange(2004, 2100)
STATUS: Final = {
    "official": Text("已有正式通知", "official"),
    "provisional": Text("暂定，没有正式通知", "provisional: no official notice"),
    "missing": Text("只知周末与固定日期的法定假日", "weekends and fixed dates only"),
}


@click.group("calendar")
def calendar_group() -> None:
    """年历:节假日、调休、停止办公 / the year: holidays, make-up workdays, closures."""


@calendar_group.command("show")
@SITE_ARGUMENT
@click.argument("year", type=YEAR)
@DATA_OPTION
@click.pass_obj
def show_command(language: Language, /, site: Path, year: int, data: Path | None) -> None:
    """显示一年中与平常不同的日子 / the days of a year that are not what their weekday says."""
    ended(lambda: show(site, year, data=data or DEFAULT_DATA, language=language), language)


@calendar_group.command("import")
@SITE_ARGUMENT
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--year", type=YEAR, required=True, help="年份 / year")
@click.option("--notice", required=True, help="通知文号 / the notice and its number")
@click.option("--issued", type=click.DateTime(["%Y-%m-%d"]), required=True, help="发文日期 / date of the notice")
@click.option("--by", default="houqin calendar", show_default=True, help="录入人 / who enters it")
@DATA_OPTION
@click.pass_obj
def import_command(language: Language, /, site: Path, file: Path, data: Path | None, **options: Any) -> None:
    """录入全年放假安排(CSV 或 JSON)/ enter a whole year's table, CSV or JSON; a running site follows in a minute."""
    ended(lambda: enter_table(site, file, data=data or DEFAULT_DATA, language=language, **options), language)


def show(path: Path, year: int, *, data: Path, language: Language) -> int:
    """Prints how well a year is known, and every day of it that is not what its weekday says.

    Raises:
        SiteFileError: the site file has mistakes; they are printed before.
        StoreUnavailable, StoreDamaged, StoreRefused: the records cannot be read.
    """
    from facility.calendar import Calendar
    from facility.journal import Journal
    from houqin.check import loaded_site
    from houqin.tokens import journal_url

    file = loaded_site(path, language)
    calendar = Calendar.of(file)
    if file.journal.url_env is not None or (data / "journal.db").exists():
        journal = Journal(journal_url(data, file.journal))
        try:
            calendar.refresh(journal.almanac.standing())
        finally:
            journal.close()
    status = STATUS[calendar.status(year)]
    table = calendar.table(year)
    source = "" if table is None else f" ({table.notice}, {table.issued}, sha256 {table.sha256})"
    say(Text(f"{year} 年：{status.zh}{source}", f"{year}: {status.en}{source}"), language)
    day = date(year, 1, 1)
    while day.year == year:
        found = calendar.day(day)
        if found.kind != ("rest" if day.weekday() >= 5 else "workday") or found.festival is not None or found.half:
            mark = Text("上班", "works") if found.kind == "workday" else Text("休息", "rests")
            say(Text(f"{day} {mark.zh} {found.why.zh}", f"{day} {mark.en} {found.why.en}"), language)
        day += timedelta(days=1)
    return 0


def enter_table(
    path: Path, file: Path, *, year: int, notice: str, issued: datetime, by: str, data: Path, language: Language
) -> int:
    """Checks the table in `file` and enters it into the records.

    Raises:
        SiteFileError: the site file has mistakes; they are printed before.
        EntryRefused: the table cannot be true; says all that is wrong.
        StoreUnavailable, StoreDamaged, StoreRefused: the records cannot be written.
    """
    from facility.commands import Actor, Role
    from facility.journal import Journal
    from facility.year_table import checked_table, read_days
    from houqin.check import loaded_site
    from houqin.tokens import journal_url

    site = loaded_site(path, language)
    table = checked_table(year, notice=notice, issued=issued.date(), days=read_days(file.read_bytes()))
    if site.journal.url_env is None:
        data.mkdir(parents=True, exist_ok=True)
    journal = Journal(journal_url(data, site.journal))
    try:
        journal.almanac.enter([table], actor=Actor(name=by, role=Role.ADMINISTRATOR), at=datetime.now(UTC))
    finally:
        journal.close()
    count = len(table.days)
    say(
        Text(
            f"已录入 {year} 年放假安排：{count} 天，SHA-256 {table.sha256}",
            f"entered the table of {year}: {count} days, SHA-256 {table.sha256}",
        ),
        language,
    )
    return 0
