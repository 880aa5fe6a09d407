"""The building's memory kept, by the commands an operator types."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from facility.archive.package import Package
from facility.store.embedded import EmbeddedStore
from houqin.cli import cli
from tests.facility.archive.memories import MINUTE_US, House, everything, house
from tests.servers import wait_for


def houqin(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, ["--language", "en", *(str(argument) for argument in arguments)])


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> House:
    return house(tmp_path_factory.mktemp("house"))


def backed_up(of: House, target: Path, *more: str) -> Path:
    result = houqin("backup", of.site, target, "--data", of.data, *more)
    assert result.exit_code == 0, result.output
    return Path(result.stdout.splitlines()[0])


def test_backup_drill_and_restore_go_together(standing: House, tmp_path: Path) -> None:
    result = houqin("backup", standing.site, tmp_path / "to", "--data", standing.data)
    assert result.exit_code == 0, result.output
    assert "12000 readings of 4 points" in result.stdout
    backup = Path(result.stdout.splitlines()[0])
    drill = houqin("verify-backup", backup, "--scratch", tmp_path)
    assert drill.exit_code == 0, drill.output
    assert "4 points, 4 the same; 12000 readings, 12000 listed" in drill.stdout
    restored = houqin("restore", backup, "--data", tmp_path / "new")
    assert restored.exit_code == 0, restored.output
    command = restored.stdout.splitlines()[-1]
    assert command == f"houqin run {tmp_path / 'new' / 'site' / 'site.yaml'} --data {tmp_path / 'new'}"
    assert houqin("check", tmp_path / "new" / "site" / "site.yaml").exit_code == 0
    old, new = standing.store(), EmbeddedStore(tmp_path / "new" / "store")
    try:
        assert everything(new) == everything(old)
    finally:
        old.close()
        new.close()
    again = houqin("restore", backup, "--data", tmp_path / "new")
    assert again.exit_code == 2
    assert "--replace" in again.stderr
    replaced = houqin("restore", backup, "--data", tmp_path / "new", "--replace")
    assert replaced.exit_code == 0, replaced.output
    assert len(list(tmp_path.glob("new.before-restore.*"))) == 1


def test_the_drill_prints_every_point_when_asked_and_speaks_chinese(standing: House, tmp_path: Path) -> None:
    backup = backed_up(standing, tmp_path)
    result = CliRunner().invoke(cli, ["--language", "zh", "verify-backup", str(backup), "--points"])
    assert result.exit_code == 0, result.output
    assert "备份完好" in result.stdout
    row = next(line for line in result.stdout.splitlines() if line.startswith("climate-401.temperature"))
    assert row.count("3000 (429)") == 2, "listed and restored, missing ones counted apart"
    assert row.endswith("一致")


def test_a_flipped_byte_makes_the_drill_fail_by_name(standing: House, tmp_path: Path) -> None:
    backup = backed_up(standing, tmp_path)
    whole = bytearray(backup.read_bytes())
    at = whole.index(b"SQLite format 3") + 5000
    whole[at] ^= 1
    backup.write_bytes(whole)
    drill = houqin("verify-backup", backup)
    assert drill.exit_code == 1
    assert re.search(r"store/readings\.sqlite +\d+ +DAMAGED", drill.stdout)
    restored = houqin("restore", backup, "--data", tmp_path / "new")
    assert restored.exit_code == 2
    assert "store/readings.sqlite is damaged" in restored.stderr
    assert not (tmp_path / "new").exists()


def test_what_cannot_run_ends_with_exit_code_2(standing: House, tmp_path: Path) -> None:
    broken = tmp_path / "site.yaml"
    broken.write_text("site: {id: hq}\n", encoding="utf-8")
    no_backup = tmp_path / "no.houqin-backup"
    no_backup.write_bytes(b"PK")
    for arguments in (
        ("backup", broken, tmp_path, "--data", standing.data),
        ("backup", standing.site, tmp_path, "--data", tmp_path / "nothing"),
        ("backup", standing.site, tmp_path, "--data", standing.data, "--keep", "0"),
        ("backup", standing.site, "/proc/nowhere", "--data", standing.data),
        ("verify-backup", no_backup),
        ("restore", no_backup, "--data", tmp_path / "new"),
        ("restore", standing.site, "--data", tmp_path / "new"),
    ):
        result = houqin(*arguments)
        assert result.exit_code == 2, (arguments, result.output)
        assert result.stderr.strip()
    assert not (tmp_path / "new").exists()


WRITER = """
import sys
from pathlib import Path
from facility.store.embedded import EmbeddedStore
from tests.facility.archive.memories import batches
store = EmbeddedStore(Path(sys.argv[1]), tail_limit=4000)
minute = int(sys.argv[2])
while True:
    store.append(batches(range(minute, minute + 10)))
    minute += 10
    print(minute, flush=True)
"""


def test_a_backup_beside_a_writer_has_all_that_was_safe_and_the_writer_goes_on(tmp_path: Path) -> None:
    standing = house(tmp_path, minutes=20_000)
    said = tmp_path / "said"
    with said.open("wb") as out:
        writer = subprocess.Popen([sys.executable, "-c", WRITER, standing.data / "store", "20000"], stdout=out)

    def written() -> int:
        lines = said.read_text().split()
        return int(lines[-1]) if lines else 0

    try:
        wait_for(lambda: written() > 20_100, "the writer's first readings")
        before = written()
        backup = backed_up(standing, tmp_path / "to")
        after = written()
        wait_for(lambda: written() > after, "the writer after the backup")
        assert writer.poll() is None
    finally:
        writer.kill()
        writer.wait()
    assert after > before, "it went on writing while the backup was made"
    with Package(backup) as package:
        figures = package.manifest.points["window-401.open"]
    assert before <= figures.count
    assert figures.count % 10 == 0, "of one commit, not of half of one"
    assert figures.last_us is not None
    assert figures.count == (figures.last_us // MINUTE_US) - (figures.first_us or 0) // MINUTE_US + 1, "no gap"
    assert houqin("verify-backup", backup).exit_code == 0
    store = standing.store()
    try:
        assert len(everything(store)["window-401.open"]) >= after
    finally:
        store.close()
