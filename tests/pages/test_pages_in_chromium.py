"""Offices, equipment, alarms, use and the log-in, in a real browser against a real server."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator

import pytest
from starlette.routing import Route

from api.pages.guard import PATHS
from facility.commands import Mode, Role
from tests.pages.browser import Browser
from tests.pages.building import RULE_QUOTE, Building

pytestmark = pytest.mark.browser


@pytest.fixture
def closed(building: Building) -> Iterator[Building]:
    """The building as `houqin run` serves it: nothing open."""
    building.context.open_reading = False
    yield building
    building.context.open_reading = True


def log_in(browser: Browser, building: Building, token: str, path: str = "/") -> None:
    browser.open(f"{building.address}/login?next={path}")
    browser.one("input[name='token']").send_keys(token)
    browser.one("form[action='/login'] button").click()


def choose(browser: Browser, field: str, value: str) -> None:
    browser.one(f"select[data-field='{field}'] option[value='{value}']").click()


def get(building: Building, path: str, headers: dict[str, str] | None = None) -> tuple[int, str, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", building.port, timeout=10)
    try:
        connection.request("GET", path, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.getheader("location") or "", answer.read()
    finally:
        connection.close()


def test_an_office_shows_its_use_by_hour_with_the_gap_as_a_gap(building: Building, browser: Browser) -> None:
    browser.open(f"{building.address}/office/finance?by=hour&at=2026-07-15")
    browser.wait_text("查看数据表")
    browser.one("details summary").click()
    browser.wait_text("无数据", "details")
    rows = browser.text("details table").splitlines()
    assert sum("无数据" in row for row in rows) == 5, "five hours in which the meter was silent"
    assert sum("1.50" in row for row in rows) == 5, "and five whole ones in which it counted"
    assert not any("0.00" in row for row in rows)
    assert browser.one("[data-gaps]").get_attribute("data-gaps") == "5"
    assert "不等于零" in browser.text(".legend")
    browser.wait(lambda: browser.driver.execute_script("return !!document.querySelector('.chart canvas')"), "the chart")


def test_an_office_shows_its_use_by_day_and_month_and_its_neighbours(building: Building, browser: Browser) -> None:
    browser.open(f"{building.address}/office/general?by=day&at=2026-07")
    browser.wait_text("查看数据表")
    browser.one("details summary").click()
    browser.wait_text("07-13", "details")
    assert "60.00" in browser.text("details table"), "2.5 kW for a whole day"
    browser.one("a[href='/office/general?by=day&at=2026-06']").click()
    browser.wait_text("2026-06", ".choices .still")
    browser.open(f"{building.address}/office/general?by=month&at=2026")
    browser.wait_text("查看数据表")
    browser.one("details summary").click()
    browser.wait_text("2026-07", "details")


def test_an_office_has_a_statement_and_its_table_can_be_had(building: Building, browser: Browser) -> None:
    browser.open(f"{building.address}/office/general?month=2026-07")
    browser.wait_text("145.8", "#statement")
    assert "18.2kWh/人" in browser.text("#statement")
    assert "本月未结束" in browser.text("#statement")
    address = browser.one("#statement a.button").get_attribute("href") or ""
    status, _, body = get(building, address.removeprefix(building.address))
    assert status == 200
    assert b"145.8" in body


def test_the_ranking_closes_with_the_unallocated_row(building: Building, browser: Browser) -> None:
    browser.open(f"{building.address}/usage?by=hour&at=2026-07-14")
    browser.wait_text("总表", "table.data")
    said = browser.text("table.data")
    assert (
        said.index("办公室") < said.index("财务科") < said.index("科室合计") < said.index("未分摊") < said.index("总表")
    )
    for expected in ("60.0", "36.0", "96.0", "48.0", "144.0", "100.0%"):
        assert expected in said
    address = browser.one("a.button[href*='format=csv']").get_attribute("href") or ""
    status, _, body = get(building, address.removeprefix(building.address))
    assert status == 200
    assert b"unallocated" in body


def test_equipment_explains_itself_and_shows_age_and_quality(building: Building, browser: Browser) -> None:
    browser.open(f"{building.address}/equipment/ac-401")
    said = browser.text()
    for expected in ("判定依据", "工作日 08:00-17:00", "依据 AC-03", RULE_QUOTE, "传感器", "应为 开 制冷 28.0 ℃"):
        assert expected in said
    point = browser.text("[data-point='ac-401.room_temperature']")
    assert "28.4 ℃" in point
    assert "正常" in point
    assert "从未上报" in browser.text("[data-point='ac-401.lock']")
    building.publish_readings({"ac-401.room_temperature": 27.9})
    browser.wait_text("27.9 ℃", "[data-point='ac-401.room_temperature']")
    building.publish_readings({"ac-401.room_temperature": 28.4})


def test_the_history_chart_takes_points_in_and_out(building: Building, browser: Browser) -> None:
    browser.open(f"{building.address}/equipment/meter-401")
    browser.wait(lambda: browser.driver.execute_script("return !!document.querySelector('.chart canvas')"), "the chart")
    before = browser.driver.execute_script("return document.querySelectorAll('.chip.here').length")
    browser.one(".chip.here").click()
    browser.wait(
        lambda: browser.driver.execute_script("return document.querySelectorAll('.chip.here').length") == before - 1,
        "one point fewer",
    )


def test_a_stranger_may_look_but_not_operate(building: Building, browser: Browser) -> None:
    browser.open(f"{building.address}/equipment/ac-401")
    assert "登录后可以操作设备" in browser.text("#commands")
    assert browser.driver.execute_script("return document.querySelectorAll('select[data-field]').length") == 0


def test_a_wish_is_sent_and_followed_until_it_is_confirmed(building: Building, browser: Browser) -> None:
    log_in(browser, building, building.token("值班室", Role.DUTY_ROOM), "/equipment/ac-402")
    browser.wait_text("值班室", ".who")
    choose(browser, "switch", "on")
    choose(browser, "mode", "cool")
    choose(browser, "setpoint", "28")
    choose(browser, "until", "2")
    browser.one("#commands input").send_keys("会议")
    browser.one("[data-act='send']").click()
    browser.wait_text("已生效", "#commands")
    proposal = building.proposals[-1]
    assert (proposal.equipment, proposal.actor.name, proposal.reason) == ("ac-402", "值班室", "会议")
    assert (proposal.wish.on, proposal.wish.mode, proposal.wish.setpoint_c) == (True, Mode.COOL, 28.0)
    assert (proposal.until - proposal.made).total_seconds() == 7200


def test_what_is_typed_and_chosen_stays_while_the_page_keeps_itself_up_to_date(
    building: Building, browser: Browser
) -> None:
    log_in(browser, building, building.token("值班员", Role.DUTY_ROOM), "/equipment/ac-401")
    browser.wait_text("值班员", ".who")
    browser.one("#commands input").send_keys("会议延")
    choose(browser, "switch", "off")
    building.publish_readings({"ac-401.room_temperature": 27.7})
    browser.wait_text("27.7 ℃", "[data-point='ac-401.room_temperature']")
    assert browser.one("#commands input").get_attribute("value") == "会议延"
    assert browser.one("select[data-field='switch']").get_attribute("value") == "off"
    building.publish_readings({"ac-401.room_temperature": 28.4})


def test_a_wish_outside_the_rules_is_refused_with_its_clause(building: Building, browser: Browser) -> None:
    log_in(browser, building, building.token("行政科", Role.ADMIN_SECTION), "/equipment/ac-401")
    browser.wait_text("行政科", ".who")
    choose(browser, "setpoint", "24")
    browser.one("[data-act='send']").click()
    browser.wait_text("已拒绝", "#commands")
    assert "依据 AC-03" in browser.text("#commands")
    assert "低于 28 ℃" in browser.text("#commands")


def test_an_empty_wish_is_not_sent(building: Building, browser: Browser) -> None:
    log_in(browser, building, building.token("管理员", Role.ADMINISTRATOR), "/equipment/ac-archive")
    browser.wait_text("管理员", ".who")
    sent = len(building.proposals)
    browser.one("[data-act='send']").click()
    browser.wait_text("请先选择", "#commands")
    assert len(building.proposals) == sent


def test_a_section_operator_operates_only_the_own_office(building: Building, browser: Browser) -> None:
    log_in(browser, building, building.token("财务科操作员", Role.SECTION_OPERATOR, "finance"), "/equipment/ac-401")
    browser.wait_text("财务科操作员", ".who")
    assert browser.driver.execute_script("return document.querySelectorAll('[data-act]').length") == 1
    browser.open(f"{building.address}/equipment/ac-402")
    assert "当前账号只能查看" in browser.text("#commands")


THINGS = {"{office}": "finance", "{equipment}": "ac-401", "{meter}": "meter-401", "{number}": "1", "{line}": "plant"}


def guarded_paths() -> list[str]:
    """Every page there is but the log-in, of something that exists; and one there is not."""
    found = []
    for path in PATHS:
        named = re.sub(r"{\w+}", lambda place: THINGS[place[0]], path)
        if named not in {"/login", "/logout"}:
            found.append(named)
    return [*found, "/nowhere"]


@pytest.mark.parametrize("path", guarded_paths())
def test_closed_pages_send_a_stranger_to_the_log_in(closed: Building, path: str) -> None:
    status, location, body = get(closed, path)
    assert status == 303
    assert location.startswith("/login?next=/")
    assert "财务科".encode() not in body


def test_every_page_that_is_served_is_listed_and_so_guarded(building: Building) -> None:
    import nicegui

    served = {route.path for route in nicegui.app.routes if isinstance(route, Route) and "GET" in (route.methods or ())}
    pages = {path for path in served if not path.startswith(("/_nicegui", "/assets", "/favicon", "/language"))}
    assert pages - {"/docs", "/redoc", "/openapi.json", "/docs/oauth2-redirect"} <= set(PATHS)
    assert "/meters/{meter}" in pages


def test_logging_in_opens_the_pages_and_their_tables_and_leaving_closes_them(
    closed: Building, browser: Browser
) -> None:
    browser.open(f"{closed.address}/usage")
    assert "访问令牌" in browser.text()
    assert "财务科" not in browser.text()
    log_in(browser, closed, "not-a-token")
    browser.wait_text("令牌无效")
    log_in(browser, closed, closed.token("统计员", Role.VIEWER), "/usage")
    browser.wait_text("未分摊")
    fetched = browser.driver.execute_async_script(
        "const done = arguments[0]; fetch('/api/v1/site').then(answer => done(answer.status))"
    )
    assert fetched == 200, "the log-in opens the API's tables too"
    browser.one("form[action='/logout'] button").click()
    browser.wait_text("访问令牌")
    browser.open(f"{closed.address}/usage")
    assert "访问令牌" in browser.text()


def test_an_open_page_goes_away_when_reading_is_no_longer_open(building: Building, browser: Browser) -> None:
    browser.open(building.address)
    building.context.open_reading = False
    try:
        browser.wait_text("访问令牌")
    finally:
        building.context.open_reading = True


def test_a_forged_cookie_opens_nothing(closed: Building) -> None:
    for cookie in ("houqin_log_in=1", "houqin_log_in=", "houqin_log_in=" + "A" * 43, "session=1; houqin_page=x"):
        status, location, _ = get(closed, "/", {"Cookie": cookie})
        assert (status, location) == (303, "/login?next=/")


def test_pages_may_not_be_framed_and_load_only_from_here(building: Building) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", building.port, timeout=10)
    connection.request("GET", "/")
    answer = connection.getresponse()
    policy = answer.getheader("content-security-policy") or ""
    connection.close()
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy


def test_past_alarms_are_listed_on_request(building: Building, browser: Browser) -> None:
    browser.open(f"{building.address}/alarms")
    browser.wait_text("402 室电表应答缓慢")
    assert "持续中" in browser.text("table.data")
    browser.one("a[href='/alarms?past=1']").click()
    browser.wait_text("402 室电表应答缓慢")
