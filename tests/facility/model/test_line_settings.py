"""What of a line's settings will hardly work is a warning of the check, not an error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from facility.model.loader import load_site
from facility.model.problems import Problem, Severity
from tests.houqin.operating import write_site
from tests.sites import small_site_data

PORT = {"type": "modbus_rtu", "path": "/dev/serial/by-id/usb"}
BROKER = {"type": "mqtt", "host": "192.0.2.12"}


def told(folder: Path, link: dict[str, Any]) -> list[Problem]:
    data = small_site_data()
    data["links"]["another"] = link
    known = {"serial_path", "unusual_baudrate", "missing_file"}
    return [each for each in load_site(write_site(folder / "site.yaml", data)).problems if each.code in known]


@pytest.mark.parametrize(
    ("link", "codes"),
    [
        (PORT, []),
        ({**PORT, "path": "COM3"}, ["serial_path"]),
        ({**PORT, "baudrate": 1200}, []),
        ({**PORT, "baudrate": 9601}, ["unusual_baudrate"]),
        (BROKER, []),
        ({**BROKER, "tls": {}}, []),
        ({**BROKER, "tls": {"ca_file": "ca.pem"}}, []),
        ({**BROKER, "tls": {"ca_file": "nowhere.pem"}}, ["missing_file"]),
        ({**BROKER, "username_env": "USER_NAME", "password_file": "nowhere"}, ["missing_file"]),
    ],
)
def test_ports_speeds_and_files_that_hardly_work_are_warned_of(
    link: dict[str, Any], codes: list[str], tmp_path: Path
) -> None:
    (tmp_path / "ca.pem").touch()
    problems = told(tmp_path, link)
    assert [problem.code for problem in problems] == codes
    assert all(problem.severity is Severity.WARNING for problem in problems)


def test_what_stands_at_a_password_is_not_repeated(tmp_path: Path) -> None:
    (problem,) = told(tmp_path, {**BROKER, "username_env": "USER_NAME", "password_file": "s3cret"})
    assert "s3cret" not in problem.render("zh")
    assert "s3cret" not in problem.render("en")
