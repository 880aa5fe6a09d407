"""Texts of the pages about what was kept to, in Chinese and English."""

from __future__ import annotations

from typing import Final

from facility.text import Text

NAV_OBSERVANCE: Final = Text("执行", "Rules kept")
NAV_PATROL: Final = Text("巡查", "Patrol")

TITLE: Final = Text("制度执行情况", "How the rules were kept")
HINT: Final = Text(
    "单位：分钟。经批准备案的分钟另计，不算违规；数据缺失、无法判断的分钟也另计，绝不算作遵守。"
    "制度允许的处理时间（关机 2 分钟、恢复设定 1 分钟等）不计。",
    "In minutes. Minutes that an approved filing allowed are told apart and are no breach; minutes in which an input "
    "was not known are told apart too and never count as kept. The time that the rules allow for putting something "
    "right (two minutes to go off, one to put a setpoint back) does not count.",
)
OFFICE: Final = Text("科室", "Office")
ALL_OFFICES: Final = Text("全部科室", "all offices")
TREND: Final = Text("每日违规分钟", "Minutes broken, day by day")
DETAILS: Final = Text("明细", "Day by day, and where")
DETAILS_OF: Final = Text("明细：{what}", "Details: {what}")
NOT_RECKONED: Final = Text(
    "这个月还没有统计。每天零点过后统计前一天，供应时段结束后统计当天。",
    "Nothing is reckoned of this month yet. A day is reckoned after its midnight, today after the supply hours.",
)
RECKONED_UNTIL: Final = Text("统计到 {time}", "reckoned up to {time}")
DAYS_MISSING: Final = Text("{count} 天尚未统计", "{count} days not reckoned yet")
UNIT: Final = Text("分钟", "min")
TOTAL: Final = Text("合计", "Total")
KEPT: Final = Text("遵守率", "Kept")
CELL_HINT: Final = Text(
    "违规 {broken} 分钟（{times} 次），备案 {filed} 分钟，无法判断 {unknown} 分钟，共判断 {judged} 分钟",
    "broken {broken} min ({times} times), filed {filed} min, not known {unknown} min, of {judged} min judged",
)
FILED: Final = Text("备案", "filed")
UNKNOWN: Final = Text("不明", "not known")
BACK_OF: Final = Text("{times}（恢复 {back}）", "{times} ({back} put back)")
DAY: Final = Text("日期", "Day")
EQUIPMENT: Final = Text("设备", "Equipment")
RULE: Final = Text("规定", "Rule")
BROKEN: Final = Text("违规（分钟）", "Broken (min)")
FILED_MINUTES: Final = Text("备案（分钟）", "Filed (min)")
UNKNOWN_MINUTES: Final = Text("不明（分钟）", "Not known (min)")
TIMES: Final = Text("次数", "Times")
WHEN: Final = Text("时间", "When")
NOTHING: Final = Text("没有违规。", "Nothing was broken.")
MORE: Final = Text("另有 {count} 行，请下载表格查看。", "{count} more rows: download the table.")
BACK: Final = Text("返回全部", "All")

PATROL: Final = Text("下班检查清单", "Evening list")
PATROL_OF: Final = Text("{day} 下班检查清单", "Evening list of {day}")
PATROL_HINT: Final = Text(
    "供应时段结束 {minutes} 分钟后列出仍在运行的设备；有降雨预报时列出未关的门窗。到场查看后请登记。",
    "What still runs {minutes} minutes after the supply hours; windows that stand open when rain is forecast. Tick off "
    "what you have been to.",
)
NO_LIST: Final = Text("当日还没有清单，供应时段结束后生成。", "No list yet: it is made after the supply hours.")
ALL_WELL: Final = Text("没有遗留，全部已关。", "Nothing is left on.")
MADE: Final = Text("{made} 生成，{looked} 更新", "made at {made}, looked again at {looked}")
LEFT: Final = Text("待处理 {count} 项", "{count} left")
BEFORE_REST: Final = Text("明日起：{rest}", "from tomorrow: {rest}")
OPEN_ITEM: Final = Text("未处理", "left")
OVER: Final = Text("{time} 已关", "off since {time}")
TICKED: Final = Text("{by} {time} 已查看", "{by} was there at {time}")
TICK: Final = Text("已到场查看", "I was there")
TICK_MEANS: Final = Text(
    "登记您已到场查看：{what}。登记会保留姓名和时间。", "You were at: {what}. Your name and the time are kept."
)
REMARK: Final = Text("处理情况（可不填）", "What was done (may be left out)")
RESPONSIBLE: Final = Text("责任：{office} {role}", "responsible: {office} {role}")
FOUND: Final = Text("{time} 起", "since {time}")
NO_ROOM: Final = Text("其他", "elsewhere")
PRINT: Final = Text("打印", "Print")
TODAY: Final = Text("今天", "Today")
LOG_IN_TO_TICK: Final = Text("登录值班室账号后可以登记。", "Log in as the duty room to tick off.")
SIGNED: Final = Text("检查人：____________　时间：____________", "Checked by: ____________   Time: ____________")

STATEMENT: Final = Text("制度执行", "Keeping to the rules")
STATEMENT_NONE: Final = Text("本月没有统计到制度执行数据。", "Nothing is reckoned of this month.")
