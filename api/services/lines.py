"""How the wires do, line by line and device by device, and the raw frames on them."""

from __future__ import annotations

from datetime import datetime

from api.context import ApiContext
from api.problems import unknown
from api.shapes import Shape
from facility.line_health import LineHealth, UnitHealth
from facility.model import Device
from facility.model.entries import Link
from facility.readings import from_us
from facility.text import Text

LINE = Text("线路", "line")
MOST_FRAMES = 1000


class LineUnit(Shape):
    """One device on a line. `place` is its unit id, meter address or topic. Counts are since the gateway's start;
    latencies are milliseconds, None before the first answer; `dead_since` and `probe_at` are None while it answers.
    """

    device: str
    profile: str
    place: str
    cabinet: str | None
    points: int
    up: bool | None
    requests: int | None
    errors: dict[str, int]
    latency_p50_ms: float | None
    latency_p95_ms: float | None
    dead_since: datetime | None
    probe_at: datetime | None


class LineView(Shape):
    """One line. `up` is None until it was first used; `since` is when that was last told. `load` is the share (0 to 1)
    of the last minute in which the line was busy, None where that is not measured; `missed` counts poll cycles that
    were skipped, `dropped_answers` answers that came too late or from somebody else.
    """

    id: str
    type: str
    endpoint: str
    up: bool | None
    since: datetime | None
    detail: str | None
    load: float | None
    requests: int | None
    errors: dict[str, int]
    missed: int | None
    dropped_answers: int | None
    latency_p50_ms: float | None
    latency_p95_ms: float | None
    frames: int
    units: list[LineUnit]


class Lines(Shape):
    """All lines of the site. `measured` is when the gateway last told, None before."""

    measured: datetime | None
    lines: list[LineView]


class FrameView(Shape):
    """One frame as it was on the wire: `data` in hexadecimal, `note` what was wrong with it."""

    number: int
    time: datetime
    direction: str
    data: str
    note: str | None


class Frames(Shape):
    """The frames of a line that came after the one asked for, oldest first. `kept` is how many are remembered."""

    line: str
    kept: int
    frames: list[FrameView]


def lines(context: ApiContext) -> Lines:
    """All lines, in the site file's order."""
    measured = context.line_board.lines
    times = [health.at for health in measured.values()]
    return Lines(
        measured=context.local(max(times)) if times else None,
        lines=[_line(context, name, link, measured.get(name)) for name, link in context.site.links.items()],
    )


def _line(context: ApiContext, name: str, link: Link, health: LineHealth | None) -> LineView:
    status = context.latest.links.get((name, None))
    ring = context.wire_log.of(name)
    units = {} if health is None else {unit.device: unit for unit in health.units}
    return LineView(
        id=name,
        type=link.type,
        endpoint=link.endpoint,
        up=None if status is None else status.up,
        since=None if status is None else context.local(status.at),
        detail=None if status is None else status.detail,
        load=None if health is None else health.load,
        requests=None if health is None else health.requests,
        errors={} if health is None else dict(health.errors),
        missed=None if health is None else health.missed,
        dropped_answers=None if health is None else health.dropped_answers,
        latency_p50_ms=None if health is None else health.latency_p50_ms,
        latency_p95_ms=None if health is None else health.latency_p95_ms,
        frames=0 if ring is None else len(ring.after()),
        units=[
            _unit(context, device, units.get(device.id))
            for device in context.site.devices.values()
            if device.link == name
        ],
    )


def _unit(context: ApiContext, device: Device, health: UnitHealth | None) -> LineUnit:
    status = context.latest.links.get((device.link, device.id))
    up = health.up if health is not None else None if status is None else status.up
    return LineUnit(
        device=device.id,
        profile=device.profile,
        place=_place(device),
        cabinet=device.cabinet,
        points=len(context.site.points_of_device(device.id)),
        up=up,
        requests=None if health is None else health.requests,
        errors={} if health is None else dict(health.errors),
        latency_p50_ms=None if health is None else health.latency_p50_ms,
        latency_p95_ms=None if health is None else health.latency_p95_ms,
        dead_since=_local(context, None if health is None else health.dead_since),
        probe_at=_local(context, None if health is None else health.probe_at),
    )


def _place(device: Device) -> str:
    if device.unit is not None:
        return str(device.unit)
    return device.address or device.topic or ""


def _local(context: ApiContext, time: datetime | None) -> datetime | None:
    return None if time is None else context.local(time)


def frames(context: ApiContext, line: str, *, after: int, limit: int) -> Frames:
    """The newest `limit` frames of a line that came after number `after`.

    Raises:
        RequestProblem: there is no such line.
    """
    if line not in context.site.links:
        raise unknown(LINE, line)
    ring = context.wire_log.of(line)
    kept = () if ring is None else ring.after()
    return Frames(
        line=line,
        kept=len(kept),
        frames=[
            FrameView(
                number=frame.number,
                time=context.local(from_us(frame.time_us)),
                direction=frame.direction.value,
                data=frame.data.hex(),
                note=frame.note,
            )
            for frame in [frame for frame in kept if frame.number > after][-limit:]
        ],
    )
