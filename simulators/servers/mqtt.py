"""Sends the sensors' messages through paho-mqtt, in paho's own thread."""

from __future__ import annotations

import os
from typing import Final

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from facility.model.entries import MqttLink

QUEUED_AT_MOST: Final = 2000
"""Messages kept while the broker is away; paho then refuses the newest, as a small sensor would."""


class Publisher:
    """All sensors of one MQTT link share this connection. It reconnects for ever.

    Args:
        link: its id, part of the client id.
        entry: its broker.
    """

    def __init__(self, link: str, entry: MqttLink) -> None:
        protocol = mqtt.MQTTv5 if entry.version == "5" else mqtt.MQTTv311
        self._entry = entry
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=f"houqin-building-{link}-{os.getpid()}", protocol=protocol
        )
        self._client.max_queued_messages_set(QUEUED_AT_MOST)
        self._client.reconnect_delay_set(min_delay=1, max_delay=5)
        if entry.username_env is not None:
            password = None if entry.password_env is None else os.environ.get(entry.password_env)
            self._client.username_pw_set(os.environ.get(entry.username_env, ""), password)

    @property
    def is_connected(self) -> bool:
        """Whether the broker has said yes."""
        return self._client.is_connected()

    def start(self) -> None:
        """Connects in the background."""
        self._client.connect_async(self._entry.host, self._entry.port, keepalive=30)
        self._client.loop_start()

    def send(self, topic: str, payload: bytes) -> None:
        """Hands a message over, QoS 1."""
        self._client.publish(topic, payload, qos=1)

    def stop(self) -> None:
        """Says goodbye and ends the thread."""
        self._client.disconnect()
        self._client.loop_stop()
