"""The plants of a site: what calls for them, what their parts are told and why, and the simulated one run by them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final

from controller.arbitration import Slot
from controller.plants import Plants
from controller.policy.plant_facts import Stage, Trouble
from controller.policy.wording import WORDS
from facility.commands import Wish
from facility.envelope import OnLoss
from facility.model import Site
from facility.model.loader import load_site
from facility.readings import Status, to_us
from simulators.world import World

ANNEX: Final = Path(__file__).parents[2] / "deploy" / "sites" / "chilled-water.yaml"
START: Final = datetime(2026, 7, 14, 3, 0, tzinfo=UTC)
WIRES: Final = {"chiller-1": (1, 0), "chilled-pump": (2, 0), "main-valve": (2, 1)}
"""Part -> unit id and coil."""


@lru_cache(maxsize=1)
def annex() -> Site:
    loaded = load_site(ANNEX)
    assert loaded.site is not None
    return loaded.site


def hear(plants: Plants, at: datetime, **states: bool | None) -> None:
    """Lets parts say something: the part's name with underscores, both its switch and its proof."""
    taps = plants.taps()
    for name, state in states.items():
        part = name.replace("_", "-")
        proof = annex().switches[part].proof
        for point in (f"{part}.on", proof):
            value, status = (None, Status.NOT_AVAILABLE) if state is None else (float(state), Status.GOOD)
            taps[point or ""](to_us(at), value, status)


def test_every_part_of_every_plant_is_known_with_the_points_it_is_proved_by() -> None:
    plants = Plants(annex(), stale_s=60.0)
    assert plants.parts == dict.fromkeys(("main-valve", "chilled-pump", "chiller-1"), "plant-1")
    assert set(plants.taps()) == {
        "main-valve.on", "main-valve.feedback", "chilled-pump.on", "chilled-pump.feedback", "chiller-1.on",
        "chiller-1.running",
    }  # fmt: skip
    assert len(plants.coils("plant-1")) == 6


def test_a_plant_is_called_for_by_its_own_fan_coils_only() -> None:
    plants = Plants(annex(), stale_s=60.0)
    hear(plants, START, main_valve=False, chilled_pump=False, chiller_1=False)
    plants.step(START, wanted={"ac-999"})
    assert not plants.wish("main-valve")
    assert plants.step(START, wanted={"ac-103"}) == {"main-valve", "chilled-pump", "chiller-1"}
    assert plants.wish("main-valve")
    assert plants.step(START, wanted={"ac-103", "ac-104"}) == set()


def test_a_part_has_a_verdict_like_any_other_equipment_with_its_plants_reason() -> None:
    plants = Plants(annex(), stale_s=60.0)
    unseen = plants.verdict("chiller-1")
    assert (unseen.wanted, unseen.findings[0].code) == (Wish(on=False), "plant-unseen")
    hear(plants, START, main_valve=True, chilled_pump=True, chiller_1=False)
    plants.step(START, wanted={"ac-101"})
    pump, host = plants.verdict("chilled-pump"), plants.verdict("chiller-1")
    assert (pump.wanted, pump.slot, pump.legal.start) == (Wish(on=True), Slot.PROTECTION, True)
    assert (host.wanted, host.legal.start, host.legal.must_be_off, host.legal_stop) == (
        Wish(on=False),
        False,
        True,
        True,
    )
    assert host.wake == START + timedelta(seconds=30)
    assert [verdict.findings[0].code for verdict in (pump, host)] == ["plant-proving_flow"] * 2
    assert "proving its flow" in plants.why("chiller-1").en
    assert "确认水流" in plants.why("chiller-1").zh
    assert list(plants.wakes(START)) == [START + timedelta(seconds=30)]


def test_without_its_controller_the_host_stops_and_its_water_goes_on() -> None:
    plants = Plants(annex(), stale_s=60.0)
    assert plants.on_loss("chiller-1") is OnLoss.STOP
    assert plants.on_loss("chilled-pump") is plants.on_loss("main-valve") is OnLoss.KEEP
    assert not plants.verdict("chilled-pump").legal.must_be_off


