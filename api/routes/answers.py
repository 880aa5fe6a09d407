"""What all routes share: the context, the query words every table takes, and how an answer is written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo

from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.context import ApiContext
from api.errors import language_of
from api.problems import RequestProblem
from api.reports.table import models_csv
from facility.text import Text

JSON: Final = "application/json"
CSV: Final = "text/csv; charset=utf-8"

PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    code: {
        "description": text,
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for code, text in (
        (401, "No token, or one that is not valid / 未登录"),
        (403, "The role does not permit it / 没有权限"),
        (404, "No such id / 编号不存在"),
        (422, "The request has mistakes / 请求有误"),
    )
}
"""What every route may answer beside its own."""


def context_of(request: Request) -> ApiContext:
    """The site that this application tells of."""
    context: ApiContext = request.app.state.context
    return context


Context = Annotated[ApiContext, Depends(context_of)]


class Query(BaseModel):
    """Words that every query takes; one that is not known is a mistake, not ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    lang: Literal["zh", "en"] | None = Field(None, description="Language of texts for people; default Accept-Language")


class TableQuery(Query):
    """A query whose answer may also be a CSV file."""

    format: Literal["json", "csv"] = "json"


Moment = Annotated[
    str | None,
    Field(
        max_length=40,
        description="ISO 8601. Without offset it is local time of the site; a date is its midnight.",
        examples=["2026-07-15T00:00:00+08:00"],
    ),
]

Day = Annotated[date, Field(ge=date(1971, 1, 1), le=date(9000, 12, 31), examples=["2026-07-15"])]
"""A local day of a query or a body, far enough from the ends of the calendar to be reckoned with."""


def answer(model: BaseModel, status: int = 200) -> Response:
    """A model as JSON."""
    return Response(model.__pydantic_serializer__.to_json(model), status, media_type=JSON)


def table(  # noqa: PLR0917
    request: Request, query: TableQuery, whole: BaseModel, row: type[BaseModel], rows: Sequence[BaseModel], name: str
) -> Response:
    """`whole` as JSON, or its `rows` as a CSV file called `name`."""
    if query.format == "json":
        return answer(whole)
    return csv_file(models_csv(row, rows, language_of(request)), name)


def csv_file(text: str, name: str) -> Response:
    """A CSV file to keep; `name` is made by us, never by the caller."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(text.encode(), media_type=CSV, headers=headers)


def moment(text: str | None, zone: ZoneInfo, default: datetime, field: str) -> datetime:
    """A time of a query, aware UTC. A `+` that a URL turned into a space is understood.

    Raises:
        RequestProblem: not a time, or one no calendar reaches.
    """
    if text is None:
        return default.astimezone(UTC)
    try:
        when = _parsed(text.strip(), zone)
        if 1971 <= when.year <= 9000:
            return when
    except (ValueError, OverflowError):
        pass
    raise RequestProblem(
        422,
        "wrong_time",
        Text(f"{field} 不是有效的时间", f"{field} is not a time"),
        hint=Text(
            "例如 2026-07-15、2026-07-15T08:00、2026-07-15T00:00:00+08:00",
            "for example 2026-07-15, 2026-07-15T08:00, 2026-07-15T00:00:00+08:00",
        ),
    )


def _parsed(text: str, zone: ZoneInfo) -> datetime:
    if len(text) == 10:
        return datetime.combine(date.fromisoformat(text), time(0), zone).astimezone(UTC)
    head, gap, tail = text.partition(" ")
    if gap and "T" in head:
        text = f"{head}+{tail}"
    when = datetime.fromisoformat(text)
    return (when.replace(tzinfo=zone) if when.tzinfo is None else when).astimezone(UTC)
