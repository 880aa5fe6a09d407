"""The office's year and its forecasts in the site file: what is accepted, and how a mistake is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from facility.calendar import Calendar
from facility.model.loader import load_site
from facility.model.problems import Severity
from tests.sites import small_site_data


def problems(tmp_path: Path, **sections: Any) -> list[str]:
    """What is said of the small site with these sections, in both languages."""
    path = tmp_path / "site.yaml"
    with path.open("w", encoding="utf-8") as file:
        YAML().dump(small_site_data() | sections, file)
    return [f"{each.what.zh} | {each.what.en}" for each in load_site(path).problems if each.severity is Severity.ERROR]


SUMMER = {"name": {"zh": "夏季"}, "first": "06-01", "last": "09-30", "sessions": ["08:00-12:00"]}
ONE_DAY = {"first": "2026-08-03", "last": "2026-08-03", "reason": "x", "notice": "x"}
WHOLE = {
    "closures": [
        {"first": "2026-08-03", "last": "2026-08-05", "reason": "休假", "notice": "通知8号", "offices": ["finance"]},
    ],
    "half_days": [{"day": "2026-09-30", "closes": "12:00", "notice": "通知9号"}],
    "timetables": [SUMMER | {"sessions": ["08:00-12:00", "15:00-18:00"]}],
    "duty": {
        "shifts": [{"id": "day", "name": {"zh": "白班"}, "start": "08:00", "end": "18:00"}],
        "standing": [{"name": "值班室", "phone": "8200"}],
        "roster": [{"day": "2026-10-01", "shift": "day", "people": [{"name": "值班员"}]}],
    },
}  # fmt: skip


def test_a_whole_year_is_accepted_and_makes_the_calendar(tmp_path: Path) -> None:
    assert problems(tmp_path, almanac=WHOLE) == []
    file = load_site(tmp_path / "site.yaml").file
    assert file is not None
    almanac = Calendar.of(file).almanac
    assert (len(almanac.closures), len(almanac.half_days), len(almanac.timetables), len(almanac.turns)) == (1, 1, 1, 1)
    assert almanac.standing_duty[0].phone == "8200"


@pytest.mark.parametrize(
    ("section", "entry", "zh", "en"),
    [
        ("closures", ONE_DAY | {"last": "2026-08-02"}, "早于", "is before"),
        ("closures", ONE_DAY | {"reason": ""}, "不能为空", "is empty"),
        ("half_days", {"day": "2026-09-30", "notice": "x"}, "至少写一个", "neither"),
        ("half_days", {"day": "2026-09-30", "closes": "25:00", "notice": "x"}, "不是 08:00", "not a time of day"),
        ("half_days", {"day": "2026-09-30", "opens": "12:00", "closes": "12:00", "notice": "x"}, "不晚于", "not after"),
        ("timetables", SUMMER | {"first": "06-31"}, "06-31", "06-31"),
        ("timetables", SUMMER | {"sessions": ["12:00-08:00"]}, "不晚于开始", "ends before"),
        ("timetables", SUMMER | {"sessions": []}, "至少", "at least"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_in_both_languages(tmp_path: Path, section: str, entry: Any, zh: str, en: str) -> None:
    (said,) = problems(tmp_path, almanac={section: [entry]})
    assert zh in said.split(" | ")[0]
    assert en in said.split(" | ")[1]


def test_a_turn_needs_its_shift(tmp_path: Path) -> None:
    turn = {"day": "2026-10-01", "shift": "noon", "people": [{"name": "值班员"}]}
    (said,) = problems(tmp_path, almanac={"duty": {"roster": [turn]}})
    assert "`noon`" in said


SIGNED = {"private_key_env": "PEM", "key_id": "K", "project_id": "P"}


@pytest.mark.parametrize(
    ("provider", "lacking"),
    [
        ({"provider": "qweather", "url": "https://a.qweatherapi.com", "api_key_env": "KEY"}, None),
        ({"provider": "qweather", "url": "https://a.qweatherapi.com", **SIGNED}, None),
        ({"provider": "qweather", "api_key_env": "KEY"}, "`url`"),
        ({"provider": "qweather", "url": "https://a.qweatherapi.com"}, "`api_key_env`"),
        ({"provider": "qweather", "url": "https://a.qweatherapi.com", **SIGNED, "key_id": None}, None),
        ({"provider": "file", "folder": "/data/forecasts"}, None),
        ({"provider": "file"}, "`folder`"),
        ({"provider": "open_meteo"}, "`url`"),
        ({"provider": "manual"}, None),
    ],
)
def test_a_provider_has_what_it_is_asked_with(tmp_path: Path, provider: dict[str, Any], lacking: str | None) -> None:
    weather = small_site_data()["weather"] | {"forecast": [provider]}
    said = problems(tmp_path, weather=weather)
    assert len(said) == (0 if lacking is None else 1)
    assert all((lacking or "") in each for each in said)
