"""The catalogue of faults is whole, and what it names is there. (Whether its tests notice a guard that is missing takes
minutes: `python -m tests.faults.guards_off`.)
"""

from __future__ import annotations

import ast
from collections import Counter
from functools import cache
from pathlib import Path

from tests.faults import page
from tests.faults.catalogue import CATALOGUE, LAST_NUMBER, Fault
from tests.faults.copied_tree import Failure, Outcome
from tests.faults.guards_off import judged
from tests.faults.proofs import Proof, known

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"
TEST, OTHER = "gateway/test_x.py::test_y", "gateway/test_x.py::test_z"


@cache
def names_in(file: str) -> frozenset[str]:
    """The test functions of a file below tests/."""
    tree = ast.parse((TESTS / file).read_text("utf-8"))
    functions = (node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return frozenset(node.name for node in functions if node.name.startswith("test_"))


def test_every_fault_of_the_list_is_in_the_catalogue() -> None:
    assert {fault.number for fault in CATALOGUE} - {None} == set(range(1, LAST_NUMBER + 1))


def test_every_line_has_its_own_name() -> None:
    assert [key for key, count in Counter(fault.key for fault in CATALOGUE).items() if count > 1] == []


def test_every_test_of_the_catalogue_is_there() -> None:
    missing = [
        test for fault in CATALOGUE for test in fault.tests
        if not (TESTS / test.split("::")[0]).exists() or test.split("::")[1] not in names_in(test.split("::")[0])
    ]  # fmt: skip
    assert missing == []


def test_every_guard_stands_in_its_file_once() -> None:
    wrong = [
        f"{fault.key}: {guard.file} has the guard's text {count} times"
        for fault in CATALOGUE
        for guard in fault.guards
        if (count := (ROOT / guard.file).read_text("utf-8").count(guard.old)) != 1
    ]
    assert wrong == [], "tests/faults/catalogue has to know its new text; then: python -m tests.faults.page"


def test_a_guard_that_is_out_leaves_a_program_that_loads() -> None:
    for guard in (guard for fault in CATALOGUE for guard in fault.guards):
        assert guard.new != guard.old
        if guard.file.endswith(".py"):
            ast.parse((ROOT / guard.file).read_text("utf-8").replace(guard.old, guard.new))


def test_a_line_has_tests_and_a_guard_or_says_why_not() -> None:
    assert [fault.key for fault in CATALOGUE if not (fault.tests and fault.guard) and not fault.without] == []


def test_the_page_is_what_the_catalogue_says() -> None:
    assert page.FILE.read_text("utf-8") == page.page(known()), "write it anew: python -m tests.faults.page"


def test_a_proof_counts_for_its_guard_and_tests_only() -> None:
    fault = CATALOGUE[0]
    assert fault.guard is not None
    assert len({fault.mark, _with(fault, tests=()).mark, _with(fault, guard=None).mark}) == 3
    assert _with(fault, asserted="in other words").mark == fault.mark


def _with(fault: Fault, **changes: object) -> Fault:
    parts = {name: getattr(fault, name) for name in Fault.__slots__}
    return Fault(**(parts | changes))


def test_only_a_test_that_fails_by_itself_without_the_guard_and_passes_with_it_is_a_proof() -> None:
    good = Outcome(code=0, passed=frozenset({TEST}))
    skipped = Outcome(code=0, skipped=frozenset({TEST}))
    stopped = Outcome(code=None)
    failed = _failed("AssertionError", "test")
    ledger: list[tuple[Outcome, Outcome | None, str]] = [
        (good, failed, "fails by AssertionError"),
        (good, good, "PASSES"),
        (good, _failed("AssertionError", "around"), "BROKEN: no test failed by itself"),
        (good, _failed("SyntaxError", "collecting"), "BROKEN: no test failed by itself"),
        (good, _failed("NameError", "test"), "BROKEN: not without its guard"),
        (good, stopped, "BROKEN: no test failed by itself"),
        (failed, None, "BROKEN: the tests fail with the guard too"),
        (skipped, None, "BROKEN: every test was skipped"),
    ]
    for with_guard, without_guard, expected in ledger:
        verdict = judged(CATALOGUE[0], with_guard, without_guard)
        assert verdict.said.startswith(expected), verdict
        assert isinstance(verdict.proof, Proof) is expected.startswith("fails")


def _failed(by: str, where: str) -> Outcome:
    failure = Failure(test=f"{TEST}[0]", by=by, where=where, said="said")
    return Outcome(code=1, failures=(failure,))


def test_of_a_run_of_many_tests_each_fault_takes_its_own() -> None:
    whole = Outcome(
        code=1, passed=frozenset({TEST, OTHER}), skipped=frozenset(), failures=_failed("KeyError", "test").failures
    )
    assert whole.of([OTHER]) == Outcome(code=0, passed=frozenset({OTHER}))
    assert whole.of([TEST]).code == 1
    assert whole.of([OTHER, "gateway/test_x.py::test_that_was_not_run"]).code is None
