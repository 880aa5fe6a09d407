"""`houqin frames`, asked of a server that answers as the API does."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from click.testing import CliRunner

from houqin.cli import cli
from houqin.frames import TOKEN_ENV

FRAME = {"number": 1, "time": "2026-07-15T12:00:00.000000+08:00", "direction": "sent", "data": "0b03", "note": None}
LINES: dict[str, dict[str, Any]] = {
    "sensors": {"type": "mqtt", "frames": []},
    "meters": {"type": "modbus_rtu_over_tcp", "frames": [FRAME]},
    "plant": {"type": "modbus_tcp", "frames": []},
}


class Answering(BaseHTTPRequestHandler):
    """Answers for the line in the path."""

    def do_GET(self) -> None:
        """The frames of one line."""
        body = json.dumps(LINES[self.path.split("/")[4]]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Answering) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("line", "language", "told"),
    [
        ("sensors", "zh", "MQTT 线路没有报文；收到的消息见 /lines 页"),
        ("sensors", "en", "a line of type mqtt has no frames; what came from it is on the page /lines"),
        ("meters", "en", "      1 2026-07-15T12:00:00.000000 → 0b 03"),
        ("plant", "en", ""),
    ],
)
def test_frames_are_printed_and_of_a_broker_it_is_said_that_there_are_none(
    url: str, line: str, language: str, told: str
) -> None:
    asked = ["--language", language, "frames", line, "--url", url]
    result = CliRunner().invoke(cli, asked, env={TOKEN_ENV: "a token"})
    assert (result.exit_code, result.output.rstrip("\n")) == (0, told)


def test_following_a_broker_ends_with_that_word_too(url: str) -> None:
    result = CliRunner().invoke(cli, ["frames", "sensors", "--follow", "--url", url], env={TOKEN_ENV: "a token"})
    assert (result.exit_code, "没有报文" in result.output) == (0, True)
