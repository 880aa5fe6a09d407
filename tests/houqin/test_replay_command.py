"""`houqin replay` and `houqin case` on the command line: what they print, keep, and refuse."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from controller.replay.cases import KIND, case_of, written
from facility.journal import Journal
from facility.readings import Batch, to_us
from facility.store.embedded import EmbeddedStore
from houqin.cli import cli
from houqin.demo_site import example_path
from tests.controller.building import Building, local

SPAN = ("--from", "2026-07-15", "--to", "2026-07-16")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with one reading in it."""
    folder = tmp_path / "data"
    store = EmbeddedStore(folder / "store")
    at_us = to_us(datetime(2026, 7, 15, tzinfo=UTC))
    store.append([Batch(time_us=at_us, points=("weather.temperature",), values=(34.0,))])
    store.close()
    return folder


def houqin(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["--language", "en", *map(str, arguments)])


def policy(folder: Path, text: str, name: str = "strict.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_policies_stand_side_by_side_with_what_they_do_not_tell(data: Path, tmp_path: Path) -> None:
    strict = policy(tmp_path, "policy:\n  parameters: {cooling_permit_c: 33}\n")
    table = tmp_path / "out.csv"
    result = houqin("replay", example_path(), "--data", data, *SPAN, "--policy", strict, "--csv", table)
    assert result.exit_code == 0, result.output
    assert "strict" in result.output
    assert "Nobody" in result.output or "nobody measured" in result.output
    rows = list(csv.DictReader(table.read_text(encoding="utf-8-sig").splitlines()))
    assert {row["policy"] for row in rows} == {"hunan_bureau_2022", "strict"}
    assert next(row for row in rows if row["figure"] == "unknown" and row["about"] == "forecast")["value"] == "1"


def test_the_result_is_also_json(data: Path) -> None:
    result = houqin("replay", example_path(), "--data", data, *SPAN, "--format", "json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["outcomes"][0]["used"] == {"cooling_h": 0.0, "heating_h": 0.0}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("policy:\n  parameters: {coling_permit_c: 33}\n", "strict.yaml:2:33: error"),
        ("policy:\n  preset: nowhere\n", "unknown preset"),
        ("policy: {}\nsite: {}\n", "only `policy` is expected here"),
        ("rules: []\n", "`policy` is missing"),
        ("", "empty"),
    ],
)
def test_mistakes_of_a_policy_file_are_told_with_their_place(data: Path, tmp_path: Path, text: str, said: str) -> None:
    result = houqin("replay", example_path(), "--data", data, *SPAN, "--policy", policy(tmp_path, text))
    assert result.exit_code == 2
    assert said in result.output


def test_an_empty_span_is_refused(data: Path) -> None:
    result = houqin("replay", example_path(), "--data", data, "--from", "2026-07-16", "--to", "2026-07-15")
    assert result.exit_code == 2
    assert "later" in result.output


def test_a_case_file_is_decided_again_and_what_differs_ends_with_one(tmp_path: Path) -> None:
    journal = Journal(f"sqlite:///{tmp_path / 'journal.db'}")
    building = Building(local("07:30"), journal=journal)
    building.run_until("08:30")
    building.controller.save()
    event = next(one for one in journal.events(KIND, limit=100) if one.equipment == "ac-401")
    case = written(case_of("ac-401", event.at, event.data, building.file.policy))
    journal.close()
    path = tmp_path / "case.json"
    path.write_text(json.dumps(case), encoding="utf-8")
    assert houqin("case", "run", path).exit_code == 0
    case["expected"]["slot"] = 8
    path.write_text(json.dumps(case), encoding="utf-8")
    again = houqin("case", "run", path)
    assert again.exit_code == 1
    assert "slot: was 8, is 12" in again.output


def test_a_moment_without_decision_and_equipment_that_is_not_there_are_refused(data: Path) -> None:
    nothing = houqin("case", "make", example_path(), "ac-101", "--at", "2026-07-15T08:20", "--data", data)
    assert nothing.exit_code == 2
    assert "nothing was decided" in nothing.output
    nobody = houqin("case", "make", example_path(), "ac-999", "--at", "2026-07-15T08:20", "--data", data)
    assert nobody.exit_code == 2
    assert "no equipment" in nobody.output
