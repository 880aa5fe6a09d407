"""Tariff files: what is shipped makes sense, and every mistake is told with its line in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facility.accounting.tariffs import DAY_MINUTES, DAY_TYPES, Period
from facility.errors import TableError
from facility.tables import TARIFFS, load_tariffs, tariff
from facility.tables.loader import shipped
from facility.tables.tariffs_check import tariff_mistakes
from facility.tables.tariffs_hours import hour_mistakes, span_minutes, spans
from facility.tables.tariffs_schema import DayEntry, TariffEntry
from tests.facility.tables.bills import file_of

GOOD = """\
tariff: own
name: {zh: 本单位合同}
medium: electricity
source: {document: 合同 2026-1, grade: own}
versions:
  - valid_from: 2025-01-01
    valid_until: 2026-01-01
    prices:
      ratios: {peak: 1.6, flat: 1, valley: 0.4}
      sharp_over_peak: 1.2
    days:
      - hours:
          valley: ["00:00-06:00"]
          flat: ["06:00-16:00"]
          peak: ["16:00-24:00"]
    adders:
      - {id: fee, name: {zh: 费}, price: 0.03}
    tiers:
      period: year
      steps:
        - {above: 100, add: 0.1}
        - {above: 200, add: 0.2}
  - valid_from: 2026-01-01
    prices:
      yuan: {single: 0.7}
    days:
      - hours: {single: ["00:00-24:00"]}
