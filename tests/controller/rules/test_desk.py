"""The desk keeps what held over a restart, goes over to other rules, and looks only at what changed."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from controller import rule_desk
from controller.policy import load_policy
from controller.policy.rules import book
from controller.policy.rules.effects import NO_EFFECTS
from controller.rule_desk import RuleDesk
from facility.readings import Status, to_us
from tests.controller.rules.house import Desk, house, rule

BRIGHT = rule(
    id="bright", when={"illuminance": {"above": 300, "until_below": 200}}, for_s=600, release_s=600,
    scope={"equipment": ["lights-401"]},
)  # fmt: skip
POLICY: dict[str, Any] = {"rules": [BRIGHT]}


def restarted(old: Desk, lux: float, *, is_recent: bool = True) -> Desk:
    """Another desk that takes up what the first one saved, a second later, when the sensor has just said `lux`."""
    new = Desk(POLICY)
    new.now = old.now + timedelta(seconds=1)
    new.read(lux_401__illuminance=lux)
    new.rules.restore(json.loads(json.dumps(old.rules.saved())), is_recent=is_recent)
    return new


def test_what_held_how_long_is_kept_over_a_restart() -> None:
    desk = Desk(POLICY).after(1, lux_401__illuminance=500.0).after(400)
    new = restarted(desk, 500.0).after(190)
    assert new.effects("lights-401").forbids == ()
    new.after(20)
    assert len(new.effects("lights-401").forbids) == 1


def test_after_a_long_time_away_it_is_counted_anew() -> None:
    desk = Desk(POLICY).after(1, lux_401__illuminance=500.0).after(400)
    new = restarted(desk, 500.0, is_recent=False).after(300)
    assert new.effects("lights-401").forbids == ()


def test_what_acted_goes_on_acting_between_the_marks() -> None:
    desk = Desk(POLICY).after(1, lux_401__illuminance=500.0).after(700, lux_401__illuminance=250.0)
    assert len(desk.effects("lights-401").forbids) == 1
    new = restarted(desk, 250.0).after(800, lux_401__illuminance=250.0)
    assert len(new.effects("lights-401").forbids) == 1  # 250 is between the marks
    new.after(1, lux_401__illuminance=150.0).after(601)
    assert new.effects("lights-401").forbids == ()


def test_only_what_could_not_be_found_out_again_is_kept() -> None:
    desk = Desk(POLICY).after(1, lux_401__illuminance=0.0).after(700)
    assert not [name for name in desk.rules.saved()["rules"] if name.startswith("bright")]
    desk.after(1, lux_401__illuminance=500.0).after(10)
    assert [name for name in desk.rules.saved()["rules"] if name.startswith("bright")] == [
        "bright|equipment|lights-401"
    ]


@pytest.mark.parametrize("doc", [None, 1, [], {"rules": 3}, {"rules": {"x": {"held": "?"}}}, {"latches": {"a": 1}}])
def test_what_does_not_fit_is_passed_over(doc: Any) -> None:
    desk = Desk(POLICY)
    desk.rules.restore(doc)
    desk.after(1, lux_401__illuminance=500.0).after(601)
    assert len(desk.effects("lights-401").forbids) == 1


def test_other_rules_are_taken_up_and_what_stays_the_same_is_remembered() -> None:
    desk = Desk(POLICY).after(1, lux_401__illuminance=500.0).after(601)
    more = rule(id="more", scope={"equipment": ["lights-hall"]})
    site = house({"rules": [BRIGHT, more]})
    desk.rules.adopt(load_policy(site.file, site))
    desk.taps = desk.rules.taps()
    desk.read(lux_401__illuminance=500.0)
    assert desk.step() == {"lights-hall"}
    assert len(desk.effects("lights-hall").forbids) == 1
    assert len(desk.effects("lights-401").forbids) == 1
    desk.rules.adopt(load_policy(house({}).file))
    assert desk.step() == {"lights-401", "lights-hall"}
    assert desk.effects("lights-401") is NO_EFFECTS


def test_equipment_that_no_rule_is_about_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(POLICY)
    looked: Counter[str] = Counter()
    own = book.effects_of

    def counting(spoken: Any, day: Any) -> Any:
        looked.update(said.instance.subject.id for said in spoken)
        return own(spoken, day)

    monkeypatch.setattr(rule_desk, "effects_of", counting)
    desk.after(1, lux_401__illuminance=500.0)
    desk.after(1, ac_401__on=1.0, meter_401__power=0.0)
    assert set(looked) <= {"lights-401", "dryer"}
    assert desk.rules.effects("ac-401") is NO_EFFECTS
    looked.clear()
    for _ in range(30):
        desk.after(1, lux_401__illuminance=500.0)
    assert looked == Counter()


def test_points_that_no_rule_looks_at_are_not_listened_to() -> None:
    site = house(POLICY)
    taps = RuleDesk(site, load_policy(site.file, site)).taps()
    assert "lux-401.illuminance" in taps
    assert not {"climate-401.temperature", "meter-401.power", "weather.temperature"} & set(taps)


def test_a_reading_that_is_older_than_the_last_or_bad_is_not_taken() -> None:
    desk = Desk(POLICY).after(1, lux_401__illuminance=500.0).after(10)
    tap = desk.taps["lux-401.illuminance"]
    tap(to_us(desk.now) - 60_000_000, 0.0, Status.GOOD)
    tap(to_us(desk.now), None, Status.GOOD)
    tap(to_us(desk.now), 1e9, Status.GOOD)
    desk.after(600)
    assert len(desk.effects("lights-401").forbids) == 1


def test_without_rules_a_step_does_nothing() -> None:
    site = house({"preset": "street_office", "parameters": {"window": "08:30-17:30"}})
    policy = load_policy(site.file, site)
    bare = RuleDesk(site, type(policy)(**{name: getattr(policy, name) for name in policy.__slots__} | {"written": ()}))
    desk = Desk(POLICY)
    assert bare.step(desk.now, plans=desk.plans(), weather=desk.weather, supply={}) == set()
    assert list(bare.wakes(desk.now)) == []
