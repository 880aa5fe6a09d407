"""Where a filing holds: rooms, what serves them, and whose they are."""

from __future__ import annotations

import pytest

from facility.filing_scope import equipment_in, offices_in, spaces_in
from facility.filings import Scope
from tests.sites import small_site

SITE = small_site()

WHERE: list[tuple[dict[str, set[str]], set[str], set[str], set[str]]] = [
    ({"spaces": {"r401"}}, {"r401"}, {"ac-401", "climate-401", "window-401", "presence-401"}, {"finance"}),
    ({"offices": {"general"}}, {"r402"}, {"ac-402"}, {"general"}),
    ({"equipment": {"ac-archive"}}, set(), {"ac-archive"}, {"general"}),
    ({"spaces": {"archive"}}, {"archive"}, {"ac-archive"}, {"general"}),
    ({"spaces": {"gone"}, "buildings": {"gone"}, "equipment": {"gone"}}, set(), set(), set()),
]


@pytest.mark.parametrize(("named", "spaces", "equipment", "offices"), WHERE)
def test_a_scope_is_the_union_of_all_that_is_named(
    named: dict[str, set[str]], spaces: set[str], equipment: set[str], offices: set[str]
) -> None:
    scope = Scope(**{sort: frozenset(ids) for sort, ids in named.items()})
    assert spaces_in(SITE, scope) == spaces
    assert equipment_in(SITE, scope) == equipment
    assert offices_in(SITE, scope) == offices


@pytest.mark.parametrize("scope", [Scope(), Scope(floors=frozenset({"f4"})), Scope(buildings=frozenset({"main"}))])
def test_the_whole_house_is_all_rooms(scope: Scope) -> None:
    assert spaces_in(SITE, scope) == {"r401", "r402", "archive"}
    assert {"ac-401", "ac-402", "ac-archive"} <= equipment_in(SITE, scope)
    assert "main-meter" not in equipment_in(SITE, scope)
    assert offices_in(SITE, scope) == {"finance", "general"}


def test_a_shared_room_is_not_meant_by_the_office_that_answers_for_it() -> None:
    assert "archive" not in spaces_in(SITE, Scope(offices=frozenset({"general"})))
