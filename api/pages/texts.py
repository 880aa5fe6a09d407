"""Every text of the pages, in Chinese and English. Page code takes its words from here and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from facility.commands import RULE_ENGINE, WATCHDOG, Fan, Mode, Role
from facility.model.entries import ZoneClass
from facility.text import Text

# The frame around every page
PRODUCT: Final = Text("后勤设备运行", "Houqin")
NAV_BOARD: Final = Text("总览", "Board")
NAV_USAGE: Final = Text("用能", "Use")
NAV_METERS: Final = Text("计量表", "Meters")
NAV_BALANCE: Final = Text("平衡", "Balance")
NAV_MONTHS: Final = Text("月结", "Months")
NAV_FILINGS: Final = Text("备案", "Filings")
NAV_ALARMS: Final = Text("报警", "Alarms")
OTHER_LANGUAGE: Final = Text("English", "中文")
LOG_IN: Final = Text("登录", "Log in")
LOG_OUT: Final = Text("退出", "Log out")
SIGNED_IN_AS: Final = Text("{name}（{role}）", "{name} ({role})")
DEMONSTRATION: Final = Text("演示时间", "Demonstration time")
DEMONSTRATION_NOTE: Final = Text(
    "模拟建筑，时钟按 {pace} 倍速运行", "a simulated building on a clock that runs {pace} times as fast as life"
)
CLOCK_PACE: Final = Text("时钟按 {pace} 倍速运行", "the clock runs at {pace} times life")
HISTORY_PROGRESS: Final = Text(
    "正在补齐历史数据：已完成 {done} 天，共 {total} 天", "filling in the past: {done} of {total} days done"
)
NOT_FOUND: Final = Text("没有这个页面", "There is no such page")
NOT_FOUND_HINT: Final = Text(
    "地址可能写错了，或者设备、科室已从配置中删除。",
    "The address may be mistyped, or the equipment or office is no longer configured.",
)
PAGE_FAILED: Final = Text("页面暂时无法显示", "This page cannot be shown now")
PAGE_FAILED_HINT: Final = Text(
    "原因已写入运行日志。请稍后刷新；如果一直这样，请联系管理员。",
    "The cause is in the log. Reload in a moment; if it stays, ask the administrator.",
)
BACK_TO_BOARD: Final = Text("回到总览", "Back to the board")

# Log in
LOG_IN_TITLE: Final = Text("登录", "Log in")
LOG_IN_HINT: Final = Text(
    "请输入访问令牌。令牌由管理员用 houqin token create 命令生成，只显示一次。",
    "Enter your access token. An administrator makes it with `houqin token create`; it is shown only once.",
)
LOG_IN_FIRST: Final = Text("请先登录", "log in first")
TOKEN: Final = Text("访问令牌", "Access token")
TOKEN_WRONG: Final = Text(
    "令牌无效或已撤销，请核对后重试。", "This token is not valid or was revoked. Check it and try again."
)

# Board
OUTDOOR: Final = Text("室外温度", "Outdoors")
OUTDOOR_UNKNOWN: Final = Text("室外温度数据全部过期", "all outdoor readings are stale")
COOLING: Final = Text("供冷", "Cooling")
HEATING: Final = Text("供热", "Heating")
PERMITTED: Final = Text("允许", "permitted")
NOT_PERMITTED: Final = Text("不允许", "not permitted")
NOT_STATED_YET: Final = Text("控制器尚未判定", "the controller has not decided yet")
CLAUSE: Final = Text("依据 {clause}", "clause {clause}")
POWER_NOW: Final = Text("当前功率", "Power now")
USE_TODAY: Final = Text("今日用电", "Use today")
ALARMS_ACTIVE: Final = Text("当前报警", "Active alarms")
NO_ALARM: Final = Text("没有报警", "no alarm")
UNITS_RUNNING: Final = Text("运行机组", "Units running")
OFFICES: Final = Text("科室", "Offices")
PUBLIC_ROOMS: Final = Text("公共区域", "Public rooms")
SPECIAL_ROOMS: Final = Text("档案、机房、值班", "Archive, server and duty rooms")
LINES: Final = Text("通信线路", "Lines")
LINE_UP: Final = Text("正常", "up")
LINE_DOWN: Final = Text("中断", "down")
LINE_UNKNOWN: Final = Text("未知", "unknown")
POINTS_SILENT: Final = Text("{down} / {total} 台设备无应答", "{down} of {total} devices silent")
NO_UNITS: Final = Text("没有空调机组", "no air-conditioning unit")

# A unit
ON: Final = Text("开", "On")
OFF: Final = Text("关", "Off")
STATE_UNKNOWN: Final = Text("未知", "Unknown")
SETPOINT: Final = Text("设定", "Set")
ROOM: Final = Text("室温", "Room")
FAULT: Final = Text("故障", "Fault")
NO_DECISION_YET: Final = Text("尚无判定", "no decision yet")
STALE: Final = Text("数据过期", "stale")

# Office page
OFFICE_USE: Final = Text("用电量", "Electricity used")
BY_HOUR: Final = Text("按小时", "By hour")
BY_DAY: Final = Text("按日", "By day")
BY_MONTH: Final = Text("按月", "By month")
PERIOD: Final = Text("时间", "Period")
USED: Final = Text("用量", "Use")
COMPLETENESS: Final = Text("完整度", "Complete")
ESTIMATED: Final = Text("估算/分摊占比", "Estimated or allocated")
GRADE: Final = Text("数据等级", "Grade")
GAP: Final = Text("无数据", "no data")
GAP_LEGEND: Final = Text("灰色斜纹处没有数据，不等于零", "hatched: no data, which is not zero")
MEASURED: Final = Text("实测", "measured")
PARTIAL: Final = Text("部分数据", "partial")
SHOW_TABLE: Final = Text("查看数据表", "Show the table")
STATEMENT: Final = Text("月度用能通知单", "Monthly statement")
STATEMENT_MONTH: Final = Text("月份", "Month")
DOWNLOAD_CSV: Final = Text("下载 CSV", "Download CSV")
TOTAL: Final = Text("合计", "Total")
PER_HEAD: Final = Text("人均", "Per head")
PER_AREA: Final = Text("单位面积", "Per m²")
EACH_HEAD: Final = Text("/人", "/person")
EACH_M2: Final = Text("/m²", "/m²")
OVER_QUOTA: Final = Text("超定额", "Over quota")
HEADCOUNT: Final = Text("{count} 人", "{count} people")
AREA: Final = Text("{area} m²", "{area} m²")
RESPONSIBLE: Final = Text("责任人：{role}", "responsible: {role}")
ITS_UNITS: Final = Text("空调机组", "Air-conditioning units")
ITS_METERS: Final = Text("计量表", "Meters")
ITEM: Final = Text("分项", "Item")
PREVIOUS: Final = Text("上一段", "Earlier")
NEXT: Final = Text("下一段", "Later")
USED_OF_QUOTA: Final = Text("定额 {allowance}，已用 {share}", "quota {allowance}, {share} used")
MONTH_RUNNING: Final = Text("本月未结束，数据截至 {time}", "the month is not over; figures up to {time}")

# Equipment page
LIVE_POINTS: Final = Text("实时数据", "Live values")
POINT: Final = Text("测点", "Point")
VALUE: Final = Text("数值", "Value")
AGE: Final = Text("更新", "Updated")
QUALITY: Final = Text("质量", "Quality")
NEVER_SPOKE: Final = Text("从未上报", "never reported")
HISTORY: Final = Text("历史曲线", "History")
ONE_DAY: Final = Text("日", "Day")
ONE_WEEK: Final = Text("周", "Week")
ONE_MONTH: Final = Text("月", "Month")
ONE_YEAR: Final = Text("年", "Year")
NO_HISTORY: Final = Text("这段时间没有数据", "no data in this period")
WHY: Final = Text("判定依据", "Why")
WANTED: Final = Text("应为", "wanted")
EFFECTIVE: Final = Text("实际", "is")
NEXT_CHANGE: Final = Text("下一步：{what}", "next: {what}")
INPUTS: Final = Text("依据数据：{inputs}", "inputs: {inputs}")
INPUT: Final = Text("{name} {value}（{source}）", "{name} {value} ({source})")
INPUT_AGED: Final = Text("{name} {value}（{source}，{age}）", "{name} {value} ({source}, {age})")
SEMICOLON: Final = Text("；", "; ")
DECIDED_AT: Final = Text("{time} 判定", "decided {time}")
EARLIER_DECISIONS: Final = Text("此前的判定", "Earlier decisions")
COMMANDS: Final = Text("操作", "Commands")
COMMAND_HINT: Final = Text(
    "可以关机、调到更节能的设定，或在规定范围内开机；超出规定的请求会被拒绝，并说明条款。",
    "You may switch off, choose a thriftier setting, or start within the rules; all else is refused, with the clause.",
)
MAY_NOT_COMMAND: Final = Text(
    "当前账号只能查看。值班室、行政科和本科室操作员可以操作设备。",
    "This account may look, not operate. The duty room, the administration section and the office's own operator may.",
)
LOG_IN_TO_COMMAND: Final = Text("登录后可以操作设备", "Log in to operate equipment")
SWITCH: Final = Text("开关", "Switch")
UNCHANGED: Final = Text("不变", "leave")
MODE: Final = Text("模式", "Mode")
SETPOINT_C: Final = Text("设定温度 (℃)", "Setpoint (°C)")
UNTIL: Final = Text("有效到", "Until")
WINDOW_END: Final = Text("本时段结束", "end of the window")
HOURS_1: Final = Text("1 小时后", "in 1 hour")
HOURS_2: Final = Text("2 小时后", "in 2 hours")
HOURS_4: Final = Text("4 小时后", "in 4 hours")
HOURS_8: Final = Text("8 小时后", "in 8 hours")
REASON: Final = Text("原因", "Reason")
SEND: Final = Text("发送", "Send")
NOTHING_WANTED: Final = Text("请先选择要改变的内容", "Choose what to change first")
RECENT_COMMANDS: Final = Text("最近的操作", "Recent commands")
NO_COMMANDS: Final = Text("还没有操作记录", "no commands yet")
BY_WHOM: Final = Text("{actor}，{time}", "{actor}, {time}")
SERVES: Final = Text("服务房间", "Serves")
CAPACITY: Final = Text("额定制冷量", "Rated cooling")
DEVICE: Final = Text("采集设备", "Device")

# Alarms page
LEVEL: Final = Text("级别", "Level")
SINCE: Final = Text("开始", "Since")
UNTIL_TIME: Final = Text("结束", "Until")
ALARM: Final = Text("内容", "Alarm")
STILL_ACTIVE: Final = Text("持续中", "active")

# Use page
RANK: Final = Text("名次", "Rank")
OFFICE: Final = Text("科室", "Office")
SHARE: Final = Text("占比", "Share")
UNALLOCATED: Final = Text("未分摊", "Unallocated")
MAIN_METER: Final = Text("总表", "Main meter")
SUM_OFFICES: Final = Text("科室合计", "Offices together")
LOADING: Final = Text("正在读取…", "reading…")
STORE_AWAY: Final = Text("暂时读不到历史数据，稍后自动重试。", "Stored data cannot be read now; trying again soon.")
MISSING: Final = Text("—", "—")

# Words for values
JUST_NOW: Final = Text("刚刚", "just now")
SECONDS_AGO: Final = Text("{n} 秒前", "{n} s ago")
MINUTES_AGO: Final = Text("{n} 分钟前", "{n} min ago")
HOURS_AGO: Final = Text("{n} 小时前", "{n} h ago")
DAYS_AGO: Final = Text("{n} 天前", "{n} d ago")
DAYS: Final = Text("{n} 天", "{n} d")
HOURS: Final = Text("{n} 小时", "{n} h")
MINUTES: Final = Text("{n} 分", "{n} min")
YES: Final = Text("是", "yes")
NO: Final = Text("否", "no")
BEHIND_A_NAME: Final = " ,:;，：；"
"""What may stand between a name and what is said of it."""
LIST_COMMA: Final = Text("、", ", ")
WEEKDAYS: Final = (
    Text("周一", "Mon"), Text("周二", "Tue"), Text("周三", "Wed"), Text("周四", "Thu"),
    Text("周五", "Fri"), Text("周六", "Sat"), Text("周日", "Sun"),
)  # fmt: skip

MODES: Final[Mapping[Mode, Text]] = {
    Mode.COOL: Text("制冷", "Cool"),
    Mode.HEAT: Text("制热", "Heat"),
    Mode.DRY: Text("除湿", "Dry"),
    Mode.FAN: Text("送风", "Fan"),
    Mode.AUTO: Text("自动", "Auto"),
}

FANS: Final[Mapping[Fan, Text]] = {
    Fan.AUTO: Text("自动", "Auto"),
    Fan.LOW: Text("低", "Low"),
    Fan.MEDIUM: Text("中", "Medium"),
    Fan.HIGH: Text("高", "High"),
}

ROLES: Final[Mapping[Role, Text]] = {
    Role.VIEWER: Text("查看", "viewer"),
    Role.SECTION_OPERATOR: Text("科室操作员", "section operator"),
    Role.DUTY_ROOM: Text("值班室", "duty room"),
    Role.ADMIN_SECTION: Text("行政科", "administration section"),
    Role.ADMINISTRATOR: Text("系统管理员", "administrator"),
}

ZONES: Final[Mapping[ZoneClass, Text]] = {
    ZoneClass.OFFICE: Text("办公室", "office"),
    ZoneClass.MEETING: Text("会议室", "meeting room"),
    ZoneClass.PUBLIC: Text("公共区域", "public area"),
    ZoneClass.DUTY_ROOM: Text("值班室", "duty room"),
    ZoneClass.ARCHIVE: Text("档案室", "archive"),
    ZoneClass.SERVER_ROOM: Text("机房", "server room"),
}

STATES: Final[Mapping[tuple[str, str], Text]] = {
    ("off_on", "off"): Text("关", "off"),
    ("off_on", "on"): Text("开", "on"),
    ("hvac_mode", "cool"): MODES[Mode.COOL],
    ("hvac_mode", "heat"): MODES[Mode.HEAT],
    ("hvac_mode", "dry"): MODES[Mode.DRY],
    ("hvac_mode", "fan"): MODES[Mode.FAN],
    ("hvac_mode", "auto"): MODES[Mode.AUTO],
    ("fan_speed", "auto"): FANS[Fan.AUTO],
    ("fan_speed", "low"): FANS[Fan.LOW],
    ("fan_speed", "medium"): FANS[Fan.MEDIUM],
    ("fan_speed", "high"): FANS[Fan.HIGH],
    ("closed_open", "closed"): Text("关闭", "closed"),
    ("closed_open", "open"): Text("打开", "open"),
    ("absent_present", "absent"): Text("无人", "nobody in"),
    ("absent_present", "present"): Text("有人", "somebody in"),
    ("dry_rain", "dry"): Text("无雨", "dry"),
    ("dry_rain", "rain"): Text("有雨", "rain"),
    ("ok_fault", "ok"): Text("正常", "ok"),
    ("ok_fault", "fault"): Text("故障", "fault"),
    ("ok_low", "ok"): Text("正常", "ok"),
    ("ok_low", "low"): Text("偏低", "low"),
    ("unlocked_locked", "unlocked"): Text("未锁定", "unlocked"),
    ("unlocked_locked", "locked"): Text("已锁定", "locked"),
    ("valve", "closed"): Text("关闭", "closed"),
    ("valve", "open"): Text("打开", "open"),
    ("thermo", "off"): Text("停止", "off"),
    ("thermo", "thermo_off"): Text("到温停机", "thermo-off"),
    ("thermo", "thermo_on"): Text("运转", "thermo-on"),
    ("thermo", "alarm"): Text("报警", "alarm"),
    ("pipe", "empty"): Text("空管", "empty"),
    ("pipe", "full"): Text("满管", "full"),
    ("lift_operation", "normal"): Text("正常运行", "normal"),
    ("lift_operation", "fire"): Text("消防状态", "fire mode"),
    ("lift_operation", "inspection"): Text("检修状态", "inspection"),
    ("dry_leak", "dry"): Text("无漏水", "dry"),
    ("dry_leak", "leak"): Text("漏水", "leak"),
    ("no_flow_flow", "no_flow"): Text("无水流", "no flow"),
    ("no_flow_flow", "flow"): Text("有水流", "flow"),
}
"""(enumeration, state) -> the state's name; covers `facility.quantities.ENUMERATIONS`."""

