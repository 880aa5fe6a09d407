"""The edge nodes of one link: their topics, what their metrics become, and when one is asked for a rebirth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from facility.clock import Clock
from facility.model import Site
from facility.model.broker_entries import DEVICE
from facility.readings import Batch, Status, failed, to_us
from gateway.mqtt.columns import batch_of
from gateway.mqtt.payload import Source, Value, metric_source, read
from gateway.mqtt.routes import devices_of, patterns_of
from gateway.mqtt.sparkplug.node import NODE, EdgeNode, Heard, Kind, Named
from gateway.mqtt.sparkplug.wire import Unsupported, decode, rebirth_command, typed
from gateway.mqtt.stamps import Dating

NAMESPACE: Final = "spBv1.0"
FIRST_REBIRTH_PAUSE: Final = timedelta(seconds=10)
LONGEST_REBIRTH_PAUSE: Final = timedelta(minutes=10)
_MOST_NODES: Final = 1000

Speak = Callable[[str, bytes], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a message comes to: batches of readings, and devices of the site that came (True) or went (False)."""

    batches: tuple[Batch, ...] = ()
    presence: tuple[tuple[str, bool], ...] = ()
    stranger: str | None = None


@dataclass(slots=True, kw_only=True)
class _Member:
    """A device of the site on an edge node."""

    device: str
    sources: dict[str, list[Source]]
    points: tuple[str, ...]


@dataclass(slots=True)
class _Asking:
    """When a node may be asked for a rebirth again, and how long then."""

    not_before: datetime
    pause: timedelta


