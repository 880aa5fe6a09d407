"""What the documents point to is there, and nothing in them belongs to one machine."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted([ROOT / "README.md", ROOT / "README.zh-CN.md", *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_every_link_to_a_file_leads_there(page: Path) -> None:
    targets = [target for target in LINK.findall(page.read_text(encoding="utf-8")) if "://" not in target]
    missing = [target for target in targets if not (page.parent / target).exists()]
    assert missing == []


def test_both_readmes_point_to_the_same_pages() -> None:
    english, chinese = (
        set(LINK.findall((ROOT / name).read_text(encoding="utf-8"))) - {"README.md", "README.zh-CN.md"}
        for name in ("README.md", "README.zh-CN.md")
    )
    assert english == chinese
    assert len(english) >= 10


def test_every_decision_has_a_number_of_its_own() -> None:
    numbers = [path.name[:4] for path in (ROOT / "docs" / "decisions").glob("*.md")]
    assert len(numbers) == len(set(numbers)) >= 3
    assert all(number.isdigit() for number in numbers)
