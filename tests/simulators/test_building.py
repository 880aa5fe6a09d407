"""The building behaves: what is switched, opened or turned down shows in rooms and meters."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest

from facility.model import ZoneClass
from facility.profiles import Table
from simulators.physics.layout import Layout
from simulators.physics.loads import KETTLE_KW
from simulators.physics.people import Deed, draw_day
from simulators.physics.plant import COOL, STANDBY_KW
from simulators.world import World
from tests.simulators.buildings import ON, UNIT_401, hot_noon, office, order, settle, site_of
from tests.sites import small_site


def cooled_world(setpoint_c: float) -> World:
    """The small site on a hot noon, all rooms cooled for an hour."""
    site = small_site()
    world = World(site, seed=1, start=hot_noon(site))
    for slot in (0, 1):
        order(world, slot, on=1, setpoint_c=setpoint_c)
    settle(world, 1.0)
    return world


def outdoor_kwh(world: World, hours: float) -> float:
    """What the outdoor unit takes, minute by minute."""
    total = 0.0
    for _ in range(round(hours * 60)):
        total += world.outdoor_power_kw("vrf-1") / 60.0
        world.advance(world.now + timedelta(minutes=1))
    return total


def test_a_cooled_room_comes_to_its_setpoint_and_an_uncooled_one_does_not() -> None:
    site = small_site()
    world = World(site, seed=1, start=hot_noon(site))
    order(world, 0, on=1, setpoint_c=28.0)
    settle(world, 2.0)
    assert 27.5 <= world.value("ac-401.room_temperature") <= 29.2
    assert world.value("ac-402.room_temperature") > 31.0
    assert 30.0 < world.value("climate-401.humidity") < 70.0


def test_off_brings_a_unit_below_standby_power_within_two_minutes_and_the_room_warms() -> None:
    world = cooled_world(28.0)
    assert world.unit_power_kw("ac-401") > 0.3
    before_c = world.value("ac-401.room_temperature")
    world.write("plant", 1, 6, UNIT_401 + ON, [0])
    settle(world, 2 / 60, step_min=1)
    assert world.unit_power_kw("ac-401") < STANDBY_KW
    settle(world, 0.5)
    assert world.value("ac-401.room_temperature") > before_c + 1.0


def test_28_takes_less_outdoor_electricity_than_26() -> None:
    at_26, at_28 = outdoor_kwh(cooled_world(26.0), 3.0), outdoor_kwh(cooled_world(28.0), 3.0)
    assert at_28 < 0.9 * at_26


def test_an_open_window_takes_more() -> None:
    shut, ajar = cooled_world(28.0), cooled_world(28.0)
    ajar.building.rooms.window_open[0] = 1.0
    assert outdoor_kwh(ajar, 1.0) > 1.1 * outdoor_kwh(shut, 1.0)


def test_standby_remains_when_nobody_cools() -> None:
    site = small_site()
    world = World(site, seed=1, start=hot_noon(site))
    order(world, 2, on=0, setpoint_c=28.0)
    settle(world, 0.1)
    assert 0.0 < world.outdoor_power_kw("vrf-1") < 0.1


def test_heating_warms_in_winter() -> None:
    site = small_site()
    start = datetime(2026, 1, 15, 9, tzinfo=site.zone)
    world, cold = World(site, seed=1, start=start), World(site, seed=1, start=start)
    order(world, 0, on=1, setpoint_c=22.0, mode=1)
    for each in (world, cold):
        settle(each, 2.0)
    assert world.value("ac-401.room_temperature") > cold.value("ac-401.room_temperature") + 2.0
    assert world.outdoor_power_kw("vrf-1") > cold.outdoor_power_kw("vrf-1") + 0.3


@pytest.mark.parametrize("hour", [3, 8, 11, 15, 19])
def test_the_circuits_add_up_to_the_main_meter(hour: int) -> None:
    site = office()
    world = World(site, seed=3, start=datetime(2026, 7, 10, hour, tzinfo=site.zone))
    world.building.plant.on[:] = 1.0
    settle(world, 0.5)
    mains = [meter.id for meter in site.meters.values() if meter.kind == "electricity_meter" and meter.parent is None]
    circuits = [meter.id for meter in site.meters.values() if meter.parent in mains]
    assert len(circuits) > 20
    main_kw = sum(world.value(f"{meter}.power") for meter in mains)
    circuits_kw = sum(world.value(f"{meter}.power") for meter in circuits)
    assert circuits_kw <= main_kw
    assert circuits_kw == pytest.approx(main_kw, rel=0.005)
    assert main_kw == pytest.approx(float(world.building.loads_kw.sum()), rel=0.005)


def test_phases_add_up_and_agree_with_voltage_current_and_power_factor() -> None:
    site = office()
    world = World(site, seed=1, start=hot_noon(site))
    meters = [m.id for m in site.meters.values() if {f"{m.id}.current_a", f"{m.id}.power_factor"} <= site.points.keys()]
    assert meters
    for meter in meters:
        value = {name: world.value(f"{meter}.{name}") for name in ("power", "power_factor")}
        phases = [world.value(f"{meter}.power_{phase}") for phase in "abc"]
        assert sum(phases) == pytest.approx(value["power"])
        for phase, power_kw in zip("abc", phases, strict=True):
            voltage, current = world.value(f"{meter}.voltage_{phase}"), world.value(f"{meter}.current_{phase}")
            assert 220.0 < voltage < 240.0
            assert voltage * current * value["power_factor"] / 1000.0 == pytest.approx(power_kw)


def test_the_same_seed_gives_the_same_day_and_another_seed_another() -> None:
    def day(seed: int) -> tuple[list[float], list[tuple[str, str, bytes]]]:
        site = small_site()
        world = World(site, seed=seed, start=datetime(2026, 7, 9, 22, tzinfo=site.zone))
        settle(world, 26.0)
        return list(world.counters().values()), world.messages()

    assert day(7) == day(7)
    assert day(7) != day(8)


def test_a_day_of_people_does_not_depend_on_what_was_simulated_before() -> None:
    layout = Layout(office())
    date = datetime(2026, 7, 9).date()  # noqa: DTZ001, a calendar day
    one, other = (draw_day(layout, 1, date, workday=True) for _ in range(2))
    assert one.acts == other.acts
    assert np.array_equal(one.arrives, other.arrives)


def test_counters_never_go_back_and_agree_with_the_power() -> None:
    site = office()
    world = World(site, seed=2, start=datetime(2026, 7, 9, 22, tzinfo=site.zone))
    before = world.counters()
    begin = before["main-meter.energy_import"]
    power_kwh = 0.0
    for _ in range(24 * 12):
        for _ in range(5):
            power_kwh += world.value("main-meter.power") / 60.0
            world.advance(world.now + timedelta(minutes=1))
        after = world.counters()
        assert all(after[point] >= before[point] for point in before)
        before = after
    assert before["main-meter.energy_import"] - begin == pytest.approx(power_kwh, rel=1e-9)
    assert power_kwh > 100.0


def test_counters_can_be_moved_and_run_on_from_there() -> None:
    site = small_site()
    world = World(site, seed=1, start=hot_noon(site))
    world.set_counters({"meter-401.energy_import": 1000.0})
    assert world.counters()["meter-401.energy_import"] == 1000.0
    settle(world, 1.0)
    assert 1000.1 < world.counters()["meter-401.energy_import"] < 1005.0
    with pytest.raises(KeyError):
        world.set_counters({"meter-401.power": 1.0})


def test_people_come_to_work_on_workdays_and_hardly_anybody_on_rest_days() -> None:
    layout = Layout(office())
    rooms = len(layout.spaces)
    work = draw_day(layout, 1, datetime(2026, 7, 9).date(), workday=True)  # noqa: DTZ001
    rest = draw_day(layout, 1, datetime(2026, 7, 11).date(), workday=False)  # noqa: DTZ001
    assert work.heads(10 * 60, rooms).sum() > 80
    assert work.heads(6 * 60, rooms).sum() < 5
    assert work.heads(12 * 60 + 45, rooms).sum() < 0.7 * work.heads(10 * 60, rooms).sum()
    assert rest.heads(10 * 60, rooms).sum() < 15


def test_a_month_of_people_open_windows_turn_setpoints_down_and_forget_to_switch_off() -> None:
    layout = Layout(office())
    days = [draw_day(layout, 1, datetime(2026, 7, day).date(), workday=True) for day in range(1, 29)]  # noqa: DTZ001
    deeds = [act.deed for day in days for act in day.acts]
    counts = {deed: deeds.count(deed) / len(days) for deed in Deed}
    assert 3 < counts[Deed.OPEN_WINDOW] < 30
    assert 1 < counts[Deed.TURN_DOWN] < 10
    assert 0 < counts[Deed.SWITCH_ON] < 10
    offices = len(layout.rooms_of_class(ZoneClass.OFFICE))
    assert 0.5 * offices < counts[Deed.SWITCH_OFF], "most switch off when they leave"
    assert all(act.setpoint_c <= 26.0 for day in days for act in day.acts if act.deed is Deed.TURN_DOWN)


def test_a_locked_wall_controller_turns_nothing() -> None:
    site = office()
    free, locked = (World(site, seed=1, start=datetime(2026, 7, 10, 8, 30, tzinfo=site.zone)) for _ in range(2))
    for world in (free, locked):
        world.building.plant.on[:] = 1.0
        world.building.plant.mode[:] = COOL
        world.building.plant.setpoint_c[:] = 28.0
    locked.building.plant.lock[:] = 1.0
    for world in (free, locked):
        settle(world, 7.5)
    assert (free.building.plant.setpoint_c < 28.0).any()
    assert (locked.building.plant.setpoint_c == 28.0).all()


def test_the_kettle_boils_and_then_its_power_falls_below_a_tenth() -> None:
    site = office()
    kettle = next(iter(site.kettles.values()))
    point = site.points[f"{kettle.id}.on"]
    assert point.write_address is not None
    device = site.devices[point.device]
    unit = device.unit or 1
    world = World(site, seed=1, start=datetime(2026, 7, 10, 8, 0, tzinfo=site.zone))
    assert world.value(f"{kettle.meter}.power") < 0.1
    world.write(device.link, unit, 5, point.write_address, [1])
    assert world.read(device.link, unit, Table.COIL, point.write_address, 1)[0] & 1
    settle(world, 5 / 60, step_min=1)
    assert world.value(f"{kettle.meter}.power") > 0.9 * KETTLE_KW
    powers = []
    for _ in range(40):
        settle(world, 1 / 60, step_min=1)
        powers.append(world.value(f"{kettle.meter}.power"))
    boiled = next(minute for minute, power in enumerate(powers) if power < 0.1 * KETTLE_KW)
    assert all(power < 0.1 * KETTLE_KW for power in powers[boiled : boiled + 3])


def test_the_archive_stays_cool_and_dry_enough_by_itself() -> None:
    site = office()
    world = World(site, seed=1, start=datetime(2026, 7, 9, 22, tzinfo=site.zone))
    settle(world, 16.0)
    layout = world.building.layout
    row = layout.rooms_of_class(ZoneClass.ARCHIVE)[0]
    assert 14.0 <= world.building.rooms.temperature_c[row] <= 24.0
    assert 35.0 <= world.building.rooms.humidity_pct()[row] <= 65.0


def test_water_is_used_when_people_are_there() -> None:
    site = office()
    world = World(site, seed=1, start=datetime(2026, 7, 10, 1, tzinfo=site.zone))
    water = [point for point in world.counters() if point.endswith(".volume")]
    assert water
    night = {point: -value for point, value in world.counters().items()}
    settle(world, 4.0)
    middle = world.counters()
    settle(world, 5.0)
    settle(world, 4.0)
    day = world.counters()
    used_at_night = sum(middle[point] + night[point] for point in water)
    assert sum(day[point] - middle[point] for point in water) > 5 * used_at_night > 0.0


def test_a_site_with_nothing_but_a_meter_works_too() -> None:
    data = {
        "site": {
            "id": "one", "name": {"zh": "一表"}, "timezone": "UTC", "location": {"latitude": 0, "longitude": 0},
        },
        "buildings": [{"id": "b", "name": {"zh": "楼"}, "floors": [{"id": "f1", "level": 1}]}],
        "links": {"m": {"type": "modbus_tcp", "host": "127.0.0.1", "port": 1502}},
        "devices": [{"id": "d", "profile": "chint_dtsu666", "link": "m", "unit": 1}],
        "equipment": [{"id": "meter", "kind": "electricity_meter", "device": "d", "feeds": {"building": "b"}}],
    }  # fmt: skip
    world = World(site_of(data), seed=1, start=datetime(2021, 1, 1, tzinfo=site_of(data).zone))
    settle(world, 2.0)
    assert world.value("meter.power") > 0.0


def test_the_phases_counters_add_up_to_the_total() -> None:
    site = office()
    world = World(site, seed=1, start=hot_noon(site))
    settle(world, 1.0)
    meters = [meter for meter in site.meters if f"{meter}.energy_import_a" in site.points]
    assert meters
    for meter in meters:
        phases = sum(world.value(f"{meter}.energy_import_{phase}") for phase in "abc")
        assert phases == pytest.approx(world.value(f"{meter}.energy_import"))
