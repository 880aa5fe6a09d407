"""POSTs JSON to an address that may be spoken to, and sorts the answers into what may succeed later and what not.

Never says the address itself: robots carry their key in it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Any, Final

import httpx
import orjson

from controller.notifying.addresses import resolve
from facility.errors import DeliveryRefused, NotDelivered

MOST_ANSWER_BYTES: Final = 65_536
CONTENT: Final = frozenset({400, 406, 411, 413, 414, 415, 422})
"""HTTP statuses that refuse this message, and would take another."""
LATER: Final = frozenset({408, 409, 423, 425, 429})
MOST_SAID: Final = 200

_BREAKS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
"""What another side says becomes a line of a log and of a page: it ends no line and steers no terminal."""


async def post(
    url: str, body: bytes, *, headers: Mapping[str, str] | None = None, timeout_s: float, allow_local: bool
) -> bytes:
    """What the other side answered with a status of success.

    Raises:
        NotDelivered: no connection, no answer in time, or it asks for later (429, 5xx).
        DeliveryRefused: it refuses (other statuses, redirects), or the address is not allowed.
    """
    target = _target(url)
    address = await asyncio.to_thread(resolve, target.host, _port(target), allow_local=allow_local)
    pinned = target.copy_with(host=address)
    sent = {"Content-Type": "application/json; charset=utf-8", "Host": target.netloc.decode(), **(headers or {})}
    try:
        async with (
            asyncio.timeout(timeout_s),
            httpx.AsyncClient(timeout=timeout_s, trust_env=False, follow_redirects=False) as client,
            client.stream(
                "POST", pinned, content=body, headers=sent, extensions={"sni_hostname": target.host}
            ) as response,
        ):
            answer = await _body(response)
    except (TimeoutError, httpx.TimeoutException) as error:
        raise NotDelivered(f"{target.host} did not answer within {timeout_s:g} s") from error
    except httpx.HTTPError as error:
        raise NotDelivered(f"{target.host} cannot be reached: {_said(error)}") from error
    _check(target.host, response)
    return answer


def _target(url: str) -> httpx.URL:
    try:
        target = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise DeliveryRefused("the address of the channel is not one; expected https://...") from error
    if target.scheme not in {"http", "https"} or not target.host or target.userinfo:
        raise DeliveryRefused("the address of the channel is not one; expected https://... without a password in it")
    return target


def _port(target: httpx.URL) -> int:
    return target.port or (443 if target.scheme == "https" else 80)


def _said(error: httpx.HTTPError) -> str:
    """The error without the address."""
    cause = error.__cause__ or error
    return type(cause).__name__ if not isinstance(cause, OSError) else (cause.strerror or type(cause).__name__)


async def _body(response: httpx.Response) -> bytes:
    held = bytearray()
    async for part in response.aiter_bytes():
        held += part
        if len(held) > MOST_ANSWER_BYTES:
            break
    return bytes(held)


def _check(host: str, response: httpx.Response) -> None:
    status = response.status_code
    if 200 <= status < 300:
        return
    if status >= 500 or status in LATER:
        raise NotDelivered(f"{host} answered {status}", retry_after_s=_seconds(response.headers.get("retry-after")))
    raise DeliveryRefused(f"{host} answered {status}", of_content=status in CONTENT)


def _seconds(text: str | None) -> float | None:
    """`Retry-After` in seconds (RFC 9110, 10.2.3); a date is not waited for."""
    said = "" if text is None else text.strip()
    if not (said.isascii() and said.isdigit()):
        return None
    return min(float(said), 3600.0)


def answer_of(host: str, answer: bytes) -> Mapping[str, Any]:
    """A robot's answer as a mapping.

    Raises:
        NotDelivered: it is not JSON, so nobody knows what became of the message.
    """
    try:
        found = orjson.loads(answer)
    except orjson.JSONDecodeError as error:
        raise NotDelivered(f"{host} answered something that is not JSON") from error
    if not isinstance(found, dict):
        raise NotDelivered(f"{host} answered something that is not JSON")
    return found


def verdict_of(host: str, answer: Mapping[str, Any]) -> tuple[int, str]:
    """What a robot says became of the message: its `errcode`, and its words on one line, not too many of them.

    Raises:
        NotDelivered: there is no such number, so nobody knows.
    """
    code = answer.get("errcode")
    if not isinstance(code, int):
        raise NotDelivered(f"{host} answered without an errcode")
    return code, _BREAKS.sub(" ", str(answer.get("errmsg", ""))[:MOST_SAID])
