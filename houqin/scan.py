"""`houqin scan`: what hangs on a line, an acceptance sheet to compare with displays, a site file to begin with."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click

from facility.errors import SiteFileError
from facility.model.entries import (
    Link,
    ModbusAsciiLink,
    ModbusAsciiOverTcpLink,
    ModbusRtuLink,
    ModbusRtuOverTcpLink,
    ModbusTcpLink,
    MqttLink,
    SerialLink,
)
from facility.profiles import Profile, ProfileLibrary
from facility.text import Language, Text
from gateway.commissioning.inspection import Inspected, inspect
from gateway.commissioning.recognising import Candidate, Certainty
from gateway.commissioning.scanning import Found, described, scan
from houqin.acceptance import sheet_rows, text_sheet, write_sheet
from houqin.check import loaded_site
from houqin.progress import TerminalProgress
from houqin.site_sketch import own_name, write_sketch
from houqin.terminal import say
from houqin.unit_ranges import SERIAL_UNITS, TCP_UNITS, units_of

FITS_SHOWN: Final = 5
CERTAINTIES: Final[Mapping[Certainty, Text]] = {
    Certainty.MARKED: Text("设备标识相符", "says so itself"),
    Certainty.PLAUSIBLE: Text("数值合理", "its values make sense"),
    Certainty.PLAUSIBLE_TURNED: Text("换字节序后数值合理", "its values make sense in another word order"),
    Certainty.READABLE: Text("寄存器可读，数值无法判断", "its registers can be read, nothing tells more"),
}
_ADDRESS: Final = re.compile(r"((?P<kind>tcp|rtu|ascii)://)?(?P<host>\[[^\]]+\]|[^:/\s]+)(:(?P<port>\d+))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanOrder:
    """What is to be looked over, and what is to be written."""

    line: str
    link: Link
    units: Sequence[int]
    baudrates: Sequence[int]
    parities: Sequence[str]
    timeout_s: float
    every_setting: bool
    profiles: Mapping[str, Profile]
    sheet: Path | None
    sketch: Path | None
    language: Language


def scan_line(language: Language, /, **options: Any) -> int:
    """Looks a line over and writes what is wanted of it; 1 when nobody was understood.

    Raises:
        SiteFileError: no such line, or a file cannot be written or is there already. LinkDown: the line cannot be
            opened.
    """
    order = _order(language, **options)
    _check_files(order)
    return asyncio.run(_scan(order))


def _check_files(order: ScanOrder) -> None:
    """What is to be written can be written: nobody looks a line over for ten minutes to hear then that it cannot."""
    for file in (order.sheet, order.sketch):
        if file is not None and (not file.parent.is_dir() or not os.access(file.parent, os.W_OK)):
            text = Text(
                f"无法写入 {file}：文件夹 {file.parent} 不存在或不可写",
                f"cannot write {file}: there is no folder {file.parent}, or nothing may be written there",
            )
            raise SiteFileError(text.in_language(order.language), problems=())
    if order.sketch is not None and order.sketch.exists():
        raise SiteFileError(_is_there_already(order.sketch).in_language(order.language), problems=())


def _is_there_already(files: object) -> Text:
    return Text(f"文件已存在，未改写：{files}", f"is there already and is left as it is: {files}")


def _order(language: Language, /, *, line: str, site: Path | None, **options: Any) -> ScanOrder:
    file = None if site is None else loaded_site(site, language)
    link = _first_tried(link_of(line), options) if file is None else file.links.get(line)
    if link is None or isinstance(link, MqttLink):
        known = () if file is None else [name for name, each in file.links.items() if not isinstance(each, MqttLink)]
        raise SiteFileError(_not_a_line(line, known).in_language(language), problems=())
    usual = TCP_UNITS if isinstance(link, ModbusTcpLink) else SERIAL_UNITS
    own = None if site is None or not (site.parent / "profiles").is_dir() else site.parent / "profiles"
    return ScanOrder(
        line=line if file is not None else "line-1",
        link=link,
        units=options["units"] or units_of(usual),
        baudrates=[int(rate) for rate in options["baud"]],
        parities=options["parity"],
        timeout_s=options["timeout_ms"] / 1e3,
        every_setting=options["every_setting"],
        profiles=ProfileLibrary(own),
        sheet=options["sheet"],
        sketch=options["sketch"],
        language=language,
    )


def _first_tried(link: Link | None, options: Mapping[str, Any]) -> Link | None:
    """A port without a site file has no setting of its own: it begins with the first that is asked for."""
    if not isinstance(link, SerialLink):
        return link
    first = {"baudrate": int(options["baud"][0]), "parity": options["parity"][0], "stop_bits": 1}
    return link.model_copy(update=first)


def _not_a_line(line: str, known: Sequence[str]) -> Text:
    if known:
        names = ", ".join(f"`{name}`" for name in known)
        return Text(
            f"站点文件中没有可扫描的线路 `{line}`；可用：{names}", f"no link {line!r} to scan; expected {names}"
        )
    return Text(
        f"`{line}` 不是可扫描的线路；应为串口的完整路径（/dev/ttyUSB0）、地址（192.0.2.10:502、rtu://192.0.2.11:4196），"
        "或用 --site 给出站点文件并写线路编号",
        f"{line!r} cannot be scanned; expected the whole path of a serial port (/dev/ttyUSB0), an address"
        " (192.0.2.10:502, rtu://192.0.2.11:4196), or with --site the id of a Modbus link",
    )


def link_of(address: str) -> Link | None:
    """The line that is written as a path or an address, None where it is neither."""
    if address.startswith(("ascii://", "rtu://")) and "/" in address.partition("://")[2]:
        kind, _, path = address.partition("://")
        return _serial(path, is_ascii=kind == "ascii")
    if address.startswith(("/", "./")):
        return _serial(address, is_ascii=False)
    found = _ADDRESS.fullmatch(address)
    if found is None:
        return None
    host = found["host"].strip("[]")
    port = 502 if found["port"] is None else int(found["port"])
    if not 1 <= port <= 65535:
        return None
    match found["kind"]:
        case "rtu":
            return ModbusRtuOverTcpLink(type="modbus_rtu_over_tcp", host=host, port=port)
        case "ascii":
            return ModbusAsciiOverTcpLink(type="modbus_ascii_over_tcp", host=host, port=port)
        case _:
            return ModbusTcpLink(type="modbus_tcp", host=host, port=port)


def _serial(path: str, *, is_ascii: bool) -> Link:
    if is_ascii:
        return ModbusAsciiLink(type="modbus_ascii", path=path)
    return ModbusRtuLink(type="modbus_rtu", path=path)


async def _scan(order: ScanOrder) -> int:
    language, rows, devices = order.language, list[Sequence[Any]](), list[Inspected]()
    heard: list[Found] = []
    with TerminalProgress(language) as progress:
        async for found in scan(
            order.link, order.units, baudrates=order.baudrates, parities=order.parities, timeout_s=order.timeout_s,
            every_setting=order.every_setting, progress=progress,
        ):  # fmt: skip
            heard.append(found)
            inspected = await inspect(found, order.profiles, timeout_s=order.timeout_s, progress=progress)
            _tell(found, inspected, language)
            rows += sheet_rows(described(found.link).en, inspected)
            devices += inspected
    if not heard:
        say(_nobody(order.link), language)
        return 1
    if order.sheet is not None:
        write_sheet(order.sheet, rows, language)
        say(Text(f"验收单：{order.sheet}", f"acceptance sheet: {order.sheet}"), language)
    if order.sketch is not None:
        _write_sketch(order, next((found.link for found in heard if found.anything), order.link), devices)
    return 0 if devices else 1


def _write_sketch(order: ScanOrder, link: Link, devices: Sequence[Inspected]) -> None:
    assert order.sketch is not None
    try:
        files = write_sketch(order.sketch, order.line, link, devices)
    except FileExistsError as error:
        raise SiteFileError(_is_there_already(error).in_language(order.language), problems=()) from error
    for file in files:
        say(Text(f"已写入 {file}", f"written: {file}"), order.language)


def _nobody(link: Link) -> Text:
    place = described(link)
    return Text(
        f"{place.zh}：没有设备应答。请检查 A/B 线是否接反、终端电阻、供电、站号范围，并确认没有其他程序占用线路",
        f"{place.en}: nobody answers. Check A and B for being swapped, terminators, power, the range of unit ids, and"
        " that no other program uses the line",
    )


def _tell(found: Found, devices: Sequence[Inspected], language: Language) -> None:
    place = described(found.link)
    count = len(devices)
    say(Text(f"{place.zh}：{count} 台设备", f"{place.en}: {count} devices"), language)
    if found.garbled:
        units = ", ".join(map(str, found.garbled))
        say(
            Text(
                f"  站号 {units} 的应答无法辨认：站号重复、波特率或校验不符、终端电阻缺失",
                f"  what unit {units} answers cannot be made out: one id twice, another speed or parity, no terminator",
            ),
            language,
        )
    for device in devices:
        _tell_device(device, language)


def _tell_device(device: Inspected, language: Language) -> None:
    place = (
        Text(f"  站号 {device.unit}", f"  unit {device.unit}")
        if device.unit is not None
        else Text(f"  表号 {device.address}", f"  meter {device.address}")
    )
    if device.best is None:
        say(Text(f"{place.zh}：没有匹配的模板", f"{place.en}: no profile fits"), language)
        return
    say(Text(f"{place.zh}：{_fit(device.best).zh}", f"{place.en}: {_fit(device.best).en}"), language)
    for plate in device.plate:
        name = plate.plate.name.text.in_language(language)
        click.echo(f"    {plate.plate.id:<24} {plate.said or '-':>14}        {name}")
    for text in text_sheet(sheet_rows("", [_without_plate(device)]), language):
        click.echo(text)
    others = [_fit(fit) for fit in device.fits[1:FITS_SHOWN]]
    if others:
        say(
            Text(
                f"    也可能是：{'；'.join(fit.zh for fit in others)}",
                f"    might also be: {'; '.join(fit.en for fit in others)}",
            ),
            language,
        )


def _without_plate(device: Inspected) -> Inspected:
    return Inspected(unit=device.unit, address=device.address, fits=device.fits, plate=())


def _fit(fit: Candidate) -> Text:
    name, why = fit.profile.name.text, CERTAINTIES[fit.certainty]
    turned = Text("", "") if fit.order is None else Text(f"，字节序 {fit.order}", f", word order {fit.order}")
    return Text(f"{own_name(fit)} {name.zh}（{why.zh}{turned.zh}）", f"{own_name(fit)} {name.en} ({why.en}{turned.en})")
