"""Presets quote their clauses, parameters are checked, and what makes no sense is found before it runs."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from controller.policy import check_policy, load_policy
from controller.policy.findings import Finding
from controller.policy.library import presets
from controller.policy.schema import Parameters
from controller.policy.wording import WORDS, words_of
from facility.decisions import Effect
from facility.errors import PolicyError
from facility.model import SiteFile
from facility.model.entries import ZoneClass
from facility.text import Text
from tests.sites import small_site_data

QUOTES = {
    "AC-01": ("(二)1", "供应冷气规定:天气预报室外温度达到30℃以上时。"),
    "AC-02": ("(二)2", "供应暖气规定:天气预报室外温度达到15℃以下时。"),
    "AC-03": ("(二)3", "室内空气调节标准:夏季室内温度不得低于28℃;冬季室内温度不得高于24℃"),
    "AC-04": (
        "(二)4",
        "法定节假日、双休日,原则上停止供应冷、暖气,有特殊情况需开启的,必须提前报行政科备案。",
    ),
    "AC-05": (
        "(三)2",
        "空调开关机时间:夏季8:00~17:00时间段供应冷气;冬季8:00~17:00时间段供应暖气。"
        "提前或延长使用中央空调,必须按行政科通知。",
    ),
    "AC-06": (
        "(三)1",
        "在供应冷气时间内(天气预报室外温度达到30℃以下时),遇有阴雨天或室外温度低于30℃时,停止开放冷气",
    ),
    "AC-07": (
        "(三)1",
        "在供应暖气时间内(天气预报室外温度达到15℃以上时),遇有晴天或室外温度高于15℃时,停止开放暖气。"
        "具体情况由行政科掌握。",
    ),
    "AC-10": (
        "(二)5",
        "各科室设定专人对空调设备进行开关、调节操作,严禁个人随意调节温度和拆卸空调设备。",
    ),
    "AC-13": ("(四)1", "中央空调由行政科具体负责管理。"),
    "AC-14": (
        "(四)4",
        "部分公共区域空调管理:5楼小会议室、5楼视频会议室由办公室负责管理;4楼健身活动室、职工之家由工会负责管理;"
        "4层党员活动室由党委办负责管理;四五层大厅由行政科负责管理。",
    ),
    "WH-01": ("七", "开水房开水壶责任人为值班室当班人员,每天上午8:00打开,9:00关闭。"),
}


def site_file(policy: dict[str, Any]) -> SiteFile:
    """The small site with a policy."""
    return SiteFile.model_validate(small_site_data() | {"policy": policy})


@pytest.mark.parametrize("clause", QUOTES)
def test_the_default_preset_quotes_its_clauses_exactly(clause: str) -> None:
    found = presets()["hunan_bureau_2022"].clauses[clause]
    assert (found.article, found.quote) == QUOTES[clause]


def test_every_rule_of_every_preset_rests_on_a_clause_it_quotes() -> None:
    for preset in presets().values():
        assert {entry.clause for entry in preset.rules.values()} <= set(preset.clauses)
        assert all(clause.quote and clause.document for clause in preset.clauses.values())


def test_the_default_numbers_are_those_of_the_rules() -> None:
    p = load_policy(site_file({})).parameters
    assert str(p.window) == "08:00-17:00"
    assert (p.cooling_permit_c, p.heating_permit_c) == (30.0, 15.0)
    assert (p.setpoint_min_cool_c, p.setpoint_max_heat_c) == (28.0, 24.0)
    assert (p.stagger_s, p.min_off_s, p.min_on_s, p.put_back_s, p.put_backs_per_hour) == (15, 300, 600, 60, 3)


def test_archives_and_server_rooms_are_exempt_from_the_office_rules() -> None:
    policy = load_policy(site_file({}))
    for zone_class, clause in ((ZoneClass.ARCHIVE, "ARC-01"), (ZoneClass.SERVER_ROOM, "AC-20")):
        rules = policy.of_class(zone_class)
        assert not rules.enforced & {"calendar", "window", "cooling-permit", "room-limit", "setpoint"}
        assert rules.clause_of["climate"] == clause
        assert clause in policy.clauses


def test_a_class_may_have_its_own_numbers() -> None:
    policy = load_policy(
        site_file({
            "parameters": {"setpoint_min_cool_c": 28.5},
            "zone_classes": {
                "meeting": {"parameters": {"vacancy_s": 600}, "start": "permit_only"},
                "server_room": {"parameters": {"climate_high_c": 25.0}},
            },
        })
    )  # fmt: skip
    office, meeting = policy.of_class(ZoneClass.OFFICE), policy.of_class(ZoneClass.MEETING)
    assert (office.parameters.setpoint_min_cool_c, meeting.parameters.setpoint_min_cool_c) == (28.5, 28.5)
    assert (office.parameters.vacancy_s, meeting.parameters.vacancy_s) == (1200, 600)
    assert (office.parameters.start, meeting.parameters.start) == ("auto", "permit_only")
    assert policy.of_class(ZoneClass.SERVER_ROOM).parameters.climate_high_c == 25.0


MISTAKES: list[tuple[dict[str, Any], list[tuple[str, str | None]]]] = [
    ({"preset": "hunan_bureau_2O22"}, [("policy.preset", "hunan_bureau_2022")]),
    ({"zone_classes": {"archive": {"preset": "archive_rom"}}},
     [("policy.zone_classes.archive.preset", "archive_room")]),
    ({"zone_classes": {"office": {"preset": "archive_room"}}}, [("policy.zone_classes.office.preset", None)]),
    ({"parameters": {"seting_min_cool_c": 28}}, [("policy.parameters.seting_min_cool_c", "setpoint_min_cool_c")]),
    ({"parameters": {"cooling_permit_c": "thirty"}}, [("policy.parameters.cooling_permit_c", None)]),
    ({"parameters": {"cooling_permit_c": True}}, [("policy.parameters.cooling_permit_c", None)]),
    ({"parameters": {"window": "17:00-08:00"}}, [("policy.parameters.window", None)]),
    ({"parameters": {"window": "8 to 5"}}, [("policy.parameters.window", None)]),
    ({"parameters": {"permit_at": "25:00"}}, [("policy.parameters.permit_at", None)]),
    ({"parameters": {"min_off_s": -1}}, [("policy.parameters.min_off_s", None)]),
    ({"parameters": {"heating_permit_c": 31.0}}, [("policy.parameters.cooling_permit_c", None)]),
    ({"parameters": {"setpoint_min_cool_c": 33.0}}, [("policy.parameters.setpoint_min_cool_c", None)]),
    ({"parameters": {"room_min_cool_c": 24.0}}, [("policy.parameters.room_min_cool_c", None)]),
    (
        {"zone_classes": {"archive": {"parameters": {"climate_low_c": 25.0}}}},
        [
            ("policy.zone_classes.archive.parameters.climate_low_c", None),
            ("policy.zone_classes.archive.parameters.climate_cool_c", None),
            ("policy.zone_classes.archive.parameters.climate_heat_c", None),
        ],
    ),
    ({"zone_classes": {"office": {"parameters": {"stagger_s": 5}}}},
     [("policy.zone_classes.office.parameters.stagger_s", None)]),
    ({"parameters": {"windw": "08:00-17:00", "min_on_s": "x"}},
     [("policy.parameters.windw", "window"), ("policy.parameters.min_on_s", None)]),
]  # fmt: skip


@pytest.mark.parametrize(("policy", "expected"), MISTAKES)
def test_every_mistake_is_named_with_its_place(policy: dict[str, Any], expected: list[tuple[str, str | None]]) -> None:
    file = site_file(policy)
    problems = check_policy(file)
    assert [".".join(map(str, problem.path)) for problem in problems] == [path for path, _ in expected]
    for problem, (_, near) in zip(problems, expected, strict=True):
        assert problem.what.zh != problem.what.en
        assert (problem.hint is None) == (near is None)
        if near is not None and problem.hint is not None:
            assert near in problem.hint.en
    with pytest.raises(PolicyError):
        load_policy(file)


WORDED = [
    ({"window": "8 to 5"}, "`8 to 5` 不是 08:00-17:00 这样的时段", "`8 to 5` is not a span such as 08:00-17:00"),
    ({"window": "17:00-08:00"}, "结束不晚于开始", "`17:00-08:00` ends before it starts"),
    ({"permit_at": "25:00"}, "`25:00` 不是 08:00 这样的时刻", "`25:00` is not a time of day such as 08:00"),
    ({"min_off_s": -1}, "`min_off_s` 的值 -1 超出范围", "`min_off_s` is -1; expected at least 0"),
    ({"cooling_permit_c": "thirty"}, "`thirty` 不对，应为数字", "`cooling_permit_c` is `thirty`; expected a number"),
]


@pytest.mark.parametrize(("parameters", "zh", "en"), WORDED)
def test_a_wrong_value_is_said_in_the_readers_language(parameters: dict[str, Any], zh: str, en: str) -> None:
    (problem,) = check_policy(site_file({"parameters": parameters}))
    assert zh in problem.what.zh
    assert en in problem.what.en
    assert "error" not in problem.what.zh


def test_no_legal_state_is_called_by_its_name() -> None:
    problems = check_policy(site_file({"parameters": {"setpoint_min_cool_c": 33.0}}))
    assert "X-01" in problems[0].what.zh


def test_a_sound_policy_has_no_problems() -> None:
    assert check_policy(site_file({"preset": "hunan_bureau_2022", "parameters": {"window": "08:30-17:30"}})) == []


def test_every_word_exists_in_both_languages() -> None:
    for code, text in WORDS.items():
        assert text.zh, code
        assert text.en, code
        assert any("\u4e00" <= letter <= "\u9fff" for letter in text.zh), code
        assert not any("\u4e00" <= letter <= "\u9fff" for letter in text.en), code


@pytest.mark.parametrize(
    ("value_c", "shown"), [(29.4, "29.4"), (29.97, "29.97"), (29.9996, "29.9996"), (30.0, "30.0"), (0.0, "0.0")]
)
def test_a_value_beside_its_limit_has_the_digits_that_keep_the_sentence_true(value_c: float, shown: str) -> None:
    now = datetime(2026, 7, 15, 2, 0, tzinfo=UTC)
    finding = Finding(
        "cooling-stop-measured",
        Effect.FORBID,
        "cooling-measured",
        (value_c, 30.0, Text("气象站", "station"), now, None),
    )
    words = words_of(finding, lambda when: when, now)
    assert f"室外 {shown} ℃" in words.zh
    assert f"{shown} C outdoors" in words.en


def test_parameters_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Parameters().window = None  # type: ignore[misc, assignment]


def test_every_parameter_and_rule_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "control.md").read_text(encoding="utf-8")
    assert [name for name in Parameters.model_fields if f"`{name}`" not in page] == []
    documented = {"operator", "administration", "responsible-office", "climate"}
    rules = {rule for preset in presets().values() for rule in preset.by_name} - documented
    assert [rule for rule in sorted(rules) if f"`{rule}`" not in page] == []
