"""What is watched, in the site file: accepted, and how a mistake is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from facility.model import SiteFile
from tests.facility.model.test_almanac_entries import problems
from tests.sites import small_site_data


def test_what_is_named_is_accepted_and_nothing_need_be(tmp_path: Path) -> None:
    watched = {
        "patrol_grace_minutes": 0, "daylight_lux": None, "heaters": [{"meter": "meter-401", "above_kw": 1.5}],
        "standby": [{"meter": "meter-402", "above_kw": 0.2}],
    }  # fmt: skip
    assert problems(tmp_path, observance=watched) == []
    entry = SiteFile.model_validate(small_site_data() | {"observance": watched}).observance
    assert (entry.patrol_grace_minutes, entry.daylight_lux, entry.keep_days) == (0, None, 62)
    assert SiteFile.model_validate(small_site_data()).observance.standby == ()


@pytest.mark.parametrize(
    ("watched", "said"),
    [
        ({"heaters": [{"meter": "meter-40", "above_kw": 1.5}]}, "meter-40"),
        ({"standby": [{"meter": "ac-401", "above_kw": 1.5}]}, "indoor_unit"),
        ({"standby": [{"meter": "meter-401", "above_kw": 0}]}, "above_kw"),
        ({"patrol": 15}, "patrol"),
    ],
)
def test_a_mistake_is_told(tmp_path: Path, watched: dict[str, object], said: str) -> None:
    (told,) = problems(tmp_path, observance=watched)
    assert said in told
