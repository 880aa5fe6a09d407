"""Values that more than one register makes up."""

from __future__ import annotations

from datetime import timedelta

import pytest

from facility.profiles import Profile, Table
from facility.readings import Status
from simulators.world import World
from tests.gateway.made_profiles import RATIOS_FAR, SCALED, SPLIT, meter, named, site_of
from tests.gateway.scene import NOON, Scene, scene

pytestmark = pytest.mark.asyncio
UNIT = 1
GOOD, GONE, RANGE = Status.GOOD, Status.NOT_AVAILABLE, Status.OUT_OF_RANGE


async def read(profile: Profile, registers: dict[int, list[int]], *points: str) -> list[tuple[float | None, Status]]:
    """What the main meter's points read once its registers hold these."""
    stage = scene(site_of(profile))
    await poll(stage, registers)
    return newest(stage, *points)


async def poll(stage: Scene, registers: dict[int, list[int]]) -> None:
    for address, words in registers.items():
        stage.banks["meters"].set(UNIT, address, *words)
    await stage.gateway.poll_once()


def newest(stage: Scene, *points: str) -> list[tuple[float | None, Status]]:
    readings = [stage.readings(f"main-meter.{point}")[-1] for point in points]
    return [(reading.value, reading.status) for reading in readings]


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ([2305, 0, -1], [(230.5, GOOD), (0.0, GOOD)]),
        ([2305, 2300, 0], [(2305.0, GOOD), (2300.0, GOOD)]),
        ([23, 0xFFFF, 1], [(230.0, GOOD), (None, GONE)]),
        ([2305, 2300, 0x8000], [(None, GONE), (None, GONE)]),
        ([2305, 0, 11], [(None, RANGE), (None, RANGE)]),
        ([6000, 0, 2], [(None, RANGE), (0.0, GOOD)]),
        ([0xFFFF, 2305, 0x8000], [(None, GONE), (None, GONE)]),
    ],
)
async def test_a_scale_factor_in_another_register(words: list[int], meant: list[tuple[float | None, Status]]) -> None:
    registers = {0: [word & 0xFFFF for word in words]}
    assert await read(meter(*SCALED), registers, "voltage_a", "voltage_b") == meant


async def test_a_large_counter_is_scaled_exactly() -> None:
    registers = {3: [0xFFFF, 0xFFFF, 0xFFFD]}
    assert await read(meter(*SCALED), registers, "energy_import") == [(4294.967295, GOOD)]


async def test_the_scale_is_read_with_the_value_and_nobody_hears_of_it() -> None:
    stage = scene(site_of(meter(*SCALED, limits={"max_gap": 0})))
    await poll(stage, {0: [2305, 2300, 0xFFFF]})
    asked = [(address, count) for unit, _, address, count in stage.banks["meters"].asked if unit == UNIT]
    assert asked == [(0, 6)]
    assert "main-meter.v_sf" not in stage.site.points


async def test_ratios_that_lie_far_away_are_taken_from_their_newest_readings() -> None:
    stage = scene(site_of(meter(*RATIOS_FAR)))
    await poll(stage, {0: [0, 1234]})
    assert newest(stage, "energy_import", "ct") == [(None, GONE), (0.0, GOOD)]
    await poll(stage, {400: [20, 1000]})
    await stage.gateway.poll_once()
    assert newest(stage, "energy_import") == [(24680.0, GOOD)]
    await poll(stage, {400: [0]})
    await stage.gateway.poll_once()
    assert newest(stage, "energy_import") == [(None, RANGE)], "a ratio of zero is one that nobody has set"
    stage.banks["meters"].refused.add((UNIT, Table.HOLDING, 400))
    for _ in range(2):
        stage.clock.advance(7200)
        await stage.gateway.poll_once()
    assert newest(stage, "ct", "energy_import") == [(None, Status.EXCEPTION), (None, GONE)]


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ([0, 1234, 0, 0, 567], (1234.567, GOOD)),
        ([0, 0, 0, 0, 0], (0.0, GOOD)),
        ([0, 1234, 0, 0, 0xFFFF], (None, GONE)),
        ([1, 0, 0, 0, 999], (65536.999, GOOD)),
    ],
)
async def test_a_value_split_over_two_registers(words: list[int], meant: tuple[float | None, Status]) -> None:
    stage = scene(site_of(meter(*SPLIT, limits={"max_gap": 0})))
    await poll(stage, {0: words})
    assert newest(stage, "energy_import") == [meant]
    assert [asked[2:] for asked in stage.banks["meters"].asked if asked[0] == UNIT] == [(0, 5)]


async def test_a_group_is_never_cut_whatever_its_neighbours_do() -> None:
    """A counter's two halves stand at the ends of what one request may read; a join from the left would cut them."""
    points = [named(id=f"x{at}", address=at, quantity="count", unit="1") for at in range(4)]
    points += [named(id="low", address=4, quantity="count", unit="1", group="pair"),
               named(id="high", address=9, quantity="count", unit="1", group="pair")]  # fmt: skip
    stage = scene(site_of(meter(*points, limits={"max_registers": 6})))
    await stage.gateway.poll_once()
    asked = [(address, address + count) for unit, _, address, count in stage.banks["meters"].asked if unit == UNIT]
    assert any(begin <= 4 and end >= 10 for begin, end in asked)
    assert all(end - begin <= 6 for begin, end in asked)


@pytest.mark.parametrize("points", [SCALED, SPLIT])
async def test_the_simulators_fill_such_registers_so_that_the_gateway_reads_the_truth(
    points: tuple[object, ...],
) -> None:
    site = site_of(meter(*points))  # type: ignore[arg-type]
    world = World(site, seed=3, start=NOON)
    world.set_counters({"main-meter.energy_import": 1234.567})
    stage = scene(site)
    bank = stage.banks["meters"]
    for address in range(6 if points is SCALED else 5):
        word = world.read("meters", UNIT, Table.HOLDING, address, 1)
        bank.set(UNIT, address, int.from_bytes(word, "big"))
    await stage.gateway.poll_once()
    (energy,) = newest(stage, "energy_import")
    assert energy[1] is GOOD
    assert energy[0] == pytest.approx(world.value("main-meter.energy_import"), abs=2)
    if points is SCALED:
        (voltage,) = newest(stage, "voltage_a")
        assert voltage[0] == pytest.approx(world.value("main-meter.voltage_a"), abs=0.51)
        assert int.from_bytes(world.read("meters", UNIT, Table.HOLDING, 2, 1), "big", signed=True) < 0
    else:
        assert energy[0] == pytest.approx(1234.567, abs=0.002)
    world.advance(NOON + timedelta(minutes=1))
