"""QWeather (和风天气): how it is asked, with a key or a signed token, and what its documents say.

Source: https://dev.qweather.com/docs/api/ (weather daily and hourly forecast, authentication). Every project has a host
of its own. Longitude comes first, with two decimals. Numbers are written as text and may be empty; whether it worked is
told by `code` inside the body as well as by the status of the answer.
"""

from __future__ import annotations

import base64
import logging
import os
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import orjson

from facility.bus import ForecastReceived
from facility.bus.messages import HourForecast
from facility.errors import BadAnswer, SecretMissing, TryAgain
from facility.model.entries import ForecastEntry, Location
from gateway.weather.ed25519 import seed_of_pem, sign
from gateway.weather.fetch import Fetch
from gateway.weather.open_meteo import BELIEVABLE_C, believable
from gateway.weather.provider import Told
from gateway.weather.qweather_sky import CLOUD_PERCENT, WMO_CODES

log = logging.getLogger(__name__)

CODES: Final[Mapping[str, str]] = {
    "204": "it has no data for this place",
    "400": "the request is wrong",
    "401": "the key is wrong or of another kind",
    "402": "the quota is used up or the account is in arrears",
    "403": "the key may not use this",
    "404": "it does not know this place",
    "429": "too many requests a minute",
    "500": "it has a fault of its own",
}
"""What it means by `code` (https://dev.qweather.com/docs/resource/status-code/)."""

TOKEN_LIVES: Final = timedelta(minutes=15)
TOKEN_BEFORE: Final = timedelta(seconds=30)
"""A token is dated a little back: the server's clock may be behind ours."""

_FUTURE_TOLERANCE: Final = timedelta(hours=1)


class QWeather:
    """The forecast of QWeather.

    Args:
        entry: host, and the names of the environment variables with key or private key.
        location: the site's place.
        zone: the site's local time.
        fetch: fetches a document.
    """

    name = "qweather"

    def __init__(self, entry: ForecastEntry, location: Location, zone: ZoneInfo, fetch: Fetch) -> None:
        base = (entry.url or "").rstrip("/")
        place = f"location={location.longitude:.2f},{location.latitude:.2f}"
        self.address = f"{base}/v7/weather/7d?{place}"
        self._hourly = f"{base}/v7/weather/24h?{place}"
        self._entry = entry
        self._zone = zone
        self._fetch = fetch

    async def told(self, now: datetime) -> Told:
        """See `gateway.weather.provider.Provider`. Without its hours a forecast still has its days."""
        headers = credentials(self._entry, now)
        daily = _document(await self._fetch(self.address, headers))
        try:
            hourly: Mapping[str, Any] = _document(await self._fetch(self._hourly, headers))
        except TryAgain as error:
            log.warning("the hours of %s are missing: %s", self.name, error)
            hourly = {}
        return parse(daily, hourly, provider=self.name, zone=self._zone, fetched=now)


def credentials(entry: ForecastEntry, now: datetime) -> dict[str, str]:
    """The header with which a project proves itself.

    Raises:
        SecretMissing: the environment variable is not set, or holds no key.
    """
    if entry.api_key_env is not None:
        return {"X-QW-Api-Key": _key(entry.api_key_env)}
    seed = seed_of_pem(_pem(_secret(entry.private_key_env or "")))
    return {"Authorization": f"Bearer {token(seed, entry.key_id or '', entry.project_id or '', now)}"}


def token(seed: bytes, key_id: str, project_id: str, now: datetime) -> str:
    """A JSON Web Token signed with Ed25519 (RFC 7519, RFC 8037)."""
    issued = now - TOKEN_BEFORE
    head = {"alg": "EdDSA", "kid": key_id}
    claims = {"sub": project_id, "iat": int(issued.timestamp()), "exp": int((issued + TOKEN_LIVES).timestamp())}
    signed = f"{_base64(orjson.dumps(head))}.{_base64(orjson.dumps(claims))}"
    return f"{signed}.{_base64(sign(seed, signed.encode()))}"


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _secret(name: str) -> str:
    value = os.environ.get(name, "").strip()
    if not value:
        raise SecretMissing(
            f"the environment variable {name} with the weather service's key is not set / 环境变量 {name} 未设置"
        )
    return value


def _key(name: str) -> str:
    """A key that goes into a header: the error that a header raises would tell the key itself."""
    value = _secret(name)
    if not (value.isascii() and value.isprintable()):
        raise SecretMissing(
            f"the weather service's key in {name} holds characters that no key has"
            f" / 环境变量 {name} 中的密钥含有无效字符"
        )
    return value


