"""A POST of JSON to any address, signed so that the receiver can tell it is ours.

Signature: header `X-Houqin-Signature: t=<seconds since 1970>,v1=<hex>`, where hex is HMAC-SHA256, keyed by the shared
secret, of `<t>.<body>`. A receiver refuses old `t`. `X-Houqin-Delivery` is the same when a message is sent again.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable

import orjson

from controller.notifying.message import Composed
from controller.notifying.posting import post
from facility.model.alarm_entries import WebhookChannel


class Webhook:
    """One address.

    Args:
        entry: what the site file says.
        url: the address, from the file or from the environment.
        secret: what messages are signed with, None: not at all.
        wall: seconds since 1970 of the machine.
    """

    def __init__(
        self, entry: WebhookChannel, url: str, secret: str | None, *, wall: Callable[[], float] = time.time
    ) -> None:
        self._entry = entry
        self._url = url
        self._secret = secret
        self._wall = wall

    async def send(self, message: Composed) -> None:
        """Hands the message over.

        Raises:
            NotDelivered, DeliveryRefused: as `post`.
        """
        body = orjson.dumps({
            "id": message.id, "level": message.level.value, "title": message.title, "text": message.text,
            "items": list(message.items),
        })  # fmt: skip
        headers = {"X-Houqin-Delivery": message.id}
        if self._secret is not None:
            headers["X-Houqin-Signature"] = signature(self._secret, round(self._wall()), body)
        await post(
            self._url, body, headers=headers, timeout_s=self._entry.timeout_s, allow_local=self._entry.allow_local
        )


def signature(secret: str, at_s: int, body: bytes) -> str:
    """The header's value for a body sent at `at_s`."""
    digest = hmac.new(secret.encode(), f"{at_s}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at_s},v1={digest}"
