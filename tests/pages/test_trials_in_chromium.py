"""The pages of rules and of trials, in a real browser: looked up, asked for, read side by side."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from controller.policy.site_policy import load_policy
from controller.policy_statement import state_policy
from facility.bus import DecisionMade
from facility.commands import Actor, Mode, Role, Wish
from facility.decisions import Decision, Effect, Input, Reason
from facility.text import Text
from facility.trials import (
    Estimate,
    OfficeOutcome,
    PolicyChoice,
    PolicyOutcome,
    ReasonTally,
    SeasonHours,
    TrialRequest,
    TrialResult,
    UnknownShares,
)
from tests.pages.browser import Browser
from tests.pages.building import Building

pytestmark = pytest.mark.browser

CLERK = Actor(name="行政科", role=Role.ADMIN_SECTION)
START, END = datetime(2026, 7, 13, 16, tzinfo=UTC), datetime(2026, 7, 14, 16, tzinfo=UTC)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Building, str]]:
    """The building, the policy it goes by, and an administrator's token."""
    with Building(tmp_path_factory.mktemp("trials")) as building:
        journal = building.context.journal
        site = building.context.site
        state_policy(journal, load_policy(site.file, site), site, building.clock.now())
        yield building, journal.create_token("管理员", Role.ADMINISTRATOR)


def outcome(name: str, forbidden_h: float, kwh: Estimate) -> PolicyOutcome:
    hours = SeasonHours(cooling_h=9.0 - forbidden_h)
    return PolicyOutcome(
        name=name, preset="hunan_bureau_2022", supply={"office": hours}, permitted=hours,
        used=SeasonHours(cooling_h=9.0), used_permitted=hours, forbidden_h=forbidden_h, wanted_h=hours.both_h, starts=1,
        stops=(ReasonTally(code="late", text=Text("结束之后", "after hours"), clause="AC-05", count=1),),
        violations=(), avoided_kwh=kwh, unpriced_h=0.0,
        offices=(OfficeOutcome(
            office="finance", name=Text("财务科", "Finance"), units=1, permitted=hours, used_h=9.0,
            forbidden_h=forbidden_h,
        ),),
        unknown=UnknownShares(outdoor=0.0, forecast=None, units=0.0, rooms=0.25),
    )  # fmt: skip


RESULT = TrialResult(
    start=START, end=END, rates=(), decisions=7, limits=(Text("没有测量过。", "Nobody measured that."),),
    outcomes=(outcome("现行", 0.0, Estimate(value=0.0, low=0.0, high=0.0)), outcome("严格", 4.0, Estimate())),
)  # fmt: skip


def log_in(browser: Browser, address: str, token: str, path: str) -> None:
    browser.open(f"{address}/login?next={path}")
    browser.one("input[name='token']").send_keys(token)
    browser.one("form[action='/login'] button").click()
    browser.wait(lambda: "管理员" in browser.text(".who"), "the log-in")


def test_rules_are_listed_with_their_sentences_and_found_by_words(
    served: tuple[Building, str], browser: Browser
) -> None:
    building, token = served
    log_in(browser, building.address, token, "/rules")
    browser.wait_text("空调开关机时间", "#class-office")
    assert [name for name in browser.text("select[aria-label='楼层']").split() if name.startswith("f")] == []
    assert "hunan_bureau_2022" not in browser.text(".main"), "presets go by their names"
    browser.wait_text("AC-05", ".main")
    browser.one("input[aria-label='条款号或原文']").send_keys("人走设备停")
    browser.one("[data-act='show']").click()
    browser.wait(lambda: "AC-09" in browser.text(".main") and "AC-05" not in browser.text(".main"), "the search")
    browser.open(f"{building.address}/language/en?next=/rules?clause=AC-03")
    browser.wait(lambda: "Summer room temperature" in browser.text(".main"), "the English reading")


def test_a_trial_is_asked_for_with_the_numbers_entered(served: tuple[Building, str], browser: Browser) -> None:
    building, token = served
    log_in(browser, building.address, token, "/trials")
    browser.wait(lambda: "还没有试行" in browser.text("#trials"), "the list")
    offered = browser.text("select[aria-label='预设']")
    assert "中央国家机关节能措施" in offered
    assert "档案库房" not in offered, "only presets that have rules for offices"
    assert "信息机房" not in offered
    field = browser.one("input[aria-label='供冷：预报最高 ≥ ℃']")
    field.send_keys("33\t")
    browser.one("[data-act='run']").click()
    browser.wait(lambda: "等待" in browser.text(".notice"), "the trial's page")
    trial = building.context.journal.trials.waiting()
    assert trial is not None
    assert trial.request.policies[0].policy is None
    proposed = trial.request.policies[1].policy
    assert proposed is not None
    assert proposed["parameters"] == {"cooling_permit_c": 33.0}
    browser.one("[data-act='cancel']").click()
    browser.wait(lambda: "已取消" in browser.text(".notice"), "the cancelling")


def test_a_result_is_read_side_by_side_with_what_it_does_not_tell(
    served: tuple[Building, str], browser: Browser, tmp_path: Path
) -> None:
    building, token = served
    records = building.context.journal.trials
    request = TrialRequest(start=START, end=END, policies=(PolicyChoice(name="现行"), PolicyChoice(name="严格")))
    number = records.enter(request, actor=CLERK, at=END)
    records.begin(number)
    records.finish(number, RESULT, END)
    log_in(browser, building.address, token, f"/trials/{number}")
    browser.wait(lambda: "没有测量过" in browser.text(".main"), "the result")
    assert "2026-07-14 – 2026-07-14" in browser.text(".notice"), "the last day, not the moment it ends before"
    figures = browser.text("#figures")
    assert "办公室供冷/供暖小时" in figures
    assert "现行" in figures
    assert "严格" in figures
    assert "0.0 kWh (0.0–0.0)" in figures
    assert "未知" in figures
    assert "-4.0" in browser.text("#offices")
    browser.driver.save_screenshot(str(tmp_path / "trial.png"))
    assert browser.one("a[href$='format=csv']").is_displayed()


def test_trials_are_offered_to_those_who_may_ask_for_them(served: tuple[Building, str], browser: Browser) -> None:
    building, token = served
    browser.open(f"{building.address}/rules")
    assert "试行" not in browser.text(".nav")
    log_in(browser, building.address, token, "/rules")
    browser.wait_text("试行", ".nav")


def test_a_filing_that_bears_on_a_unit_goes_by_its_number(served: tuple[Building, str], browser: Browser) -> None:
    building, token = served
    now, wish = building.clock.now(), Wish(on=True, mode=Mode.COOL, setpoint_c=28.0)
    seen = Input(point="filing.5", value="exception", source="person", time=now, age_s=0.0)
    reason = Reason(rule="filed", effect=Effect.PERMIT, clause=None, text=Text("已备案", "filed"), inputs=(seen,))
    decided = Decision(
        equipment="ac-402", time=now, wanted=wish, effective=wish, slot=12, reasons=(reason,),
        sentence=Text("按备案供冷。", "Cooling as filed."), next_change=None, coming=None,
    )  # fmt: skip
    building.publish(DecisionMade(decision=decided))
    log_in(browser, building.address, token, "/equipment/ac-402")
    browser.wait_text("第 5 号备案 例外备案", ".inputs")
