"""The reference of the rule language: its examples load as they stand, and it leaves nothing out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from controller.policy import check_policy
from controller.policy.library import presets
from controller.policy.rules.conditions import OPERATORS, Compare, When
from controller.policy.rules.places import CONTROLLED
from controller.policy.rules.schema import PART_OF, LimitPart, RemindPart, Rule, Scope, WantPart
from facility.model import SiteFile, build_site
from tests.controller.rules.house import LIBRARY, house_data

PAGE = Path(__file__).parents[3] / "docs" / "rules-as-data.md"
BLOCKS = [block.split("```")[0] for block in PAGE.read_text(encoding="utf-8").split("```yaml")[1:]]


def read(block: str) -> Any:
    """A block of the page."""
    return YAML(typ="safe").load(block)


def problems_of(policy: dict[str, Any]) -> list[str]:
    """What is wrong with a policy at a house that has a lit hall and a meeting room besides."""
    data = house_data(policy)
    data["devices"].append(
        {"id": "lx-hall", "profile": "mqtt_illuminance", "link": "sensors", "topic": "site/hall/light"}
    )
    data["equipment"].append({"id": "lux-hall", "kind": "illuminance_sensor", "device": "lx-hall", "serves": ["hall"]})
    data["spaces"].append({"id": "meeting", "floor": "f4", "class": "meeting"})
    data["equipment"].append(data["equipment"][1] | {"id": "ac-meeting", "slot": 3, "serves": ["meeting"]})
    file = SiteFile.model_validate(data)
    return [str(problem) for problem in check_policy(file, build_site(file, LIBRARY))]


def test_the_first_example_loads_as_it_stands() -> None:
    assert problems_of(read(BLOCKS[0])["policy"]) == []


def test_the_examples_load_as_they_stand() -> None:
    rules = read(BLOCKS[1])
    assert len(rules) == 6
    assert problems_of({"rules": rules}) == [
        "policy.rules.3.when.all.0.window: rule “Window open overnight” (window-overnight) needs a window or door "
        "contact, which `r402`, `archive`, `hall`, `meeting` has not"
    ]


def test_every_word_of_the_language_is_in_the_reference() -> None:
    page = PAGE.read_text(encoding="utf-8")
    words = {
        *(field.alias or name for name, field in When.model_fields.items()),
        *Rule.model_fields, *Scope.model_fields, *WantPart.model_fields, *LimitPart.model_fields,
        *RemindPart.model_fields, *Compare.model_fields, *OPERATORS, *CONTROLLED, *PART_OF,
    }  # fmt: skip
    assert sorted(word for word in words if f"`{word}" not in page and f"{word}:" not in page) == []


def test_every_preset_is_in_the_reference() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [name for name in presets() if f"`{name}`" not in page] == []
