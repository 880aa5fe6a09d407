"""Every clause that ships is quoted to the letter, and every clause a preset works by is one of the rules."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from controller.policy.library import presets

RULES = Path(__file__).parents[4] / "shared" / "RULES.md"
ROW = re.compile(r"^\| ([A-Z]{2,4}-\d\d) \| (.*?) \| (.*?) \| ", re.MULTILINE)
SHIPPED = [(preset.preset, name, clause) for preset in presets().values() for name, clause in preset.clauses.items()]

needs_rules = pytest.mark.skipif(not RULES.exists(), reason="the table of clauses is not beside this repository")


def quotes() -> dict[str, str]:
    """The table's own words."""
    return {match[1]: match[2] for match in ROW.finditer(RULES.read_text(encoding="utf-8"))}


@needs_rules
def test_the_table_of_clauses_is_read_whole() -> None:
    assert len(quotes()) > 100


@needs_rules
def test_every_shipped_quote_is_the_clauses_own_words() -> None:
    table = quotes()
    assert [(preset, name) for preset, name, clause in SHIPPED if clause.quote != table[name]] == []


@needs_rules
def test_every_clause_about_air_conditioning_lighting_lifts_kettles_and_archives_is_in_a_preset() -> None:
    shipped = {name for _, name, _ in SHIPPED}
    served = {name for name in quotes() if name[:2] in ("AC", "LT", "EL", "WH") or name[:3] == "ARC"}
    assert sorted(served - shipped) == []


@needs_rules
def test_one_clause_has_the_same_words_in_every_preset() -> None:
    words: dict[str, set[str]] = {}
    for _, name, clause in SHIPPED:
        words.setdefault(name, set()).add(clause.quote)
    assert {name for name, found in words.items() if len(found) > 1} == set()
