"""What the account book's words are called in files for people."""

from __future__ import annotations

from typing import Final

from facility.accounting.tariffs import PERIOD_NAMES
from facility.text import Text

PERIODS: Final = {period.value: name for period, name in PERIOD_NAMES.items()}

MEDIA: Final = {
    "electricity": Text("电", "electricity"),
    "water": Text("水", "water"),
    "gas": Text("燃气", "gas"),
    "heat": Text("热", "heat"),
    "oil": Text("油", "oil"),
}

GRADES: Final = {
    "measured": Text("实测", "measured"),
    "derived": Text("推算", "derived"),
    "allocated": Text("分摊", "allocated"),
    "estimated": Text("估算", "estimated"),
    "manual": Text("人工录入", "entered by hand"),
    "unknown": Text("未知", "not known"),
}

GAP_KINDS: Final = {
    "bridged": Text("短时中断,已插值", "short silence, interpolated"),
    "block": Text("长时中断,仅知总量", "silence, known as a whole"),
    "reset": Text("读数下降", "counter fell"),
    "held": Text("跳变待判定", "jump, to be judged"),
    "rejected": Text("跳变已否定", "jump, rejected"),
    "silent": Text("无读数", "no readings"),
    "frozen": Text("有负荷而读数不变", "stood still under load"),
}

METHODS: Final = {
    "time_capacity": Text("运行时间×容量", "running time x capacity"),
    "valve": Text("时间×容量×阀开度", "time x capacity x valve opening"),
    "heat": Text("热量", "heat metered"),
    "area": Text("面积", "floor area"),
    "capacity": Text("容量", "capacity"),
    "standby": Text("全部为待机", "all standby"),
    "none": Text("不分摊", "not split"),
}

SPEEDS: Final = {
    "high": Text("高速", "high"),
    "medium": Text("中速", "medium"),
    "low": Text("低速", "low"),
    "auto": Text("自动", "auto"),
}

PERS: Final = {
    "office": Text("每科室", "per office"),
    "head": Text("每人", "per head"),
    "leader": Text("每位领导", "per leader"),
    "staff": Text("每位职工", "per other person"),
    "m2": Text("每平方米", "per square metre"),
}

AGAINST: Final = {
    "year": Text("同比", "against the same month of last year"),
    "month": Text("环比", "against the month before"),
}
