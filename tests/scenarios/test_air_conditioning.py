"""Every air-conditioning clause that is enforced, over real Modbus and MQTT: one scenario named after each."""

from __future__ import annotations

from typing import Any

import pytest

from facility.commands import Confirmed, Mode, Refused, Role, Wish
from facility.filings import FilingKind, Relaxation
from tests.scenarios.house import SATURDAY, WINTER, House, filing, living
from tests.servers import Server

pytestmark = [pytest.mark.asyncio, pytest.mark.timeout(120), pytest.mark.server]

COLD = {"weather.temperature": 8.0, "climate-401.temperature": 16.0, "ac-402.room_temperature": 16.0}


async def check(house: House, *steps: tuple[str, bool, str]) -> None:
    """Lives through (time of day, whether the unit then runs, a clause in its chain)."""
    for clock, on, clause in steps:
        await house.until(clock)
        assert (clock, house.is_on()) == (clock, on), house.decision().sentence.zh
        assert clause in house.clauses(), (clock, house.decision().sentence.zh)


def winter(house: House, max_c: float = 10.0) -> None:
    """A cold day."""
    house.max_c = max_c
    for point, value in COLD.items():
        house.force(point, value)


async def test_ac_01_cooling_is_supplied_when_the_forecast_reaches_30(broker: Server) -> None:
    async with living(broker) as house:
        house.max_c = 29.9
        await check(house, ("08:30", False, "AC-01"))
        house.max_c = 30.0
        await check(house, ("08:45", True, "AC-01"))
        house.max_c = 25.0
        await check(house, ("09:30", True, "AC-01"))


async def test_ac_01_without_any_forecast_nothing_is_newly_permitted(broker: Server) -> None:
    async with living(broker) as house:
        house.max_c = None
        await check(house, ("08:30", False, "AC-01"))
        assert "forecast_missing" in house.alarms()


async def test_ac_02_heating_is_supplied_when_the_forecast_stays_at_15_or_below(broker: Server) -> None:
    async with living(broker, day=WINTER) as house:
        winter(house, max_c=15.1)
        await check(house, ("08:30", False, "AC-02"))
        house.max_c = 15.0
        await check(house, ("08:45", True, "AC-02"))
        assert house.shows("ac-401.mode") == 1.0
        assert house.setpoint_c() == 24.0


async def test_ac_03_rooms_are_not_cooled_below_28(broker: Server) -> None:
    async with living(broker) as house:
        await check(house, ("08:20", True, "AC-03"))
        house.force("climate-401.temperature", 27.3)
        await check(house, ("08:40", False, "AC-03"))
        house.force("climate-401.temperature", 27.8)
        await check(house, ("09:00", False, "AC-03"))
        house.force("climate-401.temperature", 28.4)
        await check(house, ("09:20", True, "AC-03"))


async def test_ac_03_rooms_are_not_heated_above_24(broker: Server) -> None:
    async with living(broker, day=WINTER) as house:
        winter(house)
        await check(house, ("08:20", True, "AC-03"))
        house.force("climate-401.temperature", 24.7)
        await check(house, ("08:40", False, "AC-03"))


async def test_ac_03_a_setpoint_below_28_set_at_the_wall_is_put_back(broker: Server) -> None:
    async with living(broker) as house:
        await house.until("08:20")
        house.at_wall("ac-401", setpoint_c=26.0)
        await house.until("08:21")
        assert house.setpoint_c() == 26.0
        await house.until("08:24")
        assert house.setpoint_c() == 28.0
        house.at_wall("ac-401", setpoint_c=29.0)
        await house.until("08:40")
        assert house.setpoint_c() == 29.0


async def test_ac_04_days_of_rest_have_no_supply_unless_it_is_filed(broker: Server) -> None:
    async with living(broker, day=SATURDAY) as house:
        await check(house, ("09:00", False, "AC-04"))
        house.file(filing("09:10", "10:00", SATURDAY, relaxes=Relaxation(holiday=True)))
        await check(house, ("09:15", True, "AC-04"), ("10:03", False, "AC-04"))


async def test_ac_05_supply_is_from_8_to_17(broker: Server) -> None:
    async with living(broker, start="07:50") as house:
        await check(house, ("07:59", False, "AC-05"), ("08:02", True, "AC-05"))
    async with living(broker, start="16:20") as house:
        await check(house, ("16:40", True, "AC-05"), ("17:02", False, "AC-05"))


