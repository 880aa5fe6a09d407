"""Who is charged with what the meters count, what stays unmetered, and meters reckoned from others, as ledgers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facility.accounting import Grade
from facility.accounting.amounts import GRADES, Amounts, nothing
from facility.accounting.tree import (
    UNALLOCATED,
    MeterNode,
    Share,
    balance,
    charged,
    virtual,
)
from facility.text import Text

NAN = math.nan
Tree = Mapping[str, str | None]


def nodes(tree: Tree) -> list[MeterNode]:
    return [MeterNode(id=meter, name=Text(meter, meter), parent=parent) for meter, parent in tree.items()]


def column(*values: float, **columns: float) -> Amounts:
    """What a meter counted in neighbouring minutes; it was heard wherever it is known."""
    empty = nothing(np.arange(len(values) + 1) * 60_000_000)
    filled = {name: np.full(len(values), value) for name, value in columns.items()}
    known = np.asarray(values, np.float64)
    return replace(empty, **{"values": known, "completeness": np.where(np.isnan(known), 0.0, 1.0), **filled})


def whole(key: str, base: Grade | None = None) -> list[Share]:
    return [Share(key=key, fraction=1.0, base=base)]


def told(result: Mapping[str, Amounts]) -> dict[str, list[float | None]]:
    return {key: rounded(amounts.values) for key, amounts in result.items()}


def rounded(values: Any) -> list[float | None]:
    return [None if math.isnan(value) else round(value, 9) for value in values.tolist()]


def grades(amounts: Amounts) -> list[Grade]:
    return [GRADES[code] for code in amounts.grades.tolist()]


OFFICES: Tree = {"main": None, "a": "main", "b": "a", "c": "main"}
OWNERS = {"a": whole("finance"), "b": whole("general")}


def test_a_meter_behind_another_offices_meter_is_taken_off_there() -> None:
    amounts = {"main": column(100.0, 0.0), "a": column(60.0, 0.0), "b": column(20.0, 0.0), "c": column(10.0, 0.0)}
    result = charged(nodes(OFFICES), OWNERS, amounts, ["finance", "general", "nobody"])
    assert told(result) == {
        "finance": [40.0, 0.0], "general": [20.0, 0.0], "nobody": [None, None], UNALLOCATED: [40.0, 0.0],
    }  # fmt: skip
    assert [grades(each)[0] for each in result.values()] == [
        Grade.DERIVED, Grade.MEASURED, Grade.UNKNOWN, Grade.DERIVED,
    ]  # fmt: skip


def test_a_silent_meter_is_passed_over_interval_by_interval() -> None:
    amounts = {
        "main": column(100.0, 100.0, NAN, 100.0),
        "a": column(60.0, NAN, 60.0, NAN),
        "b": column(20.0, 20.0, 20.0, NAN),
        "c": column(10.0, 10.0, 10.0, NAN),
    }
    result = charged(nodes(OFFICES), OWNERS, amounts, ["finance", "general"])
    assert told(result) == {
        "finance": [40.0, None, 40.0, None],
        "general": [20.0, 20.0, 20.0, None],
        UNALLOCATED: [40.0, 80.0, None, 100.0],
    }
    assert result["finance"].completeness.tolist() == [1.0, 0.0, 1.0, 0.0]
    assert result[UNALLOCATED].completeness.tolist() == [1.0, 0.0, 0.0, 0.0]


def test_a_meter_may_have_several_owners_and_what_they_leave_goes_to_the_owner_upstream() -> None:
    owners = {"a": whole("finance"), "b": [Share(key="general", fraction=0.5), Share(key="union", fraction=0.2)]}
    amounts = {"main": column(100.0), "a": column(60.0), "b": column(20.0), "c": column(10.0)}
    result = charged(nodes(OFFICES), owners, amounts, ["finance", "general", "union"])
    assert told(result) == {"finance": [46.0], "general": [10.0], "union": [4.0], UNALLOCATED: [40.0]}


def test_what_is_kept_from_everybody_is_unallocated_even_behind_an_owned_meter() -> None:
    owners = {"a": whole("finance"), "b": [Share(key="general", fraction=0.7), Share(key=UNALLOCATED, fraction=0.3)]}
    amounts = {"main": column(100.0), "a": column(60.0), "b": column(20.0), "c": column(10.0)}
    result = charged(nodes(OFFICES), owners, amounts, ["finance", "general"])
    assert told(result) == {"finance": [40.0], "general": [14.0], UNALLOCATED: [46.0]}


def test_a_main_meter_that_is_owned_in_parts_leaves_the_rest_unallocated() -> None:
    owners = {"main": [Share(key="finance", fraction=0.25)]}
    result = charged(nodes({"main": None}), owners, {"main": column(100.0, 0.0, NAN)}, ["finance"])
    assert told(result) == {"finance": [25.0, 0.0, None], UNALLOCATED: [75.0, 0.0, None]}


def test_shares_that_make_up_the_whole_leave_nothing_at_all() -> None:
    parts = [Share(key=f"k{number}", fraction=0.1) for number in range(10)]
    assert sum(share.fraction for share in parts) != 1.0
    result = charged(nodes({"main": None}), {"main": parts}, {"main": column(1e9)}, [share.key for share in parts])
    assert result[UNALLOCATED].values.tolist() == [0.0]


def test_what_is_uncertain_of_a_meter_is_uncertain_where_it_is_taken_off() -> None:
    amounts = {
        "main": column(100.0, error=1.0, estimated=10.0),
        "a": column(60.0, error=0.5, estimated=6.0, manual=3.0),
    }
    result = charged(nodes({"main": None, "a": "main"}), {"a": whole("finance")}, amounts, ["finance"])
    rest = result[UNALLOCATED]
    assert (rest.error[0], rest.estimated[0], rest.manual[0]) == (1.5, 16.0, 3.0)


def test_a_meter_that_was_heard_for_a_while_but_is_not_known_lacks_as_a_whole() -> None:
    amounts = {"main": column(100.0), "a": column(NAN, completeness=0.5)}
    result = charged(nodes({"main": None, "a": "main"}), {"a": whole("finance")}, amounts, ["finance"])
    assert told(result) == {"finance": [None], UNALLOCATED: [100.0]}
    assert result[UNALLOCATED].completeness.tolist() == [0.0]


def test_shares_are_told_by_how_they_came_about() -> None:
    tree: Tree = {"main": None, "vrf": "main", "heater": "vrf"}
    shares = [
        Share(key="finance", fraction=0.5, base=Grade.ALLOCATED),
        Share(key="finance", fraction=0.1, base=Grade.ESTIMATED),
        Share(key="general", fraction=0.4, base=Grade.ALLOCATED),
    ]
    owners = {"vrf": shares, "heater": whole("general")}
    amounts = {"main": column(100.0), "vrf": column(50.0, estimated=5.0), "heater": column(10.0, manual=10.0)}
    result = charged(nodes(tree), owners, amounts, ["finance", "general"])
    assert told(result) == {"finance": [24.0], "general": [26.0], UNALLOCATED: [50.0]}
    finance, general = result["finance"], result["general"]
    assert finance.allocated.tolist() == [20.0]
    assert finance.estimated.tolist() == [0.6 * 5.0 + 4.0]
    assert grades(finance) == [Grade.ALLOCATED]
    assert general.allocated.tolist() == [16.0]
    assert general.manual.tolist() == [6.0]
    assert grades(result[UNALLOCATED]) == [Grade.DERIVED]


def test_a_share_of_nothing_is_known_to_be_nothing() -> None:
    shares = [Share(key="finance", fraction=0.0, base=Grade.ALLOCATED), *whole("general", Grade.ALLOCATED)]
    amounts = {"main": column(100.0, 0.0, NAN)}
    result = charged(nodes({"main": None}), {"main": shares}, amounts, ["finance", "general"])
    assert told(result) == {"finance": [0.0, 0.0, None], "general": [100.0, 0.0, None], UNALLOCATED: [0.0, 0.0, None]}
    assert grades(result["finance"]) == [Grade.ALLOCATED, Grade.ALLOCATED, Grade.UNKNOWN]
    assert result["finance"].completeness.tolist() == [1.0, 1.0, 0.0]


def test_between_meters_of_one_owner_nothing_is_uncertain_but_the_topmost() -> None:
    tree: Tree = {"main": None, "office": "main", "board": "office", "sockets": "board"}
    owners = {"office": whole("finance"), "sockets": whole("finance")}
    amounts = {
        "main": column(100.3), "office": column(60.1, error=0.1),
        "board": column(55.7, estimated=55.7), "sockets": column(20.9, estimated=20.9, error=5.0),
    }  # fmt: skip
    result = charged(nodes(tree), owners, amounts, ["finance"])
    assert result["finance"].values.tolist() == [60.1]
    assert result["finance"].error.tolist() == [0.1]
    assert result["finance"].estimated.tolist() == [0.0]
    assert grades(result["finance"]) == [Grade.MEASURED]


def test_a_meter_without_amounts_is_passed_over_like_one_that_is_not_there() -> None:
    amounts = {"main": column(100.0), "b": column(20.0)}
    result = charged(nodes(OFFICES), OWNERS, amounts, ["finance", "general"])
    assert told(result) == {"finance": [None], "general": [20.0], UNALLOCATED: [80.0]}


def test_a_virtual_meter_has_its_place_in_the_tree() -> None:
    rest = virtual([(column(100.0, 100.0), 100.0), (column(60.0, NAN), -100.0)], ["main", "a"])
    amounts = {"main": column(100.0, 100.0), "a": column(60.0, NAN), "rest": rest.amounts}
    tree: Tree = {"main": None, "a": "main", "rest": "main"}
    result = charged(nodes(tree), {"a": whole("finance"), "rest": whole("hall")}, amounts, ["finance", "hall"])
    assert told(result) == {"finance": [60.0, None], "hall": [40.0, None], UNALLOCATED: [0.0, 100.0]}
    assert grades(result["hall"])[0] is Grade.DERIVED


@pytest.mark.parametrize(
    ("tree", "owners", "message"),
    [
        ({"main": "a", "a": "main"}, {}, "go round"),
        ({"main": "main", "a": None}, {}, "go round"),
        ({"main": None}, {}, "not in the tree: a"),
        ({"main": None, "a": "main"}, {"a": whole("moon")}, "not among the keys: moon"),
        ({"main": None, "a": "main"}, {"a": [*whole("finance"), Share(key="b", fraction=0.1)]}, "more than the whole"),
        ({"main": None, "a": "main"}, {"a": [Share(key="b", fraction=-0.1)]}, "below 0"),
        ({"main": None, "a": "main"}, {"a": [Share(key="b", fraction=NAN)]}, "below 0"),
    ],
)
def test_what_makes_no_tree_is_refused(tree: Tree, owners: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        charged(nodes(tree), owners, {"main": column(1.0), "a": column(1.0)}, ["finance", "b"])


def test_meters_over_different_intervals_are_refused() -> None:
    with pytest.raises(ValueError, match="same intervals"):
        charged(nodes({"main": None, "a": "main"}), {}, {"main": column(1.0), "a": column(1.0, 2.0)}, [])


def test_without_meters_there_is_nothing_to_charge() -> None:
    assert charged(nodes(OFFICES), OWNERS, {}, ["finance", "general"]) == {}
    assert balance(nodes(OFFICES), {}) == ()


KEYS = ("k0", "k1", "k2")
FRACTIONS = st.lists(st.sampled_from([0.0, 0.1, 0.2, 0.25, 1 / 3]), min_size=1, max_size=3).map(tuple)
OWNED = st.one_of(st.none(), st.sampled_from(KEYS), FRACTIONS)
METERS = st.lists(
    st.tuples(
        st.integers(-1, 9), OWNED,
        st.lists(st.one_of(st.just(NAN), st.floats(-5, 100)), min_size=3, max_size=3),
    ),
    min_size=1, max_size=9,
)  # fmt: skip
Drawn = Sequence[tuple[int, Any, list[float]]]


def drawn(meters: Drawn) -> tuple[list[MeterNode], dict[str, list[Share]], dict[str, Amounts]]:
    """A forest whose first meter is a main meter; each hangs on an earlier one, or on none."""
    tree = {f"m{n}": None if parent < 0 or n == 0 else f"m{parent % n}" for n, (parent, *_) in enumerate(meters)}
    owners = {f"m{n}": _shares(owned) for n, (_, owned, _) in enumerate(meters) if owned is not None}
    return nodes(tree), owners, {f"m{n}": column(*values) for n, (*_, values) in enumerate(meters)}


def _shares(owned: Any) -> list[Share]:
    if isinstance(owned, str):
        return whole(owned)
    bases = (None, Grade.ALLOCATED, Grade.ESTIMATED)
    return [Share(key=KEYS[n], fraction=part, base=bases[n]) for n, part in enumerate(owned)]


@given(METERS)
def test_all_keys_together_are_the_main_meters_in_every_interval(meters: Drawn) -> None:
    tree, owners, amounts = drawn(meters)
    result = charged(tree, owners, amounts, KEYS)
    mains = [node.id for node in tree if node.parent is None]
    for place in range(3):
        if any(math.isnan(amounts[main].values[place]) for main in mains):
            continue
        parts = [float(each.values[place]) for each in result.values() if not math.isnan(each.values[place])]
        assert math.fsum(parts) == pytest.approx(math.fsum(amounts[main].values[place] for main in mains), abs=1e-9)


@given(METERS, st.randoms(use_true_random=False))
def test_the_order_of_meters_owners_and_keys_does_not_matter(meters: Drawn, random: Any) -> None:
    tree, owners, amounts = drawn(meters)
    first = charged(tree, owners, amounts, KEYS)
    other_tree, other_amounts, other_keys = list(tree), list(amounts.items()), list(KEYS)
    for each in (other_tree, other_amounts, other_keys):
        random.shuffle(each)
    again = charged(other_tree, owners, dict(other_amounts), other_keys)
    for key, amount in first.items():
        for name in ("values", "completeness", "estimated", "allocated", "error", "base"):
            np.testing.assert_array_equal(getattr(amount, name), getattr(again[key], name))


@given(METERS)
def test_an_interval_by_itself_is_what_it_is_among_others(meters: Drawn) -> None:
    tree, owners, amounts = drawn(meters)
    together = charged(tree, owners, amounts, KEYS)
    for place in range(3):
        alone = {meter: column(float(each.values[place])) for meter, each in amounts.items()}
        for key, amount in charged(tree, owners, alone, KEYS).items():
            assert rounded(amount.values) == rounded(together[key].values[place : place + 1])
            assert amount.completeness[0] == pytest.approx(together[key].completeness[place])


@given(METERS)
def test_no_part_is_more_than_its_columns_allow(meters: Drawn) -> None:
    tree, owners, amounts = drawn(meters)
    for amount in charged(tree, owners, amounts, KEYS).values():
        known = amount.known
        assert np.all((amount.completeness >= 0) & (amount.completeness <= 1))
        assert np.all(amount.completeness[~known] == 0)
        assert np.all(amount.estimated >= 0)
        assert np.all(amount.allocated >= 0)
        assert np.all(amount.base <= GRADES.index(Grade.ALLOCATED))


def test_a_balance_states_the_remainder_or_what_is_known_of_it() -> None:
    amounts = {
        "main": column(100.0, 100.0, NAN, 0.0),
        "a": column(60.0, NAN, 60.0, 0.0),
        "b": column(20.0, 20.0, 20.0, 0.0),
        "c": column(10.0, 10.0, NAN, 0.0),
    }
    (main,) = balance(nodes(OFFICES), amounts)
    assert main.meter == "main"
    assert [child.meter for child in main.children] == ["a", "c"]
    assert main.remainder is not None
    assert rounded(main.remainder.values) == [30.0, None, None, 0.0]
    assert main.known is not None
    assert rounded(main.known) == [70.0, 10.0, 60.0, 0.0]
    assert main.missing == ("a", "c")
    assert grades(main.remainder)[0] is Grade.DERIVED
    a, c = main.children
    assert a.remainder is not None
    assert rounded(a.remainder.values) == [40.0, None, 40.0, 0.0]
    assert (c.children, c.remainder, c.known, c.missing) == ((), None, None, ())


def test_sub_meters_that_count_more_than_their_meter_leave_a_negative_remainder() -> None:
    (main,) = balance(nodes({"main": None, "a": "main"}), {"main": column(10.0), "a": column(10.5)})
    assert main.remainder is not None
    assert main.remainder.values.tolist() == [-0.5]


def test_every_main_meter_has_a_balance_and_meters_without_amounts_are_passed_over() -> None:
    tree: Tree = {"second": None, "main": None, "dumb": "main", "a": "dumb"}
    amounts = {"main": column(10.0), "a": column(4.0), "second": column(1.0)}
    second, main = balance(nodes(tree), amounts)
    assert (second.meter, main.meter, [child.meter for child in main.children]) == ("second", "main", ["a"])
    assert main.remainder is not None
    assert main.remainder.values.tolist() == [6.0]


def test_a_virtual_meter_adds_and_takes_off_percentages() -> None:
    members = [(column(100.0, 0.0, NAN, 4.0), 50.0), (column(10.0, 0.0, 10.0, NAN), -100.0)]
    result = virtual(members, ["a", "b"])
    assert rounded(result.amounts.values) == [40.0, 0.0, None, None]
    assert rounded(result.known) == [40.0, 0.0, -10.0, 2.0]
    assert result.missing == ("a", "b")
    assert result.amounts.completeness.tolist() == [1.0, 1.0, 0.0, 0.0]
    assert grades(result.amounts)[:2] == [Grade.DERIVED, Grade.DERIVED]


def test_what_is_uncertain_of_the_members_adds_up() -> None:
    members = [(column(100.0, estimated=10.0, error=1.0), 50.0), (column(10.0, manual=4.0, error=1.0), -100.0)]
    amounts = virtual(members, ["a", "b"]).amounts
    assert (amounts.estimated[0], amounts.manual[0], amounts.error[0]) == (5.0, 4.0, 1.5)


def test_a_virtual_meter_of_nothing_known_is_not_known_at_all() -> None:
    result = virtual([(column(NAN), 100.0)], ["a"])
    assert math.isnan(result.known[0])
    assert result.missing == ("a",)


@pytest.mark.parametrize(
    ("members", "ids", "message"),
    [
        ([], [], "at least one"),
        ([(column(1.0), 100.0)], [], "zip"),
        ([(column(1.0), 100.0), (column(1.0, 2.0), 100.0)], ["a", "b"], "same intervals"),
    ],
)
def test_members_that_cannot_be_added_are_refused(members: Any, ids: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        virtual(members, ids)
