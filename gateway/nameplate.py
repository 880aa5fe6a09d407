"""What a device says of itself: serial number, firmware, ratios as they are set. For acceptance, to compare with its
plate and display.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction

from facility.errors import DeviceRefused
from facility.profiles.schema import BIT_TABLES, Plate
from gateway.raw import number_of, pattern_of, text_of
from gateway.writing import Ask


async def read_nameplate(plates: Sequence[Plate], ask: Ask) -> Mapping[str, str | None]:
    """Every line of a nameplate by its id, as people would write it; None where the device has no such register, or
    nothing legible in it.

    Args:
        plates: what the profile says is there.
        ask: reads registers of the device.

    Raises:
        HouqinError: as `Transport.read`, but for a register that the device refuses.
    """
    shown: dict[str, str | None] = {}
    for plate in plates:
        try:
            raw = await ask(plate.table, plate.address, plate.registers)
        except DeviceRefused:
            shown[plate.id] = None
            continue
        shown[plate.id] = shown_on(plate, raw)
    return shown


def shown_on(plate: Plate, raw: bytes) -> str | None:
    """What one line of the nameplate says, None where nothing legible stands there."""
    if plate.type == "string":
        return text_of(plate, raw) or None
    number = number_of(plate.type, pattern_of(plate, raw))
    if number is None or not math.isfinite(number):
        return None
    if plate.table in BIT_TABLES or plate.scale == 1:
        text = f"{number}" if isinstance(number, int) else f"{number:g}"
    else:
        text = f"{float(Fraction(number) * Fraction(plate.scale)):g}"
    return text if plate.unit is None else f"{text} {plate.unit}"
