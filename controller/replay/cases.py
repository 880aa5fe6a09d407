"""A journalled cycle as a test case: what a decision rested on, kept so that it can be decided again.

What is kept is the state after the decision: deciding again at the same moment changes nothing any more, so the same
verdict must come out. Forecasts need not be kept, for the permit that was taken from them is in the state.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import orjson
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from controller.filing_desk import FilingDesk
from controller.fire import life_safety
from controller.policy.decide import Snapshot, State, decide
from controller.policy.facts import SupplyMemory, Weather
from controller.policy.findings import keys
from controller.policy.rules.effects import NO_EFFECTS
from controller.policy.site_policy import load_policy
from controller.policy.units import UnitVerdict
from controller.records import Record, Sort
from controller.replay.plain import plain, restored
from controller.rule_desk import RuleDesk
from controller.sensing import Sensing
from controller.zones import KETTLES, Zones
from facility.commands import Mode, Wish
from facility.decisions import Effect
from facility.envelope import Range
from facility.errors import PolicyError
from facility.model import SiteFile
from facility.model.entries import PolicyEntry, ZoneClass
from facility.readings import to_us

DAY: Final = timedelta(days=1)
KIND: Final = "basis"
"""The journal's kind of event under which a decision's basis is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What was decided: the wish, its slot, the chain of findings, and what was legal."""

    wanted: Wish
    slot: int
    findings: tuple[tuple[str, Effect], ...]
    modes: Mapping[Mode, Range]
    start: bool
    must_be_off: bool

    @classmethod
    def of(cls, verdict: UnitVerdict) -> Expected:
        """From a verdict."""
        legal = verdict.legal
        return cls(
            wanted=verdict.wanted,
            slot=int(verdict.slot),
            findings=keys(verdict.findings),
            modes=dict(legal.modes),
            start=legal.start,
            must_be_off=legal.must_be_off,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A test case: what was known and remembered, and what was decided. `policy` is the site file's section."""

    equipment: str
    at: datetime
    policy: Mapping[str, Any]
    snapshot: Snapshot
    state: State
    expected: Expected


