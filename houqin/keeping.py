"""Commands that keep the building's memory: backup, restore, verify-backup, export, import, migrate-store."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import click

from facility.text import Language
from houqin.options import DATA_OPTION, DEFAULT_DATA, SITE_ARGUMENT, ended

BACKUP_ARGUMENT: Final = click.argument("backup", type=click.Path(exists=True, dir_okay=False, path_type=Path))
SITE_OPTION: Final = click.option(
    "--site",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=None,
    help="恢复到此站点文件指定的数据库 / site file that names the engines to restore into (the one in the backup)",
)


@click.command("backup")
@SITE_ARGUMENT
@click.argument("target", type=click.Path(file_okay=False, path_type=Path))
@DATA_OPTION
@click.option(
    "--keep", type=click.IntRange(min=1), default=None, help="只保留最近几份 / keep so many, delete older ones"
)
@click.pass_obj
def backup_command(language: Language, site: Path, target: Path, data: Path | None, keep: int | None) -> None:
    """备份(可在运行中进行)/ write a backup into TARGET, also while the site runs."""
    from houqin.archive import back_up

    ended(lambda: back_up(site, target, data=data or DEFAULT_DATA, keep=keep, language=language), language)


@click.command("restore")
@BACKUP_ARGUMENT
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="恢复到的目录 / folder to restore into",
)
@SITE_OPTION
@click.option("--replace", is_flag=True, help="把原有数据移到一旁 / move what is there aside (never deleted)")
@click.pass_obj
def restore_command(language: Language, backup: Path, data: Path, site: Path | None, replace: bool) -> None:
    """恢复备份 / put a backup back."""
    from houqin.archive import put_back

    ended(lambda: put_back(backup, data=data, site=site, replace=replace, language=language), language)


@click.command("verify-backup")
@BACKUP_ARGUMENT
@click.option(
    "--scratch", type=click.Path(exists=True, file_okay=False, path_type=Path), default=None,
    help="演练用的临时目录 / where the drill may unpack (the system's temporary folder)",
)  # fmt: skip
@click.option("--points", is_flag=True, help="列出全部测点 / list every point, not only those that differ")
@click.pass_obj
def verify_command(language: Language, /, **options: Any) -> None:
    """恢复演练 / restore drill: unpack, open, count, compare; exit code 1 when something differs."""
    from houqin.archive import drill

    ended(lambda: drill(language=language, **options), language)


KEEPING: Final[tuple[click.Command, ...]] = (backup_command, restore_command, verify_command)
