"""Every decision says in one sentence, in both languages, what, why and by which clause."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from facility.bus import DecisionMade, SupplyStated
from facility.commands import Wish
from facility.decisions import Effect
from tests.controller.building import Building, local


def test_stopped_by_the_measured_temperature() -> None:
    building = Building(local("13:00"))
    building.run_until("14:00")
    building.outdoor_c = 29.4
    building.run_until("14:40")
    decision = building.decision()
    assert decision.sentence.zh.startswith("财务科 室内机 ac-401已关闭：今天 14:")
    assert decision.sentence.zh.endswith("低于 30 ℃，停止供冷（AC-06《中央空调使用管理办法》(三)1）")
    assert "室外 29.4 ℃（气象站，刚刚）" in decision.sentence.zh
    assert decision.sentence.en.startswith("Finance, indoor unit ac-401 is off: at 14:")
    assert "is below 30 C: cooling is stopped (AC-06, " in decision.sentence.en


def test_the_decisive_reason_comes_first_with_quote_document_and_inputs() -> None:
    building = Building(local("13:00"))
    building.outdoor_c = 29.4
    building.run_until("14:00")
    reason = building.decision().reasons[0]
    assert (reason.rule, reason.effect, reason.clause) == ("cooling-stop-measured", Effect.FORBID, "AC-06")
    assert reason.quote is not None
    assert reason.quote.startswith("在供应冷气时间内")
    assert reason.document == "《中央空调使用管理办法》(三)1"
    seen = reason.inputs[0]
    assert (seen.point, seen.source) == ("weather.temperature", "sensor")
    assert seen.value == 29.4
    assert seen.time is not None
    assert seen.age_s is not None
    assert 0 <= seen.age_s <= 60


@pytest.mark.parametrize(
    ("start", "until", "inputs", "zh", "en"),
    [
        ("07:30", "07:40", {}, "未启动，因为未到供应时间（08:00~17:00）（AC-05",
         "was not started because the supply hours"),
        ("08:10", "08:30", {"forecast_c": 29.0},
         "未启动，因为今天预报最高 29.0 ℃（Open-Meteo 气象服务），未达到 30 ℃，不供冷（AC-01",
         "forecast maximum 29.0 C today (Open-Meteo) does not reach 30 C: no cooling (AC-01"),
        ("08:10", "08:30", {},
         "运行中（制冷 28 ℃）：允许供应，自动开启制冷 28 ℃；今天预报最高 36.0 ℃（Open-Meteo 气象服务）",
         "is running (cooling 28 C):"),
    ],
)  # fmt: skip
def test_also_for_what_did_not_happen(start: str, until: str, inputs: dict[str, float], zh: str, en: str) -> None:
    building = Building(local(start), **inputs)  # type: ignore[arg-type]
    building.run_until(until)
    sentence = building.decision().sentence
    assert zh in sentence.zh
    assert en in sentence.en


def test_what_comes_next_is_said() -> None:
    building = Building(local("07:30"))
    building.run_until("07:50")
    assert said(building) == (local("08:00"), "08:00 起条件满足即启动")
    building.run_until("10:00")
    assert said(building) == (local("17:00"), "17:00 关闭")
    building.order(Wish(setpoint_c=29.0), minutes=10)
    building.run_until("10:05")
    assert said(building) == (local("10:10"), "10:10 起恢复自动")
    building.outdoor_c = 29.0
    building.run_until("10:30")
    assert said(building) == (None, "条件满足即启动")
    building.outdoor_c = 33.0
    building.run_until("10:47")
    first = building.decision().reasons[0]
    assert first.rule == "cooling-locked"
    assert f"{building.decision().next_change:%M}" in first.text.en
    assert said(building)[1].endswith("之后可再启动")


def said(building: Building) -> tuple[datetime | None, str]:
    """When the next change comes, and what it is."""
    decision = building.decision()
    assert decision.coming is not None
    return decision.next_change, decision.coming.zh


def test_a_decision_is_told_only_when_it_changes() -> None:
    building = Building(local("08:30"))
    building.run_until("09:00")
    told = len(list(building.of(DecisionMade)))
    building.outdoor_c = 34.0
    building.run_until("12:00")
    assert len(list(building.of(DecisionMade))) == told


def test_supply_is_stated_with_its_sentence_and_the_outdoor_temperature() -> None:
    building = Building(local("07:30"))
    building.run_until("10:00")
    stated = list(building.of(SupplyStated))[-1]
    assert stated.cooling.permitted
    assert not stated.heating.permitted
    assert stated.outdoor.value == 33.0
    assert stated.cooling.sentence.zh.startswith("现在允许供冷：今天预报最高 36.0 ℃")
    assert "（AC-02《中央空调使用管理办法》(二)2）" in stated.heating.sentence.zh
    building.outdoor_c = None
    building.run_until("11:00")
    stated = list(building.of(SupplyStated))[-1]
    assert stated.outdoor is None
    assert "outdoor_unknown" in building.standing_alarms()


def test_who_ordered_and_until_when_is_part_of_the_sentence() -> None:
    building = Building(local("08:30"))
    building.run_until("10:00")
    building.order(Wish(setpoint_c=29.0), minutes=30)
    building.run_until("10:05")
    assert "行政科 操作：制冷 29 ℃（会议），有效至 10:30" in building.decision().sentence.zh


def test_the_saved_state_is_plain_json() -> None:
    from controller.memory import saved

    building = Building(local("08:30"))
    building.run_until("10:00")
    building.set_unit("ac-401", Wish(setpoint_c=26.0))
    building.run_until("10:01")
    controller = building.controller
    state = saved(building.clock.now(), controller._carried)
    assert json.loads(json.dumps(state)) == state


def test_that_a_unit_runs_on_without_a_trusted_outdoor_temperature_is_said() -> None:
    building = Building(local("09:30"))
    building.run_until("10:00")
    building.outdoor_c = None
    building.run_until("10:30")
    assert building.is_on()
    assert "室外温度全部失效或过期" in building.decision().sentence.zh
    assert "what runs legally goes on (AC-06" in building.decision().sentence.en
