"""The newest that the gateway told of its lines, for whoever asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from facility.broker_health import BrokerHealth
from facility.bus.messages import LinesMeasured
from facility.bus.protocol import Bus
from facility.line_health import LineHealth
from facility.publish_health import PublishHealth


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
