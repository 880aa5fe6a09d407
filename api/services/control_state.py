"""Whether this process's controller operates the building, as the API and the pages tell it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from facility.boottime import boottime_s

if TYPE_CHECKING:
    from api.context import ApiContext


class ControlState(StrEnum):
    """What the controller beside this API does."""

    ACTING = "acting"
    SHADOW = "shadow"
    STANDBY = "standby"
    UNLED = "unled"


def control_state(context: ApiContext) -> ControlState:
    """Acting, tried out, standing by for another one, or held still because nobody is known to act."""
    lease = context.latest.lease
    if lease is None and context.site.file.journal.url_env is not None:
        return ControlState.UNLED  # another process may stand beside; nobody has said yet which of them acts
    if lease is not None:
        over = lease.until_boot_s is not None and boottime_s() >= lease.until_boot_s
        if not lease.acting and lease.holder and not over:
            return ControlState.STANDBY
        if not lease.acting or over:
            return ControlState.UNLED
    return ControlState.SHADOW if context.site.file.control.mode == "shadow" else ControlState.ACTING
