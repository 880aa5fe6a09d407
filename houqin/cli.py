"""The command line: `houqin demo | run | simulate | check | schema | token`, and what `houqin.keeping` adds."""

from __future__ import annotations

import logging
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from facility.commands import Role
from facility.text import Language, Text
from houqin import __version__
from houqin.keeping import KEEPING
from houqin.log_lines import LogLines
from houqin.options import DATA_OPTION, DEFAULT_DATA, SITE_ARGUMENT, ended
from houqin.profiles import PROFILES
from houqin.replay import REPLAYING
from houqin.scan_command import scan_command
from houqin.terminal import language_of_terminal, say
from houqin.yearly import calendar_group

PORT_OPTION = click.option(
    "--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="网页端口 / web port"
)


class Speed(click.FloatRange):
    """A clock's pace; what is not a number fits no range, though it fails no comparison either."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        speed = super().convert(value, param, ctx)
        if speed != speed:  # noqa: PLR0124
            self.fail(f"{value} is not in the range {self._describe_range()}.", param, ctx)
        return speed


class Beginning(click.DateTime):
    """A local time that has a past and a future: a demonstration lives through both."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        when = super().convert(value, param, ctx)
        if not 1990 <= when.year <= 2100:
            self.fail(f"{value} is not in the years 1990 to 2100.", param, ctx)
        return when


SPEED_OPTION = click.option(
    "--speed",
    type=Speed(min=0, min_open=True, max=3600),
    default=1.0,
    show_default=True,
    help="时钟倍速 / clock seconds per second",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
@click.option(
    "--language", type=click.Choice(["zh", "en"]), default=None, help="输出语言 / language of the output (HOUQIN_LANG)"
)
@click.option("-v", "--verbose", is_flag=True, help="详细日志 / detailed log")
@click.pass_context
def cli(context: click.Context, language: Language | None, verbose: bool) -> None:
    """后勤:机关办公楼用能设备的监测与管理 / watches and runs the building equipment of a public office."""
    context.obj = language if language is not None else language_of_terminal()
    handler = logging.StreamHandler()
    handler.setFormatter(LogLines())
    logging.basicConfig(level=logging.DEBUG if verbose else logging.WARNING, handlers=[handler])


@cli.command()
@PORT_OPTION
@DATA_OPTION
@SPEED_OPTION
@click.option("--days", type=click.IntRange(0, 366), default=30, show_default=True, help="历史天数 / days of history")
@click.option(
    "--start",
    type=Beginning(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]),
    default=None,
    help="起始时刻(当地)/ first local time shown (07:30 of a hot July workday)",
)
@click.option("--seed", type=int, default=1, show_default=True, help="随机种子 / seed of the simulated people")
@click.option("--no-browser", is_flag=True, help="不打开浏览器 / do not open a browser")
@click.pass_obj
def demo(language: Language, /, **options: Any) -> None:
    """演示:一栋仿真的楼 / a simulated building, live, with history."""
    from houqin.demo import DemoOptions, run_demo

    data = options.pop("data") or DEFAULT_DATA / "demo"
    start: datetime | None = options.pop("start")
    ended(lambda: run_demo(DemoOptions(data=data, local_start=start, language=language, **options)), language)


@cli.command()
@SITE_ARGUMENT
@DATA_OPTION
@click.option("--host", default="127.0.0.1", show_default=True, help="监听地址 / address to serve on")
@PORT_OPTION
@click.option("--shadow", is_flag=True, help="试运行:只判断、不操作 / try out: decide, command nothing")
@click.pass_obj
def run(language: Language, /, site: Path, data: Path | None, **options: Any) -> None:
    """运行一个站点 / run a site: gateway, controller, API and pages."""
    from houqin.run import run_site

    ended(lambda: run_site(site, data=data or DEFAULT_DATA, language=language, **options), language)


@cli.command()
@SITE_ARGUMENT
@SPEED_OPTION
@click.option("--seed", type=int, default=1, show_default=True, help="随机种子 / seed of the simulated people")
@click.pass_obj
def simulate(language: Language, site: Path, speed: float, seed: int) -> None:
    """仿真站点中的设备 / stand in for the devices of a site, on its own links."""
    from houqin.simulate import simulate_site

    ended(lambda: simulate_site(site, speed=speed, seed=seed, language=language), language)


@cli.command()
@SITE_ARGUMENT
@click.pass_obj
def check(language: Language, site: Path) -> None:
    """检查站点文件 / name every mistake in a site file."""
    from houqin.check import check_site
    from houqin.terminal import say_problems

    result = check_site(site)
    errors, warnings = say_problems(result.problems, language)
    say(result.summary(errors, warnings), language)
    if errors:
        raise SystemExit(1)


@cli.command()
@click.argument("line")
@click.option("--url", default="http://127.0.0.1:8080", show_default=True, help="运行中的后勤 / the running Houqin")
@click.option("--follow", is_flag=True, help="持续显示 / go on showing new ones")
@click.option("--count", default=50, show_default=True, help="先显示多少帧 / how many to begin with")
@click.pass_obj
def frames(language: Language, /, *, line: str, url: str, follow: bool, count: int) -> None:
    """线路上的原始报文 / the raw frames on a line. Token in HOUQIN_TOKEN."""
    from houqin.frames import show_frames

    ended(lambda: show_frames(url, line, follow=follow, count=count, language=language), language)


@cli.command()
def schema() -> None:
    """站点文件的 JSON Schema / JSON Schema of the site file, for editors."""
    import orjson

    from houqin.check import site_file_schema

    click.echo(orjson.dumps(site_file_schema(), option=orjson.OPT_INDENT_2).decode())


@cli.group()
def token() -> None:
    """登录口令 / tokens to log in with."""


@token.command("create")
@click.argument("name")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True, help="角色 / role")
@click.option("--office", default=None, help="所属科室 / office of a section_operator")
@DATA_OPTION
@click.option(
    "--site", type=click.Path(exists=True, dir_okay=False, path_type=Path), default=None,
    help="站点文件(记录存于数据库服务器时)/ site file, where it names a server for its records",
)  # fmt: skip
@click.pass_obj
def token_create(
    language: Language, /, *, name: str, role: str, office: str | None, data: Path | None, site: Path | None
) -> None:
    """生成口令 / make a token; it is shown once."""
    from houqin.check import loaded_site
    from houqin.tokens import create_token

    def create() -> int:
        places = {} if site is None else {"entry": loaded_site(site, language).journal}
        plain = create_token(data or DEFAULT_DATA, name, Role(role), office, **places)
        say(Text("口令(只显示这一次):", "Token (shown this once):"), language, error=True)
        click.echo(plain)
        return 0

    ended(create, language)


for command in (*KEEPING, *REPLAYING, *PROFILES, calendar_group, scan_command):
    cli.add_command(command)


def main() -> None:
    """Entry point of the `houqin` command."""
    cli(prog_name="houqin")


if __name__ == "__main__":
    main()
