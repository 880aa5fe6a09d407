"""The page about what is published stays true."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from facility.commands import OUTCOME_STATES
from facility.model import SiteFile, build_site
from facility.model.publish_entries import HomeAssistantEntry, PublishEntry, PublishSpoolEntry, RemoteCommandsEntry
from facility.profiles import ProfileLibrary
from facility.readings import Status, to_us
from facility.spool import KEPT_S
from gateway.mqtt.out.alarms import FULL_PERCENT
from gateway.mqtt.out.asking import Slip, asked
from gateway.mqtt.out.desk import MOST_WAITING
from gateway.mqtt.out.payloads import reading
from gateway.mqtt.out.stream import AGAIN_AFTER_S, FILL_EVERY_WALL_S, messages
from gateway.mqtt.out.topics import Topics
from tests.gateway.mqtt.out.scene import NOW, batch
from tests.sites import small_site_data

DOCS = Path(__file__).parents[4] / "docs"
PAGE = (DOCS / "mqtt-out.md").read_text(encoding="utf-8")
CHINESE = (DOCS / "mqtt-out.zh-CN.md").read_text(encoding="utf-8")
PAGES = pytest.mark.parametrize("page", [PAGE, CHINESE], ids=["en", "zh"])


def blocks(page: str, sort: str) -> list[str]:
    return re.findall(rf"```{sort}\n(.*?)```", page, re.DOTALL)


SITE = build_site(
    SiteFile.model_validate({**small_site_data(), **YAML(typ="safe").load(blocks(PAGE, "yaml")[0])}), ProfileLibrary()
)


def test_both_languages_show_the_same_site_file_and_the_same_messages() -> None:
    assert blocks(PAGE, "yaml") == blocks(CHINESE, "yaml")
    assert blocks(PAGE, "json") == blocks(CHINESE, "json")


def test_the_readings_of_the_page_are_what_is_published() -> None:
    shown = blocks(PAGE, "json")[0].splitlines()
    now_us = to_us(NOW)
    assert shown == [
        reading(SITE.points["ac-401.setpoint"], now_us, 26.5, Status.GOOD).decode(),
        reading(SITE.points["meter-401.power"], now_us, None, Status.TIMEOUT).decode(),
        reading(SITE.points["ac-401.on"], now_us, 1.0, Status.GOOD).decode(),
        next(messages([batch(NOW, ac_401__on=0.0)], SITE.points, Topics("x")))[1].decode(),
    ]


def test_what_the_page_asks_for_is_understood() -> None:
    entry = SITE.file.publish.commands
    assert entry is not None
    wanted = asked(SITE, entry, "ac-401", blocks(PAGE, "json")[1].encode(), NOW)
    assert (wanted.wish.setpoint_c, wanted.reference) == (26.0, "bms-17")
    answer: Any = json.loads(blocks(PAGE, "json")[2])
    assert answer["state"] in OUTCOME_STATES.values()


@PAGES
def test_every_key_state_and_cause_is_on_the_page(page: str) -> None:
    models = (PublishEntry, HomeAssistantEntry, PublishSpoolEntry, RemoteCommandsEntry)
    words = {key for model in models for key in model.model_fields} | {*OUTCOME_STATES.values(), *Slip}
    assert [word for word in sorted(words) if f"`{word}`" not in page] == []


@PAGES
def test_the_figures_of_the_page_are_those_of_the_program(page: str) -> None:
    assert (KEPT_S, AGAIN_AFTER_S, FILL_EVERY_WALL_S, FULL_PERCENT) == (30.0, 60.0, 0.25, 80.0)
    assert str(MOST_WAITING) in page
    entry = RemoteCommandsEntry()
    assert (PublishEntry().every_s, PublishEntry().heartbeat_s, entry.stale_s) == (1.0, 600.0, 60.0)
    assert (PublishSpoolEntry().limit_mb, entry.minutes, entry.longest_minutes) == (500, 120, 720)
