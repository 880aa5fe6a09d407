"""How the rules were kept and the evening's list, in a real browser: from the month to the minute, and tick by tick."""

from __future__ import annotations

from datetime import timedelta

import pytest

from facility.commands import Role
from tests.facility.journal.test_observance import DAY, EVENING, ITEM, LIST, NEXT, ROW
from tests.pages.browser import Browser
from tests.pages.building import Building
from tests.pages.test_accounts_in_chromium import confirm, count

pytestmark = pytest.mark.browser

MONTH = "/observance?month=2026-07"
PATROL = f"/patrol?day={DAY}"


@pytest.fixture(scope="module", autouse=True)
def kept(building: Building) -> None:
    """Rows of a day, and the list of its evening."""
    records = building.context.journal.observance
    records.put_day(DAY, [ROW], reckoned=EVENING, until=EVENING)
    records.put_patrol(LIST)


def show(browser: Browser, building: Building, path: str) -> None:
    browser.open(building.address + path)
    said = ("正在读取", "reading…")
    browser.wait(lambda: not any(word in browser.text() for word in said), "everything to be read")


def test_the_month_leads_to_the_day_and_the_equipment(browser: Browser, building: Building) -> None:
    show(browser, building, MONTH)
    browser.wait_text("财务科", "[data-office='finance']")
    assert "28" in browser.text("[data-office='finance']")
    browser.one("[data-office='finance'] .badge").click()
    browser.wait_text("时段外运行", "#details h2")
    browser.wait_text("17:15-17:43", f"[data-detail='{DAY}:ac-401:hours']")
    address = browser.one(f"[data-detail='{DAY}:ac-401:hours'] a").get_attribute("href")
    assert str(address).endswith("/equipment/ac-401")
    assert browser.complaints() == []


def test_a_month_of_which_nothing_is_known_says_so_in_both_languages(browser: Browser, building: Building) -> None:
    show(browser, building, "/observance?month=2025-01")
    browser.wait_text("还没有统计")
    browser.open(f"{building.address}/language/en?next={MONTH}")
    browser.wait_text("Running out of hours")
    assert "时段" not in browser.text(".main")


def test_a_stranger_reads_the_list_and_the_duty_room_ticks_it_off_on_a_telephone(
    browser: Browser, building: Building
) -> None:
    browser.size(390, 800, phone=True)
    show(browser, building, PATROL)
    browser.wait_text("待处理 2 项", "#patrol")
    assert count(browser, "[data-act='tick']") == 0
    browser.open(f"{building.address}/login?next={PATROL}")
    browser.one("input[name='token']").send_keys(building.token("值班员", Role.DUTY_ROOM))
    browser.one("form[action='/login'] button").click()
    browser.wait(lambda: count(browser, "[data-act='tick']") == 2, "a button for each")
    wide = browser.driver.execute_script("return document.documentElement.scrollWidth")
    assert int(wide) <= 390, "nothing sticks out of the screen"
    browser.one(f"[data-item='{ITEM.key}'] [data-act='tick']").click()
    confirm(browser, "已关闭")
    browser.wait_text("待处理 1 项", "#patrol")
    browser.wait_text("值班员", f"[data-item='{ITEM.key}']")
    assert "已关闭" in browser.text(f"[data-item='{ITEM.key}']")
    (found,) = building.context.journal.observance.patrols(DAY, NEXT)
    assert [(tick.by.name, tick.note) for tick in found.ticks] == [("值班员", "已关闭")]
    show(browser, building, f"/patrol?day={DAY + timedelta(days=60)}")
    browser.wait_text("还没有清单", "#patrol")
