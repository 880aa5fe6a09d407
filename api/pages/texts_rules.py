"""Words of the page of rules."""

from __future__ import annotations

from typing import Final

from facility.model.places import ZONE_CLASS_NAMES, ZoneClass
from facility.text import Text

NAV = Text("条款", "Rules")
TITLE = Text("制度条款", "Rules in force")
HINT = Text(
    "现在执行的每条规则、适用范围、依据的原文。条款原文为中文，英文为说明。",
    "Every rule that is acted on now, where it holds, and the sentence it rests on. Documents are Chinese; the English "
    "says what they mean.",
)
STATED = Text("{preset}，自 {when} 起执行", "{preset}, in force as stated {when}")
NOT_STATED = Text(
    "控制器尚未说明现行制度；控制器启动后即可查看。",
    "The controller has not stated its policy yet; it does when it starts.",
)
EVERYWHERE = Text("全部", "all")
CLASS = Text("区域类别", "zone class")
BUILDING = Text("楼", "building")
FLOOR = Text("楼层", "floor")
OFFICE = Text("科室", "office")
EQUIPMENT = Text("设备", "equipment")
SEARCH = Text("条款号或原文", "clause or words")
SHOW = Text("查看", "Show")
PRINT = Text("打印", "Print")
NOTHING = Text("没有符合的规则", "No rule matches")
RULE = Text("规则", "rule")
EFFECT = Text("作用", "effect")
SENTENCE = Text("依据", "rests on")
NUMBERS = Text("参数", "numbers")
FROM = Text("来源", "from")
OWN = Text("本单位自定", "the site's own")
NO_CLAUSE = Text("设备保护，无条款", "equipment protection, no clause")
FILED = Text("现行备案与通知", "Filings in force now")
NO_FILED = Text("此范围内现在没有备案或通知放宽规定", "Nothing filed changes these rules now")
FILED_LINE = Text("第 {id} 号（{reason}），{start} 至 {end}", "no. {id} ({reason}), {start} to {end}")
SITE_WIDE = Text("不分区域类别", "not bound to a zone class")
ONLY = Text("仅限", "only")
ELSEWHERE = Text("由别处落实的条款", "Clauses that are served elsewhere")
WHY_NOT = Text("未执行：{why}", "not carried out: {why}")

EFFECTS: Final = {
    "permit": Text("许可", "permits"), "forbid": Text("禁止", "forbids"), "limit": Text("限值", "limits"),
    "want": Text("要求", "wants"), "hold": Text("暂缓", "holds"), "advise": Text("建议", "advises"),
    "elsewhere": Text("另行落实", "elsewhere"),
}  # fmt: skip
SEVERITIES: Final = {
    "enforce": Text("强制", "enforced"), "advise": Text("建议", "advised"), "default": Text("原则", "in principle"),
    "off": Text("停用", "off"), "": Text("由别处落实", "elsewhere"),
}  # fmt: skip
CLASSES: Final = {zone_class.value: ZONE_CLASS_NAMES[zone_class] for zone_class in ZoneClass}
