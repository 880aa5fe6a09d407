"""What `houqin backup`, `restore` and `verify-backup` do and print."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from unicodedata import east_asian_width

import click

from facility.archive.backup import Backup, Source, make_backup
from facility.archive.manifest import SITE
from facility.archive.package import Package
from facility.archive.restore import Target, restore
from facility.archive.site_files import REMOVED
from facility.archive.tally import PointTally
from facility.archive.verification import Verification, verify
from facility.errors import StoreUnavailable
from facility.model import SiteFile
from facility.readings import from_us
from facility.text import Language, Text
from houqin import __version__
from houqin.check import loaded_site
from houqin.progress import TerminalProgress
from houqin.terminal import say
from houqin.tokens import journal_url


def back_up(site: Path, target: Path, *, data: Path, keep: int | None, language: Language) -> int:
    """Makes a backup and says what is in it.

    Returns: 1 when readings of the store itself could not be read, else 0.
    """
    file = loaded_site(site, language)
    url = journal_url(data, file.journal)
    source = Source(site_path=site, site=file, data=data, records_url=url, product=__version__)
    with TerminalProgress(language) as progress:
        made = make_backup(source, target, at=datetime.now(UTC), keep=keep, progress=progress)
    _say_backup(made, language)
    return 1 if made.unreadable else 0


def _say_backup(made: Backup, language: Language) -> None:
    click.echo(str(made.path))
    manifest = made.manifest
    counts = len(manifest.points), manifest.readings, len(manifest.tables), sum(manifest.tables.values())
    size = f"{made.size / 2**20:.1f} MiB" if made.size >= 2**20 else f"{made.size / 2**10:.0f} KiB"
    say(
        Text(
            f"已备份 {counts[0]} 个测点的 {counts[1]} 条读数,{counts[2]} 张记录表共 {counts[3]} 行,{size}",
            f"{counts[1]} readings of {counts[0]} points, {counts[3]} rows of {counts[2]} tables, {size}",
        ),
        language,
    )
    for old in made.removed:
        say(Text(f"已删除旧备份 {old.name}", f"deleted the older backup {old.name}"), language)
    if made.passwords:
        say(
            Text(
                f"站点文件里有 {made.passwords} 处地址带密码,备份中以 {REMOVED} 代替;请另行保管",
                f"{made.passwords} passwords in addresses of the site file are not in the backup ({REMOVED} stands "
                "there); keep them elsewhere",
            ),
            language,
            error=True,
        )
    for name in made.outside:
        say(
            Text(f"不在备份中(位于站点目录之外):{name}", f"not in the backup, it lies elsewhere: {name}"),
            language,
            error=True,
        )
    for said in made.unreadable:
        say(
            Text(f"时序数据有损坏,已原样备份:{said}", f"the store is damaged, backed up as it is: {said}"),
            language,
            error=True,
        )


def put_back(backup: Path, *, data: Path, site: Path | None, replace: bool, language: Language) -> int:
    """Restores a backup and says how to go on."""
    with Package(backup) as package, TerminalProgress(language) as progress:
        file = _site_of(package, site, language)
        url = None if file.journal.url_env is None else journal_url(data, file.journal)
        target = Target(data=data, store=file.store, records_url=url, replace=replace)
        done = restore(package, target, at=datetime.now(UTC), progress=progress)
    manifest = done.manifest
    say(
        Text(
            f"已恢复 {manifest.site} 于 {manifest.made:%Y-%m-%d %H:%M:%S} UTC 的备份:{manifest.readings} 条读数,"
            f"{sum(manifest.tables.values())} 行记录",
            f"restored {manifest.site} as of {manifest.made:%Y-%m-%d %H:%M:%S} UTC: {manifest.readings} readings, "
            f"{sum(manifest.tables.values())} rows of records",
        ),
        language,
    )
    if done.aside is not None:
        say(Text(f"原有内容移到 {done.aside}", f"what was there is now {done.aside}"), language)
    started = site if site is not None else done.site_file
    say(Text("启动:", "start it with:"), language)
    click.echo(f"houqin run {started} --data {data}")
    return 0


def _site_of(package: Package, site: Path | None, language: Language) -> SiteFile:
    """The site file given, or the one in the backup."""
    if site is not None:
        return loaded_site(site, language)
    with TemporaryDirectory(prefix="houqin-site-") as made:
        for name in package.manifest.parts:
            if name.startswith(SITE):
                package.extract(name, Path(made) / name)
        return loaded_site(Path(made) / package.manifest.site_file, language)


def drill(backup: Path, *, scratch: Path | None, points: bool, language: Language) -> int:
    """Verifies a backup and prints what was found.

    Returns: 0 when nothing differs, else 1.
    """
    with Package(backup) as package, TerminalProgress(language) as progress:
        try:
            found = verify(package, scratch=scratch, progress=progress)
        except OSError as error:
            raise StoreUnavailable(f"the backup cannot be unpacked: {error}; name a folder with --scratch") from error
    _say_parts(found, language)
    if not found.damaged_parts:
        _say_tables(found, language)
        _say_points(found, language, every=points)
    for failure in found.failures:
        say(failure, language)
    verdict = (
        Text("备份完好,可以恢复", "the backup is sound") if found.sound else Text("备份有问题", "the backup differs")
    )
    click.secho(verdict.in_language(language), fg="green" if found.sound else "red", bold=True)
    return 0 if found.sound else 1


def _say_parts(found: Verification, language: Language) -> None:
    head = [Text("部分", "part"), Text("大小", "bytes"), Text("校验", "check")]
    sound, wrong = Text("一致", "ok"), Text("损坏", "DAMAGED")
    rows = []
    for name, part in found.manifest.parts.items():
        said = found.damaged_parts.get(name)
        verdict = sound.in_language(language) if said is None else f"{wrong.in_language(language)}: {said}"
        rows.append([name, str(part.size), verdict])
    print_table([text.in_language(language) for text in head], rows)


def _say_tables(found: Verification, language: Language) -> None:
    head = [Text("记录表", "table"), Text("清单行数", "rows listed"), Text("恢复行数", "rows restored")]
    head.append(Text("核对", "check"))
    rows = [
        [check.table, _number(check.listed), _number(check.found), _verdict(check.listed == check.found, language)]
        for check in found.tables
    ]
    print_table([text.in_language(language) for text in head], rows)


def _say_points(found: Verification, language: Language, *, every: bool) -> None:
    shown = [check for check in found.points if every or not check.same]
    if shown:
        head = [Text("测点", "point"), Text("清单", "listed"), Text("恢复", "restored"), Text("核对", "check")]
        rows = [[check.point, told(check.listed), told(check.found), _verdict(check.same, language)] for check in shown]
        print_table([text.in_language(language) for text in head], rows)
    same = sum(check.same for check in found.points)
    readings = sum(check.found.count for check in found.points if check.found is not None)
    say(
        Text(
            f"测点 {len(found.points)} 个,一致 {same} 个;读数 {readings} 条,清单 {found.manifest.readings} 条",
            f"{len(found.points)} points, {same} the same; {readings} readings, {found.manifest.readings} listed",
        ),
        language,
    )


def told(tally: PointTally | None) -> str:
    """A point's figures in one cell."""
    if tally is None:
        return "-"
    if tally.damage is not None:
        return tally.damage
    if tally.first_us is None or tally.last_us is None:
        return "0"
    span = f"{from_us(tally.first_us):%Y-%m-%dT%H:%M:%SZ}..{from_us(tally.last_us):%Y-%m-%dT%H:%M:%SZ}"
    total = "-" if tally.total is None else repr(tally.total)
    return f"{tally.count} ({tally.missing}) {span} Σ {total}"


def _number(value: int | None) -> str:
    return "-" if value is None else str(value)


def _verdict(same: bool, language: Language) -> str:
    return Text("一致" if same else "不一致", "ok" if same else "DIFFERS").in_language(language)


def print_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Columns side by side; a Chinese character takes two places."""
    lines = [list(head), *(list(row) for row in rows)]
    widths = [max(_width(line[column]) for line in lines) for column in range(len(head))]
    for line in lines:
        cells = (cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


def _width(text: str) -> int:
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)