def test_what_a_part_said_too_long_ago_or_badly_proves_nothing() -> None:
    plants = Plants(annex(), stale_s=60.0)
    hear(plants, START, main_valve=True, chilled_pump=True, chiller_1=True)
    plants.step(START, wanted={"ac-101"})
    assert plants.wish("chiller-1")
    later = START + timedelta(seconds=61)
    hear(plants, later, main_valve=True, chilled_pump=None, chiller_1=True)
    plants.step(later, wanted={"ac-101"})
    assert not plants.wish("chiller-1")


def test_a_fault_is_told_with_its_part_kept_over_a_restart_and_cleared_by_a_person() -> None:
    plants = Plants(annex(), stale_s=60.0)
    for seconds in range(0, 150, 10):
        at = START + timedelta(seconds=seconds)
        hear(plants, at, main_valve=False, chilled_pump=False, chiller_1=False)
        plants.step(at, wanted={"ac-101"})
    ((plant, finding),) = plants.findings()
    assert (plant, finding.part, finding.trouble) == ("plant-1", "main-valve", Trouble.NOT_OPEN)
    assert "Main valve did not open in time" in plants.told(finding).en
    assert "冷水总阀" in plants.why("chiller-1").zh
    assert plants.verdict("chiller-1").findings[0].code == "plant-fault"
    after = Plants(annex(), stale_s=60.0)
    after.restore(plants.saved())
    hear(after, at, main_valve=False, chilled_pump=False, chiller_1=False)
    after.step(at, wanted={"ac-101"})
    assert not after.wish("main-valve")
    after.clear("plant-1")
    after.step(at, wanted={"ac-101"})
    assert after.wish("main-valve")
    assert after.saved() == {}


def test_every_stage_has_words_for_its_finding() -> None:
    codes = {f"plant-{stage.value}" for stage in Stage} | {"plant-fault", "plant-unseen"}
    assert codes == {code for code in WORDS if code.startswith("plant")}


def test_where_parts_are_heard_of_seldom_they_have_that_much_longer() -> None:
    plants = Plants(annex(), stale_s=900.0, slack_s=600.0)
    for minutes in range(0, 15, 5):
        at = START + timedelta(minutes=minutes)
        hear(plants, at, main_valve=False, chilled_pump=False, chiller_1=False)
        plants.step(at, wanted={"ac-101"})
        assert list(plants.findings()) == []
    plants.step(START + timedelta(seconds=720), wanted={"ac-101"})
    assert [finding.trouble for _, finding in plants.findings()] == [Trouble.NOT_OPEN]


def test_a_saved_fault_that_does_not_fit_the_site_any_more_is_passed_over() -> None:
    plants = Plants(annex(), stale_s=60.0)
    plants.restore({"plant-9": {}, "plant-1": {"part": "gone", "trouble": "no_flow", "since": START.isoformat()}})
    plants.restore({"plant-1": {"part": "chilled-pump", "trouble": "nonsense", "since": START.isoformat()}})
    plants.restore({"plant-1": "nonsense"})
    assert plants.saved() == {}


def test_the_simulated_plant_is_started_and_stopped_without_its_own_interlock_ever_tripping() -> None:
    site, plants = annex(), Plants(annex(), stale_s=60.0)
    world = World(site, seed=1, start=START)
    for unit in range(1, 7):
        world.write("coils", unit, 16, 28301, [1])
    stages: list[Stage] = []
    while world.now < START + timedelta(minutes=45):
        world.advance(world.now + timedelta(seconds=10))
        for point, tap in plants.taps().items():
            tap(to_us(world.now), world.value(point), Status.GOOD)
        runs = world.now < START + timedelta(minutes=30)
        plants.step(world.now, wanted=set(site.indoor_units) if runs else set())
        for part, (unit, coil) in WIRES.items():
            world.write("plant-room", unit, 5, coil, [int(plants.wish(part))])
        found = plants.state("plant-1")
        assert found is not None
        stages += [found.stage] if stages[-1:] != [found.stage] else []
        assert world.value("chiller-1.low_flow") == 0.0
        assert found.findings == ()
    assert stages == [
        Stage.OPENING_VALVES, Stage.STARTING_PUMPS, Stage.PROVING_FLOW, Stage.RESTING, Stage.STARTING_HOST,
        Stage.RUNNING, Stage.STOPPING_HOST, Stage.OVERRUN, Stage.STOPPING_PUMPS, Stage.CLOSING_VALVES, Stage.OFF,
    ]  # fmt: skip
