"""What the use page's address asks for, and that what makes no sense in it is taken as not said."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest

from api.pages.use_question import UseQuestion
from api.services.edges import Every
from api.services.use_extras import With
from facility.accounting.metering import Medium
from tests.api.house import NOW

ZONE = ZoneInfo("Asia/Shanghai")


def asked(address: str) -> UseQuestion:
    words = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    return UseQuestion.of(words, NOW, ZONE)


def test_an_empty_address_asks_for_the_offices_electricity_of_this_month() -> None:
    question = asked("/usage")
    assert (question.by, question.medium, question.rows) == ("office", Medium.ELECTRICITY, Every.TOTAL)
    assert (question.period.title, question.extras, question.rank, question.key) == ("2026-07", (), "value", "")


def test_an_address_asks_for_what_it_was_made_from() -> None:
    question = asked("/usage?by=month&at=2025&of=item&medium=gas&rows=month&with=co2,cost&key=power")
    assert asked(question.address()) == question
    assert question.extras == (With.COST, With.CO2)
    assert asked(question.address(by="meter")).by == "meter"


@pytest.mark.parametrize(
    "address",
    [
        "/usage?by=century&of=dragon&medium=plasma&rows=second&with=luck&rank=name",
        "/usage?by=day&rows=hour",
        "/usage?with=quota",
        "/usage?at=9999-99",
    ],
)
def test_nonsense_is_taken_as_not_said(address: str) -> None:
    assert asked(address) == asked("/usage")


def test_a_quota_goes_with_months_of_offices_only() -> None:
    assert asked("/usage?by=month&rows=month&with=quota").extras == (With.QUOTA,)
    assert asked("/usage?by=month&rows=month&with=quota&of=floor").extras == ()


def test_a_column_is_taken_in_and_out() -> None:
    question = asked("/usage?with=cost")
    assert question.toggled(With.CO2) == (With.COST, With.CO2)
    assert question.toggled(With.COST) == ()


def test_the_file_holds_the_same_period_rows_and_columns() -> None:
    address = asked("/usage?by=hour&at=2026-07-14&of=meter&rows=hour&with=cost").file("xlsx", ZONE, "en")
    words = parse_qs(urlsplit(address).query)
    assert words == {
        "by": ["meter"], "medium": ["electricity"], "every": ["hour"], "with": ["cost"], "format": ["xlsx"],
        "start": ["2026-07-14T00:00:00+08:00"], "end": ["2026-07-15T00:00:00+08:00"], "lang": ["en"],
    }  # fmt: skip
