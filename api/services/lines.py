"""How the wires do, line by line and device by device: what was reckoned beside what is measured."""

from __future__ import annotations

from datetime import datetime

from api.auth import ROLES, Access
from api.context import ApiContext
from api.services.brokers import BrokerView, PublishView, broker_view, publish_view
from api.services.line_budgets import BudgetView
from api.services.storing import SiteFileView, StoreView, site_file_view, store_view
from api.shapes import Bilingual, Shape
from facility.commands import Actor
from facility.line_health import LineHealth, UnitHealth
from facility.model import Device
from facility.model.entries import Link


class LineUnit(Shape):
    """One device on a line. `place` is its unit id, meter address or topic. Counts are since the gateway's start;
    latencies are milliseconds, None before the first answer; `since` is when `up` last changed, as far as was told;
    `dead_since` and `probe_at` are None while it answers. While the line itself is down, `up` is False of all on it.
    """

    device: str
    profile: str
    place: str
    cabinet: str | None
    points: int
    up: bool | None
    since: datetime | None
    requests: int | None
    errors: dict[str, int]
    latency_p50_ms: float | None
    latency_p95_ms: float | None
    dead_since: datetime | None
    probe_at: datetime | None


class LineView(Shape):
    """One line. `up` is None until it was first used; `since` is when that was last told. `load` is the share (0 to 1)
    of the last minute in which the line was busy, None where that is not measured; `missed` counts poll cycles that
    were skipped, `dropped_answers` answers that came too late or from somebody else. `reason` says why it is down
    and what to do, None where only the technical `detail` is known. `budget` is what its polls need by reckoning,
    `broker` what came from it: each line has one of the two. `frames` are remembered.
    """

    id: str
    type: str
    endpoint: str
    up: bool | None
    since: datetime | None
    detail: str | None
    reason: Bilingual | None
    budget: BudgetView | None
    load: float | None
    requests: int | None
    errors: dict[str, int]
    missed: int | None
    dropped_answers: int | None
    latency_p50_ms: float | None
    latency_p95_ms: float | None
    frames: int
    broker: BrokerView | None
    units: list[LineUnit]


class Lines(Shape):
    """All lines of the site. `measured` is when the gateway last told, None before. `published` is None where nothing
    is published for other systems, `store` where another process keeps what comes, `site_file` while the journal cannot
    be asked.
    """

    measured: datetime | None
    lines: list[LineView]
    published: PublishView | None
    store: StoreView | None
    site_file: SiteFileView | None


def may_see_frames(actor: Actor | None) -> bool:
    """Whether somebody may look at raw frames and messages."""
    return actor is not None and actor.role in ROLES[Access.ATTEND]


async def lines(context: ApiContext, *, raw: bool) -> Lines:
    """All lines, in the site file's order; with what strangers said on brokers where `raw`."""
    site_file = await site_file_view(context)
    board = context.line_board
    times = [line.at for line in board.lines.values()] + [broker.at for broker in board.brokers.values()]
    return Lines(
        measured=context.local(max(times)) if times else None,
        lines=[_line(context, name, link, raw=raw) for name, link in context.site.links.items()],
        published=publish_view(context),
        store=store_view(context),
        site_file=site_file,
    )


def _line(context: ApiContext, name: str, link: Link, *, raw: bool) -> LineView:
    health, broker = context.line_board.lines.get(name), context.line_board.brokers.get(name)
    status = context.latest.links.get((name, None))
    ring = context.wire_log.of(name)
    up = status.up if status is not None else None if broker is None else broker.up
    return LineView(
        id=name,
        type=link.type,
        endpoint=link.endpoint,
        up=up,
        since=None if status is None else context.local(status.at),
        detail=None if status is None else status.detail,
        reason=None if status is None or status.reason is None else Bilingual.of(status.reason),
        budget=context.budgets.of(context.site).get(name),
        load=None if health is None else health.load,
        requests=None if health is None else health.requests,
        errors={} if health is None else dict(health.errors),
        missed=None if health is None else health.missed,
        dropped_answers=None if health is None else health.dropped_answers,
        latency_p50_ms=None if health is None else health.latency_p50_ms,
        latency_p95_ms=None if health is None else health.latency_p95_ms,
        frames=0 if ring is None else len(ring),
        broker=None if broker is None else broker_view(context, broker, raw=raw),
        units=_units(context, name, health, None if status is None else status.at, is_down=up is False),
    )


def _units(
    context: ApiContext, line: str, health: LineHealth | None, since: datetime | None, *, is_down: bool
) -> list[LineUnit]:
    told = {} if health is None else {unit.device: unit for unit in health.units}
    devices = context.site.devices.values()
    units = [_unit(context, device, told.get(device.id)) for device in devices if device.link == line]
    if not is_down:
        return units
    fallen = {"up": False, "since": _local(context, since)}
    return [unit if unit.up is False else unit.model_copy(update=fallen) for unit in units]


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
        since=None if status is None else context.local(status.at),
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
