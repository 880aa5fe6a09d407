"""The conditions that ship, and what a site may change about them."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from controller.alarming.catalogue import OTHER, beginnings, catalogue_of, level_of, read_conditions, shipped
from facility.bus.messages import AlarmLevel
from facility.errors import PolicyError
from facility.model.alarm_entries import AlarmsEntry, OwnConditionEntry

AT_WORK = {"water_leak", "unit_fault"}
"""What is watched on points without a number of the site."""

OWN = {
    "id": "hot_panel", "name": {"zh": "配电箱过热", "en": "Panel too hot"}, "advice": {"zh": "查看", "en": "look"},
    "level": "serious", "select": {"points": ["climate-401.temperature"]}, "limits": {"above": 0.0},
}  # fmt: skip


def test_every_shipped_condition_says_what_it_is_and_what_to_do_in_both_languages() -> None:
    assert len(shipped()) >= 25
    for entry in shipped().values():
        assert entry.name.en is not None, entry.id
        assert entry.advice.en is not None, entry.id
        assert entry.keys or not entry.select.is_empty, entry.id


def test_a_line_that_is_down_is_looked_after_by_its_type_whatever_it_is() -> None:
    advice = shipped()["line_down"].advice
    for zh, en in (("串口", "serial port"), ("网络", "network"), ("MQTT", "broker")):
        assert zh in advice.zh
        assert en in (advice.en or "")


@pytest.mark.parametrize(
    ("key", "condition"),
    [
        ("link_down:meters", "line_down"),
        ("device_down:m-401", "device_down"),
        ("controller_lost:ac-401", "unit_lost"),
        ("climate:ac-archive", "archive_climate"),
        ("calendar_missing:2027", "calendar_missing"),
        ("memory.records_damaged", "files_damaged"),
        ("books.held.meter-401", "books"),
        ("night_water:water-main", "night_water"),
        ("something_new:x", OTHER),
    ],
)
def test_a_key_belongs_to_the_condition_with_the_longest_beginning(key: str, condition: str) -> None:
    found = catalogue_of(AlarmsEntry()).of_key(key)
    assert found is not None
    assert found.id == condition


def test_no_two_conditions_claim_the_same_keys() -> None:
    claimed = [beginning for entry in shipped().values() for beginning in beginnings(entry)]
    assert len(claimed) == len(set(claimed))


def test_a_site_switches_off_and_changes_by_id() -> None:
    entry = AlarmsEntry.model_validate({
        "off": ["openings"],
        "change": {"device_down": {"level": "critical", "on_delay_s": 0.0}, "night_water": {"limits": {"above": 0.0}},
                   "quota_overrun": {"parameters": {"percent": 90}}},
        "own": [OWN],
    })  # fmt: skip
    catalogue = catalogue_of(entry)
    assert catalogue.of_key("openings:ac-401") is None
    device = catalogue.of_key("device_down:x")
    assert device is not None
    assert level_of(device, AlarmLevel.WARNING) is AlarmLevel.CRITICAL
    assert device.follows == shipped()["device_down"].follows
    assert {condition.id for condition in catalogue.watched()} == {*AT_WORK, "night_water", "hot_panel"}
    assert catalogue.parameter("quota_overrun", "percent") == 90.0
    assert catalogue_of(AlarmsEntry(off=("quota_overrun",))).parameter("quota_overrun", "percent") is None


def test_conditions_whose_numbers_no_clause_gives_watch_nothing_until_the_site_writes_them() -> None:
    assert {entry.id for entry in catalogue_of(AlarmsEntry()).watched()} == AT_WORK


def test_a_heater_beside_the_air_conditioning_needs_the_limit_of_the_heater() -> None:
    entry = AlarmsEntry.model_validate({"change": {"heater_with_ac": {"besides_limits": {"above": 0.8}}}})
    assert {condition.id for condition in catalogue_of(entry).watched()} == {*AT_WORK, "heater_with_ac"}


@pytest.mark.parametrize("lacks", ["select", "limits", "level"])
def test_a_condition_of_the_sites_own_watches_something(lacks: str) -> None:
    with pytest.raises(ValidationError):
        OwnConditionEntry.model_validate({key: value for key, value in OWN.items() if key != lacks})


def test_a_damaged_file_of_conditions_names_itself_and_the_place(tmp_path: Path) -> None:
    for text in ("- {id: x}", "- [", "- {id: X, name: {zh: 甲}, advice: {zh: 乙}}"):
        path = tmp_path / "broken.yaml"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(PolicyError, match=r"broken\.yaml"):
            read_conditions(path)
