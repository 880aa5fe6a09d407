"""Filing, deciding and the register in a real browser, in the order in which people do it."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from facility.commands import Role
from facility.filings import FilingState, Relaxation
from tests.pages.browser import Browser
from tests.pages.building import Building
from tests.pages.test_accounts_in_chromium import confirm, count, fill_in

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def tokens(building: Building) -> dict[str, str]:
    """A clerk of the finance section, and the head of the administration section."""
    return {
        "财务科": building.token("财务科操作员", Role.SECTION_OPERATOR, "finance"),
        "行政科": building.token("行政科长", Role.ADMIN_SECTION),
    }


def log_in(browser: Browser, building: Building, token: str, path: str = "/filings") -> None:
    browser.open(f"{building.address}/login?next={path}")
    browser.one("input[name='token']").send_keys(token)
    browser.one("form[action='/login'] button").click()
    browser.wait_text("提交备案", "#file")
    browser.wait(lambda: "正在读取" not in browser.text("#filings"), "the list")


def act(browser: Browser, mark: str) -> None:
    browser.one(f"#filings [data-act='{mark}']").click()


def test_a_section_files_for_its_own_room(browser: Browser, building: Building, tokens: dict[str, str]) -> None:
    log_in(browser, building, tokens["财务科"])
    assert browser.text("[data-place='spaces/r401']"), "its only room is chosen already"
    assert count(browser, "[data-kind='notice']") == 0
    browser.one("[data-kind='booking']").click()
    browser.wait_text("请由负责该会议室的科室预订", "#file")
    browser.one("[data-kind='exception']").click()
    browser.wait_text("放宽内容", "#file")
    tomorrow = f"{building.clock.now() + timedelta(days=1, hours=8):%Y-%m-%d}"
    fill_in(browser, "start", f"{tomorrow}T17:00")
    fill_in(browser, "end", f"{tomorrow}T19:00")
    browser.one("[data-relaxes='weather']").click()
    browser.one("[data-act='submit']").click()
    browser.wait_text("请填写", "[data-said]")
    fill_in(browser, "reason", "半年决算加班")
    browser.one("[data-act='submit']").click()
    browser.wait_text("已提交", "[data-said]")
    browser.wait_text("待审批", "#filings")
    assert f"{tomorrow} 17:00 – 19:00" in browser.text("#filings")
    (filing,) = building.context.journal.filings.register()
    assert (filing.office, filing.relaxes) == ("finance", Relaxation(hours=True, weather=True))
    assert count(browser, "#filings [data-act='approve']") == 0


def test_a_late_filing_is_refused_with_its_clause(browser: Browser, building: Building, tokens: dict[str, str]) -> None:
    log_in(browser, building, tokens["财务科"])
    early = building.clock.now() + timedelta(hours=6)
    fill_in(browser, "start", f"{early:%Y-%m-%dT%H:%M}")
    fill_in(browser, "reason", "补报")
    browser.one("[data-act='submit']").click()
    browser.wait_text("AC-04", "[data-said]")
    assert len(building.context.journal.filings.register()) == 1


def test_the_administration_section_approves_and_takes_back(
    browser: Browser, building: Building, tokens: dict[str, str]
) -> None:
    log_in(browser, building, tokens["行政科"])
    act(browser, "approve")
    confirm(browser, "同意")
    browser.wait_text("已批准,未开始", "#filings")
    assert "行政科长" in browser.text("#filings")
    (approved,) = building.context.journal.filings.register()
    assert (approved.state, approved.decision_note) == (FilingState.APPROVED, "同意")
    act(browser, "revoke")
    confirm(browser, "会议取消")
    browser.wait_text("已撤销", "#filings")
    assert count(browser, "#filings [data-act]") == 0


def test_a_refusal_leads_to_the_form(browser: Browser, building: Building, tokens: dict[str, str]) -> None:
    wish = {"setpoint_c": 24.0, "reason": "太热"}
    asked = httpx.post(
        f"{building.address}/api/v1/equipment/ac-401/commands", json=wish,
        headers={"Authorization": f"Bearer {tokens['财务科']}"},
    )  # fmt: skip
    assert asked.status_code == 202
    log_in(browser, building, tokens["财务科"])
    browser.open(f"{building.address}/equipment/ac-401")
    browser.wait_text("申请例外备案", "#commands")
    browser.driver.execute_script("document.querySelector('#commands a[href^=\"/filings\"]').click()")
    browser.wait_text("提交备案", "#file")
    assert browser.text("[data-place='equipment/ac-401']")


def test_the_register_has_every_column_on_white_paper(browser: Browser, building: Building) -> None:
    browser.open(f"{building.address}/filings/register")
    browser.wait_text("半年决算加班", ".register")
    said = browser.text(".register")
    for expected in ("空调使用备案登记表", "编号", "审批意见", "撤销原因", "会议取消", "财务科操作员", "r401", "盖章"):
        assert expected in said
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    paper = browser.driver.execute_script(
        "const of = (s) => getComputedStyle(document.querySelector(s));"
        "return [of('.register').color, of('.register').backgroundColor, of('.top').display, of('.no-print').display]"
    )
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert paper == ["rgb(0, 0, 0)", "rgb(255, 255, 255)", "none", "none"]


def test_on_a_phone_in_english_nothing_is_wider_than_the_screen(
    browser: Browser, building: Building, tokens: dict[str, str]
) -> None:
    log_in(browser, building, tokens["财务科"])
    browser.size(390, 844, phone=True)
    browser.open(f"{building.address}/language/en?next=/filings%3Fequipment=ac-401")
    browser.wait_text("revoked", "#filings")
    assert "AC-04" in browser.text("#file")
    assert browser.driver.execute_script("return document.documentElement.scrollWidth") <= 390
    assert browser.complaints() == []
