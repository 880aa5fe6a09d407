"""What fails is shown as what it is, never as zero; the rest goes on; nothing that was heard is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.houqin.standing import Standing, standing, until
from tests.pages.browser import Browser, chromium
from tests.servers import mosquitto

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def broker_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with mosquitto(tmp_path_factory.mktemp("broker")) as server:
        yield server.port


async def alarmed(here: Standing, key: str, *, zh: str, en: str) -> None:
    """Returns when the alarm stands with these words in it."""

    async def told() -> bool:
        return key in await here.alarms()

    await until(told, f"alarm {key}")
    text = (await here.alarms())[key]
    assert zh in text["zh"]
    assert en in text["en"]


async def healed(here: Standing, *alarms: str) -> None:
    """Returns when everything is good again and the alarms are gone."""

    async def well() -> bool:
        return await here.all_good() and not set(alarms) & set(await here.alarms())

    await until(well, "everything as before")


@pytest.mark.asyncio
async def test_a_meter_falls_silent_and_another_refuses_and_the_third_goes_on(tmp_path: Path, broker_port: int) -> None:
    async with standing(tmp_path, broker_port) as here:
        here.faults.silence("meters", 11)
        here.faults.refuse("meters", 12, code=4)
        silent, refusing = here.points_of("m-401"), here.points_of("m-402")
        await here.shows_bad(silent, "timeout")
        await here.shows_bad(refusing, "exception")
        await here.goes_on_without(silent | refusing)
        await alarmed(here, "device_down:m-401", zh="线路 meters 上的设备 m-401", en="device m-401 on line meters")
        await alarmed(here, "device_down:m-402", zh="线路 meters 上的设备 m-402", en="device m-402 on line meters")
        board = await here.get("/board")
        powers = {office["id"]: office["power"]["value"] for office in board["offices"]}
        assert powers == {"finance": None, "general": None}, "not known is not zero"
        assert board["power"]["value"] > 0
        here.faults.heal("meters", 11)
        here.faults.heal("meters", 12)
        await healed(here, "device_down:m-401", "device_down:m-402")


@pytest.mark.asyncio
async def test_a_line_that_hangs_up_is_one_alarm_and_comes_back_by_itself(tmp_path: Path, broker_port: int) -> None:
    async with standing(tmp_path, broker_port) as here:
        here.faults.hang_up("plant")
        here.serving.lines["plant"].drop_connections()
        units = here.points_of("vrf-gw")
        await here.shows_bad(units, "link_down")
        await here.goes_on_without(units)
        await alarmed(here, "link_down:plant", zh="线路 plant（127.0.0.1", en="line plant (127.0.0.1")
        assert "device_down:vrf-gw" not in await here.alarms(), "one cause, one alarm"
        shown = [unit for office in (await here.get("/board"))["offices"] for unit in office["units"]]
        assert [(unit["on"], unit["setpoint_c"], unit["reachable"]) for unit in shown] == [(None, None, False)] * 3
        here.faults.heal("plant")
        await healed(here, "link_down:plant")


@pytest.mark.asyncio
async def test_impossible_values_are_refused_one_by_one(tmp_path: Path, broker_port: int) -> None:
    async with standing(tmp_path, broker_port) as here:
        here.faults.force("ac-401.room_temperature", 99.0)
        here.faults.force("ac-402.setpoint", None)
        here.faults.force("climate-401.temperature", 99.0)
        await here.shows_bad({"ac-401.room_temperature", "climate-401.temperature"}, "out_of_range")
        await here.shows_bad({"ac-402.setpoint"}, "not_available")
        forced = {"ac-401.room_temperature", "ac-402.setpoint", "climate-401.temperature"}
        await here.goes_on_without(forced)
        here.faults.heal()
        await healed(here)


GARBAGE = (b"\xff\xfe\x00", b'{"temperature": NaN}', b"[" * 5000, b'{"temperature": "warm", "humidity": []}')


@pytest.mark.asyncio
async def test_a_message_nobody_understands_leaves_its_sensor_without_a_value(tmp_path: Path, broker_port: int) -> None:
    async with standing(tmp_path, broker_port) as here:
        for garbage in GARBAGE:
            here.faults.say("sensors", "site/r401/climate", garbage)
            await until(lambda: is_refused(here), f"{garbage[:20]!r} refused")
            await here.goes_on_without(here.points_of("th-401"))
            await healed(here)


async def is_refused(here: Standing) -> bool:
    point = (await here.live())["climate-401.temperature"]
    if point["quality"] == "good":
        return False
    assert point["value"] is None
    return point["reason"] in ("bad_payload", "not_a_number")


@pytest.mark.asyncio
async def test_a_setpoint_that_is_acknowledged_and_not_obeyed_is_told_with_what_was_read(
    tmp_path: Path, broker_port: int
) -> None:
    async with standing(tmp_path, broker_port) as here:
        here.faults.force("ac-archive.setpoint", 22.0)
        order = await here.order("ac-archive", setpoint_c=20.0, reason="files arrive")

        async def ended() -> bool:
            return (await here.get(f"/commands/{order}"))["state"] not in ("proposed", "sent")

        await until(ended, "an end of the order")
        told = await here.get(f"/commands/{order}")
        assert (told["state"], told["read"]["setpoint_c"]) == ("not_effective", 22.0)
        await alarmed(
            here, "not_effective:ac-archive", zh="命令已应答但未生效", en="acknowledged and did not take effect"
        )
        await here.goes_on_without(set())
        here.faults.heal()
        await healed(here, "not_effective:ac-archive")

        async def obeyed() -> bool:
            return bool((await here.live())["ac-archive.setpoint"]["value"] == 20.0)

        await until(obeyed, "the setpoint taken")


@pytest.mark.browser
def test_the_page_shows_what_fails_and_that_it_is_back(tmp_path: Path, broker_port: int) -> None:
    with chromium() as browser:
        asyncio.run(looked_at(browser, tmp_path, broker_port))


async def looked_at(browser: Browser, folder: Path, broker_port: int) -> None:
    async with standing(folder, broker_port, pages=True) as here:
        await asyncio.to_thread(browser.open, f"{here.address}/equipment/meter-401")
        here.faults.silence("meters", 11)
        await asyncio.to_thread(looks_silent, browser)
        here.faults.hang_up("plant")
        here.serving.lines["plant"].drop_connections()
        await asyncio.to_thread(looks_cut_off, browser, here.address)
        here.faults.heal()
        await asyncio.to_thread(looks_well, browser, here.address)


def looks_silent(browser: Browser) -> None:
    row = "[data-point='meter-401.power']"
    browser.wait_text("设备无应答", row)
    assert "—" in browser.text(row)
    assert "kW" not in browser.text(row)


def looks_cut_off(browser: Browser, address: str) -> None:
    browser.open(f"{address}/")
    browser.wait_text("未知", "[data-unit='ac-401']")
    browser.open(f"{address}/alarms")
    browser.wait_text("线路 plant（127.0.0.1")
    browser.wait_text("线路 meters 上的设备 m-401")


def looks_well(browser: Browser, address: str) -> None:
    """What is over stays on the list until somebody has taken note of it, and says that it is over."""
    for key in ("link_down:plant", "device_down:m-401"):
        browser.wait_text("已恢复未确认", f"[data-alarm='{key}']")
    browser.open(f"{address}/equipment/meter-401")
    browser.wait_text("kW", "[data-point='meter-401.power']")
