"""The site's records: what was entered comes back exactly, in order, after the file is opened again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from facility.bus import AlarmChanged, CommandIssued, DecisionMade, ForecastReceived, OutcomeReported, ProposalMade
from facility.bus.messages import AlarmLevel, ForecastWanted, HourForecast, Message
from facility.commands import (
    RULE_ENGINE,
    Actor,
    Command,
    Confirmed,
    Expired,
    Fan,
    Mode,
    NotEffective,
    Outcome,
    Refused,
    Role,
    Unreachable,
    Wish,
)
from facility.decisions import Decision, Effect, Input, Reason
from facility.journal import Journal
from facility.text import Text

NOON = datetime(2026, 7, 15, 4, 0, tzinfo=UTC)
CLERK = Actor(name="clerk", role=Role.SECTION_OPERATOR, office="finance")


def later(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def decision(equipment: str = "ac-401", minutes: float = 0, *, on: bool = False) -> Decision:
    reason = Reason(
        rule="cooling-stop-measured",
        effect=Effect.FORBID,
        text=Text("室外 29.4 ℃,低于 30 ℃", "29.4 C outdoors, below 30 C"),
        clause="AC-06",
        quote="室外温度30℃以上",
        document="某办法 第三条",
        inputs=(
            Input(point="weather.temperature", value=29.4, source="sensor", time=later(minutes - 2), age_s=120.0),
            Input(point="calendar", value="workday", source="calendar"),
            Input(point="window-401.open", value=False, source="sensor"),
            Input(point="zero", value=0.0, source="sensor", age_s=0.0),
            Input(point="forecast", value=None, source="forecast"),
        ),
    )
    return Decision(
        equipment=equipment,
        time=later(minutes),
        wanted=Wish(on=on, mode=Mode.COOL, setpoint_c=28.0, fan=Fan.AUTO),
        effective=Wish(on=False),
        slot=12,
        reasons=(reason, Reason(rule="hold", effect=Effect.HOLD, text=Text("等待", "waiting"))),
        sentence=Text("停机:“室外”", 'off: "outdoors"'),
        until=later(60),
        next_change=None,
    )


def command(minutes: float = 0, **changes: object) -> Command:
    values: dict[str, object] = {
        "equipment": "ac-401",
        "wish": Wish(on=True, mode=Mode.COOL, setpoint_c=28.0),
        "actor": RULE_ENGINE,
        "made": later(minutes),
        "deadline": later(minutes + 1),
        "reason": Text("开机", "on"),
        "id": "c1",
    }
    return Command(**(values | changes))  # type: ignore[arg-type]


PROPOSAL = ProposalMade(
    id="c1",
    equipment="ac-401",
    wish=Wish(on=True),
    actor=CLERK,
    made=NOON,
    until=later(120),
    reason="会议",
)


def test_a_decision_comes_back_exactly(opened: Callable[[], Journal]) -> None:
    entered = decision()
    opened().record_decision(entered)
    (found,) = opened().decisions("ac-401")
    assert found == entered
    assert [type(item.value) for item in found.reasons[0].inputs] == [float, str, bool, float, type(None)]


def test_decisions_come_newest_first_and_within_their_interval(journal: Journal) -> None:
    for minutes in (0, 30, 10, 20):
        journal.record_decision(decision(minutes=minutes))
    journal.record_decision(decision("ac-402", 15))
    assert [found.time for found in journal.decisions("ac-401")] == [later(m) for m in (30, 20, 10, 0)]
    assert [found.time for found in journal.decisions(start=later(10), end=later(20))] == [later(15), later(10)]
    assert [found.time for found in journal.decisions(limit=2)] == [later(30), later(20)]
    assert journal.decisions("nobody") == []


def test_the_latest_decision_is_the_newest_by_time_whatever_was_entered_last(journal: Journal) -> None:
    journal.record_decision(decision(minutes=10, on=True))
    journal.record_decision(decision(minutes=-5000))
    journal.record_decision(decision("ac-402", 1))
    latest = journal.latest_decisions()
    assert {key: found.time for key, found in latest.items()} == {"ac-401": later(10), "ac-402": later(1)}


CONFIRMED = Confirmed(command_id="c1", equipment="ac-401", at=later(1), read=Wish(on=True))
REFUSED = Refused(command_id="c1", equipment="ac-401", at=later(1), why=Text("不准", "no"), clause="AC-05")
ENDS: list[tuple[Outcome, tuple[str, Text | None, str | None, Wish | None]]] = [
    (CONFIRMED, ("confirmed", None, None, Wish(on=True))),
    (
        NotEffective(command_id="c1", equipment="ac-401", at=later(1), wanted=Wish(on=True), read=Wish(on=False)),
        ("not_effective", None, None, Wish(on=False)),
    ),
    (REFUSED, ("refused", Text("不准", "no"), "AC-05", None)),
    (
        Unreachable(command_id="c1", equipment="ac-401", at=later(1), error="no answer"),
        ("unreachable", Text("no answer", "no answer"), None, None),
    ),
    (Expired(command_id="c1", equipment="ac-401", at=later(1)), ("expired", None, None, None)),
]


@pytest.mark.parametrize(("outcome", "expected"), ENDS)
def test_a_command_ends_in_one_of_five_ways(journal: Journal, outcome: Outcome, expected: object) -> None:
    journal.record_command(command())
    journal.record_outcome(outcome)
    found = journal.command("c1")
    assert found is not None
    assert (found.state, found.why, found.clause, found.read) == expected
    assert (found.actor, found.wish, found.reason) == (RULE_ENGINE, command().wish, Text("开机", "on"))
    assert found.at == later(1)


def test_a_wish_becomes_a_command_and_keeps_the_person_and_their_words(journal: Journal) -> None:
    journal.record_proposal(PROPOSAL)
    proposed = journal.command("c1")
    assert proposed is not None
    assert (proposed.state, proposed.deadline, proposed.read) == ("proposed", later(120), None)
    journal.record_command(command(1))
    sent = journal.command("c1")
    assert sent is not None
    assert (sent.state, sent.actor, sent.reason, sent.made) == ("sent", CLERK, Text("会议", "会议"), NOON)
    assert sent.wish == command().wish


def test_a_wish_that_is_refused_never_became_a_command(journal: Journal) -> None:
    journal.record_all([PROPOSAL, OutcomeReported(outcome=REFUSED)])
    found = journal.command("c1")
    assert found is not None
    assert (found.state, found.clause, found.actor) == ("refused", "AC-05", CLERK)


def test_what_is_entered_again_changes_nothing(journal: Journal) -> None:
    messages: list[Message] = [PROPOSAL, CommandIssued(command=command()), OutcomeReported(outcome=CONFIRMED)]
    journal.record_all(messages)
    first = journal.commands()
    journal.record_all(messages)
    assert journal.commands() == first
    assert len(first) == 1


def test_an_outcome_of_an_unheard_order_is_kept(journal: Journal) -> None:
    journal.record_outcome(CONFIRMED)
    found = journal.command("c1")
    assert found is not None
    assert (found.state, found.equipment, found.actor.name) == ("confirmed", "ac-401", "unknown")
    assert journal.command("c2") is None


def test_commands_are_listed_newest_first(journal: Journal) -> None:
    for number in range(4):
        journal.record_command(command(number, id=f"c{number}", equipment=f"ac-{number % 2}"))
    assert [found.id for found in journal.commands()] == ["c3", "c2", "c1", "c0"]
    assert [found.id for found in journal.commands("ac-1", start=later(1), end=later(3))] == ["c1"]


def alarm(
    minutes: float, *, active: bool, key: str = "link_down:plant", level: AlarmLevel = AlarmLevel.WARNING
) -> AlarmChanged:
    text = Text("线路断开", "line down")
    return AlarmChanged(key=key, active=active, level=level, at=later(minutes), text=text, equipment="ac-401")


def ledger(journal: Journal) -> list[tuple[str, datetime, datetime | None]]:
    return [(found.key, found.since, found.until) for found in journal.alarms()]


def test_an_alarm_stands_until_it_ends(journal: Journal) -> None:
    journal.record_alarm(alarm(0, active=True))
    journal.record_alarm(alarm(1, active=True, level=AlarmLevel.SERIOUS))
    (standing,) = journal.alarms(active_only=True)
    assert (standing.since, standing.until, standing.level, standing.equipment) == (NOON, None, "serious", "ac-401")
    journal.record_alarm(alarm(5, active=False))
    journal.record_alarm(alarm(6, active=False))
    assert journal.alarms(active_only=True) == []
    journal.record_alarm(alarm(9, active=True))
    assert ledger(journal) == [("link_down:plant", later(9), None), ("link_down:plant", NOON, later(5))]


def test_an_alarm_of_the_past_leaves_the_standing_one_alone(journal: Journal) -> None:
    journal.record_alarm(alarm(0, active=True))
    journal.record_alarm(alarm(-60, active=True))
    journal.record_alarm(alarm(-50, active=False))
    assert ledger(journal) == [("link_down:plant", NOON, None), ("link_down:plant", later(-60), later(-50))]


def test_a_beginning_that_two_controllers_saw_at_two_moments_ends_once(journal: Journal) -> None:
    journal.record_alarm(alarm(1, active=True))
    journal.record_alarm(alarm(0, active=True))
    journal.record_alarm(alarm(5, active=False))
    assert journal.alarms(active_only=True) == []
    assert ledger(journal) == [("link_down:plant", later(1), later(5)), ("link_down:plant", NOON, later(5))]


def test_a_forecast_comes_back_exactly(opened: Callable[[], Journal]) -> None:
    hour = HourForecast(time=NOON, temperature_c=33.5, weather_code=61, cloud_percent=None)
    entered = ForecastReceived(
        provider="open_meteo", issued=NOON, fetched=later(1), daily_max_c={date(2026, 7, 15): 34.0}, hours=(hour,)
    )
    by_hand = ForecastReceived(
        provider="manual", issued=NOON, fetched=later(2), daily_max_c={}, entered_by="duty", valid_until=later(60)
    )
    opened().record_all([entered, by_hand])
    assert opened().forecasts() == [by_hand, entered]
    assert opened().forecasts(limit=1) == [by_hand]


def test_many_messages_are_entered_in_one_go_and_strangers_passed_over(journal: Journal) -> None:
    journal.record_all([DecisionMade(decision=decision()), ForecastWanted(), alarm(0, active=True)])
    assert (len(journal.decisions()), len(journal.alarms())) == (1, 1)


def test_when_one_of_many_cannot_be_entered_none_is(journal: Journal) -> None:
    unzoned = decision()
    object.__setattr__(unzoned, "time", datetime(2026, 7, 15))  # noqa: DTZ001 - that is what is refused
    with pytest.raises(ValueError, match="no time zone"):
        journal.record_all([DecisionMade(decision=decision()), DecisionMade(decision=unzoned)])
    assert journal.decisions() == []


def test_states_are_kept_by_key(opened: Callable[[], Journal]) -> None:
    journal = opened()
    assert journal.load_state("timers") is None
    journal.save_state("timers", {"ac-401": [1, 2.5, None, "在"]})
    journal.save_state("timers", {"ac-401": 0})
    single: list[object] = [None, 0, 0.0, -1.5, 2**53, "7", "", False, []]
    for value in single:
        journal.save_state("single", value)
        assert journal.load_state("single") == value
    journal.save_state("nothing", None)
    assert opened().load_state("timers") == {"ac-401": 0}
    assert opened().load_state("nothing") is None


def test_events_are_kept_by_kind(journal: Journal) -> None:
    for minutes in (0, 2, 1):
        journal.record_event("wall_change", "ac-401", later(minutes), {"minutes": minutes})
    journal.record_event("other", None, NOON, {})
    assert [found.data["minutes"] for found in journal.events("wall_change")] == [2, 1, 0]
    assert [found.at for found in journal.events("wall_change", start=later(1), end=later(2))] == [later(1)]
    assert journal.events("other")[0].equipment is None


def test_a_token_is_known_by_its_hash_alone(opened: Callable[[], Journal], url: str, tmp_path: Path) -> None:
    token = opened().create_token("clerk", Role.SECTION_OPERATOR, "finance")
    journal = opened()
    assert journal.actor_of(token) == CLERK
    assert journal.actor_of(token + "x") is None
    assert journal.actor_of("") is None
    journal.close()
    for file in tmp_path.iterdir():
        assert token.encode() not in file.read_bytes()
    engine = create_engine(url)
    with engine.connect() as connection:
        (row,) = connection.execute(text("SELECT * FROM tokens"))
    engine.dispose()
    assert token not in repr(row)


def test_a_revoked_token_opens_nothing(journal: Journal) -> None:
    first, second = journal.create_token("duty", Role.DUTY_ROOM), journal.create_token("duty", Role.DUTY_ROOM)
    other = journal.create_token("admin", Role.ADMINISTRATOR)
    assert first != second
    assert journal.revoke_token("duty")
    assert [journal.actor_of(token) for token in (first, second)] == [None, None]
    assert journal.actor_of(other) == Actor(name="admin", role=Role.ADMINISTRATOR)
    assert not journal.revoke_token("duty")


def test_who_did_what_is_kept(journal: Journal) -> None:
    journal.audit(CLERK, "command", {"equipment": "ac-401"}, NOON)
    journal.audit(Actor(name="admin", role=Role.ADMINISTRATOR), "token revoked", {"name": "duty"}, later(1))
    assert [(found.actor.name, found.action, found.detail, found.at) for found in journal.audits()] == [
        ("admin", "token revoked", {"name": "duty"}, later(1)),
        ("clerk", "command", {"equipment": "ac-401"}, NOON),
    ]


def test_many_threads_may_enter_and_read(journal: Journal) -> None:
    failures: list[Exception] = []

    def work(number: int) -> None:
        try:
            for minutes in range(20):
                journal.record_decision(decision(f"ac-{number}", minutes))
                assert journal.latest_decisions()[f"ac-{number}"].time == later(minutes)
        except Exception as error:  # noqa: BLE001 - told to the test
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(journal.decisions()) == 80


def test_two_processes_may_share_a_journal(journal: Journal, url: str) -> None:
    other = Journal(url)
    token = other.create_token("duty", Role.DUTY_ROOM)
    assert journal.actor_of(token) is not None
    other.close()
