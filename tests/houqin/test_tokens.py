"""Where a site's records are: under the data folder, or where the environment says."""

from __future__ import annotations

from pathlib import Path

import pytest

from facility.commands import Role
from facility.errors import StoreRefused
from facility.journal import Journal
from facility.model.entries import JournalEntry
from houqin.tokens import create_token, journal_url

NAMED = JournalEntry(url_env="HOUQIN_RECORDS")


def test_records_are_under_the_data_folder_unless_the_site_says_otherwise(tmp_path: Path) -> None:
    assert journal_url(tmp_path) == journal_url(tmp_path, JournalEntry()) == f"sqlite:///{tmp_path}/journal.db"


def test_the_address_is_what_the_named_variable_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOUQIN_RECORDS", " postgresql://houqin:secret@db/houqin\n")
    assert journal_url(tmp_path, NAMED) == "postgresql://houqin:secret@db/houqin"


@pytest.mark.parametrize("value", [None, "", "  "])
def test_a_variable_that_is_not_set_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    monkeypatch.delenv("HOUQIN_RECORDS", raising=False)
    if value is not None:
        monkeypatch.setenv("HOUQIN_RECORDS", value)
    with pytest.raises(StoreRefused, match=r"HOUQIN_RECORDS.* is not set / 环境变量 HOUQIN_RECORDS 未设置"):
        create_token(tmp_path / "data", "duty", Role.DUTY_ROOM, None, NAMED)
    assert not (tmp_path / "data").exists()


def test_a_token_goes_into_the_records_that_the_site_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'elsewhere.db'}"
    monkeypatch.setenv("HOUQIN_RECORDS", url)
    token = create_token(tmp_path / "data", "duty", Role.DUTY_ROOM, None, NAMED)
    journal = Journal(url)
    actor = journal.actor_of(token)
    journal.close()
    assert actor is not None
    assert (actor.name, (tmp_path / "data").exists()) == ("duty", False)
