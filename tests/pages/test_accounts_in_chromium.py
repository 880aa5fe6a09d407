"""The pages on the account book, in a real browser against a real bureau: in the order in which a person works."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.pages.browser import Browser
from tests.pages.bureau import Bureau

pytestmark = pytest.mark.browser

JULY = "/statements/finance?month=2026-07"
AUGUST = "/statements/finance?month=2026-08"
PAGES = (JULY, "/usage?by=day&at=2026-07&with=cost,coal,co2,comparison", "/usage?by=day&at=2026-07&rows=day",
         "/months", "/meters", "/meters/meter-401", "/balance?by=day&at=2026-07")  # fmt: skip


def show(browser: Browser, bureau: Bureau, path: str) -> str:
    """Opens a page and waits until everything is read; its text."""
    browser.open(bureau.address + path)
    settled(browser)
    return browser.text(".main")


def settled(browser: Browser) -> None:
    said = ("正在读取", "reading…")
    browser.wait(lambda: not any(word in browser.text() for word in said), "everything to be read")


def log_in(browser: Browser, bureau: Bureau, role: str, path: str) -> None:
    browser.open(f"{bureau.address}/login?next={path}")
    browser.one("input[name='token']").send_keys(bureau.tokens[role])
    browser.one("form[action='/login'] button").click()
    browser.wait(lambda: role in browser.text(".who"), "the log-in")
    settled(browser)


def count(browser: Browser, selector: str) -> int:
    return int(browser.driver.execute_script("return document.querySelectorAll(arguments[0]).length", selector))


def dialog_open(browser: Browser) -> bool:
    """Whether the dialog is there, whole, and may be clicked."""
    return bool(
        browser.driver.execute_script(
            "const e = document.querySelector('[data-ask] [data-act=confirm]'); if (!e) return false;"
            "const r = e.getBoundingClientRect();"
            "return e.contains(document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2))"
        )
    )


def confirm(browser: Browser, reason: str) -> None:
    """Gives the reason that the dialog asks for, and goes on."""
    browser.wait(lambda: dialog_open(browser), "the dialog")
    browser.one("[data-ask] input").send_keys(reason)
    browser.one("[data-ask] [data-act='confirm']").click()
    browser.wait(lambda: count(browser, "[data-ask]") == 0, "the dialog to close")


def fill_in(browser: Browser, field: str, value: str) -> None:
    """As a person who has typed `value` and goes on to the next field."""
    browser.driver.execute_script(
        "const e = document.querySelector(`[data-field='${arguments[0]}']`); e.value = arguments[1];"
        "e.dispatchEvent(new Event('change', {bubbles: true}))",
        field,
        value,
    )


def test_a_statement_tells_how_its_total_came_about(accounts: Bureau, browser: Browser) -> None:
    said = show(browser, accounts, JULY)
    parts = browser.text(".sum-of-parts").split()
    assert parts[:2] + parts[3:6] == ["1,488.0", "kWh", "+", "992.0", "kWh"], "744 h x 2 kW and a third of the unit"
    assert "413.3kWh/人" in said
    assert "01A00" in browser.text("#origin")
    assert "01B00" in browser.text("#origin")
    assert "未结账" in said
    assert "财务科科长" in said


def test_a_statement_shows_the_split_with_its_formula_and_every_day(accounts: Bureau, browser: Browser) -> None:
    show(browser, accounts, JULY)
    said = browser.text("#split-vrf-1")
    for expected in (
        "2,976.00",
        "运行时间×容量",
        "风速系数（高速） = 1",
        "待机功率（kW） = 0.1",
        "高速 124.0",
        "992.00",
    ):
        assert expected in said
    browser.one("[data-days] summary").click()
    rows = browser.text("[data-days] tbody").splitlines()
    assert len(rows) == 31
    assert rows[0].split()[:3] == ["07-01", "96.00", "2.40"], "4 kW and 0.1 kW for a day"


def test_a_statement_prices_every_period(accounts: Bureau, browser: Browser) -> None:
    show(browser, accounts, JULY)
    said = browser.text("#cost")
    for expected in ("尖", "峰", "平", "谷", "0.6000", "2,480.0", "1,716.16"):
        assert expected in said
    assert "不完整" not in said
    show(browser, accounts, "/statements/general?month=2026-07")
    assert "4,191.2" in browser.text("#cost"), "with the five hours of silence"
    assert "长时中断" in browser.text("#doubts")
    assert "5 小时" in browser.text("#doubts")


def test_a_statement_says_what_its_cost_lacks(accounts: Bureau, browser: Browser) -> None:
    show(browser, accounts, "/statements/general?month=2026-08")
    assert "2026-08 的当月公布价格未录入" in browser.text("#cost")
    show(browser, accounts, "/statements/general?month=2026-06")
    said = browser.text("#cost")
    assert "费用不完整" in said
    assert "456.0 小时没有数据" in said, "19 days before the first reading"


def test_a_statement_tells_quota_coal_comparison_and_weather(accounts: Bureau, browser: Browser) -> None:
    show(browser, accounts, JULY)
    for expected in ("1,800 kWh", "137.8%", "2026-07-23", "站点配置文件"):
        assert expected in browser.text("#quota")
    coal = browser.text("#coal")
    assert "304.8 kgce" in coal
    assert "2020 全国" in coal
    assert "不能相加" in coal
    compared = browser.text("#comparison")
    assert "413.33 = 2,480.0 ÷ 6.0" in compared
    assert "数据不全" in compared, "June has readings of ten days"
    assert "制冷度日" in compared


def test_a_closed_statement_shows_when_and_its_whole_sum_on_request(accounts: Bureau, browser: Browser) -> None:
    said = show(browser, accounts, "/statements/finance?month=2026-06")
    assert "已结账 2026-08-03" in said
    digest = browser.one(".digest")
    whole = digest.get_attribute("title") or ""
    assert len(whole) == 64
    assert whole[:12] in digest.text
    assert whole not in said


def test_a_statement_prints_on_a4_without_navigation(accounts: Bureau, browser: Browser) -> None:
    browser.size(700, 1000)
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        said = show(browser, accounts, JULY)
        assert "财务科 2026-07 用能通知单" in said
        for selector in (".top", ".crumbs", ".no-print", "details:not([open])"):
            hidden = browser.driver.execute_script(
                "return [...document.querySelectorAll(arguments[0])].every(e => e.offsetParent === null)", selector
            )
            assert hidden, f"{selector} is printed"
        assert browser.driver.execute_script("return document.documentElement.scrollWidth") <= 700
    finally:
        browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_use_closes_with_the_main_meter_and_lists_silences_with_their_span(accounts: Bureau, browser: Browser) -> None:
    said = show(browser, accounts, "/usage?by=day&at=2026-07&rows=day&key=general&with=cost")
    assert "跨行的通信中断" in said
    assert "2026-07-14 22:00 – 07-15 03:00" in browser.text("#blocks")
    assert "15.00" in browser.text("#blocks")
    assert "部分" in browser.text("table.data"), "the cost of a day with a silence is not whole"
    said = show(browser, accounts, "/usage?by=day&at=2026-07&with=cost,coal,co2&rank=head")
    for expected in (
        "未分摊",
        "总表",
        "7,440.0",
        "费用（元）",
        "当量",
        "等价",
        "CO₂",
        "GB/T 2589",
        "湖南工商业分时电价",
    ):
        assert expected in said
    for form in ("csv", "xlsx"):
        status = browser.driver.execute_async_script(
            "const done = arguments[1]; fetch(document.querySelector(`a[href*='format=${arguments[0]}']`).href)"
            ".then(answer => done(answer.status))",
            form,
        )
        assert status == 200


def test_use_is_told_by_item_floor_meter_and_equipment(accounts: Bureau, browser: Browser) -> None:
    for by, expected in {
        "item": "照明插座",
        "meter": "空调主机电表",
        "equipment": "402 空调",
        "floor": "未分摊",
    }.items():
        show(browser, accounts, f"/usage?by=day&at=2026-07&of={by}")
        assert expected in browser.text("table.data")


def test_the_balance_marks_what_is_over_the_limit_and_names_who_is_missing(accounts: Bureau, browser: Browser) -> None:
    show(browser, accounts, "/balance?by=day&at=2026-07")
    main = browser.text("[data-meter='main-meter']")
    assert "744.0" in main
    assert "10.0%" in main
    assert "超出上限" in main
    assert "40.0%" in browser.text("[data-meter='meter-vrf']")
    show(browser, accounts, "/balance?by=day&at=2026-06")
    assert "缺数据：空调主机电表" in browser.text("[data-meter='main-meter']")
    assert "无数据" in browser.text("[data-meter='meter-vrf']")


def test_who_may_not_judge_sees_the_jump_without_buttons(accounts: Bureau, browser: Browser) -> None:
    log_in(browser, accounts, "viewer", "/meters")
    assert "500.33 kWh" in browser.text("#held")
    assert count(browser, "[data-act]") == 0
    browser.open(f"{accounts.address}/meters/meter-401")
    settled(browser)
    assert count(browser, "[data-act], #enter") == 0
    browser.open(f"{accounts.address}/months")
    settled(browser)
    assert count(browser, "[data-act]") == 0


def test_an_accepted_jump_counts_from_then_on(accounts: Bureau, browser: Browser) -> None:
    before = show(browser, accounts, AUGUST)
    assert "跳变待判定" in before
    assert "600.3" not in browser.text("#origin")
    log_in(browser, accounts, "admin_section", "/meters")
    jump = browser.text("[data-jump='meter-401']")
    for expected in ("3,084.00 kWh", "3,584.33 kWh", "500.33 kWh", "2.08 kWh"):
        assert expected in jump
    browser.one("[data-jump='meter-401'] [data-act='accept']").click()
    browser.wait(lambda: dialog_open(browser), "the dialog")
    assert "2026-06 及以前已结账" in browser.text("[data-ask]")
    assert "500.33 kWh 将计入用量" in browser.text("[data-ask]")
    browser.one("[data-ask] [data-act='confirm']").click()
    browser.wait_text("请写明原因", "[data-ask]")
    confirm(browser, "检修后集中补传")
    browser.wait_text("没有待判定的跳变", "#held")
    assert "没有已结账月份受影响" in browser.text("#held")
    show(browser, accounts, AUGUST)
    assert "616.0" in browser.text("#origin"), "58 h x 2 kW and the jump of 500 kWh"
    show(browser, accounts, "/meters/meter-401")
    assert "检修后集中补传" in browser.text("[data-entry='jumps']")
    assert "the admin_section" in browser.text("[data-entry='jumps']")


def test_a_correction_of_a_closed_month_shows_its_lines_and_can_be_revoked(accounts: Bureau, browser: Browser) -> None:
    log_in(browser, accounts, "admin_section", "/meters/meter-401")
    browser.one("[data-form='corrections']").click()
    browser.wait(lambda: count(browser, "[data-field='amount']") == 1, "the form")
    assert "2026-06 及以前已结账" in browser.text("#enter")
    fill_in(browser, "start", "2026-06-25T00:00")
    fill_in(browser, "end", "2026-06-26T00:00")
    fill_in(browser, "amount", "100")
    browser.one("[data-act='save']").click()
    browser.wait_text("请写明原因", "#enter")
    fill_in(browser, "reason", "校表")
    browser.one("[data-act='save']").click()
    browser.wait_text("已记入以下更正", "#enter")
    lines = browser.text("#enter table.data")
    for expected in ("财务科", "2026-06", "冲销", "-528.00 kWh", "重新入账", "580.00 kWh", "校表"):
        assert expected in lines
    show(browser, accounts, JULY)
    assert "580.00 kWh" in browser.text("#corrections"), "booked in the month that is open"
    show(browser, accounts, "/meters/meter-401")
    browser.one("[data-entry='corrections'] [data-act='revoke']").click()
    confirm(browser, "录错")
    browser.wait_text("已撤销", "[data-entry='corrections']")


def test_a_field_that_is_not_filled_in_or_lies_ahead_is_named(accounts: Bureau, browser: Browser) -> None:
    log_in(browser, accounts, "administrator", "/meters/meter-402")
    browser.one("[data-form='readings']").click()
    browser.wait(lambda: count(browser, "[data-field='value']") == 1, "the form")
    fill_in(browser, "reason", "抄表")
    browser.one("[data-act='save']").click()
    browser.wait_text("“时间”没有填对", "#enter")
    fill_in(browser, "at", "2026-09-01T08:00")
    fill_in(browser, "value", "5000")
    browser.one("[data-act='save']").click()
    browser.wait_text("不能晚于现在", "#enter")
    browser.one("[data-form='assignments']").click()
    browser.wait(lambda: count(browser, "[data-field='share']") == 1, "the form")
    fill_in(browser, "since", "2026-08-01")
    browser.one("select[data-field='office'] option[value='finance']").click()
    fill_in(browser, "share", "60")
    fill_in(browser, "reason", "合用")
    browser.one("[data-act='save']").click()
    browser.wait_text("财务科 承担 60.0%", "[data-entry='assignments']")


def test_the_next_month_is_closed_after_a_question_and_then_stands(accounts: Bureau, browser: Browser) -> None:
    log_in(browser, accounts, "administrator", "/months")
    assert count(browser, "[data-act='close']") == 1, "only the month after the last closed one"
    browser.one("[data-month='2026-07'] [data-act='close']").click()
    browser.wait_text("不能取消结账", "[data-ask]")
    confirm(browser, "月结")
    browser.wait_text("已结账", "[data-month='2026-07']")
    assert "the administrator" in browser.text("[data-month='2026-07']")
    browser.one("[data-month='2026-07'] [data-act='restate']").click()
    confirm(browser, "复核")
    browser.wait_text("2026-07 重算后没有变化")
    browser.one("[data-month='2026-07'] a[href*='finance']").click()
    browser.wait_text("已结账 2026-08-03")


def test_on_a_phone_nothing_scrolls_sideways_fails_or_comes_from_another_host(
    accounts: Bureau, browser: Browser
) -> None:
    browser.size(375, 812, phone=True)
    for path in PAGES:
        show(browser, accounts, path)
        width = browser.driver.execute_script(
            "return [document.documentElement.scrollWidth, ...[...document.querySelectorAll("
            "'.top *, .main *:not(.table-box *)')].map(e => Math.ceil(e.getBoundingClientRect().right))]"
            ".reduce((a, b) => Math.max(a, b))"
        )
        assert width <= 375, path
    assert browser.hosts() == {accounts.address.removeprefix("http://")}
    assert browser.complaints() == []


def test_everything_is_told_in_english_on_request(accounts: Bureau, browser: Browser) -> None:
    browser.driver.get(f"{accounts.address}/language/en")
    expected = {
        JULY: "Electricity, and where it comes from",
        "/months": "Statements",
        "/meters": "Last reading",
        "/balance?by=day&at=2026-07": "over the limit",
        "/usage?by=day&at=2026-07": "Unallocated",
    }
    for path, words in expected.items():
        assert words in show(browser, accounts, path)


def test_every_page_is_reached_from_the_navigation(accounts: Bureau, browser: Browser) -> None:
    show(browser, accounts, "/months")
    links = browser.driver.execute_script("return [...document.querySelectorAll('a')].map(a => a.getAttribute('href'))")
    assert {"/", "/usage", "/months", "/meters", "/balance", "/alarms", JULY} <= set(links)
    show(browser, accounts, "/usage?by=day&at=2026-07")
    assert count(browser, f"table.data a[href='{JULY}']") == 1
    show(browser, accounts, "/office/finance?month=2026-07")
    assert count(browser, f"#statement a[href='{JULY}']") == 1
    show(browser, accounts, "/meters")
    assert count(browser, "a[href='/meters/meter-vrf']") == 1


def test_the_picture_of_a_statement_is_made(accounts: Bureau, browser: Browser, tmp_path: Path) -> None:
    """Into a folder of the test's own; with HOUQIN_PICTURES set into docs/images/statement.png."""
    images = tmp_path if os.environ.get("HOUQIN_PICTURES") is None else Path(__file__).parents[2] / "docs" / "images"
    browser.size(1200, 1500)
    show(browser, accounts, JULY)
    assert browser.driver.save_screenshot(str(images / "statement.png"))
    assert (images / "statement.png").read_bytes().startswith(b"\x89PNG")
