"""A building that publishes, and a real Mosquitto that stops, dies, forgets and comes back (FT-19, FT-20, FT-22)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from facility.bus import ProposalMade
from facility.commands import Wish
from gateway.mqtt.out.asking import Slip
from tests.gateway.mqtt.broker import eventually, publish, retained
from tests.gateway.mqtt.out.scene import NOW, Ear, House, listening, out_site
from tests.servers import Server, mosquitto

pytestmark = [pytest.mark.server, pytest.mark.asyncio]

POWER = "houqin/hq/point/meter-401/power"
READINGS = "houqin/hq/readings/meter-401"
CONFIG = "homeassistant/device/houqin_hq_{}/config"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Server]:
    with mosquitto(tmp_path) as server:
        yield server


async def kept(port: int, topic: str) -> Any:
    """What the broker keeps on a topic, None when nothing."""
    found = await asyncio.to_thread(retained, port, topic)
    return None if found is None else json.loads(found) if found.startswith("{") else found


async def becomes(port: int, topic: str, condition: Callable[[Any], bool]) -> Any:
    """What the broker keeps on a topic, once it is as wanted."""
    found: list[Any] = []

    async def look() -> None:
        while not (found and condition(found[-1])):
            found.append(await kept(port, topic))

    await asyncio.wait_for(look(), 15)
    return found[-1]


def is_there(content: Any) -> bool:
    return content is not None


def is_gone(content: Any) -> bool:
    return content is None


def powers(ear: Ear) -> list[tuple[str, float | None]]:
    """Time and value of every streamed power, in the order heard."""
    return [(each["time"], each["values"]["power"]["value"]) for each in ear.on(READINGS)]


def when(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


async def test_what_is_newest_is_kept_everything_is_streamed_and_the_end_is_told(
    tmp_path: Path, broker: Server
) -> None:
    with listening(broker.port) as ear:
        async with House(out_site(broker.port, home_assistant={}), tmp_path / "out").running() as house:
            for number in range(3):
                house.read(NOW + timedelta(minutes=number), meter_401__power=float(number))
            await eventually(lambda: len(powers(ear)) == 3, "the stream")
            assert [value for _, value in powers(ear)] == [0.0, 1.0, 2.0]
            await eventually(lambda: ear.newest(POWER) is not None and ear.newest(POWER)["value"] == 2.0, "the newest")
            assert (await kept(broker.port, POWER))["time"] == "2026-07-10T02:02:00Z"
            assert await kept(broker.port, READINGS) is None
            assert await kept(broker.port, "houqin/hq/availability") == "online"
            assert (await kept(broker.port, CONFIG.format("ac-401")))["origin"]["name"] == "Houqin"
        assert await kept(broker.port, "houqin/hq/availability") == "offline"


async def test_a_day_without_a_broker_comes_in_order_with_its_own_times_and_the_newest_stays_newest(
    tmp_path: Path, broker: Server
) -> None:
    cycles, step = 288, timedelta(minutes=5)
    with listening(broker.port) as ear:
        async with House(out_site(broker.port), tmp_path / "out").running() as house:
            house.read(NOW, meter_401__power=-1.0)
            await eventually(lambda: len(powers(ear)) == 1, "the first")
            broker.stop()
            for cycle in range(1, cycles + 1):
                time = NOW + cycle * step
                house.clock.move_to(time)
                house.read(time, meter_401__power=float(cycle), ac_401__on=float(cycle % 2))
                if cycle % 60 == 0:
                    await asyncio.sleep(0)
            late = NOW + timedelta(minutes=3)  # a device had kept it
            house.read(late, meter_401__power=-7.0)
            await eventually(lambda: house.waiting > 2 * cycles, "everything on disk")
            broker.start()
            await eventually(lambda: len(powers(ear)) > cycles + 1 and house.waiting == 0, "the day", 30)
            await eventually(lambda: (ear.newest(POWER) or {}).get("value") == float(cycles), "the newest")
        heard = list(dict.fromkeys(powers(ear)))
        assert [value for _, value in heard] == [-1.0, *(float(cycle) for cycle in range(1, cycles + 1)), -7.0]
        assert [when(time) for time, _ in heard] == [*(NOW + cycle * step for cycle in range(cycles + 1)), late]
        newest = [when(each["time"]) for each in ear.on(POWER)]
        assert all(before <= after for before, after in pairwise(newest))
        assert (await kept(broker.port, POWER))["value"] == float(cycles)


async def test_a_broker_that_is_killed_is_told_again_what_it_took_last(tmp_path: Path, broker: Server) -> None:
    with listening(broker.port) as ear:
        async with House(out_site(broker.port), tmp_path / "out").running() as house:
            for number in range(20):
                house.read(NOW + timedelta(seconds=number), meter_401__power=float(number))
            await eventually(lambda: house.waiting == 0 and len(powers(ear)) >= 1, "some of it taken")
            broker.kill()
            house.read(NOW + timedelta(seconds=20), meter_401__power=20.0)
            broker.start()
            await eventually(
                lambda: (NOW + timedelta(seconds=20), 20.0) in [(when(t), v) for t, v in powers(ear)], "the last"
            )
            await eventually(lambda: house.waiting == 0, "all of it")
        assert list(dict.fromkeys(value for _, value in powers(ear))) == [float(number) for number in range(21)]


async def test_an_empty_broker_is_told_everything_that_it_is_to_keep(tmp_path: Path, broker: Server) -> None:
    async with House(out_site(broker.port, home_assistant={}), tmp_path / "out").running() as house:
        house.read(NOW, meter_401__power=0.0, ac_401__on=1.0)
        await becomes(broker.port, POWER, is_there)
        before = house.publishing.health().topics
        broker.stop()
        (tmp_path / "mosquitto.db").unlink()
        await eventually(lambda: not house.publishing.up, "the end of the line")
        broker.start()
        await eventually(lambda: house.publishing.up, "the line")
        assert (await becomes(broker.port, POWER, is_there))["value"] == 0.0
        assert (await becomes(broker.port, "houqin/hq/equipment/ac-401/state", is_there))["on"] is True
        assert (await becomes(broker.port, CONFIG.format("ac-401"), is_there))["qos"] == 1
        assert await becomes(broker.port, "houqin/hq/availability", is_there) == "online"
        assert house.publishing.health().topics == before


async def test_equipment_that_is_gone_is_taken_away_from_the_broker(tmp_path: Path, broker: Server) -> None:
    topic = "houqin/hq/point/window-401/open"
    async with House(out_site(broker.port, home_assistant={}), tmp_path / "out").running() as house:
        house.read(NOW, window_401__open=0.0, meter_401__power=0.0)
        assert (await becomes(broker.port, topic, is_there))["state"] == "closed"
        await becomes(broker.port, POWER, is_there)
    without = out_site(broker.port, without=("window-401",), home_assistant={})
    async with House(without, tmp_path / "out").running():
        await becomes(broker.port, topic, is_gone)
        await becomes(broker.port, CONFIG.format("window-401"), is_gone)
    assert (await kept(broker.port, POWER))["value"] == 0.0


async def test_without_retain_nothing_but_announcements_is_kept(tmp_path: Path, broker: Server) -> None:
    site = out_site(broker.port, home_assistant={}, retain=False, stream=False)
    with listening(broker.port) as ear:
        async with House(site, tmp_path / "out").running() as house:
            house.read(NOW, meter_401__power=0.0)
            await eventually(lambda: ear.newest(POWER) is not None, "told")
            assert house.publishing.health().spool is None
    assert ear.on(READINGS) == []
    assert await kept(broker.port, POWER) is None
    assert await kept(broker.port, CONFIG.format("meter-401")) is not None


async def test_what_is_asked_for_becomes_a_proposal_but_not_what_is_old(tmp_path: Path, broker: Server) -> None:
    ask, answer = "houqin/hq/equipment/ac-401/set", "houqin/hq/equipment/ac-401/result"
    house = House(out_site(broker.port, commands={"role": "duty_room"}), tmp_path / "out")
    proposals: list[ProposalMade] = []
    house.bus.listen(ProposalMade, proposals.append)
    await asyncio.to_thread(publish, broker.port, (ask, "ON"), retain=True)
    with listening(broker.port) as ear:
        async with house.running():
            await eventually(lambda: ear.newest(answer) is not None, "the answer")
            assert (ear.newest(answer)["cause"], proposals) == ("retained", [])
            await asyncio.to_thread(ear.say, ask, '{"setpoint_c": 26, "id": "x"}')
            await eventually(lambda: ear.newest(answer)["state"] == "proposed", "the proposal")
            assert [proposal.wish for proposal in proposals] == [Wish(setpoint_c=26.0)]
        await asyncio.to_thread(ear.say, ask, "OFF")  # while nobody is there
        again = House(house.site, tmp_path / "out")
        again.bus.listen(ProposalMade, proposals.append)
        async with again.running():
            await asyncio.to_thread(ear.say, ask, "nonsense")
            await eventually(lambda: ear.newest(answer).get("cause") == "malformed", "the answer")
            assert again.publishing.health().commands == {"proposed": 0, Slip.RETAINED: 1, Slip.MALFORMED: 1}
    assert len(proposals) == 1
