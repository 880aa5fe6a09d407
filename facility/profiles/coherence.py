"""Whether the parts of a profile fit each other: what no single point can tell. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from facility.profiles.gathering import address_of, gathering_of
from facility.profiles.registers import BIT_TABLES
from facility.profiles.schema import ModbusPoint, Profile, Table
from facility.quantities import Quantity
from facility.text import Text

Path = tuple[str | int, ...]
LAST_ADDRESS = 65535


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that does not fit: where it is written (keys and indices) and what is wrong. `word` and `known`: a name
    that is none, and the names there are. `shows_in_use`: the profile can be read with it; whoever uses it for a unit
    is told.
    """

    path: Path
    what: Text
    word: str | None = None
    known: tuple[str, ...] = ()
    shows_in_use: bool = False


def faults_of(profile: Profile) -> Iterator[Fault]:
    """Everything in a profile that does not fit together; nothing for a profile that can be used."""
    for index, point in enumerate(profile.modbus):
        path: Path = ("modbus", index)
        yield from _reach(profile, point, path)
        yield from _sources(profile, point, path)
        yield from _writing(profile, point, path)
    yield from _clashes(profile)
    yield from _unused(profile)
    yield from _recognition(profile)


def _last_slot(profile: Profile) -> int | None:
    return None if profile.slots is None else profile.slots.first + profile.slots.count - 1


def _reach(profile: Profile, point: ModbusPoint, path: Path) -> Iterator[Fault]:
    """A point that no request can read."""
    last = address_of(profile, _last_slot(profile), point) + point.registers - 1
    if last > LAST_ADDRESS:
        yield Fault(
            path=(*path, "address"),
            what=Text(
                f"测点 `{point.id}` 到达地址 {last}，最大为 {LAST_ADDRESS}",
                f"point `{point.id}` reaches address {last}; the last one is {LAST_ADDRESS}",
            ),
        )
    first = profile.slots.first if profile.slots is not None else None
    span = gathering_of(profile, first, point).span
    limit = profile.limits.max_bits if point.table in BIT_TABLES else profile.limits.max_registers
    if span.size > limit:
        key, zh, en = (
            ("type", "", "") if point.group is None and point.plus is None
            else ("group", "连同须一起读取的测点", " with the points that are read with it")
        )  # fmt: skip
        yield Fault(
            path=(*path, key),
            what=Text(
                f"测点 `{point.id}`{zh}占 {span.size} 个寄存器，超过一次请求的上限 {limit}",
                f"point `{point.id}`{en} takes {span.size} registers; one request may read {limit}",
            ),
        )
    for table, begin, end in profile.limits.unreadable:
        if table is point.table and span.touches(begin, end):
            yield Fault(
                path=(*path, "address"),
                what=Text(
                    f"测点 `{point.id}` 落在不可读取的范围 {begin} 至 {end}",
                    f"point `{point.id}` lies in {begin} to {end}, which must not be read",
                ),
            )


def _sources(profile: Profile, point: ModbusPoint, path: Path) -> Iterator[Fault]:
    """Other points that a value hangs on."""
    names: list[tuple[Path, str]] = [
        (("scale_from", index, "point"), scale.point) for index, scale in enumerate(point.scale_from)
    ]
    if point.plus is not None:
        names.append((("plus",), point.plus))
    by_id = {other.id: other for other in profile.modbus}
    for where, name in names:
        source = by_id.get(name)
        if source is None or name == point.id:
            what = Text(f"没有测点 `{name}`", f"there is no other point `{name}`")
            yield Fault(path=(*path, *where), what=what, word=name, known=tuple(by_id))
            continue
        why = _unfit(profile, point, source, is_plus=where == ("plus",))
        if why is not None:
            yield Fault(path=(*path, *where), what=why)


def _unfit(profile: Profile, point: ModbusPoint, source: ModbusPoint, *, is_plus: bool) -> Text | None:
    """Why `source` cannot serve `point`, None when it can."""
    if source.type in ("string", "bit") or source.scale_from or source.plus is not None or source.codes:
        return Text(
            f"`{source.id}` 不是单独的数值，不能用来计算", f"`{source.id}` is no number of its own to reckon with"
        )
    fits = source.table is point.table and source.quantity in (point.quantity, Quantity.COUNT)
    if is_plus and not (source.internal and fits):
        return Text(
            f"`{source.id}` 须为 internal，与 `{point.id}` 同表，quantity 不写或相同",
            f"`{source.id}` must be internal, in the table of `{point.id}`, and of its quantity or of none",
        )
    if not is_plus and source.internal:
        near = gathering_of(profile, None if profile.slots is None else profile.slots.first, point).near
        if source.id not in {spec.id for spec, _ in near}:
            return Text(
                f"`{source.id}` 与 `{point.id}` 相距太远，不能一次读取；去掉 `{source.id}` 的 internal",
                f"`{source.id}` lies too far from `{point.id}` for one request; let it not be internal",
            )
    return None


