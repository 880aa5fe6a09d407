"""A group robot of DingTalk (钉钉): https://open.dingtalk.com/document/robots/custom-robot-access.

With signing (加签) the address gets `timestamp` in milliseconds and `sign`: base64 of HMAC-SHA256, keyed by the secret,
of the timestamp, a line feed and the secret; it holds for an hour. A body is at most 20000 bytes, a robot takes
20 messages a minute.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote_plus

import orjson

from controller.notifying.message import Composed
from controller.notifying.posting import answer_of, post, verdict_of
from controller.notifying.wording import cut
from facility.errors import DeliveryRefused, NotDelivered
from facility.model.alarm_entries import DingTalkChannel

TEXT_BYTES: Final = 18_000
TOO_MANY: Final = frozenset({130101, 302033, 410100})
BUSY: Final = -1
NOT_OURS: Final = frozenset({300001, 310000, 400013, 400101, 400102, 400105, 400106})
"""Token, signature, keyword or address list do not fit; the robot was stopped or removed."""
PAUSE_S: Final = 60.0


class DingTalk:
    """One robot. `url` holds its token; neither it nor `secret` is ever said."""

    def __init__(
        self, entry: DingTalkChannel, url: str, secret: str | None, *, wall: Callable[[], float] = time.time
    ) -> None:
        self._entry = entry
        self._url = url
        self._secret = secret
        self._wall = wall

    async def send(self, message: Composed) -> None:
        """Hands the message over.

        Raises:
            NotDelivered: not now. DeliveryRefused: token or signature do not fit, or the message does not.
        """
        body = orjson.dumps(self._document(message))
        answer = await post(
            self._signed_url(), body, timeout_s=self._entry.timeout_s, allow_local=self._entry.allow_local
        )
        _check(*verdict_of("DingTalk", answer_of("DingTalk", answer)))

    def _signed_url(self) -> str:
        if self._secret is None:
            return self._url
        at_ms = round(self._wall() * 1000)
        joint = "&" if "?" in self._url else "?"
        return f"{self._url}{joint}timestamp={at_ms}&sign={sign(self._secret, at_ms)}"

    def _document(self, message: Composed) -> dict[str, Any]:
        at = {"atMobiles": list(self._entry.mention), "isAtAll": False}
        mentions = " ".join(f"@{mobile}" for mobile in self._entry.mention)
        if self._entry.format == "text":
            content = cut("\n".join(part for part in (message.text, mentions) if part), TEXT_BYTES)
            return {"msgtype": "text", "text": {"content": content}, "at": at}
        lines = [f"### {message.title}", *(f"- {line}" for line in message.lines), mentions]
        text = cut("\n\n".join(line for line in lines if line), TEXT_BYTES)
        return {"msgtype": "markdown", "markdown": {"title": message.title, "text": text}, "at": at}


def sign(secret: str, at_ms: int) -> str:
    """The `sign` for a request at `at_ms` milliseconds since 1970, ready for an address."""
    digest = hmac.new(secret.encode(), f"{at_ms}\n{secret}".encode(), hashlib.sha256).digest()
    return quote_plus(base64.b64encode(digest))


def _check(code: int, said: str) -> None:
    if code == 0:
        return
    if code in TOO_MANY or code == BUSY:
        raise NotDelivered(f"DingTalk takes no more for now ({code}: {said})", retry_after_s=PAUSE_S)
    raise DeliveryRefused(f"DingTalk refused ({code}: {said})", of_content=code not in NOT_OURS)
