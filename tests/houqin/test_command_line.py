"""The command line as an operator meets it."""

from __future__ import annotations

import os
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from facility.commands import Role
from facility.journal import Journal
from facility.store.embedded import EmbeddedStore
from houqin.cli import cli
from houqin.demo import MARK, fresh_folder
from houqin.tokens import journal_url

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "deploy" / "sites" / "office.yaml"


def houqin(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


@pytest.mark.parametrize(("language", "words"), [("zh", "没有错误"), ("en", "no errors")])
def test_the_shipped_example_has_no_mistakes_and_its_size_is_told(language: str, words: str) -> None:
    result = houqin("--language", language, "check", EXAMPLE)
    assert result.exit_code == 0, result.output
    assert words in result.output
    assert "1303" in result.output


def test_the_example_in_the_site_file_guide_is_checked_as_written(tmp_path: Path) -> None:
    blocks = (ROOT / "docs" / "site-file.md").read_text(encoding="utf-8").split("```yaml\n")
    parts = [block.split("```")[0] for block in blocks[1:]]
    assert len(parts) >= 3
    site = tmp_path / "site.yaml"
    site.write_text("\n".join(parts), encoding="utf-8")
    result = houqin("--language", "en", "check", site)
    assert result.exit_code == 0, result.output
    assert "no errors, 0 warnings" in result.output


def test_mistakes_of_site_and_policy_stand_in_one_list_and_end_with_exit_code_1(tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    site = tmp_path / "site.yaml"
    site.write_text(
        text.replace("preset: hunan_bureau_2022", "preset: hunan_bureau_2023").replace("plant: vrf", "plnt: vrf", 1),
        encoding="utf-8",
    )
    result = houqin("--language", "en", "check", site)
    assert result.exit_code == 1
    assert "hunan_bureau_2022" in result.output, "the near miss is named"
    assert "plant" in result.output


@pytest.mark.parametrize("speed", ["nan", "0", "-1", "inf", "fast"])
@pytest.mark.parametrize("command", ["demo", "simulate"])
def test_a_clock_that_cannot_run_is_refused_before_anything_starts(tmp_path: Path, command: str, speed: str) -> None:
    given = ["--data", tmp_path / "data", "--no-browser"] if command == "demo" else [EXAMPLE]
    result = houqin(command, *given, "--speed", speed)
    assert result.exit_code == 2
    assert "--speed" in result.output
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("start", ["0001-01-01", "9999-12-31", "tomorrow"])
def test_a_day_without_past_or_future_is_no_beginning(tmp_path: Path, start: str) -> None:
    result = houqin("demo", "--start", start, "--data", tmp_path / "data", "--no-browser")
    assert result.exit_code == 2
    assert "--start" in result.output


def test_a_running_demonstrations_folder_is_not_emptied(tmp_path: Path) -> None:
    fresh_folder(tmp_path)
    running = EmbeddedStore(tmp_path / "store")
    try:
        result = houqin("demo", "--data", tmp_path, "--no-browser", "--port", "0")
        assert result.exit_code == 2
        assert f"in process {os.getpid()}" in result.output
        assert (tmp_path / "store").exists()
    finally:
        running.close()
    fresh_folder(tmp_path)
    assert not (tmp_path / "store").exists()


def test_a_token_has_a_name(tmp_path: Path) -> None:
    result = houqin("token", "create", " ", "--role", "viewer", "--data", tmp_path / "data")
    assert result.exit_code == 2
    assert not (tmp_path / "data").exists()


def test_one_mistake_is_counted_as_one(tmp_path: Path) -> None:
    site = tmp_path / "site.yaml"
    site.write_text(EXAMPLE.read_text(encoding="utf-8").replace("ct_ratio: 80", "ct_ratio: 0"), encoding="utf-8")
    assert "1 error, 0 warnings" in houqin("--language", "en", "check", site).output


def test_a_site_with_mistakes_is_not_run(tmp_path: Path) -> None:
    site = tmp_path / "site.yaml"
    site.write_text("site: {id: hq}\n", encoding="utf-8")
    result = houqin("--language", "en", "run", site, "--data", tmp_path / "data")
    assert result.exit_code == 2
    assert "nothing was started" in result.output
    assert not (tmp_path / "data").exists()


def test_a_token_is_shown_once_and_only_its_hash_is_kept(tmp_path: Path) -> None:
    result = houqin("--language", "en", "token", "create", "duty", "--role", "duty_room", "--data", tmp_path)
    assert result.exit_code == 0, result.output
    plain = result.stdout.strip().splitlines()[-1]
    journal = Journal(journal_url(tmp_path))
    actor = journal.actor_of(plain)
    journal.close()
    assert actor is not None
    assert (actor.name, actor.role) == ("duty", Role.DUTY_ROOM)
    assert plain.encode() not in (tmp_path / "journal.db").read_bytes()


def test_a_section_operator_needs_an_office(tmp_path: Path) -> None:
    result = houqin("token", "create", "clerk", "--role", "section_operator", "--data", tmp_path)
    assert result.exit_code == 2
    assert "--office" in result.output


def test_the_schema_is_json_and_closed() -> None:
    result = houqin("schema")
    schema = orjson.loads(result.output)
    assert schema["additionalProperties"] is False
    assert "equipment" in schema["properties"]


def test_a_demonstration_takes_only_its_own_folder(tmp_path: Path) -> None:
    data = tmp_path / "data"
    fresh_folder(data)
    (data / "store.db").write_text("old", encoding="utf-8")
    fresh_folder(data)
    assert [path.name for path in data.iterdir()] == [MARK]
    foreign = tmp_path / "records"
    foreign.mkdir()
    (foreign / "kept.txt").write_text("kept", encoding="utf-8")
    result = houqin("--language", "en", "demo", "--data", foreign, "--no-browser", "--port", "0")
    assert result.exit_code == 2
    assert (foreign / "kept.txt").read_text(encoding="utf-8") == "kept"
