"""One site file with every sort of mistake: all are told in one run, each in its line, nothing false beside them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from facility.model.loader import Loaded, load_site
from facility.model.problems import Problem, Severity

FILE = Path(__file__).parent / "many_mistakes.yaml"


class Told(NamedTuple):
    """What is expected of a mistake: its code, and words that its texts must hold."""

    code: str
    en: tuple[str, ...]
    zh: tuple[str, ...]


LEDGER: dict[str, Told] = {
    "timezone": Told("unknown_word", ("Asia/Shangai", "did you mean `Asia/Shanghai`?"), ("`Asia/Shanghai`？",)),
    "latitude": Told("out_of_range", ("`latitude` is 128.23", "at most 90"), ("`latitude`", "应不大于 90")),
    "stray-key": Told("unknown_key", ("`colour`", "expected `id`, `name`, `timezone`"), ("不认识的键 `colour`",)),
    "zone-class": Told("unknown_key", ("`archve`", "did you mean `archive`?"), ("是否想写 `archive`？",)),
    "section": Told("unknown_key", ("`wether`", "did you mean `weather`?"), ("是否想写 `weather`？",)),
    "no-url": Told("missing_key", ("open_meteo has no `url`", "http://"), ("open_meteo 缺少 `url`",)),
    "provider": Told("unknown_word", ("`manuel`", "did you mean `manual`?"), ("`open_meteo`", "是否想写 `manual`？")),
    "point-name": Told("dangling", ("weather.temperture", "did you mean `weather.temperature`?"), ("测点", "不存在")),
    "point-quantity": Told("wrong_quantity", ("measures humidity", "expected `temperature`"), ("weather.humidity",)),
    "point-equipment": Told("dangling", ("wheather.temperature", "did you mean `weather.temp"), ("测点", "不存在")),
    "poll": Told("out_of_range", ("`fast_s` is 0", "at least 0.2"), ("应不小于 0.2",)),
    "twice-in-a-map": Told("duplicate_key", ("`engine` is written twice", "line 19"), ("`engine` 重复", "第 19 行")),
    "journal-key": Told("unknown_key", ("`url_evn`", "did you mean `url_env`?"), ("是否想写 `url_env`？",)),
    "tariff-name": Told("unknown_table", ("no tariff `hunan_2026`", "did you mean `hunan_2025`?"), ("价格表",)),
    "tariff-medium": Told("wrong_medium", ("is a tariff of electricity", "expected one of water"), ("应为水价",)),
    "tariff-key": Told("unknown_key", ("`gass`", "did you mean `gas`?"), ("是否想写 `gas`？",)),
    "factors-file": Told("unknown_table", ("no factor set file `./none.yaml`",), ("没有因子集文件 `./none.yaml`",)),
    "codes-name": Told("unknown_table", ("`national_2008`", "did you mean `national_2009`?"), ("没有名为", "编码表")),
    "fan-weight": Told("out_of_range", ("`high` is 0", "expected above 0"), ("应大于 0",)),
    "no-date": Told("wrong_type", ("`2026-13-01`", "expected a date"), ("应为日期",)),
    "same-day": Told("duplicate_day", ("2026-09-18 is written twice", "line 28"), ("2026-09-18 重复", "第 28 行")),
    "no-notice": Told("empty", ("`notice` is empty",), ("`notice` 不能为空",)),
    "level": Told("wrong_type", ("`level` is `four`", "a whole number"), ("`four`", "应为整数")),
    "level-twice": Told("duplicate_key", ("`level` is written twice",), ("`level` 重复",)),
    "floor-twice": Told("duplicate_id", ("floor id `f4` is used twice", "line 35"), ("楼层编号 `f4` 重复", "第 35 行")),
    "office-twice": Told("duplicate_id", ("office id `finance`", "line 39"), ("科室编号 `finance` 重复",)),
    "slug": Told("pattern", ("`General`", "lower-case letters"), ("应为小写字母",)),
    "headcount": Told("out_of_range", ("`headcount` is -1", "at least 0"), ("应不小于 0",)),
    "name-is-text": Told("wrong_type", ("`name` is `工会`", "a mapping of keys"), ("应为一组键值",)),
    "no-meter": Told("unmetered_office", ("`lonely` has no electricity meter",), ("没有电表", "未分摊")),
    "quota-without-heads": Told("quota_without_heads", ("`lonely` has a quota per head",), ("有人均定额而没有人数",)),
    "office-reference": Told("dangling", ("`finanse`", "did you mean `finance`?"), ("科室 `finanse` 不存在",)),
    "floor-reference": Told("dangling", ("floor `f44`", "did you mean `f4`?"), ("楼层 `f44` 不存在",)),
    "class": Told("unknown_word", ("`class` is `offce`", "did you mean `office`?"), ("是否想写 `office`？",)),
    "space-key": Told("unknown_key", ("did you mean `responsible_office`?",), ("是否想写 `responsible_office`？",)),
    "no-id": Told("missing_key", ("required key `id` is missing",), ("缺少必需的键 `id`",)),
    "port": Told("out_of_range", ("`port` is 70000", "at most 65535"), ("应不大于 65535",)),
    "same-address": Told("duplicate_address", ("link `high`", "127.0.0.1:1502"), ("地址相同",)),
    "slow": Told("line_overloaded", ("`slow` is overloaded", "at 300 baud", "raise"), ("超载", "300 波特", "提高到")),
    "link-type": Told("unknown_word", ("`modbus_tpc`", "did you mean `modbus_tcp`?"), ("是否想写 `modbus_tcp`？",)),
    "link-without-type": Told("missing_key", ("required key `type` is missing",), ("缺少必需的键 `type`",)),
    "host-with-port": Told("host", ("`10.0.0.7:502`", "the port goes to `port`"), ("不是主机名", "端口写在 `port`")),
    "no-address": Told("host", ("`10.0.0.256`", "an IP address"), ("`10.0.0.256`", "IP 地址")),
    "wildcard": Told("topic", ("`a/+/c`", "has a wildcard"), ("含通配符",)),
    "unit-twice": Told("duplicate_unit", ("`unit` 11", "link `slow`", "device `m-1`"), ("已由设备 `m-1` 占用",)),
    "profile": Told("unknown_profile", ("`chint_dtsu66`", "did you mean `chint_dtsu666`?"), ("`chint_dtsu666`？",)),
    "no-unit": Told("missing_unit", ("`m-4` has no `unit`", "1 to 247"), ("缺少 `unit`",)),
    "protocol": Told("protocol", ("speaks modbus", "`sensors` is mqtt"), ("应为同一种协议",)),
    "link-reference": Told("dangling", ("link `slwo`", "did you mean `slow`?"), ("线路 `slwo` 不存在",)),
    "unit-is-text": Told("wrong_type", ("`unit` is `eleven`", "a whole number"), ("应为整数",)),
    "broadcast": Told("broadcast", ("broadcast address",), ("广播地址",)),
    "idle": Told("unused_device", ("no equipment uses device `idle`",), ("没有装置使用",)),
    "no-topic": Told("missing_topic", ("`th-1` has no `topic`",), ("缺少 `topic`",)),
    "topic-twice": Told("duplicate_topic", ("topic `a/b`", "device `th-2`"), ("主题 `a/b`",)),
    "meter-kind": Told("wrong_kind", ("`water`", "water_meter", "expected `electricity_meter`"), ("water_meter",)),
    "slot-twice": Told("duplicate_slot", ("`gw`, slot 0", "used by `ac-1`"), ("slot 0 已由 `ac-1` 使用",)),
    "no-slot": Told("missing_slot", ("`ac-3` has no `slot`", "0 to 63"), ("缺少 `slot`",)),
    "slot-range": Told("slot", ("`slot` is 64", "expected 0 to 63"), ("超出范围", "0 至 63")),
    "outdoor-reference": Told("dangling", ("`vrf-9`", "did you mean `vrf-1`?"), ("`vrf-9` 不存在",)),
    "serves-reference": Told("dangling", ("space `r499`",), ("房间 `r499` 不存在",)),
    "serves-nothing": Told("empty", ("`serves`", "at least 1"), ("`serves` 至少要有 1 项",)),
    "outdoor-kind": Told("wrong_kind", ("`ac-1`", "indoor_unit", "expected `outdoor_unit`"), ("应为 `outdoor_unit`",)),
    "capacity": Told("unknown_key", ("`capacity_kv`", "did you mean `capacity_kw`?"), ("是否想写 `capacity_kw`？",)),
    "kind": Told("unknown_word", ("`indoor_unti`", "did you mean `indoor_unit`?"), ("是否想写 `indoor_unit`？",)),
    "item": Told("unknown_word", ("`lightning_sockets`", "did you mean `lighting_sockets`?"), ("`lighting_sock",)),
    "slot-where-none": Told("slot", ("`m-2`", "expected no `slot`"), ("不用 `slot`",)),
    "feeds-twice": Told("feeds", ("2 targets", "office, space", "expected one"), ("只能写一个去向",)),
    "cycle": Told("parent_cycle", ("meter-3 -> meter-4 -> meter-3", "expected a tree"), ("成环",)),
    "parent-medium": Told("wrong_kind", ("`water`", "water_meter", "expected electricity_meter"), ("water_meter",)),
    "device-reference": Told("dangling", ("device `m-66`", "did you mean `m-6`?"), ("设备 `m-66` 不存在",)),
    "parent-reference": Told("dangling", ("`meter-10`", "did you mean `meter-1`?"), ("`meter-10` 不存在",)),
    "device-kind": Told("kind", ("`meter-8`", "ac_gateway", "expected electricity_meter"), ("应为 electricity_meter",)),
    "building-reference": Told("dangling", ("building `mian`", "did you mean `main`?"), ("楼栋 `mian` 不存在",)),
    "no-effect": Told("no_effect", ("`max_power_kw` says nothing of a water_meter", "`max_flow_m3_h`"), ("应写",)),
    "device-twice": Told("duplicate_slot", ("device `wm`", "used by `water`"), ("已由 `water` 使用",)),
    "register-twice": Told("duplicate_register", ("`kettle.again`", "`kettle.on`", "coil 0"), ("同一寄存器",)),
    "level-point": Told("dangling", ("point `th-1.low`",), ("测点 `th-1.low` 不存在",)),
    "sensor-without-contact": Told("kind", ("needs `open`", "`mqtt_climate`"), ("需要测点 `open`",)),
    "no-list": Told("wrong_type", ("`serves` is `r401`", "expected a list"), ("应为列表",)),
    "no-pulses": Told("kind", ("`per_pulse` needs a point that counts pulses", "`chint_dtsu666`"), ("脉冲计数测点",)),
    "outdoor-without-meter": Told("unmetered_outdoor", ("`roof-a` has no `meter`", "`split: none`"), ("无法分摊",)),
    "no-heat-meter": Told("missing_heat_meter", ("`ac-13` have no `heat_meter`",), ("`ac-13` 没有 `heat_meter`",)),
    "no-opening": Told("missing_opening", ("`ac-14` have no point `eev`",), ("没有测点 `eev`", "只能估算")),
    "outdoor-medium": Told("wrong_kind", ("`by-water`, which meters water", "expected electricity"), ("应计电",)),
    "heat-meter-kind": Told("wrong_kind", ("`heat_meter` refers to `water`", "expected `heat_meter`"), ("应为",)),
    "member-twice": Told("duplicate_member", ("`meter-1` is written twice",), ("成员 `meter-1` 重复",)),
    "member-medium": Told("wrong_medium", ("`water` meters water; expected electricity",), ("`water` 计水",)),
    "member-cycle": Told("member_cycle", ("ring-1 -> ring-2 -> ring-1",), ("由自身构成",)),
    "member-reference": Told("dangling", ("`meter-l`", "did you mean `meter-"), ("`meter-l` 不存在",)),
    "member-kind": Told("wrong_kind", ("`ac-1`", "indoor_unit", "`virtual_meter`"), ("`virtual_meter`",)),
    "virtual-parent": Told("wrong_kind", ("`meter-7`, which meters electricity", "expected water"), ("应计水",)),
    "virtual-feeds": Told("feeds", ("2 targets", "office, space"), ("只能写一个去向",)),
    "virtual-device": Told("wrong_value", ("`device` is `m-1`", "does not fit"), ("不合要求",)),
    "outside-tree": Told("outside_tree", ("`beside` has no `parent`",), ("不在电表树中",)),
    "charged-twice": Told("charged_twice", ("`meter-2` feeds an office itself",), ("会计两次",)),
    "no-members": Told("empty", ("`members`", "at least 1"), ("`members` 至少要有 1 项",)),
    "template-parameter": Told("unknown_parameter", ("no parameter `arae`",), ("没有参数 `arae`",)),
    "template-section": Told("unknown_key", ("`devces`", "did you mean `devices`?"), ("是否想写 `devices`？",)),
    "template-profile": Told("unknown_profile", ("`eastron_sdm360`", "`use` at line 139"), ("由第 139 行的 use 展开",)),
    "template-value": Told("out_of_range", ("`unit` is 301", "`use` at line 139"), ("由第 139 行的 use 展开",)),
    "template-name": Told("unknown_template", ("`roomm`", "did you mean `room`?"), ("没有名为 `roomm` 的模板",)),
    "parameter-unknown": Told("unknown_parameter", ("no parameter `oops`", "`unit`"), ("没有参数 `oops`",)),
    "parameter-missing": Told("missing_parameter", ("`office` of template `room` is missing",), ("缺少参数 `office`",)),
    "use-without-template": Told("missing_key", ("names its `template`",), ("要写明 `template`",)),
}  # fmt: skip

WARNINGS = {
    "unmetered_office", "unused_device", "quota_without_heads", "unmetered_outdoor", "missing_opening",
    "outside_tree", "charged_twice", "no_effect",
}  # fmt: skip


def places() -> dict[str, int]:
    """The line of every mistake, from the mark behind it."""
    lines = enumerate(FILE.read_text(encoding="utf-8").splitlines(), start=1)
    return {name: number for number, line in lines for name in re.findall(r"#! ([a-z-]+)", line)}


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    return load_site(FILE)


def test_every_mark_of_the_file_is_in_the_ledger() -> None:
    assert places().keys() == LEDGER.keys()
    assert len(LEDGER) >= 18


def test_all_mistakes_are_told_in_one_run_each_in_its_line_and_nothing_else(loaded: Loaded) -> None:
    expected = sorted((line, LEDGER[name].code) for name, line in places().items())
    assert sorted((problem.line, problem.code) for problem in loaded.problems) == expected
    assert loaded.site is None


@pytest.mark.parametrize("name", LEDGER)
def test_a_mistake_says_what_is_wrong_and_what_was_expected_in_both_languages(loaded: Loaded, name: str) -> None:
    told, line = LEDGER[name], places()[name]
    texts = [text for text in map(both, loaded.problems) if text[0].startswith(f"many_mistakes.yaml:{line}:")]
    assert any(all(word in en for word in told.en) and all(word in zh for word in told.zh) for en, zh in texts), texts


def test_a_chinese_reader_gets_chinese_and_an_english_reader_english(loaded: Loaded) -> None:
    chinese = re.compile(r"[\u4e00-\u9fff]")
    for problem in loaded.problems:
        english, zh = both(problem)
        assert chinese.search(zh.partition(": ")[2]), zh
        assert not chinese.search(english.replace("工会", "")), english
        assert not re.search(r"\b(should|must|is|the|of|at)\b", zh), zh


def test_only_what_does_not_stop_the_site_is_a_warning(loaded: Loaded) -> None:
    for problem in loaded.problems:
        is_warning = problem.severity is Severity.WARNING
        assert is_warning == (problem.code in WARNINGS), problem


def test_a_mistake_points_at_the_word_itself(loaded: Loaded) -> None:
    lines = FILE.read_text(encoding="utf-8").splitlines()
    at = {
        (problem.line, problem.code): lines[problem.line - 1][problem.column - 1 :]
        for problem in loaded.problems
    }  # fmt: skip
    marks = places()
    assert at[marks["capacity"], "unknown_key"].startswith("capacity_kv")
    assert at[marks["office-reference"], "dangling"].startswith("finanse")
    assert at[marks["unit-twice"], "duplicate_unit"].startswith("11}")
    assert at[marks["no-unit"], "missing_unit"].startswith("{id: m-4")
    assert at[marks["template-value"], "out_of_range"].startswith('"{unit}"')


def both(problem: Problem) -> tuple[str, str]:
    """A problem as an English and as a Chinese reader sees it."""
    return problem.render("en"), problem.render("zh")
