"""Commands that keep the building's memory: backup, restore, verify-backup, export, import, migrate-store."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import click

from facility.text import Language
from houqin.options import DATA_OPTION, DEFAULT_DATA, SITE_ARGUMENT, ended

AGGREGATES: Final = ("mean", "min", "max", "last", "sum", "count", "duration")
"""As `facility.store.Aggregate`, which brings numpy and would make every command slower to start."""

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


class LocalTime(click.ParamType[datetime]):
    """A date, or a time in ISO 8601; without an offset it is the site's local time."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value} 不是时间 / is no time; write 2026-07-01 or 2026-07-01T08:00+08:00", param, ctx)


class Step(click.ParamType[timedelta]):
    """An interval: a number with s, m, h or d."""

    name = "step"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        found = re.fullmatch(r"([1-9]\d{0,4})([smhd])", value, re.ASCII)
        if found is None:
            self.fail(f"{value} 不是间隔 / is no interval; write 15m, 1h or 1d", param, ctx)
        return timedelta(seconds=int(found[1]) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[found[2]])


class Mapped(click.ParamType[tuple[str, str]]):
    """A column and the point it holds, `column=point`."""

    name = "column=point"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        if isinstance(value, tuple):
            return value
        column, equals, point = value.rpartition("=")
        if not equals or not column:
            self.fail(f"{value}: 应写作 列=测点 / write COLUMN=POINT", param, ctx)
        return column, point


@click.command("export")
@SITE_ARGUMENT
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@DATA_OPTION
@click.option(
    "--from", "start", type=LocalTime(), required=True, help="起(含)/ first moment, local unless it has an offset"
)
@click.option("--to", "end", type=LocalTime(), required=True, help="止(不含)/ the moment before which it ends")
@click.option(
    "--points", multiple=True, metavar="GLOB", help="测点,可用 * 和 ? / points, with * and ? (all; repeat it)"
)
@click.option(
    "--format",
    "kind",
    type=click.Choice(["csv", "parquet"]),
    default=None,
    help="格式 / format (by OUT's name, else csv)",
)
@click.option(
    "--every", type=Step(), default=None, help="汇总间隔,如 15m、1h、1d / aggregate by so much (raw readings)"
)
@click.option(
    "--aggregate", type=click.Choice(AGGREGATES), default=None,
    help="汇总方式 / how a row of --every is made (mean, weighted by time)",
)  # fmt: skip
@click.option("--bom", is_flag=True, help="CSV 带 BOM,便于 Excel 打开 / CSV that Excel opens as UTF-8")
@click.option("--overwrite", is_flag=True, help="覆盖已有文件 / replace OUT")
@click.pass_obj
def export_command(language: Language, /, site: Path, out: Path, data: Path | None, **options: Any) -> None:
    """导出读数(可在运行中进行)/ write readings into a table, also while the site runs."""
    from facility.store import Aggregate
    from houqin.exchange import ExportOrder, write_table

    how, bom = options.pop("aggregate"), options.pop("bom")
    if how is not None and options["every"] is None:
        raise click.UsageError("--aggregate 需要 --every / needs --every")
    kind = options.pop("kind") or ("parquet" if out.suffix == ".parquet" else "csv")
    order = ExportOrder(kind=kind, aggregate=Aggregate(how or Aggregate.MEAN), byte_order_mark=bom, **options)
    ended(lambda: write_table(site, out, order, data=data or DEFAULT_DATA, language=language), language)


@click.command("import")
@SITE_ARGUMENT
@click.argument(
    "files", type=click.Path(exists=True, dir_okay=False, path_type=Path), nargs=-1, required=True, metavar="FILE..."
)
@DATA_OPTION
@click.option(
    "--map", "columns", type=Mapped(), multiple=True, help="宽表的列与测点 / column of a wide table, and its point"
)
@click.option("--time-column", default="time", show_default=True, help="时间列 / column of times")
@click.option("--local-times", is_flag=True, help="无时区的时间按站点当地时间 / times without an offset are local")
@click.option("--encoding", default="utf-8-sig", show_default=True, help="CSV 编码,如 gb18030 / encoding of CSV files")
@click.option("--any-point", is_flag=True, help="接受站点没有的测点 / take points that the site does not have")
@click.option("--any-time", is_flag=True, help="接受将来的时间 / take times ahead of now")
@click.option("--skip-bad", is_flag=True, help="跳过有错的行 / import the good rows though others are bad")
@click.option("--dry-run", is_flag=True, help="只检查,不写入 / check, write nothing")
@click.pass_obj
def import_command(
    language: Language, /, site: Path, files: tuple[Path, ...], data: Path | None, **options: Any
) -> None:
    """导入读数 / read readings from tables; all of them, or none."""
    from houqin.exchange import ImportOrder, read_tables

    order = ImportOrder(columns=dict(options.pop("columns")), **options)
    ended(lambda: read_tables(site, files, order, data=data or DEFAULT_DATA, language=language), language)


@click.command("migrate-store")
@SITE_ARGUMENT
@DATA_OPTION
@click.option(
    "--to", metavar="ENGINE:PLACE", default=None,
    help="embedded:目录 / DIR, influxdb:http://HOST:PORT/DATABASE, victoriametrics:http://HOST:PORT",
)  # fmt: skip
@click.option(
    "--to-site", type=click.Path(exists=True, dir_okay=False, path_type=Path), default=None,
    help="目标为该站点文件的时序库 / or the store that another site file names",
)  # fmt: skip
@click.option(
    "--to-data", type=click.Path(file_okay=False, path_type=Path), default=None, help="其数据目录 / and its data folder"
)
@click.option("--database", default=None, help="VictoriaMetrics 中的库名 / name of the data in VictoriaMetrics")
@click.option("--organisation", default=None, help="InfluxDB 2 的组织 / organisation of InfluxDB 2")
@click.option("--token-env", default=None, help="存放口令的环境变量 / variable that holds the server's token")
@click.option(
    "--state", type=click.Path(dir_okay=False, path_type=Path), default=None,
    help="进度文件 / file that says how far it is (in the data folder)",
)  # fmt: skip
@click.option("--merge", is_flag=True, help="目标可以已有数据 / the target may hold readings already")
@click.option("--points", is_flag=True, help="列出全部测点 / list every point, not only those that differ")
@click.pass_obj
def migrate_command(language: Language, /, site: Path, data: Path | None, **options: Any) -> None:
    """迁移时序库(可中断、可续传)/ copy all readings to another store and compare; go on where it stopped."""
    from houqin.migrate import MoveOrder, migrate

    ended(lambda: migrate(site, MoveOrder(**options), data=data or DEFAULT_DATA, language=language), language)


KEEPING: Final[tuple[click.Command, ...]] = (
    backup_command,
    restore_command,
    verify_command,
    export_command,
    import_command,
    migrate_command,
)
