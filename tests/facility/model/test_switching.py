"""Switched equipment in a site file: what is right, and every mistake with its place."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any, get_args

import pytest
from ruamel.yaml import YAML

from facility.model import Site
from facility.model.loader import Loaded, load_site
from facility.model.switching import PLANT_KINDS, SWITCH_KINDS, Switch, SwitchKind, operation_of
from facility.profiles.schema import ModbusPoint
from tests.sites import small_site_data

SITES = Path(__file__).parents[3] / "deploy" / "sites"
Data = dict[str, Any]
Change = Callable[[Data], object]


def switched() -> Data:
    """The small site with relays, lights, a lift, a kettle with its valve, and a plant of chilled water."""
    data = small_site_data()
    data["equipment"][0]["split"] = "none"
    data["devices"] += [
        {"id": "relay", "profile": "waveshare_relay_d", "link": "plant", "unit": 21},
        {"id": "lifts", "profile": "waveshare_relay_lift", "link": "plant", "unit": 22},
        {"id": "chiller", "profile": "thermal_care_accuchiller", "link": "plant", "unit": 23},
        {"id": "m-vrf", "profile": "chint_dtsu666", "link": "meters", "unit": 31},
        {"id": "m-lights", "profile": "chint_dtsu666", "link": "meters", "unit": 32},
    ]
    data["equipment"] += [
        {"id": "lights", "kind": "lighting", "device": "relay", "slot": 0, "meter": "meter-lights", "serves": ["r401"]},
        {"id": "pump", "kind": "pump", "device": "relay", "slot": 1, "proof": "pump.feedback"},
        {"id": "valve", "kind": "valve", "device": "relay", "slot": 2, "proof": "valve.feedback"},
        {"id": "kettle", "kind": "kettle", "device": "relay", "slot": 3, "valve": "kettle-valve"},
        {"id": "kettle-valve", "kind": "valve", "device": "relay", "slot": 4},
        {"id": "lift", "kind": "lift", "device": "lifts", "slot": 0, "inverted": True,
         "operation": ["lift.fire", "lift.inspection"]},
        {"id": "chiller", "kind": "chiller", "device": "chiller", "proof": "chiller.running"},
        {"id": "plant", "kind": "outdoor_unit", "plant": "chilled_water", "split": "none",
         "order": {"host": "chiller", "pumps": ["pump"], "valves": ["valve"]}},
        {"id": "meter-vrf", "kind": "electricity_meter", "device": "m-vrf", "feeds": {"equipment": "vrf-1"},
         "item": "air_conditioning", "parent": "main-meter"},
        {"id": "meter-lights", "kind": "electricity_meter", "device": "m-lights", "item": "lighting_sockets",
         "parent": "main-meter"},
    ]  # fmt: skip
    return data


def item(data: Data, name: str) -> Data:
    found: Data = next(entry for entry in data["equipment"] if entry["id"] == name)
    return found


def loaded(folder: Path, change: Change | None = None) -> Loaded:
    data = switched()
    if change is not None:
        change(data)
    YAML().dump(data, folder / "site.yaml")
    return load_site(folder / "site.yaml")


def site(folder: Path) -> Site:
    found = loaded(folder)
    assert found.problems == ()
    assert found.site is not None
    return found.site


def test_a_site_with_all_of_it_loads_without_a_word(tmp_path: Path) -> None:
    built = site(tmp_path)
    assert list(built.switches) == ["lights", "pump", "valve", "kettle-valve", "lift", "chiller"]
    assert list(built.plants) == ["plant"]
    order = built.plants["plant"].order
    assert order is not None
    assert order.parts == ("valve", "pump", "chiller")
    assert built.kettles["kettle"].valve == "kettle-valve"


@pytest.mark.parametrize(
    ("name", "operable"),
    [("ac-401", True), ("kettle", True), ("lights", True), ("lift", True), ("kettle-valve", True), ("valve", False),
     ("pump", False), ("chiller", False), ("plant", False), ("main-meter", False), ("no-such", False)],
)  # fmt: skip
def test_people_operate_units_and_switches_and_no_part_of_a_plant(tmp_path: Path, name: str, operable: bool) -> None:
    assert site(tmp_path).is_operable(name) is operable


def codes(built: Site, point: str) -> dict[int | str, str]:
    spec = built.points[point].spec
    assert isinstance(spec, ModbusPoint)
    return dict(spec.codes or {})


def test_what_is_energised_while_it_is_off_tells_of_the_equipment_and_not_of_the_coil(tmp_path: Path) -> None:
    built = site(tmp_path)
    assert codes(built, "lift.on") == {0: "on", 1: "off"}
    assert codes(built, "lights.on") == {0: "off", 1: "on"}
    assert codes(built, "lift.fire") == {0: "normal", 1: "fire"}


@pytest.mark.parametrize(
    ("change", "name", "code"),
    [
        (lambda d: item(d, "lift").pop("operation"), "lift", "missing_operation"),
        (lambda d: item(d, "lift").update(operation=[]), "lift", "missing_operation"),
        (lambda d: item(d, "lift").update(operation=["lift.on"]), "lift", "wrong_quantity"),
        (lambda d: item(d, "lift").update(operation=["lift.fyre"]), "lift", "dangling"),
        (lambda d: item(d, "lights").update(operation=["lift.fire"]), "lights", "no_effect"),
        (lambda d: item(d, "pump").update(proof="pump.flow"), "pump", "dangling"),
        (lambda d: item(d, "pump").update(proof="weather.temperature"), "pump", "wrong_quantity"),
        (lambda d: item(d, "pump").update(proof="ac-401.mode"), "pump", "wrong_quantity"),
        (lambda d: item(d, "lights").update(serves=["r999"]), "lights", "dangling"),
        (lambda d: item(d, "lights").update(device="ws", slot=None), "lights", "kind"),
        (lambda d: item(d, "lights").update(device="m-401", slot=None), "lights", "kind"),
        (lambda d: item(d, "lights").update(slot=1), "pump", "duplicate_slot"),
        (lambda d: item(d, "lights").update(slot=8), "lights", "slot"),
        (lambda d: item(d, "kettle").update(valve="pump"), "kettle", "wrong_kind"),
        (lambda d: item(d, "kettle").update(valve="tap"), "kettle", "dangling"),
        (lambda d: item(d, "plant").pop("order"), "plant", "missing_order"),
        (lambda d: item(d, "plant")["order"].pop("host"), "plant", "missing_key"),
        (lambda d: item(d, "plant")["order"].pop("pumps"), "plant", "missing_key"),
        (lambda d: item(d, "plant")["order"].update(pumps=[]), "plant", "empty"),
        (lambda d: item(d, "plant")["order"].update(host="pump"), "plant", "wrong_kind"),
        (lambda d: item(d, "plant")["order"].update(pumps=["valve"]), "plant", "wrong_kind"),
        (lambda d: item(d, "plant")["order"].update(valves=["valv"]), "plant", "dangling"),
        (lambda d: item(d, "plant")["order"].update(pumps=["pump", "pump"]), "plant", "shared_part"),
        (lambda d: item(d, "plant")["order"].update(overrun_s=-1), "plant", "out_of_range"),
        (lambda d: item(d, "vrf-1").update(order={"host": "chiller", "pumps": ["pump"]}), "vrf-1", "plant"),
        (lambda d: d["equipment"].append({**deepcopy(item(d, "plant")), "id": "second"}), "second", "shared_part"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_at_its_place(tmp_path: Path, change: Change, name: str, code: str) -> None:
    found = loaded(tmp_path, change)
    lines = (tmp_path / "site.yaml").read_text(encoding="utf-8").splitlines()
    assert code in [problem.code for problem in found.problems], [(p.code, p.what.en) for p in found.problems]
    problem = next(problem for problem in found.problems if problem.code == code)
    begins = next(number for number, line in enumerate(lines, 1) if line.strip() in (f"- id: {name}", f"id: {name}"))
    ends = next((n for n, line in enumerate(lines[begins:], begins + 1) if line.startswith("- id:")), len(lines) + 1)
    assert begins <= problem.line < ends or code == "duplicate_slot"
    assert problem.what.zh != problem.what.en


def on_mains(circuit: str, **changes: Any) -> Change:
    """Puts the lights' switch on a circuit."""

    def change(data: Data) -> None:
        item(data, "lights")["meter"] = circuit
        for name, entry in changes.items():
            item(data, name.replace("_", "-")).update(entry)

    return change


