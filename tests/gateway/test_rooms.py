"""Foreign clients stay in one file each, so that their changes reach one place."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import gateway

ROOM = Path(gateway.__file__).parent


def importers(package: str) -> set[str]:
    """Files of the room that import `package`."""
    found = set()
    for path in ROOM.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module is not None:
                names.append(node.module)
            if any(name.split(".")[0] == package for name in names):
                found.add(str(path.relative_to(ROOM)))
    return found


@pytest.mark.parametrize(
    ("package", "files"),
    [("pymodbus", {"modbus/frames.py"}), ("paho", {"mqtt/connection.py"}), ("httpx", {"weather/fetch.py"})],
)
def test_a_foreign_client_is_met_in_one_file(package: str, files: set[str]) -> None:
    assert importers(package) == files
