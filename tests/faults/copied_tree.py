"""A copy of the tree in which one guard at a time is taken out and tests are run."""

from __future__ import annotations

import os
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """`by` is the name of the exception, `where` one of "test", "around" (setup, teardown) and "collecting"."""

    test: str
    by: str
    where: str
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Of one run of some tests. `code` is pytest's exit code, None when it was stopped after `LONGEST_S`."""

    code: int | None
    passed: int
    skipped: int
    failures: tuple[Failure, ...]


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
    def without(self, guard: Guard) -> Iterator[None]:
        """The guard is out meanwhile.

        Raises:
            ValueError: its text does not stand in its file exactly once.
        """
        path = self._root / guard.file
        whole = path.read_text("utf-8")
        if whole.count(guard.old) != 1:
            raise ValueError(f"{guard.file}: the guard's text stands there {whole.count(guard.old)} times, expected 1")
        path.write_text(whole.replace(guard.old, guard.new), "utf-8")
        try:
            yield
        finally:
            path.write_text(whole, "utf-8")

    def run(self, tests: Sequence[str]) -> Outcome:
        """Runs tests, named below tests/, up to the first failure."""
        report = self._root.parent / f"{self._root.name}.xml"
        report.unlink(missing_ok=True)
        pytest = [
            sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist",
            f"--junitxml={report}", f"--timeout={LONGEST_S - 20:.0f}", *(f"tests/{test}" for test in tests),
        ]  # fmt: skip
        code = _finished(pytest, self._root, self._environment())
        return _outcome(code, report)


def _finished(command: Sequence[str], folder: Path, environment: dict[str, str]) -> int | None:
    """The exit code; None when the run, with all that it started, was stopped after `LONGEST_S`."""
    run = subprocess.Popen(
        command, cwd=folder, env=environment, start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        return run.wait(LONGEST_S)
    except subprocess.TimeoutExpired:
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()
        return None


def _outcome(code: int | None, report: Path) -> Outcome:
    if not report.exists():
        return Outcome(code=code, passed=0, skipped=0, failures=())
    cases = list(ET.parse(report).getroot().iter("testcase"))
    failures = tuple(failure for case in cases for failure in _failures(case))
    skipped = sum(case.find("skipped") is not None for case in cases)
    failed = {failure.test for failure in failures}
    return Outcome(code=code, passed=len(cases) - skipped - len(failed), skipped=skipped, failures=failures)


def _failures(case: ET.Element) -> Iterator[Failure]:
    module = case.get("classname", "").removeprefix("tests.").replace(".", "/")
    test = f"{module}.py::{case.get('name', '')}"
    for kind in ("failure", "error"):
        for element in case.findall(kind):
            said = element.get("message", "")
            where = "test" if kind == "failure" else "collecting" if "collection" in said else "around"
            yield Failure(test=test, by=_exception(said, element.text or ""), where=where, said=said[:300])


def _exception(said: str, trace: str) -> str:
    """The exception's name, without its module. pytest writes plain assertions without it in one of two places."""
    head = said.split(":", 1)[0].strip().rsplit(".", 1)[-1]
    if head.isidentifier() and head[:1].isupper():
        return head
    last = trace.rstrip().rsplit("\n", 1)[-1].rsplit(": ", 1)[-1].strip()
    return last.rsplit(".", 1)[-1] if last.isidentifier() or "." in last else "Failed"
