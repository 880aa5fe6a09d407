"""Words of the pages on which policies are tried out."""

from __future__ import annotations

from typing import Final

from facility.text import Text
from facility.trials import TrialState

NAV = Text("试行", "Trials")
TITLE = Text("制度试行", "Trying policies out")
HINT = Text(
    "用已有的记录看看：换一个制度，允许的时间、受影响的科室和用电会怎样。不改变现行制度，不操作设备。",
    "What would another policy have permitted, whom would it have hit, what would it have saved? By the record; "
    "nothing in force is changed, nothing is commanded.",
)
LINE = Text("{first} – {last}　{names}　{state}", "{first} – {last}   {names}   {state}")
FAILED_LINE = Text("{line}：{why}", "{line}: {why}")
ONE = Text("第 {id} 号试行", "Trial no. {id}")
MAY_NOT = Text(
    "只有行政科和管理员可以试行。", "Only the administration section and administrators may try policies out."
)
NEW = Text("新的试行", "A new trial")
FIRST = Text("起始日期", "first day")
LAST = Text("结束日期", "last day")
AGAINST = Text("与现行制度比较的制度", "Policy to hold against the one in force")
NAME = Text("名称", "name")
PROPOSED = Text("拟议制度", "proposed")
PRESET = Text("预设", "preset")
IN_FORCE = Text("现行制度", "in force")
AS_IS = Text("空白：不改", "empty: as it is")
RUN = Text("开始试行", "Try it out")
NEEDS_DATES = Text("请填写起止日期", "both days are needed")
WRONG_NUMBER = Text("{name} 应为数字", "{name} should be a number")
LIST = Text("最近的试行", "Latest trials")
NONE = Text("还没有试行", "Nothing was tried out yet")
NUMBER = Text("编号", "no.")
SPAN = Text("时间", "time")
POLICIES = Text("制度", "policies")
STATE = Text("状态", "state")
BY = Text("提交人", "by")
CANCEL = Text("取消", "Cancel")
CSV = Text("下载 CSV", "Download CSV")
RUNS = Text("进行中 {share}", "{share} done")
FIGURE = Text("指标", "figure")
STOPS = Text("停止的原因（次）", "Why units would be stopped (times)")
VIOLATIONS = Text("记录中违反制度的使用（次，设备小时）", "Use against the policy in the record (times, unit-hours)")
OFFICES = Text("各科室：允许的设备小时（其中记录里违反的）", "Offices: unit-hours permitted (of the record against it)")
OFFICE = Text("科室", "office")
REASON = Text("原因", "reason")
LIMITS = Text("这些数字不说明什么", "What these figures do not tell")
RATES = Text("用电模型", "The model of electricity")
RATES_HINT = Text(
    "由外机电表得出：每千瓦额定容量运行一小时的用电，按室外温度分档；括号内为 90% 区间。",
    "From the outdoor units' meters: electricity for an hour of one kW of rated capacity, by outdoor temperature; 90 % "
    "interval in brackets.",
)
OUTDOOR_UNIT = Text("外机", "outdoor unit")
SEASON = Text("季节", "season")
TEMPERATURE = Text("室外温度 ℃", "outdoors, C")
HOURS = Text("小时数", "hours")
RATE = Text("kWh/(kW·h)", "kWh/(kW·h)")
NOT_KNOWN = Text("未知", "not known")
COOLING = Text("供冷", "cooling")
HEATING = Text("供暖", "heating")

STATES: Final = {
    TrialState.WAITING: Text("等待", "waits"), TrialState.RUNNING: Text("进行中", "runs"),
    TrialState.DONE: Text("完成", "done"), TrialState.FAILED: Text("失败", "failed"),
    TrialState.CANCELLED: Text("已取消", "cancelled"), TrialState.INTERRUPTED: Text("被中断", "interrupted"),
}  # fmt: skip

NUMBERS: Final = {
    "cooling_permit_c": Text("供冷：预报最高 ≥ ℃", "cooling: forecast max. ≥ C"),
    "heating_permit_c": Text("供暖：预报最高 ≤ ℃", "heating: forecast max. ≤ C"),
    "cooling_measured_c": Text("供冷：室外实测 ≥ ℃", "cooling: outdoors ≥ C"),
    "heating_measured_c": Text("供暖：室外实测 ≤ ℃", "heating: outdoors ≤ C"),
    "setpoint_min_cool_c": Text("制冷设定 ≥ ℃", "cooling setpoint ≥ C"),
    "setpoint_max_heat_c": Text("制热设定 ≤ ℃", "heating setpoint ≤ C"),
    "room_min_cool_c": Text("制冷室温 ≥ ℃", "room when cooling ≥ C"),
    "room_max_heat_c": Text("制热室温 ≤ ℃", "room when heating ≤ C"),
    "vacancy_s": Text("无人停机 秒", "off when empty, s"),
}
WINDOW = Text("供应时段 08:00-17:00", "supply hours 08:00-17:00")
