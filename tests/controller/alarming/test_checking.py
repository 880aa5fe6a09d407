"""`houqin check` names every mistake about alarms and notifications."""

from __future__ import annotations

from typing import Any

import pytest

from controller.alarming.checking import check_alarms
from facility.model import SiteFile, build_site
from facility.profiles import ProfileLibrary
from tests.sites import small_site_data

OWN: dict[str, Any] = {
    "id": "hot_room", "name": {"zh": "过热", "en": "Hot"}, "advice": {"zh": "查看", "en": "look"}, "level": "warning",
    "select": {"points": ["climate-401.temperature"]}, "limits": {"above": 35.0},
}  # fmt: skip
HOOK = {"hook": {"type": "webhook", "url": "https://hook.test/"}}


def problems(**entries: Any) -> list[tuple[str, str]]:
    file = SiteFile.model_validate({**small_site_data(), **entries})
    found = check_alarms(file, build_site(file, ProfileLibrary()))
    return [("/".join(str(part) for part in problem.path), problem.what.en) for problem in found]


def test_a_site_without_wishes_has_no_mistakes() -> None:
    assert problems() == []
    assert problems(alarms={"own": [OWN], "off": ["openings"]}, notify={"channels": HOOK, "reminders": ["hook"]}) == []


@pytest.mark.parametrize(
    ("entries", "path", "says"),
    [
        ({"alarms": {"off": ["line_donw"]}}, "alarms/off/0", "no alarm condition `line_donw`"),
        ({"alarms": {"change": {"nothing": {}}}}, "alarms/change/nothing", "no alarm condition"),
        ({"alarms": {"change": {"spool": {"parameters": {"percnt": 1}}}}}, "alarms/change/spool/parameters/percnt",
         "no parameter"),
        ({"alarms": {"change": {"line_down": {"limits": {"above": 1}}}}}, "alarms/change/line_down/limits",
         "no limits to change"),
        ({"alarms": {"own": [{**OWN, "id": "flood"}]}}, "alarms/own/0/id", "choose another id"),
        ({"alarms": {"own": [{**OWN, "select": {"points": ["climate-401.temperatur"]}}]}},
         "alarms/own/0/select/points/0", "no point `climate-401.temperatur`"),
        ({"alarms": {"own": [{**OWN, "select": {"kinds": ["kettle"]}}]}}, "alarms/own/0/select", "selects no point"),
        ({"alarms": {"own": [{**OWN, "select": {"points": ["window-401.open"]}, "limits": {"state": "ajar"}}]}},
         "alarms/own/0/limits/state", "no state `ajar`"),
        ({"alarms": {"own": [{**OWN, "besides": {"points": ["ac-401.on"]}}]}}, "alarms/own/0/besides",
         "needs `besides_limits`"),
        ({"notify": {"channels": HOOK, "reminders": ["hok"]}}, "notify/reminders/0", "no channel `hok`"),
        ({"notify": {"channels": HOOK, "escalation": [{"to": {"zh": "甲"}, "channels": ["x"]}]}},
         "notify/escalation/0/channels/0", "no channel `x`"),
        ({"notify": {"channels": HOOK, "escalation": [
            {"to": {"zh": "甲"}, "channels": ["hook"], "after_minutes": 5}, {"to": {"zh": "乙"}, "channels": ["hook"]},
        ]}}, "notify/escalation", "in the order"),
    ],
)  # fmt: skip
def test_each_mistake_has_its_place(entries: dict[str, Any], path: str, says: str) -> None:
    found = problems(**entries)
    assert [place for place, _ in found] == [path]
    assert says in found[0][1]
