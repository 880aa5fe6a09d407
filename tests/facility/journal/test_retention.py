"""What is let go of, what stays, and how much at once, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import insert

from facility.bus import AlarmChanged, ForecastReceived
from facility.bus.messages import AlarmLevel, AlarmStanding
from facility.commands import Wish
from facility.decisions import Decision
from facility.journal import Journal
from facility.journal.alarm_states import SENT, WAITING
from facility.journal.tables import events
from facility.text import Text
from facility.trials import PolicyChoice, TrialRequest
from tests.facility.journal.test_alarm_states import DUTY, T0, notice, stood

DAY = timedelta(days=1)
NEVER = None


def decided(equipment: str, at: datetime) -> Decision:
    off = Wish(on=False)
    return Decision(
        equipment=equipment, time=at, wanted=off, effective=off, slot=16, reasons=(), sentence=Text("关", "off")
    )


def test_what_decisions_rested_on_goes_and_other_events_stay(journal: Journal) -> None:
    for days in range(4):
        journal.record_event("basis", "ac", T0 + days * DAY, {"n": days})
        journal.record_event("wall_change", "ac", T0 + days * DAY, {"n": days})
    assert journal.retention.let_go(bases_before=T0 + 2 * DAY, records_before=NEVER) == 2
    assert [event.data["n"] for event in journal.events("basis")] == [3, 2]
    assert len(journal.events("wall_change")) == 4
    assert journal.retention.let_go(bases_before=T0 + 2 * DAY, records_before=NEVER) == 0
    assert journal.retention.let_go(bases_before=NEVER, records_before=NEVER) == 0


def test_the_newest_decision_of_each_equipment_stays_however_old(journal: Journal) -> None:
    for days in range(3):
        journal.record_decision(decided("ac", T0 + days * DAY))
    journal.record_decision(decided("kettle", T0))
    assert journal.retention.let_go(bases_before=NEVER, records_before=T0 + 30 * DAY) == 2
    assert {key: found.time for key, found in journal.latest_decisions().items()} == {"ac": T0 + 2 * DAY, "kettle": T0}


def test_alarms_that_stand_and_notices_that_wait_stay(journal: Journal) -> None:
    for key, active in (("stands", True), ("over", True), ("over", False)):
        journal.record_alarm(
            AlarmChanged(key=key, active=active, level=AlarmLevel.WARNING, at=T0, text=Text("坏", "bad"))
        )
    journal.alarm_states.enter([stood("stands", AlarmStanding.UNACKNOWLEDGED, 0)])
    journal.alarm_states.keep([notice("sent", state=SENT, ended=T0), notice("waits")])
    assert journal.retention.let_go(bases_before=NEVER, records_before=T0 + DAY) == 3  # alarm, step, notice
    assert [alarm.key for alarm in journal.alarms()] == ["stands"]
    assert [state.key for state in journal.alarm_states.states()] == ["stands"]
    assert journal.alarm_states.history("stands") == []
    assert [each.state for each in journal.alarm_states.notifications()] == [WAITING]


def test_forecasts_and_trials_that_ended_go_and_who_did_what_stays(journal: Journal) -> None:
    journal.record_forecast(ForecastReceived(provider="x", issued=T0, fetched=T0, daily_max_c={date(2026, 7, 15): 0.0}))
    request = TrialRequest(start=T0, end=T0 + DAY, policies=(PolicyChoice(name="x"),))
    ended, waits = (journal.trials.enter(request, actor=DUTY, at=T0) for _ in range(2))
    journal.trials.cancel(ended, actor=DUTY, at=T0)
    acts = len(journal.audits())
    assert journal.retention.let_go(bases_before=NEVER, records_before=T0 + DAY) == 2
    assert journal.forecasts() == []
    assert [trial.id for trial in journal.trials.newest()] == [waits]
    assert len(journal.audits()) == acts


@pytest.mark.parametrize(("nights", "left"), [(1, 23), (2, 16), (5, 1), (9, 1)])
def test_a_clock_that_is_wrong_for_a_night_costs_a_week(journal: Journal, nights: int, left: int) -> None:
    for days in range(30):
        journal.record_decision(decided("ac", T0 + days * DAY))
    for _ in range(nights):
        journal.retention.let_go(bases_before=NEVER, records_before=datetime(2099, 1, 1, tzinfo=UTC))
    assert len(journal.decisions()) == left


def test_more_than_goes_in_one_transaction_goes_in_several(journal: Journal) -> None:
    with journal._database.transaction() as connection:
        rows = [{"kind": "basis", "equipment": "ac", "at_us": number, "document": {}} for number in range(2500)]
        connection.execute(insert(events), rows)
    assert journal.retention.let_go(bases_before=T0, records_before=NEVER) == 2500
    assert journal.events("basis") == []
