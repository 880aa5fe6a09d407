"""What reasons are called where they are counted, and what the figures of a trial do not tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from facility.text import Text

TITLES: Final[Mapping[str, Text]] = {
    "rest-day": Text("休息日", "day of rest"),
    "before-window": Text("供应时段开始之前", "before supply hours"),
    "after-window": Text("供应时段结束之后", "after supply hours"),
    "late": Text("临近供应时段结束", "too near the end of supply hours"),
    "forecast-missing": Text("没有可用的天气预报", "no usable forecast"),
    "permit-not-taken": Text("当天的许可尚未确定", "the day's permit was not taken yet"),
    "cooling-permit-refused": Text("预报最高气温未达到供冷条件", "forecast maximum too low for cooling"),
    "heating-permit-refused": Text("预报最高气温高于供暖条件", "forecast maximum too high for heating"),
    "cooling-stop-measured": Text("室外温度低于供冷条件", "too cold outdoors for cooling"),
    "heating-stop-measured": Text("室外温度高于供暖条件", "too warm outdoors for heating"),
    "cooling-stop-unknown": Text("室外温度未知，此前不满足供冷条件", "outdoors unknown, last too cold for cooling"),
    "heating-stop-unknown": Text("室外温度未知，此前不满足供暖条件", "outdoors unknown, last too warm for heating"),
    "cooling-not-yet": Text("室外温度达到供冷条件的时间不足", "not warm enough outdoors for long enough"),
    "heating-not-yet": Text("室外温度达到供暖条件的时间不足", "not cold enough outdoors for long enough"),
    "cooling-locked": Text("停止供冷后的限制时间未过", "too soon after cooling was stopped"),
    "heating-locked": Text("停止供暖后的限制时间未过", "too soon after heating was stopped"),
    "cooling-settling": Text("正在确认室外温度", "outdoor temperature being confirmed"),
    "heating-settling": Text("正在确认室外温度", "outdoor temperature being confirmed"),
    "outdoor-unknown": Text("室外温度未知", "outdoor temperature not known"),
    "rain": Text("持续下雨", "lasting rain"),
    "overcast": Text("持续阴天", "lasting overcast"),
    "sunshine": Text("持续晴天", "lasting sunshine"),
    "room-too-cold": Text("室温低于制冷下限", "room below the limit of cooling"),
    "room-too-warm": Text("室温高于制热上限", "room above the limit of heating"),
    "room-unknown": Text("室温未知", "room temperature not known"),
    "window-open": Text("送风期间门窗打开", "window or door open"),
    "vacant": Text("室内无人", "nobody in"),
    "notice-stop": Text("行政科通知停止供应", "supply stopped by notice"),
    "setpoint-cool": Text("制冷设定温度过低", "cooling setpoint too low"),
    "setpoint-heat": Text("制热设定温度过高", "heating setpoint too high"),
    "mode": Text("运行模式不允许", "mode not permitted"),
    "default-off": Text("没有供应需求", "nothing asks for it"),
    "kettle-closed": Text("开水壶供水时段之外", "kettle outside its hours"),
    "kettle-rest-day": Text("开水壶休息日", "kettle on a day of rest"),
    "kettle-boiled": Text("开水壶已烧开", "kettle has boiled"),
    "kettle-level-low": Text("开水壶水位低", "kettle's water level low"),
    "kettle-level-unknown": Text("开水壶水位未知", "kettle's water level not known"),
}

LIMITS: Final = (
    Text(
        "本结果只说明在已记录的时间里各制度允许什么、实际使用是否符合。换一个制度后室温会怎样变化没有测量过，"
        "无法得知：室温限值按记录的室温判断。",
        "This tells what each policy would have permitted in recorded time, and whether what was used kept to it. "
        "What rooms would have done under another policy nobody measured: room limits go by recorded temperatures.",
    ),
    Text(
        "启停次数与原因假定设备完全服从制度，不计最短运行、停机时间和错峰；人的操作与现场面板只体现在记录的使用里。",
        "Starts and stops are counted as if units obeyed at once, without minimum times and stagger; what people "
        "ordered or set at the wall shows only in the recorded use.",
    ),
    Text(
        "可避免电量是估算：按室外温度分档（每档 2 ℃），用外机电表与同时运行的额定容量得出每千瓦额定容量每小时的用电，"
        "乘以违反该制度的运行。区间为按天重抽样的 90% 区间。数据不足的部分记为未知，不作 0；"
        "更多允许的时间会多用多少电不作估计。",
        "Avoided electricity is an estimate: in bins of 2 K outdoors, what the outdoor units' meters counted over the "
        "rated capacity that ran gives kWh per kW of rated capacity and hour, times what ran against the policy. The "
        "interval is 90 %, days drawn anew. Where too little was recorded it is not known, never 0; what more "
        "permitted hours would use is not estimated.",
    ),
    Text(
        "档案库房和信息机房全天候运行，不受办公用能制度约束，不计入；短于 3 分钟加一次采样间隔的不符不计为违反。",
        "Archive and server rooms run round the clock, exempt from the office rules, and are not counted; what was "
        "against a rule for less than 3 minutes and the time between two readings is no violation.",
    ),
)


def title(code: str) -> Text:
    """What a reason is called; rules that a site wrote itself go by their own name."""
    return TITLES.get(code, Text(code, code))
