"""Each foreign client is met in one place per room, so that its next version is met there too."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("facility", "gateway", "controller", "api", "simulators", "houqin")
PLACES = {
    "pymodbus": {"gateway/modbus/frames.py", "simulators/servers/modbus.py"},
    "paho": {"gateway/mqtt/connection.py", "simulators/servers/mqtt.py"},
    "influxdb_client": {"facility/store/connection.py"},
    "apscheduler": {"controller/schedule.py"},
    "amqtt": {"simulators/servers/broker.py"},
}


def imported(path: Path) -> set[str]:
    """Top-level packages that a file imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None and node.level == 0:
            names.add(node.module.split(".")[0])
    return names


def places_of(package: str) -> set[str]:
    """Files of the product that import `package`."""
    files = (path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
    return {str(path.relative_to(ROOT)) for path in files if package in imported(path)}


@pytest.mark.parametrize("package", PLACES)
def test_a_foreign_client_is_met_in_one_file_of_a_room(package: str) -> None:
    assert places_of(package) == PLACES[package]


def test_nicegui_is_met_on_the_pages_only() -> None:
    places = places_of("nicegui")
    assert places
    assert {place for place in places if not place.startswith("api/pages/")} == set()
