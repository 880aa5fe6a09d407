"""Another system reads the building over a broker and asks for things; the controller decides, by the rules."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.mqtt.out.scene import Ear, listening
from tests.houqin.standing import Standing, standing, until
from tests.servers import mosquitto

pytestmark = pytest.mark.server

SET, RESULT = "houqin/hq/equipment/{}/set", "houqin/hq/equipment/{}/result"


async def answered(ear: Ear, equipment: str, reference: str, **wish: Any) -> Any:
    """How it ends that something is asked for."""
    topic = RESULT.format(equipment)
    await asyncio.to_thread(ear.say, SET.format(equipment), json.dumps({"id": reference, **wish}))

    async def is_over() -> bool:
        said = [each for each in ear.on(topic) if each["id"] == reference]
        return bool(said) and said[-1]["state"] != "proposed"

    await until(is_over, f"an answer about {equipment}")
    return ear.newest(topic)


async def decided(house: Standing, command: str) -> Any:
    """The journal's record of a wish."""
    return await house.get(f"/commands/{command}")


@pytest.mark.asyncio
async def test_what_is_asked_over_mqtt_is_carried_out_or_refused_as_from_a_person(tmp_path: Path) -> None:
    broker_folder = tmp_path / "broker"
    broker_folder.mkdir()
    publish = {"link": "sensors", "home_assistant": {}, "commands": {"office": "general", "minutes": 30}}
    with mosquitto(broker_folder) as broker, listening(broker.port) as ear:
        async with standing(tmp_path, broker.port, publish=publish) as house:
            done = await answered(ear, "ac-archive", "a", setpoint_c=20.0)
            assert (done["state"], done["read"]["setpoint_c"]) == ("confirmed", 20.0)
            record = await decided(house, done["command"])
            assert (record["actor"], record["state"]) == ("mqtt:sensors", "confirmed")

            async def is_told() -> bool:
                state = ear.newest("houqin/hq/equipment/ac-archive/state")
                return state is not None and state["setpoint_c"] == 20.0

            await until(is_told, "the new state")
            early = await answered(ear, "ac-402", "b", on=True)  # before the heat outdoors has lasted
            assert (early["state"], early["clause"]) == ("refused", "AC-06")
            assert early["why"]["zh"] != early["why"]["en"]
            other = await answered(ear, "ac-401", "c", on=True)  # another office's
            assert other["state"] == "refused"
            assert "本科室" in other["why"]["zh"]
            assert (await decided(house, other["command"]))["clause"] == other["clause"]
            why = ear.newest("houqin/hq/equipment/ac-401/decision")
            assert why["sentence"]["zh"] != why["sentence"]["en"]
