"""What a `publish` section needs, and what is told where it is not right."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from facility.model.loader import load_site
from tests.sites import small_site_data


def problems(tmp_path: Path, publish: str) -> list[str]:
    """Codes of the problems of the small site with this `publish` section."""
    text = io.StringIO()
    YAML().dump(small_site_data(), text)
    file = tmp_path / "site.yaml"
    file.write_text(text.getvalue() + f"publish: {publish}\n", encoding="utf-8")
    return [problem.code for problem in load_site(file).problems if problem.code != "unmetered_outdoor"]


@pytest.mark.parametrize(
    ("publish", "expected"),
    [
        ("{}", []),
        ("{link: sensors}", []),
        ("{link: sensors, every_s: 0, home_assistant: {}}", []),
        ("{link: sensors, kinds: [indoor_unit], retain: false}", []),
        ("{link: sensors, commands: {office: finance}}", []),
        ("{link: sensors, commands: {role: duty_room, minutes: 30}}", []),
        ("{prefix: a/b}", ["missing_key"]),
        ("{link: sensor}", ["dangling"]),
        ("{link: plant}", ["wrong_kind"]),
        ("{link: sensors, prefix: 'a/#'}", ["pattern"]),
        ("{link: sensors, prefix: /a}", ["pattern"]),
        ("{link: sensors, prefix: $SYS}", ["pattern"]),
        ("{link: sensors, prefix: site}", ["overlapping"] * 4),
        ("{link: sensors, kinds: [virtual_meter]}", ["unknown_word"]),
        ("{link: sensors, commands: {}}", ["missing_key"]),
        ("{link: sensors, commands: {office: fiance}}", ["dangling"]),
        ("{link: sensors, commands: {role: duty_room, office: finance}}", ["not_of_this_kind"]),
        ("{link: sensors, commands: {role: administrator}}", ["unknown_word"]),
        ("{link: sensors, commands: {office: finance, minutes: 0}}", ["out_of_range"]),
    ],
)  # fmt: skip
def test_a_publish_section_has_a_broker_topics_and_rights(tmp_path: Path, publish: str, expected: list[str]) -> None:
    assert problems(tmp_path, publish) == expected
