"""The building's memory kept, by the commands an operator types."""

from __future__ import annotations

import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from facility.archive.package import Package
from facility.journal import Journal
from facility.readings import Batch
from facility.store import Aggregate
from facility.store.embedded import EmbeddedStore
from facility.text import Text
from houqin.cli import cli
from houqin.keeping import AGGREGATES, KEEPING
from houqin.progress import TerminalProgress
from tests.facility.archive.memories import MINUTE_US, House, everything, house, write_site
from tests.servers import wait_for
from tests.sites import small_site_data

DOCS = Path(__file__).parents[2] / "docs"


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
from facility.text import Text
from tests.facility.archive.memories import batches
store = EmbeddedStore(Path(sys.argv[1]), tail_limit=4000)
minute = int(sys.argv[2])
while True:
    store.append(batches(range(minute, minute + 10)))
    minute += 10
    print(minute, flush=True)
"""


def test_a_backup_beside_a_writer_has_all_that_was_safe_and_the_writer_goes_on(tmp_path: Path) -> None:
    standing = house(tmp_path, minutes=5_000)
    said = tmp_path / "said"
    with said.open("wb") as out:
        writer = subprocess.Popen([sys.executable, "-c", WRITER, standing.data / "store", "5000"], stdout=out)

    def written() -> int:
        lines = said.read_text().split()
        return int(lines[-1]) if lines else 0

    try:
        wait_for(lambda: written() > 5_100, "the writer's first readings")
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


def test_an_export_reads_beside_a_writer_and_comes_back_by_import(tmp_path: Path) -> None:
    standing = house(tmp_path, minutes=600)
    running = standing.store()
    try:
        for name in ("table.csv", "table.parquet"):
            result = houqin(
                "export", standing.site, tmp_path / name, "--data", standing.data,
                "--from", "2026-03-01", "--to", "2026-03-02",
                "--points", "*.energy_import", "--points", "climate-401.*",
            )  # fmt: skip
            assert result.exit_code == 0, result.output
            assert "1200 rows of 2 points (86 without a value)" in result.stdout
            refused = houqin("import", standing.site, tmp_path / name, "--data", standing.data)
            assert refused.exit_code == 2
            assert f"in use by process {os.getpid()}" in refused.stderr
        before = everything(running)
    finally:
        running.close()
    for name in ("table.csv", "table.parquet"):
        for _ in range(2):
            result = houqin("import", standing.site, tmp_path / name, "--data", tmp_path / "new")
            assert result.exit_code == 0, result.output
            assert "1200 readings were written" in result.stdout
    copy = EmbeddedStore(tmp_path / "new" / "store")
    try:
        points = ("climate-401.temperature", "main-meter.energy_import")
        assert everything(copy) == {point: before[point] for point in points}
    finally:
        copy.close()
    journal = Journal(f"sqlite:///{tmp_path / 'new' / 'journal.db'}")
    try:
        entries = [(entry.actor.name, entry.action, entry.detail["readings"]) for entry in journal.audits()]
    finally:
        journal.close()
    assert entries == [("command-line", "import", 1200)] * 4


def test_bad_rows_are_named_and_nothing_is_half_imported(standing: House, tmp_path: Path) -> None:
    good = "2026-03-01T08:00:00+08:00,main-meter.power,0,kW,good,"
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    first.write_text(f"time,point,value,unit,quality,reason\n{good}\n", encoding="utf-8")
    second.write_text(f"time,point,value,unit,quality,reason\n{good}\nnever,x,1,,,\n", encoding="utf-8")
    data = tmp_path / "data"
    refused = houqin("import", standing.site, first, second, "--data", data)
    assert refused.exit_code == 1
    assert f"{second}:3: 'never' is not a time" in refused.stderr
    assert "nothing was written" in refused.stdout
    assert not data.exists()
    dry = houqin("import", standing.site, first, "--data", data, "--dry-run")
    assert (dry.exit_code, data.exists()) == (0, False), dry.output
    skipped = houqin("import", standing.site, first, second, "--data", data, "--skip-bad")
    assert skipped.exit_code == 1
    assert "2 readings were written" in skipped.stdout


def test_an_unknown_point_is_refused_unless_it_is_meant(standing: House, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("time,point,value\n2026-03-01T00:00:00Z,main-meter.powr,0\n", encoding="utf-8")
    refused = houqin("import", standing.site, table, "--data", tmp_path / "data")
    assert refused.exit_code == 1
    assert "did you mean `main-meter.power`" in refused.stderr
    assert houqin("import", standing.site, table, "--data", tmp_path / "data", "--any-point").exit_code == 0


def test_a_wide_table_is_mapped_column_by_column(standing: House, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("时间,总表,备注\n2026/3/1 8:00,0,=1\n2026/3/1 8:15,2.5,\n", encoding="gb18030")
    mapped = ("--map", "总表=main-meter.power", "--map", "备注=", "--time-column", "时间", "--local-times")
    unread = houqin("import", standing.site, table, "--data", tmp_path / "data", *mapped)
    assert unread.exit_code == 2
    assert "--encoding gb18030" in unread.stderr
    result = houqin("import", standing.site, table, "--data", tmp_path / "data", *mapped, "--encoding", "gb18030")
    assert result.exit_code == 0, result.output
    store = EmbeddedStore(tmp_path / "data" / "store")
    try:
        assert [value for _, value, _ in everything(store)["main-meter.power"]] == [0.0, 2.5]
    finally:
        store.close()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--from", "2026-03-02", "--to", "2026-03-01"), "later than --from"),
        (("--from", "soon", "--to", "2026-03-01"), "2026-07-01T08:00"),
        (("--from", "2026-03-01", "--to", "2026-03-02", "--points", "main-meter.powr"), "main-meter.power"),
        (("--from", "2026-03-01", "--to", "2026-03-02", "--every", "0m"), "15m"),
        (("--from", "2026-03-01", "--to", "2026-03-02", "--aggregate", "mean"), "--every"),
    ],
)
def test_an_export_that_makes_no_sense_is_refused(
    standing: House, tmp_path: Path, more: tuple[str, ...], said: str
) -> None:
    result = houqin("export", standing.site, tmp_path / "t.csv", "--data", standing.data, *more)
    assert result.exit_code == 2
    assert said in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_export_replaces_a_file_only_when_told(standing: House, tmp_path: Path) -> None:
    out = tmp_path / "t.csv"
    out.write_text("mine", encoding="utf-8")
    order = ("export", standing.site, out, "--data", standing.data, "--from", "2026-03-01", "--to", "2026-03-02")
    assert houqin(*order).exit_code == 2
    assert out.read_text(encoding="utf-8") == "mine"
    result = houqin(*order, "--every", "1h", "--aggregate", "max", "--overwrite", "--points", "main-meter.*")
    assert result.exit_code == 0, result.output
    lines = out.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 25
    assert lines[1] == "2026-03-01T00:00:00+08:00,main-meter.energy_import,,kWh,0", "before the first reading: nothing"
    assert lines[9].startswith("2026-03-01T08:00:00+08:00,main-meter.energy_import,105.9,kWh,")


def test_every_way_to_aggregate_can_be_asked_for() -> None:
    assert set(AGGREGATES) == {how.value for how in Aggregate}


def test_a_store_is_moved_and_the_source_stays_as_it_was(standing: House, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in (standing.data / "store").glob("*.sqlite")}
    order = ("migrate-store", standing.site, "--data", standing.data, "--to", f"embedded:{tmp_path / 'new'}")
    moved = houqin(*order)
    assert moved.exit_code == 0, moved.output
    assert "4 points, 0 differ; 12000 -> 12000 readings" in moved.stdout
    assert {path: path.read_bytes() for path in before} == before
    (state,) = standing.data.glob("move-*")
    state.unlink()
    again = houqin(*order)
    assert again.exit_code == 2
    assert "--merge" in again.stderr
    listed = houqin(*order, "--merge", "--points")
    assert listed.exit_code == 0, listed.output
    assert listed.stdout.count(" ok\n") == 4
    both = houqin(*order, "--to-site", standing.site)
    assert both.exit_code == 2
    other = tmp_path / "other.yaml"
    other.write_bytes(standing.site.read_bytes())
    assert "--to-data" in houqin("migrate-store", standing.site, "--data", standing.data, "--to-site", other).stderr
    third = ("--to-site", other, "--to-data", tmp_path / "third")
    assert houqin("migrate-store", standing.site, "--data", standing.data, *third).exit_code == 0


def test_a_finished_move_run_again_copies_what_came_since(tmp_path: Path) -> None:
    of, new = house(tmp_path / "house"), tmp_path / "new"
    order = ("migrate-store", of.site, "--data", of.data, "--to", f"embedded:{new}")
    assert houqin(*order).exit_code == 0
    later_us = time.time_ns() // 1000
    with closing(EmbeddedStore(of.data / "store")) as store:
        store.append([Batch(time_us=later_us, points=["window-401.open"], values=[0.0])])
    since = houqin(*order)
    assert since.exit_code == 0, since.output
    assert "4 points, 0 differ; 12001 -> 12001 readings" in since.stdout
    shutil.rmtree(new)
    anew = houqin(*order)
    assert anew.exit_code == 0, anew.output
    assert "4 points, 0 differ; 12001 -> 12001 readings" in anew.stdout, "an emptied target is filled whole"


def test_what_is_in_the_target_already_makes_both_sides_differ(standing: House, tmp_path: Path) -> None:
    target = EmbeddedStore(tmp_path / "new" / "store")
    target.append([Batch(time_us=1, points=["window-401.open"], values=[0.0])])
    target.close()
    order = ("migrate-store", standing.site, "--data", standing.data, "--to", f"embedded:{tmp_path / 'new'}")
    moved = houqin(*order, "--merge", "--state", tmp_path / "state.json")
    assert moved.exit_code == 1
    assert "window-401.open" in moved.stdout
    assert "DIFFERS" in moved.stdout
    assert (tmp_path / "state.json").exists()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", [command.name or "" for command in KEEPING])
def test_every_command_explains_itself(name: str, language: str) -> None:
    result = CliRunner().invoke(cli, ["--language", language, name, "--help"])
    assert result.exit_code == 0
    assert re.search("[\u4e00-\u9fff]", result.output)
    assert "Traceback" not in result.output


def test_a_token_is_made_where_the_site_file_says_its_records_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = write_site(tmp_path / "site.yaml", {**small_site_data(), "journal": {"url_env": "HOUQIN_TEST_RECORDS"}})
    order = ("token", "create", "duty", "--role", "duty_room", "--data", tmp_path / "data", "--site", site)
    monkeypatch.delenv("HOUQIN_TEST_RECORDS", raising=False)
    unset = houqin(*order)
    assert unset.exit_code == 2
    assert "HOUQIN_TEST_RECORDS" in unset.stderr
    url = f"sqlite:///{tmp_path / 'elsewhere.db'}"
    monkeypatch.setenv("HOUQIN_TEST_RECORDS", url)
    made = houqin(*order)
    assert made.exit_code == 0, made.output
    journal = Journal(url)
    try:
        assert journal.actor_of(made.stdout.strip()) is not None
    finally:
        journal.close()
    assert not (tmp_path / "data").exists()


def commands_of(page: Path) -> list[str]:
    """The commands of a page, in its order."""
    blocks = re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def test_every_command_in_the_guide_runs_as_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a folder that stands for `/`; a run that does not end by itself is left to other tests."""
    english, chinese = DOCS / "keeping.md", DOCS / "keeping.zh-CN.md"
    assert commands_of(english) == commands_of(chinese)
    standing = house(tmp_path / "made", minutes=50)
    standing.data.rename(tmp_path / "houqin")
    write_site(tmp_path / "site.yaml")
    monkeypatch.chdir(tmp_path)
    table = re.findall(r"```csv\n(.*?)```", english.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "old.csv").write_text(table[0], encoding="utf-8")
    for command in commands_of(english):
        here = command.replace("/var/lib/", f"{tmp_path}/").replace("/srv/backup/", f"{tmp_path}/backup/")
        for made in sorted((tmp_path / "backup").glob("houqin/*.houqin-backup")):
            here = re.sub(r"[^ ]+\.houqin-backup", str(made), here)
        program, *arguments = shlex.split(here)
        assert program == "houqin"
        if arguments[0] == "run":
            assert Path(arguments[1]).is_file()
            continue
        if arguments[0] == "backup":
            wait_for(lambda: int(time.time()) > last_backup_s(tmp_path / "backup"), "the next second")
        result = houqin(*arguments)
        assert result.exit_code == 0, (command, result.output)


