"""What people do with alarms, what happened to each, and who was told."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request
from fastapi import Query as InQuery
from pydantic import Field
from starlette.responses import Response

from api.bodies import read_body
from api.routes.answers import Context, TableQuery, answer, table
from api.routes.posting import body_of, who
from api.services.alarm_acts import AlarmActBody, ServiceBody, ShelveBody, act_on_alarm
from api.services.alarms import AlarmHistory, AlarmStep, AlarmView, alarm_history
from api.services.notifications import (
    Notifications,
    NotificationView,
    TrialMessageBody,
    TrialMessageSent,
    notifications,
    send_trial,
)
from facility.bus import AlarmAct

router = APIRouter(tags=["control"])

Key = Annotated[str, Path(min_length=1, max_length=200, examples=["link_down:meters-f4"])]


class HistoryQuery(TableQuery):
    """How far back."""

    limit: Annotated[int, Field(ge=1, le=2000)] = 200


class NotificationsQuery(TableQuery):
    """Which notifications; the newest come first."""

    state: Literal["waiting", "sent", "failed", "dropped"] | None = None
    limit: Annotated[int, Field(ge=1, le=2000)] = 200


@router.get("/alarms/{key}/history", response_model=AlarmHistory, summary="What happened to an alarm, newest first")
async def get_history(
    request: Request, context: Context, key: Key, query: Annotated[HistoryQuery, InQuery()]
) -> Response:
    found = await alarm_history(context, key, limit=query.limit)
    return table(request, query, found, AlarmStep, found.rows, "alarm-history")


@router.post(
    "/alarms/{key}/acknowledge",
    status_code=202,
    response_model=AlarmView,
    summary="Take note of an alarm",
    openapi_extra=body_of(AlarmActBody),
)
async def post_acknowledgement(request: Request, context: Context, key: Key) -> Response:
    actor, body = who(request), await read_body(request, AlarmActBody)
    return answer(await act_on_alarm(context, key, AlarmAct.ACKNOWLEDGE, actor, note=body.note), 202)


@router.post(
    "/alarms/{key}/shelve",
    status_code=202,
    response_model=AlarmView,
    summary="Hide an alarm until a time",
    openapi_extra=body_of(ShelveBody),
)
async def post_shelving(request: Request, context: Context, key: Key) -> Response:
    actor, body = who(request), await read_body(request, ShelveBody)
    made = await act_on_alarm(context, key, AlarmAct.SHELVE, actor, note=body.note, until=body.until)
    return answer(made, 202)


@router.post(
    "/alarms/{key}/unshelve",
    status_code=202,
    response_model=AlarmView,
    summary="Show a shelved alarm again",
    openapi_extra=body_of(AlarmActBody),
)
async def post_unshelving(request: Request, context: Context, key: Key) -> Response:
    actor, body = who(request), await read_body(request, AlarmActBody)
    return answer(await act_on_alarm(context, key, AlarmAct.UNSHELVE, actor, note=body.note), 202)


@router.post(
    "/alarms/{key}/out-of-service",
    status_code=202,
    response_model=AlarmView,
    summary="Take an alarm, or `maintenance:<equipment, device or line>` as a whole, out of service",
    openapi_extra=body_of(ServiceBody),
)
async def post_out_of_service(request: Request, context: Context, key: Key) -> Response:
    actor, body = who(request), await read_body(request, ServiceBody)
    made = await act_on_alarm(context, key, AlarmAct.OUT_OF_SERVICE, actor, note=body.note, until=body.until)
    return answer(made, 202)


@router.post(
    "/alarms/{key}/in-service",
    status_code=202,
    response_model=AlarmView,
    summary="Put it back into service",
    openapi_extra=body_of(AlarmActBody),
)
async def post_in_service(request: Request, context: Context, key: Key) -> Response:
    actor, body = who(request), await read_body(request, AlarmActBody)
    return answer(await act_on_alarm(context, key, AlarmAct.IN_SERVICE, actor, note=body.note), 202)


@router.get("/notifications", response_model=Notifications, summary="Who was told of what, newest first")
async def get_notifications(
    request: Request, context: Context, query: Annotated[NotificationsQuery, InQuery()]
) -> Response:
    found = await notifications(context, state=query.state, limit=query.limit)
    return table(request, query, found, NotificationView, found.rows, "notifications")


@router.post(
    "/notifications/test",
    status_code=202,
    response_model=TrialMessageSent,
    summary="Send a trial message",
    openapi_extra=body_of(TrialMessageBody),
)
async def post_trial(request: Request, context: Context) -> Response:
    actor, body = who(request), await read_body(request, TrialMessageBody)
    return answer(await send_trial(context, body.channel, actor), 202)
