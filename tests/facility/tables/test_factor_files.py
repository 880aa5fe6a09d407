"""Factor files: what is shipped makes sense, and what has no date, source or place is not taken."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from facility.errors import TableError
from facility.tables import FACTORS, factor_set, load_factors
from facility.tables.factors_schema import CALORIFIC_KWH
from facility.tables.loader import shipped

GOOD = """\
factors: own
version: "2026"
name: {zh: 本地}
sources:
  local: {document: 本地公告, grade: official}
regions:
  - {id: central, name: {zh: 华中}}
  - {id: hunan, name: {zh: 湖南}, parent: central}
coefficients:
  - {carrier: electricity, kind: calorific, unit: kgce/kWh, year: 2020, values: {china: 0.1229}, source: local}
  - {carrier: electricity, kind: co2, unit: kgCO2/kWh, year: 2023, values: {china: 0.53, hunan: 0.49}, source: local}
densities:
  - {carrier: petrol, kg_per_l: 0.73, source: local}
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
    "undated": Case("year: 2023, ", "", 11, "missing_key", "required key `year` is missing", "缺少必需的键 `year`"),
    "no year": Case("year: 2023", "year: latest", 11, "wrong_type", "expected a whole number", "应为整数"),
    "long ago": Case("year: 2023", "year: 23", 11, "out_of_range", "expected at least 1990", "应不小于 1990"),
    "no source": Case(
        "values: {china: 0.1229}, source: local",
        "values: {china: 0.1229}",
        10,
        "missing_key",
        "`source` is missing",
        "`source`",
    ),
    "unknown source": Case(
        "0.49}, source: local",
        "0.49}, source: locl",
        11,
        "dangling",
        "did you mean `local`?",
        "`sources` 里没有 `locl`",
    ),
    "density's source": Case(
        "0.73, source: local", "0.73, source: x", 13, "dangling", "no source `x`", "`sources` 里没有 `x`"
    ),
    "unknown region": Case(
        "hunan: 0.49", "hunnan: 0.49", 11, "dangling", "did you mean `hunan`?", "`regions` 里没有 `hunnan`"
    ),
    "parent after child": Case(
        "parent: central", "parent: centre", 8, "dangling", "did you mean `central`?", "上级地区 `centre`"
    ),
    "region twice": Case(
        "{id: hunan, name: {zh: 湖南}, parent: central}",
        "{id: central, name: {zh: 湖南}}",
        8,
        "duplicate_id",
        "`central` is used twice",
        "重复",
    ),
    "the nation again": Case("id: central, ", "id: china, ", 7, "duplicate_id", "`china` is used twice", "重复"),
    "unit of another kind": Case("kgCO2/kWh", "kgce/kWh", 11, "wrong_unit", "begins with kgCO2", "应以 kgCO2 开头"),
    "equivalent as calorific": Case(
        "china: 0.1229", "china: 0.298", 10, "out_of_range", "cannot be electricity's calorific value", "不可能"
    ),
    "no coefficient": Case("china: 0.53", "china: 0", 11, "out_of_range", "expected above 0", "应大于 0"),
    "unknown carrier": Case(
        "carrier: petrol", "carrier: petrl", 13, "unknown_word", "did you mean `petrol`?", "是否想写"
    ),
    "kilograms per cubic metre": Case(
        "kg_per_l: 0.73", "kg_per_l: 730", 13, "out_of_range", "expected below 1.2", "应小于 1.2"
    ),
}


def write(folder: Path, text: str) -> None:
    (folder / "own.yaml").write_text(text, encoding="utf-8")


def test_a_sites_own_factors_lie_beside_its_file(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    found = factor_set("./own.yaml", tmp_path)
    assert (found.id, found.version, len(found.factors)) == ("own", "2026", 3)
    assert {factor.source for factor in found.factors} == {"本地公告"}


@pytest.mark.parametrize("case", LEDGER)
def test_a_mistake_is_told_with_its_line_in_both_languages(case: str, tmp_path: Path) -> None:
    old, new, line, code, en, zh = LEDGER[case]
    assert old in GOOD
    write(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(TableError) as caught:
        factor_set("own.yaml", tmp_path)
    first = caught.value.problems[0]
    assert (first.line, first.code) == (line, code)
    assert en in first.render("en")
    assert zh in first.render("zh")


def test_two_coefficients_for_one_year_and_place_are_one_too_many(tmp_path: Path) -> None:
    line = GOOD.splitlines()[10]
    write(tmp_path, GOOD.replace(line, f"{line}\n{line}"))
    with pytest.raises(TableError) as caught:
        factor_set("own.yaml", tmp_path)
    assert [(problem.line, problem.code) for problem in caught.value.problems] == [(12, "duplicate_id")] * 2


def test_everything_shipped_is_dated_and_says_where_it_is_from() -> None:
    found = load_factors()
    assert sorted(found) == shipped(FACTORS) == ["china_2023"]
    for factor in found["china_2023"].factors:
        assert 1990 <= factor.year <= 2100
        assert factor.source


def test_electricitys_calorific_value_is_that_of_its_heat() -> None:
    assert round(CALORIFIC_KWH, 5) == 0.12284
