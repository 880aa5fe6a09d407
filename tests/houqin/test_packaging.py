"""What is installed elsewhere holds everything that the program reads."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
DATA = (".yaml", ".css", ".svg", ".gz", ".mako", ".ini")
ROOMS = ("facility", "gateway", "controller", "api", "simulators", "houqin")


def test_the_wheel_contains_every_room_with_its_data_files_and_the_example_site(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir"]
    subprocess.run([*command, str(tmp_path), str(ROOT)], check=True, capture_output=True, timeout=55)
    (wheel,) = tmp_path.glob("houqin-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    wanted = {
        str(path.relative_to(ROOT))
        for room in ROOMS
        for path in (ROOT / room).rglob("*")
        if path.suffix in (".py", *DATA) and "__pycache__" not in path.parts
    }
    assert len(wanted) > 250
    assert wanted - packed == set()
    assert "houqin/sites/office.yaml" in packed
    assert not any(name.startswith(("tests/", "deploy/")) for name in packed)
