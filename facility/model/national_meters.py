"""Whether national meters (DL/T 645, CJ/T 188) can be told apart on their line."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Final

from facility.model.lines import Device
from facility.profiles.national import ADDRESS_DIGITS, meter_number
from facility.profiles.schema import Profile, WireProtocol
from facility.text import Text

NATIONAL: Final = (WireProtocol.DLT645, WireProtocol.CJT188)
NATIONAL_LINES: Final = ("modbus_rtu", "modbus_rtu_over_tcp")
"""Types of lines that carry whole bytes as they are, with an even parity bit if need be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """What is wrong with a meter's entry. `key`: the value it is about, None for the entry as a whole."""

    key: str | None
    code: str
    what: Text


def mistake_of(device: Device, profile: Profile, seen: MutableMapping[tuple[object, ...], str]) -> Mistake | None:
    """What is wrong with the number of a national meter, None when nothing is.

    Args:
        device: the meter.
        profile: its profile, of a national protocol.
        seen: numbers that are taken -> device; the meter's own is put in.
    """
    protocol = profile.protocol.value
    digits = ADDRESS_DIGITS[protocol]
    if device.address is None:
        what = Text(
            f"表计 `{device.id}` 缺少 `address`（表号，最多 {digits} 位，见表盘）",
            f"meter `{device.id}` has no `address`; expected its number as printed on it, up to {digits} digits",
        )
        return Mistake(key=None, code="missing_address", what=what)
    try:
        number = meter_number(protocol, device.address)
    except ValueError:
        what = Text(
            f"`address` 的值 `{device.address}` 不是表号；应为最多 {digits} 位数字，与表盘一致",
            f"`address` is `{device.address}`, no meter number; expected up to {digits} digits as printed on the meter",
        )
        return Mistake(key="address", code="address", what=what)
    first = seen.setdefault((device.link, protocol, profile.frame.meter_type, number), device.id)
    if first == device.id:
        return None
    what = Text(
        f"线路 `{device.link}` 上表号 {number} 已由设备 `{first}` 占用",
        f"meter number {number} on link `{device.link}` is taken by device `{first}`; expected another",
    )
    return Mistake(key="address", code="duplicate_address", what=what)
