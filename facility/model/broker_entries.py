"""Entries about MQTT brokers: how they are reached, who the gateway is to them, and what devices speak of."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from facility.model.entry import Entry, EnvironmentName

DEVICE: str = "{device}"
"""Where the id of a device stands in a topic pattern."""


class Tls(Entry):
    """An encrypted line; the broker's name is always checked against its certificate. `ca_file`: who may vouch for the
    broker, None as the system says. `cert_file`, `key_file`: the gateway's own. Paths go from the site file's folder.
    """

    ca_file: str | None = Field(None, min_length=1)
    cert_file: str | None = Field(None, min_length=1)
    key_file: str | None = Field(None, min_length=1)

    @model_validator(mode="after")
    def _key_and_certificate_go_together(self) -> Self:
        if self.key_file is not None and self.cert_file is None:
            raise ValueError("tls: key_file without cert_file")
        return self

    def anchored(self, folder: Path) -> Tls:
        """The same with paths that hold wherever the process runs."""
        named = {key: path for key, path in self if path is not None}
        return self.model_copy(update={key: str(folder / path) for key, path in named.items()})


class TopicPattern(Entry):
    """Where devices without a `topic` of their own are found: the level `{device}` holds the device's id. `profile`
    None: devices of any MQTT profile.
    """

    pattern: str = Field(pattern=r"^([^+#{}]*/)?\{device\}(/[^+#{}]*)?$")
    profile: str | None = None

    def topic(self, device: str) -> str:
        """The topic of `device`."""
        return self.pattern.replace(DEVICE, device)


class MqttLink(Entry):
    """An MQTT broker. `embedded`: `houqin simulate` and `houqin demo` start it themselves. User name and password are
    read from the environment variables or the files named, never written here. Messages above `max_payload_bytes` are
    not looked at; a device that keeps sending more than `device_messages_per_s` loses its oldest.
    """

    type: Literal["mqtt"]
    host: str = Field(min_length=1)
    port: int = Field(1883, ge=1, le=65535)
    version: Literal["3.1.1", "5"] = "3.1.1"
    embedded: bool = False
    client_id: str | None = None
    username_env: EnvironmentName | None = None
    password_env: EnvironmentName | None = None
    username_file: str | None = Field(None, min_length=1)
    password_file: str | None = Field(None, min_length=1)
    tls: Tls | None = None
    keepalive_s: int = Field(30, ge=2, le=3600)
    max_payload_bytes: int = Field(65_536, ge=64, le=16_777_216)
    device_messages_per_s: float = Field(100.0, gt=0)
    topics: tuple[TopicPattern, ...] = ()

    @model_validator(mode="after")
    def _one_source_for_each_secret(self) -> Self:
        for name, by_env, by_file in (
            ("username", self.username_env, self.username_file),
            ("password", self.password_env, self.password_file),
        ):
            if by_env is not None and by_file is not None:
                raise ValueError(f"{name}_env and {name}_file exclude each other")
        return self

    @property
    def endpoint(self) -> str:
        """Where it is reached."""
        return f"{self.host}:{self.port}"

    def topic_for(self, device: str, profile: str) -> str | None:
        """The topic that the first fitting pattern gives a device, None where none fits."""
        fitting = (each for each in self.topics if each.profile in (None, profile))
        return next((each.topic(device) for each in fitting), None)

    def anchored(self, folder: Path) -> MqttLink:
        """The same with paths that hold wherever the process runs."""
        files = {key: str(folder / path) for key in ("username_file", "password_file") if (path := getattr(self, key))}
        tls = None if self.tls is None else self.tls.anchored(folder)
        return self.model_copy(update={**files, "tls": tls})