"""


class Case(NamedTuple):
    """A mistake made by writing `new` for `old`: its line, its code, and words that its texts hold."""

    old: str
    new: str
    line: int
    code: str
    en: str
    zh: str


LEDGER = {
    "gap": Case(
        'flat: ["06:00-16:00"]',
        'flat: ["07:00-15:30"]',
        13,
        "gap",
        "06:00-07:00 belongs to no period",
        "06:00-07:00 没有归入",
    ),
    "gap at the end": Case(
        'peak: ["16:00-24:00"]', 'peak: ["16:00-23:30"]', 13, "gap", "23:30-24:00 belongs to no", "23:30-24:00"
    ),
    "overlap": Case(
        'flat: ["06:00-16:00"]',
        'flat: ["05:00-16:00"]',
        14,
        "overlap",
        "05:00-06:00 belongs to two periods: valley and flat",
        "谷与平",
    ),
    "no such hours": Case(
        'valley: ["00:00-06:00"]', 'valley: ["0-6"]', 13, "hours", "`0-6` is no span of hours", "时段 `0-6` 写法不对"
    ),
    "over midnight": Case('peak: ["16:00-24:00"]', 'peak: ["16:00-02:00"]', 15, "hours", "written as two", "分成两段"),
    "25 o'clock": Case(
        'peak: ["16:00-24:00"]', 'peak: ["16:00-25:00"]', 15, "hours", "24:00 at the latest", "最晚到 24:00"
    ),
    "valley dearer than flat": Case(
        "valley: 0.4}",
        "valley: 1.2}",
        9,
        "price_order",
        "flat is 1; expected above valley, 1.2",
        "平价 1 应高于谷价 1.2",
    ),
    "flat as dear as peak": Case(
        "peak: 1.6, flat: 1,",
        "peak: 1, flat: 1,",
        9,
        "price_order",
        "peak is 1; expected above flat",
        "峰价 1 应高于平价",
    ),
    "sharp below peak": Case(
        "sharp_over_peak: 1.2",
        "sharp_over_peak: 0.9",
        9,
        "price_order",
        "sharp is 1.44; expected above peak",
        "尖价 1.44",
    ),
    "sharp twice": Case("{peak: 1.6,", "{sharp: 2, peak: 1.6,", 10, "one_of", "without sharp", "没有 sharp"),
    "hours without price": Case(
        "ratios: {peak: 1.6, flat: 1, valley: 0.4}",
        "ratios: {peak: 1.6, flat: 1}",
        13,
        "no_price",
        "valley hours have no price",
        "谷时段没有价格",
    ),
    "neither ratios nor yuan": Case(
        "      yuan: {single: 0.7}", "      default_base: 0.7", 25, "one_of", "exactly one of", "应写且只写一个"
    ),
    "base without ratios": Case(
        "{single: 0.7}",
        "{single: 0.7}\n      default_base: 0.5",
        26,
        "one_of",
        "goes with `ratios` only",
        "只与 `ratios` 同用",
    ),
    "versions overlap": Case(
        "valid_until: 2026-01-01",
        "valid_until: 2026-01-02",
        23,
        "overlap",
        "overlaps with the version from 2025-01-01",
        "重叠",
    ),
    "version without end": Case("    valid_until: 2026-01-01\n", "", 22, "overlap", "whose `valid_until` is …", "重叠"),
    "ends before it begins": Case(
        "valid_until: 2026-01-01", "valid_until: 2025-01-01", 7, "order", "expected later than `valid_from`", "应晚于"
    ),
    "months missing": Case(
        "      - hours:\n",
        "      - months: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]\n        hours:\n",
        12,
        "gap",
        "in the months 11, 12",
        "11, 12",
    ),
    "hot days only": Case(
        "      - hours:\n",
        "      - forecast_max_c: 35\n        hours:\n",
        12,
        "gap",
        "hold whatever the forecast is",
        "不依赖预报",
    ),
    "day type missing": Case(
        "      - hours:\n", "      - day_types: [workday]\n        hours:\n", 12, "gap", "no hours for `rest`", "`rest`"
    ),
    "days twice": Case(
        '{single: ["00:00-24:00"]}',
        '{single: ["00:00-24:00"]}\n      - hours: {single: ["00:00-24:00"]}',
        28,
        "overlap",
        "entry 1 of `days` as well",
        "第 1 项",
    ),
    "month twice": Case(
        "      - hours: {single",
        "      - months: [1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]\n        hours: {single",
        27,
        "overlap",
        "entry 1 of `days`",
        "第 1 项",
    ),
    "steps that fall": Case(
        "above: 200", "above: 100", 22, "order", "`above` is 100; expected steps to ascend", "应逐级增大"
    ),
    "surcharge without single": Case(
        "    adders:",
        "    single_rate_surcharge: 0.07\n    adders:",
        16,
        "no_price",
        "expected only where `prices` has `single`",
        "single",
    ),
    "misspelt key": Case(
        "valid_until", "valid_untill", 7, "unknown_key", "did you mean `valid_until`?", "是否想写 `valid_until`？"
    ),
    "misspelt period": Case("{peak: 1.6", "{paek: 1.6", 9, "unknown_key", "did you mean `peak`?", "`paek`"),
    "no prices": Case(
        "    prices:\n      yuan: {single: 0.7}\n",
        "",
        23,
        "missing_key",
        "required key `prices` is missing",
        "缺少必需的键 `prices`",
    ),
    "no source": Case(
        "source: {document: 合同 2026-1, grade: own}\n", "", 1, "missing_key", "`source` is missing", "`source`"
    ),
    "price as words": Case(
        "{single: 0.7}", "{single: cheap}", 25, "wrong_type", "`cheap`; expected a number", "应为数字"
    ),
    "price below zero": Case(
        "{single: 0.7}", "{single: -0.7}", 25, "out_of_range", "expected at least 0", "应不小于 0"
    ),
    "no date": Case(
        "valid_from: 2026-01-01", "valid_from: 2026-13-01", 23, "wrong_type", "expected a date", "应为日期"
    ),
    "thirteenth month": Case(
        "      - hours: {single",
        "      - months: [13]\n        hours: {single",
        27,
        "out_of_range",
        "expected at most 12",
        "应不大于 12",
    ),
    "unknown medium": Case(
        "medium: electricity", "medium: electricty", 3, "unknown_word", "did you mean `electricity`?", "是否想写"
    ),
    "another name": Case(
        "tariff: own", "tariff: other", 1, "wrong_name", "`tariff` is `other`; expected `own`", "两者应一致"
    ),
    "a list": Case(GOOD, "- 1\n", 1, "wrong_type", "a mapping of keys", "一组键值"),
    "empty": Case(GOOD, "\n", 1, "empty_file", "the tariff file is empty", "文件是空的"),
    "broken YAML": Case("name: {zh: 本单位合同}", "name: {zh: 本单位合同", 3, "yaml", "broken YAML", "语法错误"),
    "key twice": Case(
        "medium: electricity",
        "medium: electricity\nmedium: water",
        4,
        "duplicate_key",
        "written twice, first at line 3",
        "重复",
    ),
}


def write(folder: Path, text: str) -> Path:
    path = folder / "own.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_sites_own_tariff_lies_beside_its_file(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    found = tariff("./own.yaml", tmp_path)
    assert [version.version for version in found.versions] == ["own@2025-01-01", "own@2026-01-01"]
    assert found.versions[0].prices[Period.SHARP] == 1.92
    assert (found.versions[0].floats, found.versions[1].floats) == (True, False)


@pytest.mark.parametrize("case", LEDGER)
def test_a_mistake_is_told_with_its_line_in_both_languages(case: str, tmp_path: Path) -> None:
    old, new, line, code, en, zh = LEDGER[case]
    assert old in GOOD
    write(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(TableError) as caught:
        tariff("own.yaml", tmp_path)
    first = caught.value.problems[0]
    assert (first.file, first.line, first.code) == ("own.yaml", line, code)
    assert en in first.render("en")
    assert zh in first.render("zh")
    assert f"own.yaml:{line}:" in str(caught.value)


def test_all_mistakes_are_told_in_one_go(tmp_path: Path) -> None:
    text = (
        GOOD.replace("valley: 0.4}", "valley: 1.2}")
        .replace("06:00-16:00", "06:00-15:00")
        .replace("above: 200", "above: 1")
    )
    write(tmp_path, text)
    with pytest.raises(TableError) as caught:
        tariff("own.yaml", tmp_path)
    assert [(problem.line, problem.code) for problem in caught.value.problems] == [
        (9, "price_order"), (13, "gap"), (22, "order"),
    ]  # fmt: skip


def test_an_adder_and_a_monthly_charge_are_told_apart_and_need_a_price(tmp_path: Path) -> None:
    fee = "      - {id: fee, name: {zh: 费}, price: 0.03}\n"
    write(tmp_path, GOOD.replace(fee, fee + fee.replace("0.03", "0.03, period: deep_valley")))
    with pytest.raises(TableError) as caught:
        tariff("own.yaml", tmp_path)
    assert [(problem.line, problem.code) for problem in caught.value.problems] == [
        (18, "duplicate_id"), (18, "no_price"),
    ]  # fmt: skip


def test_a_tariff_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="cannot be opened"):
        tariff("./none.yaml", tmp_path)
    with pytest.raises(TableError) as caught:
        tariff("hunan_2024")
    assert "did you mean `hunan_2025`?" in str(caught.value)
    assert "是否想写 `hunan_2025`？" in caught.value.problems[0].render("zh")


def test_everything_shipped_can_be_read_and_says_where_it_is_from() -> None:
    found = load_tariffs()
    assert sorted(found) == shipped(TARIFFS)
    assert {"hunan_2025", "guangdong_2021", "changsha_water_2021", "gas_example"} <= set(found)
    for family in found.values():
        assert all(version.example and version.source.document for version in family.versions)


def cases() -> Iterator[tuple[str, int, str, float | None]]:
    for name, family in load_tariffs().items():
        for version in family.versions:
            for celsius in {None, *(plan.forecast_max_c for plan in version.days)}:
                yield from ((name, month, kind, celsius) for month in range(1, 13) for kind in DAY_TYPES)


def test_every_shipped_day_is_covered_once_for_every_month_day_type_and_forecast() -> None:
    seen = 0
    for name, month, kind, celsius in cases():
        for version in load_tariffs()[name].versions:
            day = version.valid_from.replace(year=2026, month=month, day=1)
            found = version.plan(day, next(word for word in DAY_TYPES if word == kind), celsius).spans
            edges = [0, *(span.end_min for span in found)]
            assert [span.start_min for span in found] == edges[:-1]
            assert edges[-1] == DAY_MINUTES
            assert all(span.period in version.prices for span in found)
            seen += 1
    assert seen >= 5 * 36


@pytest.mark.parametrize(
    ("written", "minutes"),
    [
        ("00:00-24:00", (0, 1440)),
        ("08:30-12:00", (510, 720)),
        ("23:59-24:00", (1439, 1440)),
        ("08:00-08:00", None),
        ("12:00-08:00", None),
        ("00:00-24:01", None),
        ("08:60-10:00", None),
        ("8:00-10:00", None),
        ("08:00–10:00", None),
        ("", None),
    ],
)
def test_hours_are_written_in_one_way(written: str, minutes: tuple[int, int] | None) -> None:
    assert span_minutes(written) == minutes


def wall(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


@st.composite
def partitions(draw: st.DrawFn) -> list[tuple[int, int, Period]]:
    cuts = sorted(draw(st.sets(st.integers(1, DAY_MINUTES - 1), min_size=1, max_size=10)))
    edges = [0, *cuts, DAY_MINUTES]
    period = st.sampled_from(list(Period))
    return [(low, high, draw(period)) for low, high in pairwise(edges)]


def day_of(parts: list[tuple[int, int, Period]]) -> DayEntry:
    by_period: dict[str, list[str]] = {}
    for low, high, period in parts:
        by_period.setdefault(period.value, []).append(f"{wall(low)}-{wall(high)}")
    return DayEntry.model_validate({"hours": by_period})


@given(parts=partitions(), data=st.data())
@settings(deadline=None)
def test_a_day_in_parts_is_covered_and_one_minute_more_or_less_is_told(
    parts: list[tuple[int, int, Period]], data: st.DataObject
) -> None:
    day = day_of(parts)
    assert hour_mistakes(day, ()) == []
    assert [(span.start_min, span.end_min, span.period) for span in spans(day)] == parts
    place = data.draw(st.integers(0, len(parts) - 1))
    low, high, period = parts[place]
    shorter = [*parts[:place], *([(low, high - 1, period)] if high - low > 1 else []), *parts[place + 1 :]]
    assert [mistake.code for mistake in hour_mistakes(day_of(shorter), ())] == ["gap"]
    if high < DAY_MINUTES:
        longer = [*parts[:place], (low, high + 1, period), *parts[place + 1 :]]
        assert [mistake.code for mistake in hour_mistakes(day_of(longer), ())] == ["overlap"]


def test_a_span_within_another_is_told_once_and_the_rest_is_still_judged() -> None:
    day = DayEntry.model_validate(
        {"hours": {"flat": ["00:00-12:00"], "peak": ["02:00-03:00"], "valley": ["13:00-24:00"]}}
    )
    assert [(mistake.code, mistake.what.en[:11]) for mistake in hour_mistakes(day, ())] == [
        ("overlap", "02:00-03:00"),
        ("gap", "12:00-13:00"),
    ]


def test_a_rebate_is_a_negative_adder() -> None:
    entry = TariffEntry.model_validate(file_of(adders=[{"id": "rebate", "name": {"zh": "返"}, "price": -0.01}]))
    assert tariff_mistakes(entry) == []
