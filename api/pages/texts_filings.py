"""What the pages on filings say, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from facility.filings import FilingKind
from facility.text import Text

TITLE: Final = Text("备案与通知", "Filings and notices")
HINT: Final = Text(
    "需要在规定之外使用空调的，须提前备案，由行政科审批；批准后到时自动执行，结束自动收回。",
    "Whoever needs the air-conditioning beyond the rules files it beforehand; the administration section decides. What "
    "is approved begins and ends by itself.",
)
REGISTER: Final = Text("登记表（打印）", "Register (to print)")
REGISTER_TITLE: Final = Text("空调使用备案登记表", "Register of filings")
REGISTER_SPAN: Final = Text("{site}　{month}", "{site}, {month}")
REGISTER_COUNT: Final = Text("共 {count} 件；打印时间 {time}", "{count} in all; printed {time}")
SIGNED: Final = Text("行政科（盖章）：", "Administration section (seal):")
CHECKED: Final = Text("经办人：", "By:")
PRINT: Final = Text("打印", "Print")
NONE: Final = Text("没有备案", "Nothing is filed")
MONTH: Final = Text("月份", "Month")
FROM_NOW: Final = Text("本月及以后", "This month and later")
OFFICE: Final = Text("科室", "Office")
ALL_OFFICES: Final = Text("全部科室", "All offices")
NUMBER: Final = Text("备案 {id} 号", "Filing {id}")
LATE: Final = Text("逾时备案", "filed late")
PROVISIONAL: Final = Text("日历暂定", "calendar provisional")
REASON: Final = Text("事由", "Reason")
REFERENCE: Final = Text("依据", "Reference")
FILED: Final = Text("{by} {time} 提交", "filed by {by}, {time}")
DECIDED: Final = Text("{by} {time} 审批", "decided by {by}, {time}")
REVOKED: Final = Text("{by} {time} 撤销", "revoked by {by}, {time}")
SAID: Final = Text("{what}：{note}", "{what}: {note}")
READY: Final = Text("提前 {minutes} 分钟开机准备", "made ready {minutes} minutes ahead")
HELD: Final = Text("已执行 {length}", "in force for {length}")
OVERLAPS: Final = Text("与备案 {numbers} 号时间、地点重叠", "shares time and place with {numbers}")
APPROVE: Final = Text("批准", "Approve")
REJECT: Final = Text("不批准", "Reject")
REVOKE: Final = Text("撤销", "Revoke")
APPROVE_MEANS: Final = Text(
    "{what}。批准后到时自动执行，结束自动收回。", "{what}. Once approved it begins and ends by itself."
)
REJECT_MEANS: Final = Text("{what}。请写明原因。", "{what}. Give the reason.")
REVOKE_MEANS: Final = Text("{what}。撤销后立即不再执行。", "{what}. Once revoked it holds no longer.")
NOTE: Final = Text("审批意见（可不填）", "Note (optional)")
OWN: Final = Text("本人提交的，由他人审批", "you filed it: somebody else decides")

FORM: Final = Text("提交备案", "File")
FORM_HINTS: Final[Mapping[FilingKind, Text]] = {
    FilingKind.EXCEPTION: Text(
        "须在开始之前提交（AC-04），经行政科批准后执行。",
        "To be filed before it begins (AC-04); it holds once the administration section approves it.",
    ),
    FilingKind.BOOKING: Text(
        "会议室按会议时间供应，提前 {minutes} 分钟准备，经批准后执行。",
        "The room is supplied for the meeting and made ready {minutes} minutes ahead, once approved.",
    ),
    FilingKind.NOTICE: Text(
        "行政科通知（AC-05）：发出即生效，可提前、延长或停止供应。",
        "A notice of the administration section (AC-05): in force at once; it may extend supply or stop it.",
    ),
    FilingKind.EMERGENCY: Text(
        "应急通知：发出即生效，最长 {hours} 小时。", "An emergency notice: in force at once, for {hours} hours at most."
    ),
}
LOG_IN: Final = Text("登录后提交备案", "Log in to file")
MAY_NOT: Final = Text("您的角色不能提交备案。", "Your role may not file.")
NOBODY: Final = Text("（行政科）", "(administration section)")
PLACES: Final = Text("房间、科室或楼层", "Rooms, offices or floors")
ADD_PLACE: Final = Text("选择后加入…", "Choose to add…")
PLACE_FLOOR: Final = Text("楼层：{name}", "floor: {name}")
PLACE_OFFICE: Final = Text("科室：{name}", "office: {name}")
PLACE_ROOM: Final = Text("房间：{name}", "room: {name}")
PLACE_EQUIPMENT: Final = Text("设备：{name}", "equipment: {name}")
EVERYWHERE: Final = Text("未指明：全部区域", "none named: the whole site")
NO_ROOMS: Final = Text(
    "没有由您的科室使用或负责的会议室，请由负责该会议室的科室预订（AC-14）。",
    "Your office uses and answers for no meeting room: the office that answers for one books it (AC-14).",
)
REMOVE: Final = Text("点击移除", "Click to remove")
START: Final = Text("开始", "From")
END: Final = Text("结束", "To")
REPEAT: Final = Text("重复至（可不填）", "Repeated until (optional)")
REPEAT_ON: Final = Text("重复于", "Repeated on")
EVERY_DAY: Final = Text("每天", "every day")
WORKDAYS: Final = Text("工作日", "workdays")
REST_DAYS: Final = Text("休息日", "days of rest")
RELAXES: Final = Text("放宽内容", "What is relaxed")
SWITCHES: Final[Mapping[str, Text]] = {
    "hours": Text("时间段外", "Outside the window"),
    "holiday": Text("休息日", "Days of rest"),
    "forecast": Text("不限预报", "Any forecast"),
    "weather": Text("不限阴雨晴", "Any sky"),
}
LIMITS: Final[Mapping[str, Text]] = {
    "cooling_outdoor_c": Text("室外多少 ℃ 起供冷", "Cooling from outdoors (°C)"),
    "heating_outdoor_c": Text("室外多少 ℃ 以下供暖", "Heating up to outdoors (°C)"),
    "setpoint_min_cool_c": Text("供冷最低设定（℃）", "Lowest for cooling (°C)"),
    "setpoint_max_heat_c": Text("供暖最高设定（℃）", "Highest for heating (°C)"),
}
MORE: Final = Text("温度（一般不填）", "Temperatures (seldom needed)")
STOPS: Final = Text("停止供应", "Stop supply")
MEETING: Final = Text("会议", "Meeting")
SUBMIT: Final = Text("提交", "Submit")
SUBMITTED: Final = Text("已提交，编号 {numbers}。", "Entered as {numbers}.")
LOG_IN_AGAIN: Final = Text("登录已失效，请重新登录。", "The log-in has ended: log in again.")
FILL_IN: Final = Text("请填写：{field}", "Please fill in: {field}")
TOO_OFTEN: Final = Text("一次最多提交 {most} 个时间段。", "At most {most} times at once.")
NO_DAY: Final = Text("重复范围内没有符合的日期。", "No such day lies in the range.")
FILE_INSTEAD: Final = Text("申请例外备案", "File an exception")

# On the monthly statement
STATEMENT: Final = Text("备案", "Filings")
HELD_H: Final = Text("生效（h）", "In force (h)")
BEYOND_H: Final = Text("时间段外（h）", "Beyond the window (h)")
ENERGY: Final = Text("用电（kWh）", "Electricity (kWh)")
WHAT: Final = Text("内容", "What")
WHEN: Final = Text("时间", "When")
