"""How the line to an MQTT broker does: what the gateway counts and tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from facility.strangers import Stranger


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerHealth:
    """One line to a broker, since the gateway's start. `up` is None until it was first tried. `refused` counts messages
    that were not used, by reason (`gateway.mqtt.payload.Flaw`, and `retained`); `dropped` those let go because their
    device sent too many, by device ("" for nobody's). `unacknowledged`: messages that the broker keeps until their
    readings are durable. `strangers`: who speaks and is in no entry, the newest first.
    """

    link: str
    up: bool | None
    at: datetime
    connections: int
    messages: int
    readings: int
    refused: Mapping[str, int]
    dropped: Mapping[str, int]
    unacknowledged: int
    strangers: tuple[Stranger, ...]
