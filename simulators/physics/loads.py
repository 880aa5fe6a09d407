"""Everything that draws electricity besides air-conditioning: lamps, sockets, servers, lifts, pumps, kettles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from facility.model import ZoneClass
from facility.model.switching import SwitchKind
from simulators.physics.layout import Floats, Ints, Layout, seed_of
from simulators.physics.switches import Switches
from simulators.weather import Outdoor

LAMPS_KW_PER_M2: Final = 0.007
HALL_NIGHT_KW_PER_M2: Final = 0.001
DESK_KW: Final = 0.10
DESK_IDLE_KW: Final = 0.006
ROOM_BASE_KW: Final = 0.02
SERVERS_OF_CAPACITY: Final = 0.45
CORRIDOR_DAY_KW: Final = 0.30
CORRIDOR_NIGHT_KW: Final = 0.06
LIFT_STANDBY_KW: Final = 0.25
LIFT_BUSY_KW: Final = 2.2
PUMP_STANDBY_KW: Final = 0.05
PUMP_KWH_PER_M3: Final = 0.45

KETTLE_KW: Final = 6.0
KETTLE_LITRES: Final = 25.0
KETTLE_STANDBY_KW: Final = 0.004
BOILED_C: Final = 98.0
REHEAT_C: Final = 90.0
KETTLE_LOSS_W_PER_K: Final = 1.8
DRINK_L_PER_HEAD_H: Final = 0.18
WATER_KJ_PER_L_K: Final = 4.186
LEAST_LITRES: Final = 5.0
COLD_WATER_C: Final = 20.0

ITEM_OF_SWITCH: Final[dict[SwitchKind, str]] = {
    "lighting": "lighting_sockets", "landscape_lighting": "lighting_sockets", "lift": "power",
    "dehumidifier": "air_conditioning", "socket_circuit": "lighting_sockets", "pump": "air_conditioning",
    "valve": "power", "chiller": "air_conditioning",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """One load and where it belongs, as ids, for the assignment to meters; None where it belongs to nothing such."""

    item: str
    space: str | None = None
    office: str | None = None
    building: str | None = None
    equipment: str | None = None


class Kettles:
    """Drinking-water boilers: heat while the relay is on and the water is below boiling. Cold water comes after what is
    drawn, through an open valve only.
    """

    def __init__(self, layout: Layout, switches: Switches) -> None:
        count = len(layout.kettles)
        rows = {item.id: row for row, item in enumerate(layout.switches)}
        self._switches = switches
        self._valve = np.array([rows.get(kettle.valve or "", -1) for kettle in layout.kettles], dtype=np.int64)
        self.litres: Floats = np.full(count, KETTLE_LITRES)
        self.on: Floats = np.zeros(count)
        self.water_c: Floats = np.full(count, 25.0)
        self.heating: Floats = np.zeros(count)
        self.power_kw: Floats = np.full(count, KETTLE_STANDBY_KW)

    def step(self, seconds: float, heads: float) -> None:
        """`heads`: people in the building; they draw from all kettles alike."""
        count = len(self.on)
        if count == 0:
            return
        drawn_l_s = np.where(self.litres > LEAST_LITRES, heads * DRINK_L_PER_HEAD_H / 3600.0 / count, 0.0)
        fills = self._switches.powered(self._valve) > 0
        self._fill(fills)
        boils = np.where(self.heating > 0, self.water_c < BOILED_C, self.water_c < REHEAT_C)
        self.heating = ((self.on > 0) & boils).astype(np.float64)
        heat_w = (
            self.heating * KETTLE_KW * 1000.0
            - KETTLE_LOSS_W_PER_K * (self.water_c - 25.0)
            - np.where(fills, drawn_l_s, 0.0) * WATER_KJ_PER_L_K * 1000.0 * (self.water_c - COLD_WATER_C)
        )
        self.litres = np.where(fills, self.litres, self.litres - drawn_l_s * seconds)
        self.water_c = np.minimum(self.water_c + heat_w * seconds / (self.litres * WATER_KJ_PER_L_K * 1000.0), 100.0)
        self.power_kw = KETTLE_STANDBY_KW * (self.on > 0) + KETTLE_KW * self.heating

    def _fill(self, fills: np.ndarray) -> None:
        """An opened valve fills up with cold water at once."""
        cold = (KETTLE_LITRES - self.litres) * fills
        self.water_c = (self.water_c * self.litres + cold * COLD_WATER_C) / (self.litres + cold)
        self.litres = self.litres + cold


@dataclass(frozen=True, slots=True, kw_only=True)
class Inside:
    """What people are there and do: heads and heaters per room, and the switches whose lamps they forgot."""

    heads: Floats
    heaters_kw: Floats
    forgotten: Floats


class HouseLoads:
    """Power of rooms, servers, corridors, lifts and pumps. `lit` is the share of each room's lamps that burn."""

    def __init__(self, layout: Layout, seed: int, switches: Switches) -> None:
        self._switches = switches
        rng = np.random.default_rng(seed_of(seed, "loads"))
        count = len(layout.spaces)
        self._layout = layout
        self._wobble_s = rng.uniform(300.0, 1500.0, count)
        self._wobble_at = rng.uniform(0.0, 2 * np.pi, count)
        self._lamps_kw = layout.area_m2 * LAMPS_KW_PER_M2 * rng.uniform(0.8, 1.2, count)
        self._seats = np.array(layout.heads_of_room(), dtype=np.float64)
        self._hall = _marks(layout, ZoneClass.PUBLIC)
        self._archive = _marks(layout, ZoneClass.ARCHIVE)
        self._servers_kw = self._server_power_kw()
        self.lit: Floats = np.zeros(count)
        self.rooms_kw: Floats = np.zeros(count)
        self._switched_kw: Floats = np.zeros(count)
        self.servers_kw: Floats = self._servers_kw.copy()
        self.corridors_kw: Floats = np.zeros(layout.floor_count)
        self.lifts_kw: Floats = np.zeros(len(layout.site.buildings))
        self.pumps_kw: Floats = np.zeros(len(layout.site.buildings))

    def step(
        self, time_s: float, hour: float, people: Inside, outdoor: Outdoor, water_m3_h: float
    ) -> None:  # fmt: skip
        """Sets the power for now. `time_s` any running time, `hour` local hour of the day."""
        heads = people.heads
        wobble = 1.0 + 0.07 * np.sin(time_s / self._wobble_s + self._wobble_at)
        self._light_rooms(hour, people, outdoor)
        lamps = self._lamps_kw * self.lit * wobble
        always = self._hall * self._layout.area_m2 * HALL_NIGHT_KW_PER_M2 * wobble
        idle = ROOM_BASE_KW * (1.0 - 0.5 * self._archive) + self._seats * DESK_IDLE_KW
        sockets = ((idle + heads * DESK_KW) * wobble + people.heaters_kw) * self._switches.powered(
            self._switches.sockets_of
        )
        self._share_out(lamps, sockets, always)
        self.servers_kw = self._servers_kw * (1.0 + 0.04 * (wobble - 1.0) / 0.07)
        self._light_corridors(hour, people)
        buildings = max(1, len(self.lifts_kw))
        busy = min(1.0, float(heads.sum()) / 120.0) * (0.5 + 0.5 * np.sin(time_s / 47.0) ** 2)
        by_building = 0.0 if self._switches.has_lifts else LIFT_STANDBY_KW + LIFT_BUSY_KW * busy / buildings
        self.lifts_kw = np.full(len(self.lifts_kw), by_building)
        self._switches.draw(hour, outdoor, LIFT_BUSY_KW * busy)
        self.pumps_kw = np.full(len(self.pumps_kw), PUMP_STANDBY_KW + PUMP_KWH_PER_M3 * water_m3_h / buildings)

    def heat_w(self) -> Floats:
        """What the rooms' lamps, sockets and servers give to the rooms' air."""
        return (self.rooms_kw + self._switched_kw + self.servers_kw) * 1000.0 + self._switches.heat_w

    def _light_rooms(self, hour: float, people: Inside, outdoor: Outdoor) -> None:
        """Lamps burn where somebody is; in halls while they are open, and where they were forgotten."""
        switches = self._switches
        dusk = 1.0 if outdoor.irradiance_w_m2 < 150.0 else 0.75
        open_ = np.maximum(float(7.0 <= hour < 19.0), _of(people.forgotten, switches.lamps_of))
        lit = np.where(self._hall > 0, open_, np.where(people.heads > 0, dusk, 0.0))
        self.lit = lit * switches.powered(switches.lamps_of)

    def _share_out(self, lamps: Floats, sockets: Floats, always: Floats) -> None:
        """What hangs on a switched circuit is that circuit's, the rest the room's."""
        switches = self._switches
        on_lamps, on_sockets = switches.lamps_of >= 0, switches.sockets_of >= 0
        self._switched_kw = lamps * on_lamps + sockets * on_sockets
        self.rooms_kw = lamps + sockets + always - self._switched_kw
        switches.carry(switches.lamps_of, lamps)
        switches.carry(switches.sockets_of, sockets)

    def _light_corridors(self, hour: float, people: Inside) -> None:
        """A corridor's emergency lamps always burn; the others by day, or all night where they were forgotten."""
        switches = self._switches
        rows = switches.corridor_of
        burns = np.maximum(float(6.5 <= hour < 20.5), _of(people.forgotten, rows)) * switches.powered(rows)
        lamps = (CORRIDOR_DAY_KW - CORRIDOR_NIGHT_KW) * burns
        self.corridors_kw = CORRIDOR_NIGHT_KW + np.where(rows >= 0, 0.0, lamps)
        switches.carry(rows, lamps)

    def _server_power_kw(self) -> Floats:
        layout = self._layout
        power = np.zeros(len(layout.spaces))
        for row in layout.rooms_of_class(ZoneClass.SERVER_ROOM):
            cooling_kw = float((layout.share_of_room[:, row] * layout.capacity_kw).sum())
            power[row] = SERVERS_OF_CAPACITY * cooling_kw if cooling_kw > 0 else 0.1 * float(layout.area_m2[row])
        return power


