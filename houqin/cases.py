"""`houqin case`: a journalled decision becomes a test case, and test cases are decided again."""

from __future__ import annotations

import contextlib
import io
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from facility.text import Language, Text
from houqin.keeping import LocalTime
from houqin.options import DATA_OPTION, DEFAULT_DATA, SITE_ARGUMENT, ended

if TYPE_CHECKING:
    from controller.replay.cases import Case
    from facility.journal import Journal
    from facility.journal.records import EventRecord
    from facility.model import Site

BACK: Final = timedelta(days=7)
"""A unit about which nothing was decided for so long before the time asked for has no case at it."""
STEP: Final = timedelta(hours=6)
ALL: Final = 2**31 - 1


@click.group("case")
def case_group() -> None:
    """决定用例 / decisions as test cases."""


@case_group.command("make")
@SITE_ARGUMENT
@click.argument("equipment")
@click.option("--at", type=LocalTime(), required=True, help="时刻,当地时间 / the moment, local; the decision that held")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default=None, help="写入文件 / file to write")
@DATA_OPTION
@click.pass_obj
def make_command(language: Language, /, site: Path, equipment: str, data: Path | None, **options: Any) -> None:
    """把某时刻的决定存为用例(可在运行中进行)/ write the decision that held at a moment as a test case."""
    ended(lambda: make_case(site, equipment, data=data or DEFAULT_DATA, language=language, **options), language)


@case_group.command("run")
@click.argument(
    "files", type=click.Path(exists=True, dir_okay=False, path_type=Path), nargs=-1, required=True, metavar="FILE..."
)
@click.pass_obj
def run_command(language: Language, files: tuple[Path, ...]) -> None:
    """重新判断用例 / decide test cases again; exit code 1 when one is decided otherwise."""
    ended(lambda: run_cases(files, language=language), language)


def make_case(path: Path, equipment: str, *, at: datetime, out: Path | None, data: Path, language: Language) -> int:
    """Writes the case as YAML, to `out` or the terminal.

    Raises:
        EntryRefused: there is no such equipment, or nothing was decided about it then.
        PolicyError: it was decided by another policy, or by another version.
    """
    from ruamel.yaml import YAML

    from controller.replay.cases import written
    from houqin.check import checked_site
    from houqin.terminal import say

    site = checked_site(path, language)
    when = at if at.tzinfo is not None else at.replace(tzinfo=site.zone)
    text = io.StringIO()
    yaml = YAML()
    yaml.allow_unicode, yaml.width = True, 120
    yaml.dump(written(_case_at(site, equipment, when, data)), text)
    if out is None:
        click.echo(text.getvalue(), nl=False)
        return 0
    try:
        out.write_text(text.getvalue(), encoding="utf-8")
    except OSError as error:
        from facility.errors import StoreUnavailable

        raise StoreUnavailable(f"{out} cannot be written: {error}; check free space and rights") from error
    say(Text(f"已写入 {out}", f"written to {out}"), language, error=True)
    return 0


def _case_at(site: Site, equipment: str, when: datetime, data: Path) -> Case:
    from controller.replay.cases import KIND, case_of
    from facility.errors import EntryRefused
    from facility.journal import Journal
    from houqin.tokens import journal_url

    if equipment not in site.equipment:
        raise EntryRefused(Text(f"没有设备 {equipment}", f"there is no equipment {equipment}"), field="equipment")
    with contextlib.closing(Journal(journal_url(data, site.file.journal))) as journal:
        event = _last_before(journal, KIND, equipment, when)
    if event is None:
        local = f"{when:%Y-%m-%d %H:%M}"
        said = Text(
            f"{local} 之前 {BACK.days} 天内没有 {equipment} 的决定记录",
            f"nothing was decided about {equipment} in the {BACK.days} days before {local}",
        )
        raise EntryRefused(said, field="at")
    document: Any = event.data
    return case_of(equipment, event.at, document, site.file.policy)


def _last_before(journal: Journal, kind: str, equipment: str, when: datetime) -> EventRecord | None:
    """The newest event about the equipment up to and including `when`, looked for in short steps back."""
    end = when + timedelta(microseconds=1)
    while end > when - BACK:
        found = journal.events(kind, start=end - STEP, end=end, limit=ALL)
        for one in found:
            if one.equipment == equipment:
                return one
        end -= STEP
    return None


def run_cases(files: tuple[Path, ...], *, language: Language) -> int:
    """Decides every case again and tells what came out otherwise; 1 when anything did."""
    from controller.replay.cases import differences, read_case
    from houqin.terminal import say

    wrong = 0
    for path in files:
        case = read_case(path)
        found = differences(case)
        if not found:
            say(Text(f"{path}：一致", f"{path}: the same"), language)
            continue
        wrong += 1
        say(Text(f"{path}：{case.equipment} 的决定不同", f"{path}: {case.equipment} is decided otherwise"), language)
        for line in found:
            click.echo(f"  {line}")
    return 1 if wrong else 0