@pytest.mark.parametrize(
    ("change", "fed"),
    [
        (on_mains("meter-vrf"), "vrf-1"),
        (on_mains("main-meter"), "vrf-1"),
        (on_mains("meter-lights", meter_vrf={"parent": "meter-lights"}), "vrf-1"),
        (on_mains("meter-lights", vrf_1={"meter": "meter-lights"}), "vrf-1"),
        (on_mains("meter-lights", meter_lights={"feeds": {"equipment": "ac-401"}}), "ac-401"),
        (lambda d: item(d, "kettle").update(meter="meter-vrf"), "vrf-1"),
        (lambda d: d["equipment"].append({"id": "sum", "kind": "virtual_meter", "members": [{"meter": "meter-vrf"}]})
            or item(d, "lights").update(meter="sum"), "vrf-1"),
    ],
)  # fmt: skip
def test_no_switch_stands_on_the_mains_of_air_conditioning(tmp_path: Path, change: Change, fed: str) -> None:
    (problem,) = loaded(tmp_path, change).problems
    assert problem.code == "mains"
    for name in (fed, "kettle" if "kettle" in problem.what.en else "lights"):
        assert f"`{name}`" in problem.what.en
        assert f"`{name}`" in problem.what.zh


def test_what_is_taken_off_a_virtual_meter_is_not_on_its_circuit(tmp_path: Path) -> None:
    def change(data: Data) -> None:
        members = [{"meter": "meter-lights"}, {"meter": "meter-vrf", "percent": -100}]
        data["equipment"].append({"id": "rest", "kind": "virtual_meter", "members": members})
        item(data, "lights")["meter"] = "rest"

    assert loaded(tmp_path, change).problems == ()


