"""`houqin frames`: the raw frames on a line of a running site, as its API tells them."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from typing import Any, Final

import click
import httpx

from facility.errors import LinkDown, NotPermitted, SecretMissing
from facility.text import Language, Text
from houqin.log_lines import visible
from houqin.terminal import say

TOKEN_ENV: Final = "HOUQIN_TOKEN"
LOOK_EVERY_S: Final = 1.0
TIMEOUT_S: Final = 10.0
_NO_FRAMES: Final = Text(
    "MQTT 线路没有报文；收到的消息见 /lines 页",
    "a line of type mqtt has no frames; what came from it is on the page /lines",
)
_ARROWS: Final = {"sent": "→", "received": "←"}


def show_frames(url: str, line: str, *, follow: bool, count: int, language: Language) -> int:
    """Prints the last `count` frames, and with `follow` every new one until Ctrl-C. Of a line of type mqtt it says
    that there are none.

    Raises:
        SecretMissing: no token in the environment. LinkDown: nobody answers at `url`. NotPermitted: the token's role
        may not see frames, or there is no such line.
    """
    headers = {"Authorization": f"Bearer {_token(language)}", "Accept-Language": language}
    with httpx.Client(base_url=url, headers=headers, timeout=TIMEOUT_S) as http:
        answer = _asked(http, line, after=0, limit=count)
        if answer["type"] == "mqtt":
            say(_NO_FRAMES, language)
            return 0
        last = _print(answer["frames"], after=0)
        while follow:
            time.sleep(LOOK_EVERY_S)
            last = _print(_asked(http, line, after=last, limit=1000)["frames"], after=last)
    return 0


def _token(language: Language) -> str:
    token = os.environ.get(TOKEN_ENV)
    if not token:
        text = Text(
            f"请把口令放在环境变量 {TOKEN_ENV} 中（houqin token create 可生成）",
            f"put a token into the environment variable {TOKEN_ENV}; houqin token create makes one",
        )
        raise SecretMissing(text.in_language(language))
    return token


def _asked(http: httpx.Client, line: str, *, after: int, limit: int) -> dict[str, Any]:
    try:
        answer = http.get(f"/api/v1/lines/{line}/frames", params={"after": after, "limit": limit})
    except httpx.HTTPError as error:
        raise LinkDown(f"nobody answers at {http.base_url} / 无法连接: {error}") from error
    if answer.status_code != httpx.codes.OK:
        raise NotPermitted(_problem(answer))
    found: dict[str, Any] = answer.json()
    return found


def _problem(answer: httpx.Response) -> str:
    """What the server said, in the language it was asked in."""
    try:
        said = str(answer.json().get("detail") or answer.json().get("title"))
    except ValueError:
        said = answer.reason_phrase
    return f"{answer.status_code}: {said}"


def _print(frames: Iterable[dict[str, Any]], *, after: int) -> int:
    """Prints frames; returns the number of the last. A gap in the numbers is told: those frames are gone."""
    last = after
    for frame in frames:
        number = frame["number"]
        if last and number > last + 1:
            click.echo(f"... {number - last - 1}")
        last = number
        note = f"  ! {frame['note']}" if frame["note"] else ""
        arrow = _ARROWS[frame["direction"]]
        click.echo(visible(f"{number:>7} {frame['time'][:26]} {arrow} {bytes.fromhex(frame['data']).hex(' ')}{note}"))
    return last