def loads_of(layout: Layout) -> list[Load]:
    """All electric loads, in the order in which `PhysicalBuilding` lines up their power."""
    site = layout.site
    floor_building = {floor.id: building.id for building in site.buildings.values() for floor in building.floors}
    rooms = [
        (space.id, space.office or space.responsible_office, floor_building.get(space.floor)) for space in layout.spaces
    ]
    lamps = [Load(item="lighting_sockets", space=s, office=o, building=b) for s, o, b in rooms]
    servers = [Load(item="special", space=s, office=o, building=b) for s, o, b in rooms]
    units = [_served("air_conditioning", unit.id, unit.serves, rooms) for unit in layout.units]
    building = next(iter(site.buildings), None)
    outdoor = [Load(item="air_conditioning", equipment=item.id, building=building) for item in layout.outdoor_units]
    kettles = [_served("special", item.id, item.serves, rooms) for item in layout.kettles]
    corridors = [Load(item="lighting_sockets", building=floor_building[floor]) for floor in site.floors]
    lifts = [Load(item="power", building=name) for name in site.buildings]
    switches = [_served(ITEM_OF_SWITCH[item.kind], item.id, item.serves, rooms) for item in layout.switches]
    return [*lamps, *servers, *units, *outdoor, *kettles, *corridors, *lifts, *lifts, *switches]


def _served(
    item: str, equipment: str, serves: tuple[str, ...], rooms: list[tuple[str, str | None, str | None]]
) -> Load:
    for space, office, building in rooms:
        if serves and space == serves[0]:
            return Load(item=item, equipment=equipment, space=space, office=office, building=building)
    return Load(item=item, equipment=equipment, building=rooms[0][2] if rooms else None)


def _of(values: Floats, rows: Ints) -> Floats:
    """For each place the value of the switch it hangs on, 0 where it hangs on none."""
    return np.where(rows >= 0, values[rows], 0.0) if len(values) else np.zeros(len(rows))


def _marks(layout: Layout, kind: ZoneClass) -> Floats:
    marks = np.zeros(len(layout.spaces))
    marks[layout.rooms_of_class(kind)] = 1.0
    return marks
