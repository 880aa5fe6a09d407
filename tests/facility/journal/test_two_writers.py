"""Several processes on one journal: each sees the others' entries at once, nothing is lost, nothing entered twice."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path

from sqlalchemy import func, select

from facility.accounting.entries import Assignment, Headcount, ManualReading
from facility.commands import Actor
from facility.errors import EntryRefused
from facility.journal import Journal
from facility.journal.tables import states
from tests.facility.journal.second_writer import enter
from tests.facility.journal.test_journal import CLERK, NOON, alarm, later

ROOT = Path(__file__).parents[3]


def at_once(*work: Callable[[], object]) -> list[Exception]:
    """Runs all of these in threads that begin together; what they raised."""
    raised: list[Exception] = []
    together = threading.Barrier(len(work))

    def run(one: Callable[[], object]) -> None:
        together.wait()
        try:
            one()
        except Exception as error:  # noqa: BLE001 - told to the test
            raised.append(error)

    threads = [threading.Thread(target=run, args=(one,)) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def test_each_sees_the_others_entries_at_once(url: str) -> None:
    one, other = Journal(url), Journal(url)
    for number in range(5):
        writer, reader = (one, other) if number % 2 else (other, one)
        before = reader.accounts.revision()
        entry = Headcount(office="finance", since=date(2026, 1, number + 1), people=number, leaders=0, reason="staff")
        writer.accounts.enter(entry, actor=CLERK, at=NOON)
        assert reader.accounts.revision() == before + 1
        assert reader.accounts.entries(Headcount)[-1].entry == entry
    one.close()
    other.close()


def test_what_is_read_together_is_of_one_moment(url: str) -> None:
    one, other = Journal(url), Journal(url)
    with one._database.reading() as connection:
        count = select(func.count()).select_from(states)
        before = connection.execute(count).scalar_one()
        other.save_state("timers", 0)
        assert connection.execute(count).scalar_one() == before == 0
    assert one.load_state("timers") == 0
    one.close()
    other.close()


def test_two_processes_enter_at_once_and_nothing_is_lost(url: str) -> None:
    Journal(url).close()
    command = [sys.executable, "-m", "tests.facility.journal.second_writer", url, "m-1", "200"]
    with subprocess.Popen(command, cwd=ROOT) as process:
        enter(url, "m-2", 200)
        assert process.wait(timeout=50) == 0
    journal = Journal(url)
    for meter in ("m-1", "m-2"):
        readings = journal.accounts.history(meter).readings
        assert [found.value for found in readings] == [float(number) for number in range(200)]
    numbers = [found.id for found in journal.accounts.entries(ManualReading)]
    assert numbers == sorted(set(numbers))
    assert len(numbers) == len(journal.audits()) == journal.accounts.revision() == 400
    journal.close()


def test_of_those_that_contradict_each_other_one_is_entered(url: str) -> None:
    journals = [Journal(url) for _ in range(4)]
    day = date(2026, 7, 1)
    headcount = Headcount(office="finance", since=day, people=0, leaders=0, reason="staff")
    shares = [
        Assignment(meter="m-1", since=day, office=office, share=0.6, reason="moved")
        for office in ("finance", "archive", "legal", "duty")
    ]
    twice = at_once(*(lambda j=j: j.accounts.enter(headcount, actor=CLERK, at=NOON) for j in journals))
    over = at_once(
        *(lambda j=j, s=s: j.accounts.enter(s, actor=CLERK, at=NOON) for j, s in zip(journals, shares, strict=True))
    )
    assert [type(error) for error in twice + over] == [EntryRefused] * 6
    accounts = journals[0].accounts
    assert (len(accounts.entries(Headcount)), len(accounts.entries(Assignment)), accounts.revision()) == (1, 1, 2)
    for journal in journals:
        journal.close()


def test_an_alarm_raised_by_two_processes_stands_once(url: str) -> None:
    journals = [Journal(url) for _ in range(4)]
    raised = at_once(*(lambda j=j: j.record_alarm(alarm(0, active=True)) for j in journals))
    assert raised == []
    assert len(journals[0].alarms()) == 1
    for journal in journals:
        journal.close()


def test_an_entry_revoked_by_two_people_is_revoked_once(url: str) -> None:
    one, other = Journal(url), Journal(url)
    reading = ManualReading(meter="m-1", at_us=0, value=0.0, reason="read")
    number = one.accounts.enter(reading, actor=CLERK, at=NOON)
    answers: list[bool] = []

    def revoke(journal: Journal, name: str) -> None:
        done = journal.accounts.revoke(ManualReading, number, actor=Actor(name=name), reason="misread", at=later(1))
        answers.append(done)

    assert at_once(lambda: revoke(one, "a"), lambda: revoke(other, "b")) == []
    assert sorted(answers) == [False, True]
    assert one.accounts.revision() == 2
    one.close()
    other.close()
