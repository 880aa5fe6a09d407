"""Takes the guards of the catalogue out one by one and looks whether their tests notice.

    python -m tests.faults.guards_off [--only FT-02 FT-05 ...] [--jobs 2] [--write]

Works in copies of the tree; takes minutes. Exit code 1 when a test passed without its guard, or proved nothing.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory

from tests.faults import page, proofs
from tests.faults.catalogue import CATALOGUE, Fault
from tests.faults.copied_tree import BROKEN_PROGRAM, CopiedTree, Outcome
from tests.faults.proofs import Proof


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`proof` is None when nothing was proved; `said` is what was seen, in words."""

    fault: Fault
    proof: Proof | None
    said: str


def judged(fault: Fault, with_guard: Outcome, without_guard: Outcome | None) -> Verdict:
    """What two runs of a fault's tests prove. `without_guard` is None when the first one made it needless."""
    said = _why_not(with_guard) or ("not run" if without_guard is None else _why_no_proof(without_guard))
    if said is not None:
        return Verdict(fault=fault, proof=None, said=said)
    assert without_guard is not None
    failure = next(failure for failure in without_guard.failures if failure.where == "test")
    today = datetime.now(UTC).date().isoformat()
    proof = Proof(mark=fault.mark, on=today, failed=failure.test, by=failure.by)
    return Verdict(fault=fault, proof=proof, said=f"fails by {failure.by}: {failure.test.split('::')[-1]}")


def _why_not(with_guard: Outcome) -> str | None:
    if with_guard.code != 0:
        names = ", ".join(f"{failure.test} {failure.by}" for failure in with_guard.failures)
        return f"BROKEN: the tests fail with the guard too ({names or f'exit code {with_guard.code}'})"
    return None if with_guard.passed else "BROKEN: every test was skipped"


def _why_no_proof(without_guard: Outcome) -> str | None:
    if without_guard.code == 0:
        return "PASSES without its guard"
    in_tests = [failure for failure in without_guard.failures if failure.where == "test"]
    if not in_tests:
        seen = ", ".join(f"{failure.where} {failure.by}" for failure in without_guard.failures)
        return f"BROKEN: no test failed by itself ({seen or f'exit code {without_guard.code}'})"
    if in_tests[0].by in BROKEN_PROGRAM:
        return f"BROKEN: not without its guard but without sense: {in_tests[0].said}"
    return None


def tried(fault: Fault, tree: CopiedTree, all_with: Outcome) -> Verdict:
    """Runs the fault's tests without its guard; `all_with` is how all tests fared with theirs."""
    with_guard = all_with.of(fault.tests)
    if _why_not(with_guard) is not None:
        return judged(fault, with_guard, None)
    try:
        with tree.without(fault.guards):
            return judged(fault, with_guard, tree.run(fault.tests))
    except ValueError as error:
        return Verdict(fault=fault, proof=None, said=f"BROKEN: {error}")


def all_tried(faults: Sequence[Fault], jobs: int) -> Iterator[Verdict]:
    """Each in one of `jobs` copies, in the order given."""
    with TemporaryDirectory(prefix="houqin-guards-") as folder, ThreadPoolExecutor(jobs) as pool:
        trees: SimpleQueue[CopiedTree] = SimpleQueue()
        for number in range(jobs):
            root = Path(folder).resolve() / f"tree-{number}"
            root.mkdir()
            trees.put(tree := CopiedTree(root))
        tests = sorted({test for fault in faults for test in fault.tests})
        print(f"with every guard: {len(tests)} tests", flush=True)
        all_with = tree.run(tests, to_the_end=True)

        def work(fault: Fault) -> Verdict:
            tree = trees.get()
            try:
                return tried(fault, tree, all_with)
            finally:
                trees.put(tree)

        yield from pool.map(work, faults)


def _chosen(names: Sequence[str]) -> list[Fault]:
    """Those with a guard; `FT-02` means all lines of that number, the whole key one of them."""
    wanted = [name.casefold() for name in names]

    def is_meant(fault: Fault) -> bool:
        key = fault.key.casefold()
        return not wanted or key in wanted or (fault.number is not None and key.split(" ")[0] in wanted)

    return [fault for fault in CATALOGUE if fault.guard is not None and is_meant(fault)]


def main(arguments: Sequence[str] | None = None) -> int:
    """See the module."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.guards_off", description=__doc__)
    parser.add_argument("--only", nargs="+", default=(), metavar="FT-02", help="these lines of the catalogue")
    parser.add_argument("--jobs", type=int, default=1, help="how many at a time")
    parser.add_argument("--write", action="store_true", help="keep what was proved, and write docs/faults.md")
    options = parser.parse_args(arguments)
    chosen = _chosen(options.only)
    seen, failed = proofs.known(), 0
    for verdict in all_tried(chosen, options.jobs):
        print(f"{verdict.fault.key:<34} {verdict.said}", flush=True)
        failed += verdict.proof is None
        seen.pop(verdict.fault.key, None)
        if verdict.proof is not None:
            seen[verdict.fault.key] = verdict.proof
        if options.write:
            proofs.keep(seen)
    print(f"{len(chosen) - failed} of {len(chosen)} guards are missed by their tests when they are out")
    if options.write:
        page.write()
    return 1 if failed or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
