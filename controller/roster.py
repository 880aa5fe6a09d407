"""Which equipment the controller acts on, and by which rules."""

from __future__ import annotations

from collections.abc import Mapping

from controller.policy.schema import Parameters
from controller.policy.site_policy import ClassRules, SitePolicy
from controller.records import Record, Sort
from facility.envelope import OnLoss
from facility.model import IndoorUnit, Kettle, Meter, Site, Switch
from facility.model.entries import OutdoorUnit, ZoneClass
from facility.text import Text

STATE_NAMES = ("on", "mode", "setpoint", "fan")


def build_records(site: Site, policy: SitePolicy) -> dict[str, Record]:
    """A record for every indoor unit, kettle and switch, in the order of the site file."""
    parts = {part: order.host for plant in site.plants.values() if (order := plant.order) for part in order.parts}
    records: dict[str, Record] = {}
    for item in site.equipment.values():
        if isinstance(item, IndoorUnit | Kettle | Switch):
            records[item.id] = _record(site, policy, item, len(records), parts)
    return records


def _record(
    site: Site, policy: SitePolicy, item: IndoorUnit | Kettle | Switch, number: int, parts: Mapping[str, str]
) -> Record:  # fmt: skip
    zone_class = site.spaces[item.serves[0]].zone_class if item.serves else ZoneClass.PUBLIC
    rules = policy.of_class(zone_class)
    sort = _sort(item, rules, parts)
    is_windowed = sort in (Sort.UNIT, Sort.CLIMATE) and "window" in rules.enforced
    stops = sort is Sort.KETTLE or is_windowed or parts.get(item.id) == item.id
    return Record(
        id=item.id,
        kind=item.kind,
        sort=sort,
        name=_name(site, item),
        rules=rules,
        on_loss=OnLoss.STOP if stops else OnLoss.KEEP,
        group=_feeder(site, item) if isinstance(item, IndoorUnit) else item.id,
        has=frozenset(name for name in STATE_NAMES if site.point_of(item.id, name) is not None),
        number=number,
        room_steps=room_steps(rules.parameters),
    )


def _sort(item: IndoorUnit | Kettle | Switch, rules: ClassRules, parts: Mapping[str, str]) -> Sort:
    if isinstance(item, IndoorUnit):
        return Sort.CLIMATE if rules.is_climate else Sort.UNIT
    if isinstance(item, Kettle):
        return Sort.KETTLE
    return Sort.PART if item.id in parts else Sort.SWITCH


def _feeder(site: Site, unit: IndoorUnit) -> str:
    """What starts must not come together on: the line from the main meter that the outdoor unit hangs on, which it may
    share with others; the outdoor unit itself where no meter tells.
    """
    outdoor = site.equipment.get(unit.outdoor_unit)
    meter = _meter_of(site, outdoor) if isinstance(outdoor, OutdoorUnit) else None
    while meter is not None:
        above = site.meters.get(meter.parent or "")
        if above is None or above.parent is None:
            return meter.id
        meter = above
    return unit.outdoor_unit


def _meter_of(site: Site, outdoor: OutdoorUnit) -> Meter | None:
    if outdoor.meter is not None:
        return site.meters.get(outdoor.meter)
    return next((meter for meter in site.meters.values() if meter.feeds.equipment == outdoor.id), None)


def room_steps(p: Parameters) -> tuple[float, ...]:
    """The room temperatures, degrees Celsius, at which the limits of rooms change their mind."""
    cool_c, heat_c, slack_k = p.room_min_cool_c, p.room_max_heat_c, p.room_tolerance_k
    return tuple(sorted((cool_c - slack_k, cool_c, heat_c, heat_c + slack_k)))


def _name(site: Site, item: IndoorUnit | Kettle | Switch) -> Text:
    """What people call it: its office and its own name."""
    own = item.text if item.name is not None else Text(f"室内机 {item.id}", f"indoor unit {item.id}")
    if isinstance(item, Kettle) and item.name is None:
        own = Text(f"开水壶 {item.id}", f"kettle {item.id}")
    office = site.office_of(item.id)
    if office is None:
        return own
    name = site.offices[office].name.text
    return Text(f"{name.zh} {own.zh}", f"{name.en}, {own.en}")
