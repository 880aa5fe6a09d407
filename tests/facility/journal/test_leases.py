"""The lease in the journal: taken, renewed, given back, taken over, each in one statement."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from facility.journal import Journal
from facility.journal.claim import FileClaim
from facility.journal.leases import LeaseRow

SITE = "hq"


def find(journal: Journal) -> LeaseRow:
    found = journal.leases.find(SITE)
    assert found is not None
    return found


def test_who_comes_first_has_it_and_the_second_waits(journal: Journal) -> None:
    assert journal.leases.find(SITE) is None
    assert journal.leases.take(SITE, "a", 15.0, seen=None) == 1
    assert journal.leases.take(SITE, "b", 15.0, seen=None) is None
    row = find(journal)
    assert (row.holder, row.epoch, row.lease_s, row.is_over) == ("a", 1, 15.0, False)
    assert 0 <= row.age_s < 10
    assert journal.leases.take(SITE, "b", 15.0, seen=row) is None, "it is not over"
    assert find(journal).holder == "a"


def test_only_its_holder_renews_it_and_gives_it_back(journal: Journal) -> None:
    journal.leases.take(SITE, "a", 15.0, seen=None)
    before = find(journal)
    assert journal.leases.renew(SITE, "a", 1, 15.0)
    assert find(journal).renewed_us > before.renewed_us
    assert not journal.leases.renew(SITE, "b", 1, 15.0)
    assert not journal.leases.renew(SITE, "a", 2, 15.0)
    assert not journal.leases.release(SITE, "b", 1)
    assert journal.leases.release(SITE, "a", 1)
    given_back = find(journal)
    assert (given_back.holder, given_back.epoch, given_back.is_over) == (None, 1, True)
    assert not journal.leases.renew(SITE, "a", 1, 15.0), "given back is gone"
    assert journal.leases.take(SITE, "b", 15.0, seen=given_back) == 2


def test_one_that_ran_out_is_taken_over_unless_it_was_renewed_since_it_was_seen(journal: Journal) -> None:
    journal.leases.take(SITE, "a", 0.0, seen=None)
    stale = find(journal)
    assert stale.is_over
    journal.leases.renew(SITE, "a", 1, 0.0)
    assert journal.leases.take(SITE, "b", 15.0, seen=stale) is None
    assert journal.leases.take(SITE, "b", 15.0, seen=find(journal)) == 2
    assert not journal.leases.renew(SITE, "a", 1, 15.0), "another has it"


def test_by_force_it_is_taken_from_whoever_has_it(journal: Journal) -> None:
    journal.leases.take(SITE, "a", 600.0, seen=None)
    assert journal.leases.take(SITE, "b", 15.0, seen=find(journal), by_force=True) == 2


def test_every_site_has_its_own(journal: Journal) -> None:
    assert journal.leases.take(SITE, "a", 15.0, seen=None) == 1
    assert journal.leases.take("annex", "b", 15.0, seen=None) == 1


def test_of_many_who_try_at_the_same_moment_one_gets_it(opened: Callable[[], Journal]) -> None:
    journal = opened()
    journal.leases.take(SITE, "a", 0.0, seen=None)
    over, got = find(journal), []

    def attempt(name: str) -> None:
        epoch = journal.leases.take(SITE, name, 15.0, seen=over)
        if epoch is not None:
            got.append((name, epoch))

    threads = [threading.Thread(target=attempt, args=(f"holder-{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [epoch for _, epoch in got] == [2]
    assert find(journal).holder == got[0][0]


@pytest.mark.parametrize(
    ("holder", "age_s", "over"),
    [("a", 0.0, False), ("a", 14.9, False), ("a", 15.0, True), ("a", -1.0, True), (None, 0.0, True)],
)
def test_when_a_lease_is_over(holder: str | None, age_s: float, over: bool) -> None:
    assert LeaseRow(holder=holder, epoch=1, renewed_us=0, age_s=age_s, lease_s=15.0).is_over is over


def test_one_process_of_a_machine_claims_a_file(tmp_path: Path) -> None:
    first, second = FileClaim(tmp_path / "journal.db"), FileClaim(tmp_path / "journal.db")
    assert first.take()
    assert first.take()
    assert not second.take()
    first.drop()
    first.drop()
    assert second.take()
    second.drop()


def test_a_journal_in_memory_needs_no_claim() -> None:
    claim = FileClaim(None)
    assert claim.take()
    claim.drop()


def test_a_server_has_no_file_to_claim(journal: Journal, url: str) -> None:
    claim = journal.leases.claim()
    assert (claim is None) is url.startswith("postgresql")
