"""QWeather's words for the sky as WMO 4677 present weather codes, which the rain and cloud rules speak.

Source of the words: the table of icons in QWeather's development documents (dev.qweather.com/docs/resource/icons). A
word that is not here says nothing about the sky.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

WMO_CODES: Final[Mapping[str, int]] = {
    "晴": 0, "少云": 1, "晴间多云": 2, "多云": 2, "阴": 3,
    "霾": 5, "中度霾": 5, "重度霾": 5, "严重霾": 5, "浮尘": 6, "扬沙": 7, "薄雾": 10,
    "沙尘暴": 31, "强沙尘暴": 34,
    "雾": 45, "大雾": 45, "浓雾": 45, "强浓雾": 45, "特强浓雾": 45,
    "毛毛雨": 51, "细雨": 51, "毛毛雨/细雨": 51,
    "小雨": 61, "雨": 61, "小到中雨": 63, "中雨": 63, "中到大雨": 65, "大雨": 65, "大到暴雨": 65, "暴雨": 65,
    "暴雨到大暴雨": 65, "大暴雨": 65, "大暴雨到特大暴雨": 65, "特大暴雨": 65, "极端降雨": 65, "冻雨": 66,
    "雨夹雪": 68, "雨雪天气": 68,
    "小雪": 71, "雪": 71, "小到中雪": 73, "中雪": 73, "中到大雪": 75, "大雪": 75, "大到暴雪": 75, "暴雪": 75,
    "阵雨": 80, "强阵雨": 81, "阵雨夹雪": 83, "阵雪": 85,
    "雷阵雨": 95, "强雷阵雨": 97, "雷阵雨伴有冰雹": 96,
}  # fmt: skip

CLOUD_PERCENT: Final[Mapping[str, float]] = {"晴": 0.0, "少云": 20.0, "晴间多云": 40.0, "多云": 60.0, "阴": 100.0}
"""Cloud cover where the hour names none: the middle of what the word stands for (GB/T 35663-2017 speaks of tenths)."""
