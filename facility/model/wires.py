"""Whether links, devices, slots and registers can work together on the wire."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Final

from facility.model.entries import (
    Device,
    ModbusLink,
    MqttLink,
    SerialLink,
)
from facility.model.index import Index
from facility.model.line_check import check_lines
from facility.model.national_meters import NATIONAL, NATIONAL_LINES, mistake_of
from facility.model.problems import Severity
from facility.model.validation import Path, Valid
from facility.profiles.schema import Profile, WireProtocol
from facility.text import Text

MODBUS: Final = ("modbus_tcp", "modbus_rtu_over_tcp", "modbus_ascii_over_tcp", "modbus_rtu", "modbus_ascii")
SERIAL: Final = MODBUS[1:]
AnyLink = ModbusLink | MqttLink
Addressed = tuple[Valid, Device]


def check_wires(index: Index) -> None:
    """Tells links that share an address, and devices that cannot be told apart or reached on theirs."""
    _check_hosts(index)
    _check_patterns(index)
    by_address: dict[tuple[object, ...], str] = {}
    for valid, device, profile in index.devices():
        kind = _type_of_link(index, device.link)
        if kind is None:
            continue
        if kind not in _lines_for(profile.protocol):
            _say_protocol(index, valid, device, profile, kind)
        elif profile.protocol in NATIONAL:
            _check_meter(index, valid, device, profile, by_address)
        elif kind in MODBUS:
            _check_unit(index, valid, device, by_address, is_serial=kind in SERIAL)
        else:
            _check_topic(index, valid, device, by_address)
    check_lines(index)


def say(index: Index, path: Path, code: str, what: Text, *, severity: Severity = Severity.ERROR) -> None:
    """Tells a mistake of the value at `path`."""
    index.draft.parsed.report(index.draft.place(path), code, what, severity=severity)


def _links(index: Index) -> Iterator[tuple[str, Valid, AnyLink]]:
    for valid in index.draft.entries.get("links", ()):
        if isinstance(valid.entry, AnyLink):
            yield str(valid.path[-1]), valid, valid.entry


def _type_of_link(index: Index, link: str) -> str | None:
    return next((entry.type for name, _, entry in _links(index) if name == link), None)


def _check_host(index: Index, valid: Valid, host: str) -> None:
    if _is_host(host):
        return
    what = Text(
        f"`host` 的值 `{host}` 不是主机名或 IP 地址；端口写在 `port`",
        f"`host` is `{host}`; expected a host name or an IP address, the port goes to `port`",
    )
    say(index, (*valid.path, "host"), "host", what)


def _is_host(host: str) -> bool:
    if ":" not in host and not re.fullmatch(r"[\d.]+", host):
        return re.fullmatch(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?", host) is not None
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _check_hosts(index: Index) -> None:
    """One line, one endpoint: its connection is shared by all its units, and its settings are theirs."""
    seen: dict[str, tuple[str, AnyLink]] = {}
    for name, valid, link in _links(index):
        if not isinstance(link, SerialLink):
            _check_host(index, valid, link.host)
        first, other = seen.setdefault(_key(link), (name, link))
        if first != name:
            differing = _differing(link, other)
            zh, en = ("", "") if not differing else (f"，且设置不同：{differing}", f", and differs in {differing}")
            what = Text(
                f"线路 `{name}` 与 `{first}` 的地址相同：{link.endpoint}{zh}；同一地址的设备应写在同一条线路上",
                f"link `{name}` has the address of link `{first}`, {link.endpoint}{en}; "
                "expected one link with the devices of both, or an address of its own",
            )
            key = "path" if isinstance(link, SerialLink) else "port"
            say(index, (*valid.path, key), "duplicate_address", what)


def _key(link: AnyLink) -> str:
    return link.endpoint if isinstance(link, SerialLink) else link.endpoint.lower()


def _differing(link: AnyLink, other: AnyLink) -> str:
    """The settings in which two links of one endpoint differ, for example `baudrate (9600, 2400)`."""
    mine, theirs = link.model_dump(), other.model_dump()
    keys = [key for key in mine if mine[key] != theirs.get(key, mine[key])]
    return ", ".join(f"{key} ({mine[key]}, {theirs[key]})" for key in keys if key in theirs)


def _say_protocol(index: Index, valid: Valid, device: Device, profile: Profile, kind: str) -> None:
    what = Text(
        f"设备模板 `{profile.profile}` 用 {profile.protocol.value}，而线路 `{device.link}` 是 {kind}；应为同一种协议",
        f"profile `{profile.profile}` speaks {profile.protocol.value}, but link `{device.link}` is {kind}; "
        "expected a link of the same protocol",
    )
    say(index, (*valid.path, "link"), "protocol", what)


def _lines_for(protocol: WireProtocol) -> tuple[str, ...]:
    if protocol in NATIONAL:
        return NATIONAL_LINES
    return MODBUS if protocol is WireProtocol.MODBUS else ("mqtt",)


def _check_meter(
    index: Index, valid: Valid, device: Device, profile: Profile, seen: dict[tuple[object, ...], str]
) -> None:
    mistake = mistake_of(device, profile, seen)
    if mistake is not None:
        path = valid.path if mistake.key is None else (*valid.path, mistake.key)
        say(index, path, mistake.code, mistake.what)


def _check_unit(
    index: Index, valid: Valid, device: Device, seen: dict[tuple[object, ...], str], *, is_serial: bool
) -> None:
    if device.unit is None:
        what = Text(
            f"Modbus 设备 `{device.id}` 缺少 `unit`（1 至 247）",
            f"Modbus device `{device.id}` has no `unit`; expected 1 to 247",
        )
        say(index, valid.path, "missing_unit", what)
        return
    if is_serial and device.unit == 0:
        what = Text(
            "`unit` 为 0 是广播地址，设备不会回答；应为 1 至 247",
            "`unit` 0 is the broadcast address, nothing answers it; expected 1 to 247",
        )
        say(index, (*valid.path, "unit"), "broadcast", what)
    first = seen.setdefault((device.link, device.unit), device.id)
    if first != device.id:
        what = Text(
            f"线路 `{device.link}` 上 `unit` {device.unit} 已由设备 `{first}` 占用",
            f"`unit` {device.unit} on link `{device.link}` is taken by device `{first}`; expected a free one",
        )
        say(index, (*valid.path, "unit"), "duplicate_unit", what)


def _check_topic(index: Index, valid: Valid, device: Device, seen: dict[tuple[object, ...], str]) -> None:
    topic = device.topic if device.topic is not None else _topic_by_pattern(index, device)
    if topic is None:
        what = Text(
            f"MQTT 设备 `{device.id}` 缺少 `topic`，线路的 `topics` 中也没有适用的",
            f"MQTT device `{device.id}` has no `topic`, and no pattern under `topics` of its link fits it",
        )
        say(index, valid.path, "missing_topic", what)
        return
    if "+" in topic or "#" in topic:
        what = Text(
            f"`topic` 的值 `{topic}` 含通配符；每台设备要有自己的主题",
            f"`topic` is `{topic}`, which has a wildcard; expected the one topic of this device",
        )
        say(index, (*valid.path, "topic"), "topic", what)
        return
    first = seen.setdefault((device.link, topic, device.profile), device.id)
    if first != device.id:
        what = Text(
            f"主题 `{topic}` 已由同类设备 `{first}` 占用",
            f"topic `{topic}` is taken by device `{first}` of the same profile; expected another",
        )
        say(index, (*valid.path, "topic"), "duplicate_topic", what)


def _check_patterns(index: Index) -> None:
    """A pattern is for devices of an MQTT profile that there is."""
    for _, valid, link in _links(index):
        for position, pattern in enumerate(link.topics if isinstance(link, MqttLink) else ()):
            profile = None if pattern.profile is None else index.profiles.get(pattern.profile)
            if pattern.profile is not None and (profile is None or profile.protocol is not WireProtocol.MQTT):
                what = Text(
                    f"`topics` 中的 `{pattern.profile}` 不是已知的 MQTT 设备模板",
                    f"`{pattern.profile}` under `topics` is no MQTT profile that is known",
                )
                say(index, (*valid.path, "topics", position, "profile"), "profile", what)


def _topic_by_pattern(index: Index, device: Device) -> str | None:
    brokers = (entry for name, _, entry in _links(index) if name == device.link and isinstance(entry, MqttLink))
    return next((broker.topic_for(device.id, device.profile) for broker in brokers), None)
