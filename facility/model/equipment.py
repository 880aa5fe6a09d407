"""Entries about equipment: what a device on a wire is to the building."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from facility.model.entry import Entry, EquipmentBase, PointId, Slug
from facility.model.switching import PlantOrder, Switch


class IndoorUnit(EquipmentBase):
    """An indoor unit of a central air-conditioning system. `capacity_kw` is rated cooling, thermal kW. `heat_meter`
    counts what it takes from the water, where there is one (split by heat).
    """

    kind: Literal["indoor_unit"]
    device: Slug
    outdoor_unit: Slug
    capacity_kw: float = Field(gt=0)
    serves: tuple[Slug, ...] = Field(min_length=1)
    heat_meter: Slug | None = None


SplitMethod = Literal["time_capacity", "valve", "heat", "area", "none"]
"""How the electricity of an outdoor unit is shared out: running time x capacity x fan weight (F1), opening of the
expansion valves (F3), heat meters (F4), floor area (F5), or not at all.
"""


class OutdoorUnit(EquipmentBase):
    """The outdoor unit, or the plant, that indoor units hang on. `meter` measures it; what it counts is shared out to
    the indoor units by the method `split`; `standby_kw` of it (crankcase heaters, standby) by capacity, whoever ran.

    A `vrf` is never power-switched. A plant of `chilled_water` is started and stopped in the `order` of its parts, and
    its indoor units are fan coils.
    """

    kind: Literal["outdoor_unit"]
    plant: Literal["vrf", "chilled_water"] = "vrf"
    order: PlantOrder | None = None
    capacity_kw: float | None = Field(None, gt=0)
    meter: Slug | None = None
    split: SplitMethod = "time_capacity"
    standby_kw: float = Field(0.0, ge=0)


class Feeds(Entry):
    """What a meter measures: exactly one of these."""

    office: Slug | None = None
    space: Slug | None = None
    building: Slug | None = None
    equipment: Slug | None = None

    @property
    def target(self) -> tuple[str, str] | None:
        """(kind, id) of what is fed, None when nothing is named."""
        for kind in ("office", "space", "building", "equipment"):
            value = getattr(self, kind)
            if value is not None:
                return kind, value
        return None


Item = Literal["lighting_sockets", "air_conditioning", "power", "special"]
"""The four items of the national guideline: 照明插座, 空调, 动力, 特殊 (DEVICES 2.1)."""


SubItem = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
"""What an item is divided into, by its name in the site's code table: `lifts` of `power`."""


class Meter(EquipmentBase):
    """A meter. `parent` is the meter upstream; a meter without one is a main meter. `max_power_kw` is what the circuit
    of an electricity or heat meter can carry (thermal kW of the latter), `max_flow_m3_h` the same of a water or gas
    meter; a faster counter is not believed. `start_limit_kw`: starts behind an electricity meter wait while its power
    with theirs would be above that. `bidirectional`: its counter may run backwards. `per_pulse`: what one count of its
    pulse input stands for, in the medium's unit, where it has no register of its own. `sub_item` says more about the
    `item`.
    """

    kind: Literal["electricity_meter", "water_meter", "gas_meter", "heat_meter"]
    device: Slug
    feeds: Feeds = Feeds()
    item: Item | None = None
    sub_item: SubItem | None = None
    parent: Slug | None = None
    max_power_kw: float | None = Field(None, gt=0)
    start_limit_kw: float | None = Field(None, gt=0)
    max_flow_m3_h: float | None = Field(None, gt=0)
    bidirectional: bool = False
    per_pulse: float | None = Field(None, gt=0)


class VirtualMember(Entry):
    """A meter that a virtual meter is made of: `percent` of what it counts is added, taken off where negative."""

    meter: Slug
    percent: float = Field(100.0, ge=-1000, le=1000)


class VirtualMeter(EquipmentBase):
    """A meter that is reckoned: the sum of its members, which are meters (or virtual meters) of one medium. Like a
    meter it feeds something and has a place in the tree where it has a `parent` or is one; otherwise it stands beside.
    """

    kind: Literal["virtual_meter"]
    device: None = None
    slot: None = None
    members: tuple[VirtualMember, ...] = Field(min_length=1)
    feeds: Feeds = Feeds()
    item: Item | None = None
    sub_item: SubItem | None = None
    parent: Slug | None = None


SensorKind = Literal[
    "climate_sensor", "window_contact", "door_contact", "occupancy_sensor", "illuminance_sensor", "water_leak",
    "weather_station",
]  # fmt: skip
"""What a sensor senses."""


class Sensor(EquipmentBase):
    """A sensor that serves rooms, or the outdoor weather station. A light sensor that serves no room is outdoors."""

    kind: SensorKind
    device: Slug
    serves: tuple[Slug, ...] = ()


class Kettle(EquipmentBase):
    """A drinking-water boiler on a relay (`device`, `slot`). `meter` tells when it has boiled, `level` is the point
    of a low-water sensor, `valve` the valve in its supply pipe.
    """

    kind: Literal["kettle"]
    device: Slug
    meter: Slug | None = None
    level: PointId | None = None
    valve: Slug | None = None
    serves: tuple[Slug, ...] = ()


Equipment = Annotated[
    IndoorUnit | OutdoorUnit | Meter | VirtualMeter | Sensor | Kettle | Switch, Field(discriminator="kind")
]
