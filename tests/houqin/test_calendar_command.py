"""`houqin calendar`: the year on the terminal, and a notice's table into the records."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from ruamel.yaml import YAML

from facility.festivals import FESTIVALS, statutory_days
from facility.journal import Journal
from houqin.cli import cli
from tests.sites import small_site_data


@pytest.fixture
def site(tmp_path: Path) -> Path:
    path = tmp_path / "site.yaml"
    with path.open("w", encoding="utf-8") as file:
        YAML().dump(small_site_data(), file)
    return path


def run(site: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["--language", "en", "calendar", *words, "--data", str(site.parent / "data")])


def table(folder: Path, *more: str) -> Path:
    rows = [f"{day},放假,{FESTIVALS[name].zh}" for day, name in statutory_days(2027).items()]
    path = folder / "2027.csv"
    path.write_bytes("\n".join(["日期,类型,节日", *rows, "2027-01-09,上班,元旦", *more]).encode("gb18030"))
    return path


NOTICE = ("--year", "2027", "--notice", "国办发明电〔2026〕1号", "--issued", "2026-11-04")


def test_a_table_is_entered_and_shown(site: Path, tmp_path: Path) -> None:
    before = run(site, "show", str(site), "2027")
    assert (before.exit_code, "provisional" in before.output) == (0, True)
    entered = run(site, "import", str(site), str(table(tmp_path)), *NOTICE)
    assert (entered.exit_code, "entered the table of 2027" in entered.output) == (0, True), entered.output
    after = run(site, "show", str(site), "2027")
    assert "2027: official (国办发明电〔2026〕1号" in after.output
    assert "2027-01-09 works make-up workday for New Year's Day" in after.output
    journal = Journal(f"sqlite:///{tmp_path / 'data' / 'journal.db'}")
    assert [record.action for record in journal.audits()] == ["almanac entry"]
    journal.close()


def test_a_table_that_cannot_be_true_is_refused(site: Path, tmp_path: Path) -> None:
    refused = run(site, "import", str(site), str(table(tmp_path, "2027-10-01,上班,国庆节")), *NOTICE)
    assert refused.exit_code == 2
    assert "written twice: 2027-10-01" in refused.output
    assert "provisional" in run(site, "show", str(site), "2027").output
