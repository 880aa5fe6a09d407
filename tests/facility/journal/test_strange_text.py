"""Names and words that no keyboard makes are entered and found again; none keeps the rest from its entry."""

from __future__ import annotations

import pytest

from facility.accounting.entries import Headcount
from facility.bus import DecisionMade, ProposalMade
from facility.bus.messages import AlarmChanged, AlarmLevel
from facility.commands import Actor, Role, Wish
from facility.journal import Journal
from facility.text import Text
from tests.facility.journal.ledger import HEADCOUNT
from tests.facility.journal.test_journal import NOON, decision, later

HOLDABLE = [
    "行政科 🀄 \U0010ffff \u202eright to left\ufeff\uffff",
    "'; DROP TABLE decisions; -- a\"b\\c`d${e}%s%(x)s:y?\r\nline two\x1b[31m",
    "a" * 3000,
]
STRANGE = {"a\0b": "a\ufffdb", "\ud800": "\ufffd", "x\udfffy\0": "x\ufffdy\ufffd"}
PAIRS = [*((text, text) for text in HOLDABLE), *STRANGE.items()]


@pytest.mark.parametrize(("text", "kept"), PAIRS, ids=[str(number) for number in range(len(PAIRS))])
def test_strange_text_is_kept_and_found_again(journal: Journal, text: str, kept: str) -> None:
    actor = Actor(name=text, role=Role.SECTION_OPERATOR, office=text)
    journal.record_all(
        [
            ProposalMade(
                id=text[:64], equipment=text, wish=Wish(on=False), actor=actor, made=NOON, until=later(1), reason=text
            ),
            AlarmChanged(
                key=text, active=True, level=AlarmLevel.INFO, at=NOON, text=Text(text, text), equipment=text
            ),
            DecisionMade(decision=decision(text)),
        ]
    )  # fmt: skip
    journal.record_event("strange", text, NOON, {text: [text]})
    journal.save_state(text, {"words": text})
    journal.audit(actor, text, {"words": text}, NOON)
    found = journal.command(text[:64])
    assert found is not None
    assert without_nul(found.reason.zh, found.actor.name) == [kept, kept]
    assert [alarm.key for alarm in journal.alarms()] == [kept]
    assert len(journal.decisions(text)) == 1
    assert [event.equipment for event in journal.events("strange")] == [kept]
    assert without_nul(journal.load_state(text)["words"]) == [kept]
    assert [line.action for line in journal.audits()] == [kept]
    journal.record_alarm(
        AlarmChanged(key=text, active=False, level=AlarmLevel.INFO, at=later(1), text=Text("", ""), equipment=None)
    )
    assert journal.alarms(active_only=True) == []
    assert journal.actor_of(journal.create_token(text, Role.VIEWER)) == Actor(name=kept, role=Role.VIEWER)
    assert journal.revoke_token(text)


def without_nul(*texts: str) -> list[str]:
    """Documents hold NUL, which only columns of text do not."""
    return [text.replace("\0", "\ufffd") for text in texts]


def test_who_enters_and_why_may_be_written_strangely(journal: Journal) -> None:
    number = journal.accounts.enter(HEADCOUNT, actor=Actor(name="\ud800"), at=NOON)
    assert journal.accounts.revoke(Headcount, number, actor=Actor(name="a\0"), reason="\ud800\0", at=NOON)
    (found,) = journal.accounts.entries(Headcount, revoked=True)
    assert found.revoked is not None
    assert (found.author.name, found.revoked.reason) == ("\ufffd", "\ufffd\ufffd")
