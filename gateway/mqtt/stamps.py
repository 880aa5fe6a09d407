"""When a message was said, and whether the device's clock is to be believed.

A time is believed from seven days back to five minutes ahead (devices are set by hand or once a day); anything else,
and anything that is no certain time, makes the message count from its arrival with a doubt. A believed time that is
ahead counts as now: nothing may be newer than what comes next.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from facility.clock import Clock, stretched_s
from facility.profiles.messages import Stamp, TimeFormat
from gateway.mqtt.payload import ABSENT, descend

OLDEST: Final = timedelta(days=7)
OLDEST_HISTORICAL: Final = timedelta(days=400)
"""What a device calls history itself may be as old as its memory."""

FUTURE_TOLERANCE_S: Final = 300.0
RETAINED_FRESH_S: Final = 300.0
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_S: Final = 253_402_300_799.0  # the end of the year 9999


class Doubtful(Exception):
    """A message says a time that is none, or none that is certain."""


def said_time(stamp: Stamp | None, said: object, zone: ZoneInfo) -> datetime | None:
    """The time that a message carries, aware; None when it carries none.

    Args:
        stamp: where it stands and how it is written; None where the profile names none.
        said: the message: a JSON object, or a text that has no place for a time.
        zone: the site's, for local times without an offset.

    Raises:
        Doubtful: it is not written as the profile says, or without the offset it needs.
    """
    if stamp is None or not isinstance(said, dict):
        return None
    found = descend(said, tuple(stamp.key.split(".")))
    if found is ABSENT or found is None:
        return None
    return moment(stamp.format, found, zone)


def moment(written: TimeFormat, found: object, zone: ZoneInfo) -> datetime:
    """The moment that `found` names.

    Raises:
        Doubtful: it is not written as `written` says.
    """
    if written in ("epoch_s", "epoch_ms"):
        return _since_1970(_number(found) / (1000.0 if written == "epoch_ms" else 1.0))
    try:
        time = datetime.fromisoformat(found) if isinstance(found, str) else None
    except ValueError:
        time = None
    if time is None:
        raise Doubtful
    if time.tzinfo is None:
        if written != "local":
            raise Doubtful
        time = time.replace(tzinfo=zone)
    try:
        return time.astimezone(UTC)
    except OverflowError:  # of the year 1 or 9999, in a zone that makes it another
        raise Doubtful from None


def _number(found: object) -> float:
    if isinstance(found, bool) or not isinstance(found, int | float | str):
        raise Doubtful
    try:
        return float(found)
    except (ValueError, OverflowError):
        raise Doubtful from None


def _since_1970(seconds: float) -> datetime:
    if not math.isfinite(seconds) or not 0.0 <= seconds <= _LAST_S:
        raise Doubtful
    return _EPOCH + timedelta(seconds=seconds)


class Dating:
    """Dates messages.

    Args:
        clock: says what is now.
        zone: the site's.
    """

    def __init__(self, clock: Clock, zone: ZoneInfo) -> None:
        self._clock = clock
        self._zone = zone

    def of(self, stamp: Stamp | None, said: Any, arrived: datetime) -> tuple[datetime, bool]:
        """When a message was said, and whether its clock is to be doubted: then it is when the message came."""
        try:
            time = said_time(stamp, said, self._zone)
        except Doubtful:
            return arrived, True
        return (arrived, False) if time is None else self.believed(time, arrived)

    def believed(self, time: datetime, arrived: datetime, *, historical: bool = False) -> tuple[datetime, bool]:
        """A time as far as it is believed, and whether it is to be doubted."""
        now = self._clock.now()
        ahead = timedelta(seconds=stretched_s(FUTURE_TOLERANCE_S, self._clock.pace))
        oldest = OLDEST_HISTORICAL if historical else OLDEST
        return (min(time, now), False) if now - oldest <= time <= now + ahead else (arrived, True)

    def proves_fresh(self, stamp: Stamp | None, said: Any) -> bool:
        """Whether a retained message shows by its own time that it is of now."""
        try:
            time = said_time(stamp, said, self._zone)
        except Doubtful:
            return False
        if time is None:
            return False
        limit_s = stretched_s(RETAINED_FRESH_S, self._clock.pace)
        ahead_s = stretched_s(FUTURE_TOLERANCE_S, self._clock.pace)
        return -ahead_s <= (self._clock.now() - time).total_seconds() <= limit_s
