"""Whether what is switched may be switched: never the mains of air-conditioning, no lift unseen, no plant in part."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from facility.model.entries import IndoorUnit, Kettle, Meter, OutdoorUnit, PlantOrder, Switch, VirtualMeter
from facility.model.index import SORTS, Index
from facility.model.near import did_you_mean
from facility.model.problems import Severity
from facility.model.switching import PLANT_KINDS, SWITCH_KINDS
from facility.model.validation import EQUIPMENT, Path, Valid
from facility.model.wires import say
from facility.profiles.schema import PointBase, WireProtocol
from facility.quantities import ENUMERATIONS, Quantity
from facility.text import Text

OPERATION: Final = "lift_operation"
ROLES: Final = (("host", "chiller"), ("pumps", "pump"), ("valves", "valve"))
"""Key of a plant's order -> the kind its parts are of."""


def check_switching(index: Index) -> None:
    """Tells switches that would cut air-conditioning off its mains, lifts that do not tell how they are operated, and
    plants whose parts do not make a plant.
    """
    for valid, switch in index.draft.of(Switch):
        _check_kind(index, valid, switch)
        _check_proof(index, valid, switch)
        if switch.kind not in PLANT_KINDS:
            _check_mains(index, valid, switch.id, switch.meter)
    for valid, kettle in index.draft.of(Kettle):
        _check_mains(index, valid, kettle.id, kettle.meter)
    taken: dict[str, str] = {}
    for valid, plant in index.draft.of(OutdoorUnit):
        _check_plant(index, valid, plant, taken)


def _check_kind(index: Index, valid: Valid, switch: Switch) -> None:
    if switch.kind == "lift":
        _check_lift(index, valid, switch)
    elif switch.operation:
        what = Text(
            f"`operation` 只用于电梯，{switch.kind} 不用",
            f"`operation` says nothing of a {switch.kind}, only of a lift",
        )
        say(index, (*valid.path, "operation"), "no_effect", what, severity=Severity.WARNING)


def _check_lift(index: Index, valid: Valid, lift: Switch) -> None:
    if not lift.operation:
        what = Text(
            f"电梯 `{lift.id}` 缺少 `operation`（消防、检修状态的测点）；不知其运行状态的电梯不得操作",
            f"lift `{lift.id}` has no `operation`, the points that tell fire mode and inspection; "
            "a lift that does not tell them is never acted on",
        )
        say(index, valid.path, "missing_operation", what)
    for number, word in enumerate(lift.operation):
        path = (*valid.path, "operation", number)
        point = _point(index, word)
        if point is not None and point.enumeration != OPERATION:
            what = Text(
                f"测点 `{word}` 不表示电梯运行状态，应为枚举 `{OPERATION}`",
                f"point `{word}` does not tell how a lift is operated; expected a state of `{OPERATION}`",
            )
            say(index, path, "wrong_quantity", what)
        elif point is not None and not _is_modbus(index, word):
            what = Text(
                f"测点 `{word}` 不在 Modbus 线路上；网关每次操作电梯前都要直接读取",
                f"point `{word}` is on no Modbus line; the gateway asks it before every order to the lift",
            )
            say(index, path, "protocol", what)


def _check_proof(index: Index, valid: Valid, switch: Switch) -> None:
    point = _point(index, switch.proof) if switch.proof is not None else None
    if point is not None and (point.quantity is not Quantity.STATE or len(ENUMERATIONS[point.enumeration or ""]) != 2):
        what = Text(
            f"测点 `{switch.proof}` 不是两态量，不能证明是否在运行",
            f"point `{switch.proof}` is not a state of yes or no; it proves nothing",
        )
        say(index, (*valid.path, "proof"), "wrong_quantity", what)


def _point(index: Index, word: str) -> PointBase | None:
    """The point as its profile has it, None where that is not known (told elsewhere)."""
    equipment, _, name = word.partition(".")
    node = index.node("equipment", equipment)
    profile = index.profile_of(node.text("device") if node is not None else None)
    return next((item for item in profile.points if item.id == name), None) if profile is not None else None


def _is_modbus(index: Index, word: str) -> bool:
    node = index.node("equipment", word.partition(".")[0])
    profile = index.profile_of(node.text("device") if node is not None else None)
    return profile is None or profile.protocol is WireProtocol.MODBUS


# The mains of air-conditioning


