"""The guide to profiles names every key there is, in both languages, and its examples are right."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from ruamel.yaml import YAML

from facility.profiles import ModbusPoint, Profile, WriteSpec
from facility.profiles.coherence import faults_of
from facility.profiles.recognition import DEVICE_ID_OBJECTS, Identify, Plate
from facility.profiles.registers import WIDTHS
from facility.profiles.schema import GroupRegister, Kind, Limits, ScaleFrom, SetupWrite, Slots, Source, WriteGroup

DOCS = Path(__file__).parents[3] / "docs"
GUIDES = [DOCS / "profiles.md", DOCS / "profiles.zh-CN.md"]
ELSEWHERE = {"mqtt", "dlt645", "cjt188", "frame", "messages"}
"""Keys of profiles that have a page of their own."""
MODELS: tuple[type[BaseModel], ...] = (
    Profile, ModbusPoint, WriteSpec, WriteGroup, GroupRegister, SetupWrite, Identify, Plate, Limits, Slots, Source,
    ScaleFrom,
)  # fmt: skip


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_the_guide_names_every_key_type_and_word(guide: Path) -> None:
    text = guide.read_text(encoding="utf-8")
    keys = {item.alias or name for model in MODELS for name, item in model.model_fields.items()} - ELSEWHERE
    missing = {key for key in keys if not re.search(rf"\b{key}\b", text)}
    assert missing == set()
    sizes = {re.sub(r"\d+", "", kind) for kind in WIDTHS}
    assert all(size in text for size in sizes)
    assert all(f"`{word}`" in text for word in (*DEVICE_ID_OBJECTS, *(kind.value for kind in Kind)))


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_the_examples_in_the_guide_are_right(guide: Path) -> None:
    whole, points, writes = re.findall(r"```yaml\n(.*?)```", guide.read_text(encoding="utf-8"), re.DOTALL)
    profile = Profile.model_validate(_read(whole))
    assert list(faults_of(profile)) == []
    split = {**_read(whole), "modbus": _read("points:\n" + points)["points"]}
    assert list(faults_of(Profile.model_validate(split))) == []
    assert [WriteGroup.model_validate(group).count for group in _read(writes)["writes"]] == [3]


def _read(text: str) -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe").load(text)
    return found