ITEMS: Final[Mapping[str, Text]] = {
    "lighting_sockets": Text("照明插座", "lighting and sockets"),
    "air_conditioning": Text("空调", "air conditioning"),
    "power": Text("动力", "power"),
    "special": Text("特殊", "special"),
}

GRADES: Final[Mapping[str, Text]] = {
    "measured": Text("实测", "measured"),
    "estimated": Text("估算", "estimated"),
    "derived": Text("差值", "difference"),
    "allocated": Text("分摊", "allocated"),
    "manual": Text("人工录入", "entered by hand"),
    "unknown": Text("未知", "unknown"),
}

LEVELS: Final[Mapping[str, Text]] = {
    "info": Text("提示", "info"),
    "warning": Text("警告", "warning"),
    "serious": Text("严重", "serious"),
    "critical": Text("紧急", "critical"),
}

COMMAND_STATES: Final[Mapping[str, Text]] = {
    "proposed": Text("等待控制器", "waiting for the controller"),
    "sent": Text("已发送，等待确认", "sent, waiting for confirmation"),
    "confirmed": Text("已生效", "confirmed"),
    "not_effective": Text("未生效", "not effective"),
    "refused": Text("已拒绝", "refused"),
    "unreachable": Text("设备无应答", "device does not answer"),
    "expired": Text("已过期", "expired"),
}

