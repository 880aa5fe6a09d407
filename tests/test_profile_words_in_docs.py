"""The pages on profiles name every quantity, unit and state that a profile may use."""

from __future__ import annotations

from pathlib import Path

import pytest

from facility.quantities import CANONICAL, ENUMERATIONS, UNIT_FACTORS

DOCS = Path(__file__).parents[1] / "docs"


@pytest.mark.parametrize("page", ["profiles.md", "profiles.zh-CN.md"])
def test_every_word_that_a_profile_needs_is_on_the_page(page: str) -> None:
    said = (DOCS / page).read_text(encoding="utf-8")
    words = {quantity.value for quantity in CANONICAL} - {"state"} | {*UNIT_FACTORS} | {*ENUMERATIONS}
    words |= {canonical.unit for canonical in CANONICAL.values()}
    words |= {name for names in ENUMERATIONS.values() for name in names}
    assert sorted(word for word in words if f"`{word}`" not in said) == []