def digest_of(entry: PolicyEntry) -> str:
    """What tells two policies apart."""
    section = entry.model_dump(mode="json", exclude_defaults=True)
    return hashlib.sha256(orjson.dumps(section, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]


class Bases:
    """Puts together what decisions rest on.

    Args:
        entry: the policy in force.
        zones, sensing, rules, filings: the controller's own.
    """

    def __init__(
        self, entry: PolicyEntry, zones: Zones, sensing: Sensing, *, rules: RuleDesk, filings: FilingDesk
    ) -> None:
        self._digest = digest_of(entry)
        self._zones, self._sensing, self._rules, self._filings = zones, sensing, rules, filings

    def of(self, record: Record, weather: Weather, now: datetime) -> Basis | None:
        """The basis of the verdict that `record` has now; None for parts of a plant, which follow others."""
        if record.verdict is None or record.sort is Sort.PART:
            return None
        zones, zone_class = self._zones, record.rules.zone_class
        is_unit = record.sort is Sort.UNIT
        supply = {zone_class: zones.supply[zone_class]} if is_unit else {}
        state = _state(record, supply)
        if is_unit and zones.relaxed:
            state = replace(state, relaxed={key: one for key, one in zones.relaxed.items() if key[0] is zone_class})
        return Basis(self._digest, self._snapshot(record, weather, now), state, record.verdict)

    def _snapshot(self, record: Record, weather: Weather, now: datetime) -> Snapshot:
        sensing, zones, zone_class = self._sensing, self._zones, record.rules.zone_class
        now_us, key = to_us(now), KETTLES if record.sort is Sort.KETTLE else zone_class
        plan = zones.plan(key, now, record.premises)
        found: dict[str, Any] = {}
        match record.sort:
            case Sort.KETTLE:
                found["kettles"] = {record.id: sensing.kettle_facts(record, now_us)}
            case Sort.SWITCH:
                found["switches"] = {record.id: (zone_class, sensing.switch_facts(record, now_us))}
            case _:
                found["units"] = {record.id: (zone_class, sensing.unit_facts(record, now_us))}
        filings = self._filings.filings(record.id, now)
        is_unit, effects = record.sort is Sort.UNIT, self._rules.effects(record.id, filed=record.filed)
        return Snapshot(
            weather=replace(weather, forecasts=()) if is_unit else Weather(),
            days={zone_class: plan} if is_unit else {},
            kettle_day=plan,
            next_is_workday=plan.next_opens is not None and plan.next_opens < plan.next_midnight + DAY,
            filings={record.id: filings} if filings else {},
            effects={} if effects == NO_EFFECTS else {record.id: effects},
            **found,
        )


class Basis(Mapping[str, Any]):
    """What one decision rested on. It is put into words, which takes a while, when somebody reads it: the journal's
    writer does, off the control cycle.
    """

    def __init__(self, policy: str, snapshot: Snapshot, state: State, verdict: UnitVerdict) -> None:
        self._parts = policy, snapshot, state, verdict

    @cached_property
    def _told(self) -> dict[str, Any]:
        policy, snapshot, state, verdict = self._parts
        told = plain(snapshot)
        if snapshot.days:
            del told["kettle_day"]  # it is the unit's own
        return {
            "policy": policy,
            "snapshot": told,
            "state": plain(state),
            "expected": _plain_expected(Expected.of(verdict)),
        }

    def __getitem__(self, key: str) -> Any:
        return self._told[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._told)

    def __len__(self) -> int:
        return len(self._told)


def _state(record: Record, supply: Mapping[ZoneClass, SupplyMemory]) -> State:
    match record.sort:
        case Sort.KETTLE:
            return State(supply=supply, kettles={record.id: record.kettle})
        case Sort.SWITCH:
            return State(supply=supply, switches={record.id: record.switch})
    return State(supply=supply, units={record.id: record.memory})


def _plain_expected(expected: Expected) -> dict[str, Any]:
    return {name: plain(getattr(expected, name)) for name in Expected.__dataclass_fields__}


def case_of(equipment: str, at: datetime, document: Mapping[str, Any], entry: PolicyEntry) -> Case:
    """The test case of a journalled basis, with the policy of the site file.

    Raises:
        PolicyError: the document is of another version, or the policy is not the one it was decided by.
    """
    if document.get("policy") != digest_of(entry):
        raise PolicyError(
            f"{equipment}, {at.isoformat()}: it was decided by another policy than the site file has now"
            " / 该决定依据的制度与站点文件现在的不同"
        )
    policy = entry.model_dump(mode="json", exclude_defaults=True)
    return _case({**document, "equipment": equipment, "at": plain(at), "policy": policy})


def _case(document: Mapping[str, Any]) -> Case:
    try:
        return Case(
            equipment=document["equipment"],
            at=restored(document["at"]),
            policy=document["policy"],
            snapshot=_snapshot(document["snapshot"]),
            state=restored(document["state"]),
            expected=Expected(**{name: restored(part) for name, part in document["expected"].items()}),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise PolicyError(f"this is no case that this version knows: {error} / 不是本版本可读的用例") from error


def _snapshot(document: Mapping[str, Any]) -> Snapshot:
    """A unit's snapshot has no plan of the kettle: nobody asks for it."""
    if "kettle_day" not in document:
        plan = next(iter(restored(document["days"]).values()))
        document = {**document, "kettle_day": plain(plan)}
    found: Snapshot = restored(document)
    return found


def written(case: Case) -> dict[str, Any]:
    """A case as plain values, for YAML or JSON."""
    return {
        "equipment": case.equipment,
        "at": plain(case.at),
        "policy": dict(case.policy),
        "expected": _plain_expected(case.expected),
        "state": plain(case.state),
        "snapshot": plain(case.snapshot),
    }


def read_case(path: Path) -> Case:
    """The case in a file, YAML or JSON.

    Raises:
        PolicyError: it cannot be read, or is no case.
    """
    try:
        return _case(YAML(typ="safe").load(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise PolicyError(f"{path} cannot be read: {error}") from error


def decided(case: Case) -> Expected:
    """What the rules of this version decide in the case."""
    verdicts, _ = decide(load_policy(_file(case.policy)), case.snapshot, case.state, case.at)
    verdict = verdicts.equipment[case.equipment]
    array = _array(case.snapshot, case.equipment)
    return Expected.of(life_safety(array, verdict) if array is not None and array.proposals else verdict)


def differences(case: Case) -> list[str]:
    """What is decided otherwise than it was, part by part; empty when nothing is."""
    then, now = case.expected, decided(case)
    return [
        f"{name}: was {getattr(then, name)!r}, is {getattr(now, name)!r}"
        for name in Expected.__dataclass_fields__
        if getattr(then, name) != getattr(now, name)
    ]


def _array(snapshot: Snapshot, equipment: str) -> Any:
    for found in (snapshot.units, snapshot.switches):
        if equipment in found:
            return found[equipment][1].array
    return snapshot.kettles[equipment].array if equipment in snapshot.kettles else None


def _file(policy: Mapping[str, Any]) -> SiteFile:
    """As much of a site file as a policy needs."""
    return SiteFile.model_validate({
        "site": {
            "id": "case", "name": {"zh": "用例"}, "timezone": "Asia/Shanghai",
            "location": {"latitude": 0.0, "longitude": 0.0},
        },
        "buildings": [{"id": "main", "name": {"zh": "楼"}, "floors": [{"id": "f1", "level": 1}]}],
        "policy": dict(policy),
    })  # fmt: skip