async def test_ac_05_a_notice_extends_supply(broker: Server) -> None:
    async with living(broker, start="16:20") as house:
        notice = filing("17:00", "18:00", kind=FilingKind.NOTICE, relaxes=Relaxation(hours=True), reason="防汛会商")
        house.file(notice)
        await check(house, ("17:30", True, "AC-05"), ("18:02", False, "AC-05"))


async def test_ac_06_cooling_stops_below_30_outdoors_and_comes_back_after_its_lockout(broker: Server) -> None:
    async with living(broker) as house:
        await check(house, ("08:15", True, "AC-06"))
        house.force("weather.temperature", 29.0)
        await check(house, ("08:40", False, "AC-06"))
        house.force("weather.temperature", 33.0)
        await check(house, ("08:55", False, "AC-06"), ("09:20", True, "AC-06"))


@pytest.mark.parametrize(("weather", "rain"), [({"code": 61}, 0.0), ({"cloud_percent": 95.0}, 0.0), ({}, 2.0)], ids=str)
async def test_ac_06_cooling_stops_in_rain_and_under_an_overcast_sky(
    broker: Server, weather: dict[str, Any], rain: float
) -> None:
    async with living(broker) as house:
        await check(house, ("08:10", True, "AC-06"))
        for name, value in weather.items():
            setattr(house, name, value)
        house.force("weather.rain", rain)
        await check(house, ("08:25", True, "AC-06"), ("08:55", False, "AC-06"))


async def test_ac_07_heating_stops_above_15_outdoors(broker: Server) -> None:
    async with living(broker, day=WINTER) as house:
        winter(house)
        await check(house, ("08:15", True, "AC-07"))
        house.force("weather.temperature", 16.0)
        await check(house, ("08:40", False, "AC-07"))


async def test_ac_07_sunshine_stops_heating_where_the_office_says_so(broker: Server) -> None:
    policy = {"parameters": {"sunshine_stop": "enforce"}}
    async with living(broker, day=WINTER, start="09:30", policy=policy) as house:
        winter(house)
        await check(house, ("09:50", True, "AC-07"))
        house.cloud_percent = 5.0
        await check(house, ("10:35", False, "AC-07"))


async def test_ac_08_nothing_runs_with_the_window_open(broker: Server) -> None:
    async with living(broker) as house:
        await check(house, ("08:10", True, "AC-05"))
        house.force("window-401.open", 1.0)
        await check(house, ("08:14", False, "AC-08"))
        order = house.order(Wish(on=True))
        await house.until("08:16")
        assert isinstance(house.outcome(order), Refused)
        assert house.outcome(order).clause == "AC-08"
        house.force("window-401.open", 0.0)
        await check(house, ("08:22", True, "AC-05"))


async def test_ac_09_an_empty_office_is_switched_off(broker: Server) -> None:
    async with living(broker) as house:
        await check(house, ("08:10", True, "AC-05"))
        house.force("presence-401.present", 0.0)
        await check(house, ("08:25", True, "AC-05"), ("08:33", False, "AC-09"))
        house.force("presence-401.present", 1.0)
        await check(house, ("08:40", True, "AC-05"))


async def test_ac_10_a_section_operates_its_own_equipment_and_no_other(broker: Server) -> None:
    async with living(broker) as house:
        await house.until("08:10")
        own = house.order(Wish(setpoint_c=29.0), role=Role.SECTION_OPERATOR, office="finance")
        other = house.order(Wish(setpoint_c=29.0), role=Role.SECTION_OPERATOR, office="general")
        lower = house.order(Wish(setpoint_c=26.0), "ac-402")
        await house.until("08:15")
        assert isinstance(house.outcome(own), Confirmed)
        assert house.setpoint_c() == 29.0
        assert (house.outcome(other).clause, house.outcome(lower).clause) == ("AC-10", "AC-03")


async def test_ac_11_the_duty_room_may_switch_what_the_rules_permit(broker: Server) -> None:
    policy = {"zone_classes": {"office": {"start": "permit_only"}}}
    async with living(broker, policy=policy) as house:
        await house.until("08:10")
        assert not house.is_on()
        order = house.order(Wish(on=True, mode=Mode.COOL, setpoint_c=28.0), role=Role.DUTY_ROOM)
        await house.until("08:13")
        assert isinstance(house.outcome(order), Confirmed)
        assert house.is_on()
