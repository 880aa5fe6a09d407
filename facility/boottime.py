"""The machine's own clock: it never jumps, and it runs on while the machine is suspended."""

from __future__ import annotations

import time
from typing import Final

_BOOT_CLOCK: Final[int | None] = getattr(time, "CLOCK_BOOTTIME", None)


def boottime_s() -> float:
    """Seconds since some moment in the past (Linux: since the boot, CLOCK_BOOTTIME).

    Unlike the wall clock nobody sets it; unlike `time.monotonic` on Linux it counts the time that a suspended machine
    slept. Comparable within one machine and one boot only. Where the system has no such clock: `time.monotonic`.
    """
    return time.monotonic() if _BOOT_CLOCK is None else time.clock_gettime(_BOOT_CLOCK)
