"""How the lines do: what the gateway measures and tells, and the newest of it for whoever asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from facility.broker_health import BrokerHealth
from facility.bus.messages import LinesMeasured
from facility.bus.protocol import Bus
from facility.publish_health import PublishHealth


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitHealth:
    """One device on its line, since the gateway's start. `up` is None until it was first asked; latencies are wall
    milliseconds, None before the first answer; `errors` counts by kind (the names of `facility.errors`); `dead_since`
    and `probe_at` (aware UTC) are None while it answers.
    """

    device: str
    up: bool | None
    requests: int
    errors: Mapping[str, int]
    latency_p50_ms: float | None
    latency_p95_ms: float | None
    dead_since: datetime | None
    probe_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineHealth:
    """One line, since the gateway's start. `load`: share (0 to 1) of the last minute of wall time in which the line
    was busy, None before the first. `missed`: poll cycles that were skipped because the line was too slow.
    `dropped_answers`: answers that came too late or from somebody else and were thrown away.
    """

    link: str
    up: bool | None
    at: datetime
    requests: int
    errors: Mapping[str, int]
    missed: int
    dropped_answers: int
    load: float | None
    latency_p50_ms: float | None
    latency_p95_ms: float | None
    units: tuple[UnitHealth, ...]


class LineBoard:
    """The newest `LineHealth` of every line, and `BrokerHealth` of every broker.

    Args:
        bus: brings them.
    """

    def __init__(self, bus: Bus) -> None:
        self._lines: Mapping[str, LineHealth] = {}
        self._brokers: Mapping[str, BrokerHealth] = {}
        self._published: PublishHealth | None = None
        self._leave: Callable[[], None] = bus.listen(LinesMeasured, self._take)

    def _take(self, message: LinesMeasured) -> None:
        self._lines = {line.link: line for line in message.lines}
        self._brokers = {broker.link: broker for broker in message.brokers}
        self._published = message.published

    @property
    def lines(self) -> Mapping[str, LineHealth]:
        """By line, empty until the gateway first told."""
        return self._lines

    @property
    def brokers(self) -> Mapping[str, BrokerHealth]:
        """The lines to MQTT brokers, by link."""
        return self._brokers

    @property
    def published(self) -> PublishHealth | None:
        """Publishing for other systems; None where nothing is published, and until the gateway first told."""
        return self._published

    def close(self) -> None:
        """Stops listening."""
        self._leave()
