"""A reading: what a device said, when it said it, and how far it can be believed.

On the hot path readings travel as a `Batch`: one device answer, one batch, columns inside. `Reading` is the object
for the edges (pages, API, live image). Missing is never zero: a failed read has value None and a status that says why.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Final

from facility.text import Text

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class Quality(StrEnum):
    """The three OPC UA qualities (OPC 10000-8, severity bits of a StatusCode)."""

    GOOD = "good"
    UNCERTAIN = "uncertain"
    BAD = "bad"


class Status(IntEnum):
    """Quality and reason in one stored byte: 0-63 good, 64-127 uncertain, 128-255 bad.

    A bad status goes with value None; an uncertain one keeps its value.
    """

    GOOD = 0
    MANUAL = 1

    SUBSTITUTED = 64
    OUT_OF_RATE = 65
    FROZEN = 66
    CLOCK_DOUBTFUL = 67
    DISAGREES = 68

    TIMEOUT = 128
    LINK_DOWN = 129
    BAD_ANSWER = 130
    EXCEPTION = 131
    NOT_A_NUMBER = 132
    NOT_AVAILABLE = 133
    OUT_OF_RANGE = 134
    UNKNOWN_CODE = 135
    BAD_PAYLOAD = 136
    DISCONNECTED = 137

    @property
    def quality(self) -> Quality:
        """Good, uncertain or bad."""
        if self < 64:
            return Quality.GOOD
        return Quality.UNCERTAIN if self < 128 else Quality.BAD

    @property
    def reason(self) -> str | None:
        """Machine-readable reason, None for plain good."""
        return None if self is Status.GOOD else self.name.lower()


STATUS_TEXTS: Final[dict[Status, Text]] = {
    Status.GOOD: Text("正常", "good"),
    Status.MANUAL: Text("人工录入", "entered by hand"),
    Status.SUBSTITUTED: Text("替代值", "substituted"),
    Status.OUT_OF_RATE: Text("变化过快", "changed too fast"),
    Status.FROZEN: Text("长时间不变", "frozen"),
    Status.CLOCK_DOUBTFUL: Text("设备时间可疑", "device clock doubtful"),
    Status.DISAGREES: Text("与其他传感器不符", "disagrees with another sensor"),
    Status.TIMEOUT: Text("设备无应答", "no answer"),
    Status.LINK_DOWN: Text("线路断开", "line down"),
    Status.BAD_ANSWER: Text("应答错误", "wrong answer"),
    Status.EXCEPTION: Text("设备返回异常码", "exception from device"),
    Status.NOT_A_NUMBER: Text("非数值", "not a number"),
    Status.NOT_AVAILABLE: Text("设备报告无效值", "device says not available"),
    Status.OUT_OF_RANGE: Text("超出合理范围", "out of range"),
    Status.UNKNOWN_CODE: Text("未知状态码", "unknown code"),
    Status.BAD_PAYLOAD: Text("报文无法解析", "message not understood"),
    Status.DISCONNECTED: Text("设备离线", "device disconnected"),
}


def to_us(time: datetime) -> int:
    """Microseconds since 1970-01-01 UTC of an aware time.

    Raises:
        ValueError: `time` has no zone.
    """
    if time.tzinfo is None:
        raise ValueError(f"{time.isoformat()} has no time zone; every time in Houqin is aware")
    return (time - _EPOCH) // _MICROSECOND


def from_us(time_us: int) -> datetime:
    """Aware UTC time of microseconds since 1970-01-01 UTC."""
    return _EPOCH + timedelta(microseconds=time_us)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One value of one point, for the edges.

    `value` is in the point's canonical unit, None when there is none; `time` is when the device answered, aware UTC.
    """

    point: str
    time: datetime
    value: float | None
    status: Status = Status.GOOD

    @property
    def usable(self) -> bool:
        """Good and with a value: fit to decide and to account by."""
        return self.value is not None and self.status.quality is Quality.GOOD

    def age_s(self, now: datetime) -> float:
        """Seconds since the device answered."""
        return (now - self.time).total_seconds()


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One device answer: parallel columns that share one time.

    `time_us` is when the device answered, microseconds since 1970 UTC. `statuses` None means all good. Where a status
    is bad the value is None.
    """

    time_us: int
    points: Sequence[str]
    values: Sequence[float | None]
    statuses: Sequence[Status] | None = None

    def __len__(self) -> int:
        return len(self.points)

    def readings(self) -> Iterator[Reading]:
        """The same as objects."""
        time = from_us(self.time_us)
        for index, point in enumerate(self.points):
            status = Status.GOOD if self.statuses is None else self.statuses[index]
            yield Reading(point=point, time=time, value=self.values[index], status=status)


def failed(points: Sequence[str], time_us: int, status: Status) -> Batch:
    """The batch that says: these points were asked and gave nothing, and why."""
    return Batch(time_us=time_us, points=points, values=(None,) * len(points), statuses=(status,) * len(points))
