"""Everything a reader reads exists in both languages and comes from the catalogue."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.pages import (
    texts,
    texts_alarms,
    texts_almanac,
    texts_control,
    texts_filings,
    texts_lines,
    texts_meters,
    texts_observance,
    texts_parameters,
    texts_priorities,
    texts_rules,
    texts_statement,
    texts_switches,
    texts_trials,
    texts_use,
)
from facility.accounting import Grade
from facility.bus.messages import AlarmLevel
from facility.commands import OUTCOME_STATES, Fan, Mode, Role
from facility.decisions import Effect
from facility.model.entries import ZoneClass
from facility.quantities import CANONICAL, ENUMERATIONS
from facility.readings import Quality
from facility.text import Text

CATALOGUES = (
    texts, texts_alarms, texts_almanac, texts_control, texts_filings, texts_lines, texts_meters, texts_observance,
    texts_parameters, texts_priorities, texts_rules, texts_statement, texts_switches, texts_trials, texts_use,
)  # fmt: skip
PAGES = Path(texts.__file__).parent
CODE = sorted(path for path in PAGES.glob("*.py") if not path.name.startswith("texts"))
CHINESE = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]")
LETTER = re.compile(r"[^\W\d_]")

SAYERS = {
    "Words", "link", "heading", "button", "table", "choice_links", "put", "hint", "label", "notify", "tooltip",
    "page_title", "input", "select", "html", "markdown", "show", "_tell", "note", "part", "field",
}  # fmt: skip
"""Calls whose first argument a reader gets to see."""

SAME_IN_BOTH = {
    "℃",
    "kWh",
    "kvarh",
    "kW",
    "kvar",
    "kVA",
    "V",
    "A",
    "Hz",
    "m³",
    "m³/h",
    "GJ",
    "MPa",
    "lx",
    "W/m²",
    "mm/h",
    "CO₂",
    "SHA-256 …",
}


def all_texts() -> Iterator[tuple[str, Text]]:
    for catalogue in CATALOGUES:
        for name, value in vars(catalogue).items():
            if isinstance(value, Text):
                yield name, value
            elif isinstance(value, dict):
                yield from ((f"{name}[{key}]", item) for key, item in value.items() if isinstance(item, Text))
            elif isinstance(value, tuple):
                yield from ((f"{name}[{index}]", item) for index, item in enumerate(value) if isinstance(item, Text))


def test_every_catalogue_is_looked_at() -> None:
    assert {path.stem for path in PAGES.glob("texts*.py")} == {
        catalogue.__name__.rpartition(".")[2] for catalogue in CATALOGUES
    }


def places(said: str) -> set[str]:
    return set(re.findall(r"{(\w+)}", said))


def test_every_text_exists_in_both_languages() -> None:
    found = dict(all_texts())
    assert len(found) > 150
    for name, text in found.items():
        if name == "UNITS[1]":
            continue
        assert text.zh.strip(), f"{name} has no Chinese"
        assert text.en.strip(), f"{name} has no English"
        assert not CHINESE.search(text.en) or name == "OTHER_LANGUAGE", f"{name}: the English is Chinese"


def test_the_chinese_of_a_text_is_chinese() -> None:
    for name, text in all_texts():
        words = re.sub(r"{\w+}", "", text.zh).strip()
        if LETTER.search(words) and words not in SAME_IN_BOTH and name != "OTHER_LANGUAGE":
            assert CHINESE.search(words) or text.zh == text.en, f"{name}: {text.zh!r} is not Chinese"


def test_both_languages_have_the_same_places_to_fill() -> None:
    for name, text in all_texts():
        assert places(text.zh) == places(text.en), name


def test_the_catalogue_knows_every_word_of_the_building() -> None:
    states = {(enumeration, state) for enumeration, names in ENUMERATIONS.items() for state in names}
    assert set(texts.STATES) == states
    assert set(texts.MODES) == set(Mode)
    assert set(texts.FANS) == set(Fan)
    assert set(texts.ROLES) == set(Role)
    assert set(texts.ZONES) == set(ZoneClass)
    assert set(texts.LEVELS) == {level.value for level in AlarmLevel}
    assert set(texts.EFFECTS) == {effect.value for effect in Effect}
    assert set(texts.QUALITIES) == {quality.value for quality in Quality}
    assert set(texts.COMMAND_STATES) == {"proposed", "sent", *OUTCOME_STATES.values()}
    assert set(texts.UNITS) == {canonical.unit for canonical in CANONICAL.values()}
    assert set(texts.GRADES) == {grade.value for grade in Grade}


def test_no_text_lies_about_unused() -> None:
    used = {name for path in CODE for name in _used(ast.parse(path.read_text(encoding="utf-8")))}
    for catalogue in CATALOGUES:
        short = catalogue.__name__.rpartition(".")[2]
        for name in vars(catalogue):
            if name.isupper() and isinstance(getattr(catalogue, name), Text):
                assert (short, name) in used, f"{short}.{name} is used nowhere"


@pytest.mark.parametrize("path", CODE, ids=lambda path: path.stem)
def test_page_code_says_nothing_of_its_own(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert list(_chinese(tree)) == []
    assert list(_spoken(tree)) == []


def test_the_search_for_literals_finds_them() -> None:
    """The test above can fail."""
    tree = ast.parse('Words("Power", tag="b"); link(f"to {x}", "/"); ui.label("ok"); heading(say(texts.WHY)); x = "电"')
    assert list(_spoken(tree)) == ["Power", "to ", "ok"]
    assert list(_chinese(tree)) == ["电"]


def _used(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """(catalogue, name) of what a module reads out of catalogues, by whatever name it imports them."""
    called = {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "api.pages"
        for alias in node.names
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in called:
            yield called[node.value.id], node.attr


def _chinese(tree: ast.Module) -> Iterator[str]:
    """String constants with Chinese in them that are no docstrings."""
    documentation = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or id(node) in documentation:
            continue
        if CHINESE.search(node.value):
            yield node.value


def _spoken(tree: ast.Module) -> Iterator[str]:
    """Literal words handed to a call that shows its first argument (or its `text`) to a reader."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name not in SAYERS:
            continue
        shown = [
            *node.args[:1],
            *(word.value for word in node.keywords if word.arg in ("text", "label", "placeholder")),
        ]
        for argument in shown:
            yield from (said for said in _literals(argument) if LETTER.search(said))


def _literals(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield from (str(part.value) for part in node.values if isinstance(part, ast.Constant))
