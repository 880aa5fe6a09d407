"""What the almanac's page says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from facility.text import Text

TITLE: Final = Text("年历", "Almanac")
HINT: Final = Text(
    "供冷供暖按工作日执行（AC-04）。节假日与调休来自正式通知；本单位的停止办公、半天、作息和值班由行政科录入，一分钟内生效。",
    "Heating and cooling follow workdays (AC-04). Holidays and make-up workdays come from the official notice; "
    "closures, half days, hours and duty are entered by the administration section and hold within a minute.",
)
MONTHS: Final = (
    Text("1月", "January"), Text("2月", "February"), Text("3月", "March"), Text("4月", "April"), Text("5月", "May"),
    Text("6月", "June"), Text("7月", "July"), Text("8月", "August"), Text("9月", "September"), Text("10月", "October"),
    Text("11月", "November"), Text("12月", "December"),
)  # fmt: skip
WEEKDAYS: Final = (
    Text("一", "Mo"), Text("二", "Tu"), Text("三", "We"), Text("四", "Th"), Text("五", "Fr"), Text("六", "Sa"),
    Text("日", "Su"),
)  # fmt: skip
BETWEEN: Final = Text("、", ", ")
SEPARATED: Final = re.compile(r"[,，、;；]")
"""What people put between the sessions of a day, or between people."""
YEAR: Final = Text("{year} 年", "{year}")
YEAR_BEFORE: Final = Text("上一年", "Year before")
YEAR_AFTER: Final = Text("下一年", "Next year")
STATUS: Final[Mapping[str, Text]] = {
    "official": Text("已有正式通知", "official"),
    "provisional": Text("暂定，没有正式通知", "provisional, no official notice"),
    "missing": Text("只知周末与固定日期的法定假日", "weekends and fixed dates only"),
}
BY_TABLE: Final = Text("依据 {notice}（{issued}），校验值 {digest}", "By {notice} ({issued}), hash {digest}")
WORKDAYS: Final = Text("全年 {count} 个工作日", "{count} workdays")
MISSING: Final = Text(
    "{year} 年放假安排尚未录入：目前只按周末和法定节假日推算，没有调休。通知发布后请在下方上传。",
    "The holidays of {year} are not entered: weekends and statutory days are assumed, no make-up workdays. Upload the "
    "table below when the notice is out.",
)
MARKS: Final[Mapping[str, Text]] = {
    "holiday": Text("休", "hol"),
    "makeup": Text("班", "wrk"),
    "closed": Text("停", "shut"),
    "half": Text("半", "half"),
}
LEGEND: Final[Mapping[str, Text]] = {
    "work": Text("工作日", "workday"),
    "rest": Text("休息日", "day of rest"),
    "holiday": Text("放假", "holiday"),
    "makeup": Text("调休上班", "make-up workday"),
    "closed": Text("停止办公", "closed"),
    "half": Text("半天", "half day"),
    "provisional": Text("暂定", "provisional"),
    "partly": Text("部分楼栋或科室另有安排", "a part of the site differs"),
}

ENTERED: Final = Text("已录入的安排", "What was entered")
NOTHING_ENTERED: Final = Text("没有录入过安排。", "Nothing was entered.")
WHAT: Final = Text("安排", "What")
BY: Final = Text("录入人", "By")
AT: Final = Text("录入时间", "At")
REVOKE: Final = Text("撤销", "Revoke")
REVOKE_TITLE: Final = Text("撤销这条安排？", "Revoke this entry?")

DUTY: Final = Text("值班", "Duty")
ON_DUTY: Final = Text("当前值班：{shift} {people}", "On duty now: {shift}, {people}")
NOBODY_ON_DUTY: Final = Text("当前没有登记值班人员。", "Nobody is entered for duty now.")
SHIFT: Final = Text("班次", "Shift")
STANDS_BY: Final = Text("未排班，由 {people} 负责", "not entered: {people}")
NOT_ENTERED: Final = Text("未排班", "not entered")
WEEK_BEFORE: Final = Text("上一周", "Week before")
WEEK_AFTER: Final = Text("下一周", "Next week")

ENTER: Final = Text("录入", "Enter")
FORMS: Final[Mapping[str, Text]] = {
    "closure": Text("停止办公", "Closure"),
    "half_day": Text("半天", "Half day"),
    "workday": Text("临时上班", "Working day"),
    "timetable": Text("作息时间", "Hours"),
    "duty": Text("值班", "Duty"),
    "table": Text("全年放假安排", "Year's table"),
}
FIRST: Final = Text("第一天", "First day")
LAST: Final = Text("最后一天", "Last day")
DAY: Final = Text("日期", "Day")
OPENS: Final = Text("上班时间（可空）", "Opens (may be empty)")
CLOSES: Final = Text("下班时间（可空）", "Closes (may be empty)")
WHERE: Final = Text("范围", "Where")
WHOLE_SITE: Final = Text("全单位", "the whole site")
REASON: Final = Text("事由", "Reason")
NOTICE: Final = Text("通知文号", "Notice")
NOTICE_OPTIONAL: Final = Text("通知文号（有则按此供冷供暖）", "Notice (with one, supply follows these hours)")
NAME: Final = Text("名称", "Name")
FROM: Final = Text("起（06-01 为每年，或 2026-06-01）", "From (06-01 every year, or 2026-06-01)")
UNTIL: Final = Text("止", "Until")
SESSIONS: Final = Text("时段，如 08:00-12:00, 15:00-18:00", "Sessions, as 08:00-12:00, 15:00-18:00")
PEOPLE: Final = Text("值班人员（岗位 电话；第一位带班）", "People (role phone; the one who leads first)")
TABLE_YEAR: Final = Text("年份", "Year")
ISSUED: Final = Text("发文日期", "Date of the notice")
FILE: Final = Text("文件（CSV 或 JSON：日期、类型、节日）", "File (CSV or JSON: date, kind, name)")
TABLE_HINT: Final = Text(
    "文件列出放假和调休上班的日期；七个法定节日要齐全，调休上班须为周末，否则不予录入。保存后该年标为正式，逐条留痕。",
    "The file lists days off and make-up workdays; all seven festivals must be in it and make-up workdays lie at "
    "weekends, or it is refused. Then the year counts as official.",
)
SAVE: Final = Text("保存", "Save")
SAVED: Final = Text("已保存：{what}", "Saved: {what}")
CHOOSE_FILE: Final = Text("请先选择文件", "choose a file first")
FILL_IN: Final = Text("请填写“{field}”", "fill in {field}")
MAY_NOT: Final = Text("只有行政科和管理员可以录入。", "Only the administration section and administrators may enter.")
