"""The almanac's page, in a real browser against a real server: the year, duty, entering, taking back."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

import pytest

from facility.commands import Role
from facility.festivals import statutory_days
from tests.pages.browser import Browser
from tests.pages.building import Building
from tests.pages.test_accounts_in_chromium import confirm, fill_in, settled

pytestmark = pytest.mark.browser


def cell(day: str) -> str:
    return f"[data-day='{day}']"


def log_in(browser: Browser, building: Building, name: str, path: str) -> None:
    """As the administration section."""
    browser.open(f"{building.address}/login?next={path}")
    browser.one("input[name='token']").send_keys(building.token(name, Role.ADMIN_SECTION))
    browser.one("form[action='/login'] button").click()
    browser.wait(lambda: name in browser.text(".who"), "the log-in")


def shoot(browser: Browser, name: str) -> None:
    """Keeps a picture where somebody wants to look."""
    folder = os.environ.get("HOUQIN_SHOTS")
    if folder is not None:
        browser.driver.save_screenshot(str(Path(folder) / f"{name}.png"))


def enter(browser: Browser, form: str, **values: str) -> None:
    """Fills a form in and saves it."""
    browser.one(f"[data-form='{form}']").click()
    browser.wait(lambda: _has_fields(browser, values), form)
    for name, value in values.items():
        fill_in(browser, name, value)
    browser.one("#enter [data-act='save']").click()


def _has_fields(browser: Browser, names: Iterable[str]) -> bool:
    """Whether the form shows exactly these fields, the form before it being gone."""
    query = "return [...document.querySelectorAll('#enter .fields [data-field]')].map((each) => each.dataset.field)"
    return bool(list(names) == browser.driver.execute_script(query))


def test_the_year_is_shown_with_its_marks_and_reasons(building: Building, browser: Browser) -> None:
    browser.open(building.address + "/almanac?year=2026")
    settled(browser)
    browser.wait_text("12月", ".year-grid")
    assert "已有正式通知" in browser.text(".main")
    for day, mark in (("2026-10-01", "休"), ("2026-10-10", "班"), ("2026-07-15", "15"), ("2026-07-18", "18")):
        assert mark in browser.text(cell(day)), day
    assert "国庆节调休上班" in str(browser.one(cell("2026-10-10")).get_attribute("title"))
    assert "today" in str(browser.one(cell("2026-07-15")).get_attribute("class"))
    assert "只有行政科" in browser.text("#entered"), "nobody is logged in"
    shoot(browser, "almanac-2026")


def test_a_year_without_notice_is_marked_day_by_day(building: Building, browser: Browser) -> None:
    browser.open(building.address + "/almanac?year=2027")
    settled(browser)
    browser.wait_text("暂定", ".main")
    assert "provisional" in str(browser.one(cell("2027-03-03")).get_attribute("class"))
    assert "暂定" in str(browser.one(cell("2027-03-03")).get_attribute("title"))
    browser.open(building.address + "/language/en?next=/almanac%3Fyear=2027")
    browser.wait_text("no official notice", ".main")
    browser.open(building.address + "/language/zh?next=/almanac")


def test_the_administration_section_enters_a_year_and_takes_it_back(building: Building, browser: Browser) -> None:
    log_in(browser, building, "行政科年历", "/almanac?year=2026")
    browser.wait_text("1月", ".year-grid")
    enter(
        browser, "closure", first="2026-08-03", last="2026-08-05", where="", reason="集中休假", notice="行政科通知8号"
    )
    browser.wait_text("停", cell("2026-08-03"))
    browser.wait_text("集中休假", "#entered")
    enter(browser, "half_day", day="2026-09-30", opens="", closes="12:00", where="", notice="行政科通知10号")
    browser.wait_text("半", cell("2026-09-30"))
    enter(browser, "duty", first="2026-07-13", last="2026-07-17", shift="day", people="值班员 8201；带班领导 8202")
    browser.wait_text("值班员 8201", "#duty")
    assert "带班领导" in browser.text("[data-on-duty]"), "it is Wednesday, 10:20"
    shoot(browser, "almanac-entered")
    enter(browser, "closure", first="2026-07-01", last="2026-07-02", where="", reason="补记", notice="行政科通知9号")
    browser.wait_text("已过", "#enter")
    browser.one("#entered tbody tr:last-child [data-act='revoke']").click()
    confirm(browser, "改期")
    browser.wait(lambda: "停" not in browser.text(cell("2026-08-03")), "the closure to be gone")


def test_a_years_table_is_uploaded_and_makes_the_year_official(
    building: Building, browser: Browser, tmp_path: Path
) -> None:
    days = "".join(f"{day},放假,{name}\n" for day, name in statutory_days(2027).items())
    table = tmp_path / "2027.csv"
    table.write_bytes(f"日期,类型,节日\n{days}{date(2027, 1, 1) + timedelta(days=8)},上班,元旦\n".encode("gb18030"))
    log_in(browser, building, "行政科放假", "/almanac?year=2027")
    browser.wait_text("暂定", ".main")
    browser.one("[data-form='table']").click()
    browser.wait(lambda: _has_fields(browser, ("year", "notice", "issued", "file")), "the form")
    fill_in(browser, "year", "2027")
    fill_in(browser, "notice", "国办发明电〔2026〕1号")
    fill_in(browser, "issued", "2026-07-10")
    browser.one("[data-field='file']").send_keys(str(table))
    arrived = f"[data-field='file'][data-bytes='{table.stat().st_size}']"
    browser.wait(lambda: bool(browser.driver.find_elements("css selector", arrived)), "the upload")
    browser.one("#enter [data-act='save']").click()
    browser.wait_text("已有正式通知", ".main")
    browser.wait_text("班", cell("2027-01-09"))
    assert "国办发明电〔2026〕1号" in browser.text(".main")
