"""Which office used what: the meter tree as a ledger."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facility.accounting import UNALLOCATED, Grade, UsageRow, Use, usage_by
from facility.model import Site, SiteFile, build_site
from facility.profiles import ProfileLibrary
from tests.sites import small_site, small_site_data


def used(value: float | None, *, completeness: float = 1.0, estimated: float = 0.0, start: int = 0) -> list[Use]:
    return [
        Use(
            start_us=start,
            end_us=start + 60,
            value=value,
            completeness=0.0 if value is None else completeness,
            estimated_share=estimated,
            grade=Grade.MEASURED,
        )
    ]


def values(rows: list[UsageRow]) -> dict[str, float | None]:
    return {row.key: row.value for row in rows}


LIBRARY = ProfileLibrary()


def site_with(*meters: dict[str, Any]) -> Site:
    """The small site with these meters in place of its office meters."""
    data = small_site_data()
    data["equipment"] = [item for item in data["equipment"] if not item["id"].startswith("meter-")]
    for number, meter in enumerate(meters):
        device = f"dm-{number}"
        data["devices"].append({"id": device, "profile": "chint_dtsu666", "link": "meters", "unit": 100 + number})
        data["equipment"].append({"kind": "electricity_meter", "device": device, **meter})
    return build_site(SiteFile.model_validate(data), LIBRARY)


def test_offices_and_unallocated_make_up_the_main_meter() -> None:
    rows = usage_by(
        small_site(), "office", {"main-meter": used(100.0), "meter-401": used(30.0), "meter-402": used(45.0)}
    )
    assert values(rows) == {"finance": 30.0, "general": 45.0, UNALLOCATED: 25.0}
    assert [row.grade for row in rows] == [Grade.MEASURED, Grade.MEASURED, Grade.DERIVED]
    assert rows[-1].name == ("未分摊", "Unallocated")


def test_an_office_that_used_nothing_used_zero() -> None:
    rows = usage_by(small_site(), "office", {"main-meter": used(0.0), "meter-401": used(0.0), "meter-402": used(0.0)})
    assert values(rows) == {"finance": 0.0, "general": 0.0, UNALLOCATED: 0.0}


def test_an_office_whose_meter_is_silent_is_unknown_and_the_rest_says_that_it_lacks_something() -> None:
    rows = usage_by(
        small_site(), "office", {"main-meter": used(100.0), "meter-401": used(30.0), "meter-402": used(None)}
    )
    assert values(rows) == {"finance": 30.0, "general": None, UNALLOCATED: 70.0}
    assert [row.completeness for row in rows] == [1.0, 0.0, 0.0]


def test_a_silent_main_meter_leaves_the_unallocated_unknown() -> None:
    rows = usage_by(
        small_site(), "office", {"main-meter": used(None), "meter-401": used(30.0), "meter-402": used(40.0)}
    )
    assert values(rows) == {"finance": 30.0, "general": 40.0, UNALLOCATED: None}


def test_an_office_without_a_meter_has_a_row_that_says_so() -> None:
    rows = usage_by(site_with(), "office", {"main-meter": used(9.0)})
    assert values(rows) == {"finance": None, "general": None, UNALLOCATED: 9.0}


def test_a_partly_known_office_is_the_sum_of_what_is_known() -> None:
    site = site_with(
        {"id": "a", "parent": "main-meter", "feeds": {"office": "finance"}},
        {"id": "b", "parent": "main-meter", "feeds": {"space": "r401"}},
    )
    rows = usage_by(site, "office", {"main-meter": used(100.0), "a": used(30.0), "b": used(None)})
    assert (rows[0].key, rows[0].value, rows[0].completeness) == ("finance", 30.0, 0.5)


def test_of_nested_meters_of_one_office_only_the_topmost_counts() -> None:
    site = site_with(
        {"id": "office", "parent": "main-meter", "feeds": {"office": "finance"}},
        {"id": "board", "parent": "office"},
        {"id": "sockets", "parent": "board", "feeds": {"space": "r401"}},
    )
    uses = {"main-meter": used(100.0), "office": used(60.0), "board": used(55.0), "sockets": used(20.0)}
    assert values(usage_by(site, "office", uses)) == {"finance": 60.0, "general": None, UNALLOCATED: 40.0}


def test_a_meter_behind_another_offices_meter_is_taken_off_there() -> None:
    site = site_with(
        {"id": "a", "parent": "main-meter", "feeds": {"office": "finance"}},
        {"id": "b", "parent": "a", "feeds": {"office": "general"}},
    )
    rows = usage_by(site, "office", {"main-meter": used(100.0), "a": used(60.0), "b": used(20.0)})
    assert values(rows) == {"finance": 40.0, "general": 20.0, UNALLOCATED: 40.0}


def test_behind_a_silent_meter_what_speaks_counts_by_itself() -> None:
    site = site_with(
        {"id": "a", "parent": "main-meter", "feeds": {"office": "finance"}},
        {"id": "b", "parent": "a", "feeds": {"office": "general"}},
    )
    rows = usage_by(site, "office", {"main-meter": used(100.0), "a": used(None), "b": used(20.0)})
    assert values(rows) == {"finance": None, "general": 20.0, UNALLOCATED: 80.0}
    assert [row.completeness for row in rows] == [0.0, 1.0, 0.0]


def test_a_virtual_meter_owns_and_lies_upstream_like_any_other() -> None:
    data = small_site_data()
    for item in data["equipment"]:
        if item["id"] == "meter-402":
            item["parent"] = "both"
    data["equipment"].append({
        "id": "both", "kind": "virtual_meter", "members": [{"meter": "main-meter", "percent": 80}],
        "parent": "main-meter", "feeds": {"office": "finance"},
    })  # fmt: skip
    site = build_site(SiteFile.model_validate(data), LIBRARY)
    uses = {"main-meter": used(100.0), "both": used(80.0), "meter-402": used(45.0)}
    assert values(usage_by(site, "office", uses)) == {"finance": 35.0, "general": 45.0, UNALLOCATED: 20.0}


def test_a_public_room_is_nobodys_own() -> None:
    site = site_with({"id": "files", "parent": "main-meter", "feeds": {"space": "archive"}})
    rows = usage_by(site, "office", {"main-meter": used(10.0), "files": used(4.0)})
    assert values(rows) == {"finance": None, "general": None, UNALLOCATED: 10.0}


def test_without_a_main_meter_nothing_is_left_over() -> None:
    site = site_with({"id": "a", "feeds": {"office": "finance"}}, {"id": "b", "feeds": {"office": "general"}})
    rows = usage_by(site, "office", {"a": used(3.0), "b": used(4.0)})
    assert values(rows) == {"finance": 3.0, "general": 4.0, UNALLOCATED: 0.0}


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("floor", {"f4": 75.0, UNALLOCATED: 25.0}),
        ("building", {"main": 100.0, UNALLOCATED: 0.0}),
        ("item", {"lighting_sockets": 75.0, UNALLOCATED: 25.0}),
        ("meter", {"main-meter": 100.0, "meter-401": 30.0, "meter-402": 45.0}),
    ],
)
def test_the_same_use_told_in_other_ways(by: str, expected: dict[str, float]) -> None:
    uses = {"main-meter": used(100.0), "meter-401": used(30.0), "meter-402": used(45.0)}
    assert values(usage_by(small_site(), by, uses)) == expected


def test_estimated_parts_weigh_by_what_they_are() -> None:
    uses = {"main-meter": used(100.0), "meter-401": used(10.0, estimated=1.0), "meter-402": used(30.0)}
    rows = {row.key: row for row in usage_by(small_site(), "floor", uses)}
    assert rows["f4"].estimated_share == 0.25
    assert rows["f4"].grade is Grade.MEASURED


def test_rows_come_in_time_order_within_a_key() -> None:
    uses = {
        meter: used(value) + used(value + 1, start=60)
        for meter, value in (("main-meter", 10.0), ("meter-401", 3.0), ("meter-402", 4.0))
    }
    rows = usage_by(small_site(), "office", uses)
    assert [(row.key, row.start_us, row.value) for row in rows] == [
        ("finance", 0, 3.0), ("finance", 60, 4.0),
        ("general", 0, 4.0), ("general", 60, 5.0),
        (UNALLOCATED, 0, 3.0), (UNALLOCATED, 60, 2.0),
    ]  # fmt: skip


def test_meters_over_different_intervals_are_refused() -> None:
    with pytest.raises(ValueError, match="same intervals"):
        usage_by(small_site(), "office", {"main-meter": used(1.0), "meter-401": used(1.0, start=5)})
    with pytest.raises(ValueError, match="not by 'moon'"):
        usage_by(small_site(), "moon", {"main-meter": used(1.0)})
    assert usage_by(small_site(), "office", {}) == []


FEEDS: tuple[dict[str, str], ...] = (
    {"office": "finance"},
    {"office": "general"},
    {"space": "r401"},
    {"space": "archive"},
    {},
)


@given(
    tree=st.lists(
        st.tuples(st.integers(0, 20), st.sampled_from(FEEDS), st.floats(0, 100), st.booleans()), max_size=8
    )
)  # fmt: skip
def test_offices_and_unallocated_always_make_up_the_main_meter(tree: list[tuple[int, Any, float, bool]]) -> None:
    meters: list[dict[str, Any]] = []
    own: dict[str, float | None] = {"main-meter": 5.0}
    for number, (parent, feeds, value, heard) in enumerate(tree):
        ids = list(own)
        meters.append({"id": f"m{number}", "feeds": feeds, "parent": ids[parent % len(ids)]})
        own[f"m{number}"] = value if heard else None
    whole = _with_what_lies_behind(own, meters)
    site = site_with(*meters)
    rows = usage_by(site, "office", {meter: used(value) for meter, value in whole.items()})
    total = sum(row.value for row in rows if row.value is not None)
    assert total == pytest.approx(whole["main-meter"])
    if all(heard for *_, heard in tree):
        assert all(row.value is None or row.value >= -1e-9 for row in rows)


def _with_what_lies_behind(own: dict[str, float | None], meters: list[dict[str, Any]]) -> dict[str, float | None]:
    """Each meter counts its own load and everything behind it, heard or not."""
    loads = {meter: value or 0.0 for meter, value in own.items()}
    for meter in reversed(meters):
        loads[meter["parent"]] += loads[meter["id"]]
    return {meter: loads[meter] if value is not None else None for meter, value in own.items()}