class SparkplugDesk:
    """Turns the messages of edge nodes into readings.

    Args:
        site: the site.
        link_id: an MQTT link of it.
        dating: judges the devices' times.
        clock: paces the requests for a rebirth.
    """

    def __init__(self, site: Site, link_id: str, dating: Dating, clock: Clock) -> None:
        self._dating = dating
        self._clock = clock
        self._members: dict[tuple[str, str], dict[str, list[_Member]]] = {}
        self._nodes: dict[tuple[str, str], EdgeNode] = {}
        self._asking: dict[tuple[str, str], _Asking] = {}
        self._filters: list[str] = []
        self.speak: Speak | None = None
        self.rebirths = Counter[str]()
        for device in devices_of(site, link_id, sparkplug=True):
            group, node, name = _place((device.topic or "").rstrip("/"))
            self._filters.append(_filter(group, node))
            member = _Member(device=device.id, sources={}, points=())
            for point in site.points_of_device(device.id):
                source = metric_source(point)
                member.sources.setdefault("" if source.path is None else source.path[0], []).append(source)
                member.points = (*member.points, point.id)
            self._members.setdefault((group, node), {}).setdefault(name, []).append(member)
        for pattern, _, _ in patterns_of(site, link_id, sparkplug=True):
            self._filters.append(_filter(*_place(pattern.replace(DEVICE, "+"))[:2]))

    @property
    def subscriptions(self) -> tuple[str, ...]:
        """One for each edge node, or for all that a pattern names: its count runs over all its devices."""
        return tuple(each for each in dict.fromkeys(self._filters) if not self._is_covered(each))

    def _is_covered(self, wanted: str) -> bool:
        """Whether another, wider subscription has it."""
        return any(other != wanted and _covers(other, wanted) for other in self._filters)

    def owner(self, topic: str) -> str | None:
        """The edge node of the site that speaks on a topic, None when it is none of them."""
        levels = topic.split("/")
        place = (levels[1], levels[3]) if levels[0] == NAMESPACE and len(levels) in (4, 5) else None
        return "/".join(place) if place is not None and place in self._members else None

    def take(self, topic: str, payload: bytes, arrived: datetime) -> Told:
        """Takes a message of the namespace.

        Raises:
            Unreadable: it is no Sparkplug B payload.
        """
        levels = topic.split("/")
        if len(levels) not in (4, 5) or levels[2] not in Kind.__members__.values():
            return Told()
        kind, place, name = Kind(levels[2]), (levels[1], levels[3]), levels[4] if len(levels) == 5 else NODE
        message = decode(payload)
        if place not in self._members and len(self._nodes) >= _MOST_NODES:
            return Told(stranger=topic.removeprefix(f"{NAMESPACE}/"))
        node = self._nodes.get(place)
        if node is None:
            node = self._nodes[place] = EdgeNode(known=self._members.get(place, {}))
        heard = node.take(kind, name, message)
        if heard.rebirth is not None and place in self._members:
            self._ask(place, heard.rebirth)
        elif kind is Kind.NODE_BIRTH and place in self._asking:
            self._asking[place].pause = FIRST_REBIRTH_PAUSE / 2
        return self._told(place, heard, arrived, message.time_ms)

    def _told(self, place: tuple[str, str], heard: Heard, arrived: datetime, sent_ms: int | None) -> Told:
        members = self._members.get(place, {})
        if heard.gone:
            return self._farewell(members, heard.gone)
        here = members.get(heard.device, [])
        stranger = None if here or heard.device == NODE else f"{place[0]}/{place[1]}/{heard.device}"
        if not members:
            stranger = stranger or f"{place[0]}/{place[1]}"
        batches = tuple(batch for member in here for batch in self._batches(member, heard.metrics, arrived, sent_ms))
        back = tuple((member.device, True) for member in here) if heard.back is not None else ()
        return Told(batches=batches, presence=back, stranger=stranger)

    def _farewell(self, members: dict[str, list[_Member]], gone: tuple[str, ...]) -> Told:
        """With a node all its devices are gone."""
        names = members if NODE in gone else [name for name in gone if name in members]
        lost = [member for name in names for member in members[name]]
        points = [point for member in lost for point in member.points]
        batch = (failed(points, to_us(self._clock.now()), Status.DISCONNECTED),) if points else ()
        return Told(batches=batch, presence=tuple((member.device, False) for member in lost))

    def _batches(
        self, member: _Member, metrics: tuple[Named, ...], arrived: datetime, sent_ms: int | None
    ) -> list[Batch]:
        by_time: dict[tuple[datetime, bool], list[tuple[str, Value]]] = {}
        for named in metrics:
            sources = member.sources.get(named.name)
            if sources is None or named.metric.is_transient:
                continue
            time = self._time_of(named, arrived, sent_ms)
            values = by_time.setdefault(time, [])
            for source in sources:
                values.append((source.point, _value(source, named)))
        return [batch_of(time, values, doubtful) for (time, doubtful), values in sorted(by_time.items())]

    def _time_of(self, named: Named, arrived: datetime, sent_ms: int | None) -> tuple[datetime, bool]:
        said_ms = named.metric.time_ms if named.metric.time_ms is not None else sent_ms
        if said_ms is None:
            return arrived, False
        try:
            time = datetime.fromtimestamp(said_ms / 1000.0, UTC)
        except (ValueError, OverflowError, OSError):
            return arrived, True
        return self._dating.believed(time, arrived, historical=named.metric.is_historical)

    def _ask(self, place: tuple[str, str], why: str) -> None:
        """Asks a node for a rebirth, with growing pauses between: one that does not do it is left in peace."""
        now = self._clock.now()
        before = self._asking.get(place)
        if self.speak is None or (before is not None and now < before.not_before):
            return
        pause = FIRST_REBIRTH_PAUSE if before is None else min(2 * before.pause, LONGEST_REBIRTH_PAUSE)
        self._asking[place] = _Asking(now + pause, pause)
        self.rebirths[why] += 1
        self.speak(f"{NAMESPACE}/{place[0]}/NCMD/{place[1]}", rebirth_command(to_us(now) // 1000))


def _place(topic: str) -> tuple[str, str, str]:
    """Group, edge node, device of a topic `group/node/device` or `group/node`."""
    group, _, rest = topic.partition("/")
    node, _, device = rest.partition("/")
    return group, node, device


def _filter(group: str, node: str) -> str:
    return f"{NAMESPACE}/{group}/+/{node}/#"


def _covers(wide: str, narrow: str) -> bool:
    pairs = zip(wide.split("/"), narrow.split("/"), strict=True)
    return all(mine in ("+", its) for mine, its in pairs)


def _value(source: Source, named: Named) -> Value:
    if named.metric.value is None:
        return None, Status.NOT_AVAILABLE
    value = typed(named.metric.value, named.datatype)
    if isinstance(value, Unsupported):
        return None, Status.BAD_PAYLOAD
    return read(source, {named.name: value} if source.path is not None else value) or (None, Status.BAD_PAYLOAD)
