"""What the page of alarms says, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from facility.bus import AlarmAct, AlarmStanding
from facility.text import Text

OPEN: Final = Text("待处理（{count}）", "Open ({count})")
SHELVED: Final = Text("已搁置（{count}）", "Shelved ({count})")
SUPPRESSED: Final = Text("被抑制（{count}）", "Suppressed ({count})")
OUT: Final = Text("检修中（{count}）", "Out of service ({count})")
PAST: Final = Text("历史", "Past")
TOLD: Final = Text("通知记录", "Notifications")
HINT: Final = Text(
    "未确认的报警须有人确认；已恢复但未确认的仍列出。搁置到时自动恢复；检修中的设备不报警。",
    "Somebody has to acknowledge what is not acknowledged, also when it is over. A shelved alarm comes back by itself; "
    "equipment out of service raises none.",
)
STATE: Final = Text("状态", "State")
OWNER: Final = Text("负责", "With")
ADVICE: Final = Text("处理：{advice}", "Do: {advice}")
BY: Final = Text("{name} 已确认", "acknowledged by {name}")
HIDDEN_UNTIL: Final = Text("至 {time}", "until {time}")
HIDDEN_BY: Final = Text("{name}：{note}", "{name}: {note}")
BECAUSE: Final = Text("因 {cause}", "because of {cause}")
HISTORY: Final = Text("经过", "History")
NO_HISTORY: Final = Text("没有记录", "nothing is recorded")
STEP: Final = Text("{before} → {state}", "{before} → {state}")
NOTE: Final = Text("说明", "Note")
FOR_HOW_LONG: Final = Text("多久", "For how long")
CANCEL: Final = Text("取消", "Cancel")
CLOSE: Final = Text("关闭", "Close")
LOG_IN: Final = Text("登录后可确认、搁置报警", "Log in to acknowledge or shelve alarms")
NEEDS_NOTE: Final = Text("请写明原因", "say why")
LOG_IN_AGAIN: Final = Text("登录已失效，请重新登录", "your log-in has ended: log in again")
EVERY_LEVEL: Final = Text("全部级别", "every level")
AND_ABOVE: Final = Text("{level}及以上", "{level} and above")
NOTHING: Final = Text("没有报警", "no alarm")
CHANNEL: Final = Text("渠道", "Channel")
TRIES: Final = Text("次数", "Tries")
NOTICE: Final = Text("通知", "Notice")
TIME: Final = Text("时间", "Time")
NO_NOTICES: Final = Text("没有通知记录", "nobody was told of anything")
NO_CHANNELS: Final = Text(
    "站点文件没有配置通知渠道（notify），报警只在网页上显示。",
    "The site file names no channels (notify): alarms are shown on these pages only.",
)
TRIAL: Final = Text("发送测试通知", "Send a trial message")
TRIAL_SENT: Final = Text("测试通知已交发送", "a trial message is on its way")

STATES: Final[Mapping[str, Text]] = {
    AlarmStanding.NORMAL: Text("正常", "normal"),
    AlarmStanding.UNACKNOWLEDGED: Text("未确认", "not acknowledged"),
    AlarmStanding.ACKNOWLEDGED: Text("已确认", "acknowledged"),
    AlarmStanding.RETURNED: Text("已恢复未确认", "over, not acknowledged"),
    AlarmStanding.SHELVED: Text("已搁置", "shelved"),
    AlarmStanding.SUPPRESSED: Text("被抑制", "suppressed"),
    AlarmStanding.OUT_OF_SERVICE: Text("检修中", "out of service"),
}
ACTS: Final[Mapping[AlarmAct, Text]] = {
    AlarmAct.ACKNOWLEDGE: Text("确认", "Acknowledge"),
    AlarmAct.SHELVE: Text("搁置", "Shelve"),
    AlarmAct.UNSHELVE: Text("取消搁置", "Unshelve"),
    AlarmAct.OUT_OF_SERVICE: Text("检修", "Out of service"),
    AlarmAct.IN_SERVICE: Text("恢复投用", "Back in service"),
}
DELIVERY: Final[Mapping[str, Text]] = {
    "waiting": Text("待发", "waiting"),
    "sent": Text("已发", "sent"),
    "failed": Text("放弃", "given up"),
    "dropped": Text("不再需要", "not needed any more"),
}
LENGTHS: Final[tuple[tuple[float, Text], ...]] = (
    (1.0, Text("1 小时", "1 hour")),
    (4.0, Text("4 小时", "4 hours")),
    (8.0, Text("8 小时", "8 hours")),
    (24.0, Text("24 小时", "24 hours")),
    (72.0, Text("3 天", "3 days")),
)
UNTIL_BACK: Final = Text("直到恢复投用", "until it is put back")
