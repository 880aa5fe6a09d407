"""Unit ids as people write them: `1-32,247`."""

from __future__ import annotations

from typing import Final

TCP_UNITS: Final = "0-16,255"
"""Where a Modbus/TCP device or gateway usually is."""
SERIAL_UNITS: Final = "1-247"
"""All that a serial line can have (Modbus over Serial Line V1.02, section 2.2)."""


def units_of(written: str) -> list[int]:
    """Unit ids, each once, in order.

    Raises:
        ValueError: a part is no id or range of ids from 0 to 255; its text is that part.
    """
    found: set[int] = set()
    for part in written.split(","):
        first, _, last = part.strip().partition("-")
        last = last or first
        if not (first.isascii() and first.isdigit() and last.isascii() and last.isdigit()):
            raise ValueError(part)
        if not int(first) <= int(last) <= 255:
            raise ValueError(part)
        found.update(range(int(first), int(last) + 1))
    return sorted(found)
