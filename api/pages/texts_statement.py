"""Texts of the monthly statement, in Chinese and English."""

from __future__ import annotations

from typing import Final

from facility.text import Text

TITLE: Final = Text("{office} {month} 用能通知单", "{office}: statement of {month}")
WHOLE: Final = Text("查看完整通知单", "Whole statement")
PRINT: Final = Text("打印", "Print")
COVERED: Final = Text("统计时段 {span}", "covers {span}")
CLOSED: Final = Text("已结账 {time}", "closed {time}")
OPEN: Final = Text("未结账，数字可能变化", "not closed; figures may still change")
DIGEST: Final = Text("SHA-256 {short}…", "SHA-256 {short}…")
PEOPLE: Final = Text("月平均用能人数 {people}", "{people} people on average")
AREA: Final = Text("建筑面积 {area} m²", "floor area {area} m²")

# How the total came about
ORIGIN: Final = Text("用电量及来历", "Electricity, and where it comes from")
OWN_METERS: Final = Text("本科室电表计量", "counted by the office's own meters")
FROM_SPLIT: Final = Text("{name} 分摊（算法见下）", "share of {name} (reckoned below)")
CODE: Final = Text("分项编码", "Code")
CODE_NOTE: Final = Text(
    "分项编码按“{codes}”；合计等于各分项之和。",
    "Codes by “{codes}”; the items add up to the total.",
)
ITS_METERS: Final = Text("相关计量表：", "Meters:")
OTHER_MEDIA: Final = Text("其他能源", "Other media")
DAYS: Final = Text("每日用电", "Day by day")
UNCERTAIN: Final = Text("误差 ±{error}", "±{error}")

# Cost
COST: Final = Text("费用", "Cost")
COST_OF: Final = Text("{medium}费", "{medium}")
PERIOD: Final = Text("时段", "Period")
AMOUNT: Final = Text("用量（{unit}）", "Use ({unit})")
OF_IT_ESTIMATED: Final = Text("其中估算", "Of it estimated")
PRICE: Final = Text("单价（元/{unit}）", "Price (CNY/{unit})")
YUAN: Final = Text("金额（元）", "Amount (CNY)")
SUM: Final = Text("合计", "Total")
NO_PRICE: Final = Text("无电价", "no price")
UNPRICED: Final = Text("其中 {amount} 没有电价，未计入金额。", "{amount} of it has no price and is not in the amount.")
UNKNOWN_HOURS: Final = Text(
    "{hours} 小时没有数据，这段时间的费用未知。", "{hours} hours have no readings; their cost is not known."
)
COST_INCOMPLETE: Final = Text("费用不完整，实际金额不同。", "The cost is not complete; the true amount differs.")
NO_TARIFF: Final = Text(
    "未选用价目表，不计算费用。可由行政科在接口 /tariffs 选用。",
    "No tariff is chosen, so no cost is told. The administration section chooses one at /tariffs of the API.",
)
TARIFF: Final = Text("价目：{tariffs}", "tariffs: {tariffs}")

# Quota
QUOTA: Final = Text("定额", "Quotas")
ALLOWED: Final = Text("定额", "Allowed")
USED_SO_FAR: Final = Text("已用", "Used")
USED_SHARE: Final = Text("已用比例", "Share used")
EXPECTED: Final = Text("预计期末", "Expected")
OVERRUN: Final = Text("预计超出", "Overrun expected")
EXHAUSTED: Final = Text("用完日期", "Used up on")
LASTS: Final = Text("够用", "it lasts")
QUOTA_PART: Final = Text(
    "{amount} × {size}（{per}），{days} 天，{since}；依据：{source}",
    "{amount} x {size} ({per}), {days} days, {since}; by: {source}",
)
SINCE: Final = Text("自 {since} 起", "from {since}")
ALWAYS: Final = Text("一直有效", "at all times")
SITE_FILE: Final = Text("站点配置文件", "the site file")
NO_QUOTA: Final = Text("没有为本科室设定定额。", "No quota is set for this office.")

# Coal and CO2
COAL_CO2: Final = Text("标准煤与二氧化碳", "Standard coal and CO₂")
COAL: Final = Text("标准煤（当量值）", "Standard coal, calorific")
COAL_EQUIVALENT: Final = Text("标准煤（等价值）", "Standard coal, equivalent")
CO2: Final = Text("二氧化碳", "CO₂")
FACTOR: Final = Text("系数", "Factor")
YEAR_REGION: Final = Text("年份、地区", "Year, region")
SOURCE: Final = Text("来源", "Source")
NOT_MIXED: Final = Text(
    "当量值与等价值口径不同，不能相加，也不能互相比较。",
    "Calorific and equivalent values are reckoned differently: never add or compare them.",
)
UNVERIFIED: Final = Text("未核实", "not verified")

