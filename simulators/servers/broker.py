"""The embedded MQTT broker (amqtt, MQTT 3.1.1) for links that say `embedded: true`. For demonstrations only."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from facility.errors import PersonMustAct
from facility.model.entries import MqttLink


@asynccontextmanager
async def embedded_broker(entry: MqttLink) -> AsyncIterator[None]:
    """Runs a broker at the link's address while the body runs.

    Raises:
        PersonMustAct: amqtt is not installed.
    """
    try:
        from amqtt.broker import Broker
    except ImportError as error:
        raise PersonMustAct("the embedded MQTT broker needs amqtt: pip install 'houqin[demo]'") from error
    # A subscriber that leaves with a message under way is an error with a traceback to amqtt, and daily life to us.
    # What keeps it from starting it raises.
    for name in ("amqtt", "transitions"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    broker = Broker(
        {
            "listeners": {"default": {"type": "tcp", "bind": f"{entry.host}:{entry.port}"}},
            "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
        }
    )
    await broker.start()
    try:
        yield
    finally:
        await broker.shutdown()
