"""A journalled decision is decided again: from what the controller kept of it, and after it was written to a file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from controller.policy.facts import UnitFacts
from controller.policy.findings import Finding
from controller.replay.cases import KIND, case_of, decided, differences, read_case, written
from controller.replay.plain import plain, restored
from facility.bus import DecisionMade
from facility.commands import Mode, Wish
from facility.decisions import Effect
from facility.errors import PolicyError
from facility.journal import Journal
from facility.model.entries import PolicyEntry
from tests.controller.building import Building, local


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journal]:
    made = Journal(f"sqlite:///{tmp_path_factory.mktemp('records') / 'journal.db'}")
    yield made
    made.close()


@pytest.fixture(scope="module")
def day(journal: Journal) -> Building:
    """A hot day with an open window and a person's order, as the journal has it."""
    building = Building(local("06:00"), journal=journal)
    building.run_until("09:00")
    building.order(Wish(on=True, setpoint_c=29.0), unit="ac-402")
    building.run_until("10:00")
    building.contacts["window-401.open"] = 1.0
    building.run_until("11:00")
    building.run_until("17:30")
    building.controller.save()
    return building


def test_every_decision_of_a_day_comes_out_the_same_again(day: Building, journal: Journal) -> None:
    events = journal.events(KIND, limit=1000)
    assert len(events) == sum(1 for _ in day.of(DecisionMade)), "every decision has what it rested on"
    assert {event.equipment for event in events} == {"ac-401", "ac-402", "ac-archive"}
    for event in events:
        case = case_of(str(event.equipment), event.at, event.data, day.file.policy)
        assert differences(case) == []
        assert decided(case).wanted == case.expected.wanted


def test_a_case_survives_a_file(day: Building, journal: Journal, tmp_path: Path) -> None:
    event = journal.events(KIND, limit=1)[0]
    case = case_of(str(event.equipment), event.at, event.data, day.file.policy)
    path = tmp_path / "case.json"
    path.write_text(json.dumps(written(case), ensure_ascii=False), encoding="utf-8")
    assert read_case(path) == case
    assert differences(read_case(path)) == []


def test_a_case_that_would_be_decided_otherwise_says_what_differs(day: Building, journal: Journal) -> None:
    event = next(one for one in journal.events(KIND, limit=1000) if one.equipment == "ac-402")
    case = case_of("ac-402", event.at, event.data, day.file.policy)
    other = replace(case, expected=replace(case.expected, wanted=Wish(on=True, mode=Mode.HEAT), slot=1))
    assert [line.partition(":")[0] for line in differences(other)] == ["wanted", "slot"]


def test_a_case_of_another_policy_is_refused(day: Building, journal: Journal) -> None:
    event = journal.events(KIND, limit=1)[0]
    changed = PolicyEntry.model_validate({"parameters": {"cooling_permit_c": 31.0}})
    with pytest.raises(PolicyError, match="another policy"):
        case_of(str(event.equipment), event.at, event.data, changed)


@pytest.mark.parametrize("document", ["", "[]", "{}", "equipment: x", "{at: '@soon', equipment: x, policy: {}}"])
def test_a_file_that_is_no_case_is_refused(document: str, tmp_path: Path) -> None:
    path = tmp_path / "case.yaml"
    path.write_text(document, encoding="utf-8")
    with pytest.raises(PolicyError):
        read_case(path)


VALUES: list[Any] = [
    None, True, 0, 0.0, -1.5, "", "@name", "文字", Mode.COOL, Effect.FORBID, date(2026, 7, 15), time(8, 0),
    datetime(2026, 7, 15, 8, 0, tzinfo=UTC), timedelta(seconds=90), (1, (2.0, "x")), frozenset({"a"}),
    {Mode.HEAT: (1.0, None)}, Wish(), Wish(on=False, setpoint_c=0.0), UnitFacts(room_c=0.0),
    Finding("rain", Effect.FORBID, "rain", (True, None, datetime(2026, 7, 15, tzinfo=UTC))),
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_what_a_decision_is_made_of_comes_back_from_plain_values(value: Any) -> None:
    again = restored(json.loads(json.dumps(plain(value))))
    assert again == value
    assert type(again) is type(value)


def test_nothing_else_is_taken_or_given() -> None:
    with pytest.raises(TypeError, match="no part of a decision"):
        plain(object())
    with pytest.raises(ValueError, match="not known"):
        restored({"$": "Journal", "url": "sqlite://"})
    with pytest.raises(ValueError, match="does not fit"):
        restored({"$": "Wish", "colour": "red"})
