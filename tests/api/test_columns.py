"""Rows written from columns: what is missing is missing, what looks like a formula is text, and nothing is lost."""

from __future__ import annotations

import csv
import io
import math

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.reports.columns import Numbers, Stretch, Words, csv_head, csv_rows, json_rows, rows
from facility.text import Text

HOURS = ("2026-07-15T00:00:00+08:00", "2026-07-15T01:00:00+08:00", "2026-07-15T02:00:00+08:00")


def stretch(values: list[float], key: str = "finance", name: str = "财务科") -> Stretch:
    return Stretch(
        starts=HOURS[:-1],
        ends=HOURS[1:],
        names={key: Text(name, f"{name} in English")},
        columns={
            key: {
                "value": Numbers(values=np.array(values)),
                "good": Words(places=np.array([0, 1], np.uint8), words=(False, True)),
            }
        },
    )


def test_zero_is_zero_and_missing_is_null() -> None:
    found = orjson.loads(b"[" + json_rows(stretch([0.0, math.nan])) + b"]")
    assert [row["value"] for row in found] == [0.0, None]
    assert found[0] == {
        "key": "finance", "name": {"zh": "财务科", "en": "财务科 in English"}, "start": HOURS[0], "end": HOURS[1],
        "value": 0.0, "good": False,
    }  # fmt: skip


def test_csv_has_empty_cells_and_no_formula() -> None:
    lines = csv_rows(stretch([0.0, math.nan], name="=HYPERLINK(1)"), "zh").decode().splitlines()
    assert lines[0] == f"finance,'=HYPERLINK(1),{HOURS[0]},{HOURS[1]},0.0,false"
    assert lines[1].endswith(",,true")
    assert csv_head(["value", "good"]).decode() == "\ufeffkey,name,start,end,value,good\r\n"


def test_a_workbook_gets_cells_as_they_are() -> None:
    assert list(rows(stretch([1.5, math.nan]), "en")) == [
        ["finance", "财务科 in English", HOURS[0], HOURS[1], 1.5, False],
        ["finance", "财务科 in English", HOURS[1], HOURS[2], None, True],
    ]


def test_nothing_has_no_rows() -> None:
    empty = Stretch(starts=(), ends=(), names={}, columns={})
    assert (json_rows(empty), csv_rows(empty, "zh"), len(empty)) == (b"", b"", 0)


@given(
    st.lists(st.floats(allow_infinity=False), min_size=2, max_size=2),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
)
def test_json_says_what_the_columns_hold(values: list[float], word: str) -> None:
    found = orjson.loads(b"[" + json_rows(stretch(values, key=f"k{word}", name=word)) + b"]")
    for row, value in zip(found, values, strict=True):
        assert row["value"] is None if math.isnan(value) else row["value"] == value
        assert (row["key"], row["name"]["zh"]) == (f"k{word}", word)


@given(st.lists(st.floats(allow_infinity=False), min_size=2, max_size=2))
def test_csv_says_what_the_columns_hold(values: list[float]) -> None:
    found = list(csv.reader(io.StringIO(csv_rows(stretch(values), "zh").decode(), newline="")))
    for line, value in zip(found, values, strict=True):
        assert line[4] == "" if math.isnan(value) else float(line[4]) == value


@pytest.mark.parametrize("percent", ["100%", "%b", "%%s", "{}"])
def test_percent_signs_in_names_stay(percent: str) -> None:
    found = orjson.loads(b"[" + json_rows(stretch([1.0, 2.0], key=percent, name=percent)) + b"]")
    assert {(row["key"], row["name"]["zh"]) for row in found} == {(percent, percent)}
