"""HTTP connection to a time-series server that takes line protocol. influxdb-client is met in this file only."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final, Literal, TypeVar

from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.client.write_api import SYNCHRONOUS
from influxdb_client.rest import ApiException
from urllib3.exceptions import HTTPError

from facility.errors import StoreRefused, StoreUnavailable

T = TypeVar("T")

Scheme = Literal["Token", "Bearer"]

_REFUSALS: Final = (400, 413, 422)
_LONGEST_PAUSE_S: Final = 600.0


class AnsweredWithError(StoreUnavailable):
    """The server answered, but not with what was asked for; `status` is that of HTTP."""

    def __init__(self, message: str, *, status: int, retry_after_s: float | None) -> None:
        super().__init__(message, retry_after_s=retry_after_s)
        self.status = status


class Connection:
    """Writes line protocol and asks for answers. Any thread may call; calls of several threads run side by side.

    Args:
        url: base address; paths are put behind it.
        place: what error messages call the other side.
        organisation: of an InfluxDB 2.x.
        token: as the server or the proxy wants it, empty for none.
        scheme: how the token is sent: `Token` (InfluxDB; for 1.8 the token is `user:password`), or `Bearer`
            (proxies; a token `user:password` becomes basic authentication).
        timeout_s: how long one request may take.

    Attributes:
        failures: requests so far that the server did not answer, or answered with its own failure.
    """

    def __init__(
        self, url: str, place: str, *, organisation: str = "", token: str = "", scheme: Scheme = "Token",
        timeout_s: float = 30.0,
    ) -> None:  # fmt: skip
        self._url = url.rstrip("/")
        self._place = place
        self._timeout_s = timeout_s
        self._closed = False
        self.failures = 0
        self._client = InfluxDBClient(
            url=self._url, token=token, org=organisation or "-", timeout=round(timeout_s * 1000), retries=False
        )
        self._headers: dict[str, str] = self._client.api_client.default_headers
        if not token:
            self._headers.pop("Authorization", None)
        elif scheme == "Bearer":
            self._headers["Authorization"] = _authorization(token)
        self._writer: Any = self._client.write_api(write_options=SYNCHRONOUS)
        self._pool: Any = self._client.api_client.rest_client.pool_manager

    def write(self, lines: bytes, *, bucket: str, precision: Literal["ns", "ms"]) -> None:
        """Sends lines; the server acknowledged them when this returns.

        Raises:
            StoreUnavailable: the server does not answer or cannot take them now.
            StoreRefused: it will never take them.
        """
        self._say(lambda: self._writer.write(bucket=bucket, record=lines, write_precision=precision))

    def ask(self, path: str, fields: Sequence[tuple[str, str]] = (), *, method: Literal["GET", "POST"]) -> bytes:
        """The body of the answer.

        Raises:
            StoreUnavailable: no answer; AnsweredWithError when it is an error.
        """
        answer = self._say(lambda: self._asked(path, fields, method))
        if answer.status >= 300:
            raise self._error(answer.status, answer.data, answer.headers)
        body: bytes = answer.data
        return body

    def _asked(self, path: str, fields: Sequence[tuple[str, str]], method: str) -> Any:
        form = {"encode_multipart": False} if method == "POST" else {}
        return self._pool.request(
            method, self._url + path, fields=list(fields), headers=self._headers, timeout=self._timeout_s, **form
        )

    def _say(self, call: Callable[[], T]) -> T:
        """Runs one request and says in the building's words how it failed."""
        if self._closed:
            raise StoreUnavailable(f"{self._place} is closed")
        try:
            return call()
        except ApiException as error:
            if error.status in _REFUSALS:
                raise StoreRefused(
                    f"{self._place}: {error.status} {_text(error.body)}", raw=_text(error.body).encode()[:200]
                ) from error
            raise self._error(error.status, error.body, error.headers or {}) from error
        except (HTTPError, OSError) as error:
            self.failures += 1
            raise StoreUnavailable(f"{self._url} does not answer: {error}; check that the server runs") from error

    def _error(self, status: int, body: object, headers: Mapping[str, str]) -> AnsweredWithError:
        self.failures += status >= 500
        return AnsweredWithError(
            f"{self._place}: {status} {_text(body)}; check the server and the token",
            status=status,
            retry_after_s=_pause_s(headers.get("Retry-After")),
        )

    def close(self) -> None:
        """Closes the connections. Safe to call twice."""
        if not self._closed:
            self._closed = True
            close: Callable[[], None] = self._client.close
            close()


def _authorization(token: str) -> str:
    if ":" in token:
        return f"Basic {base64.b64encode(token.encode()).decode()}"
    return f"Bearer {token}"


def _text(body: object) -> str:
    text = body.decode("utf-8", "replace") if isinstance(body, bytes | bytearray) else str(body or "")
    return text.strip()[:300]


def _pause_s(header: str | None) -> float | None:
    """Seconds of a Retry-After header (RFC 9110, 10.2.3: a number of seconds or a date), None when it says nothing."""
    if header is None:
        return None
    try:
        pause_s = float(header) if header.strip().isdigit() else _until_s(header)
    except ValueError:
        return None
    return min(max(pause_s, 0.0), _LONGEST_PAUSE_S)


def _until_s(date: str) -> float:
    moment = parsedate_to_datetime(date)
    return (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
