"""`houqin profiles` and `houqin profile`: what devices are known, what is known of one, and whether a file is right."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import click

from facility.errors import ProfileError
from facility.profiles import ModbusPoint, Profile, ProfileLibrary
from facility.profiles.national import Cjt188Point, Dlt645Point
from facility.profiles.schema import AnyPoint, Kind, MqttPoint
from facility.text import Language, Text
from houqin.log_lines import visible
from houqin.options import ended
from houqin.terminal import say, say_problems

KINDS: Final[dict[Kind, Text]] = {
    Kind.ELECTRICITY_METER: Text("电表", "electricity meter"),
    Kind.WATER_METER: Text("水表", "water meter"),
    Kind.GAS_METER: Text("燃气表", "gas meter"),
    Kind.HEAT_METER: Text("热量表", "heat meter"),
    Kind.AC_GATEWAY: Text("空调网关", "AC gateway"),
    Kind.SENSOR: Text("传感器", "sensor"),
    Kind.RELAY: Text("继电器", "relay"),
    Kind.CHILLER: Text("冷水机组", "chiller"),
}
GRADES: Final[dict[str, Text]] = {
    "official": Text("官方", "official"),
    "vendor": Text("厂家资料", "vendor"),
    "community": Text("社区", "community"),
    "reverse_engineered": Text("逆向", "reverse engineered"),
}

FOLDER_OPTION: Final = click.option(
    "--profiles", "folder", type=click.Path(exists=True, file_okay=False, path_type=Path), default=None,
    help="站点自带模板的目录 / folder of the site's own profiles, which override shipped ones",
)  # fmt: skip


@click.command("profiles")
@click.argument("profile", required=False)
@click.option("--kind", type=click.Choice([kind.value for kind in Kind]), default=None, help="类别 / kind of device")
@FOLDER_OPTION
@click.pass_obj
def profiles(language: Language, /, *, profile: str | None, kind: str | None, folder: Path | None) -> None:
    """设备模板一览,或其中一个的全部内容 / the device profiles, or one in full with its register table."""

    def show() -> int:
        library = ProfileLibrary(folder)
        if profile is None:
            found = [item for item in library.values() if kind is None or item.kind == kind]
            _print_list(sorted(found, key=lambda item: (item.kind.value, item.profile)), language)
            return 0
        if profile not in library:
            raise ProfileError(
                Text(f"没有名为 {profile} 的模板", f"there is no profile {profile}").in_language(language)
            )
        _print_one(library[profile], language)
        return 0

    ended(show, language)


@click.group("profile")
def profile_group() -> None:
    """设备模板文件 / files that describe devices."""


@profile_group.command("check")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def profile_check(language: Language, files: tuple[Path, ...]) -> None:
    """检查模板文件 / name every mistake in profile files."""
    from facility.model.profile_files import check_profile

    checked = [(path, check_profile(path)) for path in files]
    errors, _ = say_problems([problem for _, result in checked for problem in result.problems], language)
    for path, result in checked:
        if result.profile is not None:
            count = len(result.profile.points)
            say(Text(f"{path.name}：没有错误，{count} 个测点", f"{path.name}: no errors, {count} points"), language)
    if errors:
        raise SystemExit(1)


@profile_group.command("schema")
def profile_schema() -> None:
    """模板文件的 JSON Schema / JSON Schema of a profile, for editors."""
    import orjson

    click.echo(orjson.dumps(Profile.model_json_schema(), option=orjson.OPT_INDENT_2).decode())


def _print_list(found: Sequence[Profile], language: Language) -> None:
    heads = [Text("模板", "profile"), Text("名称", "name"), Text("类别", "kind"), Text("协议", "protocol"),
             Text("测点", "points"), Text("来源", "grade")]  # fmt: skip
    rows = [
        [
            item.profile,
            item.name.text.in_language(language),
            KINDS[item.kind].in_language(language),
            item.protocol.value,
            str(len(item.points)),
            GRADES[item.source.grade].in_language(language),
        ]
        for item in found
    ]
    _print_table([head.in_language(language) for head in heads], rows)


def _print_one(profile: Profile, language: Language) -> None:
    source = profile.source
    facts: list[tuple[Text, str | None]] = [
        (Text("模板", "profile"), profile.profile),
        (Text("名称", "name"), profile.name.text.in_language(language)),
        (Text("类别", "kind"), KINDS[profile.kind].in_language(language)),
        (Text("协议", "protocol"), profile.protocol.value),
        (Text("依据", "source"), source.document),
        (Text("版本", "revision"), source.revision),
        (Text("可信度", "grade"), GRADES[source.grade].in_language(language)),
        (Text("说明", "note"), None if source.note is None else source.note.strip()),
        (Text("一次最多读", "most registers a request"), str(profile.limits.max_registers)),
        (Text("超时（毫秒）", "time-out, ms"), str(profile.limits.timeout_ms)),
    ]
    if profile.serial is not None:
        serial = profile.serial
        facts.append((Text("串口", "serial port"), f"{serial.baudrate} 8{serial.parity}{serial.stop_bits}"))
    if profile.slots is not None:
        slots = profile.slots
        last = slots.first + slots.count - 1
        facts.append((Text("内机编号", "slots"), f"{slots.first}–{last}"))
    for name, value in facts:
        if value is not None:
            click.echo(visible(f"{name.in_language(language)}: {value}"))
    click.echo()
    heads = [Text("测点", "point"), Text("名称", "name"), Text("位置", "place"), Text("类型", "type"),
             Text("比例与单位", "scale and unit"), Text("含义", "meaning"), Text("写入", "written")]  # fmt: skip
    everything: Sequence[AnyPoint] = (*profile.points, *profile.internal.values())
    rows = [[point.id, point.name.text.in_language(language), *_columns(point)] for point in everything]
    _print_table([head.in_language(language) for head in heads], rows)


def _columns(point: AnyPoint) -> list[str]:
    """Place, type, scale and unit, meaning, and how it is written."""
    codes = ", ".join(f"{code}={name}" for code, name in (point.codes or {}).items())
    scale = getattr(point, "scale", None)
    shown = "" if scale in (None, 1) else f"×{scale} "
    unit = f"{shown}{point.unit or ''}".strip()
    match point:
        case ModbusPoint():
            return [_place(point), _type(point), unit, codes or _sources(point), _written(point)]
        case MqttPoint():
            return [point.path or "", "", unit, codes, ""]
        case Dlt645Point() | Cjt188Point():
            return [str(getattr(point, "di", "")), "", unit, codes, ""]


def _place(point: ModbusPoint) -> str:
    field = (
        ""
        if point.field is None
        else f".{point.field[0]}" + ("" if point.field[0] == point.field[1] else f"-{point.field[1]}")
    )
    return f"{point.table.value} {point.address} (0x{point.address:04X}){field}"


def _type(point: ModbusPoint) -> str:
    order = "" if point.registers == 1 or point.type in ("bit", "string") else f" {point.order}"
    return point.type + order


def _sources(point: ModbusPoint) -> str:
    signs = {"exponent": "×10^", "factor": "×", "divisor": "÷"}
    parts = [f"{signs[scale.use]}{scale.point}" for scale in point.scale_from]
    return " ".join([*parts, *([] if point.plus is None else [f"+{point.plus}"])])


def _written(point: ModbusPoint) -> str:
    spec = point.write
    if spec is None:
        return ""
    address = point.address if spec.address is None else spec.address
    bounds: Iterable[Any] = () if spec.minimum is None else (f"{spec.minimum:g}–{spec.maximum:g}",)
    return " ".join([f"FC{spec.function} {address}", *bounds, *([] if spec.group is None else [f"[{spec.group}]"])])


def _print_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    shown = [[visible(cell) for cell in row] for row in rows]
    widths = [max(_width(row[column]) for row in (heads, *shown)) for column in range(len(heads))]
    for row in (heads, ["-" * width for width in widths], *shown):
        cells = [cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)]
        click.echo("  ".join(cells).rstrip())


def _width(text: str) -> int:
    """Columns on a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


PROFILES: Final = (profiles, profile_group)
