"""What people do with alarms: take note, hide for a while, take out of service. The alarms' room carries it out."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from pydantic import AwareDatetime, ConfigDict

from api.auth import ROLES, Access
from api.context import ApiContext
from api.problems import RequestProblem, unknown
from api.services.alarms import MAINTENANCE, AlarmView, view_of
from api.shapes import Bilingual, OneLine, OneLineGiven, Shape
from facility.bus import AlarmAct, AlarmActed, AlarmStanding
from facility.commands import Actor
from facility.text import Text

LONGEST_SERVICE: Final = timedelta(days=366)

FROM: Final = {
    AlarmAct.ACKNOWLEDGE: (AlarmStanding.UNACKNOWLEDGED, AlarmStanding.RETURNED),
    AlarmAct.SHELVE: (
        AlarmStanding.UNACKNOWLEDGED, AlarmStanding.ACKNOWLEDGED, AlarmStanding.RETURNED, AlarmStanding.SHELVED,
    ),
    AlarmAct.UNSHELVE: (AlarmStanding.SHELVED,),
    AlarmAct.OUT_OF_SERVICE: tuple(AlarmStanding),
    AlarmAct.IN_SERVICE: (AlarmStanding.OUT_OF_SERVICE,),
}  # fmt: skip
"""In which states an act means something."""

ACTS: Final = {
    AlarmAct.ACKNOWLEDGE: Text("确认", "acknowledge"),
    AlarmAct.SHELVE: Text("搁置", "shelve"),
    AlarmAct.UNSHELVE: Text("取消搁置", "unshelve"),
    AlarmAct.OUT_OF_SERVICE: Text("置为检修", "take out of service"),
    AlarmAct.IN_SERVICE: Text("恢复投用", "put back into service"),
}
STATES: Final = {
    AlarmStanding.NORMAL: Text("正常", "normal"),
    AlarmStanding.UNACKNOWLEDGED: Text("未确认", "unacknowledged"),
    AlarmStanding.ACKNOWLEDGED: Text("已确认", "acknowledged"),
    AlarmStanding.RETURNED: Text("已恢复未确认", "returned, unacknowledged"),
    AlarmStanding.SHELVED: Text("已搁置", "shelved"),
    AlarmStanding.SUPPRESSED: Text("因上级报警抑制", "suppressed by its cause"),
    AlarmStanding.OUT_OF_SERVICE: Text("检修中", "out of service"),
}


class AlarmActBody(Shape):
    """What a person says about an acknowledgement, or about ending a shelving or a time out of service."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"example": {"note": "已派人查看"}})

    note: OneLine = ""


class ShelveBody(Shape):
    """A shelving: until when, and why."""

    model_config = ConfigDict(
        frozen=True, extra="forbid",
        json_schema_extra={"example": {"until": "2026-07-15T18:00:00+08:00", "note": "等待配件"}},
    )  # fmt: skip

    until: AwareDatetime
    note: OneLineGiven


class ServiceBody(Shape):
    """A time out of service: why, and until when (null: until it is put back)."""

    model_config = ConfigDict(
        frozen=True, extra="forbid",
        json_schema_extra={"example": {"until": "2026-07-16T12:00:00+08:00", "note": "更换电表"}},
    )  # fmt: skip

    until: AwareDatetime | None = None
    note: OneLineGiven


def may_attend(actor: Actor | None) -> bool:
    """Whether somebody may act on alarms: as the API's addresses that do."""
    return actor is not None and actor.role in ROLES[Access.ATTEND]


async def act_on_alarm(
    context: ApiContext, key: str, act: AlarmAct, actor: Actor, *, note: str = "", until: datetime | None = None
) -> AlarmView:
    """Hands an act on, after entering who did it; gives how the alarm stands then.

    Raises:
        RequestProblem: there is no such alarm (404), its state does not allow it (409), or `until` is too early or too
            late (422).
    """
    _check_state(context, key, act)
    now = context.clock.now()
    _check_until(context, act, until, now)
    detail = {"key": key, "act": act.value, "note": note, "until": None if until is None else until.isoformat()}
    await context.remember(context.journal.audit, actor, "alarm acted on", detail, now)
    context.bus.publish(AlarmActed(key=key, act=act, actor=actor, at=now, until=until, note=note))
    return view_of(context, key) if _is_known(context, key) else _about_to_be(context, key, now)


def _check_state(context: ApiContext, key: str, act: AlarmAct) -> None:
    if key.startswith(MAINTENANCE):
        _check_thing(context, key, act)
        return
    state = AlarmStanding(view_of(context, key).state)
    if state not in FROM[act]:
        what, how = STATES[state], ACTS[act]
        raise RequestProblem(
            409,
            "wrong_state",
            Text(f"报警现在是“{what.zh}”，不能{how.zh}", f"the alarm is {what.en} now; you cannot {how.en} it"),
        )


def _check_thing(context: ApiContext, key: str, act: AlarmAct) -> None:
    """Only what there is can be taken out of service, and nothing else be done with it."""
    site, thing = context.site, key.removeprefix(MAINTENANCE)
    if thing not in site.equipment and thing not in site.devices and thing not in site.links:
        raise unknown(Text("设备或线路", "equipment or line"), thing)
    if act not in {AlarmAct.OUT_OF_SERVICE, AlarmAct.IN_SERVICE}:
        raise RequestProblem(
            409, "wrong_state", Text("设备只能检修或恢复投用", "equipment is taken out of service or put back, no more")
        )


def _check_until(context: ApiContext, act: AlarmAct, until: datetime | None, now: datetime) -> None:
    if until is None:
        return
    longest = LONGEST_SERVICE
    if act is AlarmAct.SHELVE:
        longest = timedelta(hours=context.site.file.alarms.longest_shelf_hours)
    if not now < until <= now + longest:
        hours = longest.total_seconds() / 3600.0
        raise RequestProblem(
            422,
            "wrong_until",
            Text(f"截止时间应在现在之后，最长 {hours:g} 小时", f"the end has to be ahead, {hours:g} hours at most"),
        )


def _is_known(context: ApiContext, key: str) -> bool:
    return key in context.latest.standing or key in context.latest.alarms


def _about_to_be(context: ApiContext, key: str, now: datetime) -> AlarmView:
    """Before the alarms' room, in another process, has answered."""
    thing = key.removeprefix(MAINTENANCE)
    return AlarmView(
        key=key, level="info", text=Bilingual(zh=f"检修中:{thing}", en=f"out of service: {thing}"),
        equipment=None, since=context.local(now), until=None, state=AlarmStanding.OUT_OF_SERVICE.value, abnormal=False,
    )  # fmt: skip
