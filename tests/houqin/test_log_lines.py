"""What others say cannot forge a line of the log, nor speak to the terminal it is read on."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from houqin.cli import cli
from houqin.log_lines import LogLines


def line(message: str, *told: object, error: bool = False) -> str:
    record = logging.LogRecord(
        "gateway", logging.WARNING, __file__, 1, message, told, sys.exc_info() if error else None
    )
    return LogLines().format(record).partition(" WARNING ")[2]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("site/a\n2026-07-15 12:00:00,000 ERROR houqin: all is lost", "site/a\n    2026-07-15 12:00:00,000 ERROR"),
        ("a\r\x1b[2J\x1b]0;b\x07", r"a\r\x1b[2J\x1b]0;b\x07"),
        ("\x9b31m\u202eteltit\u2028x", r"\x9b31m\u202eteltit\u2028x"),
        ("气候\t0.0", "气候\t0.0"),
    ],
    ids=["a line of its own", "a terminal's commands", "beyond ASCII", "ordinary text"],
)
def test_what_a_device_says_stays_in_its_line(said: str, expected: str) -> None:
    assert line("topic %s", said).startswith(f"gateway: topic {expected}")


def test_an_exception_is_indented_and_says_what_it_says_visibly() -> None:
    try:
        raise ValueError("a\x1b[31m")
    except ValueError:
        shown = line("failed", error=True)
    assert shown.startswith("gateway: failed\n    Traceback")
    assert shown.endswith(r"ValueError: a\x1b[31m")


def test_a_profile_from_elsewhere_does_not_command_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "probe.yaml").write_text(
        'profile: probe\nname: {zh: "探头\\e[2J"}\nkind: sensor\nprotocol: mqtt\n'
        'source: {document: "\\e]0;x\\a", grade: official}\n'
        'mqtt: [{id: count, name: {zh: "数\\e[31m"}, quantity: count, path: Count}]\n',
        encoding="utf-8",
    )
    shown = CliRunner().invoke(cli, ["profiles", "probe", "--profiles", str(tmp_path)])
    listed = CliRunner().invoke(cli, ["profiles", "--profiles", str(tmp_path), "--kind", "sensor"])
    assert (shown.exit_code, listed.exit_code) == (0, 0)
    assert r"探头\x1b[2J" in shown.output
    assert "\x1b" not in shown.output + listed.output


def test_a_mistake_shows_what_it_found_without_its_commands(tmp_path: Path) -> None:
    (tmp_path / "probe.yaml").write_text('"\\e[2Jprofile": x\n', encoding="utf-8")
    assert "\x1b" not in CliRunner().invoke(cli, ["profile", "check", str(tmp_path / "probe.yaml")]).output
