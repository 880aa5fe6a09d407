"""A channel whose sort is misspelt is told by its own key, with the near miss."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from facility.model.loader import load_site
from facility.model.problems import Severity
from tests.sites import small_site_data


@pytest.mark.parametrize(
    ("entry", "said", "hint"),
    [
        ({"type": "webhok"}, "`type` is `webhok`; expected one of `mail`, `webhook`, `wecom`, `dingtalk`", "webhook"),
        ({"type": 0}, "`type` is `0`; expected one of `mail`, `webhook`, `wecom`, `dingtalk`", None),
        ({"tpye": "webhook"}, "unknown key `tpye`; expected `type`", "type"),
        ({}, "required key `type` is missing", None),
    ],
)
def test_a_channel_of_no_sort_is_named_by_its_key(
    tmp_path: Path, entry: dict[str, Any], said: str, hint: str | None
) -> None:
    path = tmp_path / "site.yaml"
    channels = {"hook": {**entry, "url": "http://duty.test"}}
    with path.open("w", encoding="utf-8") as file:
        YAML().dump(small_site_data() | {"notify": {"channels": channels}}, file)
    (problem,) = [each for each in load_site(path).problems if each.severity is Severity.ERROR]
    assert problem.what.en == said
    assert (hint is None) is (problem.hint is None)
    if hint is not None and problem.hint is not None:
        assert f"`{hint}`" in problem.hint.en
