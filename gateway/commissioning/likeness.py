"""What a value ought to look like where the device is in use, and by that which word order it is in. Pure.

In a building at work phase voltages are near 220 V and those between phases near 380 V (GB/T 156, GB/T 12325: within
10 %, with room for other countries), the frequency is near 50 Hz (GB/T 15945), no power factor is above 1. A voltage
that the profile itself never lets be as high, a battery's, is not the mains'.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final

from facility.profiles.schema import ModbusPoint, Order, PointBase, Profile
from facility.quantities import Quantity
from facility.readings import Status

EXPECTED: Final[Mapping[Quantity, tuple[float, float]]] = {
    Quantity.VOLTAGE: (90.0, 450.0),
    Quantity.FREQUENCY: (45.0, 65.0),
    Quantity.POWER_FACTOR: (-1.0, 1.0),
    Quantity.TEMPERATURE: (-40.0, 130.0),
    Quantity.HUMIDITY: (0.0, 100.0),
}
DENIALS: Final = (Status.EXCEPTION, Status.OUT_OF_RANGE)
STRANGE: Final = (Status.OUT_OF_RANGE, Status.NOT_A_NUMBER, Status.UNKNOWN_CODE)
"""What the right profile would not read, but from a device that is broken."""
UNSAID: Final = (Status.EXCEPTION, Status.TIMEOUT, Status.BAD_ANSWER)
"""The device has no such register, or did not say what stands in it."""
NOTHING: Final = 1e-3
"""A value nearer to zero says nothing: an empty register reads so, and many a number in the wrong word order."""
ORDERS: Final[tuple[Order, ...]] = ("ABCD", "CDAB", "BADC", "DCBA")


def expected_of(profile: Profile) -> dict[str, tuple[float, float]]:
    """Point -> lowest and highest value expected of a device in use: as the profile says, else by quantity."""
    if profile.identify is not None and profile.identify.plausible:
        return {each.point: (each.low, each.high) for each in profile.identify.plausible}
    return {
        point.id: EXPECTED[point.quantity]
        for point in profile.points
        if point.quantity in EXPECTED and _can_be(point, *EXPECTED[point.quantity])
    }


def _can_be(point: PointBase, low: float, high: float) -> bool:
    """Whether what is believed of a point and what is expected of its quantity have anything in common."""
    return (point.low is None or point.low < high) and (point.high is None or point.high > low)


class Likeness(Enum):
    """What a value says for its being what the profile takes it for."""

    FITS = "fits"
    CONTRADICTS = "contradicts"
    SILENT = "silent"


def likeness(profile: Profile, point: str, value: float | None, status: Status) -> Likeness:
    """Whether a value is what is expected of the point. Zero says nothing, and neither does a device that has no value
    now; one that refuses the register, or says what cannot be, contradicts.
    """
    low, high = expected_of(profile)[point]
    if status in DENIALS:
        return Likeness.CONTRADICTS
    if value is None or abs(value) < NOTHING:
        return Likeness.SILENT
    return Likeness.FITS if low <= value <= high else Likeness.CONTRADICTS


def in_order(profile: Profile, order: Order) -> Profile | None:
    """The profile with every value of several registers in another word order; None where that changes nothing."""
    points = tuple(_turned(point, order) for point in profile.modbus)
    return None if points == profile.modbus else profile.model_copy(update={"modbus": points})


def _turned(point: ModbusPoint, order: Order) -> ModbusPoint:
    if point.registers < 2 or point.type == "string":
        return point
    return point.model_copy(update={"order": order})
