"""The ways to people that a site file names, with their secrets from the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Protocol

from controller.notifying.dingtalk import DingTalk
from controller.notifying.mail import Mail
from controller.notifying.message import Composed
from controller.notifying.webhook import Webhook
from controller.notifying.wecom import WeCom
from facility.errors import DeliveryRefused
from facility.model.alarm_entries import ChannelBase, DingTalkChannel, MailChannel, WebhookChannel, WeComChannel


class Sender(Protocol):
    """Hands messages over to whoever carries them."""

    async def send(self, message: Composed) -> None:
        """Returns once the message is taken.

        Raises:
            NotDelivered: not now. DeliveryRefused: this message, or none of ours.
        """
        ...


class Unset:
    """Stands for a channel whose environment variable is not set: what is to be told waits until it is."""

    def __init__(self, missing: str) -> None:
        self._missing = missing

    async def send(self, message: Composed) -> None:  # noqa: ARG002 - as every sender
        """Takes nothing.

        Raises:
            DeliveryRefused: always; names the variable.
        """
        raise DeliveryRefused(
            f"the environment variable {self._missing} is not set / 环境变量 {self._missing} 未设置", of_content=False
        )


def sender_of(entry: ChannelBase, environment: Mapping[str, str] | None = None) -> Sender:
    """The channel that an entry describes. Never raises: one that lacks its secret says so when it is used."""
    found = os.environ if environment is None else environment
    for name in _names(entry):
        if not found.get(name):
            return Unset(name)
    return _made(entry, found)


def _names(entry: ChannelBase) -> list[str]:
    wanted = (getattr(entry, field, None) for field in ("url_env", "secret_env", "user_env", "password_env"))
    return [name for name in wanted if name is not None]


def _made(entry: ChannelBase, found: Mapping[str, str]) -> Sender:
    match entry:
        case MailChannel(user_env=str() as user, password_env=str() as password):
            return Mail(entry, (found[user], found[password]))
        case MailChannel():
            return Mail(entry, None)
        case WebhookChannel():
            url = entry.url if entry.url_env is None else found[entry.url_env]
            return Webhook(entry, url or "", _value(entry.secret_env, found))
        case WeComChannel():
            return WeCom(entry, found[entry.url_env])
        case DingTalkChannel():
            return DingTalk(entry, found[entry.url_env], _value(entry.secret_env, found))
        case _:
            raise TypeError(f"no way to people is called {type(entry).__name__}")


def _value(name: str | None, found: Mapping[str, str]) -> str | None:
    return None if name is None else found[name]