def _check_mains(index: Index, valid: Valid, name: str, meter: str | None) -> None:
    """A switch cuts everything behind the meter of its circuit. Air-conditioning is stopped by its own order, never by
    its mains: valves close only with current, and crankcase heaters keep the compressors fit to start.
    """
    for unit in _behind(index, meter) if meter is not None else ():
        kind = "室外机" if unit.kind == "outdoor_unit" else "室内机"
        what = Text(
            f"`{name}` 控制的回路（电表 `{meter}`）给{kind} `{unit.id}` 供电；空调不得断电停机，应另设回路",
            f"`{name}` switches the circuit of meter `{meter}`, which feeds {unit.kind.replace('_', ' ')} `{unit.id}`; "
            "air-conditioning is never stopped by its mains, expected a circuit of its own",
        )
        say(index, (*valid.path, "meter"), "mains", what)
        return


def _behind(index: Index, meter: str) -> Iterator[OutdoorUnit | IndoorUnit]:
    """The air-conditioning that stands on the circuit of a meter."""
    circuits = _circuits(index, meter)
    fed = {item.feeds.equipment for item in _meters(index) if item.id in circuits}
    for _, outdoor in index.draft.of(OutdoorUnit):
        if outdoor.meter in circuits or outdoor.id in fed:
            yield outdoor
    for _, unit in index.draft.of(IndoorUnit):
        if unit.id in fed:
            yield unit


def _meters(index: Index) -> Iterator[Meter | VirtualMeter]:
    yield from (item for _, item in index.draft.of(Meter))
    yield from (item for _, item in index.draft.of(VirtualMeter))


def _circuits(index: Index, meter: str) -> set[str]:
    """A meter and all meters that it feeds, also as a member of a virtual one."""
    found = {meter}
    while True:
        below = {item.id for item in _meters(index) if item.id not in found and item.parent in found}
        members = {
            member.meter
            for _, item in index.draft.of(VirtualMeter)
            if item.id in found
            for member in item.members
            if member.percent > 0
        } - found
        if not below and not members:
            return found
        found |= below | members


# Plants of chilled water


def _check_plant(index: Index, valid: Valid, plant: OutdoorUnit, taken: dict[str, str]) -> None:
    if plant.plant == "vrf":
        if plant.order is not None:
            what = Text(
                "多联机由室内机启停，不用 `order`；冷水机组应写 `plant: chilled_water`",
                "a vrf is started by its indoor units and has no `order`; a plant of chilled water is "
                "`plant: chilled_water`",
            )
            say(index, (*valid.path, "order"), "plant", what)
        return
    if plant.order is None:
        what = Text(
            f"冷水机组 `{plant.id}` 缺少 `order`（host、pumps、valves）",
            f"plant of chilled water `{plant.id}` has no `order`; expected its host, pumps and valves",
        )
        say(index, valid.path, "missing_order", what)
        return
    for key, kind in ROLES:
        for path, word in _parts(valid.path, plant.order, key):
            if _is_a(index, path, word, kind):
                _check_taken(index, path, word, plant.id, taken)


def _parts(path: Path, order: PlantOrder, key: str) -> Iterator[tuple[Path, str]]:
    words = getattr(order, key)
    if isinstance(words, str):
        yield (*path, "order", key), words
    else:
        yield from (((*path, "order", key, number), word) for number, word in enumerate(words))


def _is_a(index: Index, path: Path, word: str, kind: str) -> bool:
    found = index.kinds.get(word)
    if not index.knows("equipment", word):
        name, known = SORTS["equipment"], [item for item, other in index.kinds.items() if other == kind]
        what = Text(f"{name.zh} `{word}` 不存在", f"{name.en} `{word}` does not exist; expected a {kind}")
        index.draft.parsed.report(index.draft.place(path), "dangling", what, did_you_mean(word, known))
        return False
    if found in EQUIPMENT and found != kind:
        what = Text(f"`{word}` 是 {found}，应为 {kind}", f"`{word}` is of kind {found}; expected {kind}")
        say(index, path, "wrong_kind", what)
        return False
    return True


def _check_taken(index: Index, path: Path, word: str, plant: str, taken: dict[str, str]) -> None:
    first = taken.get(word)
    taken.setdefault(word, plant)
    if first is None:
        return
    what = Text(
        f"`{word}` 已属于冷水机组 `{first}`，每个部件只写一次",
        f"`{word}` is a part of plant `{first}` already; expected each part in one place only",
    )
    say(index, path, "shared_part", what)


assert {kind for _, kind in ROLES} == set(PLANT_KINDS)
assert set(SWITCH_KINDS) <= set(EQUIPMENT)
