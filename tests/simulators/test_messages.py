"""What MQTT sensors send: the payloads of their profiles, every minute, and changes at once."""

from __future__ import annotations

import json
from datetime import timedelta

from facility.profiles import MqttPoint
from simulators.messages import Senders
from simulators.world import World
from tests.simulators.buildings import hot_noon, site_of
from tests.sites import small_site, small_site_data


def small_world() -> World:
    site = small_site()
    return World(site, seed=1, start=hot_noon(site))


def by_topic(messages: list[tuple[str, str, bytes]]) -> dict[str, bytes]:
    return {topic: payload for _, topic, payload in messages}


def test_every_sensor_speaks_as_its_profile_says() -> None:
    sent = by_topic(small_world().messages())
    assert set(sent) == {"site/weather", "site/r401/climate", "site/r401/window", "site/r401/presence"}
    weather = json.loads(sent["site/weather"])
    assert abs(weather["temperature"] - 34.4) < 0.2
    assert set(json.loads(sent["site/r401/climate"])) == {"temperature", "humidity"}
    assert json.loads(sent["site/r401/window"]) == {"contact": "closed"}
    assert sent["site/r401/presence"] in (b"0", b"1")


def test_nothing_is_said_twice_within_a_minute_unless_a_state_changes() -> None:
    world = small_world()
    world.messages()
    world.advance(world.now + timedelta(seconds=20))
    assert world.messages() == []
    world.building.rooms.window_open[0] = 1.0
    assert by_topic(world.messages()) == {"site/r401/window": b'{"contact":"open"}'}
    world.advance(world.now + timedelta(seconds=60))
    assert "site/weather" in by_topic(world.messages())


def test_the_period_can_be_stretched_for_a_fast_clock() -> None:
    world = small_world()
    world.send_every(600.0)
    world.messages()
    world.advance(world.now + timedelta(minutes=5))
    assert "site/weather" not in by_topic(world.messages())


def test_a_silent_broker_line_loses_messages_and_extra_ones_can_be_said() -> None:
    world = small_world()
    world.faults.say("sensors", "site/r401/climate", b"{not json")
    assert ("sensors", "site/r401/climate", b"{not json") in world.messages()
    world.faults.silence("sensors")
    world.advance(world.now + timedelta(minutes=2))
    assert world.messages() == []


def test_a_missing_value_is_left_out_of_the_document() -> None:
    world = small_world()
    world.faults.force("climate-401.humidity", None)
    assert set(json.loads(by_topic(world.messages())["site/r401/climate"])) == {"temperature"}


def test_nested_paths_subtopics_and_scales_are_built_as_the_profile_says() -> None:
    site = site_of(small_site_data())
    point = site.points["climate-401.temperature"]
    assert isinstance(point.spec, MqttPoint)
    fields = {"path": "data.values.1", "subtopic": "state", "scale": "0.1"}
    spec = MqttPoint.model_validate({**point.spec.model_dump(), **fields})
    changed = type(point)(
        id=point.id, equipment=point.equipment, device=point.device, spec=spec, address=None, write_address=None,
        low=None, high=None,
    )  # fmt: skip
    site.points[point.id] = changed  # type: ignore[index]
    site._of_device["th-401"] = (changed,)  # type: ignore[index]
    world = World(site, seed=1, start=hot_noon(site))
    world.faults.force(point.id, 28.4)
    sent = by_topic(world.messages())
    assert json.loads(sent["site/r401/climate/state"]) == {"data": {"values": [None, 284.0]}}
    assert Senders(site).period_s == 60.0
