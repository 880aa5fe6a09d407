"""Fetching a document over HTTP; the one place of the gateway that knows httpx."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final
from urllib.parse import urlsplit

import httpx

from facility.errors import BadAnswer, LinkDown, NoAnswer, Where

Fetch = Callable[[str, Mapping[str, str]], Awaitable[bytes]]
"""URL and headers -> body of a successful answer. Raises LinkDown, NoAnswer or BadAnswer."""

NO_HEADERS: Final[Mapping[str, str]] = {}
TIMEOUT_S: Final = 10.0
MAX_DOCUMENT_BYTES: Final = 4 * 1024 * 1024
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


async def http_fetch(url: str, headers: Mapping[str, str] = NO_HEADERS) -> bytes:
    """The body that `url` answers with, unpacked where it came compressed.

    Raises:
        LinkDown: no connection to the server. NoAnswer: it did not answer in time. BadAnswer: it answered with an
            error, a redirection, far too much, or what cannot be unpacked.
    """
    where = Where(address=without_login(url))
    try:
        is_local = urlsplit(url).hostname in _LOOPBACK
        async with (
            httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=not is_local) as client,
            client.stream("GET", url, headers=dict(headers)) as response,
        ):
            body = await _bounded_body(response, where)
    except httpx.TimeoutException as error:
        raise NoAnswer(f"no answer within {TIMEOUT_S:g} s", where=where) from error
    except httpx.DecodingError as error:
        raise BadAnswer(f"the answer cannot be unpacked: {error}", where=where) from error
    except (httpx.LocalProtocolError, httpx.InvalidURL, ValueError) as error:
        said = type(error).__name__  # its words may hold a header, and a header a key
        raise LinkDown(f"this address and its headers cannot be asked: {said}", where=where) from None
    except httpx.HTTPError as error:
        raise LinkDown(f"the document cannot be fetched: {error!r}", where=where) from error
    if response.status_code != httpx.codes.OK:
        raise BadAnswer(f"the server answered {response.status_code}", where=where, raw=body[:200])
    return body


def without_login(url: str) -> str:
    """`url` as it may be told: without user and password."""
    scheme, slashes, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{slashes}{host.rpartition('@')[2]}{slash}{path}"


async def _bounded_body(response: httpx.Response, where: Where) -> bytes:
    """The body, at most `MAX_DOCUMENT_BYTES` of it in memory: the rest is read and let go."""
    body = bytearray()
    too_large = False
    async for part in response.aiter_bytes():
        too_large = too_large or len(body) + len(part) > MAX_DOCUMENT_BYTES
        if not too_large:
            body += part
    if too_large:
        raise BadAnswer(f"the document is larger than {MAX_DOCUMENT_BYTES} bytes", where=where, raw=bytes(body[:64]))
    return bytes(body)
