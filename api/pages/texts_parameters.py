"""What the numbers of the rules are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from facility.text import Text

NAMES: Final[Mapping[str, Text]] = {
    "window": Text("供应时段", "supply hours"),
    "cooling_season": Text("供冷季", "cooling season"),
    "heating_season": Text("供暖季", "heating season"),
    "permit_at": Text("判定时刻", "permit taken at"),
    "forecast_max_age_s": Text("预报有效期", "oldest forecast"),
    "cooling_permit_c": Text("预报最高达到", "forecast maximum from"),
    "heating_permit_c": Text("预报最高不超过", "forecast maximum up to"),
    "cooling_measured_c": Text("室外温度不低于", "outdoors from"),
    "heating_measured_c": Text("室外温度不高于", "outdoors up to"),
    "outdoor_mean_s": Text("室外温度取平均", "mean of outdoors over"),
    "measured_hold_s": Text("持续", "held for"),
    "restart_lockout_s": Text("停后不再启动", "no restart for"),
    "weather_hold_s": Text("持续", "held for"),
    "overcast_cloud_percent": Text("阴天：云量不低于", "overcast: cloud from"),
    "sunny_cloud_percent": Text("晴天：云量不高于", "sunny: cloud up to"),
    "setpoint_min_cool_c": Text("制冷设定不低于", "cooling setpoint from"),
    "setpoint_max_heat_c": Text("制热设定不高于", "heating setpoint up to"),
    "setpoint_ceiling_c": Text("制冷设定不高于", "cooling setpoint up to"),
    "room_min_cool_c": Text("供冷室温不低于", "room when cooling from"),
    "room_max_heat_c": Text("供暖室温不高于", "room when heating up to"),
    "room_tolerance_k": Text("传感器允差", "sensor tolerance"),
    "room_mean_s": Text("室温取平均", "mean of the room over"),
    "window_open_s": Text("开窗多久停机", "off after open for"),
    "window_closed_s": Text("关窗多久恢复", "on after closed for"),
    "openings_per_hour": Text("每小时开启次数报警", "alarm of openings an hour"),
    "vacancy_s": Text("无人多久停机", "off after nobody for"),
    "no_start_before_end_s": Text("结束前不再启动", "no start before the end"),
    "climate_low_c": Text("温度下限", "temperature from"),
    "climate_high_c": Text("温度上限", "temperature up to"),
    "humidity_low_percent": Text("湿度下限", "humidity from"),
    "humidity_high_percent": Text("湿度上限", "humidity up to"),
    "kettle_window": Text("供水时段", "hours"),
    "kettle_workdays_only": Text("只在工作日", "workdays only"),
    "kettle_boiled_percent": Text("烧开：功率低于加热功率的", "boiled: power below"),
    "kettle_boiled_s": Text("持续", "held for"),
    "for_s": Text("成立多久生效", "holds after"),
    "release_s": Text("解除多久失效", "ends after"),
    "dwell_s": Text("至少保持", "kept at least"),
    "valid_from": Text("自", "from"),
    "valid_until": Text("至", "until"),
}
YES_NO: Final[Mapping[str, Text]] = {"true": Text("是", "yes"), "false": Text("否", "no")}
VALUE: Final = Text("{name}：{value}", "{name}: {value}")
HOURS: Final = Text("{number} 小时", "{number} h")
MINUTES: Final = Text("{number} 分钟", "{number} min")
SECONDS: Final = Text("{number} 秒", "{number} s")
