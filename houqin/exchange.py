"""What `houqin export` and `houqin import` do and print."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from facility.archive.exchange.export import Exported, Steps, chosen, export
from facility.archive.exchange.importing import examined, imported
from facility.archive.exchange.intake import Findings, Rules
from facility.archive.exchange.writing import table_file
from facility.archive.opening import require_free, store_for_reading, store_for_writing
from facility.commands import Actor
from facility.errors import ArchiveRefused, StoreUnavailable
from facility.journal import Journal
from facility.model import Site
from facility.model.near import did_you_mean
from facility.readings import from_us, to_us
from facility.store import Aggregate
from facility.text import Language, Text
from houqin.check import checked_site
from houqin.progress import TerminalProgress
from houqin.terminal import say
from houqin.tokens import journal_url

_HOLD_US: Final = 900_000_000
"""A good value holds so long, as in the HTTP interface."""

_AHEAD: Final = timedelta(days=1)
_COMMAND_LINE: Final = Actor(name="command-line")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOrder:
    """What to export; `start` and `end` naive: local time of the site. `every` None: readings as they are."""

    start: datetime
    end: datetime
    points: Sequence[str]
    kind: str
    every: timedelta | None
    aggregate: Aggregate
    byte_order_mark: bool
    overwrite: bool


def write_table(path: Path, out: Path, order: ExportOrder, *, data: Path, language: Language) -> int:
    """Exports readings of a site, also while it runs."""
    site = checked_site(path, language)
    start_us, end_us = _moment(order.start, site), _moment(order.end, site)
    if end_us <= start_us:
        raise ArchiveRefused(Text("--to 必须晚于 --from", "--to must be later than --from"))
    if out.exists() and not order.overwrite:
        raise ArchiveRefused(Text(f"{out} 已存在;加 --overwrite 覆盖", f"{out} exists; --overwrite replaces it"))
    steps = None
    if order.every is not None:
        steps = Steps(every=order.every, how=order.aggregate, hold_us=_HOLD_US, zone=site.zone)
    with store_for_reading(site.file.store, data) as store, TerminalProgress(language) as progress:
        units = _units(site, store.points(), order.points)
        try:
            with table_file(
                out, order.kind, site.zone, aggregated=steps is not None, byte_order_mark=order.byte_order_mark
            ) as writer:
                done = export(store, units, start_us, end_us, writer, steps=steps, progress=progress)
        except OSError as error:
            raise StoreUnavailable(f"{out} cannot be written: {error}; check free space and rights") from error
    _say_exported(done, out, language)
    return 0


def _moment(when: datetime, site: Site) -> int:
    return to_us(when if when.tzinfo is not None else when.replace(tzinfo=site.zone))


def _units(site: Site, stored: Sequence[str], globs: Sequence[str]) -> dict[str, str]:
    """The points asked for with their units; those that the site no longer has are exported without one."""
    known = sorted({*stored, *site.points})
    for glob in globs:
        if not chosen(known, [glob]):
            hint = did_you_mean(glob, known) or Text("", "")
            raise ArchiveRefused(
                Text(f"没有与 {glob} 相符的测点{hint.zh}", f"no point is called {glob} {hint.en}".rstrip()),
            )
    return {point: site.points[point].unit if point in site.points else "" for point in chosen(known, globs)}


def _say_exported(done: Exported, out: Path, language: Language) -> None:
    say(
        Text(
            f"已导出 {done.points} 个测点 {done.rows} 行(其中无数值 {done.missing} 行)到 {out}",
            f"{done.rows} rows of {done.points} points ({done.missing} without a value) are in {out}",
        ),
        language,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOrder:
    """How to import; see `facility.archive.exchange.intake.Rules`."""

    columns: dict[str, str]
    time_column: str
    local_times: bool
    any_point: bool
    any_time: bool
    skip_bad: bool
    dry_run: bool
    encoding: str


def read_tables(path: Path, files: Sequence[Path], order: ImportOrder, *, data: Path, language: Language) -> int:
    """Imports readings into a site's store, all good rows or none.

    Returns: 1 when there were bad rows, else 0.
    """
    site = checked_site(path, language)
    rules = Rules(
        known=site.points,
        any_point=order.any_point,
        columns=order.columns,
        time_column=order.time_column,
        local=site.zone if order.local_times else None,
        end_us=None if order.any_time else to_us(datetime.now(UTC) + _AHEAD),
        encoding=order.encoding,
    )
    if not order.dry_run and site.file.store.engine == "embedded":
        require_free(data)
    with TerminalProgress(language) as progress:
        found = examined(files, rules, progress)
    _say_found(found, language)
    if order.dry_run:
        say(Text("试运行:未写入任何数据", "dry run: nothing was written"), language)
        return 1 if found.bad_rows else 0
    if found.bad_rows and not order.skip_bad:
        say(
            Text("未写入任何数据;改正后重试,或用 --skip-bad 只导入正确的行",
                 "nothing was written; mend the rows, or import the others with --skip-bad"),
            language,
        )  # fmt: skip
        return 1
    data.mkdir(parents=True, exist_ok=True)
    with closing(store_for_writing(site.file.store, data)) as store, TerminalProgress(language) as progress:
        imported(files, rules, store, found, progress)
    with closing(Journal(journal_url(data, site.file.journal))) as journal:
        journal.audit(_COMMAND_LINE, "import", _detail(files, found), datetime.now(UTC))
    say(Text(f"已写入 {found.readings} 条读数", f"{found.readings} readings were written"), language)
    return 1 if found.bad_rows else 0


def _detail(files: Sequence[Path], found: Findings) -> dict[str, object]:
    return {
        "files": [file.name for file in files],
        "readings": found.readings,
        "bad_rows": found.bad_rows,
        "points": len(found.points),
        "first": None if found.first_us is None else from_us(found.first_us).isoformat(),
        "last": None if found.last_us is None else from_us(found.last_us).isoformat(),
    }


def _say_found(found: Findings, language: Language) -> None:
    for mistake in found.mistakes:
        zh, en = f"{mistake.file}:{mistake.line}:{mistake.text.zh}", f"{mistake.file}:{mistake.line}: {mistake.text.en}"
        say(Text(zh, en), language, error=True)
    if found.bad_rows > len(found.mistakes):
        more = found.bad_rows - len(found.mistakes)
        say(Text(f"……另有 {more} 行有错", f"... and {more} more bad rows"), language, error=True)
    if found.strangers:
        names = ", ".join(f"{point} ({rows})" for point, rows in sorted(found.strangers.items())[:20])
        say(
            Text(f"站点没有的测点(行数):{names};确要导入请加 --any-point",
                 f"points that the site does not have (rows): {names}; --any-point imports them all the same"),
            language, error=True,
        )  # fmt: skip
    span = ""
    if found.first_us is not None and found.last_us is not None:
        span = f", {from_us(found.first_us):%Y-%m-%d %H:%M} .. {from_us(found.last_us):%Y-%m-%d %H:%M} UTC"
    say(
        Text(
            f"{len(found.points)} 个测点 {found.readings} 条读数(其中无数值 {found.missing} 条),"
            f"{found.bad_rows} 行有错{span}",
            f"{found.readings} readings of {len(found.points)} points ({found.missing} without a value), "
            f"{found.bad_rows} bad rows{span}",
        ),
        language,
    )
