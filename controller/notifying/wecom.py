"""A group robot of WeCom (企业微信): https://developer.work.weixin.qq.com/document/path/91770.

A text is at most 2048 bytes, a markdown message 4096; a robot takes 20 messages a minute. What became of a message
is told by `errcode`, whatever the HTTP status.
"""

from __future__ import annotations

from typing import Any, Final

import orjson

from controller.notifying.message import Composed
from controller.notifying.posting import answer_of, post, verdict_of
from controller.notifying.wording import cut
from facility.bus.messages import AlarmLevel
from facility.errors import DeliveryRefused, NotDelivered
from facility.model.alarm_entries import WeComChannel

TEXT_BYTES: Final = 2048
MARKDOWN_BYTES: Final = 4096
TOO_MANY: Final = 45009
BUSY: Final = -1
KEY_WRONG: Final = frozenset({93000, 93004, 93008})
"""The robot does not exist, was taken out of the group, or is not for us."""
PAUSE_S: Final = 60.0

_COLOURS: Final = {
    AlarmLevel.INFO: "info", AlarmLevel.WARNING: "comment", AlarmLevel.SERIOUS: "warning",
    AlarmLevel.CRITICAL: "warning",
}  # fmt: skip


class WeCom:
    """One robot. `url` holds its key and is never said."""

    def __init__(self, entry: WeComChannel, url: str) -> None:
        self._entry = entry
        self._url = url

    async def send(self, message: Composed) -> None:
        """Hands the message over.

        Raises:
            NotDelivered: not now: busy, too many, no connection. DeliveryRefused: the key is wrong, or the message is.
        """
        body = orjson.dumps(self._document(message))
        answer = await post(self._url, body, timeout_s=self._entry.timeout_s, allow_local=self._entry.allow_local)
        check("WeCom", *verdict_of("WeCom", answer_of("WeCom", answer)))

    def _document(self, message: Composed) -> dict[str, Any]:
        if self._entry.format == "text":
            text: dict[str, Any] = {"content": cut(message.text, TEXT_BYTES)}
            if self._entry.mention:
                text["mentioned_list"] = list(self._entry.mention)
            return {"msgtype": "text", "text": text}
        head = f'### <font color="{_COLOURS[message.level]}">{message.title}</font>'
        mentions = "".join(f"<@{user}>" for user in self._entry.mention)
        content = "\n".join((head, *(f"> {line}" for line in message.lines), mentions)).rstrip()
        return {"msgtype": "markdown", "markdown": {"content": cut(content, MARKDOWN_BYTES)}}


def check(who: str, code: int, said: str) -> None:
    """Whether the robot took the message.

    Raises:
        NotDelivered, DeliveryRefused: it did not; see `WeCom.send`.
    """
    if code == 0:
        return
    if code in {TOO_MANY, BUSY}:
        raise NotDelivered(f"{who} takes no more for now ({code}: {said})", retry_after_s=PAUSE_S)
    raise DeliveryRefused(f"{who} refused ({code}: {said})", of_content=code not in KEY_WRONG)
