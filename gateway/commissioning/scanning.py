"""Looking a line over: settings of the port, unit ids, national meters."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Final

from facility.errors import BadAnswer, NoAnswer
from facility.model.entries import Link, ModbusRtuLink, ModbusRtuOverTcpLink, SerialLink
from facility.model.lines import PARITIES, USUAL_BAUDRATES
from facility.text import Text
from gateway.commissioning.probing import ProbedLine
from gateway.modbus.connect import connect_modbus
from gateway.modbus.transport import RawRequest, Transport
from gateway.national.cjt188 import IdentifierOrder
from gateway.national.finding import (
    cjt188_address_request,
    cjt188_meter_in,
    dlt645_address_request,
    dlt645_number_in,
)

FIRST_UNITS: Final = 16
"""Unit ids asked with all settings of the port before all of them are asked with any."""
NATIONAL_LINKS: Final = (ModbusRtuLink, ModbusRtuOverTcpLink)

Progress = Callable[[Text, int, int], None]
Connect = Callable[[str, Link], Transport]


@dataclass(frozen=True, slots=True, kw_only=True)
class National:
    """A national meter that gave its number. `meter_type`: of CJ/T 188, None for DL/T 645."""

    number: str
    meter_type: int | None


@dataclass(slots=True, kw_only=True)
class Found:
    """What answered with one setting of the line. `garbled`: unit ids to which something came that was no whole answer:
    two devices with one id, a terminator that is missing, or another speed.
    """

    link: Link
    units: list[int] = field(default_factory=list)
    garbled: list[int] = field(default_factory=list)
    national: list[National] = field(default_factory=list)

    @property
    def anything(self) -> bool:
        """Whether anybody was understood."""
        return bool(self.units or self.national)


def settings_of(link: Link, baudrates: Sequence[int], parities: Sequence[str]) -> Iterator[Link]:
    """The line with every setting of its port, as it is written first. Only a port of this machine has any: a serial
    server has its own.
    """
    yield link
    if not isinstance(link, SerialLink):
        return
    for baudrate, parity in product(baudrates, parities):
        stop_bits = 1
        other = link.model_copy(update={"baudrate": baudrate, "parity": parity, "stop_bits": stop_bits})
        if other != link:
            yield other


async def scan(
    link: Link,
    units: Sequence[int],
    *,
    baudrates: Sequence[int] = USUAL_BAUDRATES,
    parities: Sequence[str] = PARITIES,
    timeout_s: float,
    every_setting: bool = False,
    progress: Progress,
    connect: Connect = connect_modbus,
) -> AsyncIterator[Found]:
    """Who answers, setting by setting.

    The first unit ids are asked with every setting, then all of them with those that somebody answered to, or with
    every one where nobody did. It ends with the first setting at which somebody was understood.

    Args:
        link: the line.
        units: Modbus unit ids to ask.
        baudrates: to try on a serial port; the line's own comes first.
        parities: likewise.
        timeout_s: how long a device may think.
        every_setting: goes on with the other settings.
        progress: is told how far it is.
        connect: makes the transport.

    Raises:
        LinkDown: the line cannot be opened, or broke.
    """
    settings = list(settings_of(link, baudrates, parities))
    first, rest = units[:FIRST_UNITS], units[FIRST_UNITS:]
    promising: list[Found] = []
    for number, setting in enumerate(settings):
        look = _Look(setting, timeout_s, progress, connect, number, len(settings))
        found = await look.over(first, national=True)
        if found.anything or found.garbled:
            promising.append(found)
        if found.anything and not every_setting:
            break
    heard = [found for found in promising if found.anything]
    for found in heard or promising or ([Found(link=setting) for setting in settings] if rest else []):
        more = await _Look(found.link, timeout_s, progress, connect, 0, 1).over(rest)
        found.units += more.units
        found.garbled += more.garbled
        if found.anything or found.garbled:
            yield found
        if found.anything and not every_setting:
            return


@dataclass(frozen=True, slots=True)
class _Look:
    """One setting of the line on its way; the `number`th of `settings`."""

    link: Link
    timeout_s: float
    progress: Progress
    connect: Connect
    number: int
    settings: int

    async def over(self, units: Sequence[int], *, national: bool = False) -> Found:
        """Who of `units` answers, and with `national` which meters tell their number."""
        found = Found(link=self.link)
        transport = self.connect("scan", self.link)
        line = ProbedLine(transport, timeout_s=self.timeout_s)
        try:
            if national and isinstance(self.link, NATIONAL_LINKS):
                found.national += [meter async for meter in _national(transport, self.timeout_s)]
            for done, unit in enumerate(units):
                total = self.settings * len(units)
                self.progress(_what(self.link, unit, found), self.number * len(units) + done, total)
                try:
                    if await line.is_there(unit):
                        found.units.append(unit)
                except BadAnswer:
                    found.garbled.append(unit)
        finally:
            await transport.close()
        return found


async def _national(transport: Transport, timeout_s: float) -> AsyncIterator[National]:
    """The national meters that are alone of their kind on the line."""
    answer = await _answer(transport, dlt645_address_request(), timeout_s)
    number = None if answer is None else dlt645_number_in(answer)
    if number is not None:
        yield National(number=number, meter_type=None)
    orders: tuple[IdentifierOrder, ...] = ("low_first", "high_first")
    for order in orders:
        answer = await _answer(transport, cjt188_address_request(order), timeout_s)
        meter = None if answer is None else cjt188_meter_in(answer)
        if meter is not None:
            yield National(number=meter[1], meter_type=meter[0])
            return


async def _answer(transport: Transport, request: RawRequest, timeout_s: float) -> bytes | None:
    try:
        return await transport.exchange(request, timeout_s)
    except (NoAnswer, BadAnswer):
        return None


def _what(link: Link, unit: int, found: Found) -> Text:
    setting = _setting(link)
    count = len(found.units) + len(found.national)
    return Text(f"扫描 {setting} 站号 {unit}，已找到 {count} 台", f"scanning {setting} unit {unit}, {count} found;")


def _setting(link: Link) -> str:
    if isinstance(link, SerialLink):
        return f"{link.path} {link.baudrate} {link.parity}{link.stop_bits}"
    return link.endpoint


def described(link: Link) -> Text:
    """The line and its settings, for people."""
    setting = _setting(link)
    return Text(setting, setting)