def _pem(value: str) -> str:
    """The key itself, or what the file of that name holds. A name that leads nowhere is not told: it may be the key."""
    if value.startswith("-----"):
        return value.replace("\\n", "\n")
    try:
        return Path(value).read_text(encoding="ascii")
    except (OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) else "it is no text"
        raise SecretMissing(
            f"the weather service's private key is neither in PEM nor in a file that can be read: {said}"
            " / 气象服务私钥不是 PEM 格式,也不是可读取的文件"
        ) from None


def _document(body: bytes) -> Mapping[str, Any]:
    """The document, if it says that it is one.

    Raises:
        BadAnswer: no JSON object, or a code other than 200.
    """
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadAnswer(f"the forecast is not JSON: {error}", raw=body[:64]) from error
    if not isinstance(document, dict):
        raise BadAnswer("the forecast is not a JSON object", raw=body[:64])
    code = str(document.get("code"))
    if code != "200":
        raise BadAnswer(f"QWeather answers code {code}: {CODES.get(code, 'unknown')}")
    return document


def parse(
    daily: Mapping[str, Any], hourly: Mapping[str, Any], *, provider: str, zone: ZoneInfo, fetched: datetime
) -> Told:
    """The forecast that two documents hold; `hourly` may be empty.

    Raises:
        BadAnswer: not a forecast, or one that nobody should act on; says which value is wrong.
    """
    issued = _time(daily.get("updateTime"), "updateTime", zone)
    if issued > fetched + _FUTURE_TOLERANCE:
        raise BadAnswer(f"updateTime is {issued.isoformat()}, but it is only {fetched.isoformat()}")
    maxima: dict[date, float] = {}
    minima: dict[date, float] = {}
    for row in _rows(daily, "daily"):
        day = _day(row.get("fxDate"))
        if day in maxima:
            raise BadAnswer(f"daily names {day} twice")
        highest = _number(row.get("tempMax"), f"tempMax of {day}", *BELIEVABLE_C)
        lowest = _number(row.get("tempMin"), f"tempMin of {day}", *BELIEVABLE_C)
        if highest is not None:
            maxima[day] = highest
        if lowest is not None:
            minima[day] = lowest
    if not maxima:
        raise BadAnswer("the forecast holds no daily maximum temperature (daily.tempMax)")
    hours = tuple(_hour(row, zone) for row in _rows(hourly, "hourly"))
    forecast = ForecastReceived(provider=provider, issued=issued, fetched=fetched, daily_max_c=maxima, hours=hours)
    return Told(forecast=forecast, daily_min_c=minima)


def _rows(document: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    rows = document.get(name, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BadAnswer(f"{name} is not a list of objects")
    return rows


def _hour(row: Mapping[str, Any], zone: ZoneInfo) -> HourForecast:
    time = _time(row.get("fxTime"), "hourly.fxTime", zone)
    word = str(row.get("text") or "")
    cloud = _number(row.get("cloud"), f"cloud of {time.isoformat()}", 0.0, 100.0)
    return HourForecast(
        time=time,
        temperature_c=_number(row.get("temp"), f"temp of {time.isoformat()}", *BELIEVABLE_C),
        weather_code=WMO_CODES.get(word),
        cloud_percent=CLOUD_PERCENT.get(word) if cloud is None else cloud,
    )


def _number(value: object, what: str, low: float, high: float) -> float | None:
    """A number written as text; None for null and for an empty text."""
    if value is None or value == "":
        return None
    try:
        number = float(value)  # type: ignore[arg-type]  # a TypeError is part of the answer
    except (TypeError, ValueError) as error:
        raise BadAnswer(f"{what} is {value!r}, expected a number") from error
    return believable(number, what, low, high)


def _day(said: object) -> date:
    try:
        return date.fromisoformat(said)  # type: ignore[arg-type]  # a TypeError is part of the answer
    except (TypeError, ValueError) as error:
        raise BadAnswer(f"daily.fxDate is {said!r}, expected a date") from error


def _time(said: object, what: str, zone: ZoneInfo) -> datetime:
    """A time with the offset of the site's zone: with another one its days are not the site's days."""
    try:
        time = datetime.fromisoformat(said)  # type: ignore[arg-type]  # a TypeError is part of the answer
    except (TypeError, ValueError) as error:
        raise BadAnswer(f"{what} is {said!r}, expected an ISO 8601 time with offset") from error
    if time.utcoffset() is None or time.utcoffset() != time.astimezone(zone).utcoffset():
        raise BadAnswer(f"{what} is {said!r}, which is not in the site's zone {zone.key}")
    return time.astimezone(UTC)
