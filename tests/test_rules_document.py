"""docs/rules.md names every clause, the rules that serve it and the tests that show it, and names them right."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from controller.policy.library import presets

ROOT: Final = Path(__file__).parent.parent
RULES: Final = ROOT.parent / "shared" / "RULES.md"
ROW: Final = re.compile(r"\| ([A-Z]+-\d\d) \| (.*?) \| (.*) \|")
ACTS: Final = ("ENFORCE", "INTERLOCK")


def document() -> dict[str, tuple[str, str]]:
    """Clause -> (preset and rules, scenarios or where it lives)."""
    lines = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8").splitlines()
    return {found[1]: (found[2], found[3]) for line in lines if (found := ROW.fullmatch(line))}


def clauses() -> Mapping[str, str]:
    """Clause -> what the system is to do about it, as the collection of clauses says."""
    if not RULES.exists():
        pytest.skip("the collection of clauses is not beside this checkout")
    found = {}
    for line in RULES.read_text(encoding="utf-8").splitlines():
        if (match := ROW.match(line)) and not match[1].startswith("X-"):
            found[match[1]] = line.split(" | ")[4]
    return found


def served() -> Mapping[str, set[str]]:
    """Clause -> the rules of all presets that rest on it."""
    found: dict[str, set[str]] = defaultdict(set)
    for preset in presets().values():
        for rule, entry in preset.rules.items():
            found[entry.clause].add(str(rule))
        for written in preset.data_rules:
            found[written["clause"]].add(written["id"])
    return found


def scenarios() -> set[str]:
    """The names of all scenario tests."""
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "tests" / "scenarios").glob("test_*.py"))
    return {node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef)}


def test_every_clause_is_in_the_document_and_no_other() -> None:
    assert set(document()) == set(clauses())


def test_every_clause_that_acts_has_a_scenario_named_after_it() -> None:
    said, known = document(), scenarios()
    for clause, action in clauses().items():
        if not any(word in action for word in ACTS):
            continue
        named = re.findall(r"`(test_\w+)`", said[clause][1])
        prefix = f"test_{clause.lower().replace('-', '_')}_"
        assert named, clause
        assert all(name.startswith(prefix) and name in known for name in named), (clause, named)


def test_the_rules_that_serve_a_clause_are_those_of_the_presets() -> None:
    known = served()
    for clause, (rules, _) in document().items():
        named = set(re.findall(r"`([\w-]+)`(?!:)", rules))
        assert named == known.get(clause, set()), clause


def test_every_preset_that_is_named_exists() -> None:
    named = {name for rules, _ in document().values() for name in re.findall(r"`(\w+)`:", rules)}
    assert named <= set(presets())
    assert len(named) == len(presets())
