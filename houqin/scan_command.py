"""The `scan` command as the command line takes it; what it does is in `houqin.scan`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import click

from facility.model.lines import PARITIES, USUAL_BAUDRATES
from facility.text import Language
from houqin.options import ended
from houqin.unit_ranges import SERIAL_UNITS, TCP_UNITS, units_of

BAUDRATES: Final = [str(rate) for rate in USUAL_BAUDRATES]


class Units(click.ParamType[list[int]]):
    """Unit ids such as `1-32,247`."""

    name = "units"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> list[int]:
        if isinstance(value, list):
            return value
        try:
            return units_of(str(value))
        except ValueError as error:
            self.fail(f"{error}: 应如 1-32,247，最大 255 / expected for example 1-32,247, 255 at most", param, ctx)


class Words(click.ParamType[list[str]]):
    """Some of the words known, separated by commas."""

    name = "words"

    def __init__(self, known: Sequence[str]) -> None:
        self._known = known

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> list[str]:
        if isinstance(value, list):
            return value
        words = [word.strip().upper() for word in str(value).split(",")]
        for word in words:
            if word not in self._known:
                self.fail(f"{word!r}: 应为 / expected some of {', '.join(self._known)}", param, ctx)
        return words


@click.command("scan")
@click.argument("line")
@click.option("--site", type=click.Path(exists=True, dir_okay=False, path_type=Path), default=None,
              help="LINE 为此站点文件中的线路 / LINE is a link of this site file")  # fmt: skip
@click.option("--units", type=Units(), default=None, help=f"站号 / unit ids ({SERIAL_UNITS}; TCP: {TCP_UNITS})")
@click.option("--baud", type=Words(BAUDRATES), default=",".join(BAUDRATES),
              show_default=True, help="串口波特率 / baud rates of a serial port")  # fmt: skip
@click.option("--parity", type=Words(PARITIES), default=",".join(PARITIES), show_default=True, help="校验 / parities")
@click.option("--timeout-ms", type=click.IntRange(20, 10_000), default=300, show_default=True,
              help="等待应答 / how long a device may think")  # fmt: skip
@click.option(
    "--every-setting", is_flag=True, help="找到设备后继续试其他串口设置 / go on with other settings of the port"
)
@click.option("--sheet", type=click.Path(dir_okay=False, path_type=Path), default=None,
              help="验收单写入 .csv 或 .xlsx / write the acceptance sheet")  # fmt: skip
@click.option("--write-site", "sketch", type=click.Path(dir_okay=False, path_type=Path), default=None,
              help="生成站点文件草稿 / write a site file to begin with")  # fmt: skip
@click.pass_obj
def scan_command(language: Language, /, **options: Any) -> None:
    """扫描线路上的设备 / find out what hangs on a line.

    LINE: 串口 /dev/ttyUSB0,Modbus/TCP 地址 192.0.2.10:502,串口服务器 rtu://192.0.2.11:4196 或 ascii://...,或配合
    --site 的线路编号 / a serial port, an address, or with --site the id of a link. 只读,不写设备 / it only reads.
    """
    from houqin.scan import scan_line

    ended(lambda: scan_line(language, **options), language)
