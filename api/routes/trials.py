"""Policies tried out over recorded time."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi import Query as InQuery
from starlette.responses import Response

from api.bodies import read_body
from api.problems import RequestProblem
from api.routes.answers import Context, Query, TableQuery, answer, csv_file
from api.routes.posting import body_of, who
from api.services.trials import (
    TrialAccepted,
    TrialBody,
    Trials,
    TrialView,
    ask_for_trial,
    cancel_trial,
    trial,
    trial_result,
    trials,
)
from facility.text import Text
from facility.trial_rows import as_csv

router = APIRouter(tags=["control"])

Number = Annotated[int, Path(ge=1, le=2**53)]


@router.get("/trials", response_model=Trials, summary="Policies tried out over recorded time, newest first")
async def get_trials(context: Context, query: Annotated[Query, InQuery()]) -> Response:
    del query
    return answer(await trials(context))


@router.post(
    "/trials",
    status_code=202,
    response_model=TrialAccepted,
    summary="Try policies out over recorded days",
    openapi_extra=body_of(TrialBody),
)
async def post_trial(request: Request, context: Context) -> Response:
    actor = who(request)
    body = await read_body(request, TrialBody)
    return answer(await ask_for_trial(context, body, actor), 202)


@router.get("/trials/{number}", response_model=TrialView, summary="How far a trial has come, and its result")
async def get_trial(context: Context, number: Number, query: Annotated[TableQuery, InQuery()]) -> Response:
    found = await trial(context, number)
    if query.format == "json":
        return answer(found)
    result = await trial_result(context, number)
    if result is None:
        raise RequestProblem(409, "no_result", Text("试行还没有结果", "the trial has no result yet"))
    return csv_file(as_csv(result), f"trial-{number}")


@router.post("/trials/{number}/cancel", response_model=TrialView, summary="End a trial that waits or runs")
async def post_cancel(request: Request, context: Context, number: Number) -> Response:
    return answer(await cancel_trial(context, number, who(request)))
