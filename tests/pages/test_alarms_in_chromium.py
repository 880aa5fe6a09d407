"""The page of alarms in a real browser: a duty room at work."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from controller.alarming.catalogue import catalogue_of
from controller.alarming.consequences import Consequences
from controller.alarming.engine import AlarmEngine
from controller.alarming.flood import FloodGate
from controller.alarming.owners import Owners
from controller.alarming.register import AlarmRegister
from facility.bus import AlarmChanged
from facility.bus.messages import AlarmLevel
from facility.commands import Role
from facility.text import Text
from tests.pages.browser import Browser
from tests.pages.building import Building

pytestmark = pytest.mark.browser

LINE, METER, WALL = "link_down:meters", "device_down:m-401", "wall_change:ac-401"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Building]:
    """A building whose alarms are at work."""
    with Building(tmp_path_factory.mktemp("alarms")) as made:
        engine = made.run(engine_of, made)
        running: Future[None] = asyncio.run_coroutine_threadsafe(engine.run(), made.loop)
        yield made
        running.cancel()
        made.run(engine.close)


def engine_of(building: Building) -> AlarmEngine:
    context = building.context
    register = AlarmRegister(
        catalogue_of(context.site.file.alarms), Consequences(context.site), Owners(context.site)
    )  # fmt: skip
    flood = FloodGate(more_than=10, minutes=10)
    return AlarmEngine(context.bus, context.clock, register, journal=context.journal, flood=flood)


def say(building: Building, key: str, zh: str, active: bool = True, equipment: str | None = None) -> None:
    building.publish(
        AlarmChanged(
            key=key, active=active, level=AlarmLevel.WARNING, at=building.clock.now(), text=Text(zh, f"bad {key}"),
            equipment=equipment,
        )
    )  # fmt: skip


def log_in(browser: Browser, building: Building, role: Role) -> None:
    browser.forget()
    browser.open(f"{building.address}/login?next=/alarms")
    browser.one("input[name='token']").send_keys(building.token("值班员", role))
    browser.one("form[action='/login'] button").click()
    browser.wait(lambda: "值班员" in browser.text(".who"), "the log-in")


def row(key: str) -> str:
    return f"tr[data-alarm='{key}']"


def state(browser: Browser, key: str) -> str:
    script = "const e = document.querySelector(arguments[0]); return e ? e.dataset.state : ''"
    return str(browser.driver.execute_script(script, row(key)))


def confirm(browser: Browser, note: str) -> None:
    browser.wait(lambda: bool(browser.text("[data-ask]")), "the dialog")
    browser.one("[data-ask] input").send_keys(note, "\t")
    browser.one("[data-ask] [data-act='confirm']").click()
    browser.wait(lambda: not browser.text("[data-ask]"), "the dialog to close")


def test_a_duty_room_acknowledges_shelves_and_takes_out_of_service(office: Building, browser: Browser) -> None:
    say(office, METER, "401 室电表无应答")
    say(office, WALL, "401 空调被反复改动", equipment="ac-401")
    log_in(browser, office, Role.DUTY_ROOM)
    browser.open(f"{office.address}/alarms?view=told")
    browser.wait_text("通知渠道", "#alarms")
    browser.open(f"{office.address}/alarms")
    browser.wait_text("401 空调被反复改动", "#alarms")
    assert "财务科" in browser.text(row(WALL))
    assert "处理：" in browser.text(row(WALL))
    browser.one(f"{row(WALL)} [data-act='acknowledge']").click()
    browser.wait(lambda: state(browser, WALL) == "acknowledged", "the acknowledgement")
    assert "值班员 已确认" in browser.text(row(WALL))

    browser.one(f"{row(WALL)} [data-act='shelve']").click()
    confirm(browser, "等待科室答复")
    browser.wait(lambda: state(browser, WALL) == "", "the alarm to leave the list")
    assert "已搁置（1）" in browser.text("#alarms")
    browser.open(f"{office.address}/alarms?view=shelved")
    browser.wait(lambda: state(browser, WALL) == "shelved", "the shelf")
    assert "等待科室答复" in browser.text(row(WALL))
    browser.one(f"{row(WALL)} [data-act='history']").click()
    browser.wait_text("未确认 → 已确认", "[data-history]")
    assert "正常 → 未确认" in browser.text("[data-history]")
    assert browser.complaints() == []


def test_what_follows_from_a_dead_line_is_listed_apart_and_the_page_is_live(office: Building, browser: Browser) -> None:
    browser.forget()
    browser.open(f"{office.address}/alarms?view=suppressed")
    say(office, LINE, "线路断开")
    say(office, METER, "401 室电表无应答")
    browser.wait(lambda: state(browser, METER) == "suppressed", "the meter to be listed")
    assert LINE in browser.text(row(METER))
    assert "登录后可确认" in browser.text()
    assert browser.driver.execute_script("return !document.querySelector('[data-act=acknowledge]')")
    browser.open(f"{office.address}/language/en?next=/alarms")
    browser.wait_text("not acknowledged", "#alarms")
    assert f"bad {LINE}" in browser.text("#alarms")
    assert "Suppressed (1)" in browser.text("#alarms")
    browser.open(f"{office.address}/alarms?view=told")
    browser.wait_text(f"bad {LINE}", "#alarms")
    assert "names no channels" not in browser.text("#alarms"), "who was told is no stranger's affair"
    browser.open(f"{office.address}/alarms?level=serious")
    browser.wait_text("no alarm", "#alarms")


def test_a_section_operator_sees_alarms_and_cannot_act(office: Building, browser: Browser) -> None:
    say(office, LINE, "线路断开")
    log_in(browser, office, Role.SECTION_OPERATOR)
    browser.wait(lambda: state(browser, LINE) != "", "the alarm")
    assert browser.driver.execute_script("return !document.querySelector('[data-act=acknowledge]')")


def test_nothing_of_the_page_runs_over_on_a_phone(office: Building, browser: Browser, tmp_path: Path) -> None:
    browser.size(390, 844, phone=True)
    try:
        browser.open(f"{office.address}/alarms")
        browser.wait(lambda: state(browser, LINE) != "", "the alarm")
        wide = browser.driver.execute_script("return document.documentElement.scrollWidth")
        assert wide <= 390
        narrow = (
            "return [...document.querySelectorAll('#alarms td > span, #alarms td .button')].filter("
            "e => e.getBoundingClientRect().right > 390 || e.parentElement.clientWidth < 40).length"
        )
        assert browser.driver.execute_script(narrow) == 0, "every button is on the screen"
        text = f'return document.querySelector("{row(LINE)} td:nth-child(3)").clientWidth'
        assert browser.driver.execute_script(text) > 250, "a row is a card: its text has the whole width"
    finally:
        browser.size(1400, 900)
