"""The register of filings: entered once, decided once, taken back once, each with its line in the audit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from facility.commands import Actor, Role
from facility.errors import StoreRefused
from facility.filings import Filing, FilingKind, FilingState, Relaxation, Scope
from facility.journal import Journal
from facility.journal.filings import Repeated
from tests.facility.journal.test_journal import CLERK, NOON, later
from tests.facility.journal.test_two_writers import at_once

HEAD = Actor(name="行政科长", role=Role.ADMIN_SECTION)
OTHER = Actor(name="管理员", role=Role.ADMINISTRATOR)


def asked(start: float = 60, end: float = 180, **changes: Any) -> Filing:
    given: dict[str, Any] = {
        "id": 0, "kind": FilingKind.EXCEPTION, "state": FilingState.SUBMITTED, "applicant": CLERK, "filed_at": NOON,
        "start": later(start), "end": later(end), "scope": Scope(spaces=frozenset({"r402", "r401"})),
        "relaxes": Relaxation(hours=True, cooling_outdoor_c=0.0), "office": "finance", "reason": "半年决算",
        "reference": "会议纪要 7 号",
    }  # fmt: skip
    return Filing(**(given | changes))


def entered(journal: Journal, *filings: Filing) -> tuple[Filing, ...]:
    found = journal.filings.enter(filings, actor=CLERK, at=NOON)
    assert isinstance(found, tuple)
    return found


def test_what_was_entered_comes_back_exactly(opened: Callable[[], Journal]) -> None:
    everything = asked(
        kind=FilingKind.NOTICE, state=FilingState.APPROVED, scope=Scope(), relaxes=Relaxation(), stops=True,
        office=None, reference="", lead=timedelta(minutes=15), late=True, decided_by=HEAD, decided_at=NOON,
        decision_note="同意", revoked_by=OTHER, revoked_at=later(0), revoke_reason="停",
    )  # fmt: skip
    given = entered(opened(), asked(), everything)
    assert given == (replace(asked(), id=1), replace(everything, id=2))
    journal = opened()
    assert [journal.filings.filing(number) for number in (1, 2, 3)] == [*given, None]
    assert journal.filings.register() == list(given)


def test_every_change_has_its_line_and_raises_the_revision(journal: Journal) -> None:
    records = journal.filings
    assert records.revision() == 0
    first, second, _ = entered(journal, asked(), asked(200, 260), asked(300, 360))
    assert records.revision() == 1
    approved = records.decide(first.id, approve=True, actor=HEAD, note="同意", at=later(1))
    assert approved == replace(
        first, state=FilingState.APPROVED, decided_by=HEAD, decided_at=later(1), decision_note="同意"
    )
    rejected = records.decide(second.id, approve=False, actor=HEAD, note="不必", at=later(2))
    assert rejected is not None
    assert rejected.state is FilingState.REJECTED
    revoked = records.revoke(first.id, actor=CLERK, reason="会议取消", at=later(90))
    assert revoked == replace(
        approved, state=FilingState.REVOKED, revoked_by=CLERK, revoked_at=later(90), revoke_reason="会议取消"
    )
    assert records.revision() == 4
    audit = journal.audits()[::-1]
    assert [(line.actor.name, line.action, line.detail["id"]) for line in audit] == [
        ("clerk", "filing entered", 1), ("clerk", "filing entered", 2), ("clerk", "filing entered", 3),
        ("行政科长", "filing approved", 1), ("行政科长", "filing rejected", 2), ("clerk", "filing revoked", 1),
    ]  # fmt: skip
    assert audit[0].detail["relaxes"] == {"hours": True, "cooling_outdoor_c": 0.0}
    assert audit[0].detail["scope"] == {"spaces": ["r401", "r402"]}


def test_what_is_decided_rejected_revoked_or_over_is_left_alone(journal: Journal) -> None:
    records = journal.filings
    for start in (0, 10, 20, 30):
        entered(journal, asked(start, start + 5))
    assert records.decide(1, approve=True, actor=HEAD, note="", at=later(1))
    assert records.decide(2, approve=False, actor=HEAD, note="", at=later(1))
    assert records.revoke(3, actor=CLERK, reason="x", at=later(1))
    before = (records.register(), records.revision(), len(journal.audits()))
    for number in (1, 2, 3, 9):
        for approve in (True, False):
            assert records.decide(number, approve=approve, actor=OTHER, note="", at=later(2)) is None
    for number, minute in ((1, 5), (2, 2), (3, 2), (9, 2)):
        assert records.revoke(number, actor=OTHER, reason="x", at=later(minute)) is None
    assert records.decide(4, approve=True, actor=HEAD, note="", at=later(35)) is None
    assert (records.register(), records.revision(), len(journal.audits())) == before
    assert records.decide(4, approve=False, actor=HEAD, note="逾期", at=later(35)) is not None


def test_what_is_in_force_or_to_come_is_handed_to_the_controller(journal: Journal) -> None:
    records = journal.filings
    entered(journal, *(asked(start, start + 10) for start in (0, 10, 20, 30, 40)))
    for number in (1, 2, 3, 5):
        records.decide(number, approve=True, actor=HEAD, note="", at=later(-1))
    records.revoke(5, actor=HEAD, reason="x", at=later(-1))
    assert [filing.id for filing in records.standing_from(later(0))] == [1, 2, 3]
    assert [filing.id for filing in records.standing_from(later(10))] == [2, 3]
    assert [filing.id for filing in records.standing_from(later(30))] == []


SPANS = [
    (None, None, [1, 2, 3]), (0, 20, [1, 2]), (10, 20, [2]), (9.99, 10, [1, 2]), (30, None, []), (None, 5, [1]),
    (20, 20, [3]),
]  # fmt: skip


@pytest.mark.parametrize(("start", "end", "numbers"), SPANS)
def test_the_register_has_what_touches_its_time(
    journal: Journal, start: float | None, end: float | None, numbers: list[int]
) -> None:
    entered(
        journal, asked(0, 10), asked(12, 20, lead=timedelta(minutes=2.01)), asked(20, 30, state=FilingState.REJECTED)
    )
    span = (None if start is None else later(start), None if end is None else later(end))
    if start == end and start is not None:
        span = (later(start), later(start + 0.01))
    assert [filing.id for filing in journal.filings.register(*span)] == numbers
    assert [filing.id for filing in journal.filings.register(*span, limit=1)] == numbers[-1:]


def test_the_same_is_entered_once_and_again_after_it_was_taken_back(journal: Journal) -> None:
    records = journal.filings
    first, _ = entered(journal, asked(), asked(200, 260))
    again = records.enter([asked(300, 360), asked(reason="又来")], actor=HEAD, at=later(1))
    assert again == Repeated(standing=first)
    assert (len(records.register()), records.revision()) == (2, 1)
    for different in (asked(office=None), asked(relaxes=Relaxation(hours=True)), asked(kind=FilingKind.NOTICE)):
        entered(journal, different)
    records.revoke(first.id, actor=CLERK, reason="x", at=later(1))
    assert entered(journal, asked())[0].id == 6


def test_several_are_entered_together_or_not_at_all(journal: Journal) -> None:
    unholdable: Any = {"r401": object()}
    with pytest.raises((StoreRefused, TypeError)):
        journal.filings.enter([asked(), asked(200, 260, reason=unholdable)], actor=CLERK, at=NOON)
    assert (journal.filings.register(), journal.filings.revision(), journal.audits()) == ([], 0, [])


def test_of_two_who_decide_at_once_one_is_told(url: str) -> None:
    one, other = Journal(url), Journal(url)
    entered(one, asked())
    answers: list[Filing | None] = []

    def decide(journal: Journal, actor: Actor, approve: bool) -> None:
        found = journal.filings.decide(1, approve=approve, actor=actor, note="", at=later(1))
        answers.append(found)

    assert at_once(lambda: decide(one, HEAD, True), lambda: decide(other, OTHER, False)) == []
    (done,) = [found for found in answers if found is not None]
    assert (len(answers), one.filings.filing(1), one.filings.revision()) == (2, done, 2)
    assert len(other.audits()) == 2
    one.close()
    other.close()


def test_the_same_filed_by_two_at_once_stands_once(url: str) -> None:
    journals = [Journal(url) for _ in range(3)]
    answers: list[tuple[Filing, ...] | Repeated] = []
    assert at_once(
        *(lambda j=j: answers.append(j.filings.enter([asked()], actor=CLERK, at=NOON)) for j in journals)
    ) == []  # fmt: skip
    assert sorted(type(answer).__name__ for answer in answers) == ["Repeated", "Repeated", "tuple"]
    assert len(journals[0].filings.register()) == 1
    for journal in journals:
        journal.close()


def test_strange_words_never_keep_a_filing_from_its_entry(journal: Journal) -> None:
    entered(journal, asked(reason="a\0b", reference="\ud800"))
    assert journal.filings.filing(1) is not None
    assert journal.filings.revoke(1, actor=CLERK, reason="\0", at=NOON) is not None