def _writing(profile: Profile, point: ModbusPoint, path: Path) -> Iterator[Fault]:
    spec = point.write
    if spec is None:
        return
    if point.scale_from or point.plus is not None or point.internal:
        yield Fault(
            path=(*path, "write"),
            what=Text(
                f"测点 `{point.id}` 由其他寄存器决定，不能写入",
                f"point `{point.id}` hangs on others and is not written",
            ),
        )
    if spec.group is None:
        return
    group = profile.write_groups.get(spec.group)
    if group is None:
        what = Text(f"没有写入组 `{spec.group}`", f"there is no write group `{spec.group}`")
        yield Fault(path=(*path, "write", "group"), what=what, word=spec.group, known=tuple(profile.write_groups))
        return
    address = point.address if spec.address is None else spec.address
    if not group.address <= address < group.address + group.count:
        last = group.address + group.count - 1
        yield Fault(
            path=(*path, "write", "address"),
            what=Text(
                f"测点 `{point.id}` 写入地址 {address}，不在写入组 `{group.id}` 的 {group.address} 至 {last} 之内",
                f"point `{point.id}` is written to {address}, not in {group.address} to {last} of group `{group.id}`",
            ),
        )
    if spec.function != group.function or spec.table == "coil":
        yield Fault(
            path=(*path, "write", "function"),
            what=Text(
                f"测点 `{point.id}` 与写入组 `{group.id}` 的功能码不同",
                f"point `{point.id}` and write group `{group.id}` differ in how they are written",
            ),
        )


def _clashes(profile: Profile) -> Iterator[Fault]:
    """Two points that are written to the same bits of one register and would undo each other. In a write group that is
    allowed: there one request is made of both.
    """
    written = [(index, point) for index, point in enumerate(profile.modbus) if point.write is not None]
    for (_, first), (index, second) in combinations(written, 2):
        if _written_bits(first) & _written_bits(second) and not _share_a_group(first, second):
            yield Fault(
                path=("modbus", index, "write"),
                shows_in_use=True,
                what=Text(
                    f"可写测点 `{first.id}` 与 `{second.id}` 写同一寄存器",
                    f"writable points `{first.id}` and `{second.id}` share a register",
                ),
            )


def _share_a_group(first: ModbusPoint, second: ModbusPoint) -> bool:
    assert first.write is not None
    assert second.write is not None
    return first.write.group is not None and first.write.group == second.write.group


def _written_bits(point: ModbusPoint) -> set[tuple[str, int, int]]:
    spec = point.write
    assert spec is not None
    table = Table.HOLDING.value if spec.table is None and spec.group is not None else spec.table or point.table.value
    address = point.address if spec.address is None else spec.address
    own = spec.type is None and spec.bit is None and spec.bits is None
    field = point.field if own else (spec.bits if spec.bit is None else (spec.bit, spec.bit))
    low, high = field or (0, 16 * point.registers - 1)
    return {(table, address + bit // 16, bit % 16) for bit in range(low, high + 1)}


def _unused(profile: Profile) -> Iterator[Fault]:
    """Internal points that nobody needs."""
    needed = {scale.point for point in profile.modbus for scale in point.scale_from}
    needed |= {point.plus for point in profile.modbus if point.plus is not None}
    for index, point in enumerate(profile.modbus):
        if point.internal and point.id not in needed:
            what = Text(f"没有测点用到 `{point.id}`", f"no point needs `{point.id}`, which is internal")
            yield Fault(path=("modbus", index, "internal"), what=what)


def _recognition(profile: Profile) -> Iterator[Fault]:
    known = tuple(point.id for point in profile.points)
    plausible = () if profile.identify is None else profile.identify.plausible
    for index, rule in enumerate(plausible):
        path: Path = ("identify", "plausible", index)
        if rule.point not in known:
            what = Text(f"没有测点 `{rule.point}`", f"there is no point `{rule.point}`")
            yield Fault(path=(*path, "point"), what=what, word=rule.point, known=known)
        if rule.low > rule.high:
            yield Fault(path=(*path, "low"), what=Text("`low` 大于 `high`", "`low` is above `high`"))
