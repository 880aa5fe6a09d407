"""How long records are kept, as the site file says."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from facility.journal import Journal
from facility.model import SiteFile, build_site
from facility.profiles import ProfileLibrary
from houqin.nightly import let_go_of_records
from tests.sites import small_site_data

pytestmark = pytest.mark.asyncio

NOW = datetime(2026, 7, 15, 16, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("entry", "left"), [({}, [91, 1]), ({"basis_days": 7}, [1]), ({"basis_days": None}, [93, 91, 1])]
)
async def test_bases_are_kept_for_as_long_as_the_site_file_says(
    tmp_path: Path, entry: dict[str, Any], left: list[int]
) -> None:
    site = build_site(SiteFile.model_validate({**small_site_data(), "journal": entry}), ProfileLibrary())
    with contextlib.closing(Journal(f"sqlite:///{tmp_path / 'journal.db'}")) as journal:
        for age in (93, 91, 1):
            journal.record_event("basis", "ac-401", NOW - timedelta(days=age), {"age": age})
        await let_go_of_records(site, journal, NOW)
        await let_go_of_records(site, journal, NOW)
        assert [event.data["age"] for event in reversed(journal.events("basis"))] == left


async def test_a_journal_that_is_away_waits_for_another_night(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    site = build_site(SiteFile.model_validate(small_site_data()), ProfileLibrary())
    folder = tmp_path / "away"
    folder.mkdir()
    with contextlib.closing(Journal(f"sqlite:///{folder / 'journal.db'}")) as journal:
        journal.record_event("basis", "ac-401", NOW - timedelta(days=400), {})
        journal.close()
        folder.rename(tmp_path / "elsewhere")
        await let_go_of_records(site, journal, NOW)
    assert "until the next night" in caplog.text
