"""Lighting, lifts and parts of plants over HTTP: on the board, asked on and off, or refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from facility.bus import ProposalMade
from facility.commands import Wish
from tests.api.house import NOW, House, house_of
from tests.sites import small_site_data

pytestmark = pytest.mark.asyncio


def switched() -> dict[str, Any]:
    """Lights of the finance office, and a plant of chilled water, beside the small site's equipment."""
    data = small_site_data()
    devices = [
        {"id": "relay", "profile": "waveshare_relay_d", "link": "plant", "unit": 21},
        {"id": "chiller", "profile": "thermal_care_accuchiller", "link": "plant", "unit": 22},
    ]
    equipment = [
        {"id": "lights", "kind": "lighting", "device": "relay", "slot": 0, "serves": ["r401"]},
        {"id": "pump", "kind": "pump", "device": "relay", "slot": 1},
        {"id": "chiller", "kind": "chiller", "device": "chiller"},
        {"id": "plant-1", "kind": "outdoor_unit", "plant": "chilled_water",
         "order": {"host": "chiller", "pumps": ["pump"]}},
    ]  # fmt: skip
    return {"devices": data["devices"] + devices, "equipment": data["equipment"] + equipment}


async def ask(house: House, equipment: str, role: str = "duty_room", **body: Any) -> Any:
    async with house.client(role) as client:
        return await client.post(f"/api/v1/equipment/{equipment}/commands", json=body)


async def test_the_board_lists_what_is_switched_beside_the_offices_units(tmp_path: Path) -> None:
    async with house_of(tmp_path, **switched()) as house:
        house.tell(NOW, {"lights.on": 1.0, "pump.on": 0.0})
        async with house.client() as client:
            board = (await client.get("/api/v1/board")).json()
        assert [(unit["id"], unit["kind"], unit["on"]) for unit in board["switches"]] == [
            ("lights", "lighting", True), ("pump", "pump", False), ("chiller", "chiller", None),
        ]  # fmt: skip
        assert (board["running"], board["units"]) == (0, 3)


async def test_lights_are_asked_on_and_off_by_those_who_may_and_take_nothing_else(tmp_path: Path) -> None:
    async with house_of(tmp_path, **switched()) as house:
        heard: list[ProposalMade] = []
        house.bus.listen(ProposalMade, heard.append)
        assert (await ask(house, "lights", on=False)).status_code == 202
        assert (await ask(house, "lights", "section_operator", on=True)).status_code == 202
        assert [proposal.wish for proposal in heard] == [Wish(on=False), Wish(on=True)]
        refused = await ask(house, "lights", on=True, setpoint_c=28.0)
        assert (refused.status_code, refused.json()["code"]) == (422, "not_operable")
        assert (await ask(house, "lights", "viewer", on=False)).status_code == 403


@pytest.mark.parametrize("part", ["pump", "chiller", "plant-1"])
async def test_the_parts_of_a_plant_go_by_its_order_and_not_by_hand(tmp_path: Path, part: str) -> None:
    async with house_of(tmp_path, **switched()) as house:
        refused = await ask(house, part, on=False)
        assert (refused.status_code, refused.json()["code"]) == (422, "not_operable")
        async with house.client() as client:
            known = {item["id"]: item for item in (await client.get("/api/v1/site")).json()["equipment"]}
        assert (known[part]["operable"], known["lights"]["operable"]) == (False, True)
