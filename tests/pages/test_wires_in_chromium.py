"""The page of lines and the one of frames, in a real browser."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from facility.broker_health import BrokerHealth
from facility.bus import AlarmChanged, LinesMeasured, LinkStatus
from facility.bus.messages import AlarmLevel
from facility.commands import Role
from facility.line_health import LineHealth, UnitHealth
from facility.publish_health import PublishHealth
from facility.readings import to_us
from facility.site_file_events import ALARM, REFUSED
from facility.spool import Figures
from facility.strangers import Stranger
from facility.text import Text
from facility.wire_log import Direction
from tests.pages.browser import Browser
from tests.pages.building import NOW, Building

pytestmark = pytest.mark.browser

REQUEST, ANSWER = bytes.fromhex("0b0304000002c591"), bytes.fromhex("0b0304000000000103")

DEAD = UnitHealth(
    device="m-402", up=False, requests=9, errors={"NoAnswer": 9, "Strange": 0}, latency_p50_ms=None,
    latency_p95_ms=None, dead_since=NOW - timedelta(minutes=5), probe_at=NOW + timedelta(seconds=30),
)  # fmt: skip
WELL = UnitHealth(
    device="m-401", up=True, requests=0, errors={}, latency_p50_ms=0.0, latency_p95_ms=41.5, dead_since=None,
    probe_at=None,
)  # fmt: skip
METERS = LineHealth(
    link="meters", up=True, at=NOW, requests=1234, errors={"NoAnswer": 9, "BadAnswer": 2}, missed=0,
    dropped_answers=3, load=0.0, latency_p50_ms=12.0, latency_p95_ms=41.5, units=(WELL, DEAD),
)  # fmt: skip
STRANGER = Stranger(
    link="sensors", id="th-499", topic="site/r499/climate", first=NOW - timedelta(hours=1), last=NOW, messages=7,
    sample='{"temperature": 21.5}',
)  # fmt: skip
SENSORS = BrokerHealth(
    link="sensors", up=True, at=NOW, connections=1, messages=20, readings=0, refused={"retained": 2}, dropped={"": 4},
    unacknowledged=0, strangers=(STRANGER,),
)  # fmt: skip


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Building, str]]:
    """The building with lines of every state, and a token of the duty room."""
    with Building(tmp_path_factory.mktemp("lines")) as building:
        building.publish(LinkStatus(link="plant", device=None, up=False, at=NOW, detail="connection refused"))
        building.publish(LinesMeasured(lines=(METERS,), brokers=(SENSORS,)))
        yield building, building.token("值班员", Role.DUTY_ROOM)


def log_in(browser: Browser, address: str, token: str, path: str) -> None:
    browser.open(f"{address}/login?next={path}")
    browser.one("input[name='token']").send_keys(token)
    browser.one("form[action='/login'] button").click()
    browser.wait(lambda: "值班员" in browser.text(".who"), "the log-in")


def cards(browser: Browser) -> list[str]:
    return [str(card.get_attribute("id")) for card in browser.driver.find_elements("css selector", ".line-card")]


def test_what_is_down_comes_first_and_budget_stands_beside_load(
    served: tuple[Building, str], browser: Browser, tmp_path: Path
) -> None:
    building, token = served
    log_in(browser, building.address, token, "/lines")
    assert cards(browser) == ["line-plant", "line-meters", "line-sensors"]
    assert "中断" in browser.text("#line-plant .line-head")
    assert "connection refused" in browser.text("#line-plant")
    total = len(building.context.site.devices)
    on_plant = sum(device.link == "plant" for device in building.context.site.devices.values())
    assert f"{on_plant + 1} / {total} 台设备失联" in browser.text(".main"), "those on a line that is down count"
    bars = browser.text("#line-meters .line-bars").split()
    share = building.context.budgets.of(building.context.site)["meters"].share
    assert bars == ["预算", f"{share:.1%}", "实测", "0.0%"]
    assert browser.text("#line-plant .line-bars").split()[-1] == "—", "not measured is not 0"
    facts = browser.text("#line-meters .facts")
    for said in ("95% 在 42 毫秒", "询问 1,234 次", "无应答 9、应答有误 2", "跳过轮询 0 轮", "丢弃应答 3 个"):
        assert said in facts
    rows = browser.text("#line-meters tbody").splitlines()
    assert "失联" in rows[0], "a line with a dead device shows its devices, the dead one first"
    assert "m-402" in browser.text("#line-meters tr[data-device='m-402']")
    assert "10:20:30" in browser.text("#line-meters tr[data-device='m-402']")
    assert "0.0/42 毫秒" in browser.text("#line-meters tr[data-device='m-401']")
    assert "—" in browser.text("#line-meters tr[data-device='m-main']"), "never asked is not without errors"
    browser.driver.save_screenshot(str(tmp_path / "lines.png"))
    assert browser.complaints() == []
    assert browser.hosts() <= {f"127.0.0.1:{building.port}"}


def test_a_line_that_comes_back_is_told_where_it_stands_without_asking_anew(
    served: tuple[Building, str], browser: Browser
) -> None:
    building, token = served
    log_in(browser, building.address, token, "/lines")
    building.publish(LinkStatus(link="plant", device=None, up=True, at=NOW, detail="connected"))
    building.publish(LinesMeasured(lines=(replace(METERS, load=0.93),), brokers=(SENSORS,)))
    try:
        browser.wait_text("93%", "#line-meters .line-bars")
        assert cards(browser)[0] == "line-meters"
        assert browser.driver.find_elements("css selector", "#line-meters .num.warn") != []
    finally:
        building.publish(LinkStatus(link="plant", device=None, up=False, at=NOW, detail="connection refused"))
        building.publish(LinesMeasured(lines=(METERS,), brokers=(SENSORS,)))


def test_who_speaks_unknown_is_shown_with_the_lines_for_the_site_file(
    served: tuple[Building, str], browser: Browser
) -> None:
    building, token = served
    log_in(browser, building.address, token, "/lines")
    browser.driver.execute_script("document.querySelector('[data-stranger] details').open = true")
    said = browser.text("#line-sensors")
    assert "消息 20 条，读数 0 个" in said
    assert "代理保留的旧值 2" in said
    assert "不知是谁的 4" in said
    building.publish(LinesMeasured(lines=(METERS,), brokers=(replace(SENSORS, refused={"retained": 0}, dropped={}),)))
    try:
        browser.wait_text("未采用：无", "#line-sensors")
        assert "丢弃：无" in browser.text("#line-sensors")
    finally:
        building.publish(LinesMeasured(lines=(METERS,), brokers=(SENSORS,)))
    assert '{"temperature": 21.5}' in said
    assert 'topic: "site/r499/climate"' in browser.text("[data-stranger='th-499'] .entry")
    browser.forget()
    browser.open(f"{building.address}/lines")
    assert "th-499" in browser.text("#line-sensors")
    assert "21.5" not in browser.text("#line-sensors"), "raw messages are for the duty room"
    assert browser.text("[data-act='frames']") == ""


def test_frames_are_followed_held_and_taken_away(served: tuple[Building, str], browser: Browser) -> None:
    building, token = served
    ring = building.context.wire_log.ring("meters", 10)
    building.run(ring.record, to_us(NOW), Direction.SENT, REQUEST)
    building.run(ring.record, to_us(NOW) + 12_000, Direction.RECEIVED, ANSWER, "no whole frame / 帧不完整")
    log_in(browser, building.address, token, "/lines/meters")
    browser.wait_text("帧不完整", "[data-frame='2'] .frame-note")
    assert browser.text("[data-frame='1']").split() == ["10:20:00.000", "→", *REQUEST.hex(" ").split()]
    assert browser.text("[data-frame='2']").split()[:2] == ["10:20:00.012", "←"]
    building.run(ring.record, to_us(NOW) + 13_000, Direction.SENT, REQUEST)
    browser.wait_text("10:20:00.013", "#frames")
    browser.one("[data-act='follow']").click()
    browser.wait_text("继续跟随", "[data-act='follow']")
    for _ in range(12):
        building.run(ring.record, to_us(NOW) + 14_000, Direction.SENT, REQUEST)
    assert browser.text("[data-frame='15']") == ""
    browser.one("[data-act='follow']").click()
    browser.wait_text("中间略去 2 条", "#frames")
    browser.wait_text("10:20:00.014", "[data-frame='15']")
    address = browser.one("a[href$='format=text&limit=1000']").get_attribute("href")
    asked = urllib.request.Request(str(address), headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(asked) as answer:
        assert answer.headers["Content-Disposition"] == 'attachment; filename="frames-meters.txt"'
        assert answer.read().decode().splitlines()[-1].split()[0] == "15"


def test_frames_are_not_shown_to_viewers(served: tuple[Building, str], browser: Browser) -> None:
    building, _ = served
    browser.open(f"{building.address}/lines/meters")
    assert "只有值班室" in browser.text(".main")
    assert browser.driver.find_elements("css selector", "#frames") == []
    browser.open(f"{building.address}/lines/nowhere")
    assert "nowhere" not in browser.text("h1")


def test_the_page_is_read_on_a_telephone_in_english_and_tells_of_the_site_file(
    served: tuple[Building, str], browser: Browser, tmp_path: Path
) -> None:
    building, _ = served
    problem = {"zh": "office.yaml:5:11: 错误", "en": "office.yaml:5:11: a mistake"}
    told = {"errors": 1, "problems": [problem]}
    building.run(building.context.journal.record_event, REFUSED, None, NOW, told)
    wrong = AlarmChanged(key=ALARM, active=True, level=AlarmLevel.WARNING, at=NOW, text=Text("有错误", "mistakes"))
    building.publish(wrong)
    published = PublishHealth(
        link="sensors", up=False, at=NOW, published=5, refused=0, topics=3, lost=0, commands={},
        spool=Figures(bytes=1_000_000, limit_bytes=4_000_000, waiting={"state": 7}),
    )  # fmt: skip
    building.publish(LinesMeasured(lines=(METERS,), brokers=(SENSORS,), published=published))
    browser.size(390, 844, phone=True)
    browser.open(f"{building.address}/language/en?next=/lines")
    browser.wait_text("mistakes: 1", "#keeping")
    assert "a mistake" in browser.text("#keeping")
    building.publish(replace(wrong, active=False))
    browser.wait(lambda: "mistake" not in browser.text("#keeping"), "a refusal that holds no more to be gone")
    assert "5 messages on 3 topics" in browser.text("#keeping")
    assert "1.0 of 4 MB (25%)" in browser.text("#keeping")
    assert "waiting: states 7" in browser.text("#keeping")
    assert "kept by another process" in browser.text("#keeping")
    assert browser.driver.execute_script("return document.documentElement.scrollWidth") == 390
    browser.driver.save_screenshot(str(tmp_path / "phone.png"))
