"""What a device says of itself, and what a simulated one has beside its points."""

from __future__ import annotations

from typing import Any

import pytest

from facility.errors import DeviceRefused
from facility.profiles import Profile, Table
from facility.profiles.recognition import Plate
from gateway.nameplate import read_nameplate, shown_on
from simulators.world import World
from tests.gateway.made_profiles import SPLIT, meter, site_of
from tests.gateway.scene import NOON


def plate(**facts: Any) -> Plate:
    return Plate.model_validate({"id": "p", "name": {"zh": "铭牌"}, "table": "holding", "address": 0, **facts})


@pytest.mark.parametrize(
    ("facts", "raw", "shown"),
    [
        ({"type": "string", "length": 4}, "41 44 57 33 30 30 00 00", "ADW300"),
        ({"type": "string", "length": 2, "order": "BADC"}, "44 41 33 57", "ADW3"),
        ({"type": "string", "length": 2, "charset": "gbk"}, "D5 FD CC A9", "正泰"),
        ({"type": "string", "length": 2}, "00 00 00 00", None),
        ({"type": "string", "length": 2}, "FF FF FF FF", None),
        ({"type": "uint64"}, "02 46 8A CF 13 57 9B E1", "163971058432973793"),
        ({"type": "bcd48"}, "20 21 04 00 12 34", "202104001234"),
        ({"type": "bcd16"}, "FF FF", None),
        ({"type": "uint16", "scale": 0.1}, "00 0A", "1"),
        ({"type": "uint16", "scale": 0.1, "unit": "kV"}, "00 00", "0 kV"),
        ({"type": "int24"}, "00 FF FF FE", "-2"),
        ({"type": "float32"}, "7F C0 00 00", None),
        ({"type": "bit", "table": "coil"}, "01", "1"),
    ],
)
def test_a_line_of_the_nameplate_is_shown_as_people_write_it(
    facts: dict[str, Any], raw: str, shown: str | None
) -> None:
    assert shown_on(plate(**facts), bytes.fromhex(raw)) == shown


def with_a_plate() -> Profile:
    return meter(
        *SPLIT,
        nameplate=[
            {"id": "serial", "name": {"zh": "编号"}, "table": "holding", "address": 100, "type": "string", "length": 8},
            {"id": "ratio", "name": {"zh": "变比"}, "table": "holding", "address": 120, "scale": 0.1},
        ],
        identify={"registers": [{"table": "holding", "address": 200, "type": "uint32", "equals": [0x53756E53]}]},
        setup=[{"name": {"zh": "主站模式"}, "address": 300, "values": [7]}],
    )


@pytest.mark.asyncio
async def test_a_simulated_device_has_a_nameplate_its_marks_and_what_must_be_set() -> None:
    profile = with_a_plate()
    world = World(site_of(profile), seed=1, start=NOON)

    async def ask(table: Table, address: int, count: int) -> bytes:
        return world.read("meters", 1, table, address, count)

    assert await read_nameplate(profile.nameplate, ask) == {"serial": "M-MAIN", "ratio": "1"}
    assert await ask(Table.HOLDING, 200, 2) == b"SunS"
    assert await ask(Table.HOLDING, 300, 1) != (7).to_bytes(2, "big")
    world.write("meters", 1, 6, 300, [7])
    assert await ask(Table.HOLDING, 300, 1) == (7).to_bytes(2, "big")
    with pytest.raises(DeviceRefused):
        world.write("meters", 1, 6, 100, [7])


@pytest.mark.asyncio
async def test_a_line_that_the_device_does_not_have_is_missing_and_the_others_are_read() -> None:
    async def ask(_table: Table, address: int, count: int) -> bytes:
        if address == 100:
            raise DeviceRefused("no such register", code=2)
        return bytes(2 * count)

    assert await read_nameplate(with_a_plate().nameplate, ask) == {"serial": None, "ratio": "0"}
