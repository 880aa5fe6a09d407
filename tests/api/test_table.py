"""CSV cells: never a formula, never a control character, nothing that is missing as zero."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.reports.table import cell, guarded, table_csv
from api.services.decisions import ReasonView
from api.shapes import Bilingual


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('=HYPERLINK("http://x")', '\'=HYPERLINK("http://x")'),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@cmd", "'@cmd"),
        ("\t=1", "'\t=1"),
        ("\x00=1", "'=1"),
        ("＝1", "'＝1"),
        ("plain", "plain"),
        (-1.5, -1.5),
        (0.0, 0.0),
        (None, ""),
        (True, "true"),
        (Bilingual(zh="=中", en="plain"), "'=中"),
        (datetime(2026, 7, 15, tzinfo=UTC), "2026-07-15T00:00:00+00:00"),
    ],
)
def test_a_cell_is_what_it_says(value: object, expected: object) -> None:
    assert cell(value, "zh") == expected


def test_a_reason_in_a_cell_is_what_it_says_with_its_clause() -> None:
    reason = ReasonView(
        rule="in-window", effect="permit", text=Bilingual(zh="在供应时间内", en="within the supply hours"),
        clause="AC-05", quote="…", document=None, inputs=[],
    )  # fmt: skip
    assert cell([reason, reason.model_copy(update={"clause": None})], "en") == (
        "within the supply hours (AC-05); within the supply hours"
    )
    assert cell([reason], "zh") == "在供应时间内 (AC-05)"


@given(st.text())
def test_no_text_is_ever_a_formula(text: str) -> None:
    assert not guarded(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"])), min_size=1, max_size=4))
def test_what_is_written_is_read_back(texts: list[str]) -> None:
    written = table_csv(["a"] * len(texts), [texts], "zh").removeprefix("\ufeff")
    assert list(csv.reader(io.StringIO(written, newline="")))[1] == [guarded(text) for text in texts]
