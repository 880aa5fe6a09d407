"""What stands in the messages: nothing is 0 because it is missing, and 0 is told as 0."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from facility.bus.messages import AlarmLevel, AlarmStanding, AlarmStood, SupplyState, SupplyStated
from facility.commands import Confirmed, Expired, Mode, NotEffective, Outcome, Refused, Unreachable, Wish
from facility.decisions import Decision, Effect, Input, Reason
from facility.envelope import Bound, Envelope, OnLoss, Range
from facility.readings import Status, to_us
from facility.text import Text
from gateway.mqtt.out.payloads import alarm, decision, encoded, envelope, outcome, reading, stamp, supply
from gateway.mqtt.out.topics import Topics, level
from tests.gateway.mqtt.out.scene import NOW, out_site

SITE = out_site()
POWER = SITE.points["meter-401.power"]
ON = SITE.points["ac-401.on"]
SAID = Text("允许", "permitted")
TOPICS = Topics("houqin/hq")


@pytest.mark.parametrize(
    ("value", "status", "told"),
    [
        (1.25, Status.GOOD, {"value": 1.25, "quality": "good", "reason": None}),
        (0.0, Status.GOOD, {"value": 0.0, "quality": "good", "reason": None}),
        (0.0, Status.FROZEN, {"value": 0.0, "quality": "uncertain", "reason": "frozen"}),
        (None, Status.TIMEOUT, {"value": None, "quality": "bad", "reason": "timeout"}),
        (float("nan"), Status.GOOD, {"value": None, "quality": "good", "reason": None}),
    ],
)
def test_a_reading_says_its_value_unit_time_and_quality(
    value: float | None, status: Status, told: dict[str, Any]
) -> None:
    content = json.loads(reading(POWER, to_us(NOW), value, status))
    assert content == {"time": "2026-07-10T02:00:00Z", "unit": "kW", **told}


@pytest.mark.parametrize(
    ("value", "state"), [(0.0, "off"), (1.0, "on"), (None, None), (7.0, None), (-1.0, None)]
)  # fmt: skip
def test_a_state_says_its_name(value: float | None, state: str | None) -> None:
    content = json.loads(reading(ON, to_us(NOW), value, Status.GOOD))
    assert (content["value"], content["state"]) == (value, state)


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (NOW, "2026-07-10T02:00:00Z"),
        (NOW + timedelta(microseconds=500_000), "2026-07-10T02:00:00.5Z"),
        (datetime(2026, 7, 10, 0, 0, 10, tzinfo=UTC), "2026-07-10T00:00:10Z"),
    ],
)
def test_moments_are_utc(time: datetime, text: str) -> None:
    assert stamp(time) == text


def test_a_decision_is_told_with_its_reasons_in_both_languages() -> None:
    seen = Input(point="weather.temperature", value=0.0, source="sensor", time=None)
    missing = Input(point="window-401.open", value=None, source="sensor")
    reason = Reason(
        rule="season", effect=Effect.PERMIT, text=SAID, clause="AC-01", quote="超过 30 ℃", inputs=(seen, missing)
    )
    made = Decision(
        equipment="ac-401",
        time=NOW,
        wanted=Wish(on=False),
        effective=Wish(),
        slot=8,
        reasons=(reason,),
        sentence=SAID,
    )
    told = json.loads(decision(made))
    assert told["wanted"] == {"on": False, "mode": None, "setpoint_c": None, "fan": None}
    assert told["effective"]["on"] is None
    assert (told["sentence"], told["until"], told["coming"]) == ({"zh": "允许", "en": "permitted"}, None, None)
    [why] = told["reasons"]
    assert (why["clause"], why["quote"], why["effect"]) == ("AC-01", "超过 30 ℃", "permit")
    assert [each["value"] for each in why["inputs"]] == [0.0, None]


def test_an_envelope_says_the_bounds_of_every_permitted_mode() -> None:
    legal = Envelope(
        equipment="ac-401",
        modes={Mode.COOL: Range(low_c=26.0), Mode.FAN: Range()},
        start_allowed=True,
        may_run_until=None,
        must_be_off=False,
        on_loss=OnLoss.STOP,
        valid_until=NOW,
        clauses={Bound.SETPOINT_LOW: "AC-02"},
    )
    told = envelope(legal)
    assert told["modes"] == {"cool": {"low_c": 26.0, "high_c": None}, "fan": {"low_c": None, "high_c": None}}
    assert (told["may_run_until"], told["clauses"]) == (None, {"setpoint_low": "AC-02"})


@pytest.mark.parametrize("outdoor", [None, Input(point="weather.temperature", value=0.0, source="sensor", time=NOW)])
def test_the_state_of_supply_is_told(outdoor: Input | None) -> None:
    state = SupplyState(permitted=False, sentence=SAID, reasons=())
    told = json.loads(supply(SupplyStated(at=NOW, cooling=state, heating=state, outdoor=outdoor)))
    assert told["cooling"] == {"permitted": False, "sentence": {"zh": "允许", "en": "permitted"}, "reasons": []}
    assert told["outdoor"] is None if outdoor is None else told["outdoor"]["value"] == 0.0


def test_an_alarm_says_how_it_stands() -> None:
    stood = AlarmStood(
        key="device_down:m-401",
        standing=AlarmStanding.UNACKNOWLEDGED,
        before=AlarmStanding.NORMAL,
        level=AlarmLevel.WARNING,
        at=NOW,
        since=NOW,
        abnormal=True,
        text=SAID,
        advice=SAID,
        owner=SAID,
    )
    told = json.loads(alarm(stood))
    assert (told["standing"], told["active"], told["level"]) == ("unacknowledged", True, "warning")
    assert (told["equipment"], told["acknowledged_by"], told["until"]) == (None, None, None)


READ = {"on": True, "mode": None, "setpoint_c": 0.0, "fan": None}
ID: dict[str, Any] = {"command_id": "c1", "equipment": "ac-401", "at": NOW}


@pytest.mark.parametrize(
    ("ended", "told"),
    [
        (Confirmed(**ID, read=Wish(on=True, setpoint_c=0.0)), {"state": "confirmed", "read": READ}),
        (
            NotEffective(**ID, wanted=Wish(on=False), read=Wish(on=True, setpoint_c=0.0)),
            {"state": "not_effective", "read": READ},
        ),
        (
            Refused(**ID, why=SAID, clause="AC-01"),
            {"state": "refused", "why": {"zh": "允许", "en": "permitted"}, "clause": "AC-01", "again_at": None},
        ),
        (Unreachable(**ID, error="no answer"), {"state": "unreachable", "why": {"zh": "no answer", "en": "no answer"}}),
        (
            Expired(**ID),
            {
                "state": "expired",
                "why": {"zh": "未及执行，时限已过", "en": "its time was over before it could be carried out"},
            },
        ),
    ],
)
def test_every_outcome_is_told(ended: Outcome, told: dict[str, Any]) -> None:
    assert json.loads(outcome(ended, "x1")) == {
        "time": "2026-07-10T02:00:00Z", "command": "c1", "id": "x1", **told
    }  # fmt: skip


@pytest.mark.parametrize(
    ("topic", "equipment"),
    [
        ("houqin/hq/equipment/ac-401/set", "ac-401"),
        ("houqin/hq/equipment/ac-401/result", None),
        ("houqin/hq/equipment/a/b/set", None),
        ("houqin/other/equipment/ac-401/set", None),
        ("houqin/hq/equipment/set", None),
    ],
)
def test_what_is_asked_is_asked_of_one_equipment(topic: str, equipment: str | None) -> None:
    assert TOPICS.commanded(topic) == equipment


def test_names_with_a_meaning_in_topics_are_escaped() -> None:
    assert TOPICS.alarm("claim:a/b+#") == "houqin/hq/alarm/claim:a%2Fb%2B%23"
    assert level("100%") == "100%25"
    assert TOPICS.point("ac-401.on") == "houqin/hq/point/ac-401/on"


def test_what_json_has_no_word_for_is_null() -> None:
    assert encoded({"value": float("inf")}) == b'{"value":null}'
