"""Words of the pages about lines, devices on them, raw frames and what is kept."""

from __future__ import annotations

from typing import Final

from facility.text import Text

NAV: Final = Text("线路", "Lines")
HINT: Final = Text(
    "网关与设备之间的每条线路：预算是按设备和轮询周期算出的占用，实测是最近一分钟的占用；失联的排在前面。",
    "Every wire between gateway and devices. Budget: what its polls need by reckoning; measured: how busy it was in "
    "the last minute. What is down comes first.",
)
MEASURED_AT: Final = Text("网关 {time} 报告", "told by the gateway at {time}")
NOT_MEASURED: Final = Text("网关尚未报告", "the gateway has not told yet")
COUNT: Final = Text("{lines} 条线路，{down} 条中断", "{lines} lines, {down} down")
DEAD: Final = Text("{dead} / {total} 台设备失联", "{dead} of {total} devices dead")
NO_LINES: Final = Text("站点文件中没有线路。", "The site file has no lines.")

TYPES: Final = {
    "modbus_tcp": Text("Modbus/TCP 网口", "Modbus/TCP"),
    "modbus_rtu_over_tcp": Text("串口服务器 RTU", "RTU over TCP"),
    "modbus_ascii_over_tcp": Text("串口服务器 ASCII", "ASCII over TCP"),
    "modbus_rtu": Text("串口 RTU", "serial RTU"),
    "modbus_ascii": Text("串口 ASCII", "serial ASCII"),
    "mqtt": Text("MQTT 消息代理", "MQTT broker"),
}
BAUD: Final = Text("{baudrate} 波特", "{baudrate} baud")

UP: Final = Text("正常", "up")
DOWN: Final = Text("中断", "down")
UNUSED: Final = Text("尚未使用", "not used yet")
SILENT: Final = Text("失联", "dead")
UNASKED: Final = Text("未知", "unknown")
SINCE: Final = Text("{state} · {time} 起", "{state} · since {time}")

BUDGET: Final = Text("预算", "Budget")
LOAD: Final = Text("实测", "Measured")
LOAD_HINT: Final = Text(
    "最近一分钟线路忙的时间占比；启动满一分钟后才有",
    "share of the last minute in which the line was busy; known after one minute",
)
ANSWERS_IN: Final = Text("应答 中位 {p50}，95% 在 {p95} 内", "answers in {p50} (median), 95% within {p95}")
MILLISECONDS: Final = Text("{n} 毫秒", "{n} ms")
REQUESTS: Final = Text("询问 {n} 次", "{n} requests")
NO_ERRORS: Final = Text("无差错", "no errors")
MISSED: Final = Text("跳过轮询 {n} 轮", "{n} poll cycles skipped")
DROPPED: Final = Text("丢弃应答 {n} 个", "{n} answers thrown away")
COUNTED: Final = Text("{what} {n}", "{what} {n}")
ERRORS: Final = {
    "NoAnswer": Text("无应答", "no answer"),
    "BadAnswer": Text("应答有误", "bad answer"),
    "DeviceBusy": Text("设备忙", "device busy"),
    "DeviceRefused": Text("设备拒绝", "refused by the device"),
    "LinkDown": Text("线路中断", "line down"),
}

BUDGET_OF: Final = Text("预算怎么算出来的", "What the budget is made of")
BUDGET_PART: Final = Text(
    "{classes}：{share}，{requests} 次询问共 {round} 秒，每 {period} 秒一轮",
    "{classes}: {share}; {requests} requests take {round} s, every {period} s",
)
BUDGET_PROBE: Final = Text("探测一台失联设备：{share}", "probes of one dead device: {share}")
BUDGET_CYCLE: Final = Text(
    "全部读一遍：{requests} 次询问，{points} 个测点，{cycle} 秒",
    "reading everything once: {requests} requests, {points} points, {cycle} s",
)
BUDGET_ASSUMES: Final = Text(
    "假定设备思考 {modbus} 毫秒、国标表 {national} 毫秒后应答；实际如何看实测。",
    "Devices are assumed to think for {modbus} ms, national meters for {national} ms; what is measured tells more.",
)
TOO_FULL: Final = Text("这条线路太满（应不超过 {limit}）：", "This line is too full (expected {limit} at most):")
CLASSES: Final = {
    "fast": Text("快速", "fast"),
    "normal": Text("常规", "normal"),
    "slow": Text("慢速", "slow"),
}

DEVICES: Final = Text("{n} 台设备", "Devices: {n}")
STATE: Final = Text("状态", "State")
DEVICE: Final = Text("设备", "Device")
PLACE: Final = Text("地址", "Address")
CABINET: Final = Text("柜箱", "Cabinet")
PROFILE: Final = Text("模板", "Profile")
SINCE_WHEN: Final = Text("起始", "Since")
NEXT_PROBE: Final = Text("下次探测", "Next probe")
ERRORS_TITLE: Final = Text("差错", "Errors")
LATENCY: Final = Text("应答 中位/95%", "Answer, median/95%")
LATENCIES: Final = Text("{p50}/{p95} 毫秒", "{p50}/{p95} ms")

