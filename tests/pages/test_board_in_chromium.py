"""The board, in a real browser against a real server: what it shows, how it keeps up, and that it asks nobody else."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from facility.bus import AlarmChanged, LinkStatus
from facility.bus.messages import AlarmLevel
from facility.readings import Status
from facility.text import Text
from tests.pages.browser import Browser
from tests.pages.building import NOW, Building

pytestmark = pytest.mark.browser

AC_401 = "[data-unit='ac-401']"
PATHS = ("/", "/office/finance", "/equipment/ac-401", "/equipment/main-meter", "/alarms?past=1", "/usage", "/login")


def test_the_board_shows_the_building_as_it_is(building: Building, browser: Browser) -> None:
    browser.open(building.address)
    said = browser.text()
    for expected in ("某局机关", "室外温度", "32.4", "财务科", "办公室", "供冷", "依据 AC-01", "今日预报最高 34.1 ℃"):
        assert expected in said
    assert "62.0kWh" in said, "six kilowatts from midnight to 10:20"
    unit = browser.text(AC_401)
    assert "制冷" in unit
    assert "28.0" in unit
    assert "28.4 ℃" in unit
    assert "工作日 08:00-17:00" in unit
    assert "关" in browser.text("[data-unit='ac-402']")
    assert browser.text("[data-unit='ac-archive']")
    assert "1 / 3 台设备无应答" in said


def test_a_demonstration_says_so(building: Building, browser: Browser) -> None:
    browser.open(building.address)
    assert "演示时间" in browser.text(".demo")
    assert "2026-07-15 周三" in browser.text(".demo")
    assert "600 倍速" in browser.text(".demo")


def test_a_published_reading_appears_by_itself(building: Building, browser: Browser) -> None:
    browser.open(building.address)
    browser.driver.execute_script("window.untouched = true")
    building.publish_readings({"ac-401.room_temperature": 26.7})
    browser.wait_text("26.7 ℃", AC_401)
    building.publish_readings({"ac-401.on": 0.0})
    browser.wait_text("关", AC_401)
    building.publish_readings({"ac-401.on": 1.0, "ac-401.room_temperature": 28.4})
    browser.wait_text("制冷", AC_401)
    assert browser.driver.execute_script("return window.untouched") is True, "the page was not loaded again"


def test_a_failed_reading_is_shown_as_unknown_and_never_as_zero(building: Building, browser: Browser) -> None:
    browser.open(building.address)
    building.publish_readings({"ac-402.on": None, "ac-402.room_temperature": None}, Status.TIMEOUT)
    browser.wait_text("未知", "[data-unit='ac-402']")
    assert "室温 —" in browser.text("[data-unit='ac-402']")
    building.publish_readings({"ac-402.on": 0.0, "ac-402.room_temperature": 0.0})
    browser.wait_text("0.0 ℃", "[data-unit='ac-402']")
    building.publish_readings({"ac-402.room_temperature": 29.8})


def test_an_alarm_and_a_line_that_drops_appear_and_go(building: Building, browser: Browser) -> None:
    browser.open(building.address)
    text = Text("4 楼冷媒管压力过高", "pressure too high on floor 4")
    alarm = {"key": "pressure", "level": AlarmLevel.CRITICAL, "at": NOW, "text": text}
    building.publish(AlarmChanged(active=True, **alarm))  # type: ignore[arg-type]
    building.publish(LinkStatus(link="plant", device=None, up=False, at=NOW, detail="refused"))
    browser.wait_text("紧急 · 4 楼冷媒管压力过高")
    browser.wait_text("中断", ".lines")
    building.publish(AlarmChanged(active=False, **alarm))  # type: ignore[arg-type]
    building.publish(LinkStatus(link="plant", device=None, up=True, at=NOW, detail=""))
    browser.wait(lambda: "冷媒管" not in browser.text(), "the alarm to go")
    browser.wait(lambda: "中断" not in browser.text(".lines"), "the line to come back")


def test_made_history_shows_its_progress_until_it_is_done(building: Building, browser: Browser) -> None:
    class Past:
        days_done = 11
        days_total = 30
        finished = False

    building.context.past = Past()
    browser.open(building.address)
    browser.wait_text("已完成 11 天，共 30 天")
    Past.finished = True
    browser.wait(lambda: "已完成" not in browser.text(), "the progress to go")
    building.context.past = None


def test_the_clock_goes_on(building: Building, browser: Browser) -> None:
    browser.open(building.address)
    building.run(building.clock.advance, 1.0)
    browser.wait_text(f"{NOW + timedelta(hours=8, seconds=1):%H:%M:%S}", ".demo")


def test_both_languages_render_and_the_choice_stays(building: Building, browser: Browser) -> None:
    browser.open(building.address)
    assert browser.driver.execute_script("return document.documentElement.lang") == "zh-CN"
    browser.one("a[hreflang='en']").click()
    browser.wait_text("Outdoors")
    said = browser.text()
    for expected in ("Bureau", "Demonstration time", "permitted", "clause AC-01", "Power now", "Finance", "Cool"):
        assert expected in said
    assert "室外" not in said
    assert browser.driver.execute_script("return document.documentElement.lang") == "en-US"
    browser.open(f"{building.address}/office/finance")
    browser.wait_text("Electricity used")
    browser.one("a[hreflang='zh']").click()
    browser.wait_text("用电量")


@pytest.mark.parametrize("path", PATHS)
def test_on_a_phone_nothing_scrolls_sideways_fails_or_comes_from_another_host(
    building: Building, browser: Browser, path: str
) -> None:
    browser.size(375, 812, phone=True)
    browser.open(building.address + path)
    browser.wait(
        lambda: browser.driver.execute_script("return !!window.socket && window.socket.connected"), "the socket"
    )
    browser.wait(lambda: "正在读取" not in browser.text(), "everything to be read")
    width = browser.driver.execute_script(
        "return [document.documentElement.scrollWidth, ...[...document.querySelectorAll('.main *:not(.table-box *)')]"
        ".map(e => Math.ceil(e.getBoundingClientRect().right))].reduce((a, b) => Math.max(a, b))"
    )
    assert width <= 375
    assert browser.hosts() == {f"127.0.0.1:{building.port}"}
    assert browser.complaints() == []


def test_unknown_pages_say_so_in_the_readers_language(building: Building, browser: Browser) -> None:
    for path in ("/nowhere", "/office/nobody", "/equipment/nothing"):
        browser.open(building.address + path)
        assert "没有这个页面" in browser.text()
    assert "404" in " ".join(browser.complaints())


def test_nothing_is_written_to_the_working_folder(building: Building, browser: Browser) -> None:
    browser.open(building.address)
    assert not Path(".nicegui").exists()


def test_the_screenshot_of_the_readme_is_made(building: Building, browser: Browser, tmp_path: Path) -> None:
    """Of the small building, into a folder of the test's own. With an address in HOUQIN_SCREENSHOT: of the building
    there, into docs/images/board.png, where the README shows it.
    """
    asked = os.environ.get("HOUQIN_SCREENSHOT")
    images = tmp_path if asked is None else Path(__file__).parents[2] / "docs" / "images"
    images.mkdir(parents=True, exist_ok=True)
    browser.size(1440, 900)
    browser.open(building.address if asked is None else asked)
    browser.wait_text("℃", ".unit-line")
    target = images / "board.png"
    assert browser.driver.save_screenshot(str(target))
    picture = target.read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert int.from_bytes(picture[16:20], "big") >= 1400, "as wide as the window"
