"""How values, ages and times are written: zero is zero, missing is a dash."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from api.pages.units import name_without, sentence_after_name
from api.pages.wording import Wording

ZH = Wording(language="zh", zone=ZoneInfo("Asia/Shanghai"))
EN = Wording(language="en", zone=ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize(
    ("value", "unit", "written"),
    [
        (0.0, "kW", "0.00 kW"),
        (None, "kW", "—"),
        (-0.0, "kW", "0.00 kW"),
        (-0.04, "Cel", "0.0 ℃"),
        (-3.25, "Cel", "-3.2 ℃"),
        (1234567.0, "kWh", "1,234,567.0 kWh"),
        (99.6, "%", "100 %"),
        (7.0, "1", "7.00"),
        (1.0, "furlong", "1.0 furlong"),
    ],
)
def test_amounts(value: float | None, unit: str, written: str) -> None:
    assert ZH.amount(value, unit) == written


def test_a_zero_share_is_not_a_missing_one() -> None:
    assert (ZH.share(0.0), ZH.share(None), ZH.share(0.125, 1)) == ("0%", "—", "12.5%")


@pytest.mark.parametrize(
    ("share", "digits", "written"),
    [
        (1.0, 1, "100.0%"),
        (1.0 - 1e-15, 1, "100.0%"),
        (1.0 - 1 / 44_640, 1, "99.9%"),
        (1.0 - 1 / 44_640, 0, "99%"),
        (0.9994, 1, "99.9%"),
        (1.0004, 1, "100.0%"),
        (1.5, 0, "150%"),
        (0.0, 1, "0.0%"),
    ],
)
def test_a_share_short_of_the_whole_is_never_100_percent(share: float, digits: int, written: str) -> None:
    assert ZH.share(share, digits) == written


@pytest.mark.parametrize(
    ("age_s", "zh", "en"),
    [
        (None, "—", "—"),
        (0.0, "刚刚", "just now"),
        (12.9, "12 秒前", "12 s ago"),
        (119.0, "119 秒前", "119 s ago"),
        (120.0, "2 分钟前", "2 min ago"),
        (7200.0, "2 小时前", "2 h ago"),
        (172_800.0, "2 天前", "2 d ago"),
    ],
)
def test_ages(age_s: float | None, zh: str, en: str) -> None:
    assert (ZH.age(age_s), EN.age(age_s)) == (zh, en)


def test_states_have_names_and_unknown_codes_stay_numbers() -> None:
    assert [ZH.state("hvac_mode", value) for value in (0.0, 1.0, None, 9.0)] == ["制冷", "制热", "—", "9"]
    assert EN.state("off_on", 0.0) == "off"
    assert EN.state("no_such_enumeration", 2.0) == "2"


def test_times_are_local() -> None:
    time = datetime(2026, 7, 15, 16, 5, 9, tzinfo=UTC)
    assert ZH.full(time) == "2026-07-16 周四 00:05:09"
    assert EN.full(time) == "2026-07-16 Thu 00:05:09"
    assert (ZH.clock(time), ZH.moment(time), ZH.moment(None)) == ("00:05", "07-16 00:05", "—")


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("财务科 401 空调未启动,因为室外 24.1 ℃。", "未启动,因为室外 24.1 ℃。"),
        ("401 空调:已关闭。", "已关闭。"),
        ("室外 24.1 ℃ 低于 30 ℃。", "室外 24.1 ℃ 低于 30 ℃。"),
        ("今天室外温度一直低于三十摄氏度,所以整栋楼都没有供冷,停止供冷期间关闭 401 空调。",
         "今天室外温度一直低于三十摄氏度,所以整栋楼都没有供冷,停止供冷期间关闭 401 空调。"),
        ("401 空调", "401 空调"),
    ],
)  # fmt: skip
def test_a_card_does_not_repeat_the_units_name(sentence: str, shown: str) -> None:
    assert sentence_after_name(sentence, "401 空调") == shown


@pytest.mark.parametrize(
    ("whole", "said", "shown"),
    [
        ("101 Finance", "Finance", "101"),
        ("AC 4F hall", "4F hall", "AC"),
        ("4 楼大厅空调", "4 楼大厅", "空调"),
        ("AC 4F gym and staff home", "4F gym", "AC 4F gym and staff home"),
        ("Finance (east)", "Finance", "Finance (east)"),
        ("Finance", "Finance", "Finance"),
        ("Kettle", "", "Kettle"),
    ],
)
def test_a_line_does_not_repeat_its_card_and_is_never_torn(whole: str, said: str, shown: str) -> None:
    assert name_without(whole, said) == shown


@pytest.mark.parametrize(
    ("start", "end", "written"),
    [
        (datetime(2026, 7, 14, 14, 0, tzinfo=UTC), datetime(2026, 7, 14, 19, 0, tzinfo=UTC),
         "2026-07-14 22:00 – 07-15 03:00"),
        (datetime(2026, 7, 14, 1, 0, tzinfo=UTC), datetime(2026, 7, 14, 1, 5, tzinfo=UTC), "2026-07-14 09:00 – 09:05"),
    ],
)  # fmt: skip
def test_a_span_names_its_day_once(start: datetime, end: datetime, written: str) -> None:
    assert ZH.span(start, end) == written


@pytest.mark.parametrize(
    ("length_s", "written"),
    [(0.0, "0 min"), (29.0, "0 min"), (18_000.0, "5 h"), (90_060.0, "1 d 1 h 1 min"), (600.0, "10 min")],
)
def test_a_length_is_told_to_the_minute(length_s: float, written: str) -> None:
    assert EN.length(length_s) == written


@pytest.mark.parametrize(
    ("percent", "written"), [(0.0, "0.0%"), (None, "—"), (-12.34, "-12.3%"), (-0.01, "0.0%"), (369.7, "+369.7%")]
)
def test_a_change_has_its_sign(percent: float | None, written: str) -> None:
    assert ZH.change(percent) == written
