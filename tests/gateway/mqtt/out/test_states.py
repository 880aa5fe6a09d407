"""What the broker is to keep, from what the rooms say."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from facility.bus import DecisionMade, EnvelopeIssued, ReadingsTaken
from facility.bus.in_process import InProcessBus
from facility.bus.messages import AlarmLevel, AlarmStanding, AlarmStood, SupplyState, SupplyStated
from facility.commands import Mode, Wish
from facility.decisions import Decision
from facility.envelope import Envelope, OnLoss, Range
from facility.model import Site
from facility.readings import Reading, Status
from facility.text import Text
from gateway.mqtt.out.discovery import Discovery
from gateway.mqtt.out.equipment_state import equipment_state, hvac_mode
from gateway.mqtt.out.image import GONE, Image
from gateway.mqtt.out.remembered import Remembered
from gateway.mqtt.out.scope import scope_of
from gateway.mqtt.out.states import States
from gateway.mqtt.out.topics import Topics
from tests.gateway.mqtt.out.scene import NOW, batch, out_site

SAID = Text("有", "some")
TOPICS = Topics("houqin/hq")
CONFIG = "homeassistant/device/houqin_hq_{}/config"


class Kept:
    """States of a site, with a bus in front of them."""

    def __init__(self, site: Site | None = None, before: Remembered = Remembered()) -> None:  # noqa: B008
        self.site = site or out_site(home_assistant={})
        self.bus = InProcessBus()
        self.now_s = 0.0
        self.image = Image(every_s=1.0, heartbeat_s=600.0)
        entry = self.site.file.publish.home_assistant
        discovery = None
        if entry is not None:
            discovery = Discovery(self.site, entry, TOPICS, origin_version="1", commands=False)
        self.states = States(
            self.site, scope_of(self.site), topics=TOPICS, image=self.image, discovery=discovery, before=before,
            now_s=lambda: self.now_s, changed=lambda: None,
        )  # fmt: skip
        self.states.listen(self.bus)

    def read(self, minutes: float = 0.0, statuses: tuple[Status, ...] | None = None, **values: float | None) -> None:
        self.bus.publish(ReadingsTaken(batch=batch(NOW + timedelta(minutes=minutes), statuses, **values)))

    def on(self, topic: str) -> Any:
        """What stands on a topic; None when nothing does."""
        payload = self.image.content(topic)
        return None if not payload else json.loads(payload)

    def due(self) -> dict[str, bytes]:
        return dict(self.image.due(self.now_s, 1000))


def alarm(standing: AlarmStanding, equipment: str | None = None) -> AlarmStood:
    return AlarmStood(
        key="device_down:m-401", standing=standing, before=AlarmStanding.NORMAL, level=AlarmLevel.WARNING, at=NOW,
        since=NOW, abnormal=True, text=SAID, advice=SAID, owner=SAID, equipment=equipment,
    )  # fmt: skip


def envelope(minutes: int = 5, *, equipment: str = "ac-401", **modes: Range) -> EnvelopeIssued:
    return EnvelopeIssued(
        envelope=Envelope(
            equipment=equipment, modes={Mode(name): bounds for name, bounds in modes.items()}, start_allowed=True,
            may_run_until=None, must_be_off=False, on_loss=OnLoss.STOP, valid_until=NOW + timedelta(minutes=minutes),
        )
    )  # fmt: skip


def test_an_old_reading_never_takes_the_place_of_a_newer_one() -> None:
    kept = Kept()
    ledger = [  # minute, value -> what is told then
        (0, 1.0, 1.0),
        (10, 0.0, 0.0),
        (5, 7.0, 0.0),
        (10, 3.0, 3.0),
        (9, None, 3.0),
        (11, None, None),
    ]
    for minutes, value, expected in ledger:
        kept.read(minutes, meter_401__power=value)
        assert kept.on("houqin/hq/point/meter-401/power")["value"] == expected, minutes


@pytest.mark.parametrize(
    ("value", "status", "value_told", "reason"),
    [(0.0, Status.GOOD, 0.0, None), (None, Status.LINK_DOWN, None, "link_down")],
)
def test_what_is_missing_is_null_and_what_is_0_is_0(
    value: float | None, status: Status, value_told: float | None, reason: str | None
) -> None:
    kept = Kept()
    kept.read(statuses=(status,), meter_401__power=value)
    told = kept.on("houqin/hq/point/meter-401/power")
    assert (told["value"], told["reason"]) == (value_told, reason)


def test_a_unit_is_told_as_one() -> None:
    kept = Kept()
    kept.read(ac_401__on=1.0, ac_401__mode=0.0, ac_401__setpoint=26.0, ac_401__fan=0.0, ac_401__room_temperature=0.0)
    told = kept.on("houqin/hq/equipment/ac-401/state")
    assert told == {
        "time": "2026-07-10T02:00:00Z", "on": True, "mode": "cool", "setpoint_c": 26.0, "fan": "auto", "room_c": 0.0,
        "lock": None, "hvac_mode": "cool",
    }  # fmt: skip
    kept.read(1, (Status.TIMEOUT,), ac_401__on=None)
    assert (kept.on("houqin/hq/equipment/ac-401/state")["on"], told["on"]) == (None, True)


@pytest.mark.parametrize(
    ("on", "mode", "expected"),
    [
        (None, None, None),
        (None, "cool", None),
        (True, None, None),
        (False, None, "off"),
        (False, "cool", "off"),
        (True, "fan", "fan_only"),
        (True, "heat", "heat"),
    ],
)
def test_a_unit_that_is_off_is_in_the_mode_off(on: bool | None, mode: str | None, expected: str | None) -> None:
    assert hvac_mode(on, mode) == expected


def test_before_its_first_reading_a_unit_is_not_known() -> None:
    nothing: Callable[[str], Reading | None] = lambda _: None  # noqa: E731
    told = json.loads(equipment_state(out_site(), "ac-401", nothing))
    assert told["time"] is None
    assert {told[key] for key in ("on", "mode", "setpoint_c", "hvac_mode")} == {None}


def test_states_are_told_at_once_and_values_not_more_often_than_wanted() -> None:
    kept = Kept(out_site())
    kept.read(window_401__open=0.0, meter_401__power=1.0)
    assert set(kept.due()) == {"houqin/hq/point/window-401/open", "houqin/hq/point/meter-401/power"}
    kept.now_s = 0.1
    kept.read(1, window_401__open=1.0, meter_401__power=2.0)
    assert set(kept.due()) == {"houqin/hq/point/window-401/open"}
    kept.read(2, (Status.TIMEOUT,), meter_401__power=None)
    assert set(kept.due()) == {"houqin/hq/point/meter-401/power"}


def test_an_envelope_that_is_merely_renewed_is_not_told_again_and_home_assistant_hears_of_its_bounds() -> None:
    kept = Kept()
    assert kept.on(CONFIG.format("ac-401"))["components"]["climate"]["min_temp"] == 16.0
    kept.bus.publish(envelope(5, cool=Range(low_c=26.0)))
    assert kept.on(CONFIG.format("ac-401"))["components"]["climate"]["min_temp"] == 26.0
    assert "houqin/hq/equipment/ac-401/envelope" in kept.due()
    kept.bus.publish(envelope(6, cool=Range(low_c=26.0)))
    assert kept.due() == {}
    assert kept.on("houqin/hq/equipment/ac-401/envelope")["valid_until"] == "2026-07-10T02:06:00Z"


def test_decisions_and_the_state_of_supply_are_kept() -> None:
    kept = Kept()
    made = Decision(
        equipment="ac-401", time=NOW, wanted=Wish(on=False), effective=Wish(), slot=8, reasons=(), sentence=SAID
    )
    kept.bus.publish(DecisionMade(decision=made))
    assert kept.on("houqin/hq/equipment/ac-401/decision")["wanted"]["on"] is False
    supply = SupplyState(permitted=True, sentence=SAID, reasons=())
    kept.bus.publish(SupplyStated(at=NOW, cooling=supply, heating=supply, outdoor=None))
    assert kept.on("houqin/hq/supply")["outdoor"] is None


def test_an_alarm_stands_until_it_is_over() -> None:
    kept = Kept()
    topic = "houqin/hq/alarm/device_down:m-401"
    kept.bus.publish(alarm(AlarmStanding.UNACKNOWLEDGED))
    assert kept.on(topic)["standing"] == "unacknowledged"
    kept.bus.publish(alarm(AlarmStanding.RETURNED))
    assert kept.on(topic)["standing"] == "returned"
    kept.bus.publish(alarm(AlarmStanding.NORMAL))
    assert kept.due()[topic] == GONE


def test_what_an_earlier_life_left_is_taken_away_and_its_alarms_go_on() -> None:
    standing = "houqin/hq/alarm/link_down:plant"
    before = Kept()
    before.read(ac_401__on=1.0, window_401__open=0.0)
    remembered = before.states.remembered
    after = Kept(
        out_site(without=("window-401",), home_assistant={}),
        Remembered(
            topics=remembered.topics | {standing, "houqin/hq/alarm/old"},
            components={
                **remembered.components,
                CONFIG.format("ac-401"): {**remembered.components[CONFIG.format("ac-401")], "humidity": "sensor"},
            },
            alarms={standing: '{"standing":"acknowledged"}'},
        ),
    )
    due = after.due()
    gone = {topic for topic, payload in due.items() if payload == GONE}
    assert gone == {"houqin/hq/point/window-401/open", CONFIG.format("window-401"), "houqin/hq/alarm/old"}
    assert json.loads(due[standing]) == {"standing": "acknowledged"}
    assert json.loads(due[CONFIG.format("ac-401")])["components"]["humidity"] == {"platform": "sensor"}
    assert "humidity" not in after.states.remembered.components[CONFIG.format("ac-401")]


def test_only_the_kinds_that_were_chosen_are_published() -> None:
    kept = Kept(out_site(kinds=["window_contact"], home_assistant={}))
    kept.read(window_401__open=0.0, meter_401__power=1.0, ac_401__on=1.0)
    kept.bus.publish(envelope(cool=Range()))
    kept.bus.publish(alarm(AlarmStanding.UNACKNOWLEDGED, "ac-401"))
    assert set(kept.due()) == {"houqin/hq/point/window-401/open", CONFIG.format("window-401")}
