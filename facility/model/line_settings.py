"""What of a line's own settings cannot work on this machine, or hardly."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from facility.model.entries import MqttLink, SerialLink
from facility.model.index import Index
from facility.model.lines import USUAL_BAUDRATES, SerialSettings
from facility.model.problems import Severity
from facility.model.validation import Valid
from facility.text import Text

SLOW_BAUDRATES: Final = (300, 600, 1200)
"""Speeds that old meters still have, beside the usual ones."""
SECRETS: Final = ("username_file", "password_file")
FAST_BAUDRATES: Final = (56_000, 57_600, 128_000, 230_400)


def check_line_settings(index: Index, folder: Path) -> None:
    """Warns of ports, speeds and files that a line will hardly work with; `folder` is the site file's."""
    for valid in index.draft.entries.get("links", ()):
        link = valid.entry
        if isinstance(link, SerialLink) and not link.path.startswith("/"):
            _warn(
                index, valid, "path", "serial_path",
                Text(f"串口 `{link.path}` 不是完整路径；应如 `/dev/serial/by-id/…` 或 `/dev/ttyUSB0`",
                     f"serial port `{link.path}` is no whole path; expected one such as `/dev/serial/by-id/…` or"
                     " `/dev/ttyUSB0`"),
            )  # fmt: skip
        if isinstance(link, SerialSettings) and not _is_usual(link.baudrate):
            known = ", ".join(map(str, (*SLOW_BAUDRATES, *sorted(USUAL_BAUDRATES))))
            _warn(
                index, valid, "baudrate", "unusual_baudrate",
                Text(f"波特率 {link.baudrate} 很少见，是否写错？常用的有 {known}",
                     f"{link.baudrate} baud is unusual, is it a slip? usual are {known}"),
            )  # fmt: skip
        if isinstance(link, MqttLink):
            _check_files(index, valid, link, folder)


def _is_usual(baudrate: int) -> bool:
    return baudrate in (*USUAL_BAUDRATES, *SLOW_BAUDRATES, *FAST_BAUDRATES)


def _check_files(index: Index, valid: Valid, link: MqttLink, folder: Path) -> None:
    for key, name in _files(link):
        if not (folder / name).is_file():
            # What stands at a password may be the password itself.
            file = "" if key in SECRETS else f" `{folder / name}`"
            what = Text(
                f"`{key}` 指的文件{file} 在这台机器上不存在；线路要有它才能连接",
                f"the file{file} of `{key}` is not on this machine; the line needs it to connect",
            )
            _warn(index, valid, key, "missing_file", what)


def _files(link: MqttLink) -> Iterator[tuple[str, str]]:
    own = ((key, getattr(link, key)) for key in SECRETS)
    tls = () if link.tls is None else ((key, getattr(link.tls, key)) for key in ("ca_file", "cert_file", "key_file"))
    yield from ((key, name) for key, name in (*own, *tls) if name is not None)


def _warn(index: Index, valid: Valid, key: str, code: str, what: Text) -> None:
    path = (*valid.path, "tls", key) if key in ("ca_file", "cert_file", "key_file") else (*valid.path, key)
    index.draft.parsed.report(index.draft.place(path), code, what, severity=Severity.WARNING)
