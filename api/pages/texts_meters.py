"""Texts of meters, what people enter about them, their balance and the months, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from facility.text import Text

# List of meters
TITLE: Final = Text("电表与水表", "Meters")
METER: Final = Text("计量表", "Meter")
MEDIUM: Final = Text("能源", "Medium")
PARENT: Final = Text("上级表", "Behind")
OWNERS: Final = Text("归属", "Charged to")
READING: Final = Text("最近读数", "Last reading")
READ_AT: Final = Text("读数时间", "Read")
DOUBTS: Final = Text("存疑（30 天）", "Doubts (30 d)")
VIRTUAL: Final = Text("虚拟表", "virtual")
NOBODY: Final = Text("未分摊", "unallocated")
SHARED_OUT: Final = Text("由 {name} 按运行分摊", "split by running of {name}")
OWNER_SHARE: Final = Text("{office} {share}", "{office} {share}")
NO_METERS: Final = Text("没有计量表", "no meters")

# Held jumps
HELD: Final = Text("待判定的跳变", "Jumps to be judged")
HELD_HINT: Final = Text(
    "读数增加得比线路能输送的还快，判定之前不计入用量。接受：按读数计入；否定：不计入，可另行录入更正。",
    "A counter rose faster than its circuit can carry: not counted until judged. Accepted, it counts; rejected, it "
    "never does, and what was really used may be entered as a correction.",
)
NO_HELD: Final = Text("没有待判定的跳变", "no jump waits to be judged")
BEFORE: Final = Text("之前", "Before")
AFTER: Final = Text("之后", "After")
RISE: Final = Text("增加", "Rise")
BELIEVABLE: Final = Text("最多可能", "At most believable")
ACCEPT: Final = Text("接受", "Accept")
REJECT: Final = Text("否定", "Reject")
ACCEPT_TITLE: Final = Text("接受 {meter} 的跳变", "Accept the jump of {meter}")
REJECT_TITLE: Final = Text("否定 {meter} 的跳变", "Reject the jump of {meter}")
ACCEPT_MEANS: Final = Text("{amount} 将计入用量，时间为 {span}。", "{amount} will count as used, between {span}.")
REJECT_MEANS: Final = Text("{amount} 不计入用量，时间为 {span}。", "{amount} will never count, between {span}.")
JUDGED_BEFORE: Final = Text("这个跳变已有人判定", "somebody has judged this jump meanwhile")

# One meter
FACTS: Final = Text("概况", "At a glance")
FACTS_PARENT: Final = Text("上级表：{name}", "behind {name}")
FACTS_OWNERS: Final = Text("归属：{owners}", "charged to {owners}")
FACTS_READING: Final = Text("最近读数 {value}，{age}", "last reading {value}, {age}")
LIVE_PAGE: Final = Text("实时数据与历史曲线", "Live values and history")
GAPS: Final = Text("最近 30 天的存疑时段", "Doubtful stretches of the last 30 days")
NO_GAPS: Final = Text("没有", "none")
MORE_GAPS: Final = Text("只列出最近 {count} 段。", "Only the last {count} are listed.")
WHAT: Final = Text("情况", "What")
WHEN: Final = Text("时间", "When")
LENGTH: Final = Text("时长", "Length")
AMOUNT: Final = Text("读数增加", "Rise")
ENTERED: Final = Text("人工录入的记录", "What people entered")
NOTHING_ENTERED: Final = Text("还没有录入", "nothing was entered")
CONTENT: Final = Text("内容", "Content")
AUTHOR: Final = Text("录入人", "By")
ENTERED_AT: Final = Text("录入时间", "Entered")
REVOKE: Final = Text("撤销", "Revoke")
REVOKED: Final = Text("已撤销：{by}，{time}，{reason}", "revoked by {by}, {time}: {reason}")
REVOKE_TITLE: Final = Text("撤销第 {number} 号记录", "Revoke entry {number}")
REVOKE_MEANS: Final = Text(
    "记录不会删除，会标为已撤销；用量随即按没有这条记录重新计算。",
    "It is not deleted but marked; figures are reckoned at once as if it were not there.",
)

KINDS: Final[Mapping[str, Text]] = {
    "replacements": Text("换表", "Replacement"),
    "readings": Text("人工抄表", "Manual reading"),
    "corrections": Text("用量更正", "Correction"),
    "jumps": Text("跳变判定", "Verdict on a jump"),
    "assignments": Text("归属调整", "Assignment"),
}
SAID_REPLACEMENT: Final = Text(
    "{at} 换表，旧表止码 {closing}，新表起码 {opening}，倍率修正 {factor}，表号 {serial}",
    "replaced {at}: closing {closing}, opening {opening}, factor {factor}, number {serial}",
)
SAID_READING: Final = Text("{at} 表显 {value}", "display showed {value} at {at}")
SAID_CORRECTION: Final = Text("{span} 用量定为 {amount}", "agreed use {amount} in {span}")
SAID_ACCEPTED: Final = Text("{span} 的跳变：接受", "jump of {span}: accepted")
SAID_REJECTED: Final = Text("{span} 的跳变：否定", "jump of {span}: rejected")
SAID_ASSIGNMENT: Final = Text("自 {since} 起由 {office} 承担 {share}", "from {since} on {office} pays {share}")
BY_READINGS: Final = Text("按前后读数", "by the readings")

# Forms
ENTER: Final = Text("录入", "Enter")
ENTER_HINT: Final = Text(
    "录入后不能修改，只能撤销重录；每条记录都要写明原因。时间为当地时间。",
    "An entry cannot be changed, only revoked and entered anew. Each needs a reason. Times are local.",
)
MAY_NOT_ENTER: Final = Text(
    "录入、判定和撤销由行政科或系统管理员登录后进行。",
    "Entering, judging and revoking is for the administration section and administrators, logged in.",
)
CLOSED_NONE: Final = Text(
    "还没有结过账，所有月份的数字随录入直接改变。", "No month is closed: all figures follow the entry at once."
)
CLOSED_SOME: Final = Text(
    "{month} 及以前已结账，不会改动；受影响的已结账月份会在未结账的 {open} 里记两行更正：冲销原数，按新数重新入账。",
    "{month} and before are closed and stay as they are; where the entry changes one, two lines are booked in {open}, "
    "which is open: the old figure taken off, the new one booked.",
)
AT: Final = Text("时间", "Time")
START: Final = Text("开始", "From")
END: Final = Text("结束", "To")
SINCE: Final = Text("从哪天起", "From which day")
CLOSING: Final = Text("旧表止码（{unit}，可空）", "Old counter's last value ({unit}, or empty)")
OPENING: Final = Text("新表起码（{unit}，可空）", "New counter's first value ({unit}, or empty)")
FACTOR: Final = Text("倍率修正（不变填 1）", "Factor (1: unchanged)")
SERIAL: Final = Text("新表表号（可空）", "New meter's number (or empty)")
DISPLAY: Final = Text("表显读数（{unit}）", "Display ({unit})")
AGREED: Final = Text("确认用量（{unit}）", "Agreed use ({unit})")
OFFICE: Final = Text("承担科室", "Office")
SHARE_PERCENT: Final = Text("承担比例（%）", "Share (%)")
REASON: Final = Text("原因（必填）", "Reason (required)")
SAVE: Final = Text("保存", "Save")
SAVED: Final = Text("已保存，用量已重新计算。没有已结账月份受影响。", "Saved; figures follow. No closed month changes.")
SAVED_POSTED: Final = Text(
    "已保存。已结账月份有变化，已记入以下更正：", "Saved. Closed months change; these lines were booked:"
)
FILL_IN: Final = Text("“{field}”没有填对", "{field}: not filled in as needed")
NEEDS_REASON: Final = Text("请写明原因", "A reason is needed")
CANCEL: Final = Text("取消", "Cancel")
LOG_IN_AGAIN: Final = Text("登录已失效，或没有权限", "The log-in has ended, or does not permit this")

# Balance
BALANCE: Final = Text("计量平衡", "Balance of meters")
BALANCE_HINT: Final = Text(
    "差额 = 上级表 − 下级表之和：没有计量的用电、线路损耗或表计误差。差额为负说明表计或接线关系有误。",
    "Remainder = a meter − those directly behind it: unmetered use, losses, errors. A negative one points to a wrong "
    "meter or a wrong tree.",
)
LIMIT: Final = Text("差额上限 {percent}%", "limit of the remainder {percent}%")
NO_LIMIT: Final = Text("未设差额上限", "no limit of the remainder is set")
USED: Final = Text("用量（{unit}）", "Use ({unit})")
OF_PARENT: Final = Text("占上级表", "Of parent")
BEHIND: Final = Text("下级表之和", "Behind it")
REMAINDER: Final = Text("差额", "Remainder")
REMAINDER_SHARE: Final = Text("差额占比", "Share")
JUDGED: Final = Text("判断", "Verdict")
OVER: Final = Text("超出上限", "over the limit")
NEGATIVE: Final = Text("差额为负", "negative")
WITHIN: Final = Text("正常", "within")
MISSING: Final = Text("缺数据：{meters}", "no data: {meters}")

# Months
MONTHS: Final = Text("月结", "Months")
MONTHS_HINT: Final = Text(
    "结账后，当月通知单按结账时的数字保存，不再改变；以后的更正记入未结账的月份。",
    "Once closed, a month's statements stay as they were told; later corrections are booked in the open month.",
)
MONTH: Final = Text("月份", "Month")
STATE: Final = Text("状态", "State")
STATE_CLOSED: Final = Text("已结账", "closed")
STATE_OPEN: Final = Text("未结账", "open")
STATE_BEFORE: Final = Text("结账之前", "before the first closing")
STATE_RUNNING: Final = Text("未结束", "running")
CLOSED_BY: Final = Text("{by}，{time}", "{by}, {time}")
DIGEST: Final = Text("校验码", "SHA-256")
STATEMENTS: Final = Text("通知单", "Statements")
EVERY_OFFICE: Final = Text("各科室", "every office")
POSTINGS: Final = Text("更正", "Corrections")
POSTINGS_COUNT: Final = Text("{count} 行", "{count} lines")
CLOSE: Final = Text("结账", "Close")
CLOSE_TITLE: Final = Text("结 {month} 的账", "Close {month}")
CLOSE_MEANS: Final = Text(
    "所有科室 {month} 的通知单将按现在的数字保存，之后不能取消结账。",
    "All statements of {month} will stay as they are told now. This cannot be undone.",
)
CLOSE_FIRST: Final = Text(
    "这是第一次结账：{month} 之前的月份不再结账，之后逐月结账。",
    "This is the first closing: months before {month} will never be closed, those after it one by one.",
)
RESTATE: Final = Text("重算", "Restate")
RESTATE_TITLE: Final = Text("重算 {month}", "Restate {month}")
RESTATE_MEANS: Final = Text(
    "按现在的数据重新计算 {month}；有变化的科室在未结账月份里记两行更正，{month} 本身不变。",
    "Reckons {month} anew; where it would be told differently, two lines are booked in the open month. {month} itself "
    "stays.",
)
CLOSED_NOW: Final = Text("{month} 已结账。", "{month} is closed.")
RESTATED_SAME: Final = Text("{month} 重算后没有变化。", "{month} would be told the same.")
RESTATED: Final = Text(
    "{month} 重算后有变化，已记入以下更正：", "{month} would be told differently; these lines were booked:"
)