BROKER_TAKEN: Final = Text("消息 {messages} 条，读数 {readings} 个", "{messages} messages, {readings} readings")
BROKER_CONNECTED: Final = Text("连接过 {n} 次", "connections: {n}")
BROKER_WAITING: Final = Text("{n} 条待确认", "{n} not acknowledged yet")
NONE: Final = Text("无", "none")
BROKER_REFUSED: Final = Text("未采用：{what}", "not used: {what}")
BROKER_DROPPED: Final = Text("发得过多而丢弃：{what}", "let go because too many came: {what}")
NOBODYS: Final = Text("不知是谁的", "nobody's")
FLAWS: Final = {
    "empty": Text("空消息", "empty"),
    "too_large": Text("过大", "too large"),
    "byte_order_mark": Text("有字节序标记", "byte order mark"),
    "not_utf8": Text("不是 UTF-8", "not UTF-8"),
    "not_json": Text("不是 JSON", "not JSON"),
    "not_an_object": Text("不是 JSON 对象", "not a JSON object"),
    "not_plain": Text("不是单个数值", "not a plain value"),
    "not_sparkplug": Text("不是 Sparkplug", "not Sparkplug"),
    "no_known_value": Text("没有认识的数值", "no known value"),
    "retained": Text("代理保留的旧值", "retained by the broker"),
}
STRANGERS: Final = Text("{n} 个未登记的发送者", "Senders that are in no entry: {n}")
STRANGERS_MORE: Final = Text(
    "另有 {n} 个，接口 /api/v1/lines 中可见。", "{n} more; the API tells them at /api/v1/lines."
)
STRANGER_SAID: Final = Text("{n} 条，{first} – {last}", "{n} messages, {first} – {last}")
STRANGER_ENTRY: Final = Text("怎样写入站点文件", "How to add it to the site file")
STRANGER_STEPS: Final = Text(
    "把下面几行并入站点文件的 devices 和 equipment，大写的词换成实际的内容；保存后自动生效。",
    "Merge these lines into devices and equipment of the site file and put what is true for the words in capitals; it "
    "takes effect by itself once saved.",
)

FRAMES: Final = Text("报文", "Frames")
FRAMES_OF: Final = Text("线路 {line} 的报文", "Frames on line {line}")
FRAMES_HINT: Final = Text(
    "→ 网关发出，← 设备发来；最新的在最下面。最多显示 {shown} 条，网关记住 {kept} 条。",
    "→ sent by the gateway, ← received; the newest at the bottom. {shown} shown at most, {kept} remembered.",
)
FRAMES_MAY_NOT: Final = Text(
    "只有值班室、行政科和管理员可以看报文。",
    "Only the duty room, the administration section and administrators may look at frames.",
)
NO_FRAMES: Final = Text("还没有报文。", "No frames yet.")
FOLLOW: Final = Text("继续跟随", "Follow")
HOLD: Final = Text("暂停跟随", "Hold")
DOWNLOAD: Final = Text("下载为文本", "Download as text")
FRAMES_GONE: Final = Text("中间略去 {n} 条", "{n} left out here")

KEEPING: Final = Text("数据保存与站点文件", "Keeping, and the site file")
STORE: Final = Text("数据存储", "Store")
STORE_TAKES: Final = Text("正常", "takes readings")
STORE_AWAY: Final = Text("不可用", "away")
STORE_ELSEWHERE: Final = Text("由另一个进程保存", "kept by another process")
STORE_WAITING: Final = Text("内存中待存 {n} / {capacity}", "{n} of {capacity} wait in memory")
STORE_REFUSED: Final = Text("无处可存 {n}", "{n} found no room")
STORE_LOST: Final = Text("存储不收 {n}", "{n} the store would never take")
SPOOL: Final = Text("磁盘暂存", "Spool on disk")
SPOOL_NONE: Final = Text("不需要（存储就在本机）", "none needed: the store is on this machine")
SPOOL_FILLED: Final = Text("{used} / {limit} MB（{share}）", "{used} of {limit} MB ({share})")
SPOOL_OLDEST: Final = Text("最早的在 {time}", "the oldest from {time}")
SPOOL_WAITING: Final = Text("待存：{what}", "waiting: {what}")
SPOOL_DROPPED: Final = Text("放弃：{what}", "given up: {what}")
SPOOL_DAMAGED: Final = Text("损坏的文件：{what}", "damaged files: {what}")
KEPT_CLASSES: Final = {
    "counter": Text("表计读数", "counters"),
    "measurement": Text("测量值", "measurements"),
    "state": Text("状态", "states"),
}
PUBLISH: Final = Text("对外发布", "Publishing")
PUBLISHED: Final = Text("{messages} 条消息，{topics} 个主题", "{messages} messages on {topics} topics")
PUBLISH_REFUSED: Final = Text("代理拒绝 {n}", "{n} refused by the broker")
PUBLISH_LOST: Final = Text("未能暂存 {n}", "{n} readings lost before they were safe")
SITE_FILE: Final = Text("站点文件", "Site file")
SITE_FILE_RIGHT: Final = Text("已采用", "in effect")
SITE_FILE_WRONG: Final = Text("有错误，仍按原内容运行", "has mistakes; the one before it is in effect")
SITE_FILE_UNKNOWN: Final = Text("暂时无从得知", "cannot be told now")
SITE_FILE_APPLIED: Final = Text("{time} 更改后采用", "changed and put into effect at {time}")
SITE_FILE_LINES: Final = Text("重新建立的线路：{lines}", "lines made anew: {lines}")
SITE_FILE_REFUSED: Final = Text(
    "{time} 的更改未采用，{n} 个错误", "the change of {time} was not put into effect, mistakes: {n}"
)