EFFECTS: Final[Mapping[str, Text]] = {
    "permit": Text("允许", "permits"),
    "forbid": Text("禁止", "forbids"),
    "limit": Text("限制", "limits"),
    "want": Text("要求", "wants"),
    "hold": Text("保持", "holds"),
    "advise": Text("建议", "advises"),
}

SOURCES: Final[Mapping[str, Text]] = {
    "sensor": Text("传感器", "sensor"),
    "forecast": Text("预报", "forecast"),
    "calendar": Text("日历", "calendar"),
    "person": Text("人工", "person"),
    "unit": Text("机组", "unit"),
    "clock": Text("时钟", "clock"),
}

NAMED_INPUTS: Final[Mapping[str, Text]] = {
    "forecast": Text("预报", "forecast"),
    "forecast.daily_max": Text("今日预报最高（℃）", "forecast maximum today (°C)"),
    "calendar": Text("日历", "calendar"),
    "weather.rain": Text("降雨", "rain"),
    "weather.overcast": Text("云量（%）", "cloud cover (%)"),
    "weather.sunshine": Text("云量（%）", "cloud cover (%)"),
    "workday": Text("工作日", "workday"),
    "rest": Text("休息日", "day off"),
}
"""Inputs of decisions that are no points, and the words some of them have as values."""
FILED_INPUT: Final = Text("第 {id} 号备案", "filing no. {id}")

