"""The words of every finding, in Chinese and English.

`{0}`, `{1}` ... are the finding's values; `{0.zh}` and `{0.en}` are the halves of a Text. Times are local. An entry
may give a function instead where the words depend on the values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from controller.policy.findings import Finding
from controller.policy.plant_facts import Stage
from controller.policy.rules.wording import Saying, said
from facility.commands import Mode, Wish
from facility.text import Text

MODE_WORDS: Final[Mapping[Mode, Text]] = {
    Mode.COOL: Text("制冷", "cooling"),
    Mode.HEAT: Text("制热", "heating"),
    Mode.DRY: Text("除湿", "drying"),
    Mode.FAN: Text("送风", "fan only"),
    Mode.AUTO: Text("自动", "automatic"),
}

PROVIDER_NAMES: Final[Mapping[str, Text]] = {
    "open_meteo": Text("Open-Meteo 气象服务", "Open-Meteo"),
    "qweather": Text("和风天气", "QWeather"),
    "file": Text("导入的预报文件", "an imported forecast file"),
    "manual": Text("人工录入", "entered by hand"),
}
"""Forecast providers of the site file, as people call them."""

WORDS: Final[Mapping[str, Text]] = {
    "workday": Text("今天是{0.zh}", "today is a {0.en}"),
    "rest-day": Text(
        "今天{0.zh}，法定节假日、双休日停止供应冷、暖气",
        "today is a day off ({0.en}): no cooling or heating on statutory holidays and weekends",
    ),
    "in-window": Text("在供应时间 {0:%H:%M}~{1:%H:%M} 内", "within the supply hours {0:%H:%M}-{1:%H:%M}"),
    "before-window": Text("未到供应时间（{0:%H:%M}~{1:%H:%M}）", "the supply hours {0:%H:%M}-{1:%H:%M} have not begun"),
    "after-window": Text("供应时间 {0:%H:%M}~{1:%H:%M} 已结束", "the supply hours {0:%H:%M}-{1:%H:%M} are over"),
    "late": Text(
        "距供应时间结束不足 {0:g} 分钟，不再启动", "less than {0:g} minutes of the supply hours are left: no start"
    ),
    "permit-not-taken": Text("今天的供应许可要到 {0} 才按预报确定", "today's permit is taken from the forecast at {0}"),
    "forecast-missing": Text(
        "没有可用的天气预报，不新增供应，已合法运行的不停",
        "no usable forecast: nothing is newly permitted, what runs legally goes on",
    ),
    "cooling-permit": Text(
        "今天预报最高 {0:.1f} ℃（{2.zh}），达到 {1:g} ℃，允许供冷",
        "forecast maximum {0:.1f} C today ({2.en}) reaches {1:g} C: cooling is permitted",
    ),
    "cooling-permit-refused": Text(
        "今天预报最高 {0:.1f} ℃（{2.zh}），未达到 {1:g} ℃，不供冷",
        "forecast maximum {0:.1f} C today ({2.en}) does not reach {1:g} C: no cooling",
    ),
    "heating-permit": Text(
        "今天预报最高 {0:.1f} ℃（{2.zh}），不高于 {1:g} ℃，允许供暖",
        "forecast maximum {0:.1f} C today ({2.en}) is not above {1:g} C: heating is permitted",
    ),
    "heating-permit-refused": Text(
        "今天预报最高 {0:.1f} ℃（{2.zh}），高于 {1:g} ℃，不供暖",
        "forecast maximum {0:.1f} C today ({2.en}) is above {1:g} C: no heating",
    ),
    "cooling-measured": Text(
        "{at.zh}室外 {0:.1f} ℃（{2.zh}，{age.zh}）不低于 {1:g} ℃",
        "{at.en}{0:.1f} C outdoors ({2.en}, {age.en}) is not below {1:g} C",
    ),
    "cooling-stop-measured": Text(
        "{at.zh}室外 {0:.1f} ℃（{2.zh}，{age.zh}）低于 {1:g} ℃，停止供冷",
        "{at.en}{0:.1f} C outdoors ({2.en}, {age.en}) is below {1:g} C: cooling is stopped",
    ),
    "cooling-stop-unknown": Text(
        "室外温度未知，此前低于 {1:g} ℃，不供冷", "outdoor temperature unknown and last below {1:g} C: no cooling"
    ),
    "cooling-not-yet": Text(
        "{at.zh}室外 {0:.1f} ℃（{2.zh}，{age.zh}）达到 {1:g} ℃还不足规定时间，暂不供冷",
        "{at.en}{0:.1f} C outdoors ({2.en}, {age.en}) has not been at {1:g} C long enough: no cooling yet",
    ),
    "cooling-locked": Text(
        "因室外低于 {1:g} ℃停止供冷后，{4:%H:%M} 之前不再启动",
        "cooling was stopped below {1:g} C outdoors: no restart before {4:%H:%M}",
    ),
    "cooling-settling": Text(
        "室外 {0:.1f} ℃（{2.zh}，{age.zh}）正在确认是否持续达到 {1:g} ℃，暂不新启动",
        "{0:.1f} C outdoors ({2.en}, {age.en}): whether {1:g} C holds is being confirmed, no start yet",
    ),
    "heating-measured": Text(
        "{at.zh}室外 {0:.1f} ℃（{2.zh}，{age.zh}）不高于 {1:g} ℃",
        "{at.en}{0:.1f} C outdoors ({2.en}, {age.en}) is not above {1:g} C",
    ),
    "heating-stop-measured": Text(
        "{at.zh}室外 {0:.1f} ℃（{2.zh}，{age.zh}）高于 {1:g} ℃，停止供暖",
        "{at.en}{0:.1f} C outdoors ({2.en}, {age.en}) is above {1:g} C: heating is stopped",
    ),
    "heating-stop-unknown": Text(
        "室外温度未知，此前高于 {1:g} ℃，不供暖", "outdoor temperature unknown and last above {1:g} C: no heating"
    ),
    "heating-not-yet": Text(
        "{at.zh}室外 {0:.1f} ℃（{2.zh}，{age.zh}）降到 {1:g} ℃还不足规定时间，暂不供暖",
        "{at.en}{0:.1f} C outdoors ({2.en}, {age.en}) has not been at {1:g} C long enough: no heating yet",
    ),
    "heating-locked": Text(
        "因室外高于 {1:g} ℃停止供暖后，{4:%H:%M} 之前不再启动",
        "heating was stopped above {1:g} C outdoors: no restart before {4:%H:%M}",
    ),
    "heating-settling": Text(
        "室外 {0:.1f} ℃（{2.zh}，{age.zh}）正在确认是否持续不高于 {1:g} ℃，暂不新启动",
        "{0:.1f} C outdoors ({2.en}, {age.en}): whether {1:g} C holds is being confirmed, no start yet",
    ),
    "outdoor-unknown": Text(
        "室外温度全部失效或过期，不新启动，已合法运行的不停",
        "no outdoor temperature can be trusted: nothing starts, what runs legally goes on",
    ),
    "rain": Text("持续下雨（{1.zh}），停止供冷", "lasting rain ({1.en}): cooling is stopped"),
    "overcast": Text("持续阴天（{1.zh}），停止供冷", "lasting overcast ({1.en}): cooling is stopped"),
    "sunshine": Text("持续晴天（{1.zh}），应停止供暖", "lasting sunshine ({1.en}): heating should be stopped"),
    "room-too-cold": Text(
        "{room.zh} {0:.1f} ℃低于 {1:g} ℃，停止制冷，回升到 {2:g} ℃再开",
        "{room.en} {0:.1f} C is below {1:g} C: no cooling until it is {2:g} C again",
    ),
    "room-too-warm": Text(
        "{room.zh} {0:.1f} ℃高于 {1:g} ℃，停止制热，回落到 {2:g} ℃再开",
        "{room.en} {0:.1f} C is above {1:g} C: no heating until it is {2:g} C again",
    ),
    "room-unknown": Text("室温未知，不新启动", "the room temperature is not known: no start"),
    "filed": Text("第 {0} 号备案（{1}）准予使用，{until.zh}有效", "filing no. {0} ({1}) permits it, valid {until.en}"),
    "booked": Text(
        "第 {0} 号会议预订（{1}）准予使用，{until.zh}有效", "booking no. {0} ({1}) permits it, valid {until.en}"
    ),
    "notice": Text(
        "行政科第 {0} 号通知（{1}）准予使用，{until.zh}有效",
        "notice no. {0} of the administration section ({1}) permits it, valid {until.en}",
    ),
    "notice-stop": Text(
        "行政科第 {0} 号通知（{1}）停止供应，{until.zh}有效",
        "notice no. {0} of the administration section ({1}) stops supply, valid {until.en}",
    ),
    "window-open": Text(
        "门窗打开超过 {0:g} 分钟，送风期间禁止开窗", "a window or door was open for {0:g} minutes while air is supplied"
    ),
    "vacant": Text("室内无人超过 {0:g} 分钟，人走设备停", "nobody has been in for {0:g} minutes"),
    "supply-on": Text("允许供应，自动开启{wish.zh}", "supply is permitted: switched on by rule, {wish.en}"),
    "people-start": Text("允许供应，由使用人自行开关", "people switch it themselves while supply is permitted"),
    "wall": Text(
        "现场面板设为{wish.zh}，在许可范围内，{until.zh}保持",
        "set at the wall to {wish.en}, inside the limits, respected {until.en}",
    ),
    "found": Text("启动时已按{wish.zh}合法运行，{until.zh}保持", "found running legally, {wish.en}, kept {until.en}"),
    "person": Text("{1} 操作：{wish.zh}（{2}），有效{until.zh}", "ordered by {1}: {wish.en} ({2}), valid {until.en}"),
    "setpoint-cool": Text("制冷设定不低于 {0:g} ℃", "cooling setpoint not below {0:g} C"),
    "setpoint-heat": Text("制热设定不高于 {0:g} ℃", "heating setpoint not above {0:g} C"),
    "default-off": Text("没有供应需求", "nothing asks for it"),
    "climate": Text("全天候保持 {0:g}~{1:g} ℃，现为{wish.zh}", "kept at {0:g}-{1:g} C round the clock, now {wish.en}"),
    "climate-humidity": Text(
        "全天候保持 {0:g}~{1:g} ℃、相对湿度 {2:g}%~{3:g}%，现为{wish.zh}",
        "kept at {0:g}-{1:g} C and {2:g}-{3:g} %RH round the clock, now {wish.en}",
    ),
    "kettle-on": Text("开水壶每天 {0:%H:%M} 打开，{1:%H:%M} 关闭", "the kettle is on from {0:%H:%M} to {1:%H:%M}"),
    "kettle-closed": Text("开水壶只在 {0:%H:%M}~{1:%H:%M} 供水", "the kettle is on only from {0:%H:%M} to {1:%H:%M}"),
    "kettle-rest-day": Text(
        "今天{2.zh}，开水壶只在工作日供水", "today is a day off ({2.en}): the kettle is for workdays"
    ),
    "kettle-boiled": Text(
        "功率低于加热功率的 {0:g}% 已 {1:g} 分钟，水已烧开，断电",
        "power below {0:g} % of heating power for {1:g} minutes: the water has boiled",
    ),
    "kettle-level-low": Text("水位低，禁止通电，防止干烧", "the water level is low: never switched on dry"),
    "kettle-level-unknown": Text("水位未知，不通电", "the water level is not known: not switched on"),
    "in-season": Text("在{0.zh}季（{1}）内", "within the season for {0.en} ({1})"),
    "out-of-season": Text("不在{0.zh}季（{1}）内", "outside the season for {0.en} ({1})"),
    "setpoint-ceiling": Text("制冷设定不高于 {0:g} ℃", "cooling is set to at most {0:g} C"),
    "left-as-is": Text("没有规定对它提出要求，保持现状", "no rule asks anything of it: left as it is"),
    "lift-fire": Text("电梯处于消防状态，不作任何操作", "the lift is in fire mode: it is not touched"),
    "lift-inspection": Text("电梯处于检修状态，不作任何操作", "the lift is in inspection mode: it is not touched"),
    "lift-unknown": Text("电梯运行状态未知，不作任何操作", "the lift's operation mode is not known: it is not touched"),
    "lift-settling": Text(
        "电梯刚恢复正常运行，稍后再操作", "the lift has only just returned to normal operation: not touched yet"
    ),
    "min-off": Text("最短停机时间未到，{0:%H:%M:%S} 之后启动", "minimum off time: starts after {0:%H:%M:%S}"),
    "min-on": Text("最短运行时间未到，{0:%H:%M:%S} 之后停机", "minimum on time: stops after {0:%H:%M:%S}"),
    "mode-change": Text(
        "10 分钟内最多切换一次模式，{0:%H:%M:%S} 之后切换", "one mode change in ten minutes: after {0:%H:%M:%S}"
    ),
    "shadow": Text("系统处于试运行方式，只判断、不操作", "a trial run: decided, not carried out"),
    "standby": Text("本机为备用控制器，由另一台控制", "this controller stands by, another one acts"),
    "unled": Text(
        "记录库无法连接，控制权未确认，保持现状", "the records are away and nobody is known to act: held as it is"
    ),
    "demand": Text(
        "配电回路现为 {0:.1f} kW，加上启动约 {1:.1f} kW 将超过 {2:g} kW，等待启动",
        "its feeder carries {0:.1f} kW; with about {1:.1f} kW for the start that is above {2:g} kW: it waits",
    ),
    "fire": Text(
        "消防信号（{0}）：停机，信号消除并经人员确认前不启动",
        "a fire signal ({0}): off, and no start before it has gone and a person says so",
    ),
    "drift-reported": Text(
        "现场自 {1:%H:%M} 起为{wish.zh}，超出许可范围，按设置只记录、不恢复",
        "changed at the wall to {wish.en} since {1:%H:%M}: reported and left, as the site wants it",
    ),
    "put-back": Text(
        "现场被改为{wish.zh}，超出许可范围，{1:%H:%M:%S} 恢复",
        "changed at the wall to {wish.en}: put back at {1:%H:%M:%S}",
    ),
    "put-back-limit": Text(
        "现场被反复改为{wish.zh}，一小时内已恢复 {1} 次，不再恢复，请到现场处理",
        "changed at the wall to {wish.en} again and again, put back {1} times in an hour: left as it is, go and look",
    ),
    "retry": Text(
        "上次命令未生效，{0:%H:%M:%S} 重试", "the last command did not take effect: tried again at {0:%H:%M:%S}"
    ),
    "unit-unknown": Text("设备状态未知，不启动", "the unit's state is not known: not started"),
    **{
        f"plant-{stage}": Text("冷水系统：{0.zh}", "chilled water: {0.en}")
        for stage in (*(stage.value for stage in Stage), "fault", "unseen")
    },
}


def wish_words(wish: Wish) -> Text:
    """A wish in words, such as 制冷 28 ℃."""
    if wish.on is False:
        return Text("关机", "off")
    parts_zh = [MODE_WORDS[wish.mode].zh] if wish.mode is not None else ["开机"] if wish.on else []
    parts_en = [MODE_WORDS[wish.mode].en] if wish.mode is not None else ["on"] if wish.on else []
    if wish.setpoint_c is not None and wish.mode is not Mode.FAN:
        parts_zh.append(f"{wish.setpoint_c:g} ℃")
        parts_en.append(f"{wish.setpoint_c:g} C")
    if not parts_zh and wish.fan is not None:
        return Text(f"风速 {wish.fan.value}", f"fan {wish.fan.value}")
    return Text(" ".join(parts_zh), " ".join(parts_en))


def _age_words(age_s: float) -> Text:
    minutes = int(age_s // 60)
    return Text("刚刚", "just now") if minutes < 1 else Text(f"{minutes} 分钟前", f"{minutes} min ago")


def words_of(finding: Finding, local: Callable[[datetime], datetime], now: datetime) -> Text:
    """What `finding` says. `local` turns an aware time into local time."""
    if finding.values and isinstance(finding.values[0], Saying):
        return said(finding.values[0], finding.inputs, wish_words)
    values = [local(value) if isinstance(value, datetime) else value for value in finding.values]
    extra = _extra(finding, local, now)
    zh, en = (_told_apart(template, values) for template in WORDS[finding.code])
    return Text(zh.format(*values, **extra).rstrip(), en.format(*values, **extra))


def _told_apart(template: str, values: list[object]) -> str:
    """The template with as many digits as its first value needs beside the limit it is compared with, one at least:
    29.97 is below 30, and "30.0 is below 30" would not be true.
    """
    if "{0:.1f}" not in template or "{1:g}" not in template:
        return template
    value, limit = values[0], values[1]
    if not isinstance(value, float) or not isinstance(limit, int | float) or value == limit:
        return template
    digits = next((digits for digits in (1, 2, 3) if round(value, digits) != limit), 4)
    return template.replace("{0:.1f}", f"{{0:.{digits}f}}")


def _extra(finding: Finding, local: Callable[[datetime], datetime], now: datetime) -> dict[str, Text]:
    """What some words need beside the values: a wish, an end, an age."""
    template, values, extra = WORDS[finding.code].zh, finding.values, {}
    if "{wish" in template:
        wish = next(value for value in values if isinstance(value, Wish))
        extra["wish"] = wish_words(wish)
    if "{until" in template:
        extra["until"] = _until_words(next((v for v in values if isinstance(v, datetime)), None), local, now)
    if "{age" in template:
        measured = values[3] if isinstance(values[3], datetime) else now
        extra["age"] = _age_words((now - measured).total_seconds())
        extra["at"] = Text(f"今天 {local(now):%H:%M} ", f"at {local(now):%H:%M} ")
    if "{room" in template:
        extra["room"] = Text("回风温度", "return air") if values[3] else Text("室温", "room temperature")
    return extra


def _until_words(until: datetime | None, local: Callable[[datetime], datetime], now: datetime) -> Text:
    if until is None:
        return Text("一直", "until released")
    end, today = local(until), local(now)
    shown = f"{end:%H:%M}" if end.date() == today.date() else f"{end:%m-%d %H:%M}"
    return Text(f"至 {shown} ", f"until {shown}")
