"""Texts of the use page, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from facility.text import Text

TITLE: Final = Text("用能统计", "Use")
BY: Final = Text("统计对象", "Rows")
MEDIUM: Final = Text("能源种类", "Medium")
ROW_LENGTH: Final = Text("时间粒度", "Row length")
RANK_BY: Final = Text("排名依据", "Ranked by")
COLUMNS: Final = Text("加列", "Columns")
KEY: Final = Text("只看", "Only")
ALL: Final = Text("全部", "all")
RANK_VALUE: Final = Text("用量", "use")
RANK_HEAD: Final = Text("人均", "per head")
RANK_AREA: Final = Text("单位面积", "per m²")
EACH_HEAD: Final = Text("{unit}/人", "{unit}/person")
EACH_M2: Final = Text("{unit}/m²", "{unit}/m²")
EACH_YEAR: Final = Text("同比", "vs last year")
EACH_BEFORE: Final = Text("环比", "vs before")
COST_YUAN: Final = Text("费用（元）", "Cost (CNY)")
COST_PART: Final = Text("部分", "in part")
COST_PART_HINT: Final = Text("有用量或电价未知，实际费用不同", "a use or a price is not known; the true cost differs")
COAL: Final = Text("标准煤 当量（kgce）", "Coal, calorific (kgce)")
COAL_EQUIVALENT: Final = Text("标准煤 等价（kgce）", "Coal, equivalent (kgce)")
CO2: Final = Text("CO₂（kg）", "CO₂ (kg)")
QUOTA: Final = Text("月定额", "Month's quota")
QUOTA_SHARE: Final = Text("已用定额", "Quota used")
SUM_ROWS: Final = Text("合计", "Together")
ERROR_HINT: Final = Text("时段两端无正点读数，误差不超过 ±{error}", "no reading at the very ends: ±{error} at most")
UNALLOCATED_HINT: Final = Text(
    "未分摊 = 总表 − 各行合计：没有归属的公共区域、线路损耗等，不摊入任何一行。",
    "Unallocated = main meters − the rows: public areas nobody answers for, losses. It is never spread over the rows.",
)
METERS_HINT: Final = Text(
    "上级表的用量包含下级表，各行不能相加。", "A meter includes the meters behind it: rows cannot be added up."
)
BLOCKS: Final = Text("跨行的通信中断", "Silences across rows")
BLOCKS_HINT: Final = Text(
    "中断期间的用量只知道总数，不计入上表任何一行，单独列出：",
    "What was used in these is known as a whole only and is part of no row above:",
)
METER: Final = Text("计量表", "Meter")
BLOCK_SPAN: Final = Text("起止时间", "From, to")
BLOCK_LENGTH: Final = Text("时长", "Length")
TERMS: Final = Text("计算依据", "What this rests on")
TARIFFS_USED: Final = Text("电价：{tariffs}", "tariffs: {tariffs}")
NO_TARIFF: Final = Text("未选用价目表，不计算费用。", "No tariff is chosen: costs cannot be told.")
COST_HINT: Final = Text(
    "费用按小时计价，含随量加收；阶梯加价和按月固定费用见月度通知单。",
    "Costs are reckoned by hours with what is added to every unit; surcharges of tiers and monthly charges are in the "
    "statements.",
)
FACTOR_LINE: Final = Text("{name}：{factor}", "{name}: {factor}")
NOT_TOLD: Final = Text("第 {shown} 行之后未显示，共 {rows} 行；完整数据请下载。",
                       "Rows after {shown} of {rows} are not shown; download the table for all.")  # fmt: skip
NATION: Final = Text("全国", "China")
DOWNLOAD_XLSX: Final = Text("下载 XLSX", "Download XLSX")

BYS: Final[Mapping[str, Text]] = {
    "office": Text("科室", "Offices"),
    "floor": Text("楼层", "Floors"),
    "building": Text("楼栋", "Buildings"),
    "item": Text("分项", "Items"),
    "meter": Text("计量表", "Meters"),
    "equipment": Text("设备", "Equipment"),
}

MEDIA: Final[Mapping[str, Text]] = {
    "electricity": Text("电", "Electricity"),
    "water": Text("水", "Water"),
    "gas": Text("燃气", "Gas"),
    "heat": Text("热量", "Heat"),
}

ROWS: Final[Mapping[str, Text]] = {
    "total": Text("整段", "whole"),
    "hour": Text("按小时", "by hour"),
    "day": Text("按日", "by day"),
    "month": Text("按月", "by month"),
}

EXTRAS: Final[Mapping[str, Text]] = {
    "cost": Text("费用", "cost"),
    "coal": Text("标准煤", "standard coal"),
    "co2": Text("CO₂", "CO₂"),
    "quota": Text("定额", "quota"),
    "comparison": Text("同比环比", "comparison"),
}
