"""Every state of an alarm meets every event (ISA-18.2), and no sequence of events loses one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.alarming.states import Event, Facts, Manner, after
from facility.bus.messages import AlarmStanding as S

LATER: Final = datetime(2026, 7, 15, 12, tzinfo=UTC)
PLAIN: Final = Manner()

ABNORMAL: Final = Facts(abnormal=True, known=False, told=True)
FROM: Final[dict[str, Facts]] = {
    "normal": Facts(),
    "unacknowledged": ABNORMAL,
    "acknowledged": Facts(abnormal=True, known=True, told=True),
    "returned": Facts(abnormal=False, known=False, told=True),
    "shelved": Facts(abnormal=True, known=False, told=True, shelved_until=LATER),
    "suppressed": Facts(abnormal=True, known=False, told=False, cause="link_down:a"),
    "out_of_service": Facts(abnormal=True, known=False, told=True, out=True),
}

TABLE: Final = """
event         normal          unacknowledged  acknowledged    returned        shelved         suppressed      out_of_service
raised        unacknowledged  unacknowledged  acknowledged    unacknowledged  shelved         suppressed      out_of_service
cleared       normal          returned        normal          returned        shelved         normal          out_of_service
acknowledged  normal          acknowledged    acknowledged    normal          shelved         suppressed      out_of_service
shelved       shelved         shelved         shelved         shelved         shelved         suppressed      out_of_service
unshelved     normal          unacknowledged  acknowledged    returned        unacknowledged  suppressed      out_of_service
taken_out     out_of_service  out_of_service  out_of_service  out_of_service  out_of_service  out_of_service  out_of_service
put_back      normal          unacknowledged  acknowledged    returned        shelved         suppressed      unacknowledged
suppressed    normal          suppressed      suppressed      suppressed      shelved         suppressed      out_of_service
released      normal          unacknowledged  acknowledged    returned        shelved         unacknowledged  out_of_service
"""  # noqa: E501 - a table is read whole

HEAD, *LINES = [line.split() for line in TABLE.strip().splitlines()]
CELLS: Final = [
    (before, Event(line[0]), S(result)) for line in LINES for before, result in zip(HEAD[1:], line[1:], strict=True)
]


def happen(facts: Facts, event: Event, manner: Manner = PLAIN) -> Facts:
    return after(facts, event, manner, until=LATER, cause="link_down:a")


def test_the_table_has_every_state_and_every_event() -> None:
    assert {S(name) for name in FROM} == set(S) == {S(name) for name in HEAD[1:]}
    assert {Event(line[0]) for line in LINES} == set(Event)
    assert {name: facts.standing for name, facts in FROM.items()} == {name: S(name) for name in FROM}


@pytest.mark.parametrize(("before", "event", "result"), CELLS, ids=[f"{c[0]}-{c[1]}" for c in CELLS])
def test_each_state_meets_each_event(before: str, event: Event, result: S) -> None:
    assert happen(FROM[before], event).standing is result


@pytest.mark.parametrize("event", Event)
@pytest.mark.parametrize("before", FROM)
def test_what_happens_twice_happens_once(before: str, event: Event) -> None:
    once = happen(FROM[before], event)
    if not (event is Event.ACKNOWLEDGED and once.latched):
        assert happen(once, event) == once


def test_an_alarm_that_nobody_has_to_acknowledge_goes_with_its_condition() -> None:
    manner = Manner(acknowledge=False)
    raised = happen(Facts(), Event.RAISED, manner)
    assert raised.standing is S.ACKNOWLEDGED
    assert happen(raised, Event.CLEARED, manner).standing is S.NORMAL


def test_a_latching_alarm_stays_after_its_condition_until_it_is_acknowledged_then() -> None:
    manner = Manner(latching=True)
    facts = Facts()
    ledger = []
    for event in (Event.RAISED, Event.ACKNOWLEDGED, Event.CLEARED, Event.ACKNOWLEDGED):
        facts = happen(facts, event, manner)
        ledger.append(facts.standing)
    assert ledger == [S.UNACKNOWLEDGED, S.ACKNOWLEDGED, S.RETURNED, S.NORMAL]


def test_one_that_came_and_went_while_suppressed_leaves_nothing_to_acknowledge() -> None:
    facts = Facts()
    for event in (Event.SUPPRESSED, Event.RAISED, Event.CLEARED, Event.RELEASED):
        facts = happen(facts, event)
    assert facts.standing is S.NORMAL


def test_one_that_was_told_before_it_was_suppressed_is_still_to_be_acknowledged() -> None:
    facts = Facts()
    for event in (Event.RAISED, Event.SUPPRESSED, Event.CLEARED, Event.RELEASED):
        facts = happen(facts, event)
    assert facts.standing is S.RETURNED


def test_what_a_person_hid_is_told_anew_where_it_is_still_abnormal() -> None:
    acknowledged = happen(happen(Facts(), Event.RAISED), Event.ACKNOWLEDGED)
    assert happen(happen(acknowledged, Event.SHELVED), Event.UNSHELVED).standing is S.UNACKNOWLEDGED


def test_a_shelving_needs_an_end_and_a_suppression_its_cause() -> None:
    with pytest.raises(ValueError, match="end"):
        after(Facts(), Event.SHELVED, PLAIN)
    with pytest.raises(ValueError, match="cause"):
        after(Facts(), Event.SUPPRESSED, PLAIN)


@given(st.lists(st.sampled_from(Event), max_size=40), st.booleans(), st.booleans())
def test_no_sequence_of_events_loses_an_alarm(events: list[Event], acknowledge: bool, latching: bool) -> None:
    """Told in plain words beside the machine: what is abnormal and hidden by nobody is seen, and what had to be
    acknowledged is gone only after a person did something about it.
    """
    manner = Manner(acknowledge=acknowledge, latching=latching)
    facts, owed = Facts(), False
    for event in events:
        before, facts = facts, happen(facts, event, manner)
        assert facts.standing in set(S)
        if facts.abnormal and not facts.hidden:
            assert facts.standing in {S.UNACKNOWLEDGED, S.ACKNOWLEDGED}
        became_seen = facts.standing is S.UNACKNOWLEDGED and before.standing is not S.UNACKNOWLEDGED
        by_people = event in {Event.ACKNOWLEDGED, Event.UNSHELVED, Event.PUT_BACK}
        owed = (owed or became_seen) and not (by_people and facts.standing is not S.UNACKNOWLEDGED)
        if owed and not facts.hidden and acknowledge:
            assert facts.standing in {S.UNACKNOWLEDGED, S.RETURNED}
