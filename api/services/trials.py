"""Policies tried out over recorded time: asking for one, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any

from pydantic import ConfigDict, Field, ValidationError

from api.context import ApiContext
from api.problems import FieldProblem, RequestProblem, unknown
from api.shapes import Bilingual, OneLineGiven, Shape
from facility.bus import TrialWanted
from facility.commands import Actor
from facility.model.entries import PolicyEntry
from facility.text import Text
from facility.trials import (
    LONGEST_DAYS,
    MOST_POLICIES,
    PolicyChoice,
    Trial,
    TrialRequest,
    TrialResult,
)

TRIAL = Text("试行", "trial")
EARLIEST = date(1971, 1, 1)
MOST_WAITING = 5
"""So many trials may wait: they are made one after the other."""


class PolicyBody(Shape):
    """One policy to try. `policy` is a `policy:` section as the site file has it; null: the site's own."""

    name: Annotated[OneLineGiven, Field(max_length=60)]
    policy: dict[str, Any] | None = None


class TrialBody(Shape):
    """What to try over the local days from `first` to `last`, both included. The others are held against the first."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "example": {
                "first": "2026-06-01",
                "last": "2026-06-30",
                "policies": [
                    {"name": "现行制度", "policy": None},
                    {"name": "33 度起供冷", "policy": {"parameters": {"cooling_permit_c": 33.0}}},
                ],
            }
        },
    )

    first: date
    last: date
    policies: Annotated[list[PolicyBody], Field(min_length=1, max_length=MOST_POLICIES)]


class TrialView(Shape):
    """A trial. `progress` 0..1, null before it began; `result` null until it is done (docs/replay.md tells its parts);
    `error` says why it failed.
    """

    id: int
    state: str
    start: datetime
    end: datetime
    policies: list[PolicyBody]
    author: str
    entered: datetime
    progress: float | None
    finished: datetime | None
    error: Bilingual | None
    result: dict[str, Any] | None = None


class Trials(Shape):
    """The newest trials, newest first, without their results."""

    rows: list[TrialView]


class TrialAccepted(Shape):
    """It is made as soon as those before it are."""

    id: int


async def ask_for_trial(context: ApiContext, body: TrialBody, actor: Actor) -> TrialAccepted:
    """Enters a trial.

    Raises:
        RequestProblem: its dates are not a span that is over, a policy does not fit its schema, two have one name, or
            too many trials wait already.
    """
    request = _request(context, body)
    for place, choice in enumerate(body.policies):
        _check_schema(place, choice)
    newest = await context.remember(context.journal.trials.newest)
    if sum(not trial.has_ended for trial in newest) >= MOST_WAITING:
        said = Text(
            f"已有 {MOST_WAITING} 个试行在等待或进行，请稍后再提交", f"{MOST_WAITING} trials wait or run already"
        )
        raise RequestProblem(409, "too_many_trials", said)
    number = await context.remember(context.journal.trials.enter, request, actor=actor, at=context.clock.now())
    context.bus.publish(TrialWanted(id=number))
    return TrialAccepted(id=number)


def _request(context: ApiContext, body: TrialBody) -> TrialRequest:
    zone, today = context.site.zone, context.now().date()
    if not (EARLIEST <= body.first <= body.last <= today):
        raise RequestProblem(
            422, "wrong_range", Text("日期应为先起后止，且不晚于今天", "the first day is not after the last, nor today")
        )
    if (body.last - body.first).days >= LONGEST_DAYS:
        raise RequestProblem(422, "range_too_large", Text(f"最长 {LONGEST_DAYS} 天", f"{LONGEST_DAYS} days at most"))
    names = [one.name for one in body.policies]
    if len(set(names)) != len(names):
        raise RequestProblem(422, "same_name", Text("制度名称不能相同", "policies need names of their own"))
    start = datetime.combine(body.first, time(0), zone).astimezone(UTC)
    end = datetime.combine(body.last + timedelta(days=1), time(0), zone).astimezone(UTC)
    return TrialRequest(
        start=start,
        end=min(end, context.clock.now()),
        policies=tuple(PolicyChoice(name=one.name, policy=one.policy) for one in body.policies),
    )


def _check_schema(place: int, choice: PolicyBody) -> None:
    """What no site could have. Whether it makes sense at this site is said by the controller room, in the trial."""
    if choice.policy is None:
        return
    try:
        PolicyEntry.model_validate(choice.policy)
    except ValidationError as error:
        wrong = [
            FieldProblem(
                where=".".join(("body", "policies", str(place), "policy", *map(str, one["loc"]))),
                what=Text(f"不符合要求：{one['msg']}", one["msg"]),
            )
            for one in error.errors(include_url=False, include_input=False)
        ]
        said = Text(f"制度“{choice.name}”有误", f"the policy {choice.name!r} has mistakes")
        raise RequestProblem(422, "wrong_policy", said, fields=wrong) from None


async def trials(context: ApiContext) -> Trials:
    """The newest trials."""
    found = await context.remember(context.journal.trials.newest)
    return Trials(rows=[_view(context, trial) for trial in found])


async def trial(context: ApiContext, number: int) -> TrialView:
    """One trial with its result.

    Raises:
        RequestProblem: there is none of that number.
    """
    found = await context.remember(context.journal.trials.get, number)
    if found is None:
        raise unknown(TRIAL, str(number))
    return _view(context, found)


async def trial_result(context: ApiContext, number: int) -> TrialResult | None:
    """What came of a trial, None while nothing has, or when there is none of that number."""
    found = await context.remember(context.journal.trials.get, number)
    return None if found is None else found.result


def _told(value: Any) -> Any:
    """A result as JSON tells it: texts in both languages, times with an offset."""
    if isinstance(value, Text):
        return {"zh": value.zh, "en": value.en}
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: _told(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, Mapping):
        return {key: _told(part) for key, part in value.items()}
    return [_told(part) for part in value] if isinstance(value, tuple | list) else value


async def cancel_trial(context: ApiContext, number: int, actor: Actor) -> TrialView:
    """Ends a trial that waits or runs; one that has ended stays as it is.

    Raises:
        RequestProblem: there is none of that number.
    """
    await context.remember(context.journal.trials.cancel, number, actor=actor, at=context.clock.now())
    return await trial(context, number)


def _view(context: ApiContext, found: Trial) -> TrialView:
    request = found.request
    return TrialView(
        id=found.id,
        state=found.state.value,
        start=context.local(request.start),
        end=context.local(request.end),
        policies=[
            PolicyBody(name=one.name, policy=None if one.policy is None else dict(one.policy))
            for one in request.policies
        ],
        author=found.author.name,
        entered=context.local(found.entered),
        progress=found.done / found.total if found.total else None,
        finished=None if found.finished is None else context.local(found.finished),
        error=None if found.error is None else Bilingual.of(found.error),
        result=None if found.result is None else _told(found.result),
    )
