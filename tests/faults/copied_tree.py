"""A copy of the tree in which one guard at a time is taken out and tests are run."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.faults.catalogue import Guard

ROOT: Final = Path(__file__).parents[2]
ROOMS: Final = ("facility", "gateway", "controller", "api", "simulators", "houqin", "tests")
LINKED: Final = (".venv", "tests/interop/node_modules")
"""What git does not keep and tests need."""
LONGEST_S: Final = 120.0
BROKEN_PROGRAM: Final = frozenset(
    {
        "AttributeError", "ImportError", "IndentationError", "ModuleNotFoundError", "NameError", "SyntaxError",
        "TypeError", "UnboundLocalError",
    }
)  # fmt: skip
"""What a program fails with that no longer hangs together, as opposed to one that lacks a guard."""

_IN_A_GROUP: Final = re.compile(r"^[\s|]*\|\s+([A-Za-z_][\w.]*)(?::.*)?$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """`by` is the name of the exception, `where` one of "test", "around" (setup, teardown) and "collecting"."""

    test: str
    by: str
    where: str
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Of one run of some tests. `code` is pytest's exit code, None when it was stopped for its length. `passed` and
    `skipped` are node ids below tests/, without parameters; a test may be in both, and in `failures`.
    """

    code: int | None
    passed: frozenset[str] = frozenset()
    skipped: frozenset[str] = frozenset()
    failures: tuple[Failure, ...] = ()

    def of(self, tests: Sequence[str]) -> Outcome:
        """What this run says of some of its tests. The code is 1 where one of them failed, 0 where all were run."""
        failures = tuple(failure for failure in self.failures if _plain(failure.test) in tests)
        passed, skipped = self.passed.intersection(tests), self.skipped.intersection(tests)
        whole = passed | skipped | {_plain(failure.test) for failure in failures} >= set(tests)
        return Outcome(
            code=1 if failures else 0 if whole else None, passed=passed, skipped=skipped, failures=failures
        )  # fmt: skip


class CopiedTree:
    """The tree as it stands in the working folder, what is not committed included.

    Args:
        root: an empty folder for it.

    Raises:
        RuntimeError: Python would not import the copy.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._copy()
        self._look_that_it_is_imported()

    def _copy(self) -> None:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT, check=True, capture_output=True,
        )  # fmt: skip
        for name in sorted(set(filter(None, os.fsdecode(listed.stdout).split("\0")))):
            source, target = ROOT / name, self._root / name
            if source.is_file() and not any(name.startswith(f"{linked}/") for linked in LINKED):
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target)
        for name in LINKED:
            if (ROOT / name).exists():
                (self._root / name).symlink_to(ROOT / name)

    def _look_that_it_is_imported(self) -> None:
        """From another folder, so that only the environment can lead to it."""
        code = f"import {', '.join(ROOMS)}\nprint(*({', '.join(f'{room}.__path__[0]' for room in ROOMS)},), sep='\\n')"
        run = subprocess.run(
            [sys.executable, "-c", code], cwd=self._root.parent, env=self._environment(),
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        strangers = [path for path in run.stdout.split("\n") if path and not Path(path).is_relative_to(self._root)]
        if strangers:
            raise RuntimeError(f"not the copy at {self._root} would be imported but {', '.join(strangers)}")

    def _environment(self) -> dict[str, str]:
        """No bytecode is written: a file changed twice within a second would be taken for the one before."""
        return os.environ | {"PYTHONPATH": str(self._root), "PYTHONDONTWRITEBYTECODE": "1"}

    @contextmanager
    def without(self, guards: Sequence[Guard]) -> Iterator[None]:
        """The guards are out meanwhile.

        Raises:
            ValueError: the text of one does not stand in its file exactly once.
        """
        before = {self._root / guard.file: (self._root / guard.file).read_text("utf-8") for guard in guards}
        try:
            for guard in guards:
                path = self._root / guard.file
                whole = path.read_text("utf-8")
                if whole.count(guard.old) != 1:
                    raise ValueError(f"{guard.file} has the guard's text {whole.count(guard.old)} times, expected 1")
                path.write_text(whole.replace(guard.old, guard.new), "utf-8")
            yield
        finally:
            for path, whole in before.items():
                path.write_text(whole, "utf-8")

    def run(self, tests: Sequence[str], *, to_the_end: bool = False) -> Outcome:
        """Runs tests, named below tests/, up to the first failure; `to_the_end` all of them, however long it takes."""
        report = self._root.parent / f"{self._root.name}.xml"
        report.unlink(missing_ok=True)
        pytest = [
            sys.executable, "-m", "pytest", "-q", *([] if to_the_end else ["-x"]), "-p", "no:cacheprovider",
            "-p", "no:xdist", f"--junitxml={report}", f"--timeout={LONGEST_S - 20:.0f}",
            *(f"tests/{test}" for test in tests),
        ]  # fmt: skip
        code = _finished(pytest, self._root, self._environment(), None if to_the_end else LONGEST_S)
        return _outcome(code, report)


def _finished(
    command: Sequence[str], folder: Path, environment: dict[str, str], longest_s: float | None
) -> int | None:  # fmt: skip
    """The exit code; None when the run, with all that it started, was stopped after `longest_s`."""
    run = subprocess.Popen(
        command, cwd=folder, env=environment, start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        return run.wait(longest_s)
    except subprocess.TimeoutExpired:
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()
        return None


def _outcome(code: int | None, report: Path) -> Outcome:
    if not report.exists():
        return Outcome(code=code)
    cases = list(ET.parse(report).getroot().iter("testcase"))
    skipped = [case for case in cases if case.find("skipped") is not None]
    passed = [case for case in cases if not {"skipped", "failure", "error"} & {child.tag for child in case}]
    return Outcome(
        code=code,
        passed=frozenset(_plain(_test_of(case)) for case in passed),
        skipped=frozenset(_plain(_test_of(case)) for case in skipped),
        failures=tuple(failure for case in cases for failure in _failures(case)),
    )


def _test_of(case: ET.Element) -> str:
    module = case.get("classname", "").removeprefix("tests.").replace(".", "/")
    return f"{module}.py::{case.get('name', '')}"


def _plain(test: str) -> str:
    """A node id without parameters."""
    return test.partition("[")[0]


def _failures(case: ET.Element) -> Iterator[Failure]:
    for kind in ("failure", "error"):
        for element in case.findall(kind):
            said = element.get("message", "")
            where = "test" if kind == "failure" else "collecting" if "collection" in said else "around"
            yield Failure(test=_test_of(case), by=_exception(said, element.text or ""), where=where, said=said[:300])


def _exception(said: str, trace: str) -> str:
    """The exception's name, without its module; of a group the last one's. pytest leaves out that of a plain
    assertion.
    """
    if said.startswith("assert "):
        return "AssertionError"
    inner = _IN_A_GROUP.findall(trace) if "Group" in said else []
    name: str = inner[-1] if inner else said.split("\n", 1)[0].split(":", 1)[0]
    name = name.rsplit(".", 1)[-1]
    return name if name.isidentifier() else "Exception"
