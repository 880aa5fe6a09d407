"""The examples of the manual are site files that `houqin check` takes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from facility.model import SiteFile
from tests.sites import small_site_data

DOCS = Path(__file__).parents[3] / "docs"
EXAMPLE = re.compile(r"```yaml\n(.*?)```", re.DOTALL)


@pytest.mark.parametrize("page", ["alarms.md", "alarms.zh-CN.md"])
def test_the_manuals_examples_are_understood(page: str) -> None:
    examples = EXAMPLE.findall((DOCS / page).read_text(encoding="utf-8"))
    entries: dict[str, Any] = {}
    for example in examples:
        entries |= YAML(typ="safe").load(example)
    file = SiteFile.model_validate({**small_site_data(), **entries})
    assert [own.id for own in file.alarms.own] == ["panel_hot"]
    assert {channel.type for channel in file.notify.channels.values()} == {"mail", "webhook", "wecom", "dingtalk"}
    assert [step.after_minutes for step in file.notify.escalation] == [0.0, 15.0, 60.0]
