"""`houqin replay`: policies tried out over recorded time, on the command line."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import click

from facility.text import Language, Text
from houqin.cases import case_group
from houqin.keeping import LocalTime
from houqin.options import DATA_OPTION, DEFAULT_DATA, SITE_ARGUMENT, ended

FORECASTS_BEFORE: Final = timedelta(days=3)
"""Forecasts that count at the beginning were fetched in these days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayOrder:
    """What to try; `start` and `end` naive: local time of the site. No `policies`: the site's own alone."""

    start: datetime
    end: datetime
    policies: tuple[Path, ...]
    csv: Path | None
    kind: str


@click.command("replay")
@SITE_ARGUMENT
@DATA_OPTION
@click.option("--from", "start", type=LocalTime(), required=True, help="起(含),当地时间 / first moment, local")
@click.option("--to", "end", type=LocalTime(), required=True, help="止(不含)/ the moment before which it ends")
@click.option(
    "--policy", "policies", type=click.Path(exists=True, dir_okay=False, path_type=Path), multiple=True,
    help="要比较的制度文件(含 policy:),可重复 / file with a `policy:` section to lay beside the site's own",
)  # fmt: skip
@click.option(
    "--csv", type=click.Path(dir_okay=False, path_type=Path), default=None, help="另存为 CSV / write all figures here"
)
@click.option(
    "--format", "kind", type=click.Choice(["text", "csv", "json"]), default="text", show_default=True,
    help="输出格式 / what is printed",
)  # fmt: skip
@click.pass_obj
def replay_command(language: Language, /, site: Path, data: Path | None, **options: Any) -> None:
    """用记录试行制度(可在运行中进行)/ try policies out over recorded time, also while the site runs."""
    order = ReplayOrder(**options)
    ended(lambda: replay(site, order, data=data or DEFAULT_DATA, language=language), language)


def replay(path: Path, order: ReplayOrder, *, data: Path, language: Language) -> int:
    """Tries the site's own policy and those of files over what was recorded, and prints what came of it.

    Raises:
        SiteFileError: the site file or a policy file has mistakes; they are printed before.
        EntryRefused: the span is empty or too long. StoreUnavailable, StoreDamaged: the record cannot be read.
    """
    import orjson
    from pydantic import TypeAdapter

    from controller.replay.trial import checked_request, run_trial
    from facility.archive.opening import store_for_reading
    from facility.trial_rows import as_csv, lines
    from facility.trials import PolicyChoice, TrialRequest, TrialResult
    from houqin.check import checked_site
    from houqin.progress import TerminalProgress

    site = checked_site(path, language)
    own = PolicyChoice(name=site.file.policy.preset)
    choices = [own, *(_choice(file, site.file, language) for file in order.policies)]
    start, end = (when if when.tzinfo else when.replace(tzinfo=site.zone) for when in (order.start, order.end))
    request = checked_request(TrialRequest(start=start, end=end, policies=tuple(_told_apart(choices))))
    past = past_of(data, site.file.journal, request.start - FORECASTS_BEFORE, request.end)
    what = Text("试行", "going through the record")
    with store_for_reading(site.file.store, data) as store, TerminalProgress(language) as shown:
        result = run_trial(site, store, past, request, progress=lambda done, total: shown(what, done, total))
    if order.csv is not None:
        with _writable(order.csv):
            order.csv.write_text(as_csv(result), encoding="utf-8-sig")
    if order.kind == "json":
        click.echo(orjson.dumps(TypeAdapter(TrialResult).dump_python(result, mode="json")).decode())
    elif order.kind == "csv":
        click.echo(as_csv(result), nl=False)
    else:
        for line in lines(result, language):
            click.echo(line)
    return 0


def past_of(data: Path, entry: Any, start: datetime, end: datetime) -> Any:
    """Forecasts fetched in [start, end), filings that touch it, and what people entered about meters
    and the calendar."""
    from controller.replay.recording import Past
    from facility.journal import Journal
    from houqin.tokens import journal_url

    with contextlib.closing(Journal(journal_url(data, entry))) as journal:
        return Past(
            forecasts=journal.trials.forecasts(start, end),
            filings=journal.filings.register(start, end),
            histories=journal.accounts.histories(),
            almanac=journal.almanac.standing(),
        )


def _choice(path: Path, file: Any, language: Language) -> Any:
    from controller.replay.policy_file import read_choice
    from facility.errors import SiteFileError
    from houqin.terminal import say_problems

    try:
        return read_choice(path, file)
    except SiteFileError as error:
        errors, _ = say_problems(error.problems, language)
        text = Text(f"{path} 有 {errors} 个错误,未试行", f"{path} has {errors} errors; nothing was tried")
        raise SiteFileError(text.in_language(language), problems=error.problems) from error


def _told_apart(choices: list[Any]) -> Iterator[Any]:
    """With names of their own: two files of one name are numbered."""
    from dataclasses import replace

    seen: set[str] = set()
    for choice in choices:
        name, number = choice.name, 2
        while name in seen:
            name, number = f"{choice.name} ({number})", number + 1
        seen.add(name)
        yield replace(choice, name=name)


@contextlib.contextmanager
def _writable(path: Path) -> Iterator[None]:
    from facility.errors import StoreUnavailable

    try:
        yield
    except OSError as error:
        raise StoreUnavailable(f"{path} cannot be written: {error}; check free space and rights") from error


REPLAYING: Final[tuple[click.Command, ...]] = (replay_command, case_group)
