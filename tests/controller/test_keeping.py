"""What the controller keeps while the journal is away, and how much of it."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from controller.filing_desk import FilingDesk
from controller.keeping import Keeper
from facility.journal import Journal
from facility.model import SiteFile, build_site
from facility.profiles import ProfileLibrary
from tests.sites import small_site_data

T0 = datetime(2026, 7, 15, 2, tzinfo=UTC)


def test_a_journal_that_stays_away_fills_no_memory_and_gets_the_first_of_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    site = build_site(SiteFile.model_validate(small_site_data()), ProfileLibrary())
    with contextlib.closing(Journal(f"sqlite:///{tmp_path / 'journal.db'}")) as journal:
        keeper = Keeper(journal, FilingDesk(site, site.equipment), most_events=3)
        for number in range(9):
            keeper.event("basis", "ac-401", T0 + timedelta(minutes=number), {"n": number})
        assert caplog.text.count("new ones are not kept") == 1
        keeper.write({})
        keeper.event("basis", "ac-401", T0 + timedelta(minutes=9), {"n": 9})
        keeper.write({})
        assert [event.data["n"] for event in reversed(journal.events("basis"))] == [0, 1, 2, 9]