ACTORS: Final[Mapping[str, Text]] = {
    RULE_ENGINE.name: Text("控制器", "controller"),
    WATCHDOG.name: Text("网关看护", "gateway watchdog"),
}
"""Parts of the system that act by themselves."""

QUALITIES: Final[Mapping[str, Text]] = {
    "good": Text("正常", "good"),
    "uncertain": Text("可疑", "uncertain"),
    "bad": Text("无效", "bad"),
}

UNITS: Final[Mapping[str, Text]] = {
    "Cel": Text("℃", "°C"),
    "%": Text("%", "%"),
    "kWh": Text("kWh", "kWh"),
    "kvar.h": Text("kvarh", "kvarh"),
    "kW": Text("kW", "kW"),
    "kvar": Text("kvar", "kvar"),
    "kV.A": Text("kVA", "kVA"),
    "V": Text("V", "V"),
    "A": Text("A", "A"),
    "Hz": Text("Hz", "Hz"),
    "m3": Text("m³", "m³"),
    "m3/h": Text("m³/h", "m³/h"),
    "GJ": Text("GJ", "GJ"),
    "MPa": Text("MPa", "MPa"),
    "lx": Text("lx", "lx"),
    "W/m2": Text("W/m²", "W/m²"),
    "h": Text("小时", "h"),
    "mm/h": Text("mm/h", "mm/h"),
    "m/s": Text("m/s", "m/s"),
    "[ppm]": Text("ppm", "ppm"),
    "1": Text("", ""),
}
"""UCUM code -> how people write it."""