def test_the_parts_of_a_plant_may_share_its_meter(tmp_path: Path) -> None:
    def change(data: Data) -> None:
        item(data, "plant")["meter"] = "meter-lights"
        item(data, "chiller")["meter"] = item(data, "pump")["meter"] = "meter-lights"
        item(data, "lights").pop("meter")

    assert loaded(tmp_path, change).problems == ()


@pytest.mark.parametrize("name", ["office", "chilled-water"])
def test_the_shipped_examples_have_no_mistakes(name: str) -> None:
    found = load_site(SITES / f"{name}.yaml")
    assert found.problems == ()
    assert found.site is not None


def test_the_example_shows_every_kind_but_those_of_a_plant_and_the_annex_those() -> None:
    office, annex = (load_site(SITES / f"{name}.yaml").site for name in ("office", "chilled-water"))
    assert office is not None
    assert annex is not None
    shown = {switch.kind for switch in office.switches.values()}
    assert shown | set(PLANT_KINDS) == set(SWITCH_KINDS)
    assert {switch.kind for switch in annex.switches.values()} == set(PLANT_KINDS)
    assert 6 == len(annex.spaces) == len(annex.indoor_units)
    assert {"illuminance_sensor", "door_contact", "water_leak"} <= {entry.kind for entry in office.equipment.values()}


@pytest.mark.parametrize(
    ("states", "operation"),
    [
        (["normal", "normal"], "normal"),
        (["normal"], "normal"),
        (["fire", "normal"], "fire"),
        (["inspection", "fire"], "fire"),
        (["inspection", None], "inspection"),
        (["fire", None], "fire"),
        (["normal", None], "unknown"),
        ([None, None], "unknown"),
        ([], "unknown"),
    ],
)
def test_a_lift_is_operated_normally_only_where_every_contact_says_so(states: list[str | None], operation: str) -> None:
    assert operation_of(states) == operation


def test_the_kinds_are_told_in_one_place() -> None:
    assert get_args(SwitchKind) == SWITCH_KINDS
    assert get_args(Switch.model_fields["kind"].annotation) == SWITCH_KINDS
