"""One unit that can be switched: its control points as a state that can be read and written."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import fields
from typing import Final, Literal

from facility.commands import Fan, Mode, Wish
from facility.model import Point, Site
from facility.profiles.schema import ModbusPoint
from facility.quantities import ENUMERATIONS, state_value
from gateway.codec import ratio_of
from gateway.encoding import encode
from gateway.lifts import LiftContacts
from gateway.poller import DevicePoller
from gateway.questions import questions_of
from gateway.writing import Assignment, clash, group_of, request_for

Part = Literal["on", "mode", "setpoint_c", "fan"]
POINT_OF_PART: Final[dict[Part, str]] = {"on": "on", "mode": "mode", "setpoint_c": "setpoint", "fan": "fan"}
PART_OF_POINT: Final = {point: part for part, point in POINT_OF_PART.items()}
SETTINGS: Final[tuple[Part, ...]] = ("mode", "setpoint_c", "fan")
SETPOINT_TOLERANCE_K: Final = 0.05
"""How far a read-back setpoint may be off where the profile names no step; half a step otherwise."""


class Unit:
    """An indoor unit, a kettle or a switch behind a Modbus device.

    Args:
        site: its points.
        equipment: its id.
        poller: its device.
        contacts: of a lift, what tells how it is operated.

    Attributes:
        id: the equipment's id.
        link: the line it is reached by.
        lock: held while an order is carried out, so that orders to one unit come one after the other.
    """

    def __init__(
        self, site: Site, equipment: str, poller: DevicePoller, contacts: LiftContacts | None = None
    ) -> None:  # fmt: skip
        self.id = equipment
        self._contacts = contacts
        self.lock = asyncio.Lock()
        self._poller = poller
        device = site.devices[poller.device]
        self._profile = site.profile_of(poller.device)
        self._site = site
        self.link = device.link
        self._ratios = device.ct_ratio, device.pt_ratio
        self._points: dict[Part, Point] = {
            part: point for part, name in POINT_OF_PART.items() if (point := site.point_of(equipment, name)) is not None
        }
        self._questions = questions_of(site, poller.device, self._points.values())
        poller.adopt(self._questions)
        self._parts = {point.id: part for part, point in self._points.items()}

    def has(self, part: Part) -> bool:
        """Whether the unit has such a point."""
        return part in self._points

    def takes(self, part: Part) -> bool:
        """Whether that part of its state can be written."""
        return part in self._points and self._points[part].writable

    async def read(self) -> Wish:
        """What the unit reads now; a part it does not have, or that reads as nothing usable, is None.

        Raises:
            HouqinError: as `Transport.read`.
        """
        values: dict[Part, float | None] = {}
        for batch in await self._poller.fetch_all(self._questions):
            values.update((self._parts[point], value) for point, value in zip(batch.points, batch.values, strict=True))
        return Wish(
            on=None if (on := values.get("on")) is None else self._state("on", on) == "on",
            mode=None if (mode := values.get("mode")) is None else Mode(self._state("mode", mode)),
            setpoint_c=values.get("setpoint_c"),
            fan=None if (fan := values.get("fan")) is None else Fan(self._state("fan", fan)),
        )

    def requests(self, parts: Sequence[Part]) -> list[list[Part]]:
        """The parts in the order in which they are written, those of one request together.

        What the device takes together is written where the order wants the switch, so that nothing starts before its
        settings stand; without one, where it wants the first of them.
        """
        requests: list[list[Part]] = []
        for part in parts:
            mates = next((found for found in requests if self._fits(part, found)), None)
            if mates is None:
                requests.append([part])
                continue
            mates.append(part)
            if part == "on":
                requests.remove(mates)
                requests.append(mates)
        return requests

    def _fits(self, part: Part, others: Sequence[Part]) -> bool:
        """Whether it is written with the others, in one request."""
        group = group_of(self._profile, self._points[part])
        return (
            group is not None
            and group_of(self._profile, self._points[others[0]]) is group
            and not any(clash(self._points[part], self._points[other]) for other in others)
        )

    async def write(self, parts: Sequence[Part], wish: Wish) -> None:
        """Writes parts of the state that belong into one request.

        Raises:
            NotRepresentable: the device cannot hold it; nothing was written.
            HandsOff: a lift that must not be touched now; nothing was written.
            HouqinError: as `Transport.write`.
        """
        if self._contacts is not None:
            await self._contacts.check()
        items = [self._assignment(part, getattr(wish, part)) for part in parts]
        request = await request_for(self._site, items, self._poller.ask)
        await self._poller.write(*request)

    def _assignment(self, part: Part, wanted: bool | Mode | Fan | float) -> Assignment:
        point = self._points[part]
        assert isinstance(point.spec, ModbusPoint)
        return Assignment(point, self._value(part, wanted), ratio_of(point.spec, *self._ratios))

    def check(self, part: Part, wanted: bool | Mode | Fan | float) -> None:
        """Whether the device can hold `wanted`.

        Raises:
            NotRepresentable: it cannot; the text says why.
        """
        spec = self._points[part].spec
        assert isinstance(spec, ModbusPoint)
        encode(spec, self._value(part, wanted), ratio=ratio_of(spec, *self._ratios))

    def _value(self, part: Part, wanted: bool | Mode | Fan | float) -> float:
        if part == "setpoint_c":
            return float(wanted)
        name = ("on" if wanted else "off") if isinstance(wanted, bool) else str(wanted)
        return state_value(self._enumeration(part), name)

    def _state(self, part: Part, value: float) -> str:
        return ENUMERATIONS[self._enumeration(part)][int(value)]

    def _enumeration(self, part: Part) -> str:
        return self._points[part].spec.enumeration or ""

    def agrees(self, read: Wish, wanted: Wish) -> bool:
        """Whether what is read is what is wanted, as far as something is wanted and the unit has it."""
        return not self.differing(read, wanted)

    def differing(self, read: Wish, wanted: Wish) -> list[Part]:
        """The parts that are wanted and read otherwise, or not at all."""
        parts: list[Part] = []
        for part in POINT_OF_PART:
            value, found = getattr(wanted, part), getattr(read, part)
            if value is None or not self.has(part):
                continue
            if part == "setpoint_c":
                same = found is not None and abs(found - value) <= self._tolerance_k()
            else:
                same = found == value
            if not same:
                parts.append(part)
        return parts

    def _tolerance_k(self) -> float:
        spec = self._points["setpoint_c"].spec
        step = spec.write.step if isinstance(spec, ModbusPoint) and spec.write is not None else None
        return max(SETPOINT_TOLERANCE_K, (step or 0.0) / 2)

    def settles_s(self, wanted: Wish) -> float:
        """How long it may take, in wall seconds, until the unit reads as wanted."""
        specs = [self._points[part].spec for part in is_wished(wanted) if self.takes(part)]
        writes = [spec.write for spec in specs if isinstance(spec, ModbusPoint)]
        return max((write.settles_s for write in writes if write is not None), default=0.0)

    def lacking(self, wanted: Wish) -> list[Part]:
        """The parts that are wanted and cannot be written."""
        return [part for part in POINT_OF_PART if getattr(wanted, part) is not None and not self.takes(part)]

    def is_on(self) -> bool | None:
        """Whether it ran when it was last polled; None when that is not known."""
        value = self._poller.value_of(f"{self.id}.on")
        return None if value is None else self._state("on", value) == "on"


def is_wished(wish: Wish) -> list[Part]:
    """The parts that a wish names."""
    return [part for part in POINT_OF_PART if getattr(wish, part) is not None]


assert {item.name for item in fields(Wish)} == set(POINT_OF_PART)
