"""Whether each equipment fits the device it hangs on: its kind, its slot, its registers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from facility.model.entries import Device, Meter
from facility.model.index import AnyEquipment, Index
from facility.model.near import listing
from facility.model.problems import Severity
from facility.model.site import Point, points_of_equipment
from facility.model.switching import SWITCH_KINDS
from facility.model.validation import Valid
from facility.model.wires import say
from facility.profiles.schema import Kind, ModbusPoint, PointBase, Profile, Table, WriteSpec
from facility.quantities import Quantity
from facility.text import Text

SWITCHING: Final = (Kind.RELAY, Kind.AC_GATEWAY, Kind.CHILLER)
"""Kinds of profile that can switch equipment."""

PROFILE_KINDS: Final[Mapping[str, tuple[Kind, ...]]] = {
    "indoor_unit": (Kind.AC_GATEWAY,),
    "outdoor_unit": (Kind.AC_GATEWAY, Kind.CHILLER),
    "electricity_meter": (Kind.ELECTRICITY_METER,),
    "water_meter": (Kind.WATER_METER,),
    "gas_meter": (Kind.GAS_METER,),
    "heat_meter": (Kind.HEAT_METER,),
    "climate_sensor": (Kind.SENSOR,),
    "window_contact": (Kind.SENSOR,),
    "door_contact": (Kind.SENSOR,),
    "occupancy_sensor": (Kind.SENSOR,),
    "illuminance_sensor": (Kind.SENSOR,),
    "water_leak": (Kind.SENSOR,),
    "weather_station": (Kind.SENSOR,),
    "kettle": (Kind.RELAY,),
    **dict.fromkeys(SWITCH_KINDS, SWITCHING),
}
"""Kind of equipment -> kinds of profile that can serve it."""

NEEDED_POINTS: Final[Mapping[str, tuple[str, ...]]] = {
    "indoor_unit": ("on", "mode", "setpoint"),
    "electricity_meter": ("energy_import",),
    "water_meter": ("volume",),
    "window_contact": ("open",),
    "door_contact": ("open",),
    "occupancy_sensor": ("present",),
    "illuminance_sensor": ("illuminance",),
    "water_leak": ("leak",),
    "climate_sensor": ("temperature",),
    "weather_station": ("temperature",),
    "kettle": ("on",),
    **dict.fromkeys(SWITCH_KINDS, ("on",)),
}
"""Points without which equipment of a kind tells or does nothing."""

INSTEAD: Final[Mapping[str, tuple[str, ...]]] = {"electricity_meter": ("power",)}
"""Points that do as well as the needed ones: energy can be reckoned from power."""

Register = tuple[str, int]


def check_fittings(index: Index) -> None:
    """Tells equipment that its device cannot serve, and devices that serve nothing."""
    seen: dict[tuple[str, int | None], str] = {}
    for valid, item, profile in index.equipment():
        if index.ids["equipment"].get(item.id) != valid.path:
            continue
        kind = index.kinds.get(item.id, "")
        if profile.kind not in PROFILE_KINDS.get(kind, (profile.kind,)):
            _say_kind(index, valid, item, profile)
            continue
        _check_points(index, valid, kind, profile)
        _check_writable(index, valid, kind, profile)
        if _slot_fits(index, valid, item, profile) and _is_first(index, valid, item, seen):
            _check_registers(index, valid, item, profile)
    _warn_of_unused_devices(index)


def _say_kind(index: Index, valid: Valid, item: AnyEquipment, profile: Profile) -> None:
    kind = index.kinds[item.id]
    expected = "、".join(known.value for known in PROFILE_KINDS[kind])
    what = Text(
        f"`{item.id}` 是 {kind}，而设备 `{item.device}` 的模板 `{profile.profile}` 属于 {profile.kind.value}，"
        f"应为 {expected}",
        f"`{item.id}` is of kind {kind}, but profile `{profile.profile}` of device `{item.device}` is of kind "
        f"{profile.kind.value}; expected {expected.replace('、', ' or ')}",
    )
    say(index, (*valid.path, "device"), "kind", what)


def _check_points(index: Index, valid: Valid, kind: str, profile: Profile) -> None:
    if isinstance(valid.entry, Meter) and valid.entry.per_pulse is not None:
        _check_pulses(index, valid, profile)
        return
    has = {point.id for point in profile.points}
    missing = [name for name in NEEDED_POINTS.get(kind, ()) if name not in has]
    if missing and not has.intersection(INSTEAD.get(kind, ())):
        what = Text(
            f"{kind} 需要测点 {listing(missing)}，而模板 `{profile.profile}` 没有",
            f"kind {kind} needs {listing(missing)}, which profile `{profile.profile}` does not have",
        )
        say(index, (*valid.path, "device"), "kind", what)


def _check_writable(index: Index, valid: Valid, kind: str, profile: Profile) -> None:
    """What is switched needs a point `on` that can be written."""
    if kind != "kettle" and kind not in SWITCH_KINDS:
        return
    on = next((point for point in profile.points if point.id == "on"), None)
    if on is None or (isinstance(on, ModbusPoint) and on.write is not None):
        return
    what = Text(
        f"{kind} 要能开关，而模板 `{profile.profile}` 的测点 `on` 不可写；"
        "请改接 Modbus 继电器（`houqin profiles --kind relay`；MQTT 设备只读不写）",
        f"a {kind} is switched, but point `on` of profile `{profile.profile}` cannot be written;"
        " expected a Modbus relay (`houqin profiles --kind relay`; devices on MQTT are only read)",
    )
    say(index, (*valid.path, "device"), "not_writable", what)


def _check_pulses(index: Index, valid: Valid, profile: Profile) -> None:
    if not any(point.quantity is Quantity.COUNT and _counts(point) for point in profile.points):
        what = Text(
            f"`per_pulse` 需要脉冲计数测点，而模板 `{profile.profile}` 没有",
            f"`per_pulse` needs a point that counts pulses, which profile `{profile.profile}` does not have",
        )
        say(index, (*valid.path, "per_pulse"), "kind", what)


def _counts(point: PointBase) -> bool:
    return point.counter or point.counter_max is not None


def _slot_fits(index: Index, valid: Valid, item: AnyEquipment, profile: Profile) -> bool:
    slots = profile.slots
    if slots is None and item.slot is None:
        return True
    if slots is None:
        what = Text(
            f"设备 `{item.device}` 只有一台，不用 `slot`",
            f"device `{item.device}` hosts one equipment only; expected no `slot`",
        )
        say(index, (*valid.path, "slot"), "slot", what)
        return False
    last = slots.first + slots.count - 1
    if item.slot is None:
        what = Text(
            f"`{item.id}` 缺少 `slot`，网关 `{item.device}` 需要（{slots.first} 至 {last}）",
            f"`{item.id}` has no `slot`, which gateway `{item.device}` needs; expected {slots.first} to {last}",
        )
        say(index, valid.path, "missing_slot", what)
        return False
    if not slots.first <= item.slot <= last:
        what = Text(
            f"`slot` {item.slot} 超出范围，`{profile.profile}` 应为 {slots.first} 至 {last}",
            f"`slot` is {item.slot}; expected {slots.first} to {last} for `{profile.profile}`",
        )
        say(index, (*valid.path, "slot"), "slot", what)
        return False
    return True


def _is_first(index: Index, valid: Valid, item: AnyEquipment, seen: dict[tuple[str, int | None], str]) -> bool:
    assert item.device is not None
    first = seen.setdefault((item.device, item.slot), item.id)
    if first == item.id:
        return True
    where = Text("", "") if item.slot is None else Text(f" 的 slot {item.slot}", f", slot {item.slot},")
    what = Text(
        f"设备 `{item.device}`{where.zh} 已由 `{first}` 使用",
        f"device `{item.device}`{where.en} is already used by `{first}`; expected one equipment each",
    )
    key = "device" if item.slot is None else "slot"
    say(index, (*valid.path, key), "duplicate_slot", what)
    return False


def _check_registers(index: Index, valid: Valid, item: AnyEquipment, profile: Profile) -> None:
    """Two points that are written to one register of one device undo each other."""
    device = next(entry for _, entry in index.draft.of(Device) if entry.id == item.device)
    taken = index.written.setdefault(device.id, [])
    for point in points_of_equipment(item, device, profile):
        register = _written_register(point)
        if register is None:
            continue
        other = next((p for r, p in taken if r == register and _overlap(p, point)), None)
        taken.append((register, point))
        if other is not None:
            what = Text(
                f"可写测点 `{point.id}` 与 `{other.id}` 写同一寄存器（{register[0]} {register[1]}）",
                f"writable points `{point.id}` and `{other.id}` share one register ({register[0]} {register[1]}); "
                "expected a register each",
            )
            say(index, valid.path, "duplicate_register", what)


def _written_register(point: Point) -> Register | None:
    spec = point.spec
    if not isinstance(spec, ModbusPoint) or spec.write is None or point.write_address is None:
        return None
    default = Table.HOLDING if spec.write.group is not None else spec.table
    return (spec.write.table or default.value), point.write_address


def _overlap(first: Point, second: Point) -> bool:
    """Whether two points of one register take the same bits and undo each other; those of one write group and one
    equipment do not, one request is made of both.
    """
    groups = [_write_of(point).group for point in (first, second)]
    if groups[0] is not None and groups[0] == groups[1] and first.equipment == second.equipment:
        return False
    return bool(_bits(first) & _bits(second))


def _write_of(point: Point) -> WriteSpec:
    assert isinstance(point.spec, ModbusPoint)
    assert point.spec.write is not None
    return point.spec.write


def _bits(point: Point) -> set[int]:
    """The bits of its register that a point is written to; all of them where it names none."""
    assert isinstance(point.spec, ModbusPoint)
    write = _write_of(point)
    if write.type is None and write.bit is None and write.bits is None:
        field = point.spec.field
    else:
        field = write.bits if write.bit is None else (write.bit, write.bit)
    return set(range(16)) if field is None else set(range(field[0], field[1] + 1))


def _warn_of_unused_devices(index: Index) -> None:
    if "equipment" in index.blind:
        return
    used = set(_words_of_equipment(index)) | index.nearly["device"]
    for name, path in index.ids["device"].items():
        if name not in used:
            what = Text(
                f"设备 `{name}` 没有装置使用，它的测点不会被读取",
                f"no equipment uses device `{name}`; its points are not read",
            )
            say(index, (*path, "id"), "unused_device", what, severity=Severity.WARNING)


def _words_of_equipment(index: Index) -> Iterator[str]:
    """Every word in an equipment entry, so that a device behind a misspelt key counts as used."""
    for _, node in index.draft.raw("equipment"):
        yield from (item.node.value for item in node.fields.values() if isinstance(item.node.value, str))
