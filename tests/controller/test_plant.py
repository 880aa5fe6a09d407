"""A plant of chilled water: the order of starting and stopping, proofs, time-outs, and restarts from anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.policy.plant import step
from controller.policy.plant_facts import PartFacts, PlantFinding, PlantMemory, PlantStep, Stage, Trouble
from facility.model import PlantOrder

START: Final = datetime(2026, 7, 20, 0, 0, tzinfo=UTC)
ORDER: Final = PlantOrder(
    host="chiller", pumps=("pump",), valves=("valve",), valve_s=120, pump_s=60, flow_s=30, host_s=300, overrun_s=180,
    host_min_off_s=600,
)  # fmt: skip
PARTS: Final = {"v": "valve", "p": "pump", "h": "chiller"}
TRAVEL_S: Final = {"valve": 40, "pump": 5, "chiller": 20}

OFF: Final = PartFacts(on=False, proved=False)
ON: Final = PartFacts(on=True, proved=True)
STUCK: Final = PartFacts(on=True, proved=False)
SILENT: Final = PartFacts()


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def short(wishes: Mapping[str, bool]) -> str:
    """The parts that are to be on, by their letters."""
    return "".join(letter for letter, part in PARTS.items() if wishes[part]) or "-"


class Rig:
    """Parts that do what they are told after their time, looked at every five seconds."""

    def __init__(self, state: str = "-", *, order: PlantOrder = ORDER, dead: Iterable[str] = ()) -> None:
        self.order = order
        self.dead = set(dead)
        self.on = {part: letter in state for letter, part in PARTS.items()}
        self.proved = dict(self.on)
        self.since = dict.fromkeys(self.on, -1000.0)
        self.silent: set[str] = set()
        self.memory = PlantMemory()
        self.now_s = 0.0
        self.seen: list[tuple[float, PlantStep, dict[str, PartFacts]]] = []

    def facts(self) -> dict[str, PartFacts]:
        return {
            part: SILENT if part in self.silent else PartFacts(on=self.on[part], proved=self.proved[part])
            for part in self.on
        }

    def run(self, until_s: float, *, wanted: bool) -> PlantStep:
        while True:
            self._move()
            facts = self.facts()
            found = step(self.order, wanted, facts, self.memory, after(self.now_s))
            self.memory = found.memory
            self.seen.append((self.now_s, found, facts))
            for part, wish in found.wishes.items():
                if self.on[part] is not wish:
                    self.on[part], self.since[part] = wish, self.now_s
            if self.now_s >= until_s:
                return found
            self.now_s += 5.0

    def _move(self) -> None:
        for part in self.on:
            if part not in self.dead and self.now_s - self.since[part] >= TRAVEL_S[part]:
                self.proved[part] = self.on[part]

    def ledger(self) -> list[tuple[float, str, Stage]]:
        """When what is wanted, or the stage, changed."""
        lines: list[tuple[float, str, Stage]] = []
        for at_s, found, _ in self.seen:
            line = (short(found.wishes), found.stage)
            if not lines or lines[-1][1:] != line:
                lines.append((at_s, *line))
        return lines


def test_it_starts_by_valve_pump_proved_flow_and_host_and_stops_the_other_way_round() -> None:
    rig = Rig()
    rig.run(600, wanted=False)  # found standing: the host's rest runs from here
    rig.run(1000, wanted=True)
    rig.run(1400, wanted=False)
    assert rig.ledger() == [
        (0.0, "-", Stage.OFF),
        (600.0, "v", Stage.OPENING_VALVES),
        (640.0, "vp", Stage.STARTING_PUMPS),
        (645.0, "vp", Stage.PROVING_FLOW),
        (675.0, "vph", Stage.STARTING_HOST),
        (695.0, "vph", Stage.RUNNING),
        (1000.0, "vp", Stage.STOPPING_HOST),
        (1020.0, "vp", Stage.OVERRUN),
        (1200.0, "v", Stage.STOPPING_PUMPS),
        (1205.0, "-", Stage.CLOSING_VALVES),
        (1245.0, "-", Stage.OFF),
    ]


def test_the_host_rests_after_a_stop_though_its_water_flows() -> None:
    rig = Rig("vph")
    rig.run(50, wanted=False)
    rig.run(700, wanted=True)
    assert rig.ledger() == [
        (0.0, "vp", Stage.STOPPING_HOST),
        (20.0, "vp", Stage.OVERRUN),
        (50.0, "vp", Stage.RESTING),
        (620.0, "vph", Stage.STARTING_HOST),
        (640.0, "vph", Stage.RUNNING),
    ]


def test_a_stop_once_begun_is_finished_before_the_next_start() -> None:
    rig = Rig("vph")
    rig.run(5, wanted=False)
    found = rig.run(10, wanted=True)  # the host has not stopped yet
    assert (short(found.wishes), found.stage) == ("vp", Stage.STOPPING_HOST)


def test_what_is_found_running_as_it_should_goes_on_without_a_gap() -> None:
    rig = Rig("vph")
    rig.run(60, wanted=True)
    assert rig.ledger() == [(0.0, "vph", Stage.RUNNING)]


@pytest.mark.parametrize(
    ("found", "wanted", "first"),
    [
        ("-", False, "-"),
        ("-", True, "v"),
        ("v", False, "-"),
        ("v", True, "vp"),
        ("p", False, "v"),  # a pump against a closed valve: it stops, the way opens first
        ("p", True, "v"),
        ("h", False, "v"),  # a host without water: off, and water to it in the right order
        ("h", True, "v"),
        ("vp", False, "vp"),  # the host may have stopped a moment ago: the pumps run on
        ("vp", True, "vp"),
        ("vh", False, "vp"),
        ("vh", True, "vp"),
        ("ph", True, "v"),
        ("vph", False, "vp"),
        ("vph", True, "vph"),
    ],
)
def test_a_restart_goes_on_in_order_from_whatever_it_finds(found: str, wanted: bool, first: str) -> None:
    facts = {part: ON if letter in found else OFF for letter, part in PARTS.items()}
    assert short(step(ORDER, wanted, facts, PlantMemory(), START).wishes) == first


@pytest.mark.parametrize(
    ("dead", "part", "trouble", "at_s"),
    [
        ("valve", "valve", Trouble.NOT_OPEN, 720.0),
        ("pump", "pump", Trouble.NO_FLOW, 700.0),
        ("chiller", "chiller", Trouble.NOT_STARTED, 975.0),
    ],
)
def test_a_part_that_does_not_come_on_in_its_time_is_named_and_stops_the_plant(
    dead: str, part: str, trouble: Trouble, at_s: float
) -> None:
    rig = Rig(dead=[dead])
    rig.run(600, wanted=False)
    found = rig.run(1800, wanted=True)
    first = next(at for at, seen, _ in rig.seen if seen.findings)
    assert first == at_s
    assert (found.findings[0].part, found.findings[0].trouble) == (part, trouble)
    assert short(found.wishes) == "-"
    assert found.findings[0].text.zh


def test_a_fault_holds_until_nobody_wants_the_plant_or_a_person_has_seen_to_it() -> None:
    rig = Rig(dead=["pump"])
    rig.run(600, wanted=False)
    rig.run(1800, wanted=True)
    rig.dead.clear()
    assert short(rig.run(2400, wanted=True).wishes) == "-"
    rig.memory = rig.memory.cleared()
    assert rig.run(2600, wanted=True).stage is Stage.RUNNING
    rig.dead.add("pump")
    rig.proved["pump"] = False
    rig.run(3000, wanted=True)
    assert rig.memory.fault is not None
    assert rig.run(3400, wanted=False).findings == ()
    assert rig.memory.fault is None


def test_a_host_that_does_not_stop_is_told_and_keeps_its_water() -> None:
    rig = Rig("vph", dead=["chiller"])
    found = rig.run(900, wanted=False)
    assert short(found.wishes) == "vp"
    assert found.findings == (PlantFinding(part="chiller", trouble=Trouble.NOT_STOPPED, since=START),)


def test_a_pump_that_goes_on_keeps_its_valve_open_and_is_told() -> None:
    rig = Rig("vp", dead=["pump"])
    found = rig.run(900, wanted=False)
    assert short(found.wishes) == "v"
    assert [finding.trouble for finding in found.findings] == [Trouble.NOT_STILL]


@pytest.mark.parametrize("part", ["valve", "pump"])
@pytest.mark.parametrize("facts", [OFF, STUCK, SILENT])
def test_a_host_whose_water_is_no_longer_proved_is_stopped_at_once(part: str, facts: PartFacts) -> None:
    rig = Rig("vph")
    rig.run(60, wanted=True)
    found = step(ORDER, True, {**rig.facts(), part: facts}, rig.memory, after(65))
    assert found.wishes["chiller"] is False


def test_flow_that_comes_back_is_proved_again_before_the_host_is_told() -> None:
    rig = Rig("vph")
    rig.run(60, wanted=True)
    rig.silent.add("pump")
    rig.run(70, wanted=True)
    rig.silent.clear()
    rig.run(800, wanted=True)
    hosts = [at for at, seen, _ in rig.seen if seen.wishes["chiller"]]
    assert next(at for at in hosts if at > 60) == 80.0 + ORDER.host_min_off_s  # off since 80


def test_a_host_that_says_nothing_is_never_told_to_start() -> None:
    rig = Rig()
    rig.silent.add("chiller")
    found = rig.run(2000, wanted=True)
    assert found.wishes["chiller"] is False


@pytest.mark.parametrize("silent", [("chiller",), ("pump",), ("valve", "pump", "chiller")])
def test_a_part_that_falls_silent_at_night_starts_nothing_and_is_no_trouble_of_the_plants(
    silent: tuple[str, ...],
) -> None:
    rig = Rig()
    rig.run(1000, wanted=False)
    rig.silent.update(silent)
    rig.run(3000, wanted=False)
    assert rig.ledger() == [(0.0, "-", Stage.OFF)]
    assert not any(found.findings for _, found, _ in rig.seen)


def test_a_host_that_falls_silent_while_it_runs_is_told_to_stop_and_keeps_its_water() -> None:
    rig = Rig("vph")
    rig.run(100, wanted=True)
    rig.silent.add("chiller")
    found = rig.run(2000, wanted=False)
    assert (short(found.wishes), found.stage) == ("vp", Stage.STOPPING_HOST)


@pytest.mark.parametrize(("pumps", "first"), [("-", "-"), ("vp", "vp")])
def test_a_controller_that_begins_and_hears_nothing_of_the_host_leaves_the_water_as_it_is(
    pumps: str, first: str
) -> None:
    rig = Rig(pumps)
    rig.silent.add("chiller")
    found = rig.run(600, wanted=False)
    assert short(found.wishes) == first


def test_times_of_zero_hold_too() -> None:
    order = ORDER.model_copy(update={"flow_s": 0.0, "overrun_s": 0.0, "host_min_off_s": 0.0})
    rig = Rig(order=order)
    rig.run(200, wanted=True)
    rig.run(400, wanted=False)
    assert [line[1:] for line in rig.ledger()] == [
        ("v", Stage.OPENING_VALVES),
        ("vp", Stage.STARTING_PUMPS),
        ("vph", Stage.STARTING_HOST),
        ("vph", Stage.RUNNING),
        ("vp", Stage.STOPPING_HOST),
        ("v", Stage.STOPPING_PUMPS),
        ("-", Stage.CLOSING_VALVES),
        ("-", Stage.OFF),
    ]


def test_it_says_when_to_look_again() -> None:
    facts = {"valve": ON, "pump": ON, "chiller": OFF}
    assert step(ORDER, True, facts, PlantMemory(), START).wake == after(30)
    assert step(ORDER, True, {"valve": OFF}, PlantMemory(), START).wake == after(120)


FACTS = st.builds(PartFacts, on=st.sampled_from([True, False, None]), proved=st.sampled_from([True, False, None]))
MOMENTS = st.lists(
    st.tuples(st.booleans(), FACTS, FACTS, FACTS, FACTS, st.integers(1, 700)), min_size=1, max_size=40
)  # fmt: skip
TWO_PUMPS: Final = ORDER.model_copy(update={"pumps": ("pump", "cooling-pump")})


@given(MOMENTS)
@settings(max_examples=150, deadline=None)
def test_whatever_is_seen_the_host_is_never_told_to_run_without_proof_of_its_water(
    moments: list[tuple[bool, PartFacts, PartFacts, PartFacts, PartFacts, int]],
) -> None:
    memory, now_s = PlantMemory(), 0
    for wanted, valve, pump, cooling, host, seconds in moments:
        now_s += seconds
        facts = {"valve": valve, "pump": pump, "cooling-pump": cooling, "chiller": host}
        found = step(TWO_PUMPS, wanted, facts, memory, after(now_s))
        memory = found.memory
        proved = all(facts[part].proved is True for part in ("valve", "pump", "cooling-pump"))
        assert found.wishes["chiller"] <= (proved and wanted)
        for name in ("pump", "cooling-pump"):
            assert found.wishes[name] <= found.wishes["valve"]
            assert found.wishes[name] <= (facts["valve"].proved is not False)
        assert found.wake is None or found.wake > after(now_s)


SWITCHING = st.lists(st.tuples(st.booleans(), st.integers(1, 240)), min_size=1, max_size=14)
STATES = st.sampled_from(["-", "v", "p", "h", "vp", "vh", "ph", "vph"])


@given(STATES, SWITCHING)
@settings(max_examples=60, deadline=None)
def test_however_it_is_called_for_the_pumps_run_on_after_the_host_and_the_host_rests(
    state: str, calls: list[tuple[bool, int]]
) -> None:
    rig, now_s = Rig(state), 0.0
    for wanted, steps in calls:
        now_s += 5.0 * steps
        rig.run(now_s, wanted=wanted)
    ran, off_at = False, None
    for at_s, found, facts in rig.seen:
        if facts["chiller"].proved or facts["chiller"].on:
            assert off_at is None or at_s - off_at >= ORDER.host_min_off_s
            ran, off_at = ran or found.wishes["chiller"], None
        elif ran:
            ran, off_at = False, at_s
        if off_at is not None and at_s - off_at < ORDER.overrun_s:
            assert found.wishes["pump"], at_s