# Comparison
COMPARISON: Final = Text("同比与环比", "Comparison")
THIS_MONTH: Final = Text("本期", "Now")
EARLIER: Final = Text("对比期", "Then")
CHANGE: Final = Text("变化", "Change")
PARTLY: Final = Text("数据不全，仅供参考", "incomplete, not to be judged by")
SAME_LENGTH: Final = Text(
    "本月未结束，对比期取同样长的时间。", "The month is not over: the earlier one is taken for as long a time."
)
OF_TOTAL: Final = Text("总量（{unit}）", "Total ({unit})")
OF_HEAD: Final = Text("人均（{unit}/人）", "Per head ({unit})")
OF_AREA: Final = Text("单位面积（{unit}/m²）", "Per m² ({unit})")
DEGREE_DAYS: Final = Text(
    "天气：制冷度日 {cooling} ℃·d（基准 {cooling_base} ℃），采暖度日 {heating} ℃·d（基准 {heating_base} ℃），"
    "共 {days} 天",
    "Weather: {cooling} cooling degree days (base {cooling_base} °C), {heating} heating degree days (base "
    "{heating_base} °C) in {days} days",
)
DEGREE_MISSING: Final = Text("，其中 {missing} 天缺室外温度", ", {missing} days without outdoor temperature")

# Air-conditioning split
SPLIT: Final = Text("中央空调分摊：{name}", "Shared air-conditioning: {name}")
SPLIT_TOTAL: Final = Text("室外机电表", "Outdoor unit's meter")
SPLIT_OWN: Final = Text("本科室分摊", "This office's share")
SPLIT_METHOD: Final = Text("方法", "Method")
FORMULA: Final = Text("公式", "Formula")
PARAMETERS: Final = Text("参数", "Parameters")
PARAMETER: Final = Text("{name} = {value}", "{name} = {value}")
WEIGHT: Final = Text("风速系数（{speed}）", "fan weight, {speed}")
DIVISOR: Final = Text("k（仅送风时间的折减）", "k (divisor of running without compressor)")
STANDBY_KW: Final = Text("待机功率（kW）", "standby (kW)")
UNIT: Final = Text("室内机", "Indoor unit")
CAPACITY: Final = Text("额定容量（kW）", "Capacity (kW)")
AREA_HEAD: Final = Text("面积（m²）", "Area (m²)")
RUN_H: Final = Text("运行（h）", "Running (h)")
COOL_H: Final = Text("制冷/热（h）", "Compressor (h)")
BY_SPEED: Final = Text("{speed} {hours}", "{speed} {hours}")
VALVE: Final = Text("阀开度", "Valve")
HEAT: Final = Text("热量（kWh）", "Heat (kWh)")
INDEX: Final = Text("指数", "Index")
INDEX_SHARE: Final = Text("占电表", "Share of meter")
UNIT_KWH: Final = Text("分摊（kWh）", "Share (kWh)")
OFFICE_KWH: Final = Text("本科室（kWh）", "This office (kWh)")
ESTIMATED_DAYS: Final = Text("估算天数", "Days estimated")
SHOW_DAYS: Final = Text("查看每日明细（可逐日复核）", "Show every day, to be checked by hand")
DAY: Final = Text("日期", "Day")
METERED: Final = Text("电表（kWh）", "Metered (kWh)")
STANDBY: Final = Text("待机（kWh）", "Standby (kWh)")
INDEX_ALL: Final = Text("指数合计", "Index, all units")
UNIT_INDEX: Final = Text("{unit} 指数", "{unit}: index")
UNIT_SHARE: Final = Text("{unit} 比例", "{unit}: share")
UNIT_DAY_KWH: Final = Text("{unit}（kWh）", "{unit} (kWh)")
UNKNOWN_DAYS: Final = Text(
    "有 {days} 天室外机电表没有数据，未分摊。", "On {days} days nothing is known of the outdoor unit's meter."
)
SPLIT_NOTE: Final = Text(
    "这是按运行情况的分摊，不是贸易结算计量。", "This is an allocation by running, not a legal-for-trade measurement."
)

# Doubts and corrections
DOUBTS: Final = Text("数据存疑", "Doubts")
NO_DOUBTS: Final = Text("本期数据没有缺口或待判定的跳变。", "No gap and no jump waiting to be judged.")
WHAT: Final = Text("情况", "What")
WHEN: Final = Text("时间", "When")
RISE: Final = Text("期间读数增加", "Counted meanwhile")
MORE_DOUBTS: Final = Text(
    "另有 {count} 段短时中断已插值，未逐条列出。", "{count} more short silences were interpolated."
)
CORRECTIONS: Final = Text("对已结账月份的更正", "Corrections of closed months")
OF_MONTH: Final = Text("更正月份", "Of month")
SORT: Final = Text("种类", "Sort")
MEDIUM: Final = Text("能源", "Medium")
REVERSAL: Final = Text("冲销", "reversal")
BOOKING: Final = Text("重新入账", "booking")
