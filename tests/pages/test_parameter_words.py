"""The numbers of the rules as people read them."""

from __future__ import annotations

import pytest

from api.pages.parameter_words import parameter_words
from api.pages.texts_parameters import NAMES
from controller.policy.in_force import PARAMETERS
from controller.policy.schema import Parameters


@pytest.mark.parametrize(
    ("name", "value", "zh", "en"),
    [
        ("measured_hold_s", "600", "持续：10 分钟", "held for: 10 min"),
        ("forecast_max_age_s", "43200", "预报有效期：12 小时", "oldest forecast: 12 h"),
        ("vacancy_s", "90", "无人多久停机：90 秒", "off after nobody for: 90 s"),
        ("vacancy_s", "0", "无人多久停机：0 秒", "off after nobody for: 0 s"),
        ("setpoint_min_cool_c", "28", "制冷设定不低于：28 ℃", "cooling setpoint from: 28 ℃"),
        ("heating_permit_c", "0", "预报最高不超过：0 ℃", "forecast maximum up to: 0 ℃"),
        ("room_tolerance_k", "0.5", "传感器允差：0.5 K", "sensor tolerance: 0.5 K"),
        ("overcast_cloud_percent", "90", "阴天：云量不低于：90%", "overcast: cloud from: 90%"),
        ("kettle_workdays_only", "false", "只在工作日：否", "workdays only: no"),
        ("window", "08:00-17:00", "供应时段：08:00-17:00", "supply hours: 08:00-17:00"),
        ("lux_threshold", "300", "lux_threshold = 300", "lux_threshold = 300"),
    ],
)
def test_a_number_is_told_with_its_name_and_unit(name: str, value: str, zh: str, en: str) -> None:
    assert parameter_words(name, value, "zh") == zh
    assert parameter_words(name, value, "en") == en


def test_every_number_of_a_stated_rule_has_words() -> None:
    stated = {number for numbers in PARAMETERS.values() for number in numbers}
    assert stated <= set(NAMES)
    assert stated <= set(Parameters.model_fields)