def last_backup_s(folder: Path) -> int:
    """When the newest backup was made, as its name tells; 0 when there is none."""
    stamps = [re.search(r"\d{8}T\d{6}Z", path.name) for path in folder.rglob("*.houqin-backup")]
    return max((int(datetime.strptime(s[0], "%Y%m%dT%H%M%S%z").timestamp()) for s in stamps if s), default=0)


class Screen(io.StringIO):
    """Standard error that somebody looks at."""

    def isatty(self) -> bool:
        return True


def test_progress_is_one_line_on_a_screen_and_gone_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("houqin.progress._SCREEN_S", 0.0)
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    with TerminalProgress("zh") as progress:
        progress(Text("复制测点", "copying points"), 1, 4)
        progress(Text("完成", "done"), 0, 0)
    assert "\n" not in screen.getvalue()
    assert screen.getvalue().startswith("\r复制测点 25 %\r完成 0 ")
    assert screen.getvalue().endswith(" \r")


def test_progress_is_silent_where_it_is_short_and_nobody_looks_on(monkeypatch: pytest.MonkeyPatch) -> None:
    log = io.StringIO()
    monkeypatch.setattr(sys, "stderr", log)
    with TerminalProgress("en") as progress:
        progress(Text("复制测点", "copying points"), 1, 4)
    assert log.getvalue() == ""
    monkeypatch.setattr("houqin.progress._LOG_S", 0.0)
    with TerminalProgress("en") as progress:
        progress(Text("复制测点", "copying points"), 1, 4)
    assert log.getvalue() == "copying points 25 %\n"
