"""What other systems may ask for, and what is never taken for a wish."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from facility.bus import OutcomeReported, ProposalMade
from facility.bus.in_process import InProcessBus
from facility.clock import ManualClock
from facility.commands import Actor, Confirmed, Fan, Mode, Refused, Role, Wish
from facility.model.publish_entries import RemoteCommandsEntry
from facility.text import Text
from gateway.mqtt.connection import Connection, Delivery
from gateway.mqtt.out.asking import NotTaken, Slip, asked
from gateway.mqtt.out.desk import MOST_A_MINUTE, MOST_WAITING, CommandDesk
from tests.gateway.mqtt.out.scene import NOW, House, out_site

SITE = out_site()
ENTRY = RemoteCommandsEntry(role="duty_room")


@pytest.mark.parametrize(
    ("payload", "wish"),
    [
        (b"ON", Wish(on=True)),
        (b"off", Wish(on=False)),
        (b'{"on": false}', Wish(on=False)),
        (b'{"setpoint_c": 26}', Wish(setpoint_c=26.0)),
        (b'{"on": true, "mode": "cool", "setpoint_c": 26.5, "fan": "low"}',
         Wish(on=True, mode=Mode.COOL, setpoint_c=26.5, fan=Fan.LOW)),
        (b'{"hvac_mode": "fan_only"}', Wish(on=True, mode=Mode.FAN)),
        (b'{"hvac_mode": "off"}', Wish(on=False)),
        (b'{"fan": "high", "time": "2026-07-10T10:00:30+08:00"}', Wish(fan=Fan.HIGH)),
    ],
)  # fmt: skip
def test_what_is_asked_for_is_understood(payload: bytes, wish: Wish) -> None:
    assert asked(SITE, ENTRY, "ac-401", payload, NOW).wish == wish


@pytest.mark.parametrize(
    ("equipment", "payload", "slip"),
    [
        ("ac-401", b"", Slip.MALFORMED),
        ("ac-401", b"yes", Slip.MALFORMED),
        ("ac-401", b"\xff\xfe", Slip.MALFORMED),
        ("ac-401", b"{}", Slip.MALFORMED),
        ("ac-401", b"[]", Slip.MALFORMED),
        ("ac-401", b'{"on": 1}', Slip.MALFORMED),
        ("ac-401", b'{"on": true, "boost": 1}', Slip.MALFORMED),
        ("ac-401", b'{"setpoint_c": 0}', Slip.MALFORMED),
        ("ac-401", b'{"setpoint_c": "26"}', Slip.MALFORMED),
        ("ac-401", b'{"setpoint_c": NaN}', Slip.MALFORMED),
        ("ac-401", b'{"on": true, "hvac_mode": "cool"}', Slip.MALFORMED),
        ("ac-401", b'{"on": true, "minutes": 0}', Slip.MALFORMED),
        ("ac-401", b'{"on": true, "until": "2026-07-10T12:00:00"}', Slip.MALFORMED),
        ("ac-401", b'{"on": true, "reason": "' + b"x" * 5000 + b'"}', Slip.MALFORMED),
        ("ac-401", b"[" * 3000, Slip.MALFORMED),
        ("ac-401", b'{"on": true, "time": "2026-07-10T09:58:59+08:00"}', Slip.STALE),
        ("ac-401", b'{"on": true, "time": "2026-07-10T10:01:01+08:00"}', Slip.STALE),
        ("ac-401", b'{"on": true, "until": "2026-07-10T10:00:00+08:00"}', Slip.STALE),
        ("meter-401", b"ON", Slip.NOT_OPERABLE),
        ("vrf-1", b"ON", Slip.NOT_OPERABLE),
    ],
)
def test_what_is_no_wish_is_said_to_be_none(equipment: str, payload: bytes, slip: Slip) -> None:
    with pytest.raises(NotTaken) as refused:
        asked(SITE, ENTRY, equipment, payload, NOW)
    assert refused.value.slip is slip


@pytest.mark.parametrize(
    ("more", "minutes"),
    [
        ({}, 120),
        ({"minutes": 30}, 30),
        ({"until": (NOW + timedelta(minutes=45)).isoformat()}, 45),
        ({"minutes": 10_000}, 720),
        ({"until": (NOW + timedelta(days=30)).isoformat()}, 720),
    ],
)
def test_every_wish_has_an_end(more: dict[str, Any], minutes: int) -> None:
    payload = json.dumps({"on": True, **more}).encode()
    assert asked(SITE, ENTRY, "ac-401", payload, NOW).until == NOW + timedelta(minutes=minutes)


class Desk:
    """A desk, what it proposed and what it said."""

    def __init__(self, entry: RemoteCommandsEntry = ENTRY) -> None:
        self.bus = InProcessBus()
        self.clock = ManualClock(NOW)
        self.proposals: list[ProposalMade] = []
        self.said: list[tuple[str, Any]] = []
        self.bus.listen(ProposalMade, self.proposals.append)
        self.desk = CommandDesk(
            SITE, entry, link="sensors", bus=self.bus, clock=self.clock,
            tell=lambda equipment, payload: self.said.append((equipment, json.loads(payload))),
        )  # fmt: skip

    def take(self, payload: bytes, equipment: str = "ac-401", *, retained: bool = False) -> None:
        self.desk.take(equipment, payload, retained=retained)

    @property
    def states(self) -> list[str]:
        return [content["state"] for _, content in self.said]


def test_a_wish_becomes_a_proposal_of_an_actor_of_its_own_and_nothing_more() -> None:
    desk = Desk(RemoteCommandsEntry(office="finance"))
    desk.take(b'{"on": true, "id": "x1", "reason": "meeting"}')
    [proposal] = desk.proposals
    assert proposal.actor == Actor(name="mqtt:sensors", role=Role.SECTION_OPERATOR, office="finance")
    assert (proposal.wish, proposal.reason) == (Wish(on=True), "meeting")
    assert proposal.until == NOW + timedelta(minutes=120)
    assert desk.said[0][1]["id"] == "x1"
    assert desk.said[0][1]["until"] == "2026-07-10T04:00:00Z"
    assert desk.states == ["proposed"]


def test_its_outcome_is_told_once_and_those_of_others_are_not() -> None:
    desk = Desk()
    desk.take(b'{"on": true, "id": "x1"}')
    own = desk.proposals[0].id
    why = Text("制冷季未到", "no season")
    for command in ("someone-else", own, own):
        desk.bus.publish(
            OutcomeReported(outcome=Refused(command_id=command, equipment="ac-401", at=NOW, why=why, clause="AC-01"))
        )
    assert desk.states == ["proposed", "refused"]
    assert (desk.said[1][1]["clause"], desk.said[1][1]["id"]) == ("AC-01", "x1")


@pytest.mark.parametrize(
    ("payload", "retained", "slip"),
    [(b"ON", True, Slip.RETAINED), (b"nonsense", False, Slip.MALFORMED)],
)
def test_what_is_not_taken_is_counted_and_told(payload: bytes, retained: bool, slip: Slip) -> None:
    desk = Desk()
    desk.take(payload, retained=retained)
    assert (desk.proposals, desk.desk.slips[slip], desk.desk.taken) == ([], 1, 0)
    [(equipment, content)] = desk.said
    assert (equipment, content["state"], content["cause"]) == ("ac-401", "ignored", slip.value)
    assert content["why"]["zh"] != content["why"]["en"]


def test_equipment_that_is_none_is_counted_and_nobody_is_answered() -> None:
    desk = Desk()
    desk.take(b"ON", "nothing")
    assert (desk.said, desk.desk.slips[Slip.NOT_OPERABLE]) == ([], 1)


def test_a_flood_of_wishes_ends_when_too_many_wait_and_room_comes_with_their_ends() -> None:
    desk = Desk()
    for _ in range(MOST_WAITING + 5):
        desk.take(b'{"on": false, "minutes": 10}')
    assert (len(desk.proposals), desk.desk.slips[Slip.TOO_MANY]) == (MOST_WAITING, 5)
    ended = Confirmed(command_id=desk.proposals[0].id, equipment="ac-401", at=NOW, read=Wish())
    desk.bus.publish(OutcomeReported(outcome=ended))
    desk.take(b"OFF")
    assert len(desk.proposals) == MOST_WAITING + 1
    desk.clock.move_to(NOW + timedelta(minutes=11))
    for _ in range(MOST_WAITING - 1):
        desk.take(b"OFF")
    assert desk.desk.slips[Slip.TOO_MANY] == 5


def test_wishes_that_are_answered_at_once_are_no_more_than_so_many_a_minute() -> None:
    desk = Desk()
    for _ in range(MOST_A_MINUTE + 5):
        desk.take(b"OFF")
        ended = Confirmed(command_id=desk.proposals[-1].id, equipment="ac-401", at=NOW, read=Wish())
        desk.bus.publish(OutcomeReported(outcome=ended))
    assert (len(desk.proposals), desk.desk.slips[Slip.TOO_MANY]) == (MOST_A_MINUTE, 5)
    desk.clock.move_to(NOW + timedelta(seconds=60))
    desk.take(b"OFF")
    assert len(desk.proposals) == MOST_A_MINUTE + 1


class Ears:
    """Stands in for the connection that a message came by."""

    def acknowledge(self, delivery: Delivery) -> None:
        """Takes note of nothing."""


@pytest.mark.asyncio
@pytest.mark.parametrize(("kinds", "proposals"), [([], 1), (["indoor_unit"], 1), (["electricity_meter"], 0)])
async def test_what_is_not_published_is_not_operated_either(tmp_path: Path, kinds: list[str], proposals: int) -> None:
    house = House(out_site(kinds=kinds, commands={"role": "duty_room"}, stream=False), tmp_path / "out")
    made: list[ProposalMade] = []
    house.bus.listen(ProposalMade, made.append)
    ask = Delivery("houqin/hq/equipment/ac-401/set", b"ON", False, 1, 1, False)
    house.publishing._take(cast("Connection", Ears()), ask)
    house.publishing.close()
    assert len(made) == proposals
